// Reports: each output is a room that turns decided content into bytes. Report decides nothing; everything that came from
// evidence goes through the sink's escaper.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "assess/assessment.h"
#include "casefile/case_data.h"

namespace assay {

struct ReportOptions {
  Scale scale = Scale::phia;
  bool names = false;          // real account names; else person-07, service-02
  bool color = false;
  std::size_t width = 80;
  std::string case_path;       // for "assay explain"; "" unknown
  std::string custody_head;
};

[[nodiscard]] std::string terminal_page(const CaseData& data, const Assessment& assessment, const ReportOptions& options);
[[nodiscard]] std::string json_answer(const CaseData& data, const Assessment& assessment, const ReportOptions& options);
// One line a sighting.
[[nodiscard]] std::string jsonl_sightings(const CaseData& data, const ReportOptions& options);
[[nodiscard]] std::string html_report(const CaseData& data, const Assessment& assessment, const ReportOptions& options);
// "F07", "access", "exfiltration", "claim.x": down to file, offset, bytes and the shell command. Empty when the id is unknown.
[[nodiscard]] std::string explain(const CaseData& data, const Assessment& assessment, std::string_view id,
                                  const ReportOptions& options);

}  // namespace assay
