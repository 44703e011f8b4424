#include "hunt/item_ends.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "core/hash.h"
#include "hunt/duplicates.h"

namespace assay {
namespace {

struct Seen {
  std::int64_t minute;
  std::uint64_t content;
};

Table ends_of(const std::string& item, const std::vector<Seen>& records) {
  ItemEnds ends;
  for (const Seen& one : records) ends.add("web_access", Time{one.minute * 60 * kSecond}, one.content);
  Table table(item_ends_spec());
  ends.close(item, table);
  return table;
}

// `per_minute` records each minute, the same ones whoever asks.
std::vector<Seen> minutes(std::int64_t from, std::int64_t until, int per_minute = 10) {
  std::vector<Seen> out;
  for (std::int64_t minute = from; minute < until; ++minute) {
    for (int i = 0; i < per_minute; ++i) out.push_back({minute, hash64(std::to_string(minute * 1000 + i))});
  }
  return out;
}

Duplicates found_in(const std::vector<std::pair<std::string, std::vector<Seen>>>& items) {
  Table ends(item_ends_spec());
  for (const auto& [name, records] : items) ends.merge(ends_of(name, records));
  Duplicates found;
  add_shared_ends(ends, {}, found);
  return found;
}

// However an item is cut into units and in whatever order its records come, its ends are those of the whole.
TEST(ItemEnds, OfPartsAreThoseOfTheWhole) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Seen> records;
    const auto hours = static_cast<std::int64_t>(1 + random() % 12);
    for (int i = 0; i < 300; ++i)
      records.push_back({static_cast<std::int64_t>(random() % static_cast<unsigned>(hours * 60)), random()});
    if (round % 2 == 0)
      std::sort(records.begin(), records.end(), [](const Seen& a, const Seen& b) { return a.minute < b.minute; });
    Table parts(item_ends_spec());
    for (std::size_t at = 0; at < records.size();) {
      const std::size_t n = std::min<std::size_t>(records.size() - at, 1 + random() % 90);
      parts.merge(ends_of("x", {records.begin() + static_cast<std::ptrdiff_t>(at),
                                records.begin() + static_cast<std::ptrdiff_t>(at + n)}));
      at += n;
    }
    EXPECT_TRUE(true_ends(parts) == true_ends(ends_of("x", records))) << round;
    EXPECT_LE(true_ends(parts).size(), 2 * kEndHours);
  }
}

TEST(SharedEnds, AnOverlapOfMinutesIsToldAndNothingIsLeftOut) {
  // 10:00 to 12:40 and 12:20 to 15:00.
  const Duplicates found = found_in({{"log.1", minutes(600, 760)}, {"log", minutes(740, 900)}});
  EXPECT_TRUE(found.left_out.empty());
  ASSERT_EQ(found.shared.size(), 1U);
  const auto& [pair, shared] = *found.shared.begin();
  EXPECT_EQ(pair, std::pair(std::string("log.1"), std::string("log")));
  EXPECT_EQ(shared.first_hour, 12);
  EXPECT_GT(shared.records, 100U);  // 200 there are
  EXPECT_LT(shared.records, 300U);
  EXPECT_EQ(found.shared_hours, (std::set<std::pair<std::string, std::string>>{{"log", "12"}, {"log.1", "12"}}));
}

TEST(SharedEnds, ThePartOfAnHourThatTheOtherHoldsIsACopy) {
  // 12:20 to 13:40: hour 12 is whole in one, hour 13 in the other.
  const Duplicates found = found_in({{"log.1", minutes(600, 820)}, {"log", minutes(740, 900)}});
  EXPECT_EQ(found.left_out, (std::set<std::pair<std::string, std::string>>{{"log", "12"}, {"log.1", "13"}}));
  EXPECT_EQ(found.records, 400U + 400U);
  EXPECT_TRUE(found.shared_hours.empty());
}

TEST(SharedEnds, RotatedWithoutOverlapAndOtherLogsShareNothing) {
  EXPECT_TRUE(found_in({{"log.1", minutes(600, 750)}, {"log", minutes(750, 900)}}).shared.empty());
  std::vector<Seen> other;
  for (const Seen& one : minutes(600, 750)) other.push_back({one.minute, one.content * 3});
  const Duplicates found = found_in({{"a", minutes(600, 750)}, {"b", other}});
  EXPECT_TRUE(found.shared.empty());
  EXPECT_TRUE(found.left_out.empty());
}

TEST(SharedEnds, TheSameFewLinesInManyLogsAreNoCopies) {
  std::vector<std::pair<std::string, std::vector<Seen>>> items;
  for (int i = 0; i < 100; ++i) {
    std::vector<Seen> records;
    for (const Seen& one : minutes(600, 700, 1))
      records.push_back({one.minute, one.content ^ hash64(std::to_string(i))});
    records.push_back({610, 12345});  // a start-up line without a time of its own
    records.push_back({611, 54321});
    items.emplace_back("host" + std::to_string(i), std::move(records));
  }
  EXPECT_TRUE(found_in(items).shared.empty());
  EXPECT_TRUE(found_in(items).left_out.empty());
}

// Any overlap of a twentieth of the hour's records or more is seen nearly always.
TEST(SharedEnds, SmallOverlapsAreSeen) {
  int seen = 0;
  for (int shift = 0; shift < 40; ++shift) {
    const std::int64_t at = 600 + shift * 7 * 60;
    seen += !found_in({{"log.1", minutes(at, at + 33)}, {"log", minutes(at + 27, at + 60)}}).shared.empty();
  }
  EXPECT_GE(seen, 36);
}

}  // namespace
}  // namespace assay
