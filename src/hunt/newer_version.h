// A later version of an advisory over a case that was hunted with an earlier one, without the evidence: what was
// withdrawn counts no more, what stayed is weighed as the new version says, and what was added was not looked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "casefile/case_data.h"
#include "core/result.h"

namespace assay {

struct NewerVersion {
  std::string advisory;                      // its name
  std::string before, after;                 // versions, or dates of publication
  std::size_t kept = 0, withdrawn = 0;       // indicators of the earlier version
  std::size_t added = 0;                     // patterns and values that the hunt did not look for
  std::size_t unanswered_claims = 0;         // that rest on them
  std::vector<std::uint32_t> findings = {};  // numbers of those that count no more, ascending
};

// Puts `fresh` into the place of the advisory that it is a version of: the one with its id, else with its name, else
// the only one of its publishers. Indicators are the same when they look for the same, whatever their ids. Errors:
// bad_input when the case asked no such advisory.
[[nodiscard]] Result<NewerVersion> take_version(CaseData& data, Advisory fresh);

}  // namespace assay
