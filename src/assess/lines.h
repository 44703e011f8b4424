// The lines of the arithmetic: counted sightings put into dependence groups, generic rules weighed by host, bytes, and
// the silence of each source. One group is one line; what is seen twice is one line.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "assess/assessment.h"
#include "assess/model.h"
#include "assess/use.h"
#include "assess/visibility.h"

namespace assay {

struct Lines {
  std::vector<Line> hits;      // strongest first, ties by id
  std::vector<Line> silences;  // by source class
  std::set<std::string>
      artefacts;  // independent classes of the campaign's own artefacts: infrastructure, software, wire, certificate
  std::map<std::string, std::uint64_t, std::less<>> claims_seen;  // claim id -> sightings
  std::set<int> ways_seen;                                        // indices into kWays that some line speaks for
};

[[nodiscard]] Lines build_lines(const CaseData& data, const Uses& uses, const Visibility& visibility,
                                const Exfiltration& taken, const Weights& weights);

// Which states a kind of line touches, by its name in the weights ("unique.c2" touches T and M).
[[nodiscard]] StateSet touched_by(std::string_view line);
// The yes/no variable that a claim is about: the first of its questions that has one; 0 when none has.
[[nodiscard]] StateSet touched_by(const Claim& claim);
[[nodiscard]] StateSet variable_of(std::string_view question);

}  // namespace assay
