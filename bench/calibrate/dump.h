// What a case shows and what was made of it, one JSON object a line: for looking at errors by hand, and for measuring
// what any other weighing could reach on the same cases.
#pragma once

#include <string>

#include "fit.h"

namespace assay::calibrate {

[[nodiscard]] std::string dump_line(const Prepared& one, const Weights& constants);

}  // namespace assay::calibrate
