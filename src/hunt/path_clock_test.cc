// A log that is wrong by the same amount in every record, learned from the records that carry both clocks.
#include "hunt/path_clock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace assay {
namespace {

class PathClocks : public ::testing::Test {
 protected:
  PathClocks()
      : schemas_(SchemaSet::load({}).value()),
        engine_(Engine::compile(rules_, schemas_, profile_, {})),
        plans_(*engine_, schemas_, knowledge_) {}

  // Events of a host: `both` of them with Sysmon's clock, the rest without, after one another.
  static std::string log(int without, int both, std::int64_t ahead, std::int64_t wobble = 0) {
    std::mt19937 random(3);
    std::string out;
    for (int i = 0; i < without + both; ++i) {
      const Time event{1'590'000'000 * kSecond + i * kSecond};
      Time stamp{event.ns + ahead};
      if (wobble > 0) stamp.ns += static_cast<std::int64_t>(random() % 1000) * wobble;
      const std::string own = i < without ? "" : fmt::format(R"(,"UtcTime":"{}")", format_utc(event));
      out += fmt::format(R"({{"EventID":{},"Channel":"{}","Hostname":"ws-1","@timestamp":"{}"{}}})"
                         "\n",
                         i < without ? 4624 : 10, i < without ? "Security" : "Microsoft-Windows-Sysmon/Operational",
                         format_utc(stamp), own);
    }
    return out;
  }
  std::vector<PathClock> learn(const std::string& text) {
    const ClockProbe probe{
        find_format("json-lines"), "", "", &schemas_, &plans_, [](TimeRule::Kind, std::string_view value) {
          return parse_iso8601(value);
        }};
    if (!has_two_clocks(probe, std::string_view(text).substr(0, kClockWindow))) return {};
    return learn_clocks(probe, text.size(),
                        [&](std::uint64_t offset, std::size_t size) { return text.substr(offset, size); });
  }

  RuleSet rules_;
  Knowledge knowledge_;
  Profile profile_;
  SchemaSet schemas_;
  std::unique_ptr<Engine> engine_;
  Plans plans_;
};

TEST_F(PathClocks, TheOffsetOfTheWholeLogIsLearnedWhereverBothClocksStand) {
  for (const std::int64_t hours : {-19, -4, 1, 12}) {
    const std::vector<PathClock> want{{"@timestamp", "UtcTime", hours * kHour}};
    EXPECT_EQ(learn(log(0, 40, hours * kHour)), want);
    EXPECT_EQ(learn(log(20'000, 4'000, hours * kHour)), want) << "events with both clocks at the end";
  }
  EXPECT_EQ(learn(log(0, 40, 5 * kHour + 45 * kMinute)).size(), 1U) << "zones of three quarters of an hour";
}

TEST_F(PathClocks, WhatIsNoZoneIsNotLearned) {
  EXPECT_TRUE(learn(log(100, 100, 0)).empty()) << "they agree";
  EXPECT_TRUE(learn(log(100, 100, 20 * kSecond)).empty()) << "transport";
  EXPECT_TRUE(learn(log(100, 100, 7 * kMinute + 40 * kSecond)).empty()) << "skew, not a zone";
  EXPECT_TRUE(learn(log(100, 100, kHour, 10 * kSecond)).empty()) << "apart by up to hours, all of them different";
  EXPECT_TRUE(learn(log(100, 15, kHour)).empty()) << "too few";
  EXPECT_TRUE(learn(log(100, 0, kHour)).empty()) << "one clock";
}

TEST_F(PathClocks, OtherBytesTeachNothing) {
  EXPECT_TRUE(learn("").empty());
  EXPECT_TRUE(learn(std::string(100'000, '\n')).empty());
  EXPECT_TRUE(learn(std::string(100'000, '{')).empty());
  std::string text = log(100, 100, kHour);
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) text[random() % text.size()] = static_cast<char>(random());
  (void)learn(text);
}

TEST(Offsets, InWords) {
  EXPECT_EQ(offset_words(-19 * kHour), "-19 h 00 m");
  EXPECT_EQ(offset_words(7 * kMinute + 40 * kSecond), "+07 m 40 s");
  EXPECT_EQ(offset_words(-366 * kDay - kSecond), "-366 d 0 h 00 m 01 s");
  EXPECT_EQ(offset_words(0), "+00 m");
}

}  // namespace
}  // namespace assay
