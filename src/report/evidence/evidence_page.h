// What the evidence is, before a hunt: a table for people, and the same as JSON (`assay evidence check`).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "casefile/case_data.h"

namespace assay {

struct EvidencePageOptions {
  std::size_t width = 100;  // columns; at least 80
  bool all = false;         // every item by itself; else members of one archive that are alike stand together
  bool names = false;       // show names of people in paths and notices
};

[[nodiscard]] std::string evidence_page(const CaseData& data, const EvidencePageOptions& options);
// One object: evidence, totals, notices. docs/verbs/evidence.md has its keys.
[[nodiscard]] std::string evidence_json(const CaseData& data, bool names = false);
// What a person can do about a notice of that kind, one sentence; "" when there is nothing to do.
[[nodiscard]] std::string_view remedy_of(NoticeKind kind);

}  // namespace assay
