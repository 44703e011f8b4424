#include "match/literal_index.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "core/lanes.h"
#include "core/vectors.h"
#include "match/common_text.h"

namespace assay {
namespace {

constexpr std::uint32_t kPieceWithin = 4096;  // of a literal: where its piece is looked for

}  // namespace

void LiteralIndex::add(std::string_view lowered, Place place, std::uint32_t id) {
  if (lowered.size() == 1) {
    bytes_.push_back({static_cast<unsigned char>(lowered.front()), place, id});
    return;
  }
  Entry entry;
  entry.id = id;
  entry.begin = static_cast<std::uint32_t>(pool_.size());
  entry.size = static_cast<std::uint32_t>(lowered.size());
  entry.place = place;
  std::memcpy(entry.head.data(), lowered.data(), std::min(lowered.size(), kHead));
  pool_ += lowered;
  entries_.push_back(entry);
}

void LiteralIndex::build() {
  pool_.append(kPadding, '\0');
  std::unordered_map<std::uint32_t, std::uint32_t> cost;  // looked up, never walked
  for (std::size_t i = 0; i + 4 <= kCommonText.size(); ++i) cost[load(kCommonText.data() + i)] += 1000;
  // A piece that many literals have is filed under another one, where there is a choice.
  for (const Entry& entry : entries_) {
    for (std::uint32_t i = 0; i + 4 <= entry.size; ++i) ++cost[load(pool_.data() + entry.begin + i)];
  }
  std::vector<std::pair<std::uint32_t, Entry>> fours, threes, twos;
  for (Entry& entry : entries_) {
    const char* const text = pool_.data() + entry.begin;
    if (entry.size < 4) {
      (entry.size == 3 ? threes : twos).emplace_back(load(text) & (entry.size == 3 ? 0x00ffffffU : 0x0000ffffU), entry);
      continue;
    }
    std::uint32_t best = UINT32_MAX;
    for (std::uint16_t i = 0; i + 4U <= entry.size && i < kPieceWithin; ++i) {
      const std::uint32_t one = cost[load(text + i)];
      if (one >= best) continue;
      best = one;
      entry.piece = i;
    }
    fours.emplace_back(load(text + entry.piece), entry);
  }
  std::vector<Entry> entries;
  file(fours_, 0xffffffffU, fours, entries);
  file(threes_, 0x00ffffffU, threes, entries);
  file(twos_, 0x0000ffffU, twos, entries);
  entries_ = std::move(entries);
}

void LiteralIndex::file(Pieces& pieces, std::uint32_t bytes, const std::vector<std::pair<std::uint32_t, Entry>>& filed,
                        std::vector<Entry>& entries) {
  pieces.none = filed.empty();
  pieces.bytes = bytes;
  std::vector<std::pair<std::uint32_t, Entry>> sorted = filed;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(sorted.size() * 2, 4));
  const std::size_t words = std::bit_ceil(std::clamp<std::size_t>(sorted.size() * 2, 32, std::size_t{1} << 12));
  pieces.slots.assign(slots, Slot{});
  pieces.bits.assign(words, 0);
  pieces.slot_shift = 32 - static_cast<unsigned>(std::countr_zero(slots));
  pieces.word_shift = 32 - static_cast<unsigned>(std::countr_zero(words));
  for (std::size_t i = 0; i < sorted.size();) {
    const std::uint32_t key = sorted[i].first;
    const std::uint32_t mixed = mix(key);
    pieces.bits[mixed >> pieces.word_shift] |= both_bits(mixed, pieces.word_shift);
    std::size_t at = mixed >> pieces.slot_shift;
    while (pieces.slots[at].count != 0) at = (at + 1) & (slots - 1);
    pieces.slots[at] = {key, static_cast<std::uint32_t>(entries.size()), 0};
    for (; i < sorted.size() && sorted[i].first == key; ++i) {
      entries.push_back(sorted[i].second);
      ++pieces.slots[at].count;
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void LiteralIndex::mark_wide(const char* text, std::size_t count, Marks& marks) const {
  const __m256i order =
      _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
  const __m256i factor = _mm256_set1_epi32(static_cast<int>(kMix)), low = _mm256_set1_epi32(31);
  const auto met = [&](const Pieces& pieces, __m256i keys) __attribute__((target("avx2"), always_inline)) {
    keys = _mm256_and_si256(keys, _mm256_set1_epi32(static_cast<int>(pieces.bytes)));
    const auto shift = static_cast<int>(pieces.word_shift);
    const __m256i mixed = _mm256_mullo_epi32(keys, factor);
    const __m256i words = _mm256_i32gather_epi32(reinterpret_cast<const int*>(pieces.bits.data()),
                                                 _mm256_srl_epi32(mixed, _mm_cvtsi32_si128(shift)), 4);
    const __m256i one = _mm256_and_si256(_mm256_srl_epi32(mixed, _mm_cvtsi32_si128(shift - 5)), low);
    const __m256i other = _mm256_and_si256(_mm256_srl_epi32(mixed, _mm_cvtsi32_si128(shift - 10)), low);
    const __m256i found =
        _mm256_slli_epi32(_mm256_and_si256(_mm256_srlv_epi32(words, one), _mm256_srlv_epi32(words, other)), 31);
    return static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(found))));
  };
  const bool threes = !threes_.empty(), twos = !twos_.empty();
  for (std::size_t i = 0; i < count; i += 8) {
    const __m256i keys = _mm256_shuffle_epi8(
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i))), order);
    marks.fours |= met(fours_, keys) << i;
    if (threes) marks.threes |= met(threes_, keys) << i;
    if (twos) marks.twos |= met(twos_, keys) << i;
  }
}

