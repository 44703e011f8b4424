// Decides windows of kind `pattern` (STIX): which of the base matches can be bound so that the steps hold.
#pragma once

#include <functional>
#include <vector>

#include "match/windows.h"

namespace assay {

// Matches in time order, each with a time. Emissions are the shortest stretches of time that hold a binding, those that
// overlap in one; each cites bindings. Returns false when the search gave up after its steps; what was found stands.
[[nodiscard]] bool decide_pattern(const ir::Window& window, const std::vector<const Match*>& matches,
                                  const std::function<void(const Emission&)>& emit);

}  // namespace assay
