#include "report/return/return_report.h"

#include <gtest/gtest.h>

#include "core/coverage.h"
#include "core/json.h"
#include "report/report_fixtures.h"
#include "report/report_golden.h"

namespace assay {
namespace {

// The fixture's case with what a return reads besides: coverage by host, gateways, notices.
fixtures::Fixture sample() {
  fixtures::Fixture f = fixtures::intrusion();
  std::erase_if(f.data.tables, [](const Table& t) { return t.spec().name == "coverage"; });
  Table coverage(coverage_spec());
  const auto add = [&](const char* klass, const char* host, std::int64_t day) {
    coverage.add({"/evidence/secret-folder/x.log", klass, host, std::to_string(day)},
                 std::vector<std::int64_t>{10, day * kDay, day * kDay + kHour, 1});
  };
  for (std::int64_t day = 18368; day < 18372; ++day) add("web_access", "canary-gw-01", day);
  add("proxy", "canary-host-7", 18370);
  add("proxy", "canary-host-8", 18371);
  f.data.tables.push_back(coverage);
  ProfileHost gateway;
  gateway.name = "canary-gw-01";
  gateway.kind = "gateway";
  gateway.product = "Citrix <ADC>";
  gateway.version = "12.1";
  gateway.patched_on = fixtures::at("2020-01-24T00:00:00Z");
  gateway.logging = true;
  f.data.profile.hosts.push_back(gateway);
  gateway.name = "canary-gw-02";
  gateway.logging.reset();
  gateway.patched_on = {};
  f.data.profile.hosts.push_back(gateway);
  f.data.notices.push_back({NoticeKind::truncated, "/evidence/secret-folder/x.log", 5, 2, "canary detail"});
  return f;
}

TEST(Return, SaysWhatWasSeenAndWhatCouldNotBeSeen) {
  const fixtures::Fixture f = sample();
  fixtures::expect_golden("return.json", return_json(f.data, f.assessment, "institute-17"));
  fixtures::expect_golden("return.txt", return_text(f.data, f.assessment, "institute-17"));
}

// Whatever the case knows of hosts, accounts, addresses, paths and values stays at home.
TEST(Return, NothingOfTheEvidenceLeaves) {
  fixtures::Fixture f = sample();
  for (const std::string& text : {return_json(f.data, f.assessment, ""), return_text(f.data, f.assessment, "")}) {
    EXPECT_EQ(text.find("canary"), std::string::npos);
    EXPECT_EQ(text.find("secret-folder"), std::string::npos);
    for (const EvidenceItem& item : f.data.evidence) EXPECT_EQ(text.find(item.path), std::string::npos) << item.path;
    for (const Sighting& s : f.data.sightings) {
      if (!s.host.empty()) {
        EXPECT_EQ(text.find(s.host), std::string::npos) << s.host;
      }
      for (const auto& [name, value] : s.fields) {
        if (value.size() > 3) {
          EXPECT_EQ(text.find(value), std::string::npos) << value;
        }
      }
    }
    for (const ProfileHost& host : f.data.profile.hosts) EXPECT_EQ(text.find(host.name), std::string::npos);
    EXPECT_EQ(text.find(f.data.profile.organisation), std::string::npos);
  }
}

TEST(Return, EveryClaimStandsInIt) {
  const fixtures::Fixture f = sample();
  const auto json = parse_json(return_json(f.data, f.assessment, ""));
  ASSERT_TRUE(json.ok());
  ASSERT_EQ((*json)["claims"].items().size(), f.assessment.claims.size());
  for (std::size_t i = 0; i < f.assessment.claims.size(); ++i) {
    EXPECT_EQ((*json)["claims"].items()[i]["id"].as_string(), f.assessment.claims[i].id);
    EXPECT_EQ((*json)["claims"].items()[i]["state"].as_string(), f.assessment.claims[i].state);
  }
  EXPECT_TRUE((*json)["organisation"].is_null());
}

TEST(Return, OfNothingIsAReturnToo) {
  const fixtures::Fixture f = fixtures::empty();
  const auto json = parse_json(return_json(f.data, f.assessment, ""));
  ASSERT_TRUE(json.ok());
  for (const Json& question : (*json)["questions"].items()) EXPECT_EQ(question["state"].as_string(), "cannot_say");
  EXPECT_LT(return_text(f.data, f.assessment, "").size(), 200'000U);
}

}  // namespace
}  // namespace assay
