// Is each recommendation of the advisories met here? By its subject, as far as the evidence or the profile shows it:
// met, not met, or cannot tell, each with what was looked at.
#pragma once

#include <vector>

#include "assess/assessment.h"
#include "assess/use.h"
#include "assess/visibility.h"

namespace assay {

[[nodiscard]] std::vector<RecommendationResult> judge_recommendations(const CaseData& data, const Uses& uses,
                                                                      const Visibility& visibility,
                                                                      const Assessment& so_far);

}  // namespace assay
