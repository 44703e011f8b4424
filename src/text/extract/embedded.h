// YARA and Sigma rules that stand in a report's text.
#pragma once

#include <string>
#include <vector>

#include "text/extract/extract.h"

namespace assay {

// Takes the rules out of `text` (their bytes become spaces, line ends stay) and gives them, in order.
[[nodiscard]] std::vector<EmbeddedRule> take_rules(std::string& text);

}  // namespace assay
