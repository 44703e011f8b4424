// What holds for a value of a field, kept by the value as its record writes it: values repeat, and what holds for one
// depends on its text alone. Bounded; emptied between two records when it is full. One worker's.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/hash.h"
#include "core/record.h"

namespace assay {

// The predicates that hold for a value, and the rules that one of them is a witness of.
struct ValueFacts {
  std::uint32_t predicates = 0, rules = 0;
  bool absent = false;  // the rule of its path makes nothing of the value
  [[nodiscard]] std::span<const std::uint32_t> predicate_list() const { return {numbers(), predicates}; }
  [[nodiscard]] std::span<const std::uint32_t> rule_list() const { return {numbers() + predicates, rules}; }
  [[nodiscard]] const std::uint32_t* numbers() const {
    return reinterpret_cast<const std::uint32_t*>(this + 1);  // they stand behind it
  }
};

// PERF NOTE (docs/performance.md): one open table for all fields, values in blocks, nothing allocated for a hit. A
// field whose values do not repeat is left alone for a while: keeping them would push out those that do.
class ValueCache {
 public:
  static constexpr std::size_t kBytes = std::size_t{24} << 20;
  static constexpr std::size_t kValueBytes = 2048;  // longer ones are looked at each time

  ValueCache() : slots_(kFirstSlots) {}

  struct Place {
    const ValueFacts* facts = nullptr;  // null: not known
    std::uint64_t hash = 0;
    std::uint32_t source = 0;
    bool keep = false;
  };
  // `source`: what a value's facts depend on besides its text, numbered from 0.
  [[nodiscard]] Place find(std::uint32_t source, const RawValue& value) {
    Place place;
    if (source >= sources_.size()) sources_.resize(source + 1);
    Source& seen = sources_[source];
    if (seen.rest > 0) {
      --seen.rest;
      return place;
    }
    if (value.text.size() > kValueBytes) return place;
    if (++seen.asked == kSample) judge(seen);
    place.keep = true;
    place.source = source * 16 + static_cast<std::uint32_t>(value.kind) * 2 + (value.encoded ? 1 : 0);
    // Not as its seed: a seed makes the hash of a long text dear.
    place.hash = hash64(value.text) ^ (std::uint64_t{place.source} * 0x9e3779b97f4a7c15U >> 7);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < kProbes; ++i) {
      const Slot& slot = slots_[(place.hash + i) & mask];
      if (slot.facts == nullptr) {
        place.keep = seen_before(place.hash);
        return place;
      }
      if (slot.hash != place.hash || slot.source != place.source || slot.size != value.text.size() ||
          (slot.size > 0 && std::memcmp(slot.text, value.text.data(), slot.size) != 0))
        continue;
      ++seen.met;
      place.facts = slot.facts;
      return place;
    }
    place.keep = false;  // values made to collide cost no more than this
    return place;
  }
  // The facts live until next_record(), or longer when `keep` and the place allow it.
  [[nodiscard]] const ValueFacts* add(const Place& place, const RawValue& value, bool absent,
                                      std::span<const std::uint32_t> predicates, std::span<const std::uint32_t> rules,
                                      bool keep);
  void next_record() {
    passing_.used = 0;
    passing_.at = 0;
    if (bytes_ > kBytes) clear();
  }

 private:
  static constexpr std::size_t kFirstSlots = 1 << 12;
  static constexpr std::size_t kProbes = 32;
  static constexpr std::size_t kBlock = std::size_t{1} << 18;
  static constexpr std::uint32_t kSample = 4096, kLeastMet = kSample / 10, kRest = 1 << 17;
  struct Slot {
    std::uint64_t hash = 0;
    const char* text = nullptr;
    const ValueFacts* facts = nullptr;
    std::uint32_t source = 0, size = 0;
  };
  struct Source {
    std::uint32_t asked = 0, met = 0, rest = 0;
  };
  // Bytes handed out in order; none of it moves.
  struct Blocks {
    struct Free {
      void operator()(char* p) const { ::operator delete[](p); }
    };
    std::vector<std::pair<std::unique_ptr<char[], Free>, std::size_t>> list;
    std::size_t at = 0, used = 0;  // block and bytes of it
    [[nodiscard]] char* take(std::size_t size);
  };
  static void judge(Source& seen) {
    if (seen.met < kLeastMet) seen.rest = kRest;
    seen.asked = seen.met = 0;
  }
  // PERF NOTE: a value is kept when it comes for the second time; those that come once would push the others out of the
  // processor's caches. Forgets: a value may have to come once more.
  bool seen_before(std::uint64_t hash) {
    std::uint32_t& mark = marks_[hash & (kMarks - 1)];
    const auto wanted = static_cast<std::uint32_t>(hash >> 32) | 1U;
    if (mark == wanted) return true;
    mark = wanted;
    return false;
  }
  void clear();
  void grow();
  bool put(const Slot& slot);

  static constexpr std::size_t kMarks = 1 << 14;
  std::vector<std::uint32_t> marks_ = std::vector<std::uint32_t>(kMarks, 0);
  std::vector<Slot> slots_;
  std::vector<Source> sources_;
  Blocks kept_, passing_;
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace assay
