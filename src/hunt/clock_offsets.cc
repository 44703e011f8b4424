#include "hunt/clock_offsets.h"

#include <fmt/format.h>

#include <algorithm>
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

}  // namespace

ClockOffset estimate_offset(std::vector<OffsetPair> differences) {
  ClockOffset out;
  out.pairs = static_cast<std::int64_t>(differences.size());
  std::sort(differences.begin(), differences.end());
  std::vector<std::size_t> held(differences.size());  // by the window's first difference
  std::size_t best = 0, begin = 0;
  for (std::size_t first = 0, end = 0; first < differences.size(); ++first) {
    while (end < differences.size() && differences[end].ns - differences[first].ns <= kOffsetWindow) ++end;
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
    const bool apart = std::abs(differences[first].ns - differences[begin].ns) > 2 * kOffsetWindow;
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
  std::map<std::pair<std::string, std::string>, std::vector<OffsetPair>> differences;
  std::size_t number = 0;
  for (const auto& [key, seen] : events) {
    ++number;
    if (seen.size() > kOffsetSources) continue;
    for (std::size_t a = 0; a < seen.size(); ++a) {
      for (std::size_t b = a + 1; b < seen.size(); ++b) {
        std::vector<OffsetPair>& list = differences[{*seen[a].first, *seen[b].first}];
        for (const std::int64_t here : *seen[a].second) {
          for (const std::int64_t there : *seen[b].second) list.push_back({here - there, number});
        }
      }
    }
  }
  std::vector<ClockOffset> out;
  for (auto& [pair, list] : differences) {
    ClockOffset offset = estimate_offset(std::move(list));
    if (offset.agreeing == 0) continue;
    std::tie(offset.source, offset.other) = pair;
    out.push_back(std::move(offset));
  }
  return out;
}

void report_clock_offsets(const std::vector<ClockOffset>& offsets, Notices& notices) {
  std::map<std::string, int> agrees;
  for (const ClockOffset& offset : offsets) {
    const bool agree = std::abs(offset.ahead) < kOffsetLeast;
    agrees[offset.source] += agree ? 1 : 0;
    agrees[offset.other] += agree ? 1 : 0;
  }
  for (const ClockOffset& offset : offsets) {
    if (std::abs(offset.ahead) < kOffsetLeast) continue;
    const bool turn = agrees[offset.source] > agrees[offset.other];
    const std::string& wrong = turn ? offset.other : offset.source;
    const std::string& right = turn ? offset.source : offset.other;
    notices.add({NoticeKind::clock_offset, wrong, 0, static_cast<std::uint64_t>(offset.agreeing),
                 fmt::format("its clock runs {} against {}, by {} events that both saw (spread {} s); times stand as "
                             "written, so the order of what the two saw is not known within that",
                             offset_words(turn ? -offset.ahead : offset.ahead), right, offset.agreeing,
                             (offset.spread + kSecond / 2) / kSecond)});
  }
}

}  // namespace assay
