#include <random>

#include "analytics/beacons/rhythm_of.h"
#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

// Flows as the analytic of that name keeps them, one row for each contact.
struct Contacts {
  Table flows{TableSpec{"flows",
                        {"item", "class", "src", "dst", "port", "hour"},
                        {"bytes_out", "bytes_in", "count", "blocked_bytes", "bogus_out", "bogus_in", "bogus", "gets",
                         "posts", "named", "web", "first_ref", "minutes", "least_out", "most_out"},
                        {Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum,
                         Merge::sum, Merge::sum, Merge::sum, Merge::min, Merge::bit_or, Merge::min, Merge::max}}};
  void add(const char* klass, const char* src, const char* dst, std::int64_t second, std::int64_t bytes = 900,
           bool blocked = false) {
    const std::int64_t hour = second / 3600;
    const std::vector<std::int64_t> row{blocked ? 0 : bytes,
                                        100,
                                        1,
                                        blocked ? bytes : 0,
                                        0,
                                        0,
                                        0,
                                        0,
                                        1,
                                        0,
                                        1,
                                        second % 1000 * 100,
                                        std::int64_t{1} << (second / 60 % 60),
                                        bytes,
                                        bytes};
    flows.add({"/ev/log", klass, src, dst, "443", std::to_string(hour)}, row);
  }
};

constexpr std::int64_t kStart = 1586304000;  // 2020-04-08T00:00Z
constexpr std::int64_t kDaySeconds = 86'400;

std::string detectors(const std::vector<Finding>& found) {
  std::string out;
  for (const Finding& f : found)
    out += f.sighting.detector_id.substr(9) + " " + f.sighting.host + " " + f.sighting.fields.front().second + "\n";
  return out;
}

