// Sigma conditions: `or` < `and` < `not` < `x of` < parentheses, over named detections already lowered to nodes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "rules/ir/builder.h"

namespace assay::sigma {

inline constexpr std::size_t kConditionSteps = 1'000'000;

// Detection name -> its node. `steps` counts the names that patterns were held against, over all conditions of a rule;
// beyond kConditionSteps the rule is refused. Errors name what is wrong; deprecated aggregations name the way out.
[[nodiscard]] Result<std::uint32_t> parse_condition(std::string_view text,
                                                    const std::map<std::string, std::uint32_t>& detections,
                                                    ir::ExprBuilder& builder, std::size_t& steps);

}  // namespace assay::sigma
