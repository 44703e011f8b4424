#include "analytics/flows/flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "analytics/common.h"
#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::int64_t kBulk = 100'000'000;  // bytes of one host to one destination on one day that are worth a look
constexpr std::int64_t kTimesUsual = 5;      // ... and this many times the host's usual day
constexpr std::int64_t kCampaignBulk = 1 << 20;  // bytes to a destination of the campaign, in all
constexpr std::size_t kFindings = 1000;          // of each kind; the largest are kept

enum Column : std::size_t {
  kOut,
  kIn,
  kCount,
  kBlocked,
  kBogusOut,
  kBogusIn,
  kBogus,
  kGets,
  kPosts,
  kNamed,
  kWeb,
  kRef,
  kSampled,
  kColumns
};

bool is_address(std::string_view text) { return parse_address(text).has_value(); }

std::int64_t non_negative(std::int64_t value) { return std::max<std::int64_t>(value, 0); }

bool declared(const Profile& profile, const std::string& host, const std::string& destination,
              const std::set<std::string>& names) {
  const auto address = parse_address(destination);
  for (const DeclaredTransfer& transfer : profile.transfers) {
    if (!transfer.host.empty() && !equals_icase(transfer.host, host) && profile.host_of(transfer.host) != host)
      continue;
    for (const std::string& one : transfer.destinations) {
      if (equals_icase(one, destination) || names.contains(lower(one))) return true;
      if (const auto network = parse_network(one); network && address && contains(*network, *address)) return true;
    }
  }
  return false;
}

constexpr std::int64_t kMostSampling = 1'000'000;  // one packet in so many; more is no rate

std::int64_t times(std::int64_t bytes, std::int64_t factor) {
  std::int64_t out = 0;
  return __builtin_mul_overflow(bytes, factor, &out) ? INT64_MAX / 4096 : out;
}

class Flows final : public Analytic {
 public:
  std::string_view name() const override { return "flows"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {
        {"analytic.bulk-outbound",
         "Bulk transfer to an undeclared destination",
         "A host sends on one day far more than its own usual day to a destination that the profile does not declare.",
         {{"claim.bulk-outbound"}, "generic", "bulk-outbound", "exfiltration"}},
        {"analytic.bulk-to-campaign",
         "Bulk transfer to a destination of the campaign",
         "Payload to an address that other sightings tie to the campaign.",
         {{"claim.bulk-outbound"}, "typical", "campaign-bytes", "exfiltration"}}};
  }

  std::vector<std::string> names() const override {
    return {"@src_ip",    "@dst_ip",   "@dst_port",      "@domain",        "@server_name",  "@method",
            "@bytes_out", "@bytes_in", "@orig_ip_bytes", "@resp_ip_bytes", "@missed_bytes", "@sampling"};
  }

  std::vector<std::string> source_classes() const override {
    return {"network_flow", "proxy", "firewall", "http", "tls"};
  }