TEST(Beacons, AnImplantStandsOutAmongHonestRhythmsAndPeople) {
  std::mt19937_64 random(7);
  Contacts all;
  const auto every = [&](const char* klass, const char* src, const char* dst, std::int64_t from, std::int64_t until,
                         std::int64_t seconds, int jitter_percent) {
    for (std::int64_t at = from; at < until;) {
      all.add(klass, src, dst, at);
      const std::int64_t spread = seconds * jitter_percent / 100;
      at +=
          seconds +
          (spread > 0 ? static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * spread + 1)) - spread : 0);
    }
  };
  const std::int64_t end = kStart + 20 * kDaySeconds;
  // The log begins with ordinary traffic, a time server that all use, and telemetry that ran before.
  for (int host = 1; host <= 8; ++host)
    every("network_flow", ("10.0.0." + std::to_string(host)).c_str(), "203.0.113.1", kStart + host, end, 1024, 1);
  every("network_flow", "10.0.0.80", "203.0.113.77", kStart, end, 300, 0);
  every("network_flow", "10.0.0.81", "203.0.113.78", kStart + 9 * kDaySeconds, end, 60, 0);
  every("proxy", "10.0.0.3", "198.51.100.9", kStart + 5 * kDaySeconds, end, 3600, 20);
  every("proxy", "10.0.0.9", "198.51.100.10", kStart, end, 86'400, 5);  // too few to say
  every("proxy", "192.0.2.30", "198.51.100.9", kStart + 5 * kDaySeconds, end, 3600, 20);
  // A person reads: in working hours, in bursts.
  for (std::int64_t day = 0; day < 20; ++day) {
    for (int visit = 0; visit < 6; ++visit) {
      const std::int64_t at = kStart + day * kDaySeconds + 8 * 3600 + static_cast<std::int64_t>(random() % 30'000);
      for (int click = 0; click < 5; ++click)
        all.add("proxy", "10.0.0.4", "203.0.113.50", at + static_cast<std::int64_t>(random() % 600));
    }
  }
  Trial run("beacons");
  run.profile.hosts.push_back({"proxy-01", {"192.0.2.30"}, "proxy", "", "", {}, {}, ""});
  run.extra = {all.flows};
  const auto found = run.findings();
  const std::string text_of = detectors(found);
  EXPECT_NE(text_of.find("beacon 10.0.0.3 198.51.100.9\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("beacon 10.0.0.81 203.0.113.78\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("beacon-explained 10.0.0.80 203.0.113.77\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("beacon-explained 10.0.0.5 203.0.113.1\n"), std::string::npos) << text(found);
  EXPECT_EQ(found.size(), 11U) << text(found);
  for (const Finding& f : found) {
    if (f.sighting.host == "10.0.0.3" && f.sighting.detector_id == "analytic.beacon") {
      const auto interval = parse_int(field(f.sighting, "interval"));
      ASSERT_TRUE(interval);
      EXPECT_NEAR(static_cast<double>(*interval), 3600, 240);
      EXPECT_LE(parse_int(field(f.sighting, "jitter")).value_or(99), 20);
      EXPECT_EQ(field(f.sighting, "least_bytes"), "900");
      EXPECT_EQ(f.sighting.outcome, Outcome::allowed);
      EXPECT_FALSE(f.sighting.records.empty());
    }
    if (f.sighting.host == "10.0.0.81") {
      EXPECT_EQ(field(f.sighting, "interval"), "60");
    }
  }
  // Declared, the second telemetry is explained; tied by a sighting, the implant's is the campaign's.
  run.profile.transfers.push_back({"instruments", "", {"203.0.113.78"}});
  run.sighting("listed", "typical", "c2", "2020-04-14T00:00:00Z",
               {{"@dst_ip", "198.51.100.9"}, {"@src_ip", "10.0.0.3"}});
  const std::string again = detectors(run.findings());
  EXPECT_NE(again.find("beacon-explained 10.0.0.81"), std::string::npos) << again;
  EXPECT_NE(again.find("beacon-to-campaign 10.0.0.3"), std::string::npos) << again;
}

TEST(Beacons, BlockedOnesAreFoundAndSaidToBeBlocked) {
  Contacts all;
  all.add("proxy", "10.0.0.1", "203.0.113.9", kStart);
  for (int i = 0; i < 200; ++i)
    all.add("proxy", "10.0.0.3", "198.51.100.9", kStart + 5 * kDaySeconds + i * 1800, 700, true);
  Trial run("beacons");
  run.extra = {all.flows};
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.outcome, Outcome::blocked);
  EXPECT_EQ(field(found[0].sighting, "interval"), "1800");
}

TEST(Beacons, LookUpsCountByTheRegistrableName) {
  Trial run("beacons");
  const auto look = [&](const char* src, std::int64_t second, const std::string& name) {
    run.row("dns", format_utc(Time{second * kSecond}), {{"@src_ip", src}, {"@domain", name}});
  };
  look("10.0.0.1", kStart, "www.example.com");
  for (int i = 0; i < 90; ++i)
    look("10.0.0.3", kStart + 5 * kDaySeconds + i * 2400, "a" + std::to_string(i) + ".relay.tunnel.example");
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(field(found[0].sighting, "@domain"), "tunnel.example");
  EXPECT_EQ(found[0].sighting.role, Role::question);
  EXPECT_EQ(text(found), text(run.findings(true)));
}

// The rule against a plain one over lists of minutes: what only moves in time stays a beacon, and a beacon stays one
// when some beats are missed.
TEST(Beacons, MissedBeatsAndShiftsDoNotHideARhythm) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    const auto interval = static_cast<std::int64_t>(5 + random() % 200);  // minutes
    const auto shift = static_cast<std::int64_t>(random() % 100'000);
    std::map<std::int64_t, BeatHour> hours;
    for (std::int64_t i = 0; i < 24 * 20; ++i) {
      if (random() % 12 == 0) continue;
      const std::int64_t minute = shift + i * interval + static_cast<std::int64_t>(random() % 2);
      BeatHour& hour = hours[minute / 60];
      hour.hour = minute / 60;
      hour.minutes |= std::int64_t{1} << (minute % 60);
      ++hour.count;
    }
    std::vector<BeatHour> list;
    for (const auto& [at, hour] : hours) list.push_back(hour);
    const auto beat = beat_of(list);
    ASSERT_TRUE(beat.has_value()) << interval;
    EXPECT_LE(std::abs(beat->interval / 60 - interval), 1) << interval;
    EXPECT_GE(beat->regular, 80);
  }
  // Noise without rhythm is none.
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    std::map<std::int64_t, BeatHour> hours;
    for (int i = 0; i < 300; ++i) {
      const auto minute = static_cast<std::int64_t>(random() % (60 * 24 * 10));
      BeatHour& hour = hours[minute / 60];
      hour.hour = minute / 60;
      hour.minutes |= std::int64_t{1} << (minute % 60);
      ++hour.count;
    }
    std::vector<BeatHour> list;
    for (const auto& [at, hour] : hours) list.push_back(hour);
    found += beat_of(list).has_value();
  }
  EXPECT_EQ(found, 0);
}

}  // namespace
}  // namespace assay
