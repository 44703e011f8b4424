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

// The next such byte at or after `from`, or npos.
[[nodiscard]] inline std::size_t find_byte(std::string_view text, char byte, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, byte, text.size() - from);
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Writes the places after each separator byte to `out`, at most out.size(); gives how many there are up to one more
// than that.
[[nodiscard]] inline std::size_t split_places(std::string_view text, char separator, std::span<std::size_t> out) {
  std::size_t* to = out.data();
  std::size_t* const last = to + out.size();
  std::size_t at = 0;
#if defined(__SSE2__)
  // Columns are short: sixteen bytes at a time beat a search for each.
  const __m128i wanted = _mm_set1_epi8(separator);
  while (text.size() >= 16 && at < text.size()) {
    const std::size_t begin = std::min(at, text.size() - 16);  // the last sixteen hold some that were seen
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + begin));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted))) & ~0U << (at - begin);
    for (; mask != 0; mask &= mask - 1) {
      if (to == last) return out.size() + 1;
      *to++ = begin + static_cast<unsigned>(std::countr_zero(mask)) + 1;
    }
    at = begin + 16;
  }
#endif
  for (; at < text.size(); ++at) {
    if (text[at] != separator) continue;
    if (to == last) return out.size() + 1;
    *to++ = at + 1;
  }
  return static_cast<std::size_t>(to - out.data());
}

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
