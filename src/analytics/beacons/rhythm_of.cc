#include "analytics/beacons/rhythm_of.h"

#include <algorithm>
#include <cstdlib>

namespace assay {
namespace {

constexpr std::size_t kMinutes = 24, kHours = 12;
constexpr std::int64_t kSpanHours = 24;
constexpr std::int64_t kFast = 3;                                         // minutes
constexpr std::int64_t kMissed = 6;                                       // beats in a row that may be missing
constexpr std::size_t kGapsKept = 80, kHoursThere = 90, kHoursKept = 85;  // percent
constexpr std::int64_t kFastLeast = 12;                                   // contacts in an hour

std::int64_t median(std::vector<std::int64_t> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

int percent(std::size_t part, std::size_t of) { return of == 0 ? 0 : static_cast<int>(part * 100 / of); }

std::optional<Beat> fast(std::span<const BeatHour> hours, std::int64_t beats) {
  // The first and the last hour are cut.
  if (hours.size() < kHours) return std::nullopt;
  const auto inner = hours.subspan(1, hours.size() - 2);
  const std::int64_t all = hours.back().hour - hours.front().hour - 1;
  if (all <= 0 || static_cast<std::int64_t>(inner.size()) * 100 < all * static_cast<std::int64_t>(kHoursThere))
    return std::nullopt;
  std::vector<std::int64_t> counts;
  for (const BeatHour& hour : inner) counts.push_back(hour.count);
  const std::int64_t usual = median(counts);
  if (usual < kFastLeast) return std::nullopt;
  std::size_t kept = 0;
  std::vector<std::int64_t> off;
  for (const std::int64_t count : counts) {
    off.push_back(std::abs(count - usual) * 100 / usual);
    kept += std::abs(count - usual) * 100 <= usual * 15;
  }
  if (kept * 100 < counts.size() * kHoursKept) return std::nullopt;
  return Beat{3600 / usual, static_cast<int>(median(off)), percent(kept, counts.size()), beats};
}

}  // namespace

std::optional<Beat> beat_of(std::span<const BeatHour> hours) {
  if (hours.size() < kHours || hours.back().hour - hours.front().hour < kSpanHours) return std::nullopt;
  std::vector<std::int64_t> gaps;
  std::int64_t before = 0, beats = 0;
  std::size_t minutes = 0;
  for (const BeatHour& hour : hours) {
    beats += hour.count;
    for (int bit = 0; bit < 60; ++bit) {
      if ((hour.minutes >> bit & 1) == 0) continue;
      const std::int64_t at = hour.hour * 60 + bit;
      if (minutes++ > 0) gaps.push_back(at - before);
      before = at;
    }
  }
  if (minutes < kMinutes) return std::nullopt;
  const std::int64_t interval = median(gaps);
  if (interval < kFast) return fast(hours, beats);
  std::size_t kept = 0;
  std::vector<std::int64_t> off;
  for (const std::int64_t gap : gaps) {
    const std::int64_t times = std::clamp<std::int64_t>((gap + interval / 2) / interval, 1, kMissed);
    const std::int64_t apart = std::abs(gap - times * interval);
    kept += apart <= 1 || apart * 10 <= interval * 3;
    off.push_back(apart * 100 / interval);
  }
  if (kept * 100 < gaps.size() * kGapsKept) return std::nullopt;
  return Beat{interval * 60, static_cast<int>(median(off)), percent(kept, gaps.size()), beats};
}

}  // namespace assay
