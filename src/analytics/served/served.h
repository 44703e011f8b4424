// What a server gave to each client, by kind of file; and files given to a client that exploited it
// (docs/analytics/served.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& served_analytic();

}  // namespace assay
