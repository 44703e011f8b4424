// The analytics' part of the finish: what they find in the merged tables and sightings, as sightings with their
// records, host and reason.
#pragma once

#include <vector>

#include "casefile/case_data.h"
#include "core/notice.h"
#include "core/sighting.h"
#include "hunt/clock_offsets.h"
#include "hunt/items.h"
#include "hunt/leases.h"
#include "rules/rule_set.h"

namespace assay {

struct AnalyticFindings {
  std::vector<Sighting> sightings;      // in the order of analytics(), each one's as it gave them
  std::vector<DetectorInfo> detectors;  // of all analytics, also of those that found nothing
};

// `data`: with its tables, copies left out, and the sightings of the detectors in canonical order. `holders`: a finding
// on an address is one on the host that held it all the time. `doubts`: what clocks differ by.
[[nodiscard]] AnalyticFindings analytic_findings(const CaseData& data, const Items& items, const Leases& holders,
                                                 const ClockDoubts& doubts, Notices& notices);

}  // namespace assay
