#include "hunt/sighting_group.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "core/limits.h"

namespace assay {

void SightingGroup::add(const KeyedMatch& k, const Items& items) {
  const bool same = count_ > 0 && k.match.time == last_time_ && k.match.content == last_content_;
  if (!same) {
    per_item_.clear();
    most_ = 0;
  }
  last_time_ = k.match.time;
  last_content_ = k.match.content;
  const auto kept = items.copy_of.find(k.chain);
  const std::string& chain = kept == items.copy_of.end() ? k.chain : kept->second;
  // Identical items hold identical records at identical places: those count through the kept one alone.
  const bool whole_copy = kept != items.copy_of.end();
  own_ = own_ || !whole_copy;
  const std::uint64_t mine = ++per_item_[k.chain];
  const bool fresh = mine > most_;
  most_ = std::max(most_, mine);
  const Sighting::Reference ref{items.id_of(chain), k.match.ref.offset, k.match.ref.length};
  if (count_ == 0) first_ = k.match;
  if (fresh) {
    ++count_;
    if (records_.size() < limits::kRecordsPerSighting) records_.push_back(ref);
  } else if (!whole_copy && copies_.size() < limits::kRecordsPerSighting) {
    copies_.push_back(ref);
  }
  if (k.match.time.known()) {
    if (!from_.known()) from_ = k.match.time;
    until_ = k.match.time;
  }
  items_[chain] += 1;
}

Sighting SightingGroup::sighting(const DetectorInfo& info, const Items& items, std::string_view key) const {
  Sighting s;
  s.detector_id = info.id;
  s.time = from_;
  s.until = until_;
  s.count = count_;
  s.records = records_;
  s.copies = copies_;
  s.host = first_.host;
  s.account = first_.account;
  s.role = first_.role;
  s.outcome = first_.outcome;
  s.fields = first_.fields;
  s.mention = first_.mention;
  s.id = sighting_id(info, items, records_, key);
  return s;
}

std::string sighting_id(const DetectorInfo& info, const Items& items, const std::vector<Sighting::Reference>& records,
                        std::string_view key) {
  std::string text = info.id + "\x1f" + info.hash + "\x1f";
  if (!records.empty()) {
    const auto sha = items.sha.find(records.front().evidence);
    text += fmt::format("{}\x1f{}\x1f{}", sha == items.sha.end() ? std::string() : sha->second, records.front().offset,
                        records.front().length);
  }
  // One record can hold two different things of one detector (two links of a message): the key tells them apart.
  text += "\x1f";
  text += key;
  return "sgt--" + sha256_hex(text).substr(0, 32);
}

}  // namespace assay
