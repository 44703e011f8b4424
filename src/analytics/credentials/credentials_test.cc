#include "analytics/credentials/signins.h"
#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

constexpr std::int64_t kStart = 1585526400;  // 2020-03-30T00:00Z, a Monday
constexpr std::int64_t kD = 86'400, kH = 3'600;

class Gateway {
 public:
  explicit Gateway(Trial& run) : run_(run) {}
  void session(const std::string& account, const std::string& src, std::int64_t second, std::int64_t length,
               const std::string& device = "Mozilla/5.0 (Windows NT 10.0) Firefox/76.0",
               std::int64_t bytes = 1'000'000) {
    line(account, src, second, {{"@session_event", "LOGIN"}, {"@user_agent", device}}, Outcome::allowed);
    line(account, src, second + length, {{"@session_event", "LOGOUT"}, {"@bytes_out", std::to_string(bytes)}},
         Outcome::unknown);
  }
  void failed(const std::string& account, const std::string& src, std::int64_t second) {
    line(account, src, second, {{"@session_event", "LOGIN_FAILED"}}, Outcome::blocked);
  }
  // A working life: home sessions on every day from `first` to `last`.
  void home(const std::string& account, const std::string& src, int first, int last) {
    for (int day = first; day <= last; ++day) session(account, src, kStart + day * kD + 7 * kH, 8 * kH);
  }

 private:
  void line(const std::string& account, const std::string& src, std::int64_t second,
            std::map<std::string, std::string, std::less<>> values, Outcome outcome) {
    values["@session_user"] = account;
    values["@src_ip"] = src;
    Row& row = run_.row("vpn", format_utc(Time{second * kSecond}), std::move(values));
    row.outcome_ = outcome;
    row.host_ = "gw-1";
  }
  Trial& run_;
};

std::vector<Finding> of(const std::vector<Finding>& all, std::string_view detector) {
  std::vector<Finding> out;
  for (const Finding& f : all) {
    if (f.sighting.detector_id == detector) out.push_back(f);
  }
  return out;
}

TEST(Credentials, OnePersonOverAllLogs) {
  Profile profile;
  profile.own_domains = {"larkmoor.example"};
  EXPECT_EQ(person_of(profile, "CORP\\M.Okafor"), "m.okafor");
  EXPECT_EQ(person_of(profile, "m.okafor@larkmoor.example"), "m.okafor");
  EXPECT_EQ(person_of(profile, "m.okafor@mail.larkmoor.example"), "m.okafor");
  EXPECT_EQ(person_of(profile, "m.okafor@REALM"), "m.okafor");
  EXPECT_EQ(person_of(profile, "m.okafor@elsewhere.example"), "m.okafor@elsewhere.example");
  EXPECT_EQ(network_of("198.18.140.35"), "198.18.140.0/24");
  EXPECT_EQ(network_of("2001:db8:1:2::7"), "2001:db8:1::/48");
  EXPECT_EQ(network_of("ws-1"), "");
  EXPECT_EQ(device_of("Mozilla/5.0 (Windows NT 10.0) Firefox/76.0"),
            device_of("Mozilla/5.0 (Windows NT 10.0) Firefox/81.0.2"));
}

// A dropped line now and then is nobody else: one overlap among dozens of sessions.
TEST(Credentials, OneOverlapOfManyIsNobodyElse) {
  Trial run("credentials");
  Gateway gateway(run);
  gateway.home("p.devlin", "198.19.5.9", 0, 60);
  for (int day = 20; day < 50; ++day) gateway.session("p.devlin", "203.0.113.40", kStart + day * kD + 20 * kH, kH);
  gateway.session("p.devlin", "203.0.113.40", kStart + 50 * kD + 14 * kH, 2 * kH);  // overlaps
  EXPECT_TRUE(of(run.findings(), "analytic.stolen-session").empty()) << text(run.findings());
}

