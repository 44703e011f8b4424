// One comparison of a pattern as predicates of the IR.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "rules/ir/builder.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {

[[nodiscard]] Result<std::uint32_t> lower_comparison(const Comparison& c, ir::ExprBuilder& builder);
// The record's own time lies in [from, until).
[[nodiscard]] std::uint32_t lower_time_range(Time from, Time until, ir::ExprBuilder& builder);

}  // namespace assay::stix
