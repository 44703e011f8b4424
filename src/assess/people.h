// Judgements of analysts and statements as sentences for the page: who, when, why, and whether the answer had been
// seen.
#pragma once

#include <vector>

#include "assess/assessment.h"

namespace assay {

[[nodiscard]] std::vector<PeopleSay> people_say(const CaseData& data);
// "judged benign by N. N. on 3 Dec 2026, after the answer was seen, until 1 Mar 2027: the reason"
[[nodiscard]] std::string judgement_text(const CaseData& data, const Disposition& disposition);

}  // namespace assay
