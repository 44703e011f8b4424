#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(Logons, AClearedLogCountsAndANewMachineIsExplained) {
  Trial run("logons");
  Table coverage({"coverage",
                  {"item", "class", "host", "day"},
                  {"records", "first", "last", "hours"},
                  {Merge::sum, Merge::min, Merge::max, Merge::bit_or}});
  const auto seen = [&](const char* host, std::string_view first) {
    const std::int64_t at = parse_iso8601(first)->ns;
    const std::vector<std::int64_t> row{5, at, at, 1};
    coverage.add({"/ev/log", "windows_security", host, "1"}, row);
  };
  seen("ws-1", "2020-06-02T06:00:00Z");
  seen("ws-2", "2020-06-09T08:00:00Z");
  run.extra.push_back(coverage);
  run.row("windows_security", "2020-06-08T11:00:00Z", {{"@event_id", "1102"}}).host_ = "ws-1";
  run.row("windows_security", "2020-06-09T08:00:13Z", {{"@event_id", "1102"}}).host_ = "ws-2";
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 2U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.log-cleared");
  EXPECT_EQ(found[0].sighting.host, "ws-1");
  EXPECT_EQ(found[1].sighting.detector_id, "analytic.log-cleared-new-machine");
}

TEST(Logons, ASignInToACloudServiceIsALogon) {
  Trial run("logons");
  const auto signin = [&](const char* at, Outcome outcome) {
    Row& row = run.row("cloud_signin", at, {{"@src_ip", "192.0.2.7"}, {"@event_id", "UserLoggedIn"}});
    row.account_ = "Alice@example.org";
    row.outcome_ = outcome;
  };
  signin("2020-04-16T02:12:07Z", Outcome::allowed);
  signin("2020-04-16T02:13:07Z", Outcome::blocked);
  signin("2020-04-16T02:14:07Z", Outcome::blocked);
  signin("2020-04-16T02:15:07Z", Outcome::unknown);  // a second factor was asked for
  (void)run.findings();
  const Table& logons = run.table("logons");
  ASSERT_EQ(logons.size(), 2U);
  for (const auto& [key, row] : logons.rows()) {
    EXPECT_EQ(key[1], "alice@example.org");
    EXPECT_EQ(key[3], "192.0.2.7");
    EXPECT_EQ(row[0], key[4] == "ok" ? 1 : 2) << key[4];
  }
}

}  // namespace
}  // namespace assay
