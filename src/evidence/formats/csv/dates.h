// Dates as people and spreadsheets write them: 16/04/2020 02:12:07, 4/16/2020 2:12:07 AM, 16.4.20, 16-Apr-2020, Apr 16,
// 2020 @ 02:12:07.123. Whether the day or the month comes first, one value often does not tell: a whole column may.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.h"

namespace assay {

struct WrittenDate {
  int first = 0, second = 0, year = 0;  // of the date; which of the two is the month, `order` tells or nobody does
  enum class Order : std::uint8_t { open, day_first, month_first } order = Order::open;
  bool local_form = true;  // false: the year comes first, as in ISO 8601
  bool has_clock = false, has_zone = false;
  int hour = 0, minute = 0, second_of = 0, zone_seconds = 0;
  std::int64_t nanosecond = 0;
};

[[nodiscard]] std::optional<WrittenDate> parse_written_date(std::string_view text);
// A clock alone: "02:12:07", "2:12 AM".
[[nodiscard]] bool parse_written_clock(std::string_view text, WrittenDate& into);
// No value while the order is open and matters, or when it does not fit.
[[nodiscard]] std::optional<Time> time_of(const WrittenDate& date, WrittenDate::Order order);
// The order that the numbers themselves allow; open when both.
[[nodiscard]] WrittenDate::Order order_of(const WrittenDate& date);

// What the dates of a column have shown so far.
struct ColumnOrder {
  std::uint64_t day_first = 0, month_first = 0, open = 0;
  void add(const WrittenDate& date);
  // Open when nothing tells, or when both were seen.
  [[nodiscard]] WrittenDate::Order decided() const;
};

}  // namespace assay
