#include "match/literal_index.h"

#include <algorithm>
#include <bit>
#include <map>

namespace assay {
namespace {

std::uint32_t piece_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 1])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 2]));
}

}  // namespace

void LiteralIndex::add(std::string lowered, std::uint32_t id) {
  if (lowered.size() < 3) {
    always_.push_back(id);
  } else {
    pending_.emplace_back(std::move(lowered), id);
  }
}

void LiteralIndex::build() {
  std::map<std::uint32_t, std::uint32_t> frequency;
  for (const auto& [text, id] : pending_) {
    for (std::size_t i = 0; i + 3 <= text.size(); ++i) ++frequency[piece_at(text, i)];
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> filed;
  for (const auto& [text, id] : pending_) {
    std::uint32_t best = piece_at(text, 0);
    for (std::size_t i = 1; i + 3 <= text.size(); ++i) {
      if (frequency[piece_at(text, i)] < frequency[best]) best = piece_at(text, i);
    }
    filed[best].push_back(id);
  }
  pending_.clear();
  pending_.shrink_to_fit();
  slots_.assign(std::bit_ceil(std::max<std::size_t>(filed.size() * 2, 2)), Slot{});
  bloom_.assign(1024, 0);
  mask_ = slots_.size() - 1;
  for (const auto& [key, ids] : filed) {
    const std::uint32_t mixed = mix(key);
    bloom_[mixed >> 22] |= std::uint64_t{1} << (mixed >> 16 & 63);
    std::size_t at = mixed & mask_;
    while (slots_[at].count != 0) at = (at + 1) & mask_;
    slots_[at] = {key, static_cast<std::uint32_t>(entries_.size()), static_cast<std::uint32_t>(ids.size())};
    entries_.insert(entries_.end(), ids.begin(), ids.end());
  }
}

}  // namespace assay
