// Decides windowed patterns over sorted base matches: the finish half of correlation. Exact on event time, one key at a
// time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/sighting.h"
#include "rules/ir/ir.h"

namespace assay {

// Base matches of one windowed detector and one key, sorted by (time, part, evidence, offset). `emit` gets the
// contributing matches of each met window, in time order. Windows slide, both edges belong to them, and met windows
// that share matches are one emission (docs/windows.md). Two matches are of one record when content, offset and length
// are equal. Matches without a time are left out.
void decide_window(const ir::Window& window, const std::vector<Match>& matches,
                   const std::function<void(const std::vector<const Match*>&)>& emit);

}  // namespace assay
