// The offset between the clocks of two sources, from events that both saw: a connection by its addresses and ports, an
// outside address, a name, a URL, a message. hunt/tally.h keeps a sketch of them for each source.
//
// A key counts when it comes at most kSharedTimes times in each of the two sources. All differences between its times
// here and there are taken: those of one event agree, those of different events are spread. The stretch of
// kOffsetWindow that holds most of them is the offset, when they are of at least kOffsetPairs keys and no other stretch
// apart from it holds half as many. Everything is counted in integers, so the answer does not depend on the order of
// anything.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/notice.h"
#include "core/table.h"
#include "core/time.h"

namespace assay {

inline constexpr std::int64_t kOffsetWindow = 10 * kSecond;
inline constexpr std::int64_t kOffsetPairs = 8;
inline constexpr std::int64_t kOffsetLeast = 20 * kSecond;  // smaller ones are how sources write, not clocks
inline constexpr std::int64_t kDriftDays = 3;
inline constexpr std::int64_t kDriftMostDays = 400;  // the first ones are fitted
inline constexpr std::int64_t kDriftLeast = 5 * kSecond;
inline constexpr std::size_t kOffsetSources = 16;  // of one event; an event that more saw is none of two

// An offset that grows steadily: a straight line through the offsets of days.
struct ClockDrift {
  std::int64_t per_day = 0;                  // ns; 0: none
  std::int64_t first_day = 0, last_day = 0;  // since 1970
  std::int64_t first = 0, last = 0;          // ns that the line says on these days
  std::int64_t days = 0, agreeing = 0;       // days with an offset of their own, keys of them
};

struct ClockOffset {
  std::string source, other;             // a host, or a folder and the shape of its records
  std::int64_t ahead = 0;                // ns that source is ahead of other (the middle difference)
  std::int64_t spread = 0;               // ns that hold four of five of the agreeing differences
  std::int64_t agreeing = 0, pairs = 0;  // keys in the window, differences in all
  ClockDrift drift;                      // the offset grows; `ahead` is then what it is in the middle of the time
};

struct OffsetPair {
  std::int64_t ns = 0;  // time here less time there
  std::size_t key = 0;
  friend auto operator<=>(const OffsetPair&, const OffsetPair&) = default;
};
// The accepted offset of the differences; agreeing = 0: none.
[[nodiscard]] ClockOffset estimate_offset(std::vector<OffsetPair> differences, std::int64_t window = kOffsetWindow);

// The line through the offsets of days (day -> offset, keys): the median of the slopes between any two of them (Theil
// and Sen), accepted when there are kDriftDays, what it grows by is kDriftLeast or more, and no day is further from it
// than an eighth of that (but a second is nothing).
[[nodiscard]] ClockDrift fit_drift(const std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>>& days);

// What the clocks of two sources differ by, from first to last; for findings whose order rests on it.
class ClockDoubts {
 public:
  ClockDoubts() = default;
  ClockDoubts(const std::vector<ClockOffset>& offsets, const Table& shared);
  // Of the sources of these items (path chains) the pair that differs most, when it differs by at least `apart`; null
  // when the order of things so far apart does not rest on a clock.
  [[nodiscard]] const ClockOffset* between(const std::set<std::string>& items, std::int64_t apart) const;

 private:
  std::map<std::string, std::set<std::string>, std::less<>> sources_;  // item -> its sources
  std::map<std::pair<std::string, std::string>, ClockOffset> offsets_;
};

// Offsets of all pairs of sources with one, also those near 0. `copies`: chains to leave out.
[[nodiscard]] std::vector<ClockOffset> find_clock_offsets(const Table& shared,
                                                          const std::map<std::string, std::string>& copies);

// Notices of the offsets of kOffsetLeast or more. The source named is the one that agrees with fewer others.
void report_clock_offsets(const std::vector<ClockOffset>& offsets, Notices& notices);

}  // namespace assay
