// How far: hosts by state, accounts, first and last, and the credentials that must be taken as lost.
#pragma once

#include <vector>

#include "assess/assessment.h"
#include "assess/use.h"
#include "assess/visibility.h"

namespace assay {

[[nodiscard]] Scope find_scope(const CaseData& data, const Uses& uses, const Exfiltration& taken,
                               const Visibility& visibility, const Weights& weights);
[[nodiscard]] std::vector<Credential> lost_credentials(const CaseData& data, const Uses& uses,
                                                       const Exfiltration& taken);
// What looked alarming and is explained, at most kExplained lines.
inline constexpr std::size_t kExplained = 40;
[[nodiscard]] std::vector<Explained> explain_away(const CaseData& data, const Uses& uses);
// "person", "service", "shared", "machine"
[[nodiscard]] std::string account_kind(const Profile& profile, std::string_view account);

}  // namespace assay
