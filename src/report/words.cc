#include "report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace assay::report {
namespace {

constexpr std::array<std::string_view, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};

int unit_of(std::uint64_t bytes) {
  int unit = 0;
  for (std::uint64_t rest = bytes; rest >= 1000 && unit + 1 < static_cast<int>(kUnits.size()); rest /= 1000) ++unit;
  return unit;
}

// Two digits of bytes in a unit, rounded down or up.
std::string in_unit(std::uint64_t bytes, int unit, bool up) {
  if (unit == 0) return fmt::format("{}", bytes);
  std::uint64_t scale = 1;
  for (int i = 0; i < unit; ++i) scale *= 1000;
  const std::uint64_t step = bytes >= 10 * scale ? (bytes >= 100 * scale ? scale * 10 : scale)
                             : bytes >= scale    ? scale / 10
                                                 : scale / 100;
  std::uint64_t steps = bytes / step;
  if (up && bytes % step != 0) ++steps;
  const std::uint64_t value = steps * step;
  if (step >= scale) return fmt::format("{}", value / scale);
  if (step == scale / 10) return fmt::format("{}.{}", value / scale, value % scale / (scale / 10));
  return fmt::format("{}.{:02}", value / scale, value % scale / (scale / 100));
}

std::string with_unit(std::uint64_t bytes, bool up) {
  const int unit = unit_of(bytes);
  return fmt::format("{} {}", in_unit(bytes, unit, up), kUnits[static_cast<std::size_t>(unit)]);
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string bytes_low(std::uint64_t bytes) { return with_unit(bytes, false); }
std::string bytes_high(std::uint64_t bytes) { return with_unit(bytes, true); }

std::string bytes_range(std::uint64_t low, std::uint64_t high) {
  const int unit = unit_of(high);
  if (low == 0) return fmt::format("0 to {}", bytes_high(high));
  // In the larger unit when the lower bound still has a digit there.
  if (unit_of(low) == unit || (unit > 0 && in_unit(low, unit, false) >= "0.10")) {
    return fmt::format("{} to {} {}", in_unit(low, unit, false), in_unit(high, unit, true),
                       kUnits[static_cast<std::size_t>(unit)]);
  }
  return fmt::format("{} to {}", bytes_low(low), bytes_high(high));
}

std::string in_ten(double probability) {
  if (probability < 0.05) return "fewer than 1 of 10";
  if (probability > 0.95) return "more than 9 of 10";
  return fmt::format("{} of 10", std::clamp(static_cast<int>(std::floor(probability * 10 + 0.5)), 1, 9));
}

std::string share(double part) {
  if (part < 0.05) return "almost nothing";
  if (part < 0.20) return "a small part";
  if (part < 0.29) return "about a quarter";
  if (part < 0.42) return "about a third";
  if (part < 0.58) return "about half";
  if (part < 0.71) return "about two thirds";
  if (part < 0.83) return "about three quarters";
  if (part < 0.97) return "most";
  return "nearly all";
}

std::string join_and(std::span<const std::string> names, std::size_t most) {
  std::string out;
  const std::size_t shown = names.size() > most ? most : names.size();
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  if (names.size() > shown) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

std::string count_of(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

std::string date_span(Time first, Time last) {
  if (!first.known() && !last.known()) return "";
  if (!first.known()) return format_day_month_year(last);
  if (!last.known() || first.day() == last.day()) return format_day_month_year(first);
  const bool same_year = to_civil(first).year == to_civil(last).year;
  return (same_year ? format_day_month(first) : format_day_month_year(first)) + "-" + format_day_month_year(last);
}

std::string moment(Time time) { return time.known() ? format_day_month(time) + " " + format_clock(time) : ""; }
std::string moment_year(Time time) {
  return time.known() ? format_day_month_year(time) + " " + format_clock(time) : "";
}
std::string range_text(const Term& term) { return fmt::format("{}-{}", term.low, term.high); }

std::string signed_fixed(double value, int decimals) {
  std::string out = fmt::format("{:+.{}f}", value, decimals);
  if (out.find_first_not_of("+-0.") == std::string::npos) out[0] = '+';  // never "-0.00"
  return out;
}

std::string short_hash(std::string_view hash) {
  if (hash.size() <= 20) return std::string(hash);
  return fmt::format("{}..{}", hash.substr(0, 8), hash.substr(hash.size() - 8));
}

std::string_view question_label(std::string_view id) {
  if (id == "targeted") return "Aimed at us?";
  if (id == "access") return "Did they get in?";
  if (id == "malware") return "Malware ran here?";
  if (id == "exfiltration") return "Data taken?";
  if (id == "impact") return "Impact, tampering?";
  if (id == "actor") return "This campaign?";
  if (id == "ongoing") return "Still here?";
  return id;
}

std::string_view question_sentence(std::string_view id) {
  if (id == "targeted") return "Did the campaign act against us?";
  if (id == "access") return "Did somebody get in?";
  if (id == "malware") return "Did the campaign's malware run here?";
  if (id == "exfiltration") return "Was information taken?";
  if (id == "impact") return "Was our work disrupted or altered?";
  if (id == "actor") return "Does it match the campaign of the advisory?";
  if (id == "ongoing") return "Are they still here?";
  return id;
}

std::string_view access_words(std::string_view way) {
  if (way == "exploited_application") return "exploited application";
  if (way == "phishing_credentials") return "phished password";
  if (way == "phishing_malware") return "phishing with malware";
  if (way == "password_guessing") return "guessed or sprayed password";
  if (way == "valid_account") return "valid account of unknown origin";
  if (way == "supplier") return "supplier or trusted relationship";
  if (way == "not_determined") return "not determined";
  return way;
}

std::string_view phase_words(int phase) {
  static constexpr std::array<std::string_view, 7> kPhases = {"preserve", "decide quietly", "contain together", "evict",
                                                              "reset",    "verify",         "notify and share"};
  return phase >= 0 && phase < static_cast<int>(kPhases.size()) ? kPhases[static_cast<std::size_t>(phase)]
                                                                : std::string_view("later");
}

}  // namespace assay::report
