#include "hunt/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "hunt/forwarded.h"
#include "hunt/path_clock.h"
#include "hunt/worker.h"

namespace assay {

std::string reason(const DetectorInfo& info, const Sighting& s) {
  std::string out = info.title.empty() ? info.id : info.title;
  if (info.kind == DetectorKind::indicator) {
    out = fmt::format("{} {}", info.title.empty() ? std::string("indicator") : info.title, name_of(s.role));
  }
  std::size_t shown = 0;
  for (const auto& [name, value] : s.fields) {
    if (shown == 3) break;
    if (name == "group_by_not_identity" || name == kForwardedBy || name == kCarved) continue;
    out += fmt::format("{} {} = {}", shown == 0 ? ":" : ",", name, value);
    ++shown;
  }
  for (const auto& [name, value] : s.fields) {
    if (name == "group_by_not_identity") out += "; its key is not one identity: " + value;
    if (name == kCarved) out += "; the record was carved from unused space of its log";
    if (name == kForwardedBy) out += "; the client's address is the word of the proxy " + value;
  }
  return out;
}

void note_lease(Sighting& sighting, const std::string& address) {
  sighting.fields.emplace_back("@leased_address", address);
  std::sort(sighting.fields.begin(), sighting.fields.end());
}

void doubt_order(Sighting& s, const ClockDoubts& doubts, const std::map<std::string, std::string>& chains) {
  if (!s.time.known() || !s.until.known()) return;
  std::set<std::string> items;
  for (const Sighting::Reference& ref : s.records) {
    if (const auto at = chains.find(ref.evidence); at != chains.end()) items.insert(at->second);
  }
  if (items.size() < 2) return;
  if (const ClockOffset* offset = doubts.between(items, s.until.ns - s.time.ns)) {
    s.why += fmt::format("; its order holds only within a clock's uncertainty: {} and {} differ by {}", offset->source,
                         offset->other, offset_words(offset->ahead));
  }
}

void addresses_not_hosts(std::vector<Sighting>& sightings, const Leases& leases, const Profile& profile,
                         Notices& notices) {
  constexpr std::size_t kShown = 8;
  std::set<std::string> addresses;
  std::uint64_t count = 0;
  for (Sighting& s : sightings) {
    const auto address = parse_address(s.host);
    if (!address || !profile.is_inside(s.host)) continue;
    const bool dynamic =
        std::any_of(profile.dynamic_networks.begin(), profile.dynamic_networks.end(), [&](const DynamicNetwork& entry) {
          const auto network = parse_network(entry.network);
          return network && contains(*network, *address);
        });
    ++count;
    addresses.insert(s.host);
    if (dynamic || leases.knows(s.host))
      s.why += fmt::format("; {} is an address, not a host: no lease covers the time", s.host);
  }
  if (count == 0) return;
  std::string names;
  std::size_t shown = 0;
  for (const std::string& address : addresses) {
    if (++shown > kShown) break;
    names += (names.empty() ? "" : ", ") + address;
  }
  if (addresses.size() > kShown) names += fmt::format(" and {} more", addresses.size() - kShown);
  notices.add({NoticeKind::address_not_host, "", 0, count,
               fmt::format("findings on addresses that no lease and no profile ties to a host: {}", names)});
}

}  // namespace assay
