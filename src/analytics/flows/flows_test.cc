#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(Flows, ATransferFarAboveTheHostsOwnDayIsFound) {
  Trial run("flows");
  for (int day = 1; day <= 20; ++day) {
    run.row("network_flow", "2020-05-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T10:00:00Z",
            {{"@src_ip", "10.0.0.1"},
             {"@dst_ip", "203.0.113.5"},
             {"@dst_port", "443"},
             {"@bytes_out", "2000000"},
             {"@bytes_in", "900"}});
  }
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@dst_port", "443"},
           {"@bytes_out", "300000000"},
           {"@bytes_in", "900"}});
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.bulk-outbound");
  EXPECT_EQ(field(found[0].sighting, "bytes"), "300000000");
  EXPECT_EQ(text(found), text(run.findings(true)));
  run.profile.transfers.push_back({"known", "", {"198.51.100.0/24"}});
  EXPECT_TRUE(run.findings().empty());
}

TEST(Flows, InboundBytesAndBlockedBytesAreNoTransfer) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "198.51.100.9"}, {"@dst_ip", "10.0.0.1"}, {"@bytes_out", "900000000"}, {"@bytes_in", "900"}});
  run.row("network_flow", "2020-05-21T02:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "400"}, {"@bytes_in", "900000000"}});
  run.row("proxy", "2020-05-21T03:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "900000000"}, {"@bytes_in", "0"}})
      .outcome_ = Outcome::blocked;
  EXPECT_TRUE(run.findings().empty());
  std::int64_t blocked = 0;
  for (const auto& [key, row] : run.table("flows").rows()) blocked += row[3];
  EXPECT_EQ(blocked, 900000000);
}

TEST(Flows, ACounterThatItsPacketsContradictIsAnIntervalAndANotice) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", "4294958733"},
           {"@bytes_in", "100"},
           {"@orig_ip_bytes", "57000"},
           {"@resp_ip_bytes", "5000"}});
  EXPECT_TRUE(run.findings().empty());
  const auto row = run.table("flows").rows().begin()->second;
  EXPECT_EQ(row[0], 0);      // sure
  EXPECT_EQ(row[4], 57000);  // at most what the packets carried
  ASSERT_EQ(run.notices.sorted().size(), 1U);
  EXPECT_EQ(run.notices.sorted()[0].kind, NoticeKind::bogus_counter);
}

TEST(Flows, SampledCountsAreAnIntervalAndANotice) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", "5000"},
           {"@bytes_in", "70"},
           {"@sampling", "100"}});
  run.row("network_flow", "2020-05-21T02:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "9"}, {"@sampling", "1"}});
  (void)run.findings();
  const auto row = run.table("flows").rows().begin()->second;
  EXPECT_EQ(row[0], 5000);    // at least
  EXPECT_EQ(row[4], 495000);  // and up to so much more
  EXPECT_EQ(row[5], 6930);
  ASSERT_EQ(run.notices.sorted().size(), 1U);
  EXPECT_EQ(run.notices.sorted()[0].kind, NoticeKind::assumption);
  EXPECT_EQ(run.notices.sorted()[0].count, 1U);
}

TEST(Flows, LostPacketsDoNotMakeACounterBogus) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", "50000"},
           {"@bytes_in", "1"},
           {"@orig_ip_bytes", "48000"},
           {"@missed_bytes", "2896"}});
  (void)run.findings();
  EXPECT_EQ(run.table("flows").rows().begin()->second[0], 50000);
}

TEST(Flows, BytesToACampaignDestinationCountWithoutTheProxysOwnLine) {
  Trial run("flows");
  run.profile.hosts.push_back({"proxy-01", {"10.0.0.30"}, "proxy", "", "", {}, {}, ""});
  run.sighting("cookie", "unique", "c2", "2020-05-01T00:00:00Z",
               {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}});
  run.row("proxy", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "2310000"}, {"@method", "POST"}});
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.30"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "2310000"}, {"@bytes_in", "3"}});
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.bulk-to-campaign");
  EXPECT_EQ(field(found[0].sighting, "bytes"), "2310000");
  EXPECT_EQ(found[0].sighting.host, "10.0.0.1");
  EXPECT_EQ(found[0].rests_on, std::vector<std::string>{"sgt--cookie"});
}

// One connection of which a sensor saw what its history says: out, in, at most more out, at most more in, notices.
std::string counted(const std::string& history, const std::string& out, const std::string& in) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", out},
           {"@bytes_in", in},
           {"@history", history},
           {"@orig_pkts", "10"},
           {"@resp_pkts", "20"}});
  (void)run.findings();
  const auto row = run.table("flows").rows().begin()->second;
  std::string text;
  for (const std::size_t column : {0U, 1U, 4U, 5U}) text += std::to_string(row[column]) + " ";
  for (const Notice& notice : run.notices.sorted())
    text += std::string(name_of(notice.kind)) + " x" + std::to_string(notice.count);
  return text;
}

TEST(Flows, OfASideThatWasNotSeenTheCountIsAnIntervalAndANotice) {
  EXPECT_EQ(counted("ShADadFf", "5000", "700"), "5000 700 0 0 ");
  EXPECT_EQ(counted("SADF", "5000", "0"), "5000 0 0 29200 bogus_counter x1");
  EXPECT_EQ(counted("^hadf", "5000", "700"), "0 700 58400 0 bogus_counter x1");  // acknowledged, never seen
  EXPECT_EQ(counted("^hadf", "90000", "700"), "0 700 90000 0 bogus_counter x1");
  EXPECT_EQ(counted("SADgF", "5000", "700"), "5000 0 0 29200 bogus_counter x1");
  EXPECT_EQ(counted("S", "5000", "0"), "5000 0 0 0 ");  // nobody answered
  EXPECT_EQ(counted("D", "5000", "0"), "5000 0 0 0 ");  // no handshake: UDP goes one way
  EXPECT_EQ(counted("", "5000", "0"), "5000 0 0 0 ");
}

TEST(Flows, ADirectionWithoutItsPairIsANotice) {
  const auto notices = [](bool pairs, bool lone) {
    Trial run("flows");
    const auto flow = [&](const std::string& from, const std::string& to) {
      run.row("network_flow", "2020-05-21T01:00:00Z", {{"@src_ip", from}, {"@dst_ip", to}, {"@bytes_out", "900"}});
    };
    if (pairs) flow("10.0.0.1", "198.51.100.9"), flow("198.51.100.9", "10.0.0.1");
    if (lone) flow("198.51.100.8", "10.0.0.1"), flow("198.51.100.8", "10.0.0.1");
    (void)run.findings();
    std::string text;
    for (const Notice& notice : run.notices.sorted())
      text += std::string(name_of(notice.kind)) + " x" + std::to_string(notice.count);
    return text;
  };
  EXPECT_EQ(notices(true, true), "bogus_counter x2");
  EXPECT_EQ(notices(true, false), "");
  EXPECT_EQ(notices(false, true), "");
}

}  // namespace
}  // namespace assay
