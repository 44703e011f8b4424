#include "evidence/formats/evtx/templates.h"

#include "evidence/formats/evtx/values.h"

namespace assay::evtx {

void Paths::clear() {
  paths_.assign(1, std::string());
  index_.clear();
}

std::uint32_t Paths::child(std::uint32_t parent, std::string_view name) {
  if (name.size() > 2 * kPathBytes) return kNone;
  key_.assign(reinterpret_cast<const char*>(&parent), sizeof parent);
  key_ += name;
  const std::size_t cost = paths_[parent].size() + name.size() + 16;
  if (cost > left_) return kNone;
  left_ -= cost;
  const auto at = index_.find(key_);
  if (at != index_.end()) return at->second;
  utf16(name, name_);
  std::uint32_t out = kNone;
  if (paths_[parent].size() + 1 + name_.size() <= kPathBytes) {
    out = static_cast<std::uint32_t>(paths_.size());
    paths_.push_back(parent == 0 ? name_ : paths_[parent] + "." + name_);
  }
  index_.emplace(key_, out);
  return out;
}

Name name_at(std::string_view chunk, std::size_t at) {
  constexpr std::size_t kHead = 8;  // next name of the same hash, hash, characters
  if (at < kChunkHeader || at > chunk.size() || chunk.size() - at < kHead) return {};
  const std::size_t size = std::size_t{2} * little<std::uint16_t>(chunk, at + 6);
  if (size == 0 || size + 2 > chunk.size() - at - kHead) return {};
  return {chunk.substr(at + kHead, size), kHead + size + 2, true};
}

std::string Compiled::content() const {
  std::string out;
  out.reserve(items.size() * 16 + parts.size() * 12 + text.size());
  const auto number = [&](std::uint32_t value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const Item& item : items) {
    number(static_cast<std::uint32_t>(item.kind) | (item.attribute ? 256U : 0U) | (item.sole ? 512U : 0U));
    number(item.path);
    number(item.first);
    number(item.count);
  }
  number(static_cast<std::uint32_t>(items.size()));
  for (const Part& part : parts) {
    number(part.substitution);
    number(part.begin);
    number(part.size);
  }
  for (const std::uint32_t fault :
       {faults.bad_values, faults.bad_text, faults.broken, faults.too_deep, faults.too_many, substitutions})
    number(fault);
  return out + text;
}

}  // namespace assay::evtx
