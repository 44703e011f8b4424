// Many literals over one short text: which of them stand in it? For each literal its rarest piece of four bytes (of
// three or two, when it is no longer) is filed; a text's pieces are looked up one after another, and where one is filed
// the whole literal is compared. Without regard to ASCII case. Exact.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class LiteralIndex {
 public:
  enum class Place : std::uint8_t { anywhere, start, end };
  static constexpr std::size_t kShortest = 1;
  // What a text handed to find() must be followed by, so that pieces can be loaded whole.
  static constexpr std::size_t kPadding = 4;

  // `lowered` (lower case, at least kShortest bytes) standing at `place` of a text tells `id`.
  void add(std::string_view lowered, Place place, std::uint32_t id);
  void build();
  [[nodiscard]] bool empty() const { return entries_.empty() && bytes_.empty(); }

  // Calls f(id) for every literal that stands in the text; one id may come more than once. `lowered` is the text in
  // lower case, with kPadding readable bytes behind it.
  // PERF NOTE (docs/performance.md): the loop asks one bit for each byte of the text; the bits are at least 32 times as
  // many as the pieces, so that few bytes pay more than that, and few enough to stay in the first cache.
  template <class F>
  void find(std::string_view lowered, F&& f) const {
    if (threes_.empty() && twos_.empty()) {
      scan<false>(lowered, f);
    } else {
      scan<true>(lowered, f);
    }
    if (!bytes_.empty()) scan_bytes(lowered, f);
  }

 private:
  struct Slot {
    std::uint32_t key = 0, first = 0, count = 0;
  };
  struct Pieces {
    std::vector<std::uint64_t> bits;
    std::vector<Slot> slots;
    unsigned bit_shift = 0, slot_shift = 0;
    bool none = true;
    [[nodiscard]] bool empty() const { return none; }
  };
  struct Entry {
    std::uint32_t id = 0, begin = 0, size = 0;  // the literal in pool_
    std::uint32_t piece = 0;                    // where in the literal its piece stands
    std::uint32_t head = 0;                     // its first four bytes, when it has so many
    Place place = Place::anywhere;
  };
  static std::uint32_t load(const char* p) {
    std::uint32_t out = 0;
    std::memcpy(&out, p, sizeof out);
    return out;
  }
  static std::uint32_t mix(std::uint32_t key) { return key * 0x9e3779b1U; }

  // Bytes behind the text are 0; what a piece of them proposes does not fit and is dropped.
  template <bool kShort, class F>
  void scan(std::string_view text, F&& f) const {
    const char* const begin = text.data();
    const std::uint64_t* const bits4 = fours_.bits.data();
    const std::uint64_t* const bits3 = threes_.bits.data();
    const std::uint64_t* const bits2 = twos_.bits.data();
    const unsigned shift4 = fours_.bit_shift, shift3 = threes_.bit_shift, shift2 = twos_.bit_shift;
    const auto bit_of = [](const std::uint64_t* bits, std::uint32_t bit) { return bits[bit >> 6] >> (bit & 63); };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint32_t key = load(begin + i);
      const std::uint64_t met4 = bit_of(bits4, mix(key) >> shift4);
      std::uint64_t met3 = 0, met2 = 0;
      if constexpr (kShort) {
        met3 = bit_of(bits3, mix(key & 0x00ffffffU) >> shift3);
        met2 = bit_of(bits2, mix(key & 0x0000ffffU) >> shift2);
      }
      if (((met4 | met3 | met2) & 1) == 0) [[likely]]
        continue;
      if ((met4 & 1) != 0) look(fours_, key, text, i, f);
      if constexpr (kShort) {
        if ((met3 & 1) != 0) look(threes_, key & 0x00ffffffU, text, i, f);
        if ((met2 & 1) != 0) look(twos_, key & 0x0000ffffU, text, i, f);
      }
    }
  }
  template <class F>
  void scan_bytes(std::string_view text, F&& f) const {
    std::array<bool, 256> seen{};
    for (const char c : text) seen[static_cast<unsigned char>(c)] = true;
    for (const auto& [byte, place, id] : bytes_) {
      if (!seen[byte]) continue;
      if (place == Place::start && static_cast<unsigned char>(text.front()) != byte) continue;
      if (place == Place::end && static_cast<unsigned char>(text.back()) != byte) continue;
      f(id);
    }
  }
  template <class F>
  void look(const Pieces& pieces, std::uint32_t key, std::string_view text, std::size_t i, F&& f) const {
    const std::size_t mask = pieces.slots.size() - 1;
    for (std::size_t at = mix(key) >> pieces.slot_shift;; at = (at + 1) & mask) {
      const Slot& slot = pieces.slots[at];
      if (slot.count == 0) return;
      if (slot.key != key) continue;
      for (std::uint32_t e = slot.first; e < slot.first + slot.count; ++e) {
        const Entry& entry = entries_[e];
        if (i < entry.piece || entry.size - entry.piece > text.size() - i) continue;
        const std::size_t start = i - entry.piece;
        if (entry.size >= 4 && load(text.data() + start) != entry.head) continue;
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
  struct Byte {
    unsigned char byte;
    Place place;
    std::uint32_t id;
  };
  std::vector<Byte> bytes_;  // literals of one byte
  Pieces fours_, threes_, twos_;
};

}  // namespace assay
