// Generic rules: hundreds of them over an estate always fire somewhere. What fires is weighed on its host, against how
// often the rule fires elsewhere and how much fires on that host, and the hosts on the estate (docs/assessment.md).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assess/model.h"
#include "assess/visibility.h"

namespace assay {

struct WeakHit {                         // the texts are somebody else's: a large case has a million of these
  std::string_view host, family, level;  // level: of a Sigma rule, as its author gives it; else ""
  Time time, until;                      // of a sighting: first and last match
  std::uint64_t count = 1;               // and how many
};

struct GenericScope {
  std::int64_t hosts = 1;                 // in scope
  DaySpan window;                         // hits before it are the estate's own quiet history
  std::int64_t history = 0;               // days of it
  std::int64_t host_days = 0;             // of history and window, on which such rules could fire
  std::int64_t logging = 0;               // hosts whose days these are; 0: not known
  std::set<std::string_view> suspects{};  // hosts on which an artefact of the campaign's own malware stands
};
// A generic rule that was looked for.
struct GenericRule {
  std::string_view family, level;
};

// Natural logarithm of the chance of these hits if somebody is in, over that if nobody is; both relative to no hit at
// all, so 0 without hits and never less.
[[nodiscard]] double weigh_generic(const std::vector<WeakHit>& hits, const std::vector<GenericRule>& rules,
                                   const GenericScope& scope, const Weights& weights);

// What belongs to the malware's own artefacts: the hosts on which they stand, and their lines.
struct Suspects {
  std::set<std::string_view> hosts;
  std::vector<std::string> lines;
  std::vector<std::string> sightings;  // of generic rules on these hosts
};

// The line of all generic rules: a hit when what fired outweighs what did not, else a silence; none where no source
// of generic signs covers anything and nothing fired. And a second one, a hit, where it says more because of the host
// on which it fired. `sightings`: those that the first one names.
[[nodiscard]] std::vector<Line> generic_lines(const CaseData& data, const std::vector<WeakHit>& hits,
                                              const Visibility& visibility, const Suspects& suspects,
                                              std::vector<std::string> sightings, const Weights& weights);

}  // namespace assay
