// Hand-made cases for the tests of this folder: a small estate, an advisory with a few claims, and evidence as tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "casefile/case_data.h"

namespace assay::example {

// 1 April 2020 is day 18353.
inline constexpr std::int64_t kFirstDay = 18353;
inline constexpr std::int64_t kLastDay = kFirstDay + 106;  // 16 July

[[nodiscard]] Time at(std::int64_t day, int hour, int minute = 0);

// Profile of ten hosts (gateway pair, proxy, mail, five servers, one workstation), an advisory with eight claims,
// nothing seen.
[[nodiscard]] CaseData empty_case();
// The same with every source covering the whole window on every host but the second gateway.
[[nodiscard]] CaseData quiet_case();
// The same with an intrusion: exploited gateway, implant on srv-1 with beacons, bytes out.
[[nodiscard]] CaseData intrusion_case();

void cover(CaseData& data, std::string_view source_class, std::string_view host, std::int64_t first, std::int64_t last);
void carry(CaseData& data, std::string_view source_class, std::string_view field, std::int64_t first,
           std::int64_t last);
void without(CaseData& data, std::string_view source_class);

struct Hit {
  std::string detector, host, account;
  Time time, until;
  std::uint64_t count = 1;
  Role role = Role::none;
  Outcome outcome = Outcome::allowed;
  std::vector<NamedValue> fields;
};
Sighting& add(CaseData& data, const Hit& hit);
void detector(CaseData& data, std::string id, DetectorKind kind, std::string klass, std::string stage,
              std::string family, std::string claim, std::string value = "");
// One row of the table "flows".
void flow(CaseData& data, std::string_view klass, std::string_view src, std::string_view dst, Time when,
          std::int64_t out, std::int64_t bogus = 0, std::int64_t gets = 0, std::int64_t posts = 0,
          std::int64_t named = 0, std::int64_t blocked = 0);
void served(CaseData& data, std::string_view gateway, std::string_view client, std::string_view kind, Time when,
            std::int64_t bytes);

}  // namespace assay::example
