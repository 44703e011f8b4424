// From lines to questions: posterior, term, confidence, what speaks for and against, what would change it, or cannot
// say.
#pragma once

#include <vector>

#include "assess/assessment.h"
#include "assess/lines.h"
#include "assess/model.h"

namespace assay {

struct JudgeInput {
  const CaseData* data = nullptr;
  const Weights* weights = nullptr;
  const Visibility* visibility = nullptr;
  const Uses* uses = nullptr;
  const Lines* lines = nullptr;
  const Exfiltration* taken = nullptr;
  Scale scale = Scale::phia;
};

struct Judged {
  std::vector<Question>
      questions;  // targeted access malware exfiltration impact actor; ongoing is added by its own file
  std::vector<ClaimResult> claims;
  std::vector<std::pair<std::string, double>> initial_access;
  std::vector<ActorRank> actors;
  double access = 0;  // unclipped
};

[[nodiscard]] Judged judge(const JudgeInput& input);

// Why nothing can be said at all: empty, foreign, other dates; "" when something can.
[[nodiscard]] std::string blindness(const CaseData& data, const Visibility& visibility);

[[nodiscard]] double rounded(double value);  // six decimals, so that the answer prints alike everywhere
[[nodiscard]] double clipped(double probability, const Weights& weights);
// What is missing for a claim, in words: "ctx-gw-02: any log", "mail files before 20 Jun".
[[nodiscard]] std::string missing_for(const Claim& claim, const CaseData& data, const Visibility& visibility,
                                      const Weights& weights);

}  // namespace assay
