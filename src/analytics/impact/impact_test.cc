#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

constexpr std::int64_t kStart = 1585526400;  // 2020-03-30T00:00Z

struct Server {
  Trial& run;
  void change(const std::string& account, std::int64_t second, const std::string& name, const char* mask) {
    Row& row = run.row("file_audit", format_utc(Time{(kStart + second) * kSecond}),
                       {{"@event_id", "5145"}, {"@share", "\\\\*\\vx19"}, {"@object", name}, {"AccessMask", mask}});
    row.account_ = account;
    row.host_ = "fs-1";
  }
  // People work: a few files an hour, of all kinds.
  void work(int days) {
    for (int day = 0; day < days; ++day) {
      for (int i = 0; i < 12; ++i)
        change("m.okafor", day * 86'400 + 9 * 3600 + i * 900,
               "notes" + std::to_string(i) + (i % 2 == 0 ? ".docx" : ".csv"), "0x2");
    }
  }
};

std::string kinds(const std::vector<Finding>& found) {
  std::string out;
  for (const Finding& f : found) out += f.sighting.detector_id.substr(9) + " " + f.sighting.account + "\n";
  return out;
}

TEST(Impact, EncryptionIsToldFromAMigration) {
  Trial run("impact");
  Server server{run};
  server.work(30);
  const char* const endings[] = {".docx", ".csv", ".fastq", ".xlsx"};
  for (int i = 0; i < 400; ++i) {
    const std::string name = "set" + std::to_string(i) + endings[i % 4];
    server.change("p.devlin", 20 * 86'400 + 2 * 3600 + i * 5, name, "0x10000");
    server.change("p.devlin", 20 * 86'400 + 2 * 3600 + i * 5 + 1, name + ".l0ckd", "0x2");
    // A migration renames: the same endings under other names.
    server.change("a.mover", 22 * 86'400 + 2 * 3600 + i * 5, name, "0x10000");
    server.change("a.mover", 22 * 86'400 + 2 * 3600 + i * 5 + 1, "moved-" + name, "0x2");
    // A clean-up only deletes.
    server.change("x.gone", 24 * 86'400 + 2 * 3600 + i * 5, name, "0x10000");
    server.change("svc-clean", 25 * 86'400 + 2 * 3600 + i * 5, name, "0x10000");
  }
  run.profile.service_accounts = {"svc-clean"};
  const auto found = run.findings();
  const std::string text_of = kinds(found);
  EXPECT_NE(text_of.find("mass-encryption p.devlin\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("mass-change-explained a.mover\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("mass-deletion x.gone\n"), std::string::npos) << text(found);
  EXPECT_NE(text_of.find("mass-change-explained svc-clean\n"), std::string::npos) << text(found);
  EXPECT_EQ(found.size(), 4U) << text(found);
  for (const Finding& f : found) {
    if (f.sighting.detector_id == "analytic.mass-encryption") {
      EXPECT_EQ(field(f.sighting, "ending"), "l0ckd");
      EXPECT_EQ(f.sighting.count, 800U);
    }
  }
  EXPECT_EQ(text(found), text(run.findings(true)));
}

TEST(Impact, ChangedResearchFilesStandOutOnlyOnKeyShares) {
  Trial run("impact");
  Server server{run};
  server.work(30);
  for (int i = 0; i < 90; ++i)
    server.change("m.okafor", 31 * 86'400 + 2 * 3600 + i * 60, "plate" + std::to_string(i) + ".csv", "0x2");
  EXPECT_TRUE(run.findings().empty()) << text(run.findings());
  run.profile.key_shares = {"\\\\fs-res-01\\vx19"};
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.research-files-changed");
  EXPECT_EQ(field(found[0].sighting, "usual_day"), "12");
  EXPECT_EQ(found[0].sighting.count, 90U);
}

TEST(Impact, ReadsAreNoChanges) {
  Trial run("impact");
  Server server{run};
  server.work(10);
  for (int i = 0; i < 2000; ++i) server.change("m.okafor", 12 * 86'400 + i, "x.csv", "0x1");
  EXPECT_TRUE(run.findings().empty());
}

}  // namespace
}  // namespace assay
