// Logons by account, host, source and hour, kept for assessments; and event logs that were cleared
// (docs/analytics/logons.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& logons_analytic();

}  // namespace assay
