// The outline of a report: its lines, under which heading each stands and what the heading says about what is listed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/extract/prepare.h"

namespace assay {

// What a heading promises about the values below it.
enum class Section : std::uint8_t { neutral, indicators, victims, benign, advice, references };

struct ReportLine {
  std::size_t begin = 0, end = 0;  // in Prepared::text
  Section section = Section::neutral;
  bool heading = false;
  bool code = false;         // between ``` marks
  bool listed = false;       // an item of a list, a row of a table, or a line of one value
  std::string_view titled;   // the heading above it
  std::string_view columns;  // the head of the table it stands in; empty
};

// The head of the column that a place of a row stands in; empty: it is not known.
[[nodiscard]] std::string_view column_at(std::string_view text, const ReportLine& line, std::size_t at);

// A line of names of columns: "Type  Value  Comment".
[[nodiscard]] bool table_head(std::string_view text);
[[nodiscard]] std::vector<ReportLine> outline(const Prepared& text);
// By the words of a heading; `inherit`: it only names a kind ("Domains", "SHA-256"), so the section above goes on.
[[nodiscard]] Section section_of(std::string_view heading, bool& inherit);

}  // namespace assay
