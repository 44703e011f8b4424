// The format rooms, one function each; formats.cc puts them in their one fixed order.
#pragma once

#include "evidence/format.h"

namespace assay {

[[nodiscard]] const Format& json_lines_format();
[[nodiscard]] const Format& json_document_format();
[[nodiscard]] const Format& zeek_format();
[[nodiscard]] const Format& zeek_joined_format();
[[nodiscard]] const Format& access_format();
[[nodiscard]] const Format& mail_format();
[[nodiscard]] const Format& evtx_format();

}  // namespace assay
