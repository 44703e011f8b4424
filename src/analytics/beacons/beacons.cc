#include "analytics/beacons/beacons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <unordered_map>

#include "analytics/beacons/rhythm_of.h"
#include "analytics/common.h"
#include "core/ascii.h"
#include "text/domains.h"

namespace assay {
namespace {

constexpr std::size_t kFindings = 1000;     // of each kind; those with the most contacts are kept
constexpr std::size_t kPopular = 5;         // hosts that go to one destination: software that many have
constexpr std::int64_t kSinceStart = 48;    // hours after the begin of its source in which a rhythm is not new
constexpr std::int64_t kLeastHours = 12;    // below it there is no rhythm (rhythm_of.h)
constexpr std::size_t kResolverNames = 50;  // ... and half of all names: that source asks for others
constexpr std::size_t kNameBytes = 120;

// The last three labels: enough to find the registrable part of nearly every name, at finish.
std::string_view last_labels(std::string_view domain) {
  while (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  std::size_t at = domain.size();
  for (int labels = 0; labels < 3 && at != std::string_view::npos && at > 0; ++labels)
    at = domain.find_last_of('.', at - 1);
  if (at != std::string_view::npos && at > 0) domain.remove_prefix(at + 1);
  return domain.substr(0, kNameBytes);
}

struct Series {
  std::map<std::int64_t, BeatHour> hours;
  std::int64_t least = INT64_MAX, most = 0, out = 0, count = 0, blocked = 0;
  std::vector<std::pair<std::string, std::int64_t>> references;  // (item, packed)
};

using Pair = std::pair<std::string, std::string>;  // host, destination

class Beacons final : public Analytic {
 public:
  std::string_view name() const override { return "beacons"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.beacon",
             "Regular contact with one outside destination",
             "A host goes to one outside destination at a steady interval, nobody else does, and it began in the time "
             "of the evidence. Much honest software does that too.",
             {{}, "generic", "beacon", "c2"}},
            {"analytic.beacon-to-campaign",
             "Regular contact with a destination of the campaign",
             "A host goes at a steady interval to a destination that other sightings tie to the campaign: a program "
             "does that, not a reader.",
             {{}, "typical", "beacon", "c2"}},
            {"analytic.beacon-explained",
             "Regular contact that is explained",
             "Update checks, telemetry, time servers: declared, or common to many hosts, or older than the evidence.",
             {{}, "context", "beacon-explained", "ordinary"}}};
  }

  std::vector<std::string> names() const override { return {"@src_ip", "@domain"}; }
  std::vector<std::string> source_classes() const override { return {"dns"}; }

