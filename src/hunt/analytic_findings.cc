#include "hunt/analytic_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "analytics/analytic.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/serial.h"
#include "hunt/reasons.h"
#include "hunt/sighting_group.h"

namespace assay {
namespace {

DetectorInfo info_of(const AnalyticDetector& detector) {
  DetectorInfo info;
  info.kind = DetectorKind::analytic;
  info.id = detector.id;
  info.title = detector.title;
  info.description = detector.description;
  info.meaning = detector.meaning;
  info.hash = sha256_hex(detector.id + "\x1f" + detector.description);
  return info;
}

// The records of the sightings it rests on.
std::vector<Sighting::Reference> records_under(const Finding& finding, const std::vector<Sighting>& sightings) {
  std::vector<Sighting::Reference> out;
  for (const std::string& id : finding.rests_on) {
    for (const Sighting& under : sightings) {
      if (under.id != id) continue;
      for (const auto& ref : under.records) {
        if (out.size() < limits::kRecordsPerSighting) out.push_back(ref);
      }
    }
  }
  return out;
}

// What tells two findings of one analytic on the same records apart.
std::string key_of(const Sighting& s) {
  Writer key;
  key.str(s.host);
  key.str(s.account);
  for (const auto& [name, value] : s.fields) {
    key.str(name);
    key.str(value);
  }
  return key.take();
}

}  // namespace

AnalyticFindings analytic_findings(const CaseData& data, const Items& items, const Leases& holders,
                                   const ClockDoubts& doubts, Notices& notices) {
  FinishInput input;
  input.profile = &data.profile;
  input.tables = data.tables;
  input.sightings = data.sightings;
  input.catalogue = &data.catalogue;
  input.evidence_ids = &items.ids;
  input.as_of = data.as_of;
  AnalyticFindings out;
  for (const Analytic* analytic : analytics()) {
    for (const AnalyticDetector& detector : analytic->detectors()) out.detectors.push_back(info_of(detector));
    for (Finding& finding : analytic->finish(input, notices)) {
      Sighting& s = finding.sighting;
      const auto info = std::find_if(out.detectors.begin(), out.detectors.end(),
                                     [&](const DetectorInfo& i) { return i.id == s.detector_id; });
      if (info == out.detectors.end()) continue;
      std::sort(s.fields.begin(), s.fields.end());
      if (s.records.empty()) s.records = records_under(finding, data.sightings);
      s.id = sighting_id(*info, items, s.records, key_of(s));
      if (s.why.empty()) s.why = reason(*info, s);
      if (const std::string holder = holders.holder(s.host, s.time, s.until); !holder.empty()) {
        s.why += fmt::format("; {} was leased to {} then", s.host, holder);
        note_lease(s, s.host);
        s.host = holder;
      }
      doubt_order(s, doubts, items.chains);
      out.sightings.push_back(std::move(s));
    }
  }
  return out;
}

}  // namespace assay
