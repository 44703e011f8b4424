#include "evidence/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "evidence/formats/line_reader.h"

namespace assay {
namespace {

constexpr std::size_t kRuns = 20'000;         // changes of month that are followed in one item
constexpr std::size_t kReadBytes = 1U << 20;  // read at a time
constexpr std::size_t kHeadBytes = std::size_t{64} << 10;
constexpr std::size_t kStampBytes = 64;      // of a line that a stamp may need
constexpr std::uint64_t kBootLines = 5'000;  // a clock that is not set yet is set soon
constexpr int kFirstYear = 1990, kLastYear = 2100;

// 1..12, or 0. The three letters as they are usually written; other cases are no stamp of a log.
int month_of(const char* p) {
  const auto key = [](char a, char b, char c) {
    return static_cast<unsigned>(static_cast<unsigned char>(a)) << 16 |
           static_cast<unsigned>(static_cast<unsigned char>(b)) << 8 | static_cast<unsigned char>(c);
  };
  switch (key(p[0], p[1], p[2])) {
    case 0x4a616e:
      return 1;
    case 0x466562:
      return 2;
    case 0x4d6172:
      return 3;
    case 0x417072:
      return 4;
    case 0x4d6179:
      return 5;
    case 0x4a756e:
      return 6;
    case 0x4a756c:
      return 7;
    case 0x417567:
      return 8;
    case 0x536570:
      return 9;
    case 0x4f6374:
      return 10;
    case 0x4e6f76:
      return 11;
    case 0x446563:
      return 12;
    default:
      return 0;
  }
}

bool two(std::string_view text, std::size_t at, int& out) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return false;
  out = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return true;
}
bool four(std::string_view text, std::size_t at, int& out) {
  int high = 0, low = 0;
  if (!two(text, at, high) || !two(text, at + 2, low)) return false;
  out = high * 100 + low;
  return true;
}

// hh:mm:ss
bool clock_at(std::string_view text, std::size_t at, LineStamp& out) {
  return at + 8 <= text.size() && text[at + 2] == ':' && text[at + 5] == ':' && two(text, at, out.hour) &&
         two(text, at + 3, out.minute) && two(text, at + 6, out.second);
}

// A stamp of a run of lines in one month.
struct Run {
  std::uint64_t offset = 0, lines = 0;
  int month = 0, first_day = 0, last_day = 0, year = 0;
  bool told = false;  // its stamps say their year
};

// Days from one date to another, years apart or not.
std::int64_t days_between(int year, int month, int day, Time to) {
  const auto from = from_civil({year, month, day, 0, 0, 0, 0});
  return from ? to.day() - from->day() : INT64_MAX;
}

// Year of run `a` when the run behind it is of year `year`.
int year_before(const Run& a, const Run& b, int year) {
  if (a.month <= b.month) {
    // Records of late December behind the first ones of January: written a little late.
    const bool late = a.month == 1 && b.month == 12 && a.last_day <= 3 && b.first_day >= 29;
    return late ? year + 1 : year;
  }
  const bool late = a.month == b.month + 1 && a.last_day <= 3 && b.first_day >= 26;
  return late ? year : year - 1;
}
int year_after(const Run& a, const Run& b, int year) { return year + (year - year_before(a, b, year)); }

// A short run of 1 January between two runs of one time of the year: a device that started before its clock was set.
bool is_boot(const std::vector<Run>& runs, std::size_t i) {
  if (i == 0 || i + 1 >= runs.size()) return false;
  const Run& run = runs[i];
  if (run.month != 1 || run.last_day != 1 || run.first_day != 1 || run.told || run.lines > kBootLines) return false;
  const int before = runs[i - 1].month, after = runs[i + 1].month;
  return before != 12 && before != 1 && (after == before || after == before + 1);
}

class Scanner {
 public:
  void line(std::string_view text, std::uint64_t offset) {
    if (is_led(text)) {
      const auto frame = led_by(text, true, false);
      if (frame) text.remove_prefix(frame->next);
    }
    if (text.size() < 15) return;
    if (text.front() == '<') {
      const std::size_t end = text.substr(0, 6).find('>');
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
      if (text.starts_with("1 ")) text.remove_prefix(2);  // RFC 5424's version
    }
    if (text.size() < 15) return;
    int month = month_of(text.data());
    int day = 0, year = 0;
    if (month != 0 && text[3] == ' ') {
      if (text[4] == ' ' && is_digit(text[5])) {
        day = text[5] - '0';
      } else if (!two(text, 4, day)) {
        return;
      }
      if (!two(text, 7, year)) return;  // the hour, or the year's first half
      if (text[9] == ':') {
        year = 0;
      } else if (!four(text, 7, year)) {
        return;
      }
    } else if (is_digit(text[0]) && text[4] == '-' && text[7] == '-' && four(text, 0, year) && two(text, 5, month) &&
               two(text, 8, day)) {
      if (month < 1 || month > 12) return;
    } else if (is_digit(text[0]) || text[0] == '*' || text[0] == '.') {
      const auto stamp = parse_stamp(text.substr(0, kStampBytes));
      if (!stamp) return;
      month = stamp->month, day = stamp->day, year = stamp->year;
    } else {
      return;
    }
    if (day < 1 || day > 31 || (year != 0 && (year < kFirstYear || year > kLastYear))) return;
    yearless_ = yearless_ || year == 0;
    Run* run = runs.empty() ? nullptr : &runs.back();
    // Stamps with and without a year in one month are of one run: the year of those that say it.
    if (run == nullptr || run->month != month || (year != 0 && run->told && run->year != year)) {
      if (runs.size() >= kRuns) {
        cut = true;
        return;
      }
      run = &runs.emplace_back(Run{offset, 0, month, day, day, 0, false});
    }
    if (year != 0) run->year = year, run->told = true;
    run->last_day = day;
    ++run->lines;
  }
  std::vector<Run> runs;
  bool cut = false;
  [[nodiscard]] bool yearless() const { return yearless_; }

