// A STIX pattern to the IR. One observation (or several joined by OR) is a record detector; FOLLOWEDBY and AND with
// WITHIN, and REPEATS with WITHIN, are windows. The rest is refused with its reason (docs/indicators.md).
#pragma once

#include "core/result.h"
#include "rules/ir/ir.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {

// Fills expr or window of the detector. Errors: unsupported.
[[nodiscard]] Status lower_pattern(const Observation& pattern, ir::Detector& detector);

}  // namespace assay::stix
