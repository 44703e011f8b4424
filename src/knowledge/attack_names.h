// ATT&CK's names as the search in reports wants them.
#pragma once

#include <vector>

#include "knowledge/attack.h"
#include "text/extract/extract.h"

namespace assay {

// Groups and software by name and alias; techniques by id, and by names of three words or more: shorter ones
// ("Phishing") are words of every report.
[[nodiscard]] std::vector<KnownName> names_of(const Attack& attack);

}  // namespace assay
