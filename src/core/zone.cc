#include "core/zone.h"

#include "core/ascii.h"

namespace assay {
namespace {

// A reader over a rule's text.
struct Scan {
  std::string_view text;
  bool good = true;

  bool take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
  // Up to three digits.
  int number(int low, int high) {
    int value = 0;
    std::size_t n = 0;
    while (n < 3 && !text.empty() && is_digit(text.front())) {
      value = value * 10 + (text.front() - '0');
      text.remove_prefix(1);
      ++n;
    }
    if (n == 0 || value < low || value > high) good = false;
    return value;
  }
  // "EST" or "<+0330>": three bytes at least.
  void name() {
    std::size_t n = 0;
    if (take('<')) {
      while (n < text.size() && (is_alnum(text[n]) || text[n] == '+' || text[n] == '-')) ++n;
      text.remove_prefix(n);
      if (!take('>')) good = false;
    } else {
      while (n < text.size() && is_alpha(text[n])) ++n;
      text.remove_prefix(n);
    }
    if (n < 3 || n > 16) good = false;
  }
  // [+-]hh[:mm[:ss]]
  std::int64_t clock(int most_hours) {
    const bool minus = take('-');
    if (!minus) (void)take('+');
    std::int64_t seconds = std::int64_t{3600} * number(0, most_hours);
    if (take(':')) seconds += 60 * number(0, 59);
    if (take(':')) seconds += number(0, 59);
    return minus ? -seconds : seconds;
  }
};

// "+02:00", "-0800", "+2"
std::optional<std::int64_t> fixed_offset(std::string_view text) {
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool minus = text.front() == '-';
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':' && (digits.size() == 1 || digits.size() == 2)) continue;
    if (!is_digit(c)) return std::nullopt;
    digits += c;
  }
  if (digits.size() == 1 || digits.size() == 3) digits.insert(digits.begin(), '0');
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return std::nullopt;
  const int hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
  if (hours > 15 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return minus ? -seconds : seconds;
}

}  // namespace

std::optional<Zone> Zone::parse(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  if (equals_icase(text, "UTC") || equals_icase(text, "GMT") || text == "Z") return Zone();
  if (const auto offset = fixed_offset(text)) {
    Zone zone;
    zone.standard_ = *offset;
    return zone;
  }
  const std::string_view rule = zone_rule(text);
  return parse_rule(rule.empty() ? text : rule);
}

std::optional<Zone> Zone::parse_rule(std::string_view text) {
  Scan scan{text};
  Zone zone;
  scan.name();
  zone.standard_ = -scan.clock(24);
  if (!scan.good) return std::nullopt;
  if (scan.text.empty()) return zone;
  zone.has_summer_ = true;
  scan.name();
  zone.summer_ = zone.standard_ + 3600;
  if (!scan.text.empty() && scan.text.front() != ',') zone.summer_ = -scan.clock(24);
  for (Change* change : {&zone.begin_, &zone.end_}) {
    if (!scan.take(',') || !scan.take('M')) return std::nullopt;
    change->month = scan.number(1, 12);
    if (!scan.take('.')) return std::nullopt;
    change->week = scan.number(1, 5);
    if (!scan.take('.')) return std::nullopt;
    change->weekday = scan.number(0, 6);
    if (scan.take('/')) change->second = scan.clock(167);  // RFC 8536, 3.3.1
  }
  if (!scan.good || !scan.text.empty()) return std::nullopt;
  return zone;
}

Time Zone::at(const Change& change, int year) {
  const auto first = from_civil({year, change.month, 1, 0, 0, 0, 0});
  if (!first) return {};
  // 1970-01-01 was a Thursday.
  const std::int64_t weekday = ((first->day() + 4) % 7 + 7) % 7;
  std::int64_t day = first->day() + (change.weekday - weekday + 7) % 7 + 7 * (change.week - 1);
  if (to_civil(Time{day * kDay}).month != change.month) day -= 7;  // week 5 is the last one
  return Time{day * kDay + change.second * kSecond};
}

Zone::Reading Zone::to_utc(Time local) const {
  Reading out;
  if (!local.known()) return out;
  std::int64_t offset = standard_;
  if (has_summer_) {
    const int year = to_civil(local).year;
    const std::int64_t step = (summer_ - standard_) * kSecond;
    const std::int64_t begin = at(begin_, year).ns, end = at(end_, year).ns;
    // Clocks go forward at `begin` and back at `end`, both read before the change. A negative step (summer time that is
    // behind) changes the two.
    const auto inside = [&](std::int64_t from, std::int64_t to) {
      return from <= to ? local.ns >= from && local.ns < to : local.ns >= from || local.ns < to;
    };
    if (inside(begin, end)) offset = summer_;
    const std::int64_t forward = step > 0 ? begin : end, back = step > 0 ? end : begin;
    const std::int64_t size = step > 0 ? step : -step;
    if (local.ns >= forward && local.ns < forward + size) {
      out.never = true;
      offset = step > 0 ? standard_ : summer_;
    }
    if (local.ns >= back - size && local.ns < back) {
      out.twice = true;
      out.again = size;
    }
  }
  out.time = Time{local.ns - offset * kSecond};
  return out;
}

}  // namespace assay
