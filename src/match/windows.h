// Decides windowed patterns over sorted base matches: the finish half of correlation. Exact on event time, one key at a
// time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/sighting.h"
#include "core/time.h"
#include "rules/ir/ir.h"

namespace assay {

// One finding of a window: the contributing matches in time order, and the instants (ascending) at each of which a
// window ended that was met. The instants are what a window that builds on this one sees.
struct Emission {
  std::vector<const Match*> matches;
  std::vector<Time> instants;
};

// Base matches of one windowed detector and one key, sorted by (time, part, evidence, offset). Windows slide, both
// edges belong to them, and met windows that share matches are one emission (docs/windows.md). Two matches are of one
// record when content, offset and length are equal. Matches without a time are left out. False: the search for a
// pattern gave up; what was found until then stands.
bool decide_window(const ir::Window& window, const std::vector<Match>& matches,
                   const std::function<void(const Emission&)>& emit);

}  // namespace assay
