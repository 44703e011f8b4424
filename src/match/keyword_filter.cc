// PERF NOTE (docs/performance.md): one rule of SigmaHQ asks for twenty keywords in every Windows event, whose Message
// is half of its bytes and never the same. With all values decoded and searched the run over real events was at 0.13 of
// simdjson's rate; with this filter, and short literals put into the index, at 0.33. Thirty-two places at a time are
// tested for three bytes of eight groups of pieces, by looking up both halves of each byte (the method is known as
// Teddy, from Hyperscan).
#include "match/keyword_filter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/ascii.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

// Both cases of a letter are one; a few other characters fall together too, which only proposes more.
constexpr std::uint8_t folded(char c) { return static_cast<std::uint8_t>(static_cast<unsigned char>(c) | 0x20U); }

// How common a character is in paths, names, GUIDs and messages; a guess.
std::size_t weight(char c) {
  if (c == ' ') return 9;
  if (is_digit(c) || std::string_view("aeinorst").find(c) != std::string_view::npos) return 8;
  if (std::string_view("cdlmpufbg").find(c) != std::string_view::npos) return 6;
  if (is_alpha(c)) return std::string_view("kwzxqj").find(c) != std::string_view::npos ? 3 : 5;
  return c == '.' || c == '-' || c == ':' ? 4 : 2;
}

bool same_text(const char* text, std::string_view lowered) {
  for (std::size_t i = 0; i < lowered.size(); ++i) {
    if (to_lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

}  // namespace

std::string KeywordFilter::usable_part(std::string_view literal) {
  std::string best, run;
  const auto end_run = [&] {
    if (run.size() > best.size()) best = run;
    run.clear();
  };
  for (const char c : literal) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\' || c == '/') {
      end_run();
    } else {
      run += to_lower(c);
    }
  }
  end_run();
  return best.size() < kPiece ? std::string() : best;
}

void KeywordFilter::add(std::string_view part) { parts_.push_back({std::string(part), 0}); }

bool KeywordFilter::all_beyond(std::string_view characters) const {
  return std::all_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.text.find_first_not_of(characters) != std::string::npos; });
}

void KeywordFilter::build() {
  std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.text < b.text; });
  parts_.erase(std::unique(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.text == b.text; }),
               parts_.end());
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    std::size_t best = SIZE_MAX;
    for (std::size_t at = 0; at + kPiece <= part.text.size(); ++at) {
      std::size_t cost = 0;
      for (std::size_t b = 0; b < kPiece; ++b) cost += weight(part.text[at + b]);
      if (cost >= best) continue;
      best = cost;
      part.piece = at;
    }
    const unsigned bucket = static_cast<unsigned>(i * buckets_.size() / parts_.size());  // neighbours are alike
    buckets_[bucket].push_back(i);
    for (std::size_t b = 0; b < kPiece; ++b) {
      const std::uint8_t byte = folded(part.text[part.piece + b]);
      for (const std::size_t lane : {0U, 16U}) {
        halves_[b][0][lane + (byte & 15U)] |= static_cast<std::uint8_t>(1U << bucket);
        halves_[b][1][lane + (byte >> 4)] |= static_cast<std::uint8_t>(1U << bucket);
      }
    }
  }
}

bool KeywordFilter::look(std::string_view json, std::size_t at, unsigned buckets) const {
  for (; buckets != 0; buckets &= buckets - 1) {
    for (const std::uint32_t number : buckets_[static_cast<unsigned>(std::countr_zero(buckets))]) {
      const Part& part = parts_[number];
      if (at < part.piece || part.text.size() - part.piece > json.size() - at) continue;
      if (same_text(json.data() + at - part.piece, part.text)) return true;
    }
  }
  return false;
}

// Places from `at` on where a piece (of the groups that `found` tells for each) or an escape may stand.
bool KeywordFilter::look_all(std::string_view json, std::size_t at, std::uint64_t places, std::uint64_t escapes,
                             const std::uint8_t* found) const {
  for (; places != 0; places &= places - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(places));
    // "\\user" is a backslash and a word: a mark that another one escapes says nothing.
    if ((escapes >> i & 1U) != 0) {
      std::size_t marks = 0;
      while (marks < at + i && json[at + i - marks - 1] == '\\') ++marks;
      if (marks % 2 == 0) return true;
    }
    if (found[i] != 0 && look(json, at + i, found[i])) return true;
  }
  return false;
}