TEST(Credentials, ASignInFromAGatewayIsSomebodyAtWorkOnIt) {
  const auto trial = [](int days) {
    Trial run("credentials");
    ProfileHost gateway;
    gateway.name = "gw-1";
    gateway.kind = "gateway";
    gateway.addresses = {"10.20.1.10"};
    run.profile.hosts.push_back(gateway);
    for (int day = 0; day < days; ++day) {
      Row& row = run.row("linux_auth", format_utc(Time{(kStart + day * kD + 23 * kH) * kSecond}),
                         {{"@account", "svc-ldap"}, {"@src_ip", "10.20.1.10"}});
      row.outcome_ = Outcome::allowed;
      // A directory is asked from there all day.
      Row& bind = run.row("windows_security", format_utc(Time{(kStart + day * kD + 9 * kH) * kSecond}),
                          {{"@account", "svc-ldap"}, {"@src_ip", "10.20.1.10"}, {"@event_id", "4624"}});
      bind.outcome_ = Outcome::allowed;
    }
    return of(run.findings(), "analytic.gateway-sign-in");
  };
  const auto once = trial(1);
  ASSERT_EQ(once.size(), 1U);
  EXPECT_EQ(once[0].sighting.account, "svc-ldap");
  EXPECT_EQ(once[0].sighting.count, 1U);
  EXPECT_TRUE(trial(30).empty()) << "a habit";
}

// gateway -> srv-1 -> srv-2. What the account does from elsewhere, before it came, or every day is no part of the way.
TEST(Credentials, AnAccountFromAGatewayIsFollowedFromHostToHost) {
  Trial run("credentials");
  const auto host = [&](const char* name, const char* kind, const char* address) {
    ProfileHost one;
    one.name = name;
    one.kind = kind;
    one.addresses = {address};
    run.profile.hosts.push_back(one);
  };
  host("gw-1", "gateway", "10.20.1.10");
  host("srv-1", "server", "10.20.30.1");
  host("srv-2", "server", "10.20.30.2");
  host("srv-3", "server", "10.20.30.3");
  host("srv-4", "server", "10.20.30.4");
  host("admin-1", "workstation", "10.20.50.1");
  Table logons(
      {"logons", {"item", "account", "host", "src", "kind", "hour"}, {"count", "first_ref"}, {Merge::sum, Merge::min}});
  const auto sign_in = [&](const char* src, const char* to, int day, const char* account = "svc-ldap") {
    const Time at{(kStart + day * kD + 23 * kH + 60) * kSecond};
    Row& row = run.row("linux_auth", format_utc(at), {{"@account", account}, {"@src_ip", src}});
    row.outcome_ = Outcome::allowed;
    const std::vector<std::int64_t> cells{1, pack_ref(row.ref_.offset, row.ref_.length)};
    logons.add({"/ev/log", account, to, src, "ok", std::to_string(at.hour())}, cells);
  };
  sign_in("10.20.30.1", "srv-3", 1);  // before it came
  sign_in("10.20.1.10", "srv-1", 3);
  sign_in("10.20.30.1", "srv-2", 5);
  sign_in("10.20.50.1", "srv-3", 6);                                       // from a machine that it did not come to
  sign_in("10.20.30.1", "srv-4", 6, "svc-backup");                         // another account
  for (int day = 4; day < 20; ++day) sign_in("10.20.30.2", "srv-4", day);  // its work
  run.extra.push_back(logons);
  const auto found = of(run.findings(), "analytic.onward-sign-in");
  ASSERT_EQ(found.size(), 2U) << text(found);
  EXPECT_EQ(found[0].sighting.host, "srv-1");
  EXPECT_EQ(field(found[0].sighting, "from"), "gw-1");
  EXPECT_EQ(found[1].sighting.host, "srv-2");
  EXPECT_EQ(field(found[1].sighting, "from"), "srv-1");
  EXPECT_EQ(found[1].sighting.time.ns, (kStart + 5 * kD + 23 * kH + 60) * kSecond);
  EXPECT_EQ(found[1].sighting.records.size(), 1U);
}

TEST(Credentials, SessionsBesideTheOwnersAreSomebodyElses) {
  Trial run("credentials");
  Gateway gateway(run);
  gateway.home("m.okafor", "198.19.4.7", 0, 60);
  gateway.home("p.devlin", "198.19.5.9", 0, 60);
  const std::string other = "python-requests/2.23.0";
  gateway.session("m.okafor", "198.18.140.21", kStart + 30 * kD + 20 * kH, kH, other);
  gateway.session("M.Okafor", "198.18.140.62", kStart + 45 * kD + 12 * kH, kH, other);  // overlaps
  // A traveller: a new network, the same device, after the home session ended.
  gateway.session("p.devlin", "203.0.113.40", kStart + 50 * kD + 20 * kH, 2 * kH);
  gateway.session("p.devlin", "203.0.113.41", kStart + 51 * kD + 20 * kH, 2 * kH);
  const auto all = run.findings();
  const auto stolen = of(all, "analytic.stolen-session");
  ASSERT_EQ(stolen.size(), 1U) << text(all);
  EXPECT_EQ(stolen[0].sighting.account, "m.okafor");
  EXPECT_EQ(field(stolen[0].sighting, "network"), "198.18.140.0/24");
  EXPECT_EQ(field(stolen[0].sighting, "overlaps"), "1");
  EXPECT_EQ(stolen[0].sighting.count, 2U);
  const auto travel = of(all, "analytic.new-sign-in");
  ASSERT_EQ(travel.size(), 1U) << text(all);
  EXPECT_EQ(travel[0].sighting.account, "p.devlin");
  EXPECT_EQ(all.size(), 2U) << text(all);
  EXPECT_EQ(text(all), text(run.findings(true)));
}

