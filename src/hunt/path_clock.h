// A log whose writer stamped local time as UTC is wrong by the same amount in every record. Where some of its records
// carry the event's own clock beside it, the amount shows: it is learned at the head of the item and taken off in all
// of the item's records, also in those that have no other clock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "evidence/format.h"
#include "evidence/schema.h"
#include "hunt/plans.h"

namespace assay {

// The time at `path` is `ahead` ns ahead of `against`, the event's own clock.
struct PathClock {
  std::string path, against;
  std::int64_t ahead = 0;
  friend bool operator==(const PathClock&, const PathClock&) = default;
};

inline constexpr std::size_t kClockWindows = 64;  // places of an item that are looked at, evenly spaced
inline constexpr std::size_t kClockWindow = std::size_t{32} << 10;  // bytes of each
inline constexpr std::size_t kClockHead = std::size_t{64} << 20;    // of an item inside a container: its head alone
inline constexpr std::int64_t kClockStep = 15 * kMinute;            // zones are multiples of it
inline constexpr std::int64_t kClockSlack = 2 * kMinute;            // transport
inline constexpr std::int64_t kClockPairs = 16;                     // records with both clocks, nine of ten agreeing

using TimeOf = std::function<std::optional<Time>(TimeRule::Kind, std::string_view)>;
// Up to `size` bytes of the item from `offset`.
using BytesAt = std::function<std::string(std::uint64_t offset, std::size_t size)>;

struct ClockProbe {
  const Format* format = nullptr;
  std::string_view prologue, shape;
  const SchemaSet* schemas = nullptr;
  const Plans* plans = nullptr;
  TimeOf time_of;
};

// Errs on the side of none: an offset is learned when at least kClockPairs records of the windows carry both clocks and
// nine of ten of them are apart by the same non-zero multiple of kClockStep, give or take kClockSlack. Only records
// whose first event clock is another path teach: where the log's own time is taken for the event's there is nothing to
// compare. What is looked at depends on the item alone. A format whose records follow no line ends is looked at from
// its begin.
[[nodiscard]] std::vector<PathClock> learn_clocks(const ClockProbe& probe, std::uint64_t size, const BytesAt& bytes_at);

// May these records carry two clocks? Decided on the first window.
[[nodiscard]] bool has_two_clocks(const ClockProbe& probe, std::string_view head);

// "+1 h 00 m", "-19 h 00 m"
[[nodiscard]] std::string offset_words(std::int64_t ns);

}  // namespace assay
