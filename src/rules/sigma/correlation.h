// The `correlation` part of a Sigma document to a window of the IR (Sigma 2.1, correlation rules; the boolean
// conditions of temporal correlations as 2.2 has them). docs/windows.md says when each kind is met.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/yaml.h"
#include "rules/ir/ir.h"

namespace assay::sigma {

[[nodiscard]] Result<ir::Window> lower_correlation(const Yaml& correlation);

// "90s", "15m", "24h", "7d", "2w" to nanoseconds.
[[nodiscard]] Result<std::int64_t> parse_timespan(std::string_view text);

// "a and (b or c) and not d" over the names in `rules`: the ways in which it can be met. Without `rules` the names are
// taken from the text, in the order in which they stand, and put there.
[[nodiscard]] Result<std::vector<ir::Window::Term>> parse_terms(std::string_view text, std::vector<std::string>& rules);

}  // namespace assay::sigma
