// The verbs, one file each; the list in main.cc is the only other place that names them.
#pragma once

#include "cli/options.h"

namespace assay::cli {

[[nodiscard]] Verb hunt_verb();
[[nodiscard]] Verb assess_verb();
[[nodiscard]] Verb explain_verb();
[[nodiscard]] Verb report_verb();
[[nodiscard]] Verb case_verb();
[[nodiscard]] Verb advisory_verb();
[[nodiscard]] Verb rules_verb();
[[nodiscard]] Verb evidence_verb();
[[nodiscard]] Verb profile_verb();
// What the others declare, as a manual page and as a shell's completion.
[[nodiscard]] Verb manual_verb(const std::vector<Verb>& verbs);
[[nodiscard]] Verb completion_verb(const std::vector<Verb>& verbs);

}  // namespace assay::cli
