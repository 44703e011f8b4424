// Many literals over one short text: which of them can stand in it? For each literal its rarest three-byte piece is
// filed; a text's pieces are looked up one after another. Proposes only (over-approximates); without regard to ASCII
// case.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class LiteralIndex {
 public:
  // `id` is proposed for every text that holds `lowered` (lower case). Shorter than three bytes: proposed always.
  void add(std::string lowered, std::uint32_t id);
  void build();
  // Calls f(id) for candidates; one id may come more than once. `lowered` is the text in lower case.
  template <class F>
  void candidates(std::string_view lowered, F&& f) const {
    for (const std::uint32_t id : always_) f(id);
    if (entries_.empty() || lowered.size() < 3) return;
    std::uint32_t key =
        std::uint32_t{static_cast<unsigned char>(lowered[0])} << 8 | static_cast<unsigned char>(lowered[1]);
    for (std::size_t i = 2; i < lowered.size(); ++i) {
      key = (key << 8 | static_cast<unsigned char>(lowered[i])) & 0xffffff;
      const std::uint32_t mixed = mix(key);
      if (!(bloom_[mixed >> 22] >> (mixed >> 16 & 63) & 1)) continue;
      for (std::size_t at = mixed & mask_;; at = (at + 1) & mask_) {
        const Slot& slot = slots_[at];
        if (slot.count == 0) break;
        if (slot.key != key) continue;
        for (std::uint32_t e = slot.first; e < slot.first + slot.count; ++e) f(entries_[e]);
        break;
      }
    }
  }
  [[nodiscard]] bool empty() const { return entries_.empty() && always_.empty(); }

 private:
  static std::uint32_t mix(std::uint32_t key) { return key * 0x9e3779b1U; }
  struct Slot {
    std::uint32_t key = 0, first = 0, count = 0;
  };
  std::vector<std::pair<std::string, std::uint32_t>> pending_;
  std::vector<std::uint32_t> always_, entries_;
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> bloom_;  // 1024 words
  std::size_t mask_ = 0;
};

}  // namespace assay
