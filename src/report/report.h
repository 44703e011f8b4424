// Reports: each output is a room that turns decided content into bytes. Report decides nothing; everything that came
// from evidence goes through the sink's escaper.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "assess/assessment.h"
#include "casefile/case_data.h"

namespace assay {

struct ReportOptions {
  Scale scale = Scale::phia;
  bool names = false;  // real account names; else person-07, service-02
  bool color = false;
  std::size_t width = 80;
  std::string case_path;  // for "assay explain"; "" unknown
  std::string custody_head;
};

[[nodiscard]] std::string terminal_page(const CaseData& data, const Assessment& assessment,
                                        const ReportOptions& options);
[[nodiscard]] std::string json_answer(const CaseData& data, const Assessment& assessment, const ReportOptions& options);
// One line a sighting.
[[nodiscard]] std::string jsonl_sightings(const CaseData& data, const ReportOptions& options);
[[nodiscard]] std::string html_report(const CaseData& data, const Assessment& assessment, const ReportOptions& options);

// Reads bytes of an evidence item by path chain; no value when the evidence is not there any more or has changed.
using RecordBytes = std::function<std::optional<std::string>(const std::string& path_chain, std::uint64_t offset,
                                                             std::uint64_t length)>;
// "F07", "access", "exfiltration", "claim.x", "sgt--...": down to file, offset, bytes and the shell command. Empty when
// the id is unknown. With `bytes` the records themselves are shown, escaped and masked, at most 2 KiB each.
[[nodiscard]] std::string explain(const CaseData& data, const Assessment& assessment, std::string_view id,
                                  const ReportOptions& options, const RecordBytes& bytes = {});

}  // namespace assay
