#include "match/line_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/lanes.h"
#include "core/vectors.h"
#include "rules/indicator/normalise.h"
#include "text/bit_rows.h"
#include "text/defang.h"
#include "text/tokens.h"

namespace assay {
namespace {

constexpr std::uint64_t kHostSeed = 0x2545f4914f6cdd1dU, kNameSeed = 0x9fb21c651e98df25U;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kShortestHash = 32;

bool is_edge(char c) { return c == '.' || c == '-' || c == '_'; }
// Short loops: a label is a few characters, and the library's searches are calls.
bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}
bool is_end(std::string_view label) {
  for (const char c : label) {
    if (!is_alpha(c)) return starts_with_icase(label, "xn--");
  }
  return !label.empty();
}

std::string_view last_two_labels(std::string_view host) {
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return host;
  const std::size_t before = host.rfind('.', last - 1);
  return before == std::string_view::npos ? host : host.substr(before + 1);
}

std::uint64_t hash_lower(std::string_view text, std::uint64_t seed) {
  std::array<char, kLongestName> lower;
  lower_into(text, lower.data());
  return hash64({lower.data(), text.size()}, seed);
}

// A run of 32 bits covers one of the four quarters.
bool has_full_quarter(std::uint64_t bits) {
  constexpr std::uint64_t kOnes = 0x0001000100010001U;
  return ((~bits - kOnes) & bits & kOnes << 15) != 0;
}

// Of a line: where characters of some classes are, one bit each; `odd`: a backslash or bytes beyond ASCII.
struct LineClasses {
  static constexpr std::size_t kBytes = 4096;
  std::array<std::uint64_t, kBytes / 64 + 1> words, dots, digits, colons, brackets;
  bool odd;
  std::size_t all_colons;
};

}  // namespace

LineFilter::LineFilter(const IndicatorList& indicators, const IndicatorIndex& index) : index_(&index) {
  usable_ = !indicators.empty() && lanes() >= Lanes::avx2;
  if (!usable_) return;
  std::size_t hosts = 0, names = 0;
  for (std::size_t i = 0; i < indicators.size(); ++i) {
    const Indicator::Kind kind = indicators.kind(i);
    hosts += kind == Indicator::Kind::domain || kind == Indicator::Kind::url ? 1U : 0U;
    names += kind == Indicator::Kind::file_name || kind == Indicator::Kind::file_path ? 1U : 0U;
  }
  hosts_ = Sieve(hosts);
  names_ = Sieve(names);
  has_hosts_ = hosts > 0;
  has_names_ = names > 0;
  for (std::size_t i = 0; i < indicators.size() && usable_; ++i) {
    const std::string_view value = indicators.value(i);
    switch (indicators.kind(i)) {
      case Indicator::Kind::domain:
        add_host(value);
        break;
      case Indicator::Kind::url: {
        std::string_view host = value.substr(0, value.find('/'));
        if (const std::size_t port = host.rfind(':'); port != std::string_view::npos) host = host.substr(0, port);
        add_host(host);
        break;
      }
      case Indicator::Kind::file_name:
      case Indicator::Kind::file_path:
        add_name(value);
        break;
      case Indicator::Kind::mail_address:
        has_mail_ = true;
        break;
      case Indicator::Kind::ipv4:
      case Indicator::Kind::ipv6:
      case Indicator::Kind::cidr:
        break;
      default:
        has_hashes_ = true;
        break;
    }
  }
}

