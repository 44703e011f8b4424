// A STIX pattern to the IR. What one record can meet is a record detector; several observations are a window of kind
// `pattern` (docs/rules/stix_pattern.md).
#pragma once

#include "core/result.h"
#include "rules/ir/ir.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {

// Fills expr or window of the detector. Errors: unsupported, limit.
[[nodiscard]] Status lower_pattern(const Observation& pattern, ir::Detector& detector);

}  // namespace assay::stix
