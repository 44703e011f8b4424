// Text whose line ends are carriage returns alone, as old Macs and some exports of spreadsheets write it: read by the
// reader that it has with line feeds.
#pragma once

#include "evidence/format.h"

namespace assay {

// The format for such files; null: `inner` is not of lines.
[[nodiscard]] const Format* with_returns(const Format& inner);

}  // namespace assay
