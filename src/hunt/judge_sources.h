// What a run's tables say about its sources, beside what was found in them: holes, clocks, fields that rules look for
// and no source carries, and the hours that a silence can be judged in.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "casefile/case_data.h"
#include "core/notice.h"
#include "core/table.h"
#include "hunt/clock_offsets.h"
#include "hunt/duplicates.h"
#include "hunt/facts.h"
#include "knowledge/profile.h"

namespace assay {

// What each source says about itself and its clock, as notices; the answer is what clocks differ by. `tables`: all of
// the run, by the numbers of hunt/plans.h; fewer, when no unit was read, say nothing. `copies`: chains to leave out.
[[nodiscard]] ClockDoubts judge_sources(const std::vector<Table>& tables, const Duplicates& duplicates,
                                        const std::map<std::string, std::string>& copies, const Profile& profile,
                                        Notices& notices);

// CaseData::blind: fields that a rule needs and fewer than one in a hundred records of the sources it looks at carry.
// `presence`: presence_spec().
[[nodiscard]] std::vector<NotLoaded> blind_rules(const EngineFacts& facts, const Table& presence);

// The hours since 1970 in which each kind of source has records (core/coverage.h).
using CoveredHours = std::map<std::string, std::set<std::int64_t>>;
[[nodiscard]] CoveredHours hours_of(const Table& coverage);

}  // namespace assay
