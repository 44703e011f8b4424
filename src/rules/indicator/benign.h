// Values that no advisory can make weigh: they are kept, shown and marked. Lists make mistakes, and a poisoned list is
// an attack.
#pragma once

#include <string>

#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

// Why an indicator of this kind and (normalised) value must not weigh; empty when it may.
[[nodiscard]] std::string benign_reason(Indicator::Kind kind, const std::string& value, const Profile& profile);

}  // namespace assay
