// Files changed in mass: encrypted, renamed, deleted, and research files that were written (docs/analytics/impact.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& impact_analytic();

}  // namespace assay
