#include "match/windows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace assay {
namespace {

using ir::Window;
using Emit = std::function<void(const std::vector<const Match*>&)>;
using RecordKey = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

// Which record a match stands for: its bytes and its place in its item. Equal bytes at an equal place of two items are
// copies.
RecordKey record_of(const Match& m) { return {m.content, m.ref.offset, m.ref.length}; }

bool compare(Window::Compare how, double value, double threshold) {
  switch (how) {
    case Window::Compare::greater_equal:
      return value >= threshold;
    case Window::Compare::greater:
      return value > threshold;
    case Window::Compare::less:
      return value < threshold;
    case Window::Compare::less_equal:
      return value <= threshold;
    case Window::Compare::equal:
      return value == threshold;
    case Window::Compare::not_equal:
      return value != threshold;
  }
  return false;
}

bool met(const Window& w, std::size_t count) {
  const auto value = static_cast<double>(count);
  return compare(w.compare, value, w.threshold) &&
         std::all_of(w.also.begin(), w.also.end(),
                     [&](const Window::Bound& b) { return compare(b.compare, value, b.threshold); });
}

bool at_least(Window::Compare how) { return how == Window::Compare::greater_equal || how == Window::Compare::greater; }

// Both ends belong to the window. Times are far apart only in broken evidence: no overflow.
bool within(Time first, Time last, std::int64_t span) {
  return static_cast<std::uint64_t>(last.ns) - static_cast<std::uint64_t>(first.ns) <= static_cast<std::uint64_t>(span);
}

std::string_view value_of(const Match& m, const std::string& field) {
  for (const auto& [name, value] : m.fields) {
    if (name == field) return value;
  }
  return {};
}

// Windows that share matches become one emission. Windows come with ascending ends; each is a set of indices,
// ascending.
class Episodes {
 public:
  Episodes(const std::vector<const Match*>& matches, const Emit& emit) : matches_(matches), emit_(emit) {}
  void add(const std::vector<std::size_t>& window) {
    if (!current_.empty() && *current_.rbegin() < window.front()) flush();
    // A chain may skip matches: sharing is asked of the sets themselves.
    if (!current_.empty() &&
        std::none_of(window.begin(), window.end(), [&](std::size_t i) { return current_.contains(i); }))
      flush();
    current_.insert(window.begin(), window.end());
  }
  // A run of indices.
  void add_range(std::size_t first, std::size_t last) {
    if (!current_.empty() && *current_.rbegin() < first) flush();
    for (std::size_t i = current_.empty() ? first : std::max(first, *current_.rbegin() + 1); i <= last; ++i)
      current_.insert(current_.end(), i);
  }
  void flush() {
    if (current_.empty()) return;
    std::vector<const Match*> out;
    out.reserve(current_.size());
    for (const std::size_t i : current_) out.push_back(matches_[i]);
    current_.clear();
    emit_(out);
  }

 private:
  const std::vector<const Match*>& matches_;
  const Emit& emit_;
  std::set<std::size_t> current_;
};

// Counts distinct keys among the matches of a sliding window.
template <class Key>
class Distinct {
 public:
  void add(const Key& key) { ++counts_[key]; }
  void drop(const Key& key) {
    const auto at = counts_.find(key);
    if (--at->second == 0) counts_.erase(at);
  }
  [[nodiscard]] std::size_t size() const { return counts_.size(); }
  void clear() { counts_.clear(); }

