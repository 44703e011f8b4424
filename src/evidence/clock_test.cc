#include "evidence/clock.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

// The year of each line, decided from the text and the anchors.
std::string years_of(std::string_view text, const YearAnchors& anchors) {
  const auto stream = open_memory(text);
  const YearPlan plan = plan_years(*stream, anchors);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    out += (out.empty() ? "" : " ") + std::to_string(plan.year_at(at));
  return out + (plan.how.empty() ? "" : ": " + plan.how);
}
YearAnchors archived(std::string_view day) {
  YearAnchors anchors;
  anchors.archived = parse_iso8601(day).value_or(Time{});
  return anchors;
}

constexpr std::string_view kNewYear =
    "Dec 30 23:59:59 gw a: 1\nDec 31 23:59:59 gw a: 2\nJan  1 00:00:01 gw a: 3\nJan 12 10:00:00 gw a: 4\n";

TEST(Clock, NewYearIsCountedBackFromTheAnchor) {
  EXPECT_EQ(years_of(kNewYear, archived("2020-01-12")),
            "2019 2019 2020 2020: the time its archive keeps for it, 2020-01-12");
  EXPECT_EQ(years_of(kNewYear, archived("2020-12-31")).substr(0, 19), "2019 2019 2020 2020");
  // The last stamp cannot be later than the file, but a zone may make it look a day later.
  EXPECT_EQ(years_of(kNewYear, archived("2020-01-11T23:00:00")).substr(0, 19), "2019 2019 2020 2020");
  EXPECT_EQ(years_of(kNewYear, archived("2020-01-09")).substr(0, 19), "2018 2018 2019 2019");
  YearAnchors copied;
  copied.file = parse_iso8601("2020-07-01").value_or(Time{});
  EXPECT_EQ(years_of(kNewYear, copied),
            "2019 2019 2020 2020: the file's own time, 2020-07-01, which a copy may have changed");
  copied.as_of = parse_iso8601("2019-06-01").value_or(Time{});
  EXPECT_EQ(years_of(kNewYear, copied), "2018 2018 2019 2019: --as-of 2019-06-01");
  // When the archive was copied, or touched, says nothing of what is in it.
  YearAnchors touched = archived("2020-07-17");
  touched.file = parse_iso8601("2019-05-01").value_or(Time{});
  EXPECT_EQ(years_of(kNewYear, touched).substr(0, 19), "2019 2019 2020 2020");
}

TEST(Clock, PathsAndStampsWithAYearAreStronger) {
  YearAnchors anchors = archived("2023-01-01");
  anchors.path = "case/logs.tar!var/log/messages-20200113";
  EXPECT_EQ(years_of(kNewYear, anchors), "2019 2019 2020 2020: the date in its path, 2020-01-13");
  anchors.path = "case/2020/auth.log";
  EXPECT_EQ(years_of(kNewYear, anchors), "2019 2019 2020 2020: the year in its path, 2020");
  const std::string mixed = std::string(kNewYear) + "2021-01-13T00:00:00Z gw a: 5\nJan 14 00:00:00 gw a: 6\n";
  EXPECT_EQ(years_of(mixed, anchors), "2020 2020 2021 2021 2021 2021: stamps with a year in the same file");
  // A file that says all of its years needs no words about them.
  EXPECT_EQ(years_of("2021-01-13T00:00:00Z gw a: 5\n", anchors), "0");
}

TEST(Clock, NothingDecides) {
  EXPECT_EQ(years_of(kNewYear, {}), "0 0 0 0: nothing that says the year");
  // An appliance's or an archive's 1970 says nothing.
  EXPECT_EQ(years_of(kNewYear, archived("1970-01-01")), "0 0 0 0: nothing that says the year");
}

TEST(Clock, SeveralYearsAndLateRecords) {
  EXPECT_EQ(years_of("Mar  1 00:00:00 a b: c\nFeb 20 00:00:00 a b: c\nFeb 10 00:00:00 a b: c\nDec  1 00:00:00 a b: c\n"
                     "Jun  1 00:00:00 a b: c\n",
                     archived("2020-06-02")),
            "2018 2019 2019 2019 2020: the time its archive keeps for it, 2020-06-02");
  // Records of the old year that were written a little late, and of the old month.
  EXPECT_EQ(years_of("Dec 31 23:59:59 a b: c\nJan  1 00:00:01 a b: c\nDec 31 23:59:58 a b: c\nJan  1 00:00:02 a b: c\n",
                     archived("2020-01-02"))
                .substr(0, 19),
            "2019 2020 2019 2020");
  EXPECT_EQ(years_of("Mar  1 00:00:00 a b: c\nFeb 29 23:59:58 a b: c\nMar  1 00:00:02 a b: c\n", archived("2020-03-02"))
                .substr(0, 14),
            "2020 2020 2020");
}

