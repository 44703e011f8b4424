// Where a value stands: its sentence or row, its block, what was written above the block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "text/extract/document.h"
#include "text/extract/find.h"
#include "text/extract/prepare.h"

namespace assay {

// One for each line.
struct LinePlace {
  std::uint32_t block = 0;             // a list, a table, a paragraph: lines without a gap, of one sort
  std::uint32_t title = 0;             // which heading it stands under
  std::size_t lead = 0, lead_end = 0;  // the last line of prose above the list or table, in Prepared::text; empty: none
  std::size_t tail = 0, tail_end = 0;  // the first line of prose below it
};
[[nodiscard]] std::vector<LinePlace> places_of(const Prepared& text, const std::vector<ReportLine>& lines);

// The line with which a writer takes leave ("--", "Kind regards,"), among the last ones; the number of lines: none.
[[nodiscard]] std::size_t signature_of(const Prepared& text, const std::vector<ReportLine>& lines);

// The sentence, row or item around a value, in Prepared::text.
[[nodiscard]] std::pair<std::size_t, std::size_t> sentence_at(const Prepared& text,
                                                              const std::vector<ReportLine>& lines, const Found& found);
// The text in lower case with every value as 0x01 bytes: names are no words.
[[nodiscard]] std::string words_of(const Prepared& text, const std::vector<Found>& found);

}  // namespace assay
