// Signs that a value has by the others of its report: in its row, of its site, with its name. For the files of this
// folder alone.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "text/extract/document.h"
#include "text/extract/find.h"
#include "text/extract/prose_words.h"
#include "text/extract/signs.h"

namespace assay {

// By what stands around one of its places; `cues`: the text in lower case without values.
void neighbour_signs(ValueSigns& value, const Found& f, const ReportLine& line, const std::vector<Found>& found,
                     std::string_view text, std::string_view cues);
// By the command that it stands in and the names in its sentence, [first, second) of `cues`.
void got_signs(ValueSigns& value, const Found& f, const ReportLine& line, std::pair<std::size_t, std::size_t> sentence,
               std::string_view cues);
// By all others, once each has the signs of its places.
void company_signs(std::vector<ValueSigns>& out, const std::vector<ReportLine>& lines, const std::vector<Found>& found);
// Whether the sentences speak of what it bears the name of: "BrixVault" and "C:\\Program Files\\Brix Vault\\a.exe".
void spoken_of(ValueSigns& value, const ProseWords& prose);

}  // namespace assay
