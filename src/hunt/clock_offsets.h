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
inline constexpr std::size_t kOffsetSources = 16;           // of one event; an event that more saw is none of two

struct ClockOffset {
  std::string source, other;             // a host, or a folder and the shape of its records
  std::int64_t ahead = 0;                // ns that source is ahead of other (the middle difference)
  std::int64_t spread = 0;               // ns that hold four of five of the agreeing differences
  std::int64_t agreeing = 0, pairs = 0;  // keys in the window, differences in all
};

struct OffsetPair {
  std::int64_t ns = 0;  // time here less time there
  std::size_t key = 0;
  friend auto operator<=>(const OffsetPair&, const OffsetPair&) = default;
};
// The accepted offset of the differences; agreeing = 0: none.
[[nodiscard]] ClockOffset estimate_offset(std::vector<OffsetPair> differences);

// Offsets of all pairs of sources with one, also those near 0. `copies`: chains to leave out.
[[nodiscard]] std::vector<ClockOffset> find_clock_offsets(const Table& shared,
                                                          const std::map<std::string, std::string>& copies);

// Notices of the offsets of kOffsetLeast or more. The source named is the one that agrees with fewer others.
void report_clock_offsets(const std::vector<ClockOffset>& offsets, Notices& notices);

}  // namespace assay
