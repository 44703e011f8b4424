// Signs that somebody else uses an account, put together for each person over remote access, directory and cloud logons
// (docs/analytics/credentials.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& credentials_analytic();

}  // namespace assay
