// Filters (ir::Filter) take hits of rules out of the findings. What they take is counted, by filter and rule.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/notice.h"
#include "core/sighting.h"
#include "core/time.h"
#include "rules/catalogue.h"
#include "rules/rule_set.h"

namespace assay {

class Suppressed {
 public:
  // `as_of`: a filter past its last day is not applied; unknown: each is. `rules` outlives this.
  Suppressed(const RuleSet& rules, Time as_of);
  // The first filter in force that would suppress the match.
  [[nodiscard]] std::optional<std::uint32_t> by(const Match& match) const;
  void add(std::uint32_t filter, DetectorIndex rule, std::uint64_t count) { counts_[{filter, rule}] += count; }
  // The notices suppressed and filter_expired.
  void report(const DetectorCatalogue& catalogue, Notices& notices) const;

 private:
  const RuleSet& rules_;
  std::vector<bool> expired_;
  std::map<std::pair<std::uint32_t, DetectorIndex>, std::uint64_t> counts_;
};

}  // namespace assay