 private:
  std::map<Key, std::size_t> counts_;
};

// The last index of the instant that starts at `first`.
std::size_t instant_end(const std::vector<const Match*>& matches, std::size_t first) {
  std::size_t last = first;
  while (last + 1 < matches.size() && matches[last + 1]->time == matches[first]->time) ++last;
  return last;
}

template <class Key, class KeyOf>
void count_windows(const Window& w, const std::vector<const Match*>& matches, KeyOf&& key_of, const Emit& emit) {
  Distinct<Key> distinct;
  if (!at_least(w.compare) || !w.also.empty()) {
    // An upper bound has no meaning for windows that slide (a part of any burst is small): a window opens with a match
    // and holds what follows within the span; the next match after it opens the next one.
    for (std::size_t first = 0; first < matches.size();) {
      distinct.clear();
      std::size_t end = first;
      while (end < matches.size() && within(matches[first]->time, matches[end]->time, w.span_ns))
        distinct.add(key_of(*matches[end++]));
      if (met(w, distinct.size()))
        emit(
            {matches.begin() + static_cast<std::ptrdiff_t>(first), matches.begin() + static_cast<std::ptrdiff_t>(end)});
      first = end;
    }
    return;
  }
  Episodes episodes(matches, emit);
  std::size_t first = 0;
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    for (std::size_t i = at; i <= last; ++i) distinct.add(key_of(*matches[i]));
    while (!within(matches[first]->time, matches[last]->time, w.span_ns)) distinct.drop(key_of(*matches[first++]));
    if (met(w, distinct.size())) episodes.add_range(first, last);
    at = last + 1;
  }
  episodes.flush();
}

// Can `parts` be met by as many different records? parts[i] holds the records of part i. Kuhn's augmenting paths.
std::size_t most_distinct(const std::vector<std::vector<std::size_t>>& parts,
                          std::vector<std::optional<std::size_t>>* chosen = nullptr) {
  std::map<std::size_t, std::size_t> taken;  // record -> part
  std::size_t size = 0;
  const std::function<bool(std::size_t, std::set<std::size_t>&)> place = [&](std::size_t part,
                                                                             std::set<std::size_t>& seen) {
    for (const std::size_t record : parts[part]) {
      if (!seen.insert(record).second) continue;
      const auto at = taken.find(record);
      if (at == taken.end() || place(at->second, seen)) {
        taken[record] = part;
        return true;
      }
    }
    return false;
  };
  for (std::size_t part = 0; part < parts.size(); ++part) {
    std::set<std::size_t> seen;
    if (place(part, seen)) ++size;
  }
  if (chosen != nullptr) {
    chosen->assign(parts.size(), std::nullopt);
    for (const auto& [record, part] : taken) (*chosen)[part] = record;
  }
  return size;
}

void together(const Window& w, const std::vector<const Match*>& matches, const Emit& emit) {
  Episodes episodes(matches, emit);
  const std::size_t parts = w.bases.size();
  const auto needed = static_cast<std::size_t>(std::clamp(w.threshold, 1.0, static_cast<double>(parts)));
  std::vector<std::size_t> count(parts, 0);
  std::size_t present = 0, first = 0;
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    for (std::size_t i = at; i <= last; ++i) present += count[matches[i]->part]++ == 0 ? 1U : 0U;
    while (!within(matches[first]->time, matches[last]->time, w.span_ns))
      present -= --count[matches[first++]->part] == 0 ? 1U : 0U;
    bool holds = present >= needed;
    if (holds && w.distinct) {
      // More records of a part than there are parts change nothing: a few of each will do.
      std::vector<std::vector<std::size_t>> records(parts);
      std::map<RecordKey, std::size_t> numbers;
      for (std::size_t i = first; i <= last; ++i) {
        auto& list = records[matches[i]->part];
        const std::size_t number = numbers.try_emplace(record_of(*matches[i]), numbers.size()).first->second;
        if (list.size() < parts && std::find(list.begin(), list.end(), number) == list.end()) list.push_back(number);
      }
      holds = most_distinct(records) >= needed;
    }
    if (holds) episodes.add_range(first, last);
    at = last + 1;
  }
  episodes.flush();
}

