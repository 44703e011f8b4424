// Pieces of the run that have no evidence: serialised forms, grouping, copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "hunt/channel.h"
#include "hunt/duplicates.h"
#include "hunt/exports.h"
#include "hunt/plans.h"
#include "hunt/unit.h"

namespace assay {
namespace {

KeyedMatch sample_match(std::mt19937& random) {
  KeyedMatch k;
  k.match.detector = static_cast<DetectorIndex>(random() % 5);
  k.match.part = static_cast<std::uint32_t>(random() % 2);
  k.match.base = random() % 2;
  k.match.role = static_cast<Role>(random() % 9);
  k.match.outcome = static_cast<Outcome>(random() % 4);
  k.match.time = Time{static_cast<std::int64_t>(random() % 100)};
  k.match.ref = {0, random() % 1000, random() % 50};
  k.match.content = random();
  k.match.host = "h" + std::to_string(random() % 3);
  k.match.fields = {{"@src_ip", std::to_string(random() % 3)}, {"url", "x"}};
  k.match.group = {"g" + std::to_string(random() % 3)};
  k.chain = "c" + std::to_string(random() % 3);
  k.key = group_key(k.match, false);
  return k;
}

TEST(Unit, MatchesSurviveTheirSerialisedForm) {
  std::mt19937 random(7);
  std::vector<KeyedMatch> matches;
  for (int i = 0; i < 500; ++i) matches.push_back(sample_match(random));
  std::vector<KeyedMatch> back;
  for (const std::string& chunk : save_run(matches, 1000)) {
    Reader in(chunk);
    while (!in.done()) {
      KeyedMatch k;
      ASSERT_TRUE(load(in, k));
      back.push_back(std::move(k));
    }
  }
  ASSERT_EQ(back.size(), matches.size());
  EXPECT_TRUE(std::is_sorted(back.begin(), back.end(), keyed_less));
}

TEST(Exports, ANumberOfRowsThatIsALimitIsSaid) {
  const auto said = [](std::uint64_t rows) {
    ItemPart item;
    item.export_rows = true;
    item.records = rows - 1;
    item.damaged = 1;  // a row too
    item.first = *parse_iso8601("2020-04-01T00:00:00Z");
    item.last = *parse_iso8601("2020-04-16T02:12:07Z");
    item.earlier_to_later = rows - 1;
    return cut_export(item, false).value_or("");
  };
  // A spreadsheet's rows with and without its header.
  const std::set<std::uint64_t> limits = {1'000, 5'000, 10'000, 50'000, 65'535, 65'536, 100'000, 1'048'575, 1'048'576};
  for (const std::uint64_t limit : limits) {
    for (const std::uint64_t rows : {limit - 1, limit, limit + 1})
      EXPECT_EQ(!said(rows).empty(), limits.contains(rows)) << rows;
  }
  EXPECT_EQ(said(50'000),
            "exactly 50,000 records, where exports stop; there is probably more after 2020-04-16T02:12:07Z");
}

TEST(Exports, NewestFirstAndCut) {
  ItemPart item;
  item.export_rows = true;
  item.records = 2'500;
  item.first = *parse_iso8601("2020-04-01T00:00:00Z");
  item.last = *parse_iso8601("2020-04-16T02:12:07Z");
  item.later_to_earlier = 2'400;
  item.earlier_to_later = 3;
  EXPECT_EQ(cut_export(item, false),
            "newest first and exactly 2,500 records; there is probably more before 2020-04-01T00:00:00Z");
  for (const std::uint64_t rows : {2'499U, 2'501U, 0U}) {
    item.records = rows;
    EXPECT_FALSE(cut_export(item, false)) << rows;
  }
  item.records = 2'500;
  item.earlier_to_later = 2'400;  // no order
  EXPECT_FALSE(cut_export(item, false));
  EXPECT_EQ(cut_export(item, true), "it ends inside a record; there is probably more after 2020-04-16T02:12:07Z");
  item.export_rows = false;  // a log file of 1,000 lines is only that
  item.records = 1'000;
  EXPECT_FALSE(cut_export(item, true));

  Notices notices;
  notices.add({NoticeKind::truncated, "b.csv", 9, 1, "x"});
  ItemPart other;
  other.export_rows = true;
  other.records = 7;
  report_cut_exports({{"a.csv", other}, {"b.csv", other}}, notices);
  ASSERT_EQ(notices.sorted().size(), 2U);
  EXPECT_EQ(notices.sorted().back().kind, NoticeKind::probably_truncated_export);
  EXPECT_EQ(notices.sorted().back().item, "b.csv");
}

TEST(Unit, DamagedBytesAreRefusedNotTrusted) {
  UnitResult result;
  result.items.push_back(
      {"a.log", "", "a.log", "json", "records", 10, 2, 0, 0, Time{1}, Time{2}, {"h"}, "aa", true, 4, 5});
  result.tables.emplace_back(sketch_spec());
  result.notices.add({NoticeKind::truncated, "a.log", 3, 1, "x"});
  UnitSpec unit;
  unit.chain = "a.log";
  result.discovered.push_back(unit);
  const std::string bytes = save_result(result);
  UnitResult back;
  ASSERT_TRUE(load_result(bytes, back));
  EXPECT_EQ(save_result(back), bytes);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    UnitResult cut;
    EXPECT_FALSE(load_result(std::string_view(bytes).substr(0, n), cut)) << n;
  }
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string broken = bytes;
    broken[random() % broken.size()] = static_cast<char>(random());
    UnitResult any;
    (void)load_result(broken, any);  // must neither crash nor allocate without bound
  }
}

TEST(Unit, IdentityFieldsGroupAndOthersDoNot) {
  Match a;
  a.host = "h";
  a.fields = {{"@src_ip", "10.0.0.1"}, {"url", "/one"}};
  Match b = a;
  b.fields[1].second = "/two";
  EXPECT_EQ(group_key(a, false), group_key(b, false));
  EXPECT_NE(group_key(a, true), group_key(b, true));
  b.fields[0].second = "10.0.0.2";
  EXPECT_NE(group_key(a, false), group_key(b, false));
}

Table sketch(const std::vector<std::tuple<std::string, int, int, int>>& rows) {
  Table table(sketch_spec());
  for (const auto& [item, hour, records, sum] : rows) {
    table.add({item, "web_access", std::to_string(hour)}, std::vector<std::int64_t>{records, sum});
  }
  return table;
}

TEST(Duplicates, ARotatedCopyIsLeftOutWithItsCutEdges) {
  // "long" holds hours 1..5; "short" starts inside hour 2 and ends inside hour 5.
  const Table table = sketch({{"long", 1, 10, 111},
                              {"long", 2, 10, 222},
                              {"long", 3, 10, 333},
                              {"long", 4, 10, 444},
                              {"long", 5, 10, 555},
                              {"short", 2, 4, 99},
                              {"short", 3, 10, 333},
                              {"short", 4, 10, 444},
                              {"short", 5, 3, 77}});
  const Duplicates found = find_duplicates(table, {}, {});
  EXPECT_EQ(found.records, 27u);
  EXPECT_EQ(found.left_out.size(), 4u);
  EXPECT_TRUE(found.left_out.contains({"short", "2"}));
  EXPECT_FALSE(found.left_out.contains({"long", "3"}));
}

TEST(Duplicates, OverlappingFilesKeepTheFullerHour) {
  // "a" ends inside hour 3, "b" begins inside hour 1.
  const Table table = sketch(
      {{"a", 1, 9, 1}, {"a", 2, 9, 2}, {"a", 3, 2, 3}, {"b", 1, 4, 9}, {"b", 2, 9, 2}, {"b", 3, 9, 8}, {"b", 4, 9, 7}});
  const Duplicates found = find_duplicates(table, {}, {});
  EXPECT_TRUE(found.left_out.contains({"b", "1"}));
  EXPECT_TRUE(found.left_out.contains({"b", "2"}));
  EXPECT_TRUE(found.left_out.contains({"a", "3"}));
  EXPECT_EQ(found.records, 4u + 9u + 2u);
}

TEST(Duplicates, EqualSingleRecordsOfUnrelatedFilesStay) {
  EXPECT_EQ(find_duplicates(sketch({{"a", 1, 1, 5}, {"b", 1, 1, 5}, {"a", 2, 3, 5}, {"b", 2, 4, 6}}), {}, {}).records,
            0u);
}

TEST(Duplicates, AMergedExportIsLeftOutForItsParts) {
  const Table table =
      sketch({{"all", 1, 15, 600}, {"conn", 1, 8, 100}, {"dns", 1, 4, 200}, {"ssl", 1, 3, 300}, {"web", 1, 9, 5}});
  const Duplicates found = find_duplicates(table, {}, {});
  EXPECT_EQ(found.left_out, (std::set<std::pair<std::string, std::string>>{{"all", "1"}}));
  EXPECT_EQ(found.records, 15u);
  EXPECT_EQ(found.sums.at("all").of, (std::set<std::string>{"conn", "dns", "ssl"}));
  // One hash off: nothing is a copy.
  EXPECT_EQ(find_duplicates(sketch({{"all", 1, 15, 601}, {"conn", 1, 8, 100}, {"dns", 1, 4, 200}, {"ssl", 1, 3, 300}}),
                            {}, {})
                .records,
            0u);
}

TEST(Duplicates, TheItemThatTellsItsHostIsKept) {
  const Table table = sketch({{"a-download.log", 1, 10, 111}, {"gw/access.log", 1, 10, 111}});
  EXPECT_TRUE(find_duplicates(table, {}, {}).left_out.contains({"gw/access.log", "1"}));
  EXPECT_TRUE(find_duplicates(table, {}, {"a-download.log"}).left_out.contains({"a-download.log", "1"}));
}

TEST(Duplicates, TablesLoseOnlyTheCopiedSpans) {
  Duplicates duplicates;
  duplicates.left_out.emplace("b", "7");
  Table table(TableSpec{"flows", {"item", "dst", "hour"}, {"bytes"}, {Merge::sum}});
  table.add({"a", "x", "7"}, std::vector<std::int64_t>{5});
  table.add({"b", "x", "7"}, std::vector<std::int64_t>{5});
  table.add({"b", "x", "8"}, std::vector<std::int64_t>{6});
  table.add({"copy", "x", "9"}, std::vector<std::int64_t>{6});
  const Table kept = without_copies(table, duplicates, {{"copy", "a"}});
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_TRUE(kept.find({"b", "x", "8"}).has_value());
}

TEST(Channel, CarriesFramesWholeWhateverTheirSize) {
  Channel a, b;
  ASSERT_TRUE(Channel::pair(a, b));
  const std::string large(100000, 'x');
  ASSERT_TRUE(a.send(FrameType::progress, ""));
  ASSERT_TRUE(a.send(FrameType::result, large));
  FrameType type{};
  std::string body;
  int fd = -1;
  ASSERT_TRUE(b.receive(type, body, fd));
  EXPECT_EQ(type, FrameType::progress);
  ASSERT_TRUE(b.receive(type, body, fd));
  EXPECT_EQ(body, large);
  a.close();
  EXPECT_FALSE(b.receive(type, body, fd));
}

}  // namespace
}  // namespace assay
