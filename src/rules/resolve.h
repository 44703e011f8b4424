// What rules say about one another, once all of them are loaded: correlations find the rules they name and stand after
// the correlations they build on; filters find the rules they tame.
#pragma once

#include "rules/rule_set.h"

namespace assay {

// Call it once, after the last load and before the engine compiles. Correlations that name something that is not
// there, name themselves in a circle, or ask a correlation for fields that it cannot have move to not_loaded.
// Record rules keep their order; correlations follow, each after those it names. Filters that apply to nothing are
// warnings.
void resolve_rules(RuleSet& rules);

// Whether the filter speaks about the rule: it names it (or any), and its logsource is not about other records.
[[nodiscard]] bool applies(const ir::Filter& filter, const ir::Detector& rule);

// The windows that take the emissions of window `rule`, with their base, ascending.
struct WindowFeed {
  DetectorIndex window = 0;
  std::uint32_t part = 0;
};
[[nodiscard]] std::vector<WindowFeed> fed_by(const std::vector<ir::Detector>& rules, DetectorIndex rule);

}  // namespace assay
