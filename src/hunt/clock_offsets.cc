#include "hunt/clock_offsets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/ascii.h"
#include "hunt/continuity.h"
#include "hunt/path_clock.h"
#include "hunt/tally.h"

namespace assay {
namespace {

using Key = std::pair<std::string, std::string>;  // kind, hash

std::string source_of(const std::string& item, const std::string& tag) {
  const std::string name = tag.substr(std::min<std::size_t>(tag.size(), 1));
  return tag.starts_with("h") ? name : fmt::format("{} ({})", folder_of(item), name);
}

// Differences of one day are as wide as a clock drifts in it, so wider stretches are tried when the usual one finds too
// few days.
constexpr std::array<std::int64_t, 3> kDriftWindows = {kOffsetWindow, kMinute, 5 * kMinute};

ClockDrift drift_of(const std::map<std::int64_t, std::vector<OffsetPair>>& by_day) {
  if (static_cast<std::int64_t>(by_day.size()) < kDriftDays) return {};
  for (const std::int64_t window : kDriftWindows) {
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> days;
    for (const auto& [day, differences] : by_day) {
      if (static_cast<std::int64_t>(days.size()) >= kDriftMostDays) break;
      const ClockOffset offset = estimate_offset(differences, window);
      if (offset.agreeing > 0) days[day] = {offset.ahead, offset.agreeing};
    }
    if (const ClockDrift drift = fit_drift(days); drift.per_day != 0) return drift;
  }
  return {};
}

// "12 s", "1.5 s" of a size; below 10 s with one digit behind the point.
std::string seconds_words(std::int64_t ns) {
  if (std::abs(ns) >= 10 * kSecond) return fmt::format("{} s", (std::abs(ns) + kSecond / 2) / kSecond);
  const std::int64_t tenths = (std::abs(ns) + kSecond / 20) / (kSecond / 10);
  return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10) : fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

}  // namespace

ClockDrift fit_drift(const std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>>& days) {
  if (static_cast<std::int64_t>(days.size()) < kDriftDays) return {};
  std::vector<std::int64_t> slopes, starts;
  for (auto a = days.begin(); a != days.end(); ++a) {
    for (auto b = std::next(a); b != days.end(); ++b)
      slopes.push_back((b->second.first - a->second.first) / (b->first - a->first));
  }
  std::nth_element(slopes.begin(), slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2), slopes.end());
  ClockDrift out;
  out.per_day = slopes[slopes.size() / 2];
  out.first_day = days.begin()->first;
  out.last_day = days.rbegin()->first;
  const std::int64_t grown = std::abs(out.per_day) * (out.last_day - out.first_day);
  for (const auto& [day, offset] : days) starts.push_back(offset.first - out.per_day * (day - out.first_day));
  std::nth_element(starts.begin(), starts.begin() + static_cast<std::ptrdiff_t>(starts.size() / 2), starts.end());
  out.first = starts[starts.size() / 2];
  out.last = out.first + out.per_day * (out.last_day - out.first_day);
  if (grown < kDriftLeast) return {};
  for (const auto& [day, offset] : days) {
    const std::int64_t apart = std::abs(offset.first - out.first - out.per_day * (day - out.first_day));
    if (apart > std::max(kSecond, grown / 8)) return {};
    out.agreeing += offset.second;
    ++out.days;
  }
  return out;
}

ClockOffset estimate_offset(std::vector<OffsetPair> differences, std::int64_t window) {
  ClockOffset out;
  out.pairs = static_cast<std::int64_t>(differences.size());
  std::sort(differences.begin(), differences.end());
  std::vector<std::size_t> held(differences.size());  // by the window's first difference
  std::size_t best = 0, begin = 0;
  for (std::size_t first = 0, end = 0; first < differences.size(); ++first) {
    while (end < differences.size() && differences[end].ns - differences[first].ns <= window) ++end;
    held[first] = end - first;
    if (held[first] > best) {
      best = held[first];
      begin = first;
    }
  }
  std::set<std::size_t> keys;  // one that comes several times is one event
  for (std::size_t i = begin; i < begin + best; ++i) keys.insert(differences[i].key);
  if (static_cast<std::int64_t>(keys.size()) < kOffsetPairs) return out;
  for (std::size_t first = 0; first < differences.size(); ++first) {
    const bool apart = std::abs(differences[first].ns - differences[begin].ns) > 2 * window;
    if (apart && held[first] * 2 >= best) return out;
  }
  out.agreeing = static_cast<std::int64_t>(keys.size());
  out.ahead = differences[begin + best / 2].ns;
  out.spread = differences[begin + best - 1 - best / 10].ns - differences[begin + best / 10].ns;
  return out;
}