TEST(Credentials, AWholePopulationThatMovesIsOneFindingAndNobodysDoing) {
  Trial run("credentials");
  Gateway gateway(run);
  for (int who = 0; who < 40; ++who) {
    const std::string name = "person" + std::to_string(who);
    const std::string before = "198.18." + std::to_string(who) + ".4", after = "198.19." + std::to_string(who) + ".4";
    for (int day = 0; day <= 20; ++day)
      gateway.session(name, before, kStart + day * kD + (7 + who % 3) * kH, 2 * kH, "old agent");
    for (int day = 21 + who % 4; day <= 40; ++day) {
      gateway.session(name, after, kStart + day * kD + (7 + who % 3) * kH, 2 * kH, "new agent");
      if (day % 3 == 0) gateway.session(name, before, kStart + day * kD + 8 * kH, 2 * kH, "old agent");
    }
  }
  const auto all = run.findings();
  EXPECT_TRUE(of(all, "analytic.stolen-session").empty()) << text(all);
  EXPECT_TRUE(of(all, "analytic.new-sign-in").empty()) << text(all);
  EXPECT_EQ(of(all, "analytic.sign-ins-moved").size(), 2U) << text(all);  // the begin of the log, and the move
}

TEST(Credentials, ASprayAndWhatOnlyLooksLikeOne) {
  Trial run("credentials");
  run.profile.tests.push_back({"tester", {"198.51.100.66"}, {}, {}});
  Gateway gateway(run);
  for (int who = 0; who < 30; ++who)
    gateway.home("person" + std::to_string(who), "198.19." + std::to_string(who) + ".4", 0, 20);
  for (int who = 0; who < 30; ++who) {
    const std::string name = "person" + std::to_string(who);
    const std::int64_t at = kStart + 21 * kD + who * 40;
    gateway.failed(name, "203.0.113.7", at);    // the spray; one gets in
    gateway.failed(name, "203.0.114.7", at);    // another; none does
    gateway.failed(name, "203.0.115.7", at);    // a clinic after new passwords: nearly all do
    gateway.failed(name, "198.51.100.66", at);  // our tester
    if (who % 4 != 0) gateway.session(name, "203.0.115.7", at + 300, kH);
  }
  gateway.session("person11", "203.0.113.9", kStart + 21 * kD + 2 * kH, kH);
  gateway.failed("person1", "203.0.116.7", kStart + 22 * kD);  // one person who mistypes
  const auto all = run.findings();
  const auto spray = of(all, "analytic.password-spray");
  ASSERT_EQ(spray.size(), 1U) << text(all);
  EXPECT_EQ(spray[0].sighting.account, "person11");
  EXPECT_EQ(field(spray[0].sighting, "accounts"), "30");
  ASSERT_EQ(of(all, "analytic.password-spray-tried").size(), 1U) << text(all);
  EXPECT_EQ(field(of(all, "analytic.password-spray-tried")[0].sighting, "network"), "203.0.114.0/24");
  ASSERT_EQ(of(all, "analytic.shared-address-failures").size(), 1U) << text(all);
  EXPECT_EQ(field(of(all, "analytic.shared-address-failures")[0].sighting, "network"), "203.0.115.0/24");
  EXPECT_EQ(text(all), text(run.findings(true)));
}

TEST(Credentials, ACrowdBehindOneAddressIsNobody) {
  Trial run("credentials");
  run.profile.shared_accounts = {"lab-kiosk"};
  Gateway gateway(run);
  for (int who = 0; who < 12; ++who) {
    const std::string name = "person" + std::to_string(who);
    gateway.home(name, "198.19." + std::to_string(who) + ".4", 0, 40);
    // Ten at a meeting, two in a clinic where a kiosk stands; all of them left a session open at home.
    gateway.session(name, who < 10 ? "203.0.113.7" : "203.0.114.7", kStart + 30 * kD + 8 * kH, 2 * kH, "another agent");
  }
  for (int day = 0; day < 40; ++day) gateway.session("lab-kiosk", "203.0.114.7", kStart + day * kD + 9 * kH, kH);
  const auto all = run.findings();
  EXPECT_TRUE(of(all, "analytic.stolen-session").empty()) << text(all);
}

