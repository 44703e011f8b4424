#include "evidence/formats/csv/dates.h"

#include <array>

#include "core/ascii.h"

namespace assay {
namespace {

using Order = WrittenDate::Order;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

struct Reading {
  std::string_view rest;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void blanks() {
    while (take(' ')) {
    }
  }
  // How many digits were taken: 0, or `least` to `most`.
  int digits(int least, int most, int& value) {
    int n = 0;
    int sum = 0;
    while (n < most && n < static_cast<int>(rest.size()) && is_digit(rest[static_cast<std::size_t>(n)])) {
      sum = sum * 10 + (rest[static_cast<std::size_t>(n)] - '0');
      ++n;
    }
    if (n < least) return 0;
    value = sum;
    rest.remove_prefix(static_cast<std::size_t>(n));
    return n;
  }
  std::string_view word() {
    std::size_t n = 0;
    while (n < rest.size() && is_alpha(rest[n])) ++n;
    const std::string_view out = rest.substr(0, n);
    rest.remove_prefix(n);
    return out;
  }
};

// Three letters or the whole name, by its first three.
int month_of(std::string_view word) {
  if (word.size() < 3 || word.size() > 9) return 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (starts_with_icase(word, kMonths[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool year(Reading& in, int& out) {
  const int n = in.digits(2, 4, out);
  if (n == 2) out += out < 69 ? 2000 : 1900;  // as POSIX strptime reads %y
  return n == 2 || n == 4;
}

bool clock(Reading& in, WrittenDate& out) {
  if (in.digits(1, 2, out.hour) == 0 || !in.take(':') || in.digits(2, 2, out.minute) == 0) return false;
  if (in.take(':')) {
    if (in.digits(2, 2, out.second_of) == 0) return false;
    if (in.take('.') || in.take(',')) {
      std::int64_t scale = kSecond / 10;
      int digit = 0;
      if (in.rest.empty() || !is_digit(in.rest.front())) return false;
      while (in.digits(1, 1, digit) == 1) {
        out.nanosecond += digit * scale;
        scale /= 10;
      }
    }
  }
  out.has_clock = true;
  const Reading before = in;
  in.blanks();
  const std::string_view half = in.word();
  if (equals_icase(half, "am") || equals_icase(half, "pm")) {
    if (out.hour < 1 || out.hour > 12) return false;
    out.hour = out.hour % 12 + (to_lower(half.front()) == 'p' ? 12 : 0);
  } else {
    in = before;
  }
  return true;
}

// Z, UTC, GMT, +01:00, -0500, or none.
bool zone(Reading& in, WrittenDate& out) {
  in.blanks();
  if (in.rest.empty()) return true;
  const bool brackets = in.take('(');
  if (in.rest.front() == '+' || in.rest.front() == '-') {
    const int sign = in.rest.front() == '-' ? -1 : 1;
    in.rest.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (in.digits(2, 2, hours) == 0) return false;
    in.take(':');
    if (in.digits(2, 2, minutes) == 0) return false;
    if (hours > 14 || minutes > 59) return false;
    out.zone_seconds = sign * (hours * 3600 + minutes * 60);
  } else {
    const std::string_view name = in.word();
    if (!equals_icase(name, "z") && !equals_icase(name, "utc") && !equals_icase(name, "gmt")) return false;
  }
  if (brackets && !in.take(')')) return false;
  out.has_zone = true;
  return in.rest.empty();
}

bool date(Reading& in, WrittenDate& out) {
  if (!in.rest.empty() && is_alpha(in.rest.front())) {
    // "Apr 16, 2020", "Thu, 16 Apr 2020"
    int month = month_of(in.word());
    if (month == 0) {  // a weekday
      in.take(',');
      in.take('.');
      in.blanks();
      if (in.rest.empty() || is_digit(in.rest.front())) return date(in, out);
      month = month_of(in.word());
    }
    in.take('.');
    in.blanks();
    if (month == 0 || in.digits(1, 2, out.second) == 0) return false;
    in.take(',');
    in.blanks();
    out.first = month;
    out.order = Order::month_first;
    return in.digits(4, 4, out.year) == 4;
  }
  int number = 0;
  const int size = in.digits(1, 4, number);
  if (size == 0 || size == 3 || in.rest.empty()) return false;
  const char mark = in.rest.front();
  if (mark != '/' && mark != '.' && mark != '-' && mark != ' ') return false;
  in.rest.remove_prefix(1);
  if (size == 4) {
    if (mark == ' ') return false;
    out.year = number;
    out.local_form = false;
    out.order = Order::month_first;
    return in.digits(1, 2, out.first) != 0 && in.take(mark) && in.digits(1, 2, out.second) != 0;
  }
  out.first = number;
  if (!in.rest.empty() && is_alpha(in.rest.front())) {
    out.second = month_of(in.word());
    out.order = Order::day_first;
    if (mark == ' ') in.take('.');
    return out.second != 0 && in.take(mark) && year(in, out.year);
  }
  return mark != ' ' && in.digits(1, 2, out.second) != 0 && in.take(mark) && year(in, out.year);
}

}  // namespace

std::optional<WrittenDate> parse_written_date(std::string_view text) {
  text = trim(text);
  if (text.size() < 6 || text.size() > 64) return std::nullopt;
  Reading in{text};
  WrittenDate out;
  if (!date(in, out)) return std::nullopt;
  if (in.rest.empty()) return out;
  if (!in.take('T')) {
    const std::size_t size = in.rest.size();
    in.take(',');
    in.blanks();
    in.take('@');
    in.blanks();
    if (in.rest.size() == size) return std::nullopt;
  }
  if (!clock(in, out) || !zone(in, out)) return std::nullopt;
  return out;
}

bool parse_written_clock(std::string_view text, WrittenDate& into) {
  Reading in{trim(text)};
  WrittenDate out;
  if (in.rest.size() > 32 || !clock(in, out) || !zone(in, out)) return false;
  into.hour = out.hour;
  into.minute = out.minute;
  into.second_of = out.second_of;
  into.nanosecond = out.nanosecond;
  into.zone_seconds = out.zone_seconds;
  into.has_zone = out.has_zone;
  into.has_clock = true;
  return true;
}

Order order_of(const WrittenDate& date) {
  if (date.order != Order::open) return date.order;
  if (date.first > 12 && date.second <= 12) return Order::day_first;
  if (date.second > 12 && date.first <= 12) return Order::month_first;
  return Order::open;
}

std::optional<Time> time_of(const WrittenDate& date, Order order) {
  if (date.order != Order::open) order = date.order;
  if (order == Order::open && date.first == date.second) order = Order::day_first;
  if (order == Order::open) return std::nullopt;
  Civil civil;
  civil.year = date.year;
  civil.month = order == Order::day_first ? date.second : date.first;
  civil.day = order == Order::day_first ? date.first : date.second;
  civil.hour = date.hour;
  civil.minute = date.minute;
  civil.second = date.second_of;
  civil.nanosecond = date.nanosecond;
  return from_civil(civil, date.zone_seconds);
}

void ColumnOrder::add(const WrittenDate& date) {
  if (date.order != Order::open) return;
  switch (order_of(date)) {
    case Order::day_first:
      ++day_first;
      return;
    case Order::month_first:
      ++month_first;
      return;
    case Order::open:
      ++open;
      return;
  }
}

Order ColumnOrder::decided() const {
  if (day_first > 0 && month_first == 0) return Order::day_first;
  if (month_first > 0 && day_first == 0) return Order::month_first;
  return Order::open;
}

}  // namespace assay