 private:
  bool yearless_ = false;
};

// The year of the last stamp by what stands outside of the lines; 0: nothing decides.
int anchored(const Run& last, const YearAnchors& anchors, std::string& how) {
  const PathDate named = path_date(anchors.path);
  if (named.year != 0 && named.month == 0) {
    how = fmt::format("the year in its path, {}", named.year);
    return named.year;
  }
  if (named.year != 0) {
    const int day = named.day == 0 ? 28 : named.day;
    const auto date = from_civil({named.year, named.month, day, 0, 0, 0, 0});
    if (date) {
      int best = named.year;
      for (const int year : {named.year - 1, named.year, named.year + 1}) {
        if (std::abs(days_between(year, last.month, std::min(last.last_day, 28), *date)) <
            std::abs(days_between(best, last.month, std::min(last.last_day, 28), *date)))
          best = year;
      }
      how = fmt::format("the date in its path, {}", format_date(*date).substr(0, named.day == 0 ? 7 : 10));
      return best;
    }
  }
  Time bound;
  const auto take = [&](Time time, std::string text) {
    if (!time.known() || to_civil(time).year < kFirstYear || to_civil(time).year > kLastYear) return;
    if (bound.known() && bound <= time) return;
    bound = time;
    how = std::move(text);
  };
  take(anchors.as_of, fmt::format("--as-of {}", format_date(anchors.as_of)));
  take(anchors.archived, fmt::format("the time its archive keeps for it, {}", format_date(anchors.archived)));
  // What an archive keeps is older than its own file's time, which says when the archive was copied.
  if (!anchors.archived.known())
    take(anchors.file,
         fmt::format("the file's own time, {}, which a copy may have changed", format_date(anchors.file)));
  if (!bound.known()) return 0;
  const int year = to_civil(bound).year;
  const std::int64_t left = days_between(year, last.month, std::min(last.last_day, 28), bound);
  // The 29th to 31st are measured from the 28th.
  return left - std::max(0, last.last_day - 28) >= -1 ? year : year - 1;
}

}  // namespace

