// Holes by a source's own rhythm: what is one, and what never may be.
#include "analytics/rhythm.h"

#include <gtest/gtest.h>

#include <functional>

namespace assay {
namespace {

// 2020-01-06, a Monday, is day 18267.
constexpr std::int64_t kStart = 18267 * 24;

std::set<std::int64_t> hours(std::int64_t days,
                             const std::function<bool(std::int64_t day, std::int64_t hour)>& active) {
  std::set<std::int64_t> out;
  for (std::int64_t i = 0; i < days * 24; ++i) {
    if (active(i / 24, i % 24)) out.insert(kStart + i);
  }
  return out;
}
bool office(std::int64_t day, std::int64_t hour) { return day % 7 < 5 && hour >= 8 && hour < 18; }

TEST(Rhythm, AMachineThatFallsSilentForSixHours) {
  const auto active = hours(1, [](std::int64_t, std::int64_t hour) { return hour < 9 || hour >= 15; });
  EXPECT_EQ(rhythm_gaps(active), (std::vector<RhythmGap>{{kStart + 9, kStart + 14, 6}}));
  const auto long_log =
      hours(60, [](std::int64_t day, std::int64_t hour) { return day != 30 || hour < 9 || hour >= 15; });
  EXPECT_EQ(rhythm_gaps(long_log), (std::vector<RhythmGap>{{kStart + 30 * 24 + 9, kStart + 30 * 24 + 14, 6}}));
}

TEST(Rhythm, ShortSilencesOfAMachineAreNone) {
  const auto active = hours(60, [](std::int64_t day, std::int64_t hour) { return day % 9 != 3 || hour != 4; });
  EXPECT_TRUE(rhythm_gaps(active).empty());
}

TEST(Rhythm, NightsAndWeekendsAreNoHolesHoweverLongTheLog) {
  for (const std::int64_t days : {1, 2, 3, 5, 6, 7, 8, 9, 12, 15, 29, 90, 400}) {
    EXPECT_TRUE(rhythm_gaps(hours(days, office)).empty()) << days;
  }
}

TEST(Rhythm, AWorkingDayWithoutARecordIsAHole) {
  for (const std::int64_t days : {12, 26, 90}) {
    const auto active = hours(days, [](std::int64_t day, std::int64_t hour) { return day != 8 && office(day, hour); });
    const auto gaps = rhythm_gaps(active);
    ASSERT_EQ(gaps.size(), 1U) << days;
    EXPECT_EQ(gaps[0], (RhythmGap{kStart + 7 * 24 + 18, kStart + 9 * 24 + 7, 10})) << days;
  }
}

TEST(Rhythm, AWeekendLostByAMachineIsAHole) {
  const auto active = hours(13, [](std::int64_t day, std::int64_t) { return day != 5 && day != 6; });
  EXPECT_EQ(rhythm_gaps(active), (std::vector<RhythmGap>{{kStart + 5 * 24, kStart + 7 * 24 - 1, 48}}));
}

TEST(Rhythm, ADailyJobThatStopsForAWeek) {
  const auto active =
      hours(60, [](std::int64_t day, std::int64_t hour) { return hour == 3 && (day < 20 || day >= 27); });
  EXPECT_EQ(rhythm_gaps(active), (std::vector<RhythmGap>{{kStart + 19 * 24 + 4, kStart + 27 * 24 + 2, 7}}));
}

TEST(Rhythm, ARecordADayAtAnyHourIsJudgedByDays) {
  const auto active =
      hours(90, [](std::int64_t day, std::int64_t hour) { return hour == day * 7 % 24 && (day < 20 || day >= 27); });
  EXPECT_EQ(rhythm_gaps(active), (std::vector<RhythmGap>{{kStart + 19 * 24 + 14, kStart + 27 * 24 + 20, 7 * 24}}));
}

TEST(Rhythm, ASourceWithoutRhythmHasNoHoles) {
  std::uint64_t state = 7;
  std::set<std::int64_t> active;
  for (std::int64_t i = 0; i < 90 * 24; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    if (state >> 60 == 0) active.insert(kStart + i);  // one hour in sixteen
  }
  EXPECT_TRUE(rhythm_gaps(active).empty());
}

TEST(Rhythm, NothingOneRecordAndBrokenClocks) {
  EXPECT_TRUE(rhythm_gaps({}).empty());
  EXPECT_TRUE(rhythm_gaps({5}).empty());
  EXPECT_TRUE(rhythm_gaps({-1, 0, 1, kStart, kStart + 1, kStart + 2, INT64_MAX / 4'000'000'000'000}).empty());
}

TEST(Rhythm, TwoLogsYearsApartAreTwoLogs) {
  auto active = hours(30, [](std::int64_t, std::int64_t) { return true; });
  for (std::int64_t i = 0; i < 30 * 24; ++i) active.insert(kStart + 800 * 24 + i);
  EXPECT_TRUE(rhythm_gaps(active).empty());
}

}  // namespace
}  // namespace assay
