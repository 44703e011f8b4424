// Clock offsets from events that two sources saw.
#include "hunt/clock_offsets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "hunt/leases.h"
#include "hunt/tally.h"

namespace assay {
namespace {

constexpr std::int64_t kStart = 18383 * kDay;

// Events 0..n-1 at times of their own; a source sees `each`-th one, `ahead` off and up to `late` seconds late.
void see(Table& table, const std::string& item, const std::string& tag, int n, int each, std::int64_t ahead,
         unsigned late = 2) {
  std::mt19937 random(static_cast<unsigned>(each) * 7 + late);
  for (int i = 0; i < n; i += each) {
    const std::int64_t at = kStart + std::int64_t{i} * 7919 % 100'000 * kSecond + ahead +
                            static_cast<std::int64_t>(random() % (late + 1)) * kSecond;
    table.add({item, tag, "f", fmt::format("{:016x}", static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15U),
               std::to_string(at)},
              std::vector<std::int64_t>{1});
  }
}
std::string text(const Table& table, const std::map<std::string, std::string>& copies = {}) {
  Notices notices;
  report_clock_offsets(find_clock_offsets(table, copies), notices);
  std::string out;
  for (const Notice& n : notices.sorted()) out += fmt::format("{} {}x {}\n", n.item, n.count, n.detail.substr(0, 60));
  return out;
}

TEST(ClockOffsets, TheShiftOfASourceIsFoundAndSized) {
  for (const std::int64_t ahead : {kHour, -kHour, 7 * kMinute + 40 * kSecond, -365 * kDay}) {
    Table table(shared_events_spec());
    see(table, "e/zeek/conn.log", "szeek-tsv", 400, 1, 0);
    see(table, "e/proxy/p.json", "secs-proxy", 400, 3, ahead);
    see(table, "e/fw/fw.log", "sfirewall", 400, 2, 0);
    const auto offsets = find_clock_offsets(table, {});
    ASSERT_EQ(offsets.size(), 3U);
    int found = 0;
    for (const ClockOffset& offset : offsets) {
      if (offset.source.find("proxy") == std::string::npos && offset.other.find("proxy") == std::string::npos) continue;
      const std::int64_t of_proxy = offset.source.find("proxy") != std::string::npos ? offset.ahead : -offset.ahead;
      EXPECT_LE(std::abs(of_proxy - ahead), 3 * kSecond);
      EXPECT_LE(offset.spread, 6 * kSecond);
      ++found;
    }
    EXPECT_EQ(found, 2);
    // The one that agrees with nobody is the one that is named.
    Notices notices;
    report_clock_offsets(offsets, notices);
    ASSERT_EQ(notices.sorted().size(), 2U);
    for (const Notice& n : notices.sorted()) EXPECT_EQ(n.item, "e/proxy (ecs-proxy)");
  }
}

TEST(ClockOffsets, SourcesThatAgreeSayNothing) {
  Table table(shared_events_spec());
  see(table, "e/zeek/conn.log", "szeek-tsv", 400, 1, 0);
  see(table, "e/proxy/p.json", "secs-proxy", 400, 3, 12 * kSecond);  // logged at the end of each request
  EXPECT_EQ(text(table), "");
}

TEST(ClockOffsets, TooFewWideOrTwoWaysAreNone) {
  Table few(shared_events_spec());
  see(few, "e/a/a", "sa", 7, 1, 0);
  see(few, "e/b/b", "sb", 7, 1, kHour);
  EXPECT_EQ(text(few), "");
  Table wide(shared_events_spec());
  see(wide, "e/a/a", "sa", 400, 1, 0);
  see(wide, "e/b/b", "sb", 400, 1, kHour, 3000);
  EXPECT_EQ(text(wide), "");
  Table two_ways(shared_events_spec());
  see(two_ways, "e/a/a", "sa", 400, 1, 0);
  see(two_ways, "e/b/b1", "sb", 200, 1, kHour);
  for (int i = 200; i < 400; ++i) {
    const std::int64_t at = kStart + std::int64_t{i} * 7919 % 100'000 * kSecond + 2 * kHour;
    two_ways.add({"e/b/b2", "sb", "f", fmt::format("{:016x}", static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15U),
                  std::to_string(at)},
                 std::vector<std::int64_t>{1});
  }
  EXPECT_EQ(text(two_ways), "");
}

TEST(ClockOffsets, EventsThatComeAgainStillTellAndCopiesDoNotCount) {
  Table table(shared_events_spec());
  see(table, "e/a/a", "sa", 40, 1, 0);
  see(table, "e/b/b", "sb", 40, 1, kHour);
  const std::string once = text(table);
  EXPECT_NE(once, "");
  Table again = table;  // every event three times
  for (const std::int64_t day : {30, 47}) {
    see(again, "e/a/later", "sa", 40, 1, day * kDay);
    see(again, "e/b/later", "sb", 40, 1, day * kDay + kHour);
  }
  EXPECT_NE(text(again), "");
  Table often = table;  // too often to tell anything
  for (int i = 1; i <= 9; ++i) see(often, "e/a/often", "sa", 40, 1, i * 11 * kDay);
  EXPECT_EQ(text(often), "");
  EXPECT_EQ(text(often, {{"e/a/often", "e/a/a"}}), once);
}

TEST(ClockOffsets, ALargeAndASmallSourceStillShareTheirSmallestKeys) {
  Table table(shared_events_spec());
  see(table, "e/a/a", "sa", 60'000, 1, 0);
  see(table, "e/b/b", "sb", 60'000, 50, kHour);
  const auto offsets = find_clock_offsets(table, {});
  ASSERT_EQ(offsets.size(), 1U);
  EXPECT_GE(offsets[0].agreeing, kOffsetPairs);
}

// One event an hour and more, for `days`; the second source is ahead by `at_first` and gains `per_day`.
Table drifting(int days, std::int64_t at_first, std::int64_t per_day, std::int64_t noise) {
  Table table(shared_events_spec());
  std::mt19937 random(5);
  for (int i = 0; i < days * 40; ++i) {
    const std::int64_t at = kStart + i * (kDay / 40) + static_cast<std::int64_t>(random() % 900) * kSecond;
    const std::int64_t ahead = at_first + per_day / 1000 * ((at - kStart) / (kDay / 1000)) +
                               static_cast<std::int64_t>(random() % 1000) * noise / 1000;
    const std::string hash = fmt::format("{:016x}", static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15U);
    table.add({"e/a/a", "sa", "f", hash, std::to_string(at)}, std::vector<std::int64_t>{1});
    table.add({"e/b/b", "sb", "f", hash, std::to_string(at + ahead)}, std::vector<std::int64_t>{1});
  }
  return table;
}
std::string said(const Table& table) {
  Notices notices;
  report_clock_offsets(find_clock_offsets(table, {}), notices);
  std::string out;
  for (const Notice& n : notices.sorted()) out += n.detail.substr(0, n.detail.find(" a day") + 6) + "\n";
  return out;
}

TEST(ClockOffsets, AnOffsetThatGrowsIsADriftWithItsSizePerDay) {
  EXPECT_EQ(said(drifting(6, 0, 4 * kSecond, kSecond)), "its clock drifts against e/b (b): it loses 4 s a day\n");
  EXPECT_EQ(said(drifting(6, kHour, -4 * kSecond, 0)), "its clock drifts against e/b (b): it gains 4 s a day\n");
  EXPECT_EQ(said(drifting(10, 0, 45 * kSecond, kSecond)), "its clock drifts against e/b (b): it loses 45 s a day\n");
  // Two days are no line, and what grows by less than the noise is none.
  EXPECT_EQ(said(drifting(2, 0, 4 * kSecond, 0)), "");
  EXPECT_EQ(said(drifting(6, 0, kSecond / 2, kSecond)), "");
  const auto offsets = find_clock_offsets(drifting(6, 0, 4 * kSecond, 0), {});
  ASSERT_EQ(offsets.size(), 1U);
  EXPECT_EQ(offsets[0].drift.days, 6);
  EXPECT_EQ(offsets[0].drift.last_day - offsets[0].drift.first_day, 5);
  EXPECT_NEAR(static_cast<double>(offsets[0].drift.last), -22e9, 2e9);
}

TEST(ClockOffsets, AStepIsNoDrift) {
  EXPECT_EQ(fit_drift({{1, {0, 9}}, {2, {0, 9}}, {3, {kHour, 9}}, {4, {kHour, 9}}}).per_day, 0);
  EXPECT_EQ(fit_drift({{1, {0, 9}}, {2, {9 * kSecond, 9}}, {3, {kSecond, 9}}}).per_day, 0);
  EXPECT_EQ(fit_drift({{1, {0, 9}}, {3, {8 * kSecond, 9}}, {4, {12 * kSecond, 9}}}).per_day, 4 * kSecond);
}

TEST(ClockOffsets, OrderIsInDoubtOnlyWithinWhatTheClocksDiffer) {
  Table table(shared_events_spec());
  see(table, "e/zeek/conn.log", "szeek-tsv", 400, 1, 0);
  see(table, "e/proxy/p.json", "secs-proxy", 400, 3, 7 * kMinute + 40 * kSecond);
  see(table, "e/fw/fw.log", "sfirewall", 400, 2, 0);
  const ClockDoubts doubts(find_clock_offsets(table, {}), table);
  EXPECT_NE(doubts.between({"e/zeek/conn.log", "e/proxy/p.json"}, kMinute), nullptr);
  EXPECT_EQ(doubts.between({"e/zeek/conn.log", "e/proxy/p.json"}, kHour), nullptr);  // longer than the clocks can turn
  EXPECT_EQ(doubts.between({"e/zeek/conn.log", "e/fw/fw.log"}, kMinute), nullptr);   // these agree
  EXPECT_EQ(doubts.between({"e/proxy/p.json"}, kMinute), nullptr);                   // one clock
  EXPECT_EQ(ClockDoubts().between({"e/zeek/conn.log", "e/proxy/p.json"}, 0), nullptr);
}

TEST(ClockOffsets, TheEstimateOfNothing) {
  EXPECT_EQ(estimate_offset({}).agreeing, 0);
  std::vector<OffsetPair> pairs;
  for (std::size_t key = 0; key < 7; ++key) pairs.push_back({5, key});
  for (int i = 0; i < 50; ++i) pairs.push_back({5, 3});  // one key many times is one event
  EXPECT_EQ(estimate_offset(pairs).agreeing, 0);
  pairs.push_back({5, 7});
  EXPECT_EQ(estimate_offset(pairs).ahead, 5);
}

// The whole way: a tally of records in units of any size gives the same sketch.
TEST(Tally, DoesNotDependOnHowAnItemIsCut) {
  const auto schemas = SchemaSet::load({}).value();
  const ShapeId shape = *schemas.find("zeek-tsv");
  Projection projection;
  const TallyPlan plan(schemas.at(shape), schemas.at(shape).routes[0], projection);
  const auto tables_of = [&](std::size_t unit) {
    std::vector<Table> tables = {Table(record_ids_spec()), Table(log_clears_spec()), Table(order_spec()),
                                 Table(shared_events_spec()), Table(leases_spec())};
    std::vector<std::string> values(projection.size());
    Profile profile;
    for (std::size_t begin = 0; begin < 9000; begin += unit) {
      Tally tally;
      for (std::size_t i = begin; i < std::min<std::size_t>(begin + unit, 9000); ++i) {
        FieldTable fields;
        fields.reset(projection.size());
        for (Slot slot = 0; slot < projection.size(); ++slot) {
          values[slot] = slot % 2 == 0 ? fmt::format("198.51.{}.{}", i / 250, i % 250) : std::to_string(1024 + i);
          fields.add(slot, Value{ValueKind::string, values[slot]});
        }
        tally.add(plan, fields, Time{static_cast<std::int64_t>(i) * kSecond}, i * 100, "", "zeek-tsv", profile);
      }
      tally.close("conn.log", {tables[0], tables[1], tables[2], tables[3], tables[4]});
    }
    // Of the sketch the smallest keys count, however many the units kept together.
    Writer out;
    tables[2].save(out);
    std::map<std::string, std::size_t> kept;
    for (const auto& [key, row] : tables[3].rows()) {
      if (++kept[key[2]] > kSharedKeys) continue;
      for (const std::string& part : key.copy()) out.str(part);
    }
    EXPECT_GE(kept.size(), 2U);
    return out.take();
  };
  EXPECT_EQ(tables_of(9000), tables_of(1));
  EXPECT_EQ(tables_of(9000), tables_of(777));
}

}  // namespace
}  // namespace assay
