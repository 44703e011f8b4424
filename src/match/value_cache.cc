#include "match/value_cache.h"

#include <algorithm>
#include <new>

namespace assay {

char* ValueCache::Blocks::take(std::size_t size) {
  size = (size + 7) & ~std::size_t{7};
  while (at < list.size() && list[at].second - used < size) {
    ++at;
    used = 0;
  }
  if (at == list.size()) {
    const std::size_t room = std::max(size, kBlock);
    list.emplace_back(static_cast<char*>(::operator new[](room)), room);
    used = 0;
  }
  char* const out = list[at].first.get() + used;
  used += size;
  return out;
}

const ValueFacts* ValueCache::add(const Place& place, const RawValue& value, bool absent,
                                  std::span<const std::uint32_t> predicates, std::span<const std::uint32_t> rules,
                                  bool keep) {
  keep = keep && place.keep;
  const std::size_t size = sizeof(ValueFacts) + (predicates.size() + rules.size()) * sizeof(std::uint32_t);
  char* const room = (keep ? kept_ : passing_).take(size);
  auto* const facts = new (room)
      ValueFacts{static_cast<std::uint32_t>(predicates.size()), static_cast<std::uint32_t>(rules.size()), absent};
  char* to = room + sizeof(ValueFacts);
  if (!predicates.empty()) std::memcpy(to, predicates.data(), predicates.size_bytes());
  to += predicates.size_bytes();
  if (!rules.empty()) std::memcpy(to, rules.data(), rules.size_bytes());
  if (!keep) return facts;
  if ((count_ + 1) * 2 > slots_.size()) grow();
  char* const text = kept_.take(value.text.size());
  if (!value.text.empty()) std::memcpy(text, value.text.data(), value.text.size());
  if (put({place.hash, text, facts, place.source, static_cast<std::uint32_t>(value.text.size())})) ++count_;
  bytes_ += size + value.text.size() + 2 * sizeof(Slot);
  return facts;
}

void ValueCache::clear() {
  slots_.assign(kFirstSlots, Slot{});
  slots_.shrink_to_fit();
  kept_ = Blocks{};
  count_ = bytes_ = 0;
}

void ValueCache::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  count_ = 0;
  for (const Slot& slot : old) {
    if (slot.facts != nullptr && put(slot)) ++count_;
  }
}

bool ValueCache::put(const Slot& slot) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < kProbes; ++i) {
    Slot& at = slots_[(slot.hash + i) & mask];
    if (at.facts != nullptr) continue;
    at = slot;
    return true;
  }
  return false;
}

}  // namespace assay
