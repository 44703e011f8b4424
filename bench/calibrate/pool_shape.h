// How the rates of generic rules are spread: read from the pool itself, not fitted to how cases score.
#pragma once

#include "assess/weights.h"

namespace assay::calibrate {

// The shape of a gamma distribution of the rates of one level, the same for all levels, by maximum likelihood of how
// many rules fired how often. A pool of few bursts says little, so it is held towards kUsualShape, and always between
// .02 and 2.
[[nodiscard]] double fitted_shape(const Pool& pool);

}  // namespace assay::calibrate
