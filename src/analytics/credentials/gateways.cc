#include "analytics/credentials/gateways.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "analytics/common.h"
#include "analytics/credentials/signins.h"

namespace assay {
namespace {

constexpr std::size_t kHabitDays = 5;       // more days than that are a habit
constexpr std::size_t kHostsReached = 100;  // of one account: beyond it nobody walks from host to host

struct Seen {
  std::set<std::int64_t> days;
  Time first, last;
  std::uint64_t count = 0;
  std::vector<std::pair<std::string, std::int64_t>> records;

  void add(const std::string& item, Time from, Time until, std::int64_t times, std::int64_t ref) {
    if (!first.known() || from < first) first = from;
    last = std::max(last, until);
    count += static_cast<std::uint64_t>(std::max<std::int64_t>(times, 0));
    days.insert(from.day());
    records.emplace_back(item, ref);
  }
};

Finding finding_of(const FinishInput& input, const char* detector, const std::string& account, const Seen& seen) {
  Finding finding;
  Sighting& s = finding.sighting;
  s.detector_id = detector;
  s.account = account;
  s.time = seen.first;
  s.until = seen.last;
  s.count = seen.count;
  s.outcome = Outcome::allowed;
  References references(input);
  for (const auto& [item, ref] : seen.records) references.add(item, ref);
  s.records = references.take();
  return finding;
}

// Successful sign-ins of an account to a host in one hour: a row of "logons", with its times from "signins".
struct Step {
  std::string item, from, source, host;  // from: host behind the source address
  std::int64_t hour = 0, count = 0, ref = -1;
  Time first, last;
};

using Moment = std::tuple<std::string, std::string, std::string, std::int64_t>;  // item, account, source, hour

// From host to host with one account: where it came to, and from where each time.
void walk(const FinishInput& input, const std::string& account, const std::string& gateway_address,
          const std::vector<Step>& steps, std::vector<Finding>& out) {
  // Ways that the account takes on many days are its work.
  std::map<std::pair<std::string, std::string>, std::set<std::int64_t>> habits;
  for (const Step& step : steps) habits[{step.source, step.host}].insert(step.hour / 24);
  std::map<std::string, std::int64_t> reached;  // host -> hour of the first arrival
  std::map<std::string, std::pair<Seen, std::set<std::string>>> arrivals;
  std::set<std::size_t> taken;
  for (bool more = true; more && reached.size() < kHostsReached;) {
    more = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& step = steps[i];
      if (taken.contains(i) || habits[{step.source, step.host}].size() > kHabitDays || step.host == step.from) continue;
      const auto before = reached.find(step.from);
      if (step.source != gateway_address && (before == reached.end() || step.hour < before->second)) continue;
      taken.insert(i);
      more = true;
      const auto [at, fresh] = reached.try_emplace(step.host, step.hour);
      at->second = std::min(at->second, step.hour);
      auto& [seen, sources] = arrivals[step.host];
      seen.add(step.item, step.first, step.last, step.count, step.ref);
      sources.insert(step.from.empty() ? step.source : step.from);
    }
  }
  for (const auto& [host, arrival] : arrivals) {
    const auto& [seen, sources] = arrival;
    Finding finding = finding_of(input, "analytic.onward-sign-in", account, seen);
    std::string from;
    for (const std::string& source : sources) from += (from.empty() ? "" : ", ") + source;
    finding.sighting.host = host;
    finding.sighting.fields = {{"from", from}};
    finding.sighting.why = fmt::format("{} sign-in{} to {} from {}, with an account that came from a gateway",
                                       seen.count, seen.count == 1 ? "" : "s", host, from);
    out.push_back(std::move(finding));
  }
}

}  // namespace

// Directories are asked by gateways all day long and are no sign of anything: only sign-ins to Linux hosts are looked
// at.
void from_gateways(const FinishInput& input, const Table& signins, std::vector<Finding>& out) {
  const Profile& profile = *input.profile;
  std::map<std::pair<std::string, std::string>, Seen> from_gateway;  // account, address
  std::map<Moment, std::pair<Time, Time>> moments;
  for (const auto& [key, row] : signins.rows()) {
    const Time first{row[kSigninFirst]}, last{row[kSigninLast]};
    if (key[3] != "linux_auth" || key[5] != "ok") continue;
    auto& [from, until] = moments.try_emplace({key[0], key[1], key[2], hour_of(key[6])}, first, last).first->second;
    from = std::min(from, first);
    until = std::max(until, last);
    if (is_ours_to_test(profile, key[2], first)) continue;
    const ProfileHost* const gateway = profile.find_host(profile.host_of(key[2]));
    if (gateway == nullptr || gateway->kind != "gateway") continue;
    from_gateway[{key[1], key[2]}].add(key[0], first, last, row[kSigninCount], row[kSigninRef]);
  }
  std::erase_if(from_gateway, [](const auto& one) { return one.second.days.size() > kHabitDays; });
  std::map<std::string, std::vector<Step>> steps;  // by account
  if (const Table* logons = input.table("logons"); logons != nullptr && !from_gateway.empty()) {
    const std::size_t account = key_at(*logons, "account"), host = key_at(*logons, "host"),
                      src = key_at(*logons, "src"), kind = key_at(*logons, "kind"), hour = key_at(*logons, "hour"),
                      count = column_at(*logons, "count"), ref = column_at(*logons, "first_ref");
    for (const auto& [key, row] : logons->rows()) {
      const auto near = from_gateway.lower_bound({key[account], ""});
      if (key[kind] != "ok" || key[host].empty() || near == from_gateway.end() || near->first.first != key[account])
        continue;
      const auto moment = moments.find({key[0], key[account], key[src], hour_of(key[hour])});
      if (moment == moments.end()) continue;  // not a sign-in to a Linux host
      steps[key[account]].push_back({key[0], profile.host_of(key[src]), key[src], party_name(profile, key[host]),
                                     hour_of(key[hour]), row[count], row[ref], moment->second.first,
                                     moment->second.second});
    }
  }
  for (const auto& [who, seen] : from_gateway) {
    const auto& [account, address] = who;
    Finding finding = finding_of(input, "analytic.gateway-sign-in", account, seen);
    const std::string gateway = profile.host_of(address);
    finding.sighting.fields = {{"@src_ip", address}, {"gateway", gateway}};
    finding.sighting.why =
        fmt::format("{} sign-in{} from {}, the inside address of {}, which signs in to nothing by itself", seen.count,
                    seen.count == 1 ? "" : "s", address, gateway);
    out.push_back(std::move(finding));
    walk(input, account, address, steps[account], out);
  }
}

}  // namespace assay
