#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(Lure, MailFetchClickAndForm) {
  Trial run("lure");
  run.profile.hosts.push_back({"mx-01", {"10.20.1.25"}, "mail", "", "", {}, {}, ""});
  run.profile.link_rewriters = {"urldefense.proofpoint.com"};
  const char* wrapped =
      "https://urldefense.proofpoint.com/v2/"
      "url?u=http-3A__login-2D1arkmoor.example_vpn_index.html-3Fid-3D4417&d=DwMFAg&c=x&r=m.okafor&e=";
  for (const char* who : {"m.okafor@larkmoor.example", "Priya <p.devlin@larkmoor.example>"}) {
    run.row("mail", "2020-04-28T09:05:04Z",
            {{"@sender", "remote-access@login-1arkmoor.example"},
             {"@recipient", who},
             {"@link", std::string("https://larkmoor.example/help\n") + wrapped}});
  }
  run.row("mail", "2020-04-28T09:05:13Z",
          {{"@sender", "remote-access@login-1arkmoor.example"},
           {"@recipient", "s.nakamura@larkmoor.example"},
           {"@link", "http://login-1arkmoor.example/vpn/index.html?id=4420"}})
      .outcome_ = Outcome::quarantined;
  // A report by one of us, honest mail of ours, a partner that carries our name.
  run.row("mail", "2020-04-28T11:02:40Z",
          {{"@sender", "h.lindqvist@larkmoor.example"}, {"@recipient", "soc@larkmoor.example"}, {"@link", wrapped}});
  run.row("mail", "2020-04-28T12:00:00Z",
          {{"@sender", "hr@larkmoor.example"},
           {"@recipient", "m.okafor@larkmoor.example"},
           {"@link", "https://portal.larkmoor.example/reset"}});
  run.row("mail", "2020-04-28T12:00:00Z",
          {{"@sender", "news@journals.example"},
           {"@recipient", "m.okafor@larkmoor.example"},
           {"@link", "https://track.journals.example/c/1"}});
  const auto visit = [&](std::string_view when, const char* src, const char* account, const char* method,
                         const char* bytes) {
    run.row("proxy", when,
            {{"@src_ip", src},
             {"@dst_ip", "198.51.100.213"},
             {"@domain", "login-1arkmoor.example"},
             {"@method", method},
             {"@bytes_out", bytes}})
        .account_ = account;
  };
  visit("2020-04-28T09:05:20Z", "10.20.1.25", "", "GET", "288");
  visit("2020-04-28T09:41:03Z", "10.20.50.117", "m.okafor", "GET", "377");
  visit("2020-04-28T09:42:31Z", "10.20.50.117", "m.okafor", "POST", "412");
  const auto found = run.findings();
  std::map<std::string, int> kinds;
  for (const Finding& one : found) ++kinds[one.sighting.detector_id];
  EXPECT_EQ(kinds["analytic.lure"], 3) << text(found);
  EXPECT_EQ(kinds["analytic.lure-checked"], 1) << text(found);
  EXPECT_EQ(kinds["analytic.lure-click"], 1) << text(found);
  ASSERT_EQ(kinds["analytic.credential-given"], 1) << text(found);
  for (const Finding& one : found) {
    if (one.sighting.detector_id == "analytic.credential-given") {
      EXPECT_EQ(one.sighting.account, "m.okafor");
      EXPECT_EQ(field(one.sighting, "bytes"), "412");
      EXPECT_EQ(format_utc(one.sighting.time), "2020-04-28T09:42:31Z");
    }
    if (one.sighting.account == "s.nakamura") {
      EXPECT_EQ(one.sighting.outcome, Outcome::quarantined);
    }
  }
  EXPECT_EQ(text(found), text(run.findings(true)));
}

TEST(Lure, WithoutOwnDomainsNothingIsClaimed) {
  Trial run("lure");
  run.profile.own_domains.clear();
  run.row("proxy", "2020-04-28T09:41:03Z",
          {{"@src_ip", "10.20.50.117"}, {"@domain", "login-1arkmoor.example"}, {"@method", "POST"}});
  EXPECT_TRUE(run.findings().empty());
}

}  // namespace
}  // namespace assay
