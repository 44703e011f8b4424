#include "evidence/formats/formats.h"

namespace assay {

// One line a room. Of equal scores the first wins, so the order never changes: new rooms go to the end.
std::span<const Format* const> formats() {
  static const Format* const kFormats[] = {
      &json_lines_format(),  &json_document_format(), &access_format(), &zeek_format(),
      &zeek_joined_format(), &mail_format(),          &table_format(),  &w3c_format(),
      &utmp_format(),        &xml_format(),           &syslog_format(), &auditd_format(),
      &lines_format(),       &blocks_format(),        &evtx_format(),   &w3c_undated_format(),
  };
  return kFormats;
}

}  // namespace assay
