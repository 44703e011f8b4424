// One worker's matching of rules: what holds for the values of a record, the rules that may hold with it, each of them
// confirmed by the reference evaluator.
#pragma once

#include <memory>
#include <vector>

#include "match/compiled.h"

namespace assay {

class RuleMatcher {
 public:
  explicit RuleMatcher(const Compiled& compiled);
  ~RuleMatcher();
  // Appends the record's matches. True: a regular expression met its step limit and counted as not met.
  [[nodiscard]] bool match(const Plan& plan, const RecordContext& record, std::vector<Match>& out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
