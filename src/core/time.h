// Time as UTC nanoseconds since 1970-01-01, with explicit zone rules. Nothing here looks at the machine's zone or
// clock.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

struct Time {
  std::int64_t ns = INT64_MIN;  // INT64_MIN: not known
  [[nodiscard]] bool known() const { return ns != INT64_MIN; }
  [[nodiscard]] std::int64_t seconds() const;  // floor
  [[nodiscard]] std::int64_t day() const;      // days since 1970-01-01, floor
  [[nodiscard]] std::int64_t hour() const;     // hours since 1970-01-01, floor
  friend auto operator<=>(const Time&, const Time&) = default;
};

struct Civil {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t nanosecond = 0;
};

// No value when a part is out of range; second 60 is taken as the next second (RFC 3339 5.6).
[[nodiscard]] std::optional<Time> from_civil(const Civil& civil, int offset_seconds = 0);
[[nodiscard]] Civil to_civil(Time time);

// RFC 3339 and its near relations: "2020-04-16T02:12:07.123Z", " " for "T", ",123", +hh:mm, +hhmm; a date alone is its
// midnight. Without a zone `default_offset_seconds` applies, or no value when `zone_required`.
[[nodiscard]] std::optional<Time> parse_iso8601(std::string_view text, int default_offset_seconds = 0,
                                                bool zone_required = false);
// Apache common log: "16/Apr/2020:02:12:07 +0000".
[[nodiscard]] std::optional<Time> parse_clf(std::string_view text);
// "1587003127.123456": seconds with a fraction, exact to the nanosecond; 13 and 16 digit integers are milli- and
// microseconds.
[[nodiscard]] std::optional<Time> parse_epoch(std::string_view text);
// RFC 5322 date: "Tue, 28 Apr 2020 09:05:00 +0100".
[[nodiscard]] std::optional<Time> parse_rfc5322(std::string_view text);

// "2020-04-16T02:12:07Z", with ".123456789" cut of trailing zeros when there is a fraction; "" when not known.
[[nodiscard]] std::string format_utc(Time time);
// "2020-04-16"
[[nodiscard]] std::string format_date(Time time);
// "16 Apr" and "16 Apr 2020"
[[nodiscard]] std::string format_day_month(Time time);
[[nodiscard]] std::string format_day_month_year(Time time);
// "18:20Z"
[[nodiscard]] std::string format_clock(Time time);

}  // namespace assay
