// Bounds of what left, held against a truth that the tables were made from.
#include "assess/exfiltration.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "assess/example_case.h"

namespace assay {
namespace {

using namespace example;

void listed(CaseData& data, const char* host, const char* address, Outcome outcome = Outcome::allowed) {
  add(data, {"cookie",
             host,
             "",
             at(kFirstDay + 10, 2),
             at(kLastDay, 18),
             50,
             Role::none,
             outcome,
             {{"@dst_ip", "198.51.100.9"}, {"@src_ip", address}}});
  add(data, {"listed",
             host,
             "",
             at(kFirstDay + 10, 2),
             at(kLastDay, 18),
             50,
             Role::contacted,
             outcome,
             {{"@dst_ip", "198.51.100.9"}, {"@src_ip", address}}});
}

// Each transfer is seen by one to three sensors, some of which miss it; some go through the proxy; some counters are
// contradicted by their packets; some are blocked; much comes in.
TEST(ExfiltrationBounds, HoldTheTruthOfRandomTables) {
  std::mt19937_64 random(3);
  const auto up_to = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  for (int round = 0; round < 60; ++round) {
    CaseData data = quiet_case();
    listed(data, "srv-1", "10.0.1.1");
    listed(data, "srv-2", "10.0.1.2");
    std::int64_t truth = 0;
    bool sure = true;
    const int transfers = static_cast<int>(1 + up_to(12));
    for (int i = 0; i < transfers; ++i) {
      const Time when = at(kFirstDay + 12 + up_to(80), static_cast<int>(up_to(24)));
      const char* const src = up_to(2) == 0 ? "10.0.1.1" : "10.0.1.2";
      const std::int64_t bytes = 1 + up_to(200'000'000);
      const int kind = static_cast<int>(up_to(6));
      if (kind == 0) {
        flow(data, "proxy", src, "198.51.100.9", when, bytes, 0, 0, 1);
        flow(data, "network_flow", "10.0.0.30", "198.51.100.9", when, bytes);
        truth += bytes;
      } else if (kind == 1) {
        flow(data, "network_flow", src, "198.51.100.9", when, bytes);
        flow(data, "firewall", src, "198.51.100.9", when, bytes);
        truth += bytes;
      } else if (kind == 2) {
        flow(data, "network_flow", src, "198.51.100.9", when, bytes);
        truth += bytes;
      } else if (kind == 3) {  // contradicted: anything up to what the packets carried
        flow(data, "network_flow", src, "198.51.100.9", when, 0, bytes);
        truth += up_to(static_cast<std::uint64_t>(bytes) + 1);
        sure = false;
      } else if (kind == 4) {  // blocked
        flow(data, "proxy", src, "198.51.100.9", when, 0, 0, 0, 1, 0, bytes);
      } else {  // a download of ours: bytes from outside, and the requests of an ordinary host elsewhere
        flow(data, "network_flow", "198.51.100.9", src, when, bytes);
        flow(data, "network_flow", "10.0.1.3", "203.0.113.99", when, 4'000);
      }
    }
    const Assessment a = assess(data, Scale::phia);
    const auto low = static_cast<std::int64_t>(a.exfiltration.left_low),
               high = static_cast<std::int64_t>(a.exfiltration.left_high);
    EXPECT_LE(low, truth) << round;
    EXPECT_GE(high, truth) << round;
    if (sure) {
      EXPECT_EQ(low, truth) << round;
      EXPECT_LE(high, 4 * low) << round;
    }
    EXPECT_TRUE(a.exfiltration.bounded);
  }
}

// Two logs overlap for some minutes of an hour: what is in both is counted once at the least and twice at the most.
TEST(ExfiltrationBounds, AnHourThatTwoItemsShareIsBounded) {
  CaseData data = quiet_case();
  listed(data, "srv-1", "10.0.1.1");
  const Time when = at(kFirstDay + 20, 2);
  const auto add_flow = [&](const char* item, const char* port, std::int64_t bytes) {
    std::vector<std::int64_t> row(12);
    row[0] = bytes;
    row[2] = 1;
    for (Table& table : data.tables) {
      if (table.spec().name == "flows")
        table.add({item, "network_flow", "10.0.1.1", "198.51.100.9", port, std::to_string(when.hour())}, row);
    }
  };
  flow(data, "network_flow", "10.0.1.1", "198.51.100.9", at(kFirstDay + 30, 2), 5'000);
  add_flow("/evidence/conn.log.1", "443", 60'000);
  add_flow("/evidence/conn.log.1", "80", 7'000);
  add_flow("/evidence/conn.log", "443", 40'000);
  served(data, "gw-1", "198.51.100.9", "page.large", when, 1);
  EXPECT_EQ(assess(data, Scale::phia).exfiltration.left_low, 112'000U);
  Table shared(TableSpec{"shared_hours", {"item", "hour"}, {"shared"}, {Merge::max}});
  for (const char* item : {"/evidence/conn.log.1", "/evidence/conn.log"})
    shared.add({item, std::to_string(when.hour())}, std::vector<std::int64_t>{1});
  data.tables.push_back(shared);
  const Assessment a = assess(data, Scale::phia);
  EXPECT_EQ(a.exfiltration.left_low, 72'000U);
  EXPECT_EQ(a.exfiltration.left_high, 112'000U);
}

TEST(ExfiltrationBounds, AllBlockedIsMalwareAndNothingButResponses) {
  CaseData data = quiet_case();
  listed(data, "srv-1", "10.0.1.1", Outcome::blocked);
  add(data, {"cert", "srv-1", "", at(kFirstDay + 10, 2), {}, 1, Role::none, Outcome::blocked, {}});
  for (int day = 20; day < 80; ++day)
    flow(data, "proxy", "10.0.1.1", "198.51.100.9", at(kFirstDay + day, 5), 0, 0, 0, 1, 0, 1'100);
  Assessment a = assess(data, Scale::phia);
  EXPECT_GE(a.find("malware")->probability, .95);
  EXPECT_EQ(a.exfiltration.left_low, 0U);
  EXPECT_EQ(a.exfiltration.left_high, 0U);
  EXPECT_LT(a.find("exfiltration")->probability, .55);
  add(data, {"exploit",
             "gw-1",
             "",
             at(kFirstDay + 9, 2, 12),
             {},
             1,
             Role::none,
             Outcome::unknown,
             {{"@src_ip", "198.18.77.41"}}});
  served(data, "gw-1", "198.18.77.41", "configuration.large", at(kFirstDay + 9, 2, 14), 48'312);
  a = assess(data, Scale::phia);
  EXPECT_EQ(a.exfiltration.left_low, 48'312U);
}

// Packed on a day on which nothing at the border counts: the days are named, and the high bound holds the archive.
TEST(ExfiltrationBounds, WhatLayPackedWhileNobodyCountedIsInTheHighBound) {
  const auto packed = [](bool network, bool firewall) {
    CaseData data = intrusion_case();
    detector(data, "packed", DetectorKind::check, "generic", "staging", "staging", "");
    add(data, {"packed",
               "srv-1",
               "",
               at(kFirstDay + 50, 23),
               {},
               1,
               Role::none,
               Outcome::unknown,
               {{"@command_line", "7za a -v100m /var/tmp/.c/w.7z /srv"}, {"name", "/var/tmp/.c/w.7z.003"}}});
    if (!network) without(data, "network_flow");
    if (firewall) cover(data, "firewall", "srv-1", kFirstDay + 51, kLastDay);
    return assess(data, Scale::phia);
  };
  constexpr std::uint64_t kArchive = std::uint64_t{200} << 20;
  const Assessment seen = packed(true, false), unseen = packed(false, false), half = packed(false, true);
  EXPECT_EQ(seen.exfiltration.staged_bytes, kArchive);
  EXPECT_TRUE(seen.exfiltration.unseen.empty());
  ASSERT_EQ(unseen.exfiltration.unseen.size(), 1U);
  EXPECT_EQ(unseen.exfiltration.unseen[0],
            "network flows or firewall of 21 May to 22 May, when something of 209.7 MB lay packed on srv-1");
  EXPECT_GE(unseen.exfiltration.left_high, unseen.exfiltration.left_low + kArchive);
  EXPECT_EQ(unseen.find("exfiltration")->gaps.front(), unseen.exfiltration.unseen[0]);
  ASSERT_EQ(half.exfiltration.unseen.size(), 1U);
  EXPECT_NE(half.exfiltration.unseen[0].find("of 21 May, when"), std::string::npos) << half.exfiltration.unseen[0];
  // Where nothing counts bytes at all there are no bounds to widen.
  CaseData data = quiet_case();
  for (const char* klass : {"network_flow", "proxy", "web_access"}) without(data, klass);
  detector(data, "packed", DetectorKind::check, "typical", "staging", "staging", "");
  add(data,
      {"packed", "srv-1", "", at(kFirstDay + 50, 23), {}, 1, Role::none, Outcome::unknown, {{"bytes", "9000000"}}});
  const Assessment none = assess(data, Scale::phia);
  EXPECT_FALSE(none.exfiltration.bounded);
  EXPECT_EQ(none.exfiltration.unseen.size(), 1U);
  EXPECT_FALSE(none.find("exfiltration")->judged);
}

TEST(ExfiltrationBounds, OrdinaryDownloadsNeverCount) {
  CaseData data = quiet_case();
  for (int i = 0; i < 50; ++i) {
    served(data, "gw-1", "203.0.113.50", "configuration.large", at(kFirstDay + 20, 2), 900'000);
    flow(data, "network_flow", "203.0.113.7", "10.0.1.1", at(kFirstDay + 20 + i, 3), 5'000'000'000);
  }
  const Assessment a = assess(data, Scale::phia);
  EXPECT_EQ(a.exfiltration.left_low, 0U);
  EXPECT_EQ(a.exfiltration.left_high, 0U);
}

void signin(CaseData& data, const char* account, const char* src, Time when, std::int64_t session,
            std::int64_t connections, const char* item = "/evidence/vpn/log") {
  const TableSpec spec{"signins",
                       {"item", "account", "src", "class", "device", "kind", "hour"},
                       {"count", "first", "last", "session_bytes", "connection_bytes", "first_ref"},
                       {Merge::sum, Merge::min, Merge::max, Merge::sum, Merge::sum, Merge::min}};
  Table* table = nullptr;
  for (Table& one : data.tables) {
    if (one.spec().name == "signins") table = &one;
  }
  if (table == nullptr) table = &data.tables.emplace_back(spec);
  for (const auto& [kind, whole, parts] :
       {std::tuple("end", session, std::int64_t{0}), std::tuple("use", std::int64_t{0}, connections)}) {
    const std::array<std::int64_t, 6> row{1, when.ns, when.ns, whole, parts, 0};
    table->add({item, account, src, "vpn", "", kind, std::to_string(when.hour())}, row);
  }
}

TEST(ExfiltrationBounds, AStolenSessionLeftByResponseAndItsOwnersDidNot) {
  CaseData data = quiet_case();
  detector(data, "analytic.stolen-session", DetectorKind::analytic, "typical", "credential", "stolen-session", "");
  signin(data, "m.okafor", "198.18.140.90", at(kFirstDay + 92, 13), 88'070'144, 87'900'000);
  signin(data, "m.okafor", "198.18.140.21", at(kFirstDay + 28, 20), 1'204'118, 0);
  signin(data, "CORP\\m.okafor", "198.19.4.7", at(kFirstDay + 92, 11), 31'000'000, 0);  // her own
  signin(data, "p.devlin", "198.18.140.90", at(kFirstDay + 92, 13), 55'000'000, 0);     // somebody else's
  signin(data, "m.okafor", "198.18.140.90", at(kFirstDay + 2, 13), 77'000'000, 0);      // before it began
  Assessment a = assess(data, Scale::phia);
  EXPECT_EQ(a.exfiltration.left_high, 0U);
  add(data, {"analytic.stolen-session",
             "",
             "m.okafor",
             at(kFirstDay + 28, 20),
             at(kFirstDay + 100, 1),
             7,
             Role::none,
             Outcome::allowed,
             {{"@src_ip", "198.18.140.21"}, {"network", "198.18.140.0/24"}}});
  a = assess(data, Scale::phia);
  EXPECT_EQ(a.exfiltration.left_low, 88'070'144U);
  EXPECT_EQ(a.exfiltration.left_high, 88'070'144U + 1'204'118U);
  ASSERT_EQ(a.credentials.size(), 1U);
  EXPECT_EQ(a.credentials[0].used, "yes");
  // How it was lost nothing says.
  double valid = 0;
  for (const auto& [way, share] : a.initial_access) {
    if (way == "valid_account") valid = share;
  }
  EXPECT_GT(valid, .3);
}

}  // namespace
}  // namespace assay