std::optional<LineStamp> parse_stamp(std::string_view text) {
  LineStamp out;
  std::size_t at = 0;
  while (at < text.size() && (text[at] == '*' || text[at] == '.')) ++at;
  const auto blanks = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] == ' ') ++at;
    return at > from;
  };
  if (at + 5 <= text.size() && text[at + 4] == ' ' && four(text, at, out.year)) at += 5;
  if (at + 4 > text.size() || (out.month = month_of(text.data() + at)) == 0) return std::nullopt;
  at += 3;
  if (!blanks() || at >= text.size() || !is_digit(text[at])) return std::nullopt;
  if (two(text, at, out.day)) {
    at += 2;
  } else {
    out.day = text[at++] - '0';
  }
  if (!blanks()) return std::nullopt;
  if (out.year == 0 && at + 5 <= text.size() && text[at + 4] == ' ' && four(text, at, out.year)) at += 5;
  if (!clock_at(text, at, out)) return std::nullopt;
  at += 8;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1])) {
    std::int64_t scale = kSecond / 10;
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
      out.nanosecond += (text[at] - '0') * scale;
      scale /= 10;
    }
  }
  if (out.day < 1 || out.day > 31 || out.hour > 23 || out.minute > 59 || out.second > 60) return std::nullopt;
  if (out.year != 0 && (out.year < kFirstYear || out.year > kLastYear)) return std::nullopt;
  out.size = at;
  return out;
}

std::optional<int> parse_zone(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  if (word == "Z" || word == "UTC" || word == "GMT") return 0;
  int hours = 0, minutes = 0;
  if (word.size() < 3 || (word[0] != '+' && word[0] != '-') || !two(word, 1, hours)) return std::nullopt;
  if (word.size() > 3 && !two(word, word[3] == ':' ? 4 : 3, minutes)) return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (word[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

int YearPlan::year_at(std::uint64_t offset) const {
  auto after = std::upper_bound(spans.begin(), spans.end(), offset,
                                [](std::uint64_t value, const YearSpan& span) { return value < span.offset; });
  if (after == spans.begin()) return spans.empty() ? 0 : spans.front().year;
  return std::prev(after)->year;
}

std::string YearPlan::save(std::uint64_t begin, std::uint64_t end) const {
  std::string out = how;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].offset >= end && i > 0) break;
    if (i + 1 < spans.size() && spans[i + 1].offset <= begin) continue;
    out += fmt::format("\x1f{}={}", spans[i].offset, spans[i].year);
  }
  return out;
}

YearPlan YearPlan::load(std::string_view text) {
  YearPlan plan;
  const std::vector<std::string_view> parts = split(text, '\x1f');
  if (parts.empty()) return plan;
  plan.how = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos) continue;
    const auto offset = parse_int(parts[i].substr(0, equals)), year = parse_int(parts[i].substr(equals + 1));
    if (!offset || !year || *offset < 0 || *year < 0 || *year > kLastYear) continue;
    plan.spans.push_back({static_cast<std::uint64_t>(*offset), static_cast<int>(*year)});
  }
  return plan;
}

