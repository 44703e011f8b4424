#include "core/time.h"

#include <fmt/format.h>

#include <array>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
std::int64_t days_from_civil(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

int days_in_month(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// A reader over fixed-width digits.
struct Scan {
  std::string_view text;
  bool good = true;
  int digits(std::size_t n) {
    if (text.size() < n) return fail();
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (!is_digit(text[i])) return fail();
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(n);
    return value;
  }
  bool take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  void need(char c) {
    if (!take(c)) good = false;
  }
  int month_name() {
    if (text.size() >= 3) {
      for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (equals_icase(text.substr(0, 3), kMonths[i])) {
          text.remove_prefix(3);
          return static_cast<int>(i) + 1;
        }
      }
    }
    return fail();
  }
  // "+01:00", "-0800", "Z"; no value when there is no zone.
  std::optional<int> zone() {
    if (take('Z') || take('z')) return 0;
    const bool minus = !text.empty() && text.front() == '-';
    if (!take('+') && !take('-')) return std::nullopt;
    const int hours = digits(2);
    take(':');
    const int minutes = digits(2);
    if (hours > 23 || minutes > 59) good = false;
    const int seconds = hours * 3600 + minutes * 60;
    return minus ? -seconds : seconds;
  }
  // The digits of a fraction as nanoseconds; more than nine are cut.
  std::int64_t fraction() {
    std::int64_t value = 0;
    std::size_t n = 0;
    while (!text.empty() && is_digit(text.front())) {
      if (n < 9) value = value * 10 + (text.front() - '0');
      ++n;
      text.remove_prefix(1);
    }
    if (n == 0) good = false;
    for (; n < 9; ++n) value *= 10;
    return value;
  }

 private:
  int fail() {
    good = false;
    return 0;
  }
};

}  // namespace

std::int64_t Time::seconds() const { return floor_div(ns, kSecond); }
std::int64_t Time::day() const { return floor_div(ns, kDay); }
std::int64_t Time::hour() const { return floor_div(ns, kHour); }

