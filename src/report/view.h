// The case and its assessment as the outputs look at them: findings by number, detectors by id, names masked,
// indicators defanged, and the few readings that several outputs share (the headline's state, what is not counted).
// Decides nothing about the case. Strings that come from here are still hostile: the sink escapes them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "report/defang.h"
#include "report/names.h"
#include "report/report.h"

namespace assay::report {

// What the first line of the page says.
enum class State : std::uint8_t {
  compromised,  // access (or what implies it) at likely or above
  no_sign,      // judged, and below
  cannot_say,   // access is not judged, or sits in the middle
};

class View {
 public:
  View(const CaseData& data, const Assessment* assessment, const ReportOptions& options);

  // Prose, values and paths: names masked; human() also defangs.
  [[nodiscard]] std::string human(std::string_view text) const { return defanger_.text(mask_.text(text)); }
  [[nodiscard]] std::string machine(std::string_view text) const { return mask_.text(text); }
  [[nodiscard]] std::string account(std::string_view account) const { return mask_.account(account); }
  [[nodiscard]] std::string human_account(std::string_view account) const {
    return defanger_.text(mask_.account(account));
  }
  [[nodiscard]] const NameMask& mask() const { return mask_; }

  [[nodiscard]] const Sighting* sighting(std::string_view id) const;    // by "sgt--..."
  [[nodiscard]] const Sighting* finding(std::string_view label) const;  // by "F07", "f7"
  [[nodiscard]] std::string label(const Sighting& sighting) const;      // "F07"; "" without a number
  // "F02, F07 and 3 more" of sighting ids, in order of their numbers.
  [[nodiscard]] std::string labels(const std::vector<std::string>& sightings, std::size_t most = 4) const;
  [[nodiscard]] const DetectorInfo* detector(std::string_view id) const;
  [[nodiscard]] const EvidenceItem* item(std::string_view id) const;
  // Sightings that are no mentions, in canonical order.
  [[nodiscard]] const std::vector<const Sighting*>& sightings() const { return sightings_; }

  [[nodiscard]] State state() const { return state_; }
  // The report's marking: the most restrictive of AMBER+STRICT and the advisories'.
  [[nodiscard]] std::string marking() const;
  [[nodiscard]] Time first() const { return first_; }
  [[nodiscard]] Time last() const { return last_; }
  [[nodiscard]] std::uint64_t mentions() const;
  // Counted from the findings: inbound contact that supports nothing, and what own scanners and authorised testers did.
  struct NotCounted {
    std::uint64_t scans = 0, own_scanner = 0, weightless = 0;
  };
  [[nodiscard]] NotCounted not_counted() const;
  // May this sentence stand in the first twelve lines? No percentages, technique numbers or rule names.
  [[nodiscard]] bool fits_headline(std::string_view sentence) const;

  const CaseData& data;
  const Assessment& assessment;
  const ReportOptions& options;

 private:
  NameMask mask_;
  Defanger defanger_;
  std::map<std::string, const Sighting*, std::less<>> by_id_;
  std::map<std::uint32_t, const Sighting*> by_number_;
  std::map<std::string, const DetectorInfo*, std::less<>> detectors_;
  std::map<std::string, const EvidenceItem*, std::less<>> items_;
  std::vector<const Sighting*> sightings_;
  State state_ = State::cannot_say;
  Time first_, last_;
};

// Judged at "likely" or above on either scale.
[[nodiscard]] bool at_least_likely(const Question* question);
// Judged below "realistic possibility" / "roughly even chance".
[[nodiscard]] bool at_most_unlikely(const Question* question);
// The contribution that weighs most; null when there is none.
[[nodiscard]] const Because* strongest(const std::vector<Because>& lines);

}  // namespace assay::report