YearPlan plan_years(ByteStream& stream, const YearAnchors& anchors) {
  Scanner scanner;
  std::string buffer(kReadBytes, '\0');
  std::size_t held = 0;  // bytes of a line that began in the last piece
  std::uint64_t base = 0;
  bool inside = false;  // of a line whose head was seen already
  char feed = '\0';     // what ends a line
  while (true) {
    const std::size_t n = stream.read(std::span(buffer.data() + held, buffer.size() - held));
    const std::string_view text(buffer.data(), held + n);
    if (feed == '\0') feed = ends_in_returns(text.substr(0, kHeadBytes)) ? '\r' : '\n';
    std::size_t at = 0;
    std::size_t keep = text.size();
    while (at < text.size()) {
      const std::size_t end = find_byte(text, feed, at);
      const bool whole = end != std::string_view::npos;
      if (!inside) {
        if (!whole && n != 0 && text.size() - at < kStampBytes) {
          keep = at;
          break;
        }
        scanner.line(text.substr(at, std::min(end, text.size()) - at), base + at);
      }
      inside = !whole;
      at = whole ? end + 1 : text.size();
    }
    if (n == 0) break;
    held = text.size() - keep;
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(keep),
              buffer.begin() + static_cast<std::ptrdiff_t>(text.size()), buffer.begin());
    base += keep;
  }

  YearPlan plan;
  plan.cut = scanner.cut;
  std::vector<Run>& runs = scanner.runs;
  if (!scanner.yearless()) return plan;
  // Runs of a clock that was not set are left out of the reckoning, and keep no year.
  std::vector<std::size_t> chain;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!is_boot(runs, i)) chain.push_back(i);
  }
  std::size_t known = chain.size();  // the last that says its year
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (runs[chain[i]].told) known = i;
  }
  if (known < chain.size()) {
    plan.how = "stamps with a year in the same file";
  } else {
    known = chain.size() - 1;
    runs[chain[known]].year = anchored(runs[chain[known]], anchors, plan.how);
    if (runs[chain[known]].year == 0) {
      plan.how = "nothing that says the year";
      return plan;
    }
  }
  for (std::size_t i = known; i > 0; --i) {
    Run& before = runs[chain[i - 1]];
    const Run& run = runs[chain[i]];
    if (!before.told) before.year = year_before(before, run, run.year);
  }
  for (std::size_t i = known; i + 1 < chain.size(); ++i) {
    Run& after = runs[chain[i + 1]];
    const Run& run = runs[chain[i]];
    if (!after.told) after.year = year_after(run, after, run.year);
  }
  for (const Run& run : runs) {
    const int year = run.year < kFirstYear ? 0 : run.year;
    if (plan.spans.empty() || plan.spans.back().year != year) plan.spans.push_back({run.offset, year});
  }
  return plan;
}

bool has_yearless(std::string_view head) {
  Scanner scanner;
  const char feed = ends_in_returns(head) ? '\r' : '\n';
  while (!head.empty() && !scanner.yearless()) {
    const std::size_t end = std::min(find_byte(head, feed, 0), head.size());
    scanner.line(head.substr(0, end), 0);
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  return scanner.yearless();
}

PathDate path_date(std::string_view path) {
  // The last three steps, the nearest first.
  for (int step = 0; step < 3 && !path.empty(); ++step) {
    const std::size_t cut = path.find_last_of("/!");
    const std::string_view name = cut == std::string_view::npos ? path : path.substr(cut + 1);
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
    PathDate year_only;
    for (std::size_t i = 0; i + 4 <= name.size(); ++i) {
      if ((i > 0 && is_digit(name[i - 1])) || !is_digit(name[i])) continue;
      PathDate date;
      if (!four(name, i, date.year) || date.year < kFirstYear || date.year > kLastYear) continue;
      std::size_t at = i + 4;
      const bool marked = at < name.size() && (name[at] == '-' || name[at] == '_' || name[at] == '.');
      if (marked) ++at;
      if (two(name, at, date.month) && date.month >= 1 && date.month <= 12) {
        at += 2;
        if (marked && at < name.size() && name[at] == name[i + 4]) ++at;
        const bool day = two(name, at, date.day) && date.day >= 1 && date.day <= 31;
        if (day) at += 2;
        if (!day) date.day = 0;
        // More digits than a date has: a number, unless a clock follows a whole date.
        if (at < name.size() && is_digit(name[at]) && !day) continue;
        if (!marked && !day) continue;  // six digits alone are as likely a number
        return date;
      }
      if (i + 4 == name.size() || !is_digit(name[i + 4])) {
        date.month = date.day = 0;
        year_only = date;
      }
    }
    if (year_only.year != 0 && step < 2) return year_only;
  }
  return {};
}

std::string check_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > 100) return "a pattern has 1 to 100 characters";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    ++i;
    if (i == pattern.size() || std::string_view("YymdebaHIMSfpz*%").find(pattern[i]) == std::string_view::npos)
      return fmt::format("'%{}' is no part of a time", i < pattern.size() ? pattern.substr(i, 1) : "");
  }
  return {};
}

