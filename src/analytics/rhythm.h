// Holes in a source by its own rhythm. The rule, exactly:
//   Time is cut into hours; an hour with a record is active. A silence between two active hours is a hole when, by the
//   source's own other hours, it had a chance of less than 1 in 2^20. Each silent hour adds the bits of
//   log2((n + 2) / (n - a + 1)), rounded down, at most 7: n hours are like it, a of them active, those of the silence
//   itself left out. Like it are: all hours, when 15 of 16 of them are active and 18 of the 24 hours of the day occur;
//   else the same hour of the week, when there are 8; else the same hour of the day on the same kind of day (Monday to
//   Friday, or Saturday and Sunday), when there are 3; else the hour says nothing. So nights and weekends of a source
//   that rests then are no holes, however long the log, and a source that has no rhythm has none.
//   The same with days, for sources too sparse for hours: like a day are all days when 15 of 16 are active, else the
//   same day of the week when there are 3. A silence of more than 366 days parts two logs and is none.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace assay {

struct RhythmGap {
  std::int64_t first = 0, last = 0;  // hours since 1970, both silent
  std::int64_t expected = 0;         // silent hours that are usually active
  friend bool operator==(const RhythmGap&, const RhythmGap&) = default;
};

// `active`: hours since 1970. In order of time.
[[nodiscard]] std::vector<RhythmGap> rhythm_gaps(const std::set<std::int64_t>& active);

}  // namespace assay
