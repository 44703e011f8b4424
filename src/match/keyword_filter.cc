// PERF NOTE (docs/performance.md): one rule of SigmaHQ asks for twenty keywords in every Windows event, whose Message
// is half of its bytes and never the same. With all values decoded and searched the run over real events was at 0.13 of
// simdjson's rate; with this filter, and short literals put into the index, at 0.33. Thirty-two or sixty-four places at
// a time are tested for two or three bytes of eight groups of pieces, by looking up both halves of each byte (the
// method is known as Teddy, from Hyperscan).
#include "match/keyword_filter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/ascii.h"
#include "core/lanes.h"
#include "core/vectors.h"

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
  place_pieces(2);
  std::vector<std::string> pairs;
  for (const Part& part : parts_) pairs.push_back(part.text.substr(part.piece, 2));
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  // PERF NOTE: with a group for each pair two bytes say all that the tables can, for a third less than three do.
  if (pairs.size() > buckets_.size()) {
    place_pieces(kPiece);
  } else {
    piece_ = 2;
  }
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    std::size_t bucket = i * buckets_.size() / parts_.size();  // neighbours are alike
    if (piece_ == 2)
      bucket = static_cast<std::size_t>(std::lower_bound(pairs.begin(), pairs.end(), part.text.substr(part.piece, 2)) -
                                        pairs.begin());
    buckets_[bucket].push_back(i);
    for (std::size_t b = 0; b < piece_; ++b) {
      const std::uint8_t byte = folded(part.text[part.piece + b]);
      for (const std::size_t lane : {0U, 16U}) {
        halves_[b][0][lane + (byte & 15U)] |= static_cast<std::uint8_t>(1U << bucket);
        halves_[b][1][lane + (byte >> 4)] |= static_cast<std::uint8_t>(1U << bucket);
      }
    }
  }
}

void KeywordFilter::place_pieces(std::size_t size) {
  for (Part& part : parts_) {
    std::size_t best = SIZE_MAX;
    for (std::size_t at = 0; at + size <= part.text.size(); ++at) {
      std::size_t cost = 0;
      for (std::size_t b = 0; b < size; ++b) cost += weight(part.text[at + b]);
      if (cost >= best) continue;
      best = cost;
      part.piece = at;
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

// Of the places where "\\u" stands those whose backslash is not the second of exactly two, as in "C:\\\\users": paths
// are full of these.
[[gnu::always_inline]] inline std::uint64_t without_pairs(std::uint64_t coded, std::uint64_t backs,
                                                          std::uint64_t before, unsigned lanes) {
  const std::uint64_t one = backs << 1 | before >> (lanes - 1), two = backs << 2 | before >> (lanes - 2);
  return coded & ~(one & ~two);
}

// Places from `at` on where a piece (of the groups that `found` tells for each) or an escape may stand.
bool KeywordFilter::look_all(std::string_view json, std::size_t at, std::uint64_t places, std::uint64_t escapes,
                             const std::uint8_t* found) const {
  for (; places != 0; places &= places - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(places));
    if (at + i >= json.size()) break;
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
  const __m512i back = _mm512_set1_epi8('\\'), letter_u = _mm512_set1_epi8('u');
  const auto table = [&](std::size_t b, std::size_t h) __attribute__((target("avx512bw"), always_inline)) {
    return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(halves_[b][h].data())));
  };
  const __m512i low0 = table(0, 0), high0 = table(0, 1), low1 = table(1, 0), high1 = table(1, 1), low2 = table(2, 0),
                high2 = table(2, 1);
  // Nothing of 64 bytes in the closure: AddressSanitizer's frames do not align it.
  const auto groups = [&](__m512i x, __m512i low, __m512i high) __attribute__((target("avx512bw"), always_inline)) {
    const __m512i half = _mm512_set1_epi8(0x0f), fold = _mm512_set1_epi8(0x20);
    x = _mm512_or_si512(x, fold);
    return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(x, half)),
                            _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(x, 4), half)));
  };
  const auto load = [&](std::size_t from) __attribute__((target("avx512bw"), always_inline)) {
    const std::size_t left = json.size() - std::min(from, json.size());
    if (left >= 64) return _mm512_loadu_si512(json.data() + from);
    return _mm512_maskz_loadu_epi8((std::uint64_t{1} << left) - 1, json.data() + from);
  };
  const bool third = piece_ == 3;
  std::uint64_t before = 0;  // where the last block had a backslash
  for (std::size_t at = 0; at < json.size(); at += 64) {
    const __m512i a = load(at), b = load(at + 1);
    __m512i met = _mm512_and_si512(groups(a, low0, high0), groups(b, low1, high1));
    if (third) met = _mm512_and_si512(met, groups(load(at + 2), low2, high2));
    std::uint64_t coded = 0;
    if (coded_text) {
      const std::uint64_t backs = _mm512_cmpeq_epi8_mask(a, back);
      coded = without_pairs(_mm512_mask_cmpeq_epi8_mask(backs, b, letter_u), backs, before, 64);
      before = backs;
    }
    const std::uint64_t places = _mm512_test_epi8_mask(met, met) | coded;
    if (places == 0) [[likely]]
      continue;
    std::uint8_t found[64];  // not aligned for AddressSanitizer's own frames
    _mm512_storeu_si512(found, met);
    if (look_all(json, at, places, coded, found)) return true;
  }
  return false;
}

__attribute__((target("avx2"))) bool KeywordFilter::scan_wide(std::string_view json, bool coded_text) const {
  const __m256i half = _mm256_set1_epi8(0x0f), fold = _mm256_set1_epi8(0x20);
  const __m256i back = _mm256_set1_epi8('\\'), letter_u = _mm256_set1_epi8('u');
  const auto table = [&](std::size_t b, std::size_t h) __attribute__((target("avx2"), always_inline)) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(halves_[b][h].data()));
  };
  const __m256i low0 = table(0, 0), high0 = table(0, 1), low1 = table(1, 0), high1 = table(1, 1), low2 = table(2, 0),
                high2 = table(2, 1);
  const bool third = piece_ == 3;
  std::uint64_t before = 0;  // where the last block had a backslash
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
    const auto groups = [&](__m256i x, __m256i low, __m256i high) __attribute__((target("avx2"), always_inline)) {
      x = _mm256_or_si256(x, fold);
      return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(x, half)),
                              _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(x, 4), half)));
    };
    __m256i met = _mm256_and_si256(groups(a, low0, high0), groups(b, low1, high1));
    if (third)
      met = _mm256_and_si256(met, groups(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 2)), low2, high2));
    std::uint64_t escapes = 0;
    if (coded_text) {
      const __m256i backs = _mm256_cmpeq_epi8(a, back);
      const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(backs));
      const auto coded =
          static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(backs, _mm256_cmpeq_epi8(b, letter_u))));
      escapes = without_pairs(coded, mask, before, 32);
      before = mask;
    }
    if (escapes == 0 && _mm256_testz_si256(met, met)) [[likely]]
      continue;
    alignas(32) std::uint8_t found[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(found), met);
    const __m256i none = _mm256_cmpeq_epi8(met, _mm256_setzero_si256());
    const auto places = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none)) | escapes;
    if (look_all(json, at, places, escapes, found)) return true;
  }
  return false;
}
#endif

bool KeywordFilter::may_hold(std::string_view text, bool escapes) const {
#if defined(__x86_64__)
  return lanes() == Lanes::avx512 ? scan_widest(text, escapes) : lanes() == Lanes::plain || scan_wide(text, escapes);
#else
  (void)text;
  (void)escapes;
  return true;
#endif
}

}  // namespace assay
