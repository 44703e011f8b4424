// Regular contact of an inside host with an outside destination: interval, jitter, size; and what explains it
// (docs/analytics/beacons.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& beacons_analytic();

}  // namespace assay
