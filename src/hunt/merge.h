// The merge and finish of a run: sealed unit results become one CaseData, the same for any number of workers and any
// order.
#pragma once

#include <string>
#include <vector>

#include "casefile/case.h"
#include "casefile/case_data.h"
#include "hunt/facts.h"
#include "rules/rule_set.h"

namespace assay {

struct FinishSettings {
  Time as_of;  // unknown: the last event time seen
  bool complete = true;
  bool reproducible = true;
  std::string not_reproducible_because;
};

// Reads the sealed units of the case. `notices` are the supervisor's own (discovery, units given up).
// `units`: the keys of this run's units, in canonical order; a resumed case may hold sealed units of files that changed
// since.
[[nodiscard]] CaseData finish_run(Case& file, const std::vector<std::string>& units, const EngineFacts& facts,
                                  const RuleSet& rules, const Knowledge& knowledge, const Profile& profile,
                                  const Notices& notices, const FinishSettings& settings);

}  // namespace assay
