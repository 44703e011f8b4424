// Words of estimative probability: the PHIA yardstick (UK) and ICD 203 (US). Scales never mix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

enum class Scale : std::uint8_t { phia, icd203 };

struct Term {
  std::string_view words;  // "highly likely"
  int low = 0, high = 0;   // printed range, percent
  int rank = 0;            // 0 lowest
};

// For a computed probability (PHIA: effective bands of docs/assessment.md, cut points .05 .20 .35 .55 .80 .95).
[[nodiscard]] Term term_for(double probability, Scale scale);
// By its words, on one scale; rank -1 when unknown.
[[nodiscard]] Term term_named(std::string_view words, Scale scale);

}  // namespace assay
