// The return: what one organisation tells a CERT or the advisory's publisher. For each claim: seen, not seen though
// visible, could not see; coverage by kind of source; gateways by product; the terms. No names, no addresses, no paths,
// no line of evidence: every text in it comes from the advisory or from Assay. docs/return.md, docs/return.schema.json.
#pragma once

#include <string>

#include "report/report.h"

namespace assay {

// `pseudonym`: what the organisation calls itself here; "" is said as not given.
[[nodiscard]] std::string return_json(const CaseData& data, const Assessment& assessment, const std::string& pseudonym);
// The same for people, who read it before it leaves. 80 columns.
[[nodiscard]] std::string return_text(const CaseData& data, const Assessment& assessment, const std::string& pseudonym);

}  // namespace assay
