#include "evidence/formats/line_bytes.h"

#include "core/lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

// From `at` on, one byte at a time.
ColumnPlaces split_rest(std::string_view text, char separator, std::size_t most, std::span<std::size_t> out,
                        std::size_t at, ColumnPlaces seen) {
  for (; at < text.size(); ++at) {
    seen.ascii = seen.ascii && static_cast<unsigned char>(text[at]) < 0x80;
    seen.escapes = seen.escapes || text[at] == '\\';
    if (text[at] != separator) continue;
    if (seen.count == most) {
      seen.count = most + 1;
      return seen;
    }
    out[seen.count++] = at + 1;
  }
  return seen;
}

ColumnPlaces count_rest(std::string_view text, char separator) {
  ColumnPlaces seen;
  for (const char c : text) {
    seen.ascii = seen.ascii && static_cast<unsigned char>(c) < 0x80;
    seen.escapes = seen.escapes || c == '\\';
    seen.count += c == separator ? 1U : 0U;
  }
  return seen;
}

#if defined(__x86_64__)
// PERF NOTE (docs/performance.md, zeek.parse): columns are short, so thirty-two bytes at a time beat a search for each.
// How many end in thirty-two bytes no processor guesses: eight places are written whether there are as many or not. The
// line's two other questions ride along.
__attribute__((target("avx2,bmi,popcnt"))) ColumnPlaces split_columns_avx2(std::string_view text, char separator,
                                                                           std::size_t most,
                                                                           std::span<std::size_t> out) {
  if (text.size() < 32) return split_rest(text, separator, most, out, 0, {});
  const __m256i wanted = _mm256_set1_epi8(separator), backslash = _mm256_set1_epi8('\\');
  __m256i any = _mm256_setzero_si256(), escapes = _mm256_setzero_si256();
  std::size_t* to = out.data();
  std::size_t* const end = to + most;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = std::min(at, text.size() - 32);  // the last ones hold some that were seen
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + begin));
    any = _mm256_or_si256(any, x);
    escapes = _mm256_or_si256(escapes, _mm256_cmpeq_epi8(x, backslash));
    auto mask = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, wanted))) & ~0U << (at - begin);
    const auto count = static_cast<std::size_t>(_mm_popcnt_u32(mask));
    std::size_t* next = to;
    const auto four = [&]() __attribute__((always_inline, target("avx2,bmi,popcnt"))) {
      for (int i = 0; i < 4; ++i) {  // of no bit at all: 32, and overwritten
        next[i] = begin + _tzcnt_u32(mask) + 1;
        mask = _blsr_u32(mask);
      }
      next += 4;
    };
    four();
    four();
    while (next < to + count) four();
    to += count;
    if (to > end) return {most + 1, true, false};
    at = begin + 32;
  }
  return {static_cast<std::size_t>(to - out.data()), _mm256_movemask_epi8(any) == 0,
          _mm256_movemask_epi8(escapes) != 0};
}

__attribute__((target("avx2,popcnt"))) ColumnPlaces count_columns_avx2(std::string_view text, char separator) {
  if (text.size() < 32) return count_rest(text, separator);
  const __m256i wanted = _mm256_set1_epi8(separator), backslash = _mm256_set1_epi8('\\');
  __m256i any = _mm256_setzero_si256(), escapes = _mm256_setzero_si256();
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += 32) {
    const std::size_t begin = std::min(at, text.size() - 32);  // the last ones hold some that were seen
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + begin));
    any = _mm256_or_si256(any, x);
    escapes = _mm256_or_si256(escapes, _mm256_cmpeq_epi8(x, backslash));
    const auto mask = static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, wanted))) & ~0U << (at - begin);
    count += static_cast<std::size_t>(_mm_popcnt_u32(mask));
  }
  return {count, _mm256_movemask_epi8(any) == 0, _mm256_movemask_epi8(escapes) != 0};
}
#endif

}  // namespace

ColumnPlaces count_columns(std::string_view text, char separator) {
#if defined(__x86_64__)
  if (lanes() != Lanes::plain) return count_columns_avx2(text, separator);
#endif
  return count_rest(text, separator);
}

ColumnPlaces split_columns_plain(std::string_view text, char separator, std::size_t most, std::span<std::size_t> out) {
  return split_rest(text, separator, most, out, 0, {});
}

ColumnPlaces split_columns(std::string_view text, char separator, std::size_t most, std::span<std::size_t> out) {
#if defined(__x86_64__)
  if (lanes() != Lanes::plain) return split_columns_avx2(text, separator, most, out);
#endif
  return split_columns_plain(text, separator, most, out);
}

}  // namespace assay
