#include "analytics/common.h"

#include <algorithm>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay {
namespace {

constexpr std::int64_t kLastHour = 40'000 * 24;  // beyond it a clock is broken

}  // namespace

bool inside(const Profile& profile, std::string_view party) {
  return !party.empty() && (profile.is_inside(party) || !profile.host_of(party).empty());
}

std::string party_name(const Profile& profile, std::string_view text) {
  std::string name = profile.host_of(text);
  return name.empty() ? lower(text) : name;
}

bool is_ours_to_test(const Profile& profile, std::string_view party, Time at) {
  if (party.empty()) return false;
  if (profile.is_authorised_test(party, at)) return true;
  const std::string name = profile.host_of(party);
  if (const ProfileHost* host = profile.find_host(name.empty() ? party : std::string_view(name))) {
    if (host->kind == "analysis" || host->kind == "scanner") return true;
  }
  const auto address = parse_address(party);
  return std::any_of(profile.analysis_hosts.begin(), profile.analysis_hosts.end(), [&](const std::string& one) {
    if (equals_icase(one, party) || (!name.empty() && equals_icase(one, name))) return true;
    const auto network = parse_network(one);
    return network && address && contains(*network, *address);
  });
}

bool declared_transfer(const Profile& profile, const std::string& host, std::string_view destination,
                       const std::set<std::string>* names) {
  const auto address = parse_address(destination);
  for (const DeclaredTransfer& transfer : profile.transfers) {
    if (!transfer.host.empty() && !equals_icase(transfer.host, host) && profile.host_of(transfer.host) != host)
      continue;
    for (const std::string& one : transfer.destinations) {
      if (equals_icase(one, destination) || (names != nullptr && names->contains(lower(one)))) return true;
      if (destination.size() > one.size() && ends_with_icase(destination, one) &&
          destination[destination.size() - one.size() - 1] == '.')
        return true;
      if (const auto network = parse_network(one); network && address && contains(*network, *address)) return true;
    }
  }
  return false;
}

bool stands_for_many(const Profile& profile, std::string_view party) {
  const std::string name = profile.host_of(party);
  if (const ProfileHost* host = profile.find_host(name.empty() ? party : std::string_view(name))) {
    if (host->kind == "proxy" || host->kind == "mail" || host->kind == "gateway" || host->kind == "sensor") return true;
  }
  const auto address = parse_address(party);
  const auto listed = [&](const std::vector<std::string>& list) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& one) {
      if (equals_icase(one, party) || (!name.empty() && profile.host_of(one) == name)) return true;
      const auto network = parse_network(one);
      return network && address && contains(*network, *address);
    });
  };
  return listed(profile.proxies) || listed(profile.nat) || listed(profile.mail_gateways);
}

std::size_t key_at(const Table& table, std::string_view name) {
  const auto& keys = table.spec().keys;
  const auto at = std::find(keys.begin(), keys.end(), name);
  return at == keys.end() ? std::string::npos : static_cast<std::size_t>(at - keys.begin());
}

std::size_t column_at(const Table& table, std::string_view name) {
  const auto& columns = table.spec().columns;
  const auto at = std::find(columns.begin(), columns.end(), name);
  return at == columns.end() ? std::string::npos : static_cast<std::size_t>(at - columns.begin());
}

std::string_view carried_value(const Sighting& sighting, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const auto& [field, value] : sighting.fields) {
      if (field == name && !value.empty()) return value;
    }
  }
  return {};
}

Catalogue::Catalogue(const FinishInput& input) {
  if (input.catalogue == nullptr) return;
  for (const DetectorInfo& info : *input.catalogue) by_id_.try_emplace(info.id, &info);
}

const DetectorInfo* Catalogue::find(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

std::map<std::string, std::vector<std::string>, std::less<>> campaign_destinations(const FinishInput& input) {
  const Catalogue catalogue(input);
  std::map<std::string, std::vector<std::string>, std::less<>> out;
  for (const Sighting& s : input.sightings) {
    if (s.mention || s.role == Role::contacting || s.role == Role::text_only || s.role == Role::link ||
        s.role == Role::mail_hop)
      continue;
    const DetectorInfo* info = catalogue.find(s.detector_id);
    if (info == nullptr || info->weightless || (info->meaning.klass != "unique" && info->meaning.klass != "typical"))
      continue;
    const std::string_view source = carried_value(s, {"@src_ip"});
    if (is_ours_to_test(*input.profile, source, s.time) || is_ours_to_test(*input.profile, s.host, s.time)) continue;
    std::string destination(carried_value(s, {"@dst_ip"}));
    if (destination.empty() && info->kind == DetectorKind::indicator &&
        (s.role == Role::contacted || s.role == Role::question || s.role == Role::answer)) {
      destination = info->value;
    }
    destination = lower(destination);
    if (destination.empty() || inside(*input.profile, destination)) continue;
    out[destination].push_back(s.id);
  }
  return out;
}

std::map<std::string, Exploiter, std::less<>> exploiting_clients(const FinishInput& input) {
  const Catalogue catalogue(input);
  std::map<std::string, Exploiter, std::less<>> out;
  for (const Sighting& s : input.sightings) {
    const DetectorInfo* info = catalogue.find(s.detector_id);
    if (s.mention || info == nullptr || (info->meaning.stage != "exploit" && info->meaning.stage != "follow_on"))
      continue;
    const std::string_view client = carried_value(s, {"@src_ip"});
    if (client.empty() || inside(*input.profile, client) || is_ours_to_test(*input.profile, client, s.time) ||
        !s.time.known())
      continue;
    Exploiter& one = out[std::string(client)];
    if (!one.since.known() || s.time < one.since) one.since = s.time;
    one.sightings.push_back(s.id);
  }
  return out;
}

void References::add(std::string_view item, std::int64_t packed) {
  if (packed < 0 || input_->evidence_ids == nullptr) return;
  const auto id = input_->evidence_ids->find(std::string(item));
  if (id == input_->evidence_ids->end()) return;
  const PackedRef ref = unpack_ref(packed);
  references_.insert({id->second, ref.offset, ref.length});
  if (references_.size() > limits::kRecordsPerSighting) references_.erase(std::prev(references_.end()));
}

std::vector<Sighting::Reference> References::take() {
  std::vector<Sighting::Reference> out(references_.begin(), references_.end());
  references_.clear();
  return out;
}

std::string hour_key(Time time) { return time.known() ? std::to_string(time.hour()) : std::string(); }

std::int64_t hour_of(std::string_view key) {
  const auto hour = parse_int(key);
  return hour && *hour >= 0 && *hour <= kLastHour ? *hour : INT64_MIN;
}

}  // namespace assay
