// Logs in local time over the days on which clocks are set forward and back.
#include <algorithm>

#include "hunt/testing_unit.h"

namespace assay {
namespace {

// Each "YYYY-MM-DD hh:mm:ss" as a firewall writes it, read in the zone: the times in the order of the log, then
// notices.
std::string read(const std::string& zone, const std::vector<std::string>& stamps) {
  Profile profile;
  profile.time_zone = zone;
  std::string log;
  for (const std::string& stamp : stamps) {
    log +=
        "date=" + stamp.substr(0, 10) + " time=" + stamp.substr(11) +
        " devname=\"FG-01\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" srcip=192.0.2.10 srcport=50000 "
        "dstip=198.51.100.7 dstport=443 action=\"close\"\n";
  }
  const auto unit =
      testing_unit::read("fw.log", log, profile,
                         "title: All\nid: 6f1c1d4e-0000-4000-8000-000000000003\n"
                         "logsource: {category: firewall}\ndetection: {s: {srcip: 192.0.2.10}, condition: s}\n");
  std::vector<std::pair<std::uint64_t, Time>> times;
  for (const KeyedMatch& match : unit.matches) times.emplace_back(match.match.ref.offset, match.match.time);
  std::sort(times.begin(), times.end());
  std::string out;
  for (const auto& [offset, time] : times) out += format_utc(time) + "\n";
  return out +
         testing_unit::notices(unit, {NoticeKind::assumption, NoticeKind::clock_conflict, NoticeKind::clock_jump});
}

constexpr std::string_view kTwice =
    "assumption x2: times of the hour that stands twice when clocks are set back: the first was taken\n";
constexpr std::string_view kNever =
    "clock_conflict x1: local times in the hour that clocks leave out when they are set forward: read as if they had "
    "not "
    "been; the zone or the clock is another\n";

TEST(LocalTimes, AnHourThatIsMissing) {
  EXPECT_EQ(read("Europe/London", {"2020-03-29 00:59:59", "2020-03-29 02:00:00", "2020-03-29 02:30:00"}),
            "2020-03-29T00:59:59Z\n2020-03-29T01:00:00Z\n2020-03-29T01:30:00Z\n");
  EXPECT_EQ(read("America/New_York", {"2020-03-08 01:59:59", "2020-03-08 03:00:00"}),
            "2020-03-08T06:59:59Z\n2020-03-08T07:00:00Z\n");
  // Three weeks lie between the two: in between the clocks are four hours apart, not five.
  EXPECT_EQ(read("Europe/London", {"2020-03-15 12:00:00"}), "2020-03-15T12:00:00Z\n");
  EXPECT_EQ(read("America/New_York", {"2020-03-15 12:00:00"}), "2020-03-15T16:00:00Z\n");
  // A stamp inside the hour cannot be: the clock is not what the profile says.
  EXPECT_EQ(read("Europe/London", {"2020-03-29 00:59:59", "2020-03-29 01:30:00"}),
            "2020-03-29T00:59:59Z\n2020-03-29T01:30:00Z\n" + std::string(kNever));
}

TEST(LocalTimes, AnHourThatStandsTwice) {
  // What is read never says more than the log does: the second 01:30 is not told from the first, and that is told.
  EXPECT_EQ(
      read("Europe/London",
           {"2020-10-25 00:59:59", "2020-10-25 01:30:00", "2020-10-25 01:30:00", "2020-10-25 02:00:00"}),
      "2020-10-24T23:59:59Z\n2020-10-25T00:30:00Z\n2020-10-25T00:30:00Z\n2020-10-25T02:00:00Z\n" + std::string(kTwice));
  // Where the time goes back inside the hour, the second pass begins; what was written a little late does not begin it.
  EXPECT_EQ(
      read("Europe/London", {"2020-10-25 00:30:00", "2020-10-25 01:10:00", "2020-10-25 01:50:00", "2020-10-25 01:49:30",
                             "2020-10-25 01:05:00", "2020-10-25 01:55:00", "2020-10-25 02:10:00"}),
      "2020-10-24T23:30:00Z\n2020-10-25T00:10:00Z\n2020-10-25T00:50:00Z\n2020-10-25T00:49:30Z\n"
      "2020-10-25T01:05:00Z\n2020-10-25T01:55:00Z\n2020-10-25T02:10:00Z\n"
      "assumption x2: times of the hour that stands twice when clocks are set back: the 3 before the time goes back "
      "are of its first pass, these behind it of the second\n");
  // It goes back twice: the order is declared broken.
  EXPECT_NE(read("Europe/London", {"2020-10-25 01:50:00", "2020-10-25 01:05:00", "2020-10-25 01:40:00",
                                   "2020-10-25 01:20:00", "2020-10-25 02:10:00"})
                .find("clock_jump x1: the hour that stands twice"),
            std::string::npos);
  // The next year's hour begins anew.
  EXPECT_TRUE(read("Europe/London", {"2020-10-25 01:50:00", "2020-10-25 01:05:00", "2021-10-31 01:10:00"})
                  .starts_with("2020-10-25T00:50:00Z\n2020-10-25T01:05:00Z\n2021-10-31T00:10:00Z\n"));
  EXPECT_EQ(read("America/New_York", {"2020-11-01 01:10:00", "2020-11-01 01:20:00", "2020-11-01 02:00:00"}),
            "2020-11-01T05:10:00Z\n2020-11-01T05:20:00Z\n2020-11-01T07:00:00Z\n" + std::string(kTwice));
}

}  // namespace
}  // namespace assay
