// Puts a CaseData together: an estate with its profile, an advisory, coverage, sightings and flows.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "casefile/case_data.h"

namespace assay::calibrate {

class CaseBuilder {
 public:
  CaseBuilder(std::int64_t first_day, std::int64_t last_day);

  void host(const std::string& name, const std::string& address, const std::string& kind);
  void detector(const std::string& id, DetectorKind kind, const std::string& klass, const std::string& stage,
                const std::string& family, const std::string& claim, const std::string& level = {},
                const std::string& value = {});
  void cover(const std::string& source_class, const std::string& host, std::int64_t first, std::int64_t last);
  void carry(const std::string& source_class, const std::string& field, std::int64_t first, std::int64_t last);
  Sighting& sighting(const std::string& detector, const std::string& host, Time time, Time until, std::uint64_t count,
                     Role role = Role::none, std::vector<NamedValue> fields = {});
  void flow(const std::string& source_class, const std::string& src, const std::string& dst, Time when,
            std::int64_t bytes, std::int64_t gets = 0, std::int64_t posts = 0, std::int64_t named = 0);
  // Canonical order, as a hunt leaves it.
  CaseData finish();

  CaseData data;
  std::int64_t first = 0, last = 0;

 private:
  Table coverage_, fields_, flows_;
};

[[nodiscard]] Time at(std::int64_t day, std::int64_t hour, std::int64_t minute = 0);
// The advisory of all composed cases: an invented campaign with claims of every kind.
[[nodiscard]] Advisory invented_advisory(std::int64_t first_day, std::int64_t last_day);
// Its detectors.
void add_campaign_detectors(CaseBuilder& builder);

}  // namespace assay::calibrate
