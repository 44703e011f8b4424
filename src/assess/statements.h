// What people told, as lines of the arithmetic. The Admiralty code says how much it weighs (docs/assessment.md):
//
//   chance that it is told although it is not so = base of the letter * factor of the digit, at most .5
//   A .02  B .05  C .15  D .4       1: x1  2: x2  3: x4
//   E, F, and 4 to 6: shown, and weighs nothing
//
// One claim or question told several times is one line, by its best statement.
#pragma once

#include <optional>
#include <vector>

#include "assess/lines.h"

namespace assay {

// Chance that somebody says so although it is not so; no value: it weighs nothing.
[[nodiscard]] std::optional<double> chance_told_anyway(std::string_view code);

// Lines of the statements; claims and ways that they speak for are entered in `lines`.
[[nodiscard]] std::vector<Line> statement_lines(const CaseData& data, const Weights& weights, Lines& lines);

}  // namespace assay
