// One Sigma document (rule or correlation) to a detector of the IR. docs/sigma.md says what is read;
// docs/writing-rules.md has our own keys beside the rule.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/yaml.h"
#include "rules/ir/ir.h"
#include "rules/sigma/value.h"

namespace assay::sigma {

// `origin` is "file:line". The detector is checked and hashed. Errors: bad_input, unsupported (understood but not
// evaluated), limit.
[[nodiscard]] Result<ir::Detector> lower_document(const Yaml& document, const std::string& origin,
                                                  std::string_view advisory, const Placeholders& placeholders);

// "90s", "15m", "24h", "7d" to nanoseconds.
[[nodiscard]] Result<std::int64_t> parse_timespan(std::string_view text);

}  // namespace assay::sigma
