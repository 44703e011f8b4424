#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(FileReads, NightsFarAboveTheHabitAreOneFindingAndABackupIsNone) {
  Trial run("file_reads");
  const auto read = [&](const std::string& when, const char* account, int times) {
    for (int i = 0; i < times; ++i) {
      Row& row =
          run.row("file_audit", when, {{"@event_id", "5145"}, {"@share", "\\\\*\\vx19"}, {"@src_ip", "10.20.40.7"}});
      row.account_ = account;
      row.host_ = "fs-res-01";
    }
  };
  for (int day = 1; day <= 24; ++day) {
    const std::string date = "2020-05-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
    for (int hour = 10; hour < 14; ++hour) read(date + "T" + std::to_string(hour) + ":30:00Z", "m.okafor", 10);
    read(date + "T01:32:00Z", "svc-backup", 400);
    if (day >= 12 && day <= 14) {
      for (const char* hour : {"T00:10:00Z", "T01:10:00Z", "T02:10:00Z"}) read(date + hour, "m.okafor", 160);
    }
  }
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  const Sighting& s = found[0].sighting;
  EXPECT_EQ(s.account, "m.okafor");
  EXPECT_EQ(s.count, 3U * 3 * 160);
  EXPECT_EQ(field(s, "reads"), "1440");
  EXPECT_EQ(field(s, "usual_day"), "40");
  EXPECT_EQ(field(s, "@src_ip"), "10.20.40.7");
  EXPECT_EQ(text(found), text(run.findings(true)));
}

}  // namespace
}  // namespace assay
