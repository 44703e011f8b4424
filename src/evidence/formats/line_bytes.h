// What readers of text lines ask of their bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace assay {

// No byte above 0x7f.
[[nodiscard]] inline bool is_ascii(std::string_view text) {
  std::size_t i = 0;
#if defined(__SSE2__)
  if (text.size() >= 16) {
    const auto at = [&](std::size_t n) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + n)); };
    __m128i seen = at(text.size() - 16);  // the last ones twice, rather than one by one
    for (; i + 16 <= text.size(); i += 16) seen = _mm_or_si128(seen, at(i));
    return _mm_movemask_epi8(seen) == 0;
  }
#endif
  std::uint64_t all = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    all |= word;
  }
  for (; i < text.size(); ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x8080808080808080ULL) == 0;
}

// Neither a byte above 0x7f nor a backslash: the text is what it says.
[[nodiscard]] inline bool is_plain(std::string_view text) {
#if defined(__SSE2__)
  if (text.size() >= 16) {
    const __m128i backslash = _mm_set1_epi8('\\');
    const auto odd = [&](std::size_t n) {
      const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + n));
      return _mm_or_si128(x, _mm_cmpeq_epi8(x, backslash));
    };
    __m128i seen = odd(text.size() - 16);  // the last ones twice, rather than one by one
    for (std::size_t i = 0; i + 16 <= text.size(); i += 16) seen = _mm_or_si128(seen, odd(i));
    return _mm_movemask_epi8(seen) == 0;
  }
#endif
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\\'; });
}

// The next such byte at or after `from`, or npos.
[[nodiscard]] inline std::size_t find_byte(std::string_view text, char byte, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, byte, text.size() - from);
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The same for a byte that is likely near.
// PERF NOTE (docs/performance.md, indicators): the library's search is a call, as long as the look at fifty bytes.
[[nodiscard]] inline std::size_t find_near_byte(std::string_view text, char byte, std::size_t from) {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(byte);
  for (const std::size_t until = from + 96; from < until && from + 16 <= text.size(); from += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted))); mask != 0)
      return from + static_cast<std::size_t>(std::countr_zero(mask));
  }
#endif
  return find_byte(text, byte, from);
}

// Where a byte stands first among the first sixteen of a text, or 16; the text has as many.
// PERF NOTE (docs/performance.md, syslog.parse): how long the next word is no processor guesses, so a loop over its
// bytes costs a wrong guess each time.
[[nodiscard]] inline std::size_t near_byte(std::string_view text, char byte) {
#if defined(__SSE2__)
  const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(byte))));
  return static_cast<std::size_t>(std::countr_zero(mask | 0x10000U));
#else
  return std::min<std::size_t>(text.substr(0, 16).find(byte), 16);
#endif
}

// What one pass over a line of columns sees.
struct ColumnPlaces {
  std::size_t count = 0;  // of separators, up to one more than there was room for; no more of the line was seen then
  bool ascii = true;      // no byte above 0x7f
  bool escapes = false;   // a backslash stands somewhere
};

// Room that split_columns needs behind the places that are asked for.
inline constexpr std::size_t kPlacesRoom = 32;

// Writes the places after each separator byte to `out`, `most` of them at most; `out` has kPlacesRoom more.
[[nodiscard]] ColumnPlaces split_columns(std::string_view text, char separator, std::size_t most,
                                         std::span<std::size_t> out);
// Only counts the separators, however many.
[[nodiscard]] ColumnPlaces count_columns(std::string_view text, char separator);
// The same one byte at a time: the judge, and for processors without AVX2.
[[nodiscard]] ColumnPlaces split_columns_plain(std::string_view text, char separator, std::size_t most,
                                               std::span<std::size_t> out);

// Calls f(line) for the lines of a head, until f has said `most` times that a line counts; blank ones and comments do
// not. A line that the head cuts (not `whole`) is left out.
template <class F>
void each_head_line(std::string_view head, bool whole, std::size_t most, F&& f) {
  for (std::size_t lines = 0; !head.empty() && lines < most;) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos && !whole) return;
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
    if (f(line)) ++lines;
  }
}

}  // namespace assay