#if defined(__x86_64__)
__attribute__((target("avx512bw"))) bool KeywordFilter::scan_widest(std::string_view json, bool coded_text) const {
  const __m512i half = _mm512_set1_epi8(0x0f), fold = _mm512_set1_epi8(0x20);
  const __m512i back = _mm512_set1_epi8('\\'), letter_u = _mm512_set1_epi8('u');
  const auto table = [&](std::size_t b, std::size_t h) __attribute__((target("avx512bw"), always_inline)) {
    return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(halves_[b][h].data())));
  };
  const __m512i low0 = table(0, 0), high0 = table(0, 1), low1 = table(1, 0), high1 = table(1, 1), low2 = table(2, 0),
                high2 = table(2, 1);
  const auto groups = [&](__m512i x, __m512i low, __m512i high) __attribute__((target("avx512bw"), always_inline)) {
    x = _mm512_or_si512(x, fold);
    return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(x, half)),
                            _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(x, 4), half)));
  };
  const auto load = [&](std::size_t from) __attribute__((target("avx512bw"), always_inline)) {
    const std::size_t left = json.size() - std::min(from, json.size());
    if (left >= 64) return _mm512_loadu_si512(json.data() + from);
    return _mm512_maskz_loadu_epi8((std::uint64_t{1} << left) - 1, json.data() + from);
  };
  for (std::size_t at = 0; at < json.size(); at += 64) {
    const __m512i a = load(at), b = load(at + 1), c = load(at + 2);
    const __m512i met =
        _mm512_and_si512(_mm512_and_si512(groups(a, low0, high0), groups(b, low1, high1)), groups(c, low2, high2));
    const std::uint64_t coded =
        coded_text ? _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(a, back), b, letter_u) : 0;
    const std::uint64_t places = _mm512_test_epi8_mask(met, met) | coded;
    if (places == 0) [[likely]]
      continue;
    alignas(64) std::uint8_t found[64];
    _mm512_store_si512(found, met);
    if (look_all(json, at, places, coded, found)) return true;
  }
  return false;
}

__attribute__((target("avx2"))) bool KeywordFilter::scan_wide(std::string_view json, bool coded_text) const {
  const __m256i half = _mm256_set1_epi8(0x0f), fold = _mm256_set1_epi8(0x20);
  const __m256i back = _mm256_set1_epi8('\\'), letter_u = _mm256_set1_epi8('u');
  const __m256i escape = _mm256_set1_epi8(static_cast<char>(coded_text ? 0xff : 0));
  const auto table = [&](std::size_t b, std::size_t h) __attribute__((target("avx2"), always_inline)) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(halves_[b][h].data()));
  };
  const __m256i low0 = table(0, 0), high0 = table(0, 1), low1 = table(1, 0), high1 = table(1, 1), low2 = table(2, 0),
                high2 = table(2, 1);
  char rest[64 + kPiece];
  for (std::size_t at = 0; at < json.size(); at += 32) {
    const char* p = json.data() + at;
    if (json.size() - at < 32 + kPiece) {
      std::memset(rest, ' ', sizeof rest);
      std::memcpy(rest, p, json.size() - at);
      p = rest;
    }
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 1));
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 2));
    const auto groups = [&](__m256i x, __m256i low, __m256i high) __attribute__((target("avx2"), always_inline)) {
      x = _mm256_or_si256(x, fold);
      return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(x, half)),
                              _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(x, 4), half)));
    };
    const __m256i met =
        _mm256_and_si256(_mm256_and_si256(groups(a, low0, high0), groups(b, low1, high1)), groups(c, low2, high2));
    const __m256i coded =
        _mm256_and_si256(escape, _mm256_and_si256(_mm256_cmpeq_epi8(a, back), _mm256_cmpeq_epi8(b, letter_u)));
    const __m256i any = _mm256_or_si256(met, coded);
    if (_mm256_testz_si256(any, any)) [[likely]]
      continue;
    alignas(32) std::uint8_t found[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(found), met);
    const auto escapes = static_cast<std::uint32_t>(_mm256_movemask_epi8(coded));
    const __m256i none = _mm256_cmpeq_epi8(any, _mm256_setzero_si256());
    const auto places = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
    if (look_all(json, at, places, escapes, found)) return true;
  }
  return false;
}
#endif

bool KeywordFilter::may_hold(std::string_view text, bool escapes) const {
#if defined(__x86_64__)
  static const bool kWide = __builtin_cpu_supports("avx2") != 0;
  static const bool kWidest = __builtin_cpu_supports("avx512bw") != 0;
  return kWidest ? scan_widest(text, escapes) : !kWide || scan_wide(text, escapes);
#else
  (void)text;
  (void)escapes;
  return true;
#endif
}

}  // namespace assay
