// What to do, in fixed phases: 0 preserve, 1 decide quietly, 2 contain together, 3 evict, 4 reset, 5 verify, 6 notify.
// Nothing that destroys evidence comes before its asset is preserved; all footholds are contained in one action at one
// time; accounts are reset after the hosts that could steal them again are gone.
#pragma once

#include <vector>

#include "assess/assessment.h"
#include "assess/use.h"

namespace assay {

[[nodiscard]] std::vector<Action> plan_actions(const CaseData& data, const Uses& uses, const Assessment& so_far);

}  // namespace assay