std::optional<PatternTime> parse_pattern(std::string_view text, std::string_view pattern) {
  text = trim(text);
  Civil civil{0, 1, 1, 0, 0, 0, 0};
  PatternTime out;
  bool pm = false, half = false;
  std::size_t at = 0;
  const auto number = [&](std::size_t least, std::size_t most, int& into) {
    std::size_t n = 0;
    into = 0;
    while (n < most && at < text.size() && is_digit(text[at])) into = into * 10 + (text[at++] - '0'), ++n;
    return n >= least;
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == ' ') {
      if (at >= text.size() || text[at] != ' ') return std::nullopt;
      while (at < text.size() && text[at] == ' ') ++at;
      continue;
    }
    if (c != '%') {
      if (at >= text.size() || text[at] != c) return std::nullopt;
      ++at;
      continue;
    }
    bool good = ++i < pattern.size();
    if (!good) return std::nullopt;
    switch (pattern[i]) {
      case 'Y':
        good = number(4, 4, civil.year);
        break;
      case 'y':
        good = number(2, 2, civil.year);
        civil.year += civil.year < 70 ? 2000 : 1900;
        break;
      case 'm':
        good = number(1, 2, civil.month);
        break;
      case 'd':
      case 'e':
        while (at < text.size() && text[at] == ' ') ++at;
        good = number(1, 2, civil.day);
        break;
      case 'b': {
        std::array<char, 3> name{};
        for (std::size_t n = 0; n < 3 && at + n < text.size(); ++n)
          name[n] = n == 0 ? to_upper(text[at + n]) : to_lower(text[at + n]);
        civil.month = month_of(name.data());
        good = civil.month != 0;
        at += 3;
        break;
      }
      case 'a':
      case '*': {
        const std::size_t from = at;
        while (at < text.size() && text[at] != ' ') ++at;
        good = at > from;
        break;
      }
      case 'H':
        good = number(1, 2, civil.hour);
        break;
      case 'I':
        good = number(1, 2, civil.hour) && civil.hour >= 1 && civil.hour <= 12;
        half = true;
        break;
      case 'M':
        good = number(2, 2, civil.minute);
        break;
      case 'S':
        good = number(2, 2, civil.second);
        break;
      case 'f': {
        std::int64_t scale = kSecond / 10;
        const std::size_t from = at;
        civil.nanosecond = 0;
        for (; at < text.size() && is_digit(text[at]); ++at) {
          civil.nanosecond += (text[at] - '0') * scale;
          scale /= 10;
        }
        good = at > from;
        break;
      }
      case 'p': {
        const std::string_view word = text.substr(std::min(at, text.size()), 2);
        pm = equals_icase(word, "PM");
        good = pm || equals_icase(word, "AM");
        half = true;
        at += 2;
        break;
      }
      case 'z': {
        const std::string_view rest = text.substr(std::min(at, text.size()));
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, end);
        out.offset = parse_zone(word);
        good = !word.empty() && (out.offset || is_alpha(word[0]));
        at += end;
        break;
      }
      default:
        good = at < text.size() && text[at] == '%';
        ++at;
    }
    if (!good) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  if (half) civil.hour = civil.hour % 12 + (pm ? 12 : 0);
  const auto time = from_civil(civil);
  if (!time) return std::nullopt;
  out.civil = *time;
  return out;
}

}  // namespace assay
