// The report's drawings: findings over time by stage, coverage by source class and day, and the small bars of a range.
// Inline SVG, readable without colour: filled and hollow marks, full and empty cells, and each drawing has its table
// beside it.
#pragma once

#include "report/escape.h"
#include "report/view.h"

namespace assay::report {

// Empty when there is nothing with a time.
[[nodiscard]] Html timeline(const View& view);
// A track from 0 to 100 with low..high marked; nothing marked when !judged.
[[nodiscard]] Html range_bar(bool judged, int low, int high);

}  // namespace assay::report
