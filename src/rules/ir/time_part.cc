#include "core/ascii.h"
#include "rules/ir/ir.h"

namespace assay::ir {
namespace {

// `size` digits at `at`.
std::optional<std::int64_t> digits(std::string_view text, std::size_t at, std::size_t size) {
  if (at + size > text.size()) return std::nullopt;
  std::int64_t out = 0;
  for (std::size_t i = at; i < at + size; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    out = out * 10 + (text[i] - '0');
  }
  return out;
}

// ISO 8601: week 1 holds the year's first Thursday; days before it belong to the last week of the year before.
std::int64_t iso_week(const Civil& civil) {
  Civil midnight;
  midnight.year = civil.year;
  midnight.month = civil.month;
  midnight.day = civil.day;
  const auto time = from_civil(midnight);
  if (!time) return 0;
  const std::int64_t day = time->day();
  const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // Monday is 0; 1970-01-01 was a Thursday
  const std::int64_t thursday = day - weekday + 3;
  Civil first;
  first.year = to_civil(Time{thursday * kDay}).year;
  const auto january = from_civil(first);
  return january ? (thursday - january->day()) / 7 + 1 : 0;
}

// The parts as they are written: a zone after them changes nothing.
std::optional<Civil> written(std::string_view text) {
  const auto year = digits(text, 0, 4);
  if (!year || text.size() < 10 || (text[4] != '-' && text[4] != '/') || text[7] != text[4]) return std::nullopt;
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!month || !day) return std::nullopt;
  Civil out;
  out.year = static_cast<int>(*year);
  out.month = static_cast<int>(*month);
  out.day = static_cast<int>(*day);
  if (text.size() > 10) {
    const bool separated = text[10] == 'T' || text[10] == 't' || text[10] == ' ';
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    if (!separated || !hour || !minute || text[13] != ':') return std::nullopt;
    out.hour = static_cast<int>(*hour);
    out.minute = static_cast<int>(*minute);
  }
  if (!from_civil(out)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::int64_t> time_part(std::string_view text, TimePart part) {
  text = trim(text);
  auto civil = written(text);
  if (!civil) {
    const auto time = parse_epoch(text);
    if (!time) return std::nullopt;
    civil = to_civil(*time);
  }
  switch (part) {
    case TimePart::minute:
      return civil->minute;
    case TimePart::hour:
      return civil->hour;
    case TimePart::day:
      return civil->day;
    case TimePart::week:
      return iso_week(*civil);
    case TimePart::month:
      return civil->month;
    case TimePart::year:
      return civil->year;
    case TimePart::whole:
      break;
  }
  return std::nullopt;
}

}  // namespace assay::ir
