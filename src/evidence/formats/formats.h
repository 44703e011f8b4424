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
[[nodiscard]] const Format& table_format();
[[nodiscard]] const Format& w3c_format();
[[nodiscard]] const Format& w3c_undated_format();
[[nodiscard]] const Format& utmp_format();
[[nodiscard]] const Format& xml_format();
[[nodiscard]] const Format& syslog_format();
[[nodiscard]] const Format& auditd_format();
[[nodiscard]] const Format& lines_format();
[[nodiscard]] const Format& blocks_format();
[[nodiscard]] const Format& evtx_format();

}  // namespace assay
