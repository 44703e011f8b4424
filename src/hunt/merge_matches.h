// Matches to sightings: the merged runs are read one (detector, key) at a time. Equal matches become one sighting, base
// matches go to the windows they belong to, what filters suppress is counted, and what only quotes an advisory is a
// mention.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/notice.h"
#include "core/sighting.h"
#include "core/time.h"
#include "hunt/items.h"
#include "hunt/judge_sources.h"
#include "hunt/leases.h"
#include "hunt/merged_runs.h"
#include "knowledge/profile.h"
#include "rules/catalogue.h"
#include "rules/rule_set.h"

namespace assay {

struct MergeInput {
  const DetectorCatalogue& catalogue;
  const RuleSet& rules;
  const Profile& profile;
  const Items& items;           // placed
  const Leases& holders;        // of addresses that stand for hosts
  const CoveredHours& covered;  // for absences that ask for coverage
  Time as_of;                   // for the last day of filters
};

struct MergedMatches {
  std::vector<Sighting> sightings;                                        // by detector, then by key; without a reason
  std::map<std::pair<std::string, std::string>, std::uint64_t> mentions;  // (evidence id, advisory) -> matches
  std::set<DetectorIndex> met;                                            // detectors of records that have a sighting
  std::map<std::string, std::string> leased;  // sighting id -> the address that its host held
  std::set<std::string> chained;              // sightings of windows
  std::set<std::string> of_copies;            // sightings of whole copies alone
};

// What does not fit is counted in notices: limit_matches, and those of Correlator and Suppressed.
[[nodiscard]] MergedMatches merge_matches(MergedRuns runs, const MergeInput& input, Notices& notices);

}  // namespace assay