__attribute__((target("avx512bw"))) void LiteralIndex::mark_widest(const char* text, std::size_t count,
                                                                   Marks& marks) const {
  // Each quarter gets the eight bytes that its four pieces begin in.
  const __m512i quarters = _mm512_setr_epi32(0, 1, 0, 0, 1, 2, 0, 0, 2, 3, 0, 0, 3, 4, 0, 0);
  const __m512i order = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6));
  // Nothing of 64 bytes in the closure: AddressSanitizer's frames do not align it.
  const auto met = [](const Pieces& pieces, __m512i keys) __attribute__((target("avx512bw"), always_inline)) {
    const __m512i factor = _mm512_set1_epi32(static_cast<int>(kMix)), low = _mm512_set1_epi32(31),
                  bit = _mm512_set1_epi32(1);
    keys = _mm512_and_si512(keys, _mm512_set1_epi32(static_cast<int>(pieces.bytes)));
    const auto shift = static_cast<int>(pieces.word_shift);
    const __m512i mixed = _mm512_mullo_epi32(keys, factor);
    const __m512i words =
        _mm512_i32gather_epi32(_mm512_srl_epi32(mixed, _mm_cvtsi32_si128(shift)), pieces.bits.data(), 4);
    const __m512i one = _mm512_and_si512(_mm512_srl_epi32(mixed, _mm_cvtsi32_si128(shift - 5)), low);
    const __m512i other = _mm512_and_si512(_mm512_srl_epi32(mixed, _mm_cvtsi32_si128(shift - 10)), low);
    const __m512i wanted = _mm512_or_si512(_mm512_sllv_epi32(bit, one), _mm512_sllv_epi32(bit, other));
    return static_cast<std::uint64_t>(_mm512_cmpeq_epi32_mask(_mm512_and_si512(words, wanted), wanted));
  };
  const bool threes = !threes_.empty(), twos = !twos_.empty();
  for (std::size_t i = 0; i < count; i += 16) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + i));
    const __m512i keys = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(quarters, _mm512_castsi256_si512(bytes)), order);
    marks.fours |= met(fours_, keys) << i;
    if (threes) marks.threes |= met(threes_, keys) << i;
    if (twos) marks.twos |= met(twos_, keys) << i;
  }
}
#endif

void LiteralIndex::mark(const char* text, std::size_t count, Marks& marks) const {
  marks = Marks{};
#if defined(__x86_64__)
  if (lanes() != Lanes::plain) {
    if (lanes() == Lanes::avx512) {
      mark_widest(text, count, marks);
    } else {
      mark_wide(text, count, marks);
    }
    const std::uint64_t inside = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    marks.fours &= inside;
    marks.threes &= inside;
    marks.twos &= inside;
    return;
  }
#endif
  const auto met = [](const Pieces& pieces, std::uint32_t key) {
    const std::uint32_t mixed = mix(key & pieces.bytes), wanted = both_bits(mixed, pieces.word_shift);
    return static_cast<std::uint64_t>((pieces.bits[mixed >> pieces.word_shift] & wanted) == wanted);
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t key = load(text + i);
    marks.fours |= met(fours_, key) << i;
    marks.threes |= met(threes_, key) << i;
    marks.twos |= met(twos_, key) << i;
  }
}

}  // namespace assay
