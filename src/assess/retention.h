// Sources that lose their oldest day soon: first record = last record minus a constant retention. And where each source
// stands.
#pragma once

#include <vector>

#include "assess/assessment.h"
#include "assess/visibility.h"

namespace assay {

[[nodiscard]] std::vector<AboutToBeLost> about_to_be_lost(const CaseData& data, const Visibility& visibility,
                                                          const Weights& weights);
[[nodiscard]] std::vector<CoverageLine> coverage_lines(const Visibility& visibility, const Weights& weights);
// For every claim, the kinds of source that could show it and have records.
[[nodiscard]] std::vector<RetentionLine> retention_lines(const CaseData& data, const Visibility& visibility,
                                                         const Weights& weights);
// Short phrases for NOT SEEN, most important first.
[[nodiscard]] std::vector<std::string> not_seen(const CaseData& data, const Visibility& visibility,
                                                const Weights& weights);

}  // namespace assay
