// Reads of shared files by account and hour, and reads far above the account's own habit
// (docs/analytics/file_reads.md).
#pragma once

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] const Analytic& file_reads_analytic();

}  // namespace assay