void LineFilter::add_host(std::string_view host) {
  if (host.find('.') == std::string_view::npos || host.size() > kLongestName || is_edge(host.front()) ||
      is_edge(host.back()) || !std::all_of(host.begin(), host.end(), is_word_char)) {
    // Bytes beyond ASCII are left to the matcher wherever they stand.
    if (std::none_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
      usable_ = false;
    return;
  }
  const std::string_view label = host.substr(host.rfind('.') + 1);
  if (all_digits(label)) hosts_of_numbers_ = true;
  if (!is_end(label) && !all_digits(label)) odd_ends_ = true;
  hosts_.add(hash_lower(last_two_labels(host), kHostSeed));
}

void LineFilter::add_name(std::string_view name) {
  const std::size_t size =
      static_cast<std::size_t>(std::find_if_not(name.rbegin(), name.rend(), is_word_char) - name.rbegin());
  const std::string_view word = name.substr(name.size() - size);
  if (word.empty() || word.size() > kLongestName || std::all_of(word.begin(), word.end(), is_edge)) {
    usable_ = false;
    return;
  }
  const std::size_t dot = word.rfind('.');
  if (dot == std::string_view::npos) undotted_ = true;
  if (dot != std::string_view::npos && all_digits(word.substr(dot + 1))) numbers_ = true;
  names_.add(hash_lower(word, kNameSeed));
}

// In the run of words and colons around `at` stands a hash that may be listed, or something that may hide one.
bool LineFilter::may_hold_hash(std::string_view line, std::size_t at) const {
  const auto inside = [](char c) { return is_word_char(c) || c == ':'; };
  const auto counts = [](char c) { return is_hex(c) || c == ':' || c == '-'; };
  while (at > 0 && inside(line[at - 1])) --at;
  while (at < line.size() && inside(line[at])) {
    const std::size_t begin = at;
    while (at < line.size() && counts(line[at])) ++at;
    const std::string_view run = line.substr(begin, at - begin);
    if (run.empty()) ++at;
    if (run.size() < kShortestHash) continue;
    const bool alone = (begin == 0 || !is_word_char(line[begin - 1])) &&
                       (at == line.size() || !is_word_char(line[at])) && !is_edge(run.back());
    if (!alone || run.find(':') != std::string_view::npos) return true;
    const std::string digits = normalise_hash(run);
    if (!digits.empty() && index_->may_list_hash(digits)) return true;
  }
  return false;
}

// `dots`: where they stand in it; a word of 64 characters and more is not asked about.
inline bool LineFilter::may_be_listed(std::string_view word, std::uint64_t dots) const {
  if (is_edge(word.front()) || is_edge(word.back()))
    return !std::all_of(word.begin(), word.end(), is_edge);  // texts drop them, values of their own have them
  if (dots == 0) return names_.may_hold(hash_lower(word, kNameSeed));
  const std::size_t label = 64 - static_cast<std::size_t>(std::countl_zero(dots));  // the last one's place
  // PERF NOTE: versions, times and lengths are most of the words with a dot.
  const bool number = is_digit(word[label]) && all_digits(word.substr(label));
  // Three dots; a processor without POPCNT would count them by a call.
  const std::uint64_t two_less = (dots & (dots - 1)) & ((dots & (dots - 1)) - 1);
  if (number && two_less != 0 && (two_less & (two_less - 1)) == 0 && index_->may_list_address(word)) return true;
  if (number && !hosts_of_numbers_ && !numbers_) return false;
  std::array<char, 64> room;
  lower_into(word, room.data());
  const std::string_view lower(room.data(), word.size());
  if (has_hosts_ && (number ? hosts_of_numbers_ : odd_ends_ || is_end(lower.substr(label)))) {
    const std::uint64_t before = dots & ~(std::uint64_t{1} << (label - 1));
    const std::size_t two = before == 0 ? 0 : 64 - static_cast<std::size_t>(std::countl_zero(before));
    if (hosts_.may_hold(hash64(lower.substr(two), kHostSeed)) && index_->may_list_name(lower)) return true;
  }
  return has_names_ && (!number || numbers_) && names_.may_hold(hash64(lower, kNameSeed));
}

#if defined(__x86_64__)
namespace {

// By both halves of a byte: 1 digits, 2 and 4 letters, 8 "-.", 16 '_': a word; 32 ':', 64 "[\\{|", 128 '('.
constexpr char kDigit = 1, kWord = 31, kColon = 32, kBracket = -64;
alignas(16) constexpr char kByLow[16] = {5, 7, 7, 7, 7, 7, 7, 7, -121, 7, 38, 66, 66, 10, 10, 18};
alignas(16) constexpr char kByHigh[16] = {0, 0, -120, 33, 2, 84, 2, 68, 0, 0, 0, 0, 0, 0, 0, 0};

// Where block `i` of the line is read. The last bytes are looked at together with some that were: what these say is to
// be shifted away.
struct Piece {
  const char* from;
  unsigned past;
};
inline Piece piece_of(std::string_view line, std::size_t i, char (&small)[64]) {
  const std::size_t size = line.size() - i * 64;
  if (size >= 64) return {line.data() + i * 64, 0};
  if (i > 0) return {line.data() + line.size() - 64, static_cast<unsigned>(64 - size)};
  std::memset(small, 0, sizeof small);
  std::memcpy(small, line.data(), size);
  return {small, 0};
}

__attribute__((target("avx2,popcnt"))) void classify32(std::string_view line, std::size_t blocks, LineClasses& out) {
  const __m256i by_low = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kByLow)));
  const __m256i by_high = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kByHigh)));
  const __m256i zero = _mm256_setzero_si256(), half = _mm256_set1_epi8(0x0f), backslash = _mm256_set1_epi8('\\'),
                point = _mm256_set1_epi8('.');
  char small[64];
  std::uint32_t odd = 0;
  std::size_t colons = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    const Piece piece = piece_of(line, i, small);
    std::uint64_t word = 0, dot = 0, digit = 0, colon = 0, bracket = 0;
    for (int at = 0; at < 64; at += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(piece.from + at));
      const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(bytes, half));
      const __m256i high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
      const __m256i classes = _mm256_and_si256(low, high);
      const auto any = [&](char bits) __attribute__((target("avx2"), always_inline)) {
        return std::uint64_t{~static_cast<std::uint32_t>(
                   _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(classes, _mm256_set1_epi8(bits)), zero)))}
               << at;
      };
      word |= any(kWord);
      digit |= any(kDigit);
      colon |= any(kColon);
      bracket |= any(kBracket);
      dot |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, point)))} << at;
      odd |=
          static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(bytes, _mm256_cmpeq_epi8(bytes, backslash))));
    }
    out.words[i] = word >> piece.past;
    out.dots[i] = dot >> piece.past;
    out.digits[i] = digit >> piece.past;
    out.colons[i] = colon >> piece.past;
    out.brackets[i] = bracket >> piece.past;
    colons += static_cast<std::size_t>(std::popcount(out.colons[i]));
  }
  out.odd = odd != 0;
  out.all_colons = colons;
}