TEST(Clock, StampsOfADeviceThatJustStartedHaveNoYear) {
  EXPECT_EQ(
      years_of("Jun  1 00:00:00 a b: c\nJan  1 00:00:01 a b: boot\nJan  1 00:00:09 a b: boot\nJun  1 00:02:00 a b: c\n",
               archived("2020-06-02"))
          .substr(0, 11),
      "2020 0 0 20");
}

TEST(Clock, PlansTravelWithRanges) {
  const auto stream = open_memory(kNewYear);
  const YearPlan plan = plan_years(*stream, archived("2020-01-12"));
  const YearPlan second = YearPlan::load(plan.save(60, kNewYear.size()));
  EXPECT_EQ(second.year_at(80), 2020);
  EXPECT_EQ(second.how, plan.how);
  EXPECT_EQ(YearPlan::load(plan.save(0, 20)).year_at(10), 2019);
  EXPECT_EQ(YearPlan::load("").year_at(10), 0);
  EXPECT_EQ(YearPlan::load("x\x1f"
                           "9=2020\x1f"
                           "z=1\x1f=\x1f"
                           "3")
                .year_at(10),
            2020);
}

// However the bytes come, and with lines longer than what is read at once.
TEST(Clock, LongLines) {
  std::string text = "Dec 31 23:59:59 gw a: " + std::string(3 << 20, 'x') + " Jan  5 00:00:00\n";
  text += "Jan  1 00:00:00 gw a: " + std::string(1 << 20, 'y') + "\nJan  2 00:00:00 gw a: z\n";
  EXPECT_EQ(years_of(text, archived("2020-01-12")).substr(0, 14), "2019 2020 2020");
}

TEST(Clock, Stamps) {
  const auto size = [](std::string_view text) {
    const auto stamp = parse_stamp(text);
    return stamp ? static_cast<int>(stamp->size) : -1;
  };
  EXPECT_EQ(size("Jan  5 02:12:07 host"), 15);
  EXPECT_EQ(size("Jan 5 02:12:07"), 14);
  EXPECT_EQ(size("Jan 05 2020 02:12:07: %ASA"), 20);
  EXPECT_EQ(size("2020 Jan  5 02:12:07 x"), 20);
  EXPECT_EQ(size("*Mar  1 00:00:51.123 x"), 20);
  for (const char* bad : {"", "Jan", "Jan  5", "Jan 40 02:12:07", "Jan  5 24:12:07", "jan  5 02:12:07", "Jan  5 02:12",
                          "Jax  5 02:12:07", "Jan  5 9999 02:12:07", "Jan x5 02:12:07"}) {
    EXPECT_EQ(size(bad), -1) << bad;
  }
}

TEST(Clock, DatesInPaths) {
  const auto shown = [](std::string_view path) {
    const PathDate date = path_date(path);
    return std::to_string(date.year) + "-" + std::to_string(date.month) + "-" + std::to_string(date.day);
  };
  EXPECT_EQ(shown("x/messages-20200112.gz"), "2020-1-12");
  EXPECT_EQ(shown("x/2020-01/syslog"), "2020-1-0");
  EXPECT_EQ(shown("x/syslog_2020-01-12T10"), "2020-1-12");
  EXPECT_EQ(shown("x/auth.2019.log"), "2019-0-0");
  EXPECT_EQ(shown("x/auth.log.1"), "0-0-0");
  EXPECT_EQ(shown("x/host-1999999/auth.log"), "0-0-0");
  EXPECT_EQ(shown("1999/a/b/c/auth.log"), "0-0-0");
}

TEST(Clock, Patterns) {
  const auto read = [](std::string_view text, std::string_view pattern) {
    const auto time = parse_pattern(text, pattern);
    return time ? format_utc(time->civil) + (time->offset ? " " + std::to_string(*time->offset) : "") : "no";
  };
  EXPECT_EQ(read("01/11/2020:10:02:11 GMT", "%m/%d/%Y:%H:%M:%S %z"), "2020-01-11T10:02:11Z 0");
  EXPECT_EQ(read("Sat Jan 11 10:02:11.25 2020", "%a %b %d %H:%M:%S.%f %Y"), "2020-01-11T10:02:11.25Z");
  EXPECT_EQ(read("1/5/2020 12:03:04 AM", "%m/%d/%Y %I:%M:%S %p"), "2020-01-05T00:03:04Z");
  EXPECT_EQ(read("2020-01-05 10:00:00 +0530", "%Y-%m-%d %H:%M:%S %z"), "2020-01-05T10:00:00Z 19800");
  EXPECT_EQ(read("2 2020/01/07 02:12:07", "%* %Y/%m/%d %H:%M:%S"), "2020-01-07T02:12:07Z");
  EXPECT_EQ(read("2020-13-05", "%Y-%m-%d"), "no");
  EXPECT_EQ(read("2020-01-05x", "%Y-%m-%d"), "no");
  EXPECT_EQ(read("", "%Y"), "no");
  EXPECT_EQ(check_pattern("%Y-%Q"), "'%Q' is no part of a time");
  EXPECT_EQ(check_pattern("%Y-%m"), "");
}

}  // namespace
}  // namespace assay
