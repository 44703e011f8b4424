// Times that leave something out: stamps without a year ("Jan  5 02:12:07") and local times without a zone.
//
// The year depends on the lines before and after, so it is decided for a whole item before its ranges are cut: a quick
// look at every line's stamp gives the places where the year changes, and an anchor says which year the last one is.
// The plan depends on the item's bytes, its path, its time and --as-of alone, and goes with each range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "evidence/stream.h"

namespace assay {

// Month, day and clock of a stamp; year 0 when it has none. `size` is how many bytes it takes.
struct LineStamp {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int64_t nanosecond = 0;
  std::size_t size = 0;
};
// "Jan  5 02:12:07", "Jan 05 2020 02:12:07", "2020 Jan  5 02:12:07", ".123" or ",123" behind the seconds, a '*' or '.'
// before (a clock that is not set). RFC 3164 4.1.2 and what devices make of it.
[[nodiscard]] std::optional<LineStamp> parse_stamp(std::string_view text);
// The zone at the start of a text, after blanks, as seconds east: +hhmm, +hh:mm, +hh, Z, UTC, GMT. Other names of zones
// say nothing that is certain.
[[nodiscard]] std::optional<int> parse_zone(std::string_view text);

// From `offset` on, stamps are of `year`; 0: not decided, such records have no time.
struct YearSpan {
  std::uint64_t offset = 0;
  int year = 0;
};
struct YearPlan {
  std::vector<YearSpan> spans;  // sorted; empty: nothing was decided
  std::string how;              // what the years rest on, for the notice; "" when no stamp needs one
  bool cut = false;             // more changes of month than are followed
  [[nodiscard]] int year_at(std::uint64_t offset) const;
  // The spans that touch [begin, end), as text; and back.
  [[nodiscard]] std::string save(std::uint64_t begin, std::uint64_t end) const;
  [[nodiscard]] static YearPlan load(std::string_view text);
};

// What may say the year of an item's last stamp, strongest first: stamps with a year among the lines, a date in its
// path, then the earliest of these times, none of which the last stamp can be later than (a day is allowed for zones).
struct YearAnchors {
  std::string path;
  Time archived;  // the time that its archive keeps for it
  Time as_of;     // --as-of
  Time file;      // a loose file's own: may be that of a copy; not looked at where an archive keeps one
};

// Reads the stream to its end. A line's stamp stands at its start, or behind "<PRI>".
[[nodiscard]] YearPlan plan_years(ByteStream& stream, const YearAnchors& anchors);
// Does the head hold a stamp without a year?
[[nodiscard]] bool has_yearless(std::string_view head);

// The date that a path's last steps name ("messages-20200112", "2020-01/syslog", "auth.2019.log"); unknown parts are 0.
struct PathDate {
  int year = 0, month = 0, day = 0;
};
[[nodiscard]] PathDate path_date(std::string_view path);

// A time written as `pattern` says: %Y %y %m %d %e %b %a %H %I %M %S %f (fraction) %p %z (+hhmm, +hh:mm, Z, UTC, GMT)
// %* (a word, whatever it is) and the text between; a blank stands for any number of blanks. Gives the civil time as if
// it were UTC; `offset` (seconds east) when a zone was there. No value: it does not fit.
struct PatternTime {
  Time civil;
  std::optional<int> offset;
};
[[nodiscard]] std::optional<PatternTime> parse_pattern(std::string_view text, std::string_view pattern);
// The first thing wrong with a pattern; "" when it can be used.
[[nodiscard]] std::string check_pattern(std::string_view pattern);

}  // namespace assay