// The same, sixty-four at a time.
__attribute__((target("avx512f,avx512bw,popcnt"))) void classify64(std::string_view line, std::size_t blocks,
                                                                   LineClasses& out) {
  const __m512i by_low = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kByLow)));
  const __m512i by_high = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kByHigh)));
  const __m512i half = _mm512_set1_epi8(0x0f), word = _mm512_set1_epi8(kWord), digit = _mm512_set1_epi8(kDigit),
                colon = _mm512_set1_epi8(kColon), bracket = _mm512_set1_epi8(kBracket),
                backslash = _mm512_set1_epi8('\\'), point = _mm512_set1_epi8('.');
  char small[64];
  std::uint64_t odd = 0;
  std::size_t colons = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    const Piece piece = piece_of(line, i, small);
    const __m512i bytes = _mm512_loadu_si512(piece.from);
    const __m512i low = _mm512_shuffle_epi8(by_low, _mm512_and_si512(bytes, half));
    const __m512i high = _mm512_shuffle_epi8(by_high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half));
    const __m512i classes = _mm512_and_si512(low, high);
    out.words[i] = _mm512_test_epi8_mask(classes, word) >> piece.past;
    out.dots[i] = _mm512_cmpeq_epi8_mask(bytes, point) >> piece.past;
    out.digits[i] = _mm512_test_epi8_mask(classes, digit) >> piece.past;
    out.colons[i] = _mm512_test_epi8_mask(classes, colon) >> piece.past;
    out.brackets[i] = _mm512_test_epi8_mask(classes, bracket) >> piece.past;
    odd |= _mm512_movepi8_mask(bytes) | _mm512_cmpeq_epi8_mask(bytes, backslash);
    colons += static_cast<std::size_t>(std::popcount(out.colons[i]));
  }
  out.odd = odd != 0;
  out.all_colons = colons;
}

}  // namespace

