// Mail that leads to a look-alike of our own domain, and what happened there afterwards: fetched by the mail gateway,
// visited by a user, a form sent (docs/analytics/lure.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& lure_analytic();

}  // namespace assay