  std::vector<TableSpec> tables() const override {
    return {{"flows",
             {"item", "class", "src", "dst", "port", "hour"},
             {"bytes_out", "bytes_in", "count", "blocked_bytes", "bogus_out", "bogus_in", "bogus", "gets", "posts",
              "named", "web", "first_ref", "sampled"},
             {Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum,
              Merge::sum, Merge::sum, Merge::sum, Merge::min, Merge::sum}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    if (!record.time().known()) return;
    const std::string_view source = record.get("@src_ip").text;
    std::string destination = lower(record.get("@dst_ip").text);
    const std::string_view domain = record.get("@domain").text;
    if (destination.empty()) destination = lower(domain);
    if (source.empty() || destination.empty()) return;
    const std::string& klass = record.route().source_class;
    std::array<std::int64_t, kColumns> row{};
    const std::int64_t out = non_negative(record.number("@bytes_out", 0)),
                       in = non_negative(record.number("@bytes_in", 0));
    const bool web = klass == "proxy" || klass == "http" || klass == "tls";
    // Scans that nobody answers carry nothing and would fill the table.
    if (out == 0 && in == 0 && !web) return;
    const std::int64_t missed = non_negative(record.number("@missed_bytes", 0));
    // A payload cannot be larger than the packets that carried it: such a count comes from lost or forged sequence
    // numbers.
    const auto split = [&](std::int64_t bytes, std::string_view ip, std::size_t sure, std::size_t doubtful) {
      const std::int64_t carried = record.number(ip, -1);
      if (carried >= 0 && bytes > carried + missed) {
        row[doubtful] = carried + missed;
        row[kBogus] = 1;
      } else {
        row[sure] = bytes;
      }
    };
    if (record.outcome() == Outcome::blocked) {
      row[kBlocked] = out;
    } else {
      split(out, "@orig_ip_bytes", kOut, kBogusOut);
      split(in, "@resp_ip_bytes", kIn, kBogusIn);
    }
    // An exporter that looks at one packet in N counts those: what went is between that and N times as much.
    if (const std::int64_t rate = std::min(record.number("@sampling", 1), kMostSampling); rate > 1) {
      row[kSampled] = 1;
      row[kBogusOut] += times(row[kOut], rate - 1);
      row[kBogusIn] += times(row[kIn], rate - 1);
    }
    row[kCount] = 1;
    if (web) {
      row[kWeb] = 1;
      const std::string_view method = record.get("@method").text;
      row[kGets] = equals_icase(method, "GET") || equals_icase(method, "HEAD") || equals_icase(method, "CONNECT");
      row[kPosts] = equals_icase(method, "POST") || equals_icase(method, "PUT");
      row[kNamed] = !domain.empty() && domain != "-" && !is_address(domain);
    }
    row[kRef] = pack_ref(record.ref().offset, record.ref().length);
    tables[0].add({std::string(record.item()), klass, lower(source), std::move(destination),
                   std::string(record.get("@dst_port").text), hour_key(record.time())},
                  row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices& notices) const override {
    std::vector<Finding> out;
    const Table* table = input.table("flows");
    if (table == nullptr || input.profile == nullptr) return out;
    const Profile& profile = *input.profile;
    const auto destinations = campaign_destinations(input);

    // Per class, so that two sensors of one transfer are not added: (host, destination) -> class -> day -> bytes.
    std::map<std::pair<std::string, std::string>, std::map<std::string, std::map<std::int64_t, std::int64_t>>> by_pair;
    std::map<std::string, std::map<std::string, std::map<std::int64_t, std::int64_t>>> by_host;
    std::map<std::string, std::int64_t> bogus, sampled;  // item -> flows
    for (const auto& [key, row] : table->rows()) {
      const std::int64_t hour = hour_of(key[5]);
      if (row[kBogus] > 0) bogus[key[0]] += row[kBogus];
      if (row[kSampled] > 0) sampled[key[0]] += row[kSampled];
      if (hour == INT64_MIN || row[kOut] == 0) continue;
      if (!inside(profile, key[2]) || inside(profile, key[3]) || is_ours_to_test(profile, key[2], hour_start(hour)))
        continue;
      const std::string host = party_name(profile, key[2]);
      by_pair[{host, key[3]}][key[1]][hour / 24] += row[kOut];
      by_host[host][key[1]][hour / 24] += row[kOut];
    }
    for (const auto& [item, count] : bogus) {
      notices.add({NoticeKind::bogus_counter, item, 0, static_cast<std::uint64_t>(count),
                   "byte counts larger than the packets that carried them; they count as an interval"});
    }
    for (const auto& [item, count] : sampled) {
      notices.add(
          {NoticeKind::assumption, item, 0, static_cast<std::uint64_t>(count),
           "flows of an exporter that looks at one packet in N: their bytes count as an interval, from what was "
           "counted to N times that"});
    }

    std::map<std::string, std::set<std::string>>
        names;  // destination -> names that its host was called by (declared domains)
    if (const Table* visits = input.table("visits")) {
      for (const auto& [key, row] : visits->rows()) {
        if (key.size() > 2 && !key[2].empty()) names[key[2]].insert(key[1]);
      }
    }

    struct Wanted {
      Finding finding;
      std::string host, destination;
      std::set<std::int64_t> days;  // empty: all
      std::int64_t bytes = 0;
    };
    std::vector<Wanted> wanted;
    std::map<std::string, std::int64_t> usual;
    for (const auto& [host, classes] : by_host) {
      std::map<std::int64_t, std::int64_t> days;
      for (const auto& [klass, sums] : classes) {
        for (const auto& [day, bytes] : sums) days[day] = std::max(days[day], bytes);
      }
      std::vector<std::int64_t> sizes;
      for (const auto& [day, bytes] : days) sizes.push_back(bytes);
      std::sort(sizes.begin(), sizes.end());
      usual[host] = sizes[sizes.size() / 2];
    }
    for (const auto& [pair, classes] : by_pair) {
      const auto& [host, destination] = pair;
      std::map<std::int64_t, std::int64_t> days;
      for (const auto& [klass, sums] : classes) {
        for (const auto& [day, bytes] : sums) days[day] = std::max(days[day], bytes);
      }
      const auto campaign = destinations.find(destination);
      Wanted one;
      one.host = host;
      one.destination = destination;
      if (campaign != destinations.end()) {
        // The proxy's own connection is the same transfer as its client's.
        const ProfileHost* known = profile.find_host(host);
        if (known != nullptr && (known->kind == "proxy" || known->kind == "mail")) continue;
        for (const auto& [day, bytes] : days) one.bytes += bytes;
        if (one.bytes < kCampaignBulk) continue;
        one.finding.sighting.detector_id = "analytic.bulk-to-campaign";
        one.finding.rests_on = campaign->second;
      } else {
        const ProfileHost* known = profile.find_host(host);
        if (known != nullptr && (known->kind == "proxy" || known->kind == "mail" || known->kind == "gateway")) continue;
        if (declared(profile, host, destination, names[destination])) continue;
        for (const auto& [day, bytes] : days) {
          if (bytes < kBulk || bytes < kTimesUsual * usual[host]) continue;
          one.days.insert(day);
          one.bytes += bytes;
        }
        if (one.days.empty()) continue;
        one.finding.sighting.detector_id = "analytic.bulk-outbound";
      }
      wanted.push_back(std::move(one));
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) { return a.bytes > b.bytes; });
    std::map<std::string, std::size_t> kept;
    for (Wanted& one : wanted) {
      Sighting& s = one.finding.sighting;
      if (++kept[s.detector_id] > kFindings) {
        notices.add({NoticeKind::limit_other, "", 0, 1, "transfers beyond the largest " + std::to_string(kFindings)});
        continue;
      }
      References references(input);
      std::int64_t count = 0, first = INT64_MAX, last = INT64_MIN;
      for (const auto& [key, row] : table->rows()) {
        const std::int64_t hour = hour_of(key[5]);
        if (key[3] != one.destination || hour == INT64_MIN || row[kOut] == 0 || party_name(profile, key[2]) != one.host)
          continue;
        if (!one.days.empty() && !one.days.contains(hour / 24)) continue;
        references.add(key[0], row[kRef]);
        count += row[kCount];
        first = std::min(first, hour);
        last = std::max(last, hour);
      }
      s.time = hour_start(first);
      s.until = Time{hour_start(last).ns + kHour - 1};
      s.count = static_cast<std::uint64_t>(count);
      s.host = one.host;
      s.role = Role::contacted;
      s.outcome = Outcome::allowed;
      s.records = references.take();
      s.fields = {{"@dst_ip", one.destination}, {"bytes", std::to_string(one.bytes)}};
      if (s.detector_id == "analytic.bulk-outbound") {
        s.fields.emplace_back("usual_day", std::to_string(usual[one.host]));
        s.why = fmt::format("{} B in {} day{} to one undeclared destination; the host's usual day is {} B", one.bytes,
                            one.days.size(), one.days.size() == 1 ? "" : "s", usual[one.host]);
      } else {
        s.why = fmt::format("{} B of payload to a destination that {} sighting{} tie to the campaign", one.bytes,
                            one.finding.rests_on.size(), one.finding.rests_on.size() == 1 ? "" : "s");
      }
      out.push_back(std::move(one.finding));
    }
    return out;
  }
};

}  // namespace

const Analytic& flows_analytic() {
  static const Flows kFlows;
  return kFlows;
}

}  // namespace assay