bool LineFilter::may_hold(std::string_view line) const {
  if (!usable_ || line.size() > LineClasses::kBytes) return true;
  LineClasses found;
  const std::size_t blocks = (line.size() + 63) / 64;
  (lanes() == Lanes::avx512 ? classify64 : classify32)(line, blocks, found);
  found.words[blocks] = found.dots[blocks] = 0;
  if (found.odd || found.all_colons >= 7) return true;
  std::uint64_t colon_before = 0, doubles = 0;
  int run_before = 0;  // characters of hashes at the end of the block before
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::uint64_t colon = found.colons[i];
    doubles |= colon & (colon << 1 | colon_before);  // "::"
    colon_before = colon >> 63;
    for (std::uint64_t bracket = found.brackets[i]; bracket != 0; bracket &= bracket - 1) {
      const std::size_t next = i * 64 + static_cast<std::size_t>(std::countr_zero(bracket)) + 1;
      if (next < line.size() && may_be_bracketed(line[next])) return true;
    }
    if (!has_hashes_) continue;
    const std::uint64_t run = found.words[i] | colon;
    std::uint64_t inside = 0;
    if (has_full_quarter(run)) {
      inside = run;
      for (const int more : {1, 2, 4, 8, 16}) inside &= inside >> more;
    }
    if (inside != 0 && may_hold_hash(line, i * 64 + static_cast<std::size_t>(std::countr_zero(inside)))) return true;
    const int first = std::countr_one(run);
    if (first > 0 && first < 32 && first + run_before >= 32 && may_hold_hash(line, i * 64)) return true;
    run_before = first == 64 ? run_before + 64 : std::countl_one(run);
  }
  if (doubles != 0 || (has_mail_ && line.find('@') != std::string_view::npos)) return true;
  const auto begin_of = [&](std::size_t at) {
    std::size_t i = at / 64;
    std::uint64_t left = ~found.words[i] & ((std::uint64_t{1} << at % 64) - 1);
    while (left == 0 && i > 0) left = ~found.words[--i];
    return left == 0 ? 0 : i * 64 + 64 - static_cast<std::size_t>(std::countl_zero(left));
  };
  // Words with a dot; all words where a name without one is listed.
  const bool plain_numbers = !undotted_ && !hosts_of_numbers_ && !numbers_;
  const auto& marks = undotted_ ? found.words : found.dots;
  for (std::size_t i = 0, until = 0; i < blocks; ++i) {
    for (std::uint64_t left = marks[i]; left != 0;) {
      const std::size_t at = i * 64 + static_cast<std::size_t>(std::countr_zero(left));
      if (at >= until) {
        // PERF NOTE: "5.0", "537.36", "1594857600.12": nearly all words with a dot are such numbers.
        if (const std::size_t in = at % 64; plain_numbers && in < 63) {
          const auto end = in + 1 + static_cast<std::size_t>(std::countr_one(found.digits[i] >> (in + 1)));
          if (end > in + 1 && end < 64 && (found.words[i] >> end & 1U) == 0) {
            left &= ~std::uint64_t{0} << end;
            continue;
          }
        }
        until = next_clear(found.words, at);
        const std::size_t begin = begin_of(at);
        const std::size_t size = until - begin;
        std::uint64_t there = bits_from(found.dots, begin);
        if (size < 64) there &= (std::uint64_t{1} << size) - 1;
        if (size >= 64 || may_be_listed(line.substr(begin, size), there)) return true;
      }
      left = until >= (i + 1) * 64 ? 0 : left & ~std::uint64_t{0} << until % 64;
    }
  }
  return false;
}
#else
bool LineFilter::may_hold(std::string_view) const { return true; }
#endif

}  // namespace assay