std::vector<ClockOffset> find_clock_offsets(const Table& shared, const std::map<std::string, std::string>& copies) {
  // Each source's sketch, cut where the sketch of one of its items ends: beyond that an event may be missing.
  std::map<std::string, std::map<Key, std::set<std::int64_t>>> sources;
  std::map<std::pair<std::string, std::string>, std::string> ends;  // (source, kind) -> last hash that is whole
  std::map<std::string, std::set<std::string>> tags;                // item -> its sources, smallest first
  for (const auto& [key, row] : shared.rows()) {
    if (!copies.contains(key[0])) tags[key[0]].insert(key[1]);
  }
  std::map<std::tuple<std::string, std::string, std::string>, std::set<std::string>> sizes;  // (item, tag, kind)
  for (const auto& [key, row] : shared.rows()) {
    if (copies.contains(key[0])) continue;
    const std::set<std::string>& of_item = tags.at(key[0]);
    if (static_cast<std::size_t>(std::distance(of_item.begin(), of_item.find(key[1]))) >= kSharedHosts) continue;
    const std::string source = source_of(key[0], key[1]);
    std::set<std::string>& hashes = sizes[{key[0], key[1], key[2]}];
    if (hashes.size() >= kSharedKeys && !hashes.contains(key[3])) continue;
    hashes.insert(key[3]);
    if (hashes.size() == kSharedKeys) {
      const auto [end, fresh] = ends.try_emplace({source, key[2]}, *hashes.rbegin());
      if (!fresh) end->second = std::min(end->second, *hashes.rbegin());
    }
    const auto ns = parse_int(key[4]);
    if (ns) sources[source][{key[2], key[3]}].insert(*ns);
  }
  std::map<Key, std::vector<std::pair<const std::string*, const std::set<std::int64_t>*>>> events;
  for (const auto& [source, keys] : sources) {
    for (const auto& [key, times] : keys) {
      const auto end = ends.find({source, key.first});
      if (times.size() > kSharedTimes || (end != ends.end() && key.second > end->second)) continue;
      events[key].emplace_back(&source, &times);
    }
  }
  struct Differences {
    std::vector<OffsetPair> all;
    std::map<std::int64_t, std::vector<OffsetPair>> by_day;  // of the first source
  };
  std::map<std::pair<std::string, std::string>, Differences> differences;
  std::size_t number = 0;
  for (const auto& [key, seen] : events) {
    ++number;
    if (seen.size() > kOffsetSources) continue;
    for (std::size_t a = 0; a < seen.size(); ++a) {
      for (std::size_t b = a + 1; b < seen.size(); ++b) {
        Differences& list = differences[{*seen[a].first, *seen[b].first}];
        for (const std::int64_t here : *seen[a].second) {
          for (const std::int64_t there : *seen[b].second) {
            list.all.push_back({here - there, number});
            list.by_day[Time{here}.day()].push_back({here - there, number});
          }
        }
      }
    }
  }
  std::vector<ClockOffset> out;
  for (auto& [pair, list] : differences) {
    ClockOffset offset = estimate_offset(std::move(list.all));
    offset.drift = drift_of(list.by_day);
    if (offset.drift.per_day != 0) {
      offset.ahead = (offset.drift.first + offset.drift.last) / 2;
      offset.spread = std::abs(offset.drift.last - offset.drift.first);
      offset.agreeing = offset.drift.agreeing;
    }
    if (offset.agreeing == 0) continue;
    std::tie(offset.source, offset.other) = pair;
    out.push_back(std::move(offset));
  }
  return out;
}

ClockDoubts::ClockDoubts(const std::vector<ClockOffset>& offsets, const Table& shared) {
  for (const ClockOffset& offset : offsets) {
    if (std::abs(offset.ahead) < kOffsetLeast && offset.drift.per_day == 0) continue;
    offsets_[{offset.source, offset.other}] = offset;
  }
  if (offsets_.empty()) return;
  for (const auto& [key, row] : shared.rows()) sources_[key[0]].insert(source_of(key[0], key[1]));
}

const ClockOffset* ClockDoubts::between(const std::set<std::string>& items, std::int64_t apart) const {
  std::set<std::string> sources;
  for (const std::string& item : items) {
    if (const auto at = sources_.find(item); at != sources_.end()) sources.insert(at->second.begin(), at->second.end());
  }
  const ClockOffset* most = nullptr;
  std::int64_t size = 0;
  for (const auto& [pair, offset] : offsets_) {
    if (!sources.contains(pair.first) || !sources.contains(pair.second)) continue;
    const std::int64_t doubt =
        std::max({std::abs(offset.ahead) + offset.spread, std::abs(offset.drift.first), std::abs(offset.drift.last)});
    if (doubt >= apart && doubt > size) {
      most = &offset;
      size = doubt;
    }
  }
  return most;
}

void report_clock_offsets(const std::vector<ClockOffset>& offsets, Notices& notices) {
  std::map<std::string, int> agrees;
  for (const ClockOffset& offset : offsets) {
    const bool agree = std::abs(offset.ahead) < kOffsetLeast && offset.drift.per_day == 0;
    agrees[offset.source] += agree ? 1 : 0;
    agrees[offset.other] += agree ? 1 : 0;
  }
  for (const ClockOffset& offset : offsets) {
    const ClockDrift& drift = offset.drift;
    if (std::abs(offset.ahead) < kOffsetLeast && drift.per_day == 0) continue;
    const bool turn = agrees[offset.source] > agrees[offset.other];
    const std::string& wrong = turn ? offset.other : offset.source;
    const std::string& right = turn ? offset.source : offset.other;
    if (drift.per_day != 0) {
      const std::int64_t per_day = turn ? -drift.per_day : drift.per_day;
      notices.add(
          {NoticeKind::clock_offset, wrong, 0, static_cast<std::uint64_t>(offset.agreeing),
           fmt::format("its clock drifts against {}: it {} {} a day, from {} on {} to {} on {}, by {} events of {} "
                       "days that both saw; times stand as written, so the order of what the two saw is not known "
                       "within that",
                       right, per_day > 0 ? "gains" : "loses", seconds_words(per_day),
                       offset_words(turn ? -drift.first : drift.first), format_date(Time{drift.first_day * kDay}),
                       offset_words(turn ? -drift.last : drift.last), format_date(Time{drift.last_day * kDay}),
                       offset.agreeing, drift.days)});
      continue;
    }
    notices.add({NoticeKind::clock_offset, wrong, 0, static_cast<std::uint64_t>(offset.agreeing),
                 fmt::format("its clock runs {} against {}, by {} events that both saw (spread {} s); times stand as "
                             "written, so the order of what the two saw is not known within that",
                             offset_words(turn ? -offset.ahead : offset.ahead), right, offset.agreeing,
                             (offset.spread + kSecond / 2) / kSecond)});
  }
}

}  // namespace assay