std::optional<Time> from_civil(const Civil& c, int offset_seconds) {
  if (c.year < 1700 || c.year > 2250 || c.month < 1 || c.month > 12 || c.day < 1 ||
      c.day > days_in_month(c.year, c.month) || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 ||
      c.second < 0 || c.second > 60 || c.nanosecond < 0 || c.nanosecond >= kSecond) {
    return std::nullopt;
  }
  const std::int64_t seconds =
      days_from_civil(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second - offset_seconds;
  return Time{seconds * kSecond + c.nanosecond};
}

Civil to_civil(Time time) {
  Civil c;
  const std::int64_t seconds = time.seconds();
  c.nanosecond = time.ns - seconds * kSecond;
  const std::int64_t days = floor_div(seconds, 86400);
  const std::int64_t rest = seconds - days * 86400;
  c.hour = static_cast<int>(rest / 3600);
  c.minute = static_cast<int>(rest % 3600 / 60);
  c.second = static_cast<int>(rest % 60);
  const std::int64_t z = days + 719468;
  const std::int64_t era = floor_div(z, 146097);
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  c.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  c.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  c.year = static_cast<int>(yoe + era * 400 + (c.month <= 2));
  return c;
}

std::optional<Time> parse_iso8601(std::string_view text, int default_offset_seconds, bool zone_required) {
  Scan scan{trim(text)};
  Civil c;
  c.year = scan.digits(4);
  scan.need('-');
  c.month = scan.digits(2);
  scan.need('-');
  c.day = scan.digits(2);
  if (!scan.good) return std::nullopt;
  if (scan.text.empty()) return zone_required ? std::nullopt : from_civil(c, default_offset_seconds);
  if (!scan.take('T') && !scan.take('t')) scan.need(' ');
  c.hour = scan.digits(2);
  scan.need(':');
  c.minute = scan.digits(2);
  if (scan.take(':')) {
    c.second = scan.digits(2);
    if (scan.take('.') || scan.take(',')) c.nanosecond = scan.fraction();
  }
  while (scan.take(' ')) {
  }
  const std::optional<int> zone = scan.text == "UTC" ? std::optional<int>(0) : scan.zone();
  if (scan.text == "UTC") scan.text = {};
  if (!scan.good || !scan.text.empty() || (!zone && zone_required)) return std::nullopt;
  return from_civil(c, zone.value_or(default_offset_seconds));
}

std::optional<Time> parse_clf(std::string_view text) {
  Scan scan{text};
  Civil c;
  c.day = scan.digits(2);
  scan.need('/');
  c.month = scan.month_name();
  scan.need('/');
  c.year = scan.digits(4);
  scan.need(':');
  c.hour = scan.digits(2);
  scan.need(':');
  c.minute = scan.digits(2);
  scan.need(':');
  c.second = scan.digits(2);
  scan.need(' ');
  const std::optional<int> zone = scan.zone();
  if (!scan.good || !zone || !scan.text.empty()) return std::nullopt;
  return from_civil(c, *zone);
}

std::optional<Time> parse_epoch(std::string_view text) {
  text = trim(text);
  const std::size_t dot = text.find('.');
  const auto whole = parse_int(text.substr(0, dot));
  if (!whole) return std::nullopt;
  constexpr std::int64_t kLast = 8'000'000'000;  // seconds, year 2223: above it the number counts a smaller unit
  if (dot == std::string_view::npos) {
    const std::int64_t size = *whole < 0 ? -*whole : *whole;
    if (*whole == INT64_MIN) return std::nullopt;
    if (size <= kLast) return Time{*whole * kSecond};
    if (size <= kLast * 1000) return Time{*whole * 1'000'000};
    if (size <= kLast * 1'000'000) return Time{*whole * 1000};
    return Time{*whole};
  }
  if (*whole > kLast || *whole < -kLast) return std::nullopt;
  Scan scan{text.substr(dot + 1)};
  const std::int64_t fraction = scan.fraction();
  if (!scan.good || !scan.text.empty()) return std::nullopt;
  return Time{*whole * kSecond + (text.front() == '-' ? -fraction : fraction)};
}

std::optional<Time> parse_rfc5322(std::string_view text) {
  text = trim(text);
  if (const std::size_t comma = text.find(','); comma != std::string_view::npos) text = trim(text.substr(comma + 1));
  if (const std::size_t comment = text.find('('); comment != std::string_view::npos)
    text = trim(text.substr(0, comment));
  Scan scan{text};
  Civil c;
  c.day = text.size() > 1 && is_digit(text[1]) ? scan.digits(2) : scan.digits(1);
  while (scan.take(' ')) {
  }
  c.month = scan.month_name();
  while (scan.take(' ')) {
  }
  c.year = scan.digits(4);
  while (scan.take(' ')) {
  }
  c.hour = scan.digits(2);
  scan.need(':');
  c.minute = scan.digits(2);
  if (scan.take(':')) c.second = scan.digits(2);
  while (scan.take(' ')) {
  }
  if (!scan.good) return std::nullopt;
  std::optional<int> zone = scan.zone();
  if (!zone && (scan.text == "GMT" || scan.text == "UT" || scan.text == "UTC")) zone = 0;
  if (!scan.good || !zone) return std::nullopt;
  return from_civil(c, *zone);
}

std::string format_utc(Time time) {
  if (!time.known()) return {};
  const Civil c = to_civil(time);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.nanosecond != 0) {
    std::string fraction = fmt::format("{:09}", c.nanosecond);
    while (fraction.back() == '0') fraction.pop_back();
    out += "." + fraction;
  }
  return out + "Z";
}

std::string format_date(Time time) {
  if (!time.known()) return {};
  const Civil c = to_civil(time);
  return fmt::format("{:04}-{:02}-{:02}", c.year, c.month, c.day);
}

std::string format_day_month(Time time) {
  if (!time.known()) return {};
  const Civil c = to_civil(time);
  return fmt::format("{} {}", c.day, kMonths[static_cast<std::size_t>(c.month - 1)]);
}

std::string format_day_month_year(Time time) {
  if (!time.known()) return {};
  return fmt::format("{} {}", format_day_month(time), to_civil(time).year);
}

std::string format_clock(Time time) {
  if (!time.known()) return {};
  const Civil c = to_civil(time);
  return fmt::format("{:02}:{:02}Z", c.hour, c.minute);
}

}  // namespace assay
