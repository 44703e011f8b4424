#include "core/zone.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

std::string utc(std::string_view zone, std::string_view local) {
  const auto parsed = Zone::parse(zone);
  if (!parsed) return "no zone";
  const Zone::Reading reading = parsed->to_utc(parse_iso8601(local).value_or(Time{}));
  return format_utc(reading.time) + (reading.twice ? " twice" : "") + (reading.never ? " never" : "");
}

TEST(Zone, OffsetsAndNames) {
  EXPECT_EQ(utc("UTC", "2020-01-05 10:00:00"), "2020-01-05T10:00:00Z");
  EXPECT_EQ(utc("+02:00", "2020-01-05 10:00:00"), "2020-01-05T08:00:00Z");
  EXPECT_EQ(utc("-0330", "2020-01-05 10:00:00"), "2020-01-05T13:30:00Z");
  EXPECT_EQ(utc("+2", "2020-01-01 01:00:00"), "2019-12-31T23:00:00Z");
  EXPECT_EQ(utc("Asia/Kolkata", "2020-01-05 10:00:00"), "2020-01-05T04:30:00Z");
  for (const char* bad : {"", "+", "+25:00", "Europe/Nowhere", "CET-1CEST", "CET-1CEST,M13.5.0,M10.5.0", "C-1",
                          "CET-1CEST,M3.5.0,M10.5.0x", "+1:2:3:4", "/etc/localtime"}) {
    EXPECT_FALSE(Zone::parse(bad)) << bad;
  }
}

// Days of the change in 2020: Europe 29 March and 25 October at 01:00 UTC, New York 8 March and 1 November at 2 local.
TEST(Zone, SummerTimeBothWays) {
  EXPECT_EQ(utc("Europe/London", "2020-03-29 00:59:59"), "2020-03-29T00:59:59Z");
  EXPECT_EQ(utc("Europe/London", "2020-03-29 01:30:00"), "2020-03-29T01:30:00Z never");
  EXPECT_EQ(utc("Europe/London", "2020-03-29 02:00:00"), "2020-03-29T01:00:00Z");
  EXPECT_EQ(utc("Europe/London", "2020-10-25 00:59:59"), "2020-10-24T23:59:59Z");
  EXPECT_EQ(utc("Europe/London", "2020-10-25 01:30:00"), "2020-10-25T00:30:00Z twice");
  EXPECT_EQ(utc("Europe/London", "2020-10-25 02:00:00"), "2020-10-25T02:00:00Z");
  EXPECT_EQ(utc("CET-1CEST,M3.5.0,M10.5.0/3", "2020-07-01 12:00:00"), "2020-07-01T10:00:00Z");
  EXPECT_EQ(utc("America/New_York", "2020-03-08 01:59:59"), "2020-03-08T06:59:59Z");
  EXPECT_EQ(utc("America/New_York", "2020-03-08 03:00:00"), "2020-03-08T07:00:00Z");
  EXPECT_EQ(utc("America/New_York", "2020-11-01 01:10:00"), "2020-11-01T05:10:00Z twice");
  EXPECT_EQ(utc("America/New_York", "2020-11-01 02:00:00"), "2020-11-01T07:00:00Z");
  // South of the equator summer crosses New Year.
  EXPECT_EQ(utc("Australia/Sydney", "2020-01-01 11:00:00"), "2020-01-01T00:00:00Z");
  EXPECT_EQ(utc("Australia/Sydney", "2020-06-01 10:00:00"), "2020-06-01T00:00:00Z");
  // Dublin's own rule has winter as the exception: a negative step.
  EXPECT_EQ(utc("Europe/Dublin", "2020-01-05 12:00:00"), "2020-01-05T12:00:00Z");
  EXPECT_EQ(utc("Europe/Dublin", "2020-07-05 12:00:00"), "2020-07-05T11:00:00Z");
}

TEST(Zone, NamesWhoseRuleChangedAreNotThere) {
  EXPECT_EQ(zone_rule("Europe/London"), "GMT0BST,M3.5.0/1,M10.5.0");
  EXPECT_EQ(zone_rule("Europe"), "");
  EXPECT_EQ(zone_rule("America/Sao_Paulo"), "");
  EXPECT_FALSE(Zone::parse("America/Sao_Paulo"));
  // Saturday, four Thursdays into March, at 26 hours: the Friday before the last Sunday.
  EXPECT_EQ(utc("Asia/Jerusalem", "2020-03-27 01:59:59"), "2020-03-26T23:59:59Z");
  EXPECT_EQ(utc("Asia/Jerusalem", "2020-03-27 03:00:00"), "2020-03-27T00:00:00Z");
}

}  // namespace
}  // namespace assay
