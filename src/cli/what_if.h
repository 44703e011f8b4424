// assay assess --what-if: the same case without some of its findings or statements.
#pragma once

#include <string>
#include <vector>

#include "assess/assessment.h"

namespace assay::cli {

// `names`: each one or several of "F07", "sgt--...", "S1", by commas. Text, or with format "json" one object. The case
// is not changed. Exit code.
[[nodiscard]] int what_if(const CaseData& data, const Assessment& before, const std::vector<std::string>& names,
                          Scale scale, const std::string& format);

}  // namespace assay::cli
