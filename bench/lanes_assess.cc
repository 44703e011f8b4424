// A case with a million sightings, assessed from memory: an estate of 5,000 hosts, 3,000 generic rules that fire on
// them for months, listed addresses that knock, and an intrusion among them. The hunt itself keeps at most 150,000
// sightings; cases that were put together hold more.
#include <fmt/format.h>

#include <array>
#include <random>

#include "assess/assessment.h"
#include "harness.h"

namespace assay::bench {
namespace {

constexpr std::size_t kSightings = 1'000'000;
constexpr std::size_t kHosts = 5'000, kRules = 3'000;
constexpr std::int64_t kFirstDay = 18353, kDays = 107;  // 1 April to 16 July 2020
constexpr int kRounds = 3;

std::string host_name(std::size_t i) { return fmt::format("host-{:04}", i); }

CaseData million() {
  std::mt19937_64 random(20200716);
  CaseData data;
  data.as_of = Time{(kFirstDay + kDays) * kDay - 1};
  data.records_total = 2'000'000'000;
  Profile& profile = data.profile;
  profile.given = true;
  profile.sector = "health research";
  profile.country = "GB";
  profile.own_networks = {"10.0.0.0/8"};
  profile.tests.push_back({"scanner", {"192.0.2.250"}, {}, {}});
  for (std::size_t i = 0; i < kHosts; ++i) {
    ProfileHost host;
    host.name = host_name(i);
    host.addresses = {fmt::format("10.{}.{}.{}", 1 + i / 62500, i / 250 % 250, 1 + i % 250)};
    host.kind = i == 0 ? "gateway" : "server";
    profile.hosts.push_back(std::move(host));
  }
  Advisory advisory;
  advisory.id = "report--1";
  advisory.name = "Campaign";
  advisory.actor = "GROUP-1";
  advisory.activity_from = Time{kFirstDay * kDay};
  advisory.activity_until = advisory.published = Time{(kFirstDay + kDays) * kDay};
  for (int i = 0; i < 20; ++i) {
    Claim claim;
    claim.id = fmt::format("claim.{}", i);
    claim.text = "It would show.";
    claim.questions = {i % 4 == 0 ? "malware" : i % 4 == 1 ? "access" : i % 4 == 2 ? "exfiltration" : "impact"};
    claim.source_classes = {"proxy", "network_flow"};
    claim.hosts = "any";
    claim.sensitivity = .6;
    claim.klass = "typical";
    advisory.claims.push_back(std::move(claim));
  }
  data.knowledge.advisories.push_back(std::move(advisory));
  for (std::size_t i = 0; i < kRules; ++i) {
    DetectorInfo info;
    info.kind = DetectorKind::sigma;
    info.id = fmt::format("{:08x}-0000-4000-8000-000000000000", i);
    info.title = fmt::format("Generic rule {}", i);
    info.meaning.klass = "generic";
    data.catalogue.push_back(std::move(info));
  }
  DetectorInfo listed;
  listed.kind = DetectorKind::indicator;
  listed.id = "indicator--1";
  listed.title = "Listed address";
  listed.advisory = "report--1";
  listed.value = "198.51.100.9";
  listed.meaning = {{"claim.0"}, "typical", "listed-infrastructure", "c2"};
  data.catalogue.push_back(listed);
  DetectorInfo cookie;
  cookie.kind = DetectorKind::sigma;
  cookie.id = "cookie";
  cookie.title = "The malware's cookie";
  cookie.advisory = "report--1";
  cookie.meaning = {{"claim.4"}, "unique", "cookie", "c2"};
  data.catalogue.push_back(cookie);
  EvidenceItem item;
  item.id = "E0001";
  item.path = "/evidence/log";
  item.kind = "records";
  data.evidence.push_back(item);
  Table coverage(coverage_spec());
  for (std::size_t host = 0; host < kHosts; ++host) {
    for (std::int64_t day = 0; day < kDays; day += 7) {
      const Time at{(kFirstDay + day) * kDay};
      const std::array<std::int64_t, 4> row{100, at.ns, at.ns + kDay - 1, 0xffffff};
      coverage.add(
          {"/evidence/log", host % 2 == 0 ? "proxy" : "network_flow", host_name(host), std::to_string(kFirstDay + day)},
          row);
    }
  }
  data.tables.push_back(std::move(coverage));
  data.sightings.reserve(kSightings);
  for (std::size_t i = 0; i < kSightings; ++i) {
    Sighting s;
    s.id = fmt::format("sgt--{:032x}", i);
    s.finding = static_cast<std::uint32_t>(i + 1);
    s.time = Time{(kFirstDay + static_cast<std::int64_t>(random() % kDays)) * kDay +
                  static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kDay))};
    s.until = s.time;
    s.count = 1 + random() % 4;
    s.host = host_name(random() % kHosts);
    s.records = {{"E0001", i * 100, 90}};
    const std::uint64_t kind = random() % 100;
    if (kind == 0) {
      s.detector_id = "indicator--1";
      s.role = Role::contacting;
      s.fields = {{"@src_ip", "198.51.100.9"}};
    } else if (kind == 1 && i % 10 == 0) {
      s.detector_id = "cookie";
      s.host = host_name(17);
      s.outcome = Outcome::allowed;
      s.fields = {{"@dst_ip", "198.51.100.9"}, {"@src_ip", "10.1.0.18"}};
    } else {
      s.detector_id = data.catalogue[random() % kRules].id;
    }
    data.sightings.push_back(std::move(s));
  }
  return data;
}

Result<LaneResult> assess_million(const Context&) {
  const CaseData data = million();
  const double held = resident_mb();
  double probability = 0;
  std::size_t words = 0;
  const Pair pair = measure(
      kRounds, [&] { probability = assess(data, Scale::phia).find("malware")->probability; },
      [&] {
        // The least that anybody must do: look at each sighting's detector and host once.
        words = 0;
        for (const Sighting& s : data.sightings) words += s.detector_id.size() + s.host.size();
      });
  keep(words);
  if (probability < .8) return Error{ErrorCode::integrity, "the intrusion was not found", "assess.million"};
  LaneResult out;
  out.events_per_s_core = static_cast<double>(kSightings) / pair.ours;
  out.reference = "one look at each sighting";
  out.ratio = pair.ratio;
  out.peak_mb = peak_mb() - held;  // above the case itself
  out.input = "1,000,000 sightings of 3,002 detectors on 5,000 hosts, in memory";
  out.more = {{"seconds", pair.ours}, {"case_mb", held}};
  return out;
}

}  // namespace

std::vector<Lane> assess_lanes() { return {{"assess.million", assess_million}}; }

}  // namespace assay::bench
