// Two texts for each question, made from its numbers: a sentence for a director and a paragraph for an analyst.
//
// The sentence holds the question's term, and no stronger word; it names every gap of the question (Question::gaps) and
// no number but the bounds of what left. Likelihood and confidence never share a sentence.
#pragma once

#include <string>

#include "assess/assessment.h"
#include "assess/visibility.h"

namespace assay {

// What a question could not see: missing evidence of its claims, the widest gap first, holes, hosts without records.
[[nodiscard]] std::vector<std::string> gaps_of(const Question& question, const CaseData& data,
                                               const Visibility& visibility, const Weights& weights);

[[nodiscard]] std::string director_sentence(const Question& question, const Exfiltration& taken, Scale scale);
[[nodiscard]] std::string analyst_paragraph(const Question& question, const Exfiltration& taken, Scale scale);

// Gaps and both texts of every question.
void write_texts(Assessment& assessment, const CaseData& data, const Visibility& visibility, const Weights& weights,
                 Scale scale);

}  // namespace assay
