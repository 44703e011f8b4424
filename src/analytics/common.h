// What several analytics need: columns by name, parties by profile, references from packed columns, the campaign's
// destinations and the exploiting clients as the run's sightings name them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] bool inside(const Profile& profile, std::string_view party);
// The profile's name of an inside address, else the text in lower case.
[[nodiscard]] std::string party_name(const Profile& profile, std::string_view address_or_name);
// Analysts' machines, own scanners and authorised testers: what they do is no finding.
[[nodiscard]] bool is_ours_to_test(const Profile& profile, std::string_view party, Time at);

// Bulk traffic of the host to this destination, which the profile declares. `names`: what else the destination is
// called.
[[nodiscard]] bool declared_transfer(const Profile& profile, const std::string& host, std::string_view destination,
                                     const std::set<std::string>* names = nullptr);
// What stands for many: proxies, mail and remote access gateways, sensors, and what the profile lists as NAT.
[[nodiscard]] bool stands_for_many(const Profile& profile, std::string_view host_or_address);

// Place of a key or of a column in a table; npos when there is none of that name.
[[nodiscard]] std::size_t key_at(const Table& table, std::string_view name);
[[nodiscard]] std::size_t column_at(const Table& table, std::string_view name);

// A carried value of a sighting, by any of these names; "" when it has none.
[[nodiscard]] std::string_view carried_value(const Sighting& sighting, std::initializer_list<std::string_view> names);

class Catalogue {
 public:
  explicit Catalogue(const FinishInput& input);
  [[nodiscard]] const DetectorInfo* find(std::string_view id) const;

 private:
  std::map<std::string, const DetectorInfo*, std::less<>> by_id_;
};

// Outside addresses and names that operational sightings of class unique or typical went to -> ids of these sightings.
[[nodiscard]] std::map<std::string, std::vector<std::string>, std::less<>> campaign_destinations(
    const FinishInput& input);
// Outside addresses behind sightings of stage exploit or follow_on -> time of the first and ids.
struct Exploiter {
  Time since;
  std::vector<std::string> sightings;
};
[[nodiscard]] std::map<std::string, Exploiter, std::less<>> exploiting_clients(const FinishInput& input);

// References to records, the smallest first, at most as many as a sighting keeps.
class References {
 public:
  explicit References(const FinishInput& input) : input_(&input) {}
  void add(std::string_view item, std::int64_t packed);
  [[nodiscard]] std::vector<Sighting::Reference> take();

 private:
  const FinishInput* input_;
  std::set<Sighting::Reference> references_;
};

[[nodiscard]] std::string hour_key(Time time);
// The hour that a key holds; INT64_MIN when it holds none.
[[nodiscard]] std::int64_t hour_of(std::string_view key);
[[nodiscard]] inline Time hour_start(std::int64_t hour) { return Time{hour * kHour}; }

}  // namespace assay
