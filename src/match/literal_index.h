// Many literals over one short text: which of them stand in it? For each literal its rarest piece of four bytes (three,
// when it is no longer) is filed; a text's pieces are looked up one after another, and where one is filed the whole
// literal is compared. Without regard to ASCII case. Exact for what it files; literals of one or two bytes are left to
// the caller.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class LiteralIndex {
 public:
  enum class Place : std::uint8_t { anywhere, start, end };
  static constexpr std::size_t kShortest = 3;
  // What a text handed to find() must be followed by, so that pieces can be loaded whole.
  static constexpr std::size_t kPadding = 4;

  // `lowered` (lower case, at least kShortest bytes) standing at `place` of a text tells `id`.
  void add(std::string_view lowered, Place place, std::uint32_t id);
  void build();
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  // Calls f(id) for every literal that stands in the text; one id may come more than once. `lowered` is the text in
  // lower case, with kPadding readable bytes behind it.
  // PERF NOTE (docs/performance.md): the loop asks one bit for each byte of the text; the bits are at least 32 times as
  // many as the pieces, so that few bytes pay more than that, and few enough to stay in the first cache.
  template <class F>
  void find(std::string_view lowered, F&& f) const {
    if (lowered.size() < kShortest) return;
    if (!fours_.empty()) scan<0xffffffffU, 4>(fours_, lowered, f);
    if (!threes_.empty()) scan<0x00ffffffU, 3>(threes_, lowered, f);
  }

 private:
  struct Slot {
    std::uint32_t key = 0, first = 0, count = 0;
  };
  struct Pieces {
    std::vector<std::uint64_t> bits;
    std::vector<Slot> slots;
    unsigned bit_shift = 0, slot_shift = 0;
    [[nodiscard]] bool empty() const { return slots.empty(); }
  };
  struct Entry {
    std::uint32_t id = 0, begin = 0, size = 0;  // the literal in pool_
    std::uint32_t piece = 0;                    // where in the literal its piece stands
    Place place = Place::anywhere;
  };
  static std::uint32_t load(const char* p) {
    std::uint32_t out = 0;
    std::memcpy(&out, p, sizeof out);
    return out;
  }
  static std::uint32_t mix(std::uint32_t key) { return key * 0x9e3779b1U; }

  template <std::uint32_t kMask, std::size_t kSize, class F>
  void scan(const Pieces& pieces, std::string_view text, F&& f) const {
    if (text.size() < kSize) return;
    const char* const begin = text.data();
    const std::uint64_t* const bits = pieces.bits.data();
    const unsigned shift = pieces.bit_shift;
    const std::size_t last = text.size() - kSize;
    for (std::size_t i = 0; i <= last; ++i) {
      const std::uint32_t mixed = mix(load(begin + i) & kMask);
      const std::uint32_t bit = mixed >> shift;
      if ((bits[bit >> 6] >> (bit & 63) & 1) != 0) [[unlikely]]
        look(pieces, load(begin + i) & kMask, mixed, text, i, f);
    }
  }
  template <class F>
  void look(const Pieces& pieces, std::uint32_t key, std::uint32_t mixed, std::string_view text, std::size_t i,
            F&& f) const {
    const std::size_t mask = pieces.slots.size() - 1;
    for (std::size_t at = mixed >> pieces.slot_shift;; at = (at + 1) & mask) {
      const Slot& slot = pieces.slots[at];
      if (slot.count == 0) return;
      if (slot.key != key) continue;
      for (std::uint32_t e = slot.first; e < slot.first + slot.count; ++e) {
        const Entry& entry = entries_[e];
        if (i < entry.piece || entry.size - entry.piece > text.size() - i) continue;
        const std::size_t start = i - entry.piece;
        if (entry.place == Place::start && start != 0) continue;
        if (entry.place == Place::end && start + entry.size != text.size()) continue;
        if (std::memcmp(text.data() + start, pool_.data() + entry.begin, entry.size) == 0) f(entry.id);
      }
      return;
    }
  }
  static void file(Pieces& pieces, const std::vector<std::pair<std::uint32_t, Entry>>& filed,
                   std::vector<Entry>& entries);

  std::string pool_;
  std::vector<Entry> entries_;  // after build(): by piece
  Pieces fours_, threes_;
};

}  // namespace assay
