// Are they still here: the last sign of each foothold that keeps a connection, against the end of the sources that
// would show it.
#pragma once

#include "assess/judge.h"

namespace assay {

[[nodiscard]] Question judge_ongoing(const JudgeInput& input, const Judged& judged);

}  // namespace assay
