#include "analytics/rhythm.h"

#include <algorithm>
#include <array>
#include <bit>

namespace assay {
namespace {

constexpr std::int64_t kBitsOfGap = 20;
constexpr std::int64_t kMostBits = 7;
constexpr std::int64_t kLongest = 366 * 24;  // hours; a longer silence parts two logs
constexpr std::int64_t kWeek = 7 * 24;

// 1970-01-01 was a Thursday; Monday is 0.
std::int64_t hour_of_week(std::int64_t hour) { return ((hour + 3 * 24) % kWeek + kWeek) % kWeek; }
std::int64_t day_of_week(std::int64_t day) { return ((day + 3) % 7 + 7) % 7; }
bool weekend(std::int64_t slot) { return slot / 24 >= 5; }

struct Count {
  std::int64_t all = 0, active = 0;
  [[nodiscard]] std::int64_t bits() const {
    const auto ratio = static_cast<std::uint64_t>((all + 2) / (all - active + 1));
    return std::min(kMostBits, static_cast<std::int64_t>(std::bit_width(ratio)) - 1);
  }
  [[nodiscard]] bool usual() const { return active * 4 >= all * 3; }
  [[nodiscard]] bool nearly_all() const { return active * 16 >= all * 15; }
};

// How often each slot of a cycle lies in [first, last].
template <std::size_t N, class Slot>
std::array<std::int64_t, N> occurrences(std::int64_t first, std::int64_t last, Slot slot) {
  std::array<std::int64_t, N> out{};
  if (last < first) return out;
  const std::int64_t size = static_cast<std::int64_t>(N), whole = (last - first + 1) / size;
  for (std::int64_t& n : out) n = whole;
  for (std::int64_t i = first + whole * size; i <= last; ++i) ++out[static_cast<std::size_t>(slot(i))];
  return out;
}

// Hours of one stretch of log: active ones, how often each hour of the week occurs and is active.
class Hours {
 public:
  explicit Hours(std::vector<std::int64_t> active) : active_(std::move(active)) {
    seen_ = occurrences<kWeek>(active_.front(), active_.back(), hour_of_week);
    for (const std::int64_t hour : active_) ++hits_[static_cast<std::size_t>(hour_of_week(hour))];
    for (std::size_t slot = 0; slot < kWeek; ++slot) {
      of_day_[slot % 24] = of_day_[slot % 24] || hits_[slot] > 0;
    }
  }
  [[nodiscard]] std::vector<RhythmGap> gaps() const {
    std::vector<RhythmGap> out;
    for (std::size_t i = 1; i < active_.size(); ++i) {
      const RhythmGap gap = judge(active_[i - 1] + 1, active_[i] - 1);
      if (gap.expected > 0) out.push_back(gap);
    }
    return out;
  }

 private:
  [[nodiscard]] RhythmGap judge(std::int64_t first, std::int64_t last) const {
    if (last - first < 2) return {};
    const auto inside = occurrences<kWeek>(first, last, hour_of_week);
    const Count every{active_.back() - active_.front() + 1 - (last - first + 1),
                      static_cast<std::int64_t>(active_.size())};
    const bool round_the_clock = every.nearly_all() && std::count(of_day_.begin(), of_day_.end(), true) >= 18;
    RhythmGap out{first, last, 0};
    std::int64_t bits = 0;
    for (std::size_t slot = 0; slot < kWeek; ++slot) {
      if (inside[slot] == 0) continue;
      Count like = every;
      if (!round_the_clock) {
        like = {seen_[slot] - inside[slot], hits_[slot]};
        if (like.all < 8) {
          like = {};
          for (std::size_t other = slot % 24; other < kWeek; other += 24) {
            if (weekend(static_cast<std::int64_t>(other)) != weekend(static_cast<std::int64_t>(slot))) continue;
            like.all += seen_[other] - inside[other];
            like.active += hits_[other];
          }
          if (like.all < 3) continue;
        }
      }
      bits += inside[slot] * like.bits();
      if (like.usual()) out.expected += inside[slot];
    }
    return bits >= kBitsOfGap ? out : RhythmGap{};
  }

  std::vector<std::int64_t> active_;
  std::array<std::int64_t, kWeek> seen_{}, hits_{};
  std::array<bool, 24> of_day_{};
};

std::vector<RhythmGap> gaps_by_day(const std::vector<std::int64_t>& hours) {
  std::vector<std::int64_t> days;
  for (const std::int64_t hour : hours) {
    const std::int64_t day = hour >= 0 ? hour / 24 : (hour - 23) / 24;
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  const auto seen = occurrences<7>(days.front(), days.back(), day_of_week);
  std::array<std::int64_t, 7> hits{};
  for (const std::int64_t day : days) ++hits[static_cast<std::size_t>(day_of_week(day))];
  std::vector<RhythmGap> out;
  for (std::size_t i = 1; i < days.size(); ++i) {
    const std::int64_t first = days[i - 1] + 1, last = days[i] - 1;
    if (last - first < 1) continue;
    const auto inside = occurrences<7>(first, last, day_of_week);
    const Count every{days.back() - days.front() + 1 - (last - first + 1), static_cast<std::int64_t>(days.size())};
    std::int64_t bits = 0, expected = 0;
    for (std::size_t slot = 0; slot < 7; ++slot) {
      if (inside[slot] == 0) continue;
      const Count like = every.nearly_all() ? every : Count{seen[slot] - inside[slot], hits[slot]};
      if (like.all < 3) continue;
      bits += inside[slot] * like.bits();
      if (like.usual()) expected += inside[slot] * 24;
    }
    // The hole itself goes from the last active hour before to the first one after.
    if (bits < kBitsOfGap || expected == 0) continue;
    const auto after = std::lower_bound(hours.begin(), hours.end(), days[i] * 24);
    out.push_back({*std::prev(after) + 1, *after - 1, expected});
  }
  return out;
}

}  // namespace

std::vector<RhythmGap> rhythm_gaps(const std::set<std::int64_t>& active) {
  std::vector<RhythmGap> out;
  for (auto at = active.begin(); at != active.end();) {
    std::vector<std::int64_t> stretch{*at};
    for (++at; at != active.end() && *at - stretch.back() - 1 <= kLongest; ++at) stretch.push_back(*at);
    if (stretch.size() < 3) continue;
    std::vector<RhythmGap> found = Hours(stretch).gaps();
    for (const RhythmGap& gap : gaps_by_day(stretch)) {
      const bool known = std::any_of(found.begin(), found.end(), [&](const RhythmGap& other) {
        return other.first <= gap.last && gap.first <= other.last;
      });
      if (!known) found.push_back(gap);
    }
    std::sort(found.begin(), found.end(), [](const RhythmGap& a, const RhythmGap& b) { return a.first < b.first; });
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace assay
