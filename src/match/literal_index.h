// Many literals over one short text: which of them stand in it? For each literal its rarest piece of four bytes (of
// three or two, when it is no longer) is filed; a text's pieces are looked up one after another, and where one is filed
// the whole literal is compared. Without regard to ASCII case. Exact.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace assay {

class LiteralIndex {
 public:
  enum class Place : std::uint8_t { anywhere, start, end };
  static constexpr std::size_t kShortest = 1;
  // What a text handed to find() must be followed by, so that pieces can be loaded whole.
  static constexpr std::size_t kPadding = 32;

  // `lowered` (lower case, at least kShortest bytes) standing at `place` of a text tells `id`.
  void add(std::string_view lowered, Place place, std::uint32_t id);
  void build();
  [[nodiscard]] bool empty() const { return entries_.empty() && bytes_.empty(); }

  // Calls f(id) for every literal that stands in the text; one id may come more than once. `lowered` is the text in
  // lower case, with kPadding readable bytes behind it.
  // PERF NOTE (docs/performance.md): where pieces stand is marked for 64 places at a time without a branch, eight
  // places at once where there is AVX2; a guess gone wrong for each place was half of the time. The tables have 32 bits
  // for each piece, so that little else is marked, and stay in the first cache.
  template <class F>
  void find(std::string_view lowered, F&& f) const {
    if (!entries_.empty()) {
      Marks marks;
      for (std::size_t at = 0; at < lowered.size(); at += 64) {
        mark(lowered.data() + at, std::min<std::size_t>(64, lowered.size() - at), marks);
        const auto each = [&](const Pieces& pieces, std::uint64_t met) {
          for (; met != 0; met &= met - 1) {
            const std::size_t i = at + static_cast<std::size_t>(std::countr_zero(met));
            look(pieces, load(lowered.data() + i) & pieces.bytes, lowered, i, f);
          }
        };
        each(fours_, marks.fours);
        each(threes_, marks.threes);
        each(twos_, marks.twos);
      }
    }
    if (!bytes_.empty()) scan_bytes(lowered, f);
  }

 private:
  struct Slot {
    std::uint32_t key = 0, first = 0, count = 0;
  };
  struct Pieces {
    std::vector<std::uint32_t> bits;
    std::vector<Slot> slots;
    std::uint32_t bytes = 0;  // mask of the bytes that a piece has
    unsigned word_shift = 0, slot_shift = 0;
    bool none = true;
    [[nodiscard]] bool empty() const { return none; }
  };
  // PERF NOTE: 32 bytes, and the first half of the literal in it: most are compared without another look at memory.
  static constexpr std::size_t kHead = 16;
  struct Entry {
    std::array<char, kHead> head{};   // the literal's first bytes, 0 behind it
    std::uint32_t id = 0, begin = 0;  // `begin`: the literal in pool_
    std::uint32_t size = 0;
    std::uint16_t piece = 0;  // where in the literal its piece stands
    Place place = Place::anywhere;
  };
  static std::uint32_t load(const char* p) {
    std::uint32_t out = 0;
    std::memcpy(&out, p, sizeof out);
    return out;
  }
  static constexpr std::uint32_t kMix = 0x9e3779b1U;
  static std::uint32_t mix(std::uint32_t key) { return key * kMix; }
  // PERF NOTE: a piece has two bits of one word, so one look-up asks for both. With one bit every second place that was
  // marked had no piece, and each of these costs a hundred cycles (a guess gone wrong, a table in no first cache).
  static std::uint32_t both_bits(std::uint32_t mixed, unsigned word_shift) {
    return std::uint32_t{1} << (mixed >> (word_shift - 5) & 31) | std::uint32_t{1} << (mixed >> (word_shift - 10) & 31);
  }

  // Where a piece may stand, a bit for each place.
  struct Marks {
    std::uint64_t fours = 0, threes = 0, twos = 0;
  };
  // Of the `count` places from `text` on, at most 64. Bytes behind the text are 0; what a piece of them proposes does
  // not fit and is dropped.
  void mark(const char* text, std::size_t count, Marks& marks) const;
  void mark_wide(const char* text, std::size_t count, Marks& marks) const;
  void mark_widest(const char* text, std::size_t count, Marks& marks) const;

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
  // Reads kHead bytes; a text has so many behind it.
  static bool same_head(const char* text, const Entry& entry) {
#if defined(__SSE2__)
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entry.head.data()));
    const auto same = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
    const std::uint32_t wanted = entry.size >= kHead ? 0xffffU : (1U << entry.size) - 1;
    return (same & wanted) == wanted;
#else
    return std::memcmp(text, entry.head.data(), std::min<std::size_t>(entry.size, kHead)) == 0;
#endif
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
        if (entry.place == Place::start && start != 0) continue;
        if (entry.place == Place::end && start + entry.size != text.size()) continue;
        if (!same_head(text.data() + start, entry)) continue;
        if (entry.size <= kHead ||
            std::memcmp(text.data() + start + kHead, pool_.data() + entry.begin + kHead, entry.size - kHead) == 0)
          f(entry.id);
      }
      return;
    }
  }
  static void file(Pieces& pieces, std::uint32_t bytes, const std::vector<std::pair<std::uint32_t, Entry>>& filed,
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
