#include "text/token_marks.h"

#include <algorithm>
#include <cstring>

#include "core/lanes.h"
#include "core/vectors.h"

namespace assay {

#if defined(__x86_64__)
namespace {

struct Pair {
  __m256i low, high;
};

// Bytes 0 to 63: those for which `each` gives all ones.
template <class Each>
__attribute__((target("avx2"), always_inline)) inline std::uint64_t bits_of(const Pair& bytes, const Each& each) {
  const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(each(bytes.low)));
  const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(each(bytes.high)));
  return std::uint64_t{high} << 32 | low;
}

__attribute__((target("avx2"), always_inline)) inline __m256i is(__m256i bytes, char c) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
}
// `first` to `first` + `more`.
__attribute__((target("avx2"), always_inline)) inline __m256i within(__m256i bytes, char first, char more) {
  const __m256i from = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8(more)), from);
}

}  // namespace

__attribute__((target("avx2,bmi,popcnt"))) void TokenMarks::fill(std::string_view text) {
  text_ = text;
  blocks_ = (text.size() + 63) / 64;
  bool marked = false, defanged = false;
  std::uint64_t beyond = 0;                                                                 // bytes that are not ASCII
  const __m256i by_low = _mm256_setr_epi8(4, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 10, 8, 2, 8,  //
                                          4, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 10, 8, 2, 8);
  const __m256i by_high = _mm256_setr_epi8(0, 0, 1, 2, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                           0, 0, 1, 2, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
  for (std::size_t i = 0; i < blocks_; ++i) {
    const std::size_t size = std::min<std::size_t>(64, text.size() - i * 64);
    const char* from = text.data() + i * 64;
    char whole[64];
    if (size < 64) {
      std::memset(whole, 0, sizeof whole);
      std::memcpy(whole, from, size);
      from = whole;
    }
    const std::uint64_t there = size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
    const Pair bytes = {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 32))};
    const __m256i space = _mm256_set1_epi8(0x20);
    const Pair lower = {_mm256_or_si256(bytes.low, space), _mm256_or_si256(bytes.high, space)};
    const auto one = [&](char c) __attribute__((target("avx2"), always_inline)) {
      return bits_of(bytes, [&](__m256i x) __attribute__((target("avx2"), always_inline)) { return is(x, c); });
    };
    const auto either = [&](char c) __attribute__((target("avx2"), always_inline)) {
      return bits_of(lower, [&](__m256i x) __attribute__((target("avx2"), always_inline)) { return is(x, c); });
    };
    beyond |= static_cast<std::uint64_t>(_mm256_movemask_epi8(_mm256_or_si256(bytes.low, bytes.high)) != 0);
    const std::uint64_t letters =
        bits_of(lower, [&](__m256i x) __attribute__((target("avx2"), always_inline)) { return within(x, 'a', 25); });
    const std::uint64_t digits =
        bits_of(bytes, [&](__m256i x) __attribute__((target("avx2"), always_inline)) { return within(x, '0', 9); });
    const std::uint64_t dots = one('.'), colons = one(':');
    letters_[i] = letters;
    hex_[i] = digits | bits_of(lower, [&](__m256i x)
                                          __attribute__((target("avx2"), always_inline)) { return within(x, 'a', 5); });
    dots_[i] = dots;
    words_[i] = letters | digits | dots | one('-') | one('_');
    starts_[i] = words_[i] | colons;
    // " ' < > ` | \ ^ { } and DEL by both halves of the byte; control characters and the space by their value.
    url_ends_[i] = there & bits_of(bytes, [&](__m256i x) __attribute__((target("avx2"), always_inline)) {
                     const __m256i half = _mm256_set1_epi8(0x0f);
                     const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(x, half));
                     const __m256i high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(x, 4), half));
                     const __m256i neither = _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
                     const __m256i small = _mm256_cmpeq_epi8(_mm256_min_epu8(x, space), x);
                     return _mm256_or_si256(small, _mm256_xor_si256(neither, _mm256_set1_epi8(-1)));
                   });
    const std::uint64_t brackets = one('[') | one('(') | one('{');
    marked |= (dots | colons | one('@') | brackets) != 0;
    // "hxxp": an h, three bytes before a p, that is no http. What the next block holds may be either.
    const bool last = i + 1 == blocks_;
    const std::uint64_t t = either('t'), p = either('p') >> 3 | (last ? 0 : std::uint64_t{7} << 61);
    defanged |= (brackets | one('\\') | (either('h') & p & ~(t >> 1 & t >> 2))) != 0;
  }
  for (Bits* bits : {&words_, &starts_, &dots_, &hex_, &letters_, &url_ends_}) (*bits)[blocks_] = 0;
  marked_ = marked;
  defanged_ = defanged;
  if (beyond != 0) blocks_ = kBlocks + 1;
}
#else
void TokenMarks::fill(std::string_view) { blocks_ = kBlocks + 1; }
#endif

bool TokenMarks::read(std::string_view text) {
  if (text.size() > kBytes || lanes() < Lanes::avx2) return false;
  fill(text);
  return blocks_ <= kBlocks;
}

// A run of 32 digits begins in the first half of one of these windows.
bool TokenMarks::may_hold_token() const {
  if (marked_) return true;
  for (std::size_t at = 0; at + 32 <= text_.size(); at += 32) {
    std::uint64_t run = bits_from(hex_, at);
    for (const int more : {1, 2, 4, 8, 16}) run &= run >> more;
    if (run != 0) return true;
  }
  return false;
}

}  // namespace assay
