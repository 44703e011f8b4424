#include "hunt/leases.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/ascii.h"

namespace assay {

TableSpec leases_spec() {
  return {"leases",
          {"item", "address", "mac", "host", "hour"},
          {"first", "last", "seconds"},
          {Merge::min, Merge::max, Merge::max}};
}

namespace {

// Addresses that one account used between two uses of another: all of a gateway's users come from such an address.
std::set<std::string, std::less<>> used_by_several(const Table& table) {
  struct Use {
    std::int64_t first, last;
    std::string_view account;
  };
  std::map<std::string_view, std::vector<Use>> uses;
  for (const auto& [key, row] : table.rows()) {
    if (key[2].starts_with(kAccountHolder)) uses[key[1]].push_back({row[0], row[1], key[2]});
  }
  std::set<std::string, std::less<>> out;
  for (auto& [address, list] : uses) {
    std::sort(list.begin(), list.end(), [](const Use& a, const Use& b) {
      return std::tie(a.first, a.last, a.account) < std::tie(b.first, b.last, b.account);
    });
    std::int64_t until = INT64_MIN;
    std::string_view who;
    for (const Use& use : list) {
      if (use.first < until && use.account != who) out.emplace(address);
      if (use.last >= until) until = use.last, who = use.account;
    }
  }
  return out;
}

}  // namespace

Leases::Leases(const Table& table, const Profile& profile) {
  const std::set<std::string, std::less<>> shared = used_by_several(table);
  // A machine that gives its name in some requests only is called by it in all.
  std::map<std::string, std::pair<std::int64_t, std::string>> names;  // mac -> (time, name), the latest
  for (const auto& [key, row] : table.rows()) {
    if (key[3].empty()) continue;
    auto& latest = names[key[2]];
    latest = std::max(latest, std::pair(row[1], key[3]));
  }
  for (const auto& [key, row] : table.rows()) {
    const bool account = key[2].starts_with(kAccountHolder);
    if (account && shared.contains(key[1])) continue;
    Lease lease{row[0], row[1] + (row[2] > 0 ? row[2] * kSecond : kLeaseNotSaid), account ? key[2] : "mac " + key[2]};
    if (const auto name = names.find(key[2]); name != names.end() && !key[2].empty() && !account) {
      lease.host = profile.host_of(name->second.second);
      if (lease.host.empty()) lease.host = lower(name->second.second);
    } else if (!key[3].empty()) {
      lease.host = profile.host_of(key[3]);
      if (lease.host.empty()) lease.host = lower(key[3]);
    }
    by_address_[key[1]].push_back(std::move(lease));
  }
  for (auto& [address, list] : by_address_) {
    std::sort(list.begin(), list.end(), [](const Lease& a, const Lease& b) {
      return std::tie(a.from, a.until, a.host) < std::tie(b.from, b.until, b.host);
    });
    std::vector<Lease> merged;
    for (Lease& lease : list) {
      if (!merged.empty() && merged.back().host == lease.host && lease.from <= merged.back().until) {
        merged.back().until = std::max(merged.back().until, lease.until);
        continue;
      }
      if (!merged.empty()) merged.back().until = std::min(merged.back().until, lease.from - 1);
      merged.push_back(std::move(lease));
    }
    list = std::move(merged);
  }
}

bool Leases::knows(std::string_view address) const { return by_address_.find(address) != by_address_.end(); }

std::string Leases::holder(std::string_view address, Time at) const {
  const auto known = by_address_.find(address);
  if (known == by_address_.end() || !at.known()) return {};
  const auto after = std::upper_bound(known->second.begin(), known->second.end(), at.ns,
                                      [](std::int64_t ns, const Lease& lease) { return ns < lease.from; });
  if (after == known->second.begin() || at.ns > std::prev(after)->until) return {};
  return std::prev(after)->host;
}

std::string Leases::holder(std::string_view address, Time first, Time last) const {
  const auto known = by_address_.find(address);
  std::string host = holder(address, first);
  if (host.empty() || holder(address, last) != host) return {};
  for (const Lease& lease : known->second) {
    if (lease.from > first.ns && lease.from <= last.ns && lease.host != host) return {};
  }
  return host;
}

}  // namespace assay
