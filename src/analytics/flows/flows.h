// Bytes from inside to outside, by host, destination and hour, and what of it is a transfer that stands out
// (docs/analytics/flows.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& flows_analytic();

}  // namespace assay
