#include "match/line_classes.h"

#include <algorithm>
#include <cstring>

#include "core/ascii.h"
#include "core/lanes.h"
#include "core/vectors.h"
#include "text/defang.h"
#include "text/tokens.h"

namespace assay {

void classify_plain(std::string_view text, std::span<LineClasses> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    LineClasses& found = out[i] = {};
    for (std::size_t at = i * 64; at < std::min(text.size(), i * 64 + 64); ++at) {
      const char c = text[at];
      const std::uint64_t bit = std::uint64_t{1} << at % 64;
      const auto set = [&](std::uint64_t& row, bool is) { row |= is ? bit : 0; };
      set(found.words, is_word_char(c));
      set(found.dots, c == '.');
      set(found.solid, is_alnum(c));
      set(found.digits, is_digit(c));
      set(found.runs, is_hex(c) || c == ':' || c == '-');
      set(found.colons, c == ':');
      set(found.ats, c == '@');
      set(found.brackets, std::string_view("[\\{|(").find(c) != std::string_view::npos);
      set(found.marks, may_be_bracketed(c));
      set(found.odd, c == '\\' || static_cast<unsigned char>(c) >= 0x80);
    }
  }
}

#if defined(__x86_64__)
namespace {

// By both halves of a byte, in two tables. First: 1 digits, 2 and 4 letters, 8 "-.", 16 '_': a word; 32 letters of
// hexadecimal digits, 64 "[\\{|", 128 '('. Second: 1 "./", 2 ':', 4 '@', 8 blank, 16 other spaces, 32 "aAdD": what
// may_be_bracketed() says; 64 '-', 128 a backslash.
constexpr char kDigit = 1, kSolid = 7, kWord = 31, kHex = 33, kBracket = -64;
constexpr char kColon = 2, kAt = 4, kMark = 63, kColonOrDash = 66;
alignas(16) constexpr char kLow[2][16] = {{5, 39, 39, 39, 39, 39, 39, 7, -121, 7, 6, 66, 66, 10, 10, 18},
                                          {12, 32, 0, 0, 32, 0, 0, 0, 0, 16, 18, 16, -112, 80, 1, 1}};
alignas(16) constexpr char kHigh[2][16] = {{0, 0, -120, 1, 34, 84, 34, 68, 0, 0, 0, 0, 0, 0, 0, 0},
                                           {16, 0, 73, 2, 36, -128, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0}};

__attribute__((target("avx2"))) inline __m256i table32(const char* of) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(of)));
}
__attribute__((target("avx512f,avx512bw"))) inline __m512i table64(const char* of) {
  return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(of)));
}
__attribute__((target("avx2"))) void classify32(std::string_view text, std::span<LineClasses> out) {
  const __m256i low1 = table32(kLow[0]), high1 = table32(kHigh[0]), low2 = table32(kLow[1]), high2 = table32(kHigh[1]);
  const __m256i zero = _mm256_setzero_si256(), nibble = _mm256_set1_epi8(0x0f), point = _mm256_set1_epi8('.');
  for (std::size_t i = 0; i < out.size(); ++i) {
    LineClasses& found = out[i] = {};
    const std::string_view rest = text.substr(i * 64);
    char small[64];
    const char* from = rest.data();
    if (rest.size() < 64) {
      std::memset(small, 0, sizeof small);
      if (!rest.empty()) std::memcpy(small, rest.data(), rest.size());
      from = small;
    }
    for (int at = 0; at < 64; at += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + at));
      const __m256i low = _mm256_and_si256(bytes, nibble);
      const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
      const __m256i first = _mm256_and_si256(_mm256_shuffle_epi8(low1, low), _mm256_shuffle_epi8(high1, high));
      const __m256i second = _mm256_and_si256(_mm256_shuffle_epi8(low2, low), _mm256_shuffle_epi8(high2, high));
      const auto any = [&](const __m256i& classes, char bits) __attribute__((target("avx2"), always_inline)) {
        return std::uint64_t{~static_cast<std::uint32_t>(
                   _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(classes, _mm256_set1_epi8(bits)), zero)))}
               << at;
      };
      const auto signs = [&](const __m256i& bits) __attribute__((target("avx2"), always_inline)) {
        return std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(bits))} << at;
      };
      found.words |= any(first, kWord);
      found.solid |= any(first, kSolid);
      found.digits |= any(first, kDigit);
      found.dots |= signs(_mm256_cmpeq_epi8(bytes, point));
      found.runs |= any(first, kHex) | any(second, kColonOrDash);
      found.colons |= any(second, kColon);
      found.ats |= any(second, kAt);
      found.brackets |= any(first, kBracket);
      found.marks |= any(second, kMark);
      found.odd |= signs(_mm256_or_si256(bytes, second));
    }
  }
}

__attribute__((target("avx512f,avx512bw"))) void classify64(std::string_view text, std::span<LineClasses> out) {
  const __m512i low1 = table64(kLow[0]), high1 = table64(kHigh[0]), low2 = table64(kLow[1]), high2 = table64(kHigh[1]);
  const __m512i nibble = _mm512_set1_epi8(0x0f), point = _mm512_set1_epi8('.'), word = _mm512_set1_epi8(kWord),
                digit = _mm512_set1_epi8(kDigit), solid = _mm512_set1_epi8(kSolid), hex = _mm512_set1_epi8(kHex),
                colon = _mm512_set1_epi8(kColon), colon_or_dash = _mm512_set1_epi8(kColonOrDash),
                at = _mm512_set1_epi8(kAt), bracket = _mm512_set1_epi8(kBracket), mark = _mm512_set1_epi8(kMark);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t size = text.size() - i * 64;
    const __mmask64 there = size >= 64 ? ~__mmask64{0} : (__mmask64{1} << size) - 1;
    const __m512i bytes = _mm512_maskz_loadu_epi8(there, text.data() + i * 64);
    const __m512i low = _mm512_and_si512(bytes, nibble);
    const __m512i high = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
    const __m512i first = _mm512_and_si512(_mm512_shuffle_epi8(low1, low), _mm512_shuffle_epi8(high1, high));
    const __m512i second = _mm512_and_si512(_mm512_shuffle_epi8(low2, low), _mm512_shuffle_epi8(high2, high));
    out[i].words = _mm512_test_epi8_mask(first, word);
    out[i].solid = _mm512_test_epi8_mask(first, solid);
    out[i].digits = _mm512_test_epi8_mask(first, digit);
    out[i].dots = _mm512_cmpeq_epi8_mask(bytes, point);
    out[i].runs = _mm512_test_epi8_mask(first, hex) | _mm512_test_epi8_mask(second, colon_or_dash);
    out[i].colons = _mm512_test_epi8_mask(second, colon);
    out[i].ats = _mm512_test_epi8_mask(second, at);
    out[i].brackets = _mm512_test_epi8_mask(first, bracket);
    out[i].marks = _mm512_test_epi8_mask(second, mark);
    out[i].odd = _mm512_movepi8_mask(_mm512_or_si512(bytes, second));
  }
}

}  // namespace

void classify(std::string_view text, std::span<LineClasses> out) {
  (lanes() == Lanes::avx512 ? classify64 : classify32)(text, out);
}
#else
void classify(std::string_view text, std::span<LineClasses> out) { classify_plain(text, out); }
#endif

}  // namespace assay
