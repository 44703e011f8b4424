// What a source says about itself: holes, emptied logs, missing numbers, jumps, silence.
#include "hunt/continuity.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/coverage.h"
#include "core/time.h"
#include "hunt/tally.h"

namespace assay {
namespace {

constexpr std::int64_t kDay0 = 18383;  // 2020-05-01, a Friday
using Row = std::vector<std::int64_t>;

std::string text(const Notices& notices) {
  std::string out;
  for (const Notice& n : notices.sorted())
    out += fmt::format("{} {} {}x {}\n", name_of(n.kind), n.item, n.count, n.detail);
  return out;
}

void cover(Table& table, const std::string& item, const std::string& klass, const std::string& host, std::int64_t day,
           std::int64_t hours = 0xFFFFFF) {
  const std::int64_t ns = (kDay0 + day) * kDay;
  table.add({item, klass, host, std::to_string(kDay0 + day)}, Row{24, ns, ns + kDay - 1, hours});
}

TEST(Gaps, AHoleOfAFolderIsToldOnceForItsKinds) {
  Table coverage(coverage_spec());
  for (std::int64_t day = 0; day < 30; ++day) {
    if (day == 10 || day == 11) continue;
    cover(coverage, fmt::format("export/zeek/{}.tar!conn.log", day), "network_flow", "192.0.2.7", day);
    cover(coverage, fmt::format("export/zeek/{}.tar!dns.log", day), "dns", "192.0.2.7", day);
  }
  Notices notices;
  find_gaps(coverage, notices);
  EXPECT_EQ(text(notices),
            "gap export/zeek 1x no records from 2020-05-11T00:00 to 2020-05-13T00:00; by the source's own rhythm 48 of "
            "these hours would have some\n");
}

TEST(Gaps, OneHostOfManyThatFallsSilent) {
  Table coverage(coverage_spec());
  for (std::int64_t day = 0; day < 30; ++day) {
    for (const std::string host : {"ws-1", "ws-2", "ws-3"}) {
      if (host == "ws-2" && day == 14) continue;
      cover(coverage, "export/events.json", "windows_security", host, day);
      cover(coverage, "export/zeek/conn.log", "network_flow", host, day);  // a quiet host is no hole of the sensor
    }
  }
  Notices notices;
  find_gaps(coverage, notices);
  EXPECT_EQ(
      text(notices),
      "gap export 1x ws-2, windows security: no records from 2020-05-15T00:00 to 2020-05-16T00:00; by the source's "
      "own rhythm 24 of these hours would have some\n");
}

TEST(Gaps, NightsAndWeekendsAreNone) {
  Table coverage(coverage_spec());
  for (std::int64_t day = 0; day < 60; ++day) {
    if ((day + 4) % 7 < 5) cover(coverage, "export/proxy.json", "proxy", "192.0.2.7", day, 0x03FF00);
  }
  Notices notices;
  find_gaps(coverage, notices);
  EXPECT_EQ(text(notices), "");
}

// Numbers first..last of one hour.
void number(Table& table, const std::string& host, std::int64_t hour, std::int64_t first, std::int64_t last) {
  table.add({"export/events.json", host, "Security", std::to_string(kDay0 * 24 + hour)},
            Row{last - first + 1, first, last});
}

TEST(RecordHoles, MissingNumbersAreCountedAndPlaced) {
  Table ids(record_ids_spec()), clears(log_clears_spec());
  number(ids, "ws-1", 0, 1000, 1099);
  number(ids, "ws-1", 1, 1100, 1199);
  number(ids, "ws-1", 5, 1260, 1400);
  number(ids, "ws-2", 0, 1, 50);  // whole
  Notices notices;
  find_record_holes(ids, clears, notices);
  EXPECT_EQ(
      text(notices),
      "record_hole export/events.json 60x ws-1, Security: 60 of the records numbered 1000 to 1400 are missing, 60 of "
      "them between 2020-05-01T01:00 and 2020-05-01T06:00\n");
}

TEST(RecordHoles, ClearingStartsTheNumbersAnew) {
  Table ids(record_ids_spec()), clears(log_clears_spec());
  number(ids, "ws-1", 0, 5000, 5099);
  number(ids, "ws-1", 3, 1, 80);
  clears.add({"export/events.json", "ws-1", "Security", std::to_string(kDay0 * 24 + 2)},
             Row{1, (kDay0 * 24 + 2) * kHour});
  number(ids, "ws-1", 2, 1, 9000);  // before and after in one hour
  Notices cleared;
  find_record_holes(ids, clears, cleared);
  find_clears(clears, cleared);
  EXPECT_EQ(
      text(cleared),
      "log_cleared export/events.json 1x ws-1: an event says that Security was emptied at 2020-05-01T02:00; what it "
      "held before is known only from other copies\n");
}

TEST(RecordHoles, ANewStartThatNoEventExplainsIsToldAndASelectionIsCalledOne) {
  Table ids(record_ids_spec());
  number(ids, "ws-1", 0, 5000, 5099);
  number(ids, "ws-1", 3, 1, 80);
  for (std::int64_t hour = 0; hour < 30; ++hour) {
    ids.add({"export/some.json", "ws-2", "Security", std::to_string(kDay0 * 24 + hour)},
            Row{1, hour * 100, hour * 100});
  }
  Notices notices;
  find_record_holes(ids, Table(log_clears_spec()), notices);
  EXPECT_EQ(
      text(notices),
      "record_hole  1x Security: fewer than half of the numbered records are there, so this is a selection of events; "
      "what was not selected is not known\n"
      "record_hole export/events.json 1x ws-1, Security: the numbers start again at 1 on 2020-05-01T03:00, and no "
      "event "
      "says that the log was emptied: it was deleted, the machine was set up anew, or time went back\n");
}

Table blocks(const std::vector<std::int64_t>& minutes) {
  Table out(order_spec());
  for (std::size_t i = 0; i < minutes.size(); ++i)
    out.add({"export/a.log", fmt::format("{:014}", i)}, Row{100, kDay0 * kDay + minutes[i] * kMinute});
  return out;
}
std::string jumps(const std::vector<std::int64_t>& minutes) {
  Notices notices;
  find_jumps(blocks(minutes), Table(coverage_spec()), notices);
  return text(notices);
}

TEST(Jumps, TimeThatGoesBackForGood) {
  std::vector<std::int64_t> minutes;
  for (std::int64_t i = 0; i < 40; ++i) minutes.push_back(i * 10 - (i >= 25 ? 60 : 0));
  EXPECT_EQ(jumps(minutes),
            "clock_jump export/a.log 1x time goes back by 50 m, from 2020-05-01T04:00 to 2020-05-01T03:10: the clock "
            "was set, "
            "or parts were joined in another order\n");
}

TEST(Jumps, NewestFirstMixedAndSteadyFilesSayNothing) {
  std::vector<std::int64_t> newest_first, mixed, steady;
  for (std::int64_t i = 0; i < 40; ++i) {
    newest_first.push_back(-i * 10);
    mixed.push_back(i % 2 == 0 ? i : i - 60);
    steady.push_back(i - (i % 4));  // records a few minutes late
  }
  EXPECT_EQ(jumps(newest_first) + jumps(mixed) + jumps(steady) + jumps({}) + jumps({5}), "");
}

TEST(Jumps, AClockThatWasNotSetAfterAStart) {
  for (const std::int64_t day : {std::int64_t{0}, std::int64_t{10957}}) {
    Table coverage(coverage_spec());
    coverage.add({"export/ns.log", "appliance", "gw", std::to_string(day)}, Row{12, day * kDay, day * kDay + kHour, 1});
    Notices alone, both;
    find_jumps(Table(order_spec()), coverage, alone);
    EXPECT_EQ(text(alone), "") << "an old log is an old log";
    cover(coverage, "export/ns.log", "appliance", "gw", 0);
    find_jumps(Table(order_spec()), coverage, both);
    EXPECT_EQ(text(both),
              fmt::format("clock_jump export/ns.log 12x records stamped {} beside later ones: a clock that was not "
                          "set yet, as after a start; their true time is not known\n",
                          format_date(Time{day * kDay})));
  }
}

TEST(Silent, GatewaysByNameWithTheOtherHalfOfThePair) {
  const auto profile = Profile::parse("p.yaml",
                                      "gateways:\n"
                                      "  - {name: gw-1, addresses: [192.0.2.1], partner: gw-2}\n"
                                      "  - {name: gw-2, addresses: [192.0.2.2], partner: gw-1, logging: no}\n"
                                      "hosts: [ws-1, ws-2, ws-3]\n");
  ASSERT_TRUE(profile.ok());
  Notices notices;
  find_silent(*profile, {"192.0.2.1", "ws-2"}, notices);
  EXPECT_EQ(
      text(notices),
      "silent_source  1x gateway gw-2 left no record; gw-1, the other half of the pair, did: an intruder on the silent "
      "half was not seen; the profile says that it does not log\n"
      "silent_source  2x hosts of the profile without a record: ws-1, ws-3\n");
  Notices none;
  find_silent(*profile, {"gw-1", "gw-2", "ws-1", "ws-2", "ws-3"}, none);
  EXPECT_EQ(text(none), "");
}

TEST(Folders, OfChains) {
  EXPECT_EQ(folder_of("a/zeek/2020.tar!x/conn.log"), "a/zeek");
  EXPECT_EQ(folder_of("conn.log"), ".");
}

}  // namespace
}  // namespace assay
