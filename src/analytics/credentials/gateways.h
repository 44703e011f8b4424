// Sign-ins that come from a gateway's own address, and the hosts that the same accounts reach from there on.
#pragma once

#include <vector>

#include "analytics/analytic.h"

namespace assay {

// `signins`: the table of signins.h. Hosts are told by the table "logons" (docs/analytics/logons.md), where there is
// one.
void from_gateways(const FinishInput& input, const Table& signins, std::vector<Finding>& out);

}  // namespace assay