  // Flows and proxies are read from the table "flows".
  std::vector<TableSpec> tables() const override {
    return {{"lookups",
             {"item", "src", "domain", "hour"},
             {"minutes", "count", "first_ref"},
             {Merge::bit_or, Merge::sum, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    if (!record.time().known()) return;
    const std::string_view source = record.get("@src_ip").text;
    const std::string_view domain = last_labels(record.get("@domain").text);
    if (source.empty() || domain.find('.') == std::string_view::npos) return;
    const std::array<std::int64_t, 3> row{std::int64_t{1} << (record.time().ns / kMinute % 60 + 60) % 60, 1,
                                          pack_ref(record.ref().offset, record.ref().length)};
    tables[0].add({std::string(record.item()), lower(source), lower(domain), hour_key(record.time())}, row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices& notices) const override {
    std::vector<Finding> out;
    if (input.profile == nullptr) return out;
    // By source class, since two sensors see the same contact.
    std::map<std::string, std::map<Pair, Series>> all;
    std::map<std::string, std::int64_t> begins;                     // class -> first hour
    std::map<std::string, std::set<std::string>, std::less<>> who;  // destination -> hosts
    if (const Table* flows = input.table("flows")) read_flows(input, *flows, all, begins, who);
    if (const Table* lookups = input.table("lookups")) read_lookups(input, *lookups, all, begins, who);

    const auto campaign = campaign_destinations(input);
    std::map<Pair, Finding> best;
    for (const auto& [klass, pairs] : all) {
      for (const auto& [pair, series] : pairs) {
        std::vector<BeatHour> hours;
        for (const auto& [at, hour] : series.hours) hours.push_back(hour);
        const auto beat = beat_of(hours);
        if (!beat) continue;
        const auto tied = campaign.find(pair.second);
        const std::string explained =
            tied != campaign.end() ? std::string() : why_ordinary(input, pair, who, hours.front().hour, begins[klass]);
        Finding finding = make(input, klass, pair, series, hours, *beat);
        Sighting& s = finding.sighting;
        if (tied != campaign.end()) {
          s.detector_id = "analytic.beacon-to-campaign";
          finding.rests_on = tied->second;
        } else {
          s.detector_id = explained.empty() ? "analytic.beacon" : "analytic.beacon-explained";
          if (!explained.empty()) s.why += "; " + explained;
        }
        // The sensor that saw more of it stands for all.
        const auto at = best.find(pair);
        if (at == best.end()) {
          best.emplace(pair, std::move(finding));
        } else if (at->second.sighting.count < s.count) {
          at->second = std::move(finding);
        }
      }
    }
    std::vector<Finding*> order;
    for (auto& [pair, finding] : best) order.push_back(&finding);
    std::stable_sort(order.begin(), order.end(),
                     [](const Finding* a, const Finding* b) { return a->sighting.count > b->sighting.count; });
    std::map<std::string, std::size_t> kept;
    for (Finding* finding : order) {
      if (++kept[finding->sighting.detector_id] > kFindings) {
        notices.add({NoticeKind::limit_other, "", 0, 1,
                     "regular contacts beyond the " + std::to_string(kFindings) + " busiest"});
        continue;
      }
      out.push_back(std::move(*finding));
    }
    return out;
  }

 private:
  static void read_flows(const FinishInput& input, const Table& flows,
                         std::map<std::string, std::map<Pair, Series>>& all,
                         std::map<std::string, std::int64_t>& begins,
                         std::map<std::string, std::set<std::string>, std::less<>>& who) {
    const Profile& profile = *input.profile;
    const std::size_t klass = key_at(flows, "class"), src = key_at(flows, "src"), dst = key_at(flows, "dst"),
                      at = key_at(flows, "hour");
    const std::size_t count = column_at(flows, "count"), minutes = column_at(flows, "minutes"),
                      least = column_at(flows, "least_out"), most = column_at(flows, "most_out"),
                      out = column_at(flows, "bytes_out"), blocked = column_at(flows, "blocked_bytes"),
                      ref = column_at(flows, "first_ref");
    for (const std::size_t one : {klass, src, dst, at, count, minutes, least, most, out, blocked, ref}) {
      if (one == std::string::npos) return;
    }
    const auto wanted = [&](const Table::KeyView& key, std::int64_t hour) {
      return hour != INT64_MIN && (key[klass] == "network_flow" || key[klass] == "proxy" || key[klass] == "firewall") &&
             inside(profile, key[src]) && !inside(profile, key[dst]) && !stands_for_many(profile, key[src]) &&
             !is_ours_to_test(profile, key[src], hour_start(hour));
    };
    const auto name_of = [&](const Table::KeyView& key) { return key[klass] + '\n' + key[src] + '\n' + key[dst]; };
    // Most pairs meet a few times only: they are counted first, and not kept.
    std::unordered_map<std::string, std::int64_t> hours;
    for (const auto& [key, row] : flows.rows()) {
      const std::int64_t hour = hour_of(key[at]);
      if (hour != INT64_MIN) {
        std::int64_t& begin = begins.try_emplace(key[klass], hour).first->second;
        begin = std::min(begin, hour);
      }
      if (!wanted(key, hour)) continue;
      ++hours[name_of(key)];
      auto& hosts = who[key[dst]];
      if (hosts.size() < kPopular) hosts.insert(party_name(profile, key[src]));
    }
    for (const auto& [key, row] : flows.rows()) {
      const std::int64_t hour = hour_of(key[at]);
      if (!wanted(key, hour) || hours[name_of(key)] < kLeastHours) continue;
      Series& series = all[key[klass]][{party_name(profile, key[src]), key[dst]}];
      BeatHour& in = series.hours[hour];
      in.hour = hour;
      in.minutes |= row[minutes];
      in.count += row[count];
      series.count += row[count];
      series.out += row[out];
      series.blocked += row[blocked];
      series.least = std::min(series.least, row[least]);
      series.most = std::max(series.most, row[most]);
      series.references.emplace_back(key[0], row[ref]);
    }
  }

  static void read_lookups(const FinishInput& input, const Table& lookups,
                           std::map<std::string, std::map<Pair, Series>>& all,
                           std::map<std::string, std::int64_t>& begins,
                           std::map<std::string, std::set<std::string>, std::less<>>& who) {
    const Profile& profile = *input.profile;
    std::unordered_map<std::string, std::string> registrable;  // as kept -> registrable part
    std::map<std::string, std::set<std::string>> asked;        // source -> names
    std::set<std::string> names;
    for (const auto& [key, row] : lookups.rows()) {
      const auto [at, fresh] = registrable.try_emplace(key[2]);
      if (fresh) at->second = registrable_domain(key[2]);
      names.insert(at->second);
      asked[key[1]].insert(at->second);
      const std::int64_t hour = hour_of(key[3]);
      if (hour == INT64_MIN) continue;
      std::int64_t& begin = begins.try_emplace("dns", hour).first->second;
      begin = std::min(begin, hour);
    }
    const auto is_own = [&](const std::string& domain) {
      return std::any_of(profile.own_domains.begin(), profile.own_domains.end(),
                         [&](const std::string& own) { return equals_icase(own, domain); });
    };
    const auto for_others = [&](const std::string& source) {
      const std::size_t n = asked[source].size();
      return stands_for_many(profile, source) || (n >= kResolverNames && n * 2 >= names.size());
    };
    for (const auto& [key, row] : lookups.rows()) {
      const std::int64_t hour = hour_of(key[3]);
      const std::string& domain = registrable[key[2]];
      if (hour == INT64_MIN || domain.empty() || is_own(domain) || !inside(profile, key[1]) || for_others(key[1]) ||
          is_ours_to_test(profile, key[1], hour_start(hour)))
        continue;
      const std::string host = party_name(profile, key[1]);
      auto& hosts = who[domain];
      if (hosts.size() < kPopular) hosts.insert(host);
      Series& series = all["dns"][{host, domain}];
      BeatHour& in = series.hours[hour];
      in.hour = hour;
      in.minutes |= row[0];
      in.count += row[1];
      series.count += row[1];
      series.references.emplace_back(key[0], row[2]);
    }
  }

  static std::string why_ordinary(const FinishInput& input, const Pair& pair,
                                  const std::map<std::string, std::set<std::string>, std::less<>>& who,
                                  std::int64_t first, std::int64_t begin) {
    if (declared_transfer(*input.profile, pair.first, pair.second)) return "the profile declares this destination";
    if (const auto at = who.find(pair.second); at != who.end() && at->second.size() >= kPopular)
      return fmt::format("{} hosts or more go there: software that many have", kPopular);
    if (first - begin < kSinceStart) return "it ran when the log began: nothing says that it is new";
    return {};
  }

  static Finding make(const FinishInput& input, const std::string& klass, const Pair& pair, const Series& series,
                      const std::vector<BeatHour>& hours, const Beat& beat) {
    Finding finding;
    Sighting& s = finding.sighting;
    s.host = pair.first;
    s.role = klass == "dns" ? Role::question : Role::contacted;
    s.outcome = series.blocked > 0 && series.out == 0 ? Outcome::blocked : Outcome::allowed;
    const auto minute = [](const BeatHour& hour, bool last) {
      const auto bits = static_cast<std::uint64_t>(hour.minutes);
      const int at = bits == 0 ? 0 : last ? static_cast<int>(std::bit_width(bits)) - 1 : std::countr_zero(bits);
      return hour_start(hour.hour).ns + at * kMinute;
    };
    s.time = Time{minute(hours.front(), false)};
    s.until = Time{minute(hours.back(), true)};  // the beat's minute: nothing later is claimed
    s.count = static_cast<std::uint64_t>(beat.beats);
    s.fields = {{klass == "dns" ? "@domain" : "@dst_ip", pair.second},
                {"interval", std::to_string(beat.interval)},
                {"jitter", std::to_string(beat.jitter)}};
    std::string size;
    if (klass != "dns" && series.count > 0 && series.least <= series.most) {
      s.fields.emplace_back("least_bytes", std::to_string(series.least));
      s.fields.emplace_back("most_bytes", std::to_string(series.most));
      size = fmt::format(", {} to {} B out each", series.least, series.most);
    }
    const std::string every = beat.interval % 60 == 0 && beat.interval >= 180
                                  ? fmt::format("{} minutes", beat.interval / 60)
                                  : fmt::format("{} seconds", beat.interval);
    s.why = fmt::format("{} contacts, one about every {}, half of them within {} % of that{}", beat.beats, every,
                        beat.jitter, size);
    References references(input);
    for (const auto& [item, packed] : series.references) references.add(item, packed);
    s.records = references.take();
    return finding;
  }
};

}  // namespace

const Analytic& beacons_analytic() {
  static const Beacons kBeacons;
  return kBeacons;
}

}  // namespace assay
