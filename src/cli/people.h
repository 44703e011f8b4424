// assay case judge, assay case add-statement: what people say, into the case and its log, and what it moves.
#pragma once

#include <string>
#include <vector>

#include "assess/assessment.h"
#include "cli/options.h"

namespace assay::cli {

struct PeopleArguments {
  std::string as, reason, by, expires;                              // judge
  std::string who, about, time, reliability, text, account, scale;  // add-statement
};

void declare_people(Options& options, PeopleArguments& arguments);
[[nodiscard]] int judge_finding(const std::string& case_file, const std::string& finding,
                                const PeopleArguments& arguments);
[[nodiscard]] int add_statement(const std::string& case_file, const PeopleArguments& arguments);

// One line for each question: as it stood, as it stands, and by how much its log10 odds moved.
[[nodiscard]] std::string difference_text(const Assessment& before, const Assessment& after);
// The sighting that "F07", "f7" or "sgt--..." names; null when none does.
[[nodiscard]] const Sighting* find_sighting(const CaseData& data, std::string_view label);

}  // namespace assay::cli