// For each part the chain that ends there and began last. Within one instant the order is free, but each step is
// another record.
void sequence(const Window& w, const std::vector<const Match*>& matches, const Emit& emit) {
  struct Chain {
    std::int64_t start = 0;
    std::vector<std::size_t> members;
  };
  const std::size_t parts = w.bases.size();
  std::vector<std::optional<Chain>> best(parts);
  Episodes episodes(matches, emit);
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    // Records of this instant, by part.
    std::map<RecordKey, std::size_t> numbers;
    std::vector<std::vector<std::size_t>> records(parts);
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> index;  // (part, record) -> match
    for (std::size_t i = at; i <= last; ++i) {
      const std::size_t number = numbers.try_emplace(record_of(*matches[i]), numbers.size()).first->second;
      if (index.try_emplace({matches[i]->part, number}, i).second) records[matches[i]->part].push_back(number);
    }
    std::vector<std::optional<Chain>> next = best;
    // A chain that stood at part `from` before this instant (or starts in it) goes on through parts from+1 .. to here.
    for (std::size_t from = 0; from <= parts; ++from) {  // from 0: starts here; else stood at part from-1
      if (from > 0 && !best[from - 1]) continue;
      for (std::size_t to = from; to < parts; ++to) {
        if (records[to].empty()) break;
        const std::vector<std::vector<std::size_t>> steps(records.begin() + static_cast<std::ptrdiff_t>(from),
                                                          records.begin() + static_cast<std::ptrdiff_t>(to) + 1);
        std::vector<std::optional<std::size_t>> chosen;
        if (most_distinct(steps, &chosen) < steps.size()) break;
        Chain chain;
        if (from > 0) {
          chain = *best[from - 1];
        } else {
          chain.start = matches[at]->time.ns;
        }
        if (next[to] && next[to]->start >= chain.start) continue;
        for (std::size_t k = 0; k < steps.size(); ++k) chain.members.push_back(index[{from + k, *chosen[k]}]);
        next[to] = std::move(chain);
      }
    }
    // Did a chain end at this instant? A new end in `next`, or one of equal start that could be made here again.
    if (!records[parts - 1].empty()) {
      std::optional<Chain> ended;
      for (std::size_t from = 0; from <= parts - 1; ++from) {
        if (from > 0 && !best[from - 1]) continue;
        const std::vector<std::vector<std::size_t>> steps(records.begin() + static_cast<std::ptrdiff_t>(from),
                                                          records.end());
        std::vector<std::optional<std::size_t>> chosen;
        if (most_distinct(steps, &chosen) < steps.size()) continue;
        Chain chain;
        if (from > 0) {
          chain = *best[from - 1];
        } else {
          chain.start = matches[at]->time.ns;
        }
        if (ended && ended->start >= chain.start) continue;
        for (std::size_t k = 0; k < steps.size(); ++k) chain.members.push_back(index[{from + k, *chosen[k]}]);
        ended = std::move(chain);
      }
      if (ended && within(Time{ended->start}, matches[at]->time, w.span_ns)) {
        std::sort(ended->members.begin(), ended->members.end());
        episodes.add(ended->members);
      }
    }
    best = std::move(next);
    at = last + 1;
  }
  episodes.flush();
}

// Base 0 without any other base within the span before or after it.
void absence(const Window& w, const std::vector<const Match*>& matches, const Emit& emit) {
  std::vector<std::int64_t> others;
  for (const Match* m : matches) {
    if (m->part != 0) others.push_back(m->time.ns);
  }
  for (const Match* m : matches) {
    if (m->part != 0) continue;
    const auto after = std::lower_bound(others.begin(), others.end(), m->time.ns);
    if (after != others.end() && within(m->time, Time{*after}, w.span_ns)) continue;
    if (after != others.begin() && within(Time{*(after - 1)}, m->time, w.span_ns)) continue;
    emit({m});
  }
}

}  // namespace

void decide_window(const Window& window, const std::vector<Match>& matches, const Emit& emit) {
  std::vector<const Match*> list;
  for (const Match& m : matches) {
    if (m.time.known() && m.part < window.bases.size()) list.push_back(&m);
  }
  switch (window.kind) {
    case Window::Kind::event_count:
      count_windows<RecordKey>(window, list, [](const Match& m) { return record_of(m); }, emit);
      break;
    case Window::Kind::value_count:
      count_windows<std::string>(
          window, list, [&](const Match& m) { return std::string(value_of(m, window.value_field)); }, emit);
      break;
    case Window::Kind::sequence:
      sequence(window, list, emit);
      break;
    case Window::Kind::together:
      together(window, list, emit);
      break;
    case Window::Kind::absence:
      absence(window, list, emit);
      break;
  }
}

}  // namespace assay
