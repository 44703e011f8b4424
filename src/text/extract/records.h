// Records of files in a report: the rows about one file that stand together, with what is said of the file above,
// among or below them. For the files of this folder alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/extract/document.h"

namespace assay {

enum class RecordSays : std::uint8_t {
  nothing,
  described_good,  // by what stands around it: "An unmodified, signed driver of ..."
  called_good,     // by a row of its own: "Tags: benign"
};
struct RecordLine {
  RecordSays says = RecordSays::nothing;
  bool heads = false;  // a heading with the rows of a file right below it
};
// One for each line. `cues` is the text in lower case, values made unreadable (words_of).
[[nodiscard]] std::vector<RecordLine> records_of(std::string_view cues, const std::vector<ReportLine>& lines);

// "Good tarball (signed as before):", "Legitimate files, for reference:": what a list of good ones is headed by. `line`
// is in lower case.
[[nodiscard]] bool heads_good_ones(std::string_view line);

// Words that take back what is said to be good: "modified", "trojanised", "loader". In lower case.
[[nodiscard]] bool speaks_of_bad(std::string_view text);

}  // namespace assay
