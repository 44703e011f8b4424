// Matches of one (detector, key): a sighting in the making.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/sighting.h"
#include "core/time.h"
#include "hunt/items.h"
#include "hunt/unit.h"
#include "rules/rule_set.h"

namespace assay {

class SightingGroup {
 public:
  // Matches come in the order of keyed_less. The same bytes in two items are one match in two places.
  void add(const KeyedMatch& k, const Items& items);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The kept items' chains -> matches in them and their copies.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& items() const { return items_; }
  [[nodiscard]] const Match& first() const { return first_; }
  // No match stands in an item that is its own.
  [[nodiscard]] bool of_copies() const { return !own_; }
  // Without a reason (hunt/reasons.h).
  [[nodiscard]] Sighting sighting(const DetectorInfo& info, const Items& items, std::string_view key) const;

 private:
  Match first_;
  std::uint64_t count_ = 0, most_ = 0;
  bool own_ = false;  // a match stands in an item that is no copy
  Time last_time_, from_, until_;
  std::uint64_t last_content_ = 0;
  std::map<std::string, std::uint64_t> per_item_, items_;
  std::vector<Sighting::Reference> records_, copies_;
};

// "sgt--" and 32 hex digits: of the detector, the first record's place in its item's bytes, and the key. It does not
// depend on how items are called or numbered.
[[nodiscard]] std::string sighting_id(const DetectorInfo& info, const Items& items,
                                      const std::vector<Sighting::Reference>& records, std::string_view key);

}  // namespace assay