TEST(Credentials, SharedAccountsAreNobody) {
  Trial run("credentials");
  run.profile.shared_accounts = {"lab-kiosk"};
  Gateway gateway(run);
  for (int day = 0; day < 30; ++day) {
    for (const char* account : {"lab-kiosk", "ward-9"}) {
      for (const char* place : {"198.18.205.11", "198.18.206.12", "198.18.207.13"})
        gateway.session(account, place, kStart + day * kD + 8 * kH, 5 * kH);
    }
  }
  gateway.session("lab-kiosk", "203.0.113.7", kStart + 25 * kD + 9 * kH, kH, "other");
  gateway.session("ward-9", "203.0.113.7", kStart + 25 * kD + 9 * kH, kH, "other");
  const auto all = run.findings();
  EXPECT_TRUE(of(all, "analytic.stolen-session").empty()) << text(all);
  const auto shared = of(all, "analytic.shared-account");
  ASSERT_EQ(shared.size(), 1U) << text(all);
  EXPECT_EQ(shared[0].sighting.account, "ward-9");
}

TEST(Credentials, DirectoryAndCloudAreStitchedToThePerson) {
  Trial run("credentials");
  const auto cloud = [&](int day, int hour, const char* who, const char* src, const char* agent, Outcome outcome) {
    Row& row = run.row("cloud_signin", format_utc(Time{(kStart + day * kD + hour * kH) * kSecond}),
                       {{"@src_ip", src}, {"@user_agent", agent}});
    row.account_ = who;
    row.outcome_ = outcome;
  };
  Gateway gateway(run);
  gateway.home("m.okafor", "198.19.4.7", 0, 30);
  cloud(20, 10, "m.okafor@larkmoor.example", "203.0.113.9", "curl/7.68", Outcome::allowed);  // beside her VPN session
  // A directory that refuses many accounts from one machine outside, and lets one in.
  for (int who = 0; who < 12; ++who) {
    run.row("windows_security", format_utc(Time{(kStart + 25 * kD + who * 30) * kSecond}),
            {{"@event_id", who % 2 == 0 ? "4771" : "4776"}, {"@status", "0xC000006A"}, {"@src_ip", "203.0.113.200"}})
        .account_ = "CORP\\user" + std::to_string(who);
  }
  run.row("windows_security", format_utc(Time{(kStart + 25 * kD + kH) * kSecond}),
          {{"@event_id", "4624"}, {"@src_ip", "203.0.113.200"}})
      .account_ = "user3";
  const auto all = run.findings();
  // A point in time cannot overlap by five minutes: shown, not counted.
  ASSERT_EQ(of(all, "analytic.new-sign-in").size(), 1U) << text(all);
  EXPECT_EQ(of(all, "analytic.new-sign-in")[0].sighting.account, "m.okafor");
  ASSERT_EQ(of(all, "analytic.password-spray").size(), 1U) << text(all);
  EXPECT_EQ(of(all, "analytic.password-spray")[0].sighting.account, "user3");
}

TEST(Credentials, BytesOfASessionAreThoseOfItsEnd) {
  Trial run("credentials");
  Gateway gateway(run);
  gateway.session("m.okafor", "198.18.140.21", kStart + 12 * kH, kH, "a", 88'070'144);
  run.row("vpn", format_utc(Time{(kStart + 12 * kH + 1800) * kSecond}),
          {{"@session_user", "m.okafor"},
           {"@src_ip", "198.18.140.21"},
           {"@session_event", "TCPCONNSTAT"},
           {"@bytes_out", "87000000"}});
  run.row("vpn", format_utc(Time{(kStart + 12 * kH + 1900) * kSecond}),
          {{"@session_user", "m.okafor"},
           {"@src_ip", "198.18.140.21"},
           {"@session_event", "tunnel-stats"},
           {"@bytes_out", "9000000"}});
  (void)run.findings();
  std::int64_t session = 0, connections = 0;
  for (const auto& [key, row] : run.table("signins").rows()) {
    session += row[kSessionBytes];
    connections += row[kConnectionBytes];
  }
  EXPECT_EQ(session, 88'070'144);
  EXPECT_EQ(connections, 87'000'000);
}

}  // namespace
}  // namespace assay
