#include "match/windows.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "core/ascii.h"
#include "match/decimal.h"
#include "match/pattern_window.h"

namespace assay {
namespace {

using ir::Window;
using Emit = std::function<void(const Emission&)>;
using List = std::vector<const Match*>;
using RecordKey = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

// Which record a match stands for: its bytes and its place in its item. Equal bytes at an equal place of two items are
// copies.
RecordKey record_of(const Match& m) { return {m.content, m.ref.offset, m.ref.length}; }

template <class Number>
bool compare(Window::Compare how, const Number& value, const Number& threshold) {
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

bool at_least(Window::Compare how) { return how == Window::Compare::greater_equal || how == Window::Compare::greater; }

// Both ends belong to the window. Times are far apart only in broken evidence: no overflow.
bool within(Time first, Time last, std::int64_t span) {
  return static_cast<std::uint64_t>(last.ns) - static_cast<std::uint64_t>(first.ns) <= static_cast<std::uint64_t>(span);
}

std::int64_t minus(std::int64_t time, std::int64_t span) {
  return time < INT64_MIN + 1 + span ? INT64_MIN + 1 : time - span;
}
std::int64_t plus(std::int64_t time, std::int64_t span) { return time > INT64_MAX - span ? INT64_MAX : time + span; }

// Whether one of the sorted times lies in [from, to].
bool any_in(const std::vector<std::int64_t>& times, std::int64_t from, std::int64_t to) {
  const auto at = std::lower_bound(times.begin(), times.end(), from);
  return at != times.end() && *at <= to;
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
  Episodes(const List& matches, const Emit& emit) : matches_(matches), emit_(emit) {}
  void add(const std::vector<std::size_t>& window) {
    if (!current_.empty() && *current_.rbegin() < window.front()) flush();
    // A chain may skip matches: sharing is asked of the sets themselves.
    if (!current_.empty() &&
        std::none_of(window.begin(), window.end(), [&](std::size_t i) { return current_.contains(i); }))
      flush();
    current_.insert(window.begin(), window.end());
    met_at(window.back());
  }
  // A run of indices.
  void add_range(std::size_t first, std::size_t last) {
    if (!current_.empty() && *current_.rbegin() < first) flush();
    for (std::size_t i = current_.empty() ? first : std::max(first, *current_.rbegin() + 1); i <= last; ++i)
      current_.insert(current_.end(), i);
    met_at(last);
  }
  void flush() {
    if (current_.empty()) return;
    Emission out;
    out.matches.reserve(current_.size());
    for (const std::size_t i : current_) out.matches.push_back(matches_[i]);
    out.instants = std::move(instants_);
    instants_.clear();
    current_.clear();
    emit_(out);
  }

 private:
  void met_at(std::size_t last) {
    if (instants_.empty() || instants_.back() != matches_[last]->time) instants_.push_back(matches_[last]->time);
  }
  const List& matches_;
  const Emit& emit_;
  std::set<std::size_t> current_;
  std::vector<Time> instants_;
};

// What a window of counts or values knows of the matches inside it.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual void add(std::size_t index) = 0;
  virtual void drop(std::size_t index) = 0;
  virtual void clear() = 0;
  [[nodiscard]] virtual bool met() const = 0;
};

// Counts distinct keys among the matches of a sliding window.
template <class Key>
class Distinct final : public Aggregate {
 public:
  Distinct(const Window& w, std::vector<Key> keys) : window_(w), keys_(std::move(keys)) {}
  void add(std::size_t index) override { ++counts_[keys_[index]]; }
  void drop(std::size_t index) override {
    const auto at = counts_.find(keys_[index]);
    if (--at->second == 0) counts_.erase(at);
  }
  void clear() override { counts_.clear(); }
  [[nodiscard]] bool met() const override {
    const auto value = static_cast<double>(counts_.size());
    return compare(window_.compare, value, window_.threshold) &&
           std::all_of(window_.also.begin(), window_.also.end(),
                       [&](const Window::Bound& b) { return compare(b.compare, value, b.threshold); });
  }

 private:
  const Window& window_;
  std::vector<Key> keys_;
  std::map<Key, std::size_t> counts_;
};

// Sum, mean, median and percentile of the numbers of distinct records. Exact: whole numbers of billionths, and a mean
// is compared by its product, never divided.
class Statistic final : public Aggregate {
 public:
  Statistic(const Window& w, const List& matches, std::vector<Wide> values)
      : window_(w), matches_(matches), values_(std::move(values)) {
    sorted_ = values_;
    std::sort(sorted_.begin(), sorted_.end());
    sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
    tree_.assign(sorted_.size() + 1, 0);
    bounds_.push_back({w.compare, decimal_of(w.threshold)});
    for (const Window::Bound& bound : w.also) bounds_.push_back({bound.compare, decimal_of(bound.threshold)});
  }
  void add(std::size_t index) override {
    if (++records_[{record_of(*matches_[index]), values_[index]}] == 1) change(values_[index], 1);
  }
  void drop(std::size_t index) override {
    const auto at = records_.find({record_of(*matches_[index]), values_[index]});
    if (--at->second > 0) return;
    records_.erase(at);
    change(values_[index], -1);
  }
  void clear() override {
    while (!records_.empty()) {
      change(records_.begin()->first.second, -1);
      records_.erase(records_.begin());
    }
  }
  [[nodiscard]] bool met() const override {
    if (count_ == 0) return false;
    Wide value = sum_;
    std::int64_t parts = 1;  // value / parts is what is compared
    if (window_.kind == Window::Kind::value_avg) {
      parts = count_;
    } else if (window_.kind == Window::Kind::value_median) {
      value = ranked((count_ + 1) / 2) + ranked(count_ / 2 + 1);
      parts = 2;
    } else if (window_.kind == Window::Kind::value_percentile) {
      // Nearest rank: the smallest value of which at least that share of the values is not larger.
      const auto rank = static_cast<std::int64_t>(std::ceil(static_cast<double>(count_) * window_.percentile / 100));
      value = ranked(std::clamp<std::int64_t>(rank, 1, count_));
    }
    return std::all_of(bounds_.begin(), bounds_.end(),
                       [&](const auto& bound) { return compare(bound.first, value, bound.second * parts); });
  }

 private:
  void change(Wide value, std::int64_t by) {
    sum_ += value * by;
    count_ += by;
    const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), value) - sorted_.begin();
    for (auto i = static_cast<std::size_t>(at) + 1; i < tree_.size(); i += i & (~i + 1)) tree_[i] += by;
  }
  // The rank-th smallest, from 1.
  [[nodiscard]] Wide ranked(std::int64_t rank) const {
    std::size_t at = 0, step = 1;
    while (step * 2 < tree_.size()) step *= 2;
    for (; step > 0; step /= 2) {
      if (at + step < tree_.size() && tree_[at + step] < rank) {
        at += step;
        rank -= tree_[at];
      }
    }
    return sorted_[at];
  }

  const Window& window_;
  const List& matches_;
  std::vector<Wide> values_;  // by match
  std::vector<Wide> sorted_;
  std::vector<std::int64_t> tree_;  // Fenwick: how many of each value are in the window
  std::vector<std::pair<Window::Compare, Wide>> bounds_;
  std::map<std::pair<RecordKey, Wide>, std::size_t> records_;
  Wide sum_ = 0;
  std::int64_t count_ = 0;
};

// The last index of the instant that starts at `first`.
std::size_t instant_end(const List& matches, std::size_t first) {
  std::size_t last = first;
  while (last + 1 < matches.size() && matches[last + 1]->time == matches[first]->time) ++last;
  return last;
}

void aggregate_windows(const Window& w, const List& matches, Aggregate& inside, const Emit& emit) {
  if (!at_least(w.compare) || !w.also.empty()) {
    // An upper bound has no meaning for windows that slide (a part of any burst is small): a window opens with a match
    // and holds what follows within the span; the next match after it opens the next one.
    for (std::size_t first = 0; first < matches.size();) {
      inside.clear();
      std::size_t end = first;
      while (end < matches.size() && within(matches[first]->time, matches[end]->time, w.span_ns)) inside.add(end++);
      if (inside.met()) {
        Emission out;
        out.matches.assign(matches.begin() + static_cast<std::ptrdiff_t>(first),
                           matches.begin() + static_cast<std::ptrdiff_t>(end));
        out.instants = {matches[end - 1]->time};
        emit(out);
      }
      first = end;
    }
    return;
  }
  Episodes episodes(matches, emit);
  std::size_t first = 0;
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    for (std::size_t i = at; i <= last; ++i) inside.add(i);
    while (!within(matches[first]->time, matches[last]->time, w.span_ns)) inside.drop(first++);
    if (inside.met()) episodes.add_range(first, last);
    at = last + 1;
  }
  episodes.flush();
}

void event_count(const Window& w, const List& matches, const Emit& emit) {
  std::vector<RecordKey> keys;
  for (const Match* m : matches) keys.push_back(record_of(*m));
  Distinct<RecordKey> inside(w, std::move(keys));
  aggregate_windows(w, matches, inside, emit);
}

// Values are compared without case, several fields as one tuple.
void value_count(const Window& w, const List& matches, const Emit& emit) {
  std::vector<std::string> keys;
  for (const Match* m : matches) {
    std::string key;
    for (const std::string& field : w.value_fields) {
      const std::string value = lower(value_of(*m, field));
      key += std::to_string(value.size()) + ":" + value;
    }
    keys.push_back(std::move(key));
  }
  Distinct<std::string> inside(w, std::move(keys));
  aggregate_windows(w, matches, inside, emit);
}

void statistic(const Window& w, const List& matches, const Emit& emit) {
  List numbered;
  std::vector<Wide> values;
  for (const Match* m : matches) {
    const auto value = parse_decimal(value_of(*m, w.value_fields.front()));
    if (!value) continue;  // not a number: not part of any window
    numbered.push_back(m);
    values.push_back(*value);
  }
  Statistic inside(w, numbered, std::move(values));
  aggregate_windows(w, numbered, inside, emit);
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

void together(const Window& w, const List& matches, const Emit& emit) {
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

// Times of the matches of each base, sorted.
std::vector<std::vector<std::int64_t>> times_of(const Window& w, const List& matches) {
  std::vector<std::vector<std::int64_t>> out(w.bases.size());
  for (const Match* m : matches) out[m->part].push_back(m->time.ns);
  return out;
}

// Those of bases that some term asks for.
List positive(const Window& w, const List& matches) {
  std::vector<bool> wanted(w.bases.size(), false);
  for (const Window::Term& term : w.terms) {
    for (const std::uint32_t part : term.with) wanted[part] = true;
  }
  List out;
  for (const Match* m : matches) {
    if (wanted[m->part]) out.push_back(m);
  }
  return out;
}

// A condition over bases. A term is met by one match of each base of `with`, the first at m and the last at t within
// the span, when no window of the span that holds them all holds a match of a base of `without`: none in
// [t - span, m + span].
void together_terms(const Window& w, const List& all, const Emit& emit) {
  const std::vector<std::vector<std::int64_t>> times = times_of(w, all);
  const List matches = positive(w, all);
  Episodes episodes(matches, emit);
  std::vector<std::deque<std::int64_t>> inside(w.bases.size());
  std::size_t oldest = 0;
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    const std::int64_t now = matches[last]->time.ns;
    for (std::size_t i = at; i <= last; ++i) inside[matches[i]->part].push_back(now);
    for (; !within(matches[oldest]->time, matches[last]->time, w.span_ns); ++oldest)
      inside[matches[oldest]->part].pop_front();
    std::optional<std::int64_t> first;
    for (const Window::Term& term : w.terms) {
      if (std::any_of(term.with.begin(), term.with.end(), [&](std::uint32_t p) { return inside[p].empty(); })) continue;
      // The match of one base is the last one, at this instant; the others may be as early as the window lets them:
      // that leaves the fewest windows that hold them all.
      std::optional<std::int64_t> begin;
      for (const std::uint32_t ending : term.with) {
        if (inside[ending].back() != now) continue;
        std::int64_t earliest = now;
        for (const std::uint32_t part : term.with) {
          if (part != ending) earliest = std::min(earliest, inside[part].front());
        }
        begin = begin ? std::min(*begin, earliest) : earliest;
      }
      if (!begin) continue;
      const bool disturbed = std::any_of(term.without.begin(), term.without.end(), [&](std::uint32_t part) {
        return any_in(times[part], minus(now, w.span_ns), plus(*begin, w.span_ns));
      });
      if (!disturbed) first = first ? std::min(*first, *begin) : *begin;
    }
    if (first) {
      const auto from = std::lower_bound(matches.begin(), matches.end(), *first,
                                         [](const Match* m, std::int64_t time) { return m->time.ns < time; });
      episodes.add_range(static_cast<std::size_t>(from - matches.begin()), last);
    }
    at = last + 1;
  }
  episodes.flush();
}

// The order in which bases must be met, and the times at which some base must not be met: silent[0] within the span
// before the first, silent[i] between i - 1 and i, the last one within the span after the end. At an equal time the
// order is not known, and the chain is not met.
struct Order {
  std::vector<std::uint32_t> parts;
  std::vector<std::vector<std::int64_t>> silent;
  bool negative = false;
};

// For each step the chain that ends there and began last. Within one instant the order is free, but each step is
// another record. `found` gets each chain that ends, in the order of their ends.
void chains(const Window& w, const List& matches, const Order& order,
            const std::function<void(std::vector<std::size_t>)>& found) {
  struct Chain {
    std::int64_t start = 0, last = 0;
    std::vector<std::size_t> members;
  };
  constexpr std::size_t kNoStep = SIZE_MAX;
  const std::size_t parts = order.parts.size();
  std::vector<std::size_t> step_of(w.bases.size(), kNoStep);
  for (std::size_t i = 0; i < parts; ++i) step_of[order.parts[i]] = i;
  std::vector<std::optional<Chain>> best(parts);
  for (std::size_t at = 0; at < matches.size();) {
    const std::size_t last = instant_end(matches, at);
    const std::int64_t now = matches[at]->time.ns;
    const auto silent_now = [&](std::size_t step) { return any_in(order.silent[step], now, now); };
    // Records of this instant, by step.
    std::map<RecordKey, std::size_t> numbers;
    std::vector<std::vector<std::size_t>> records(parts);
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> index;  // (step, record) -> match
    for (std::size_t i = at; i <= last; ++i) {
      const std::size_t step = step_of[matches[i]->part];
      if (step == kNoStep) continue;
      const std::size_t number = numbers.try_emplace(record_of(*matches[i]), numbers.size()).first->second;
      if (index.try_emplace({step, number}, i).second) records[step].push_back(number);
    }
    if (order.negative) {
      for (std::size_t i = 1; i < parts; ++i) {
        if (best[i - 1] && any_in(order.silent[i], best[i - 1]->last, now)) best[i - 1].reset();
      }
    }
    const bool may_start = !order.negative || !any_in(order.silent[0], minus(now, w.span_ns), now);
    std::vector<std::optional<Chain>> next = best;
    std::optional<Chain> ended;
    // A chain that stood at step `from` - 1 before this instant (0: one that starts in it) goes on through the steps
    // from .. to here.
    for (std::size_t from = 0; from < parts; ++from) {
      if (from == 0 ? !may_start : !best[from - 1]) continue;
      for (std::size_t to = from; to < parts; ++to) {
        if (records[to].empty()) break;
        if (order.negative && to > from && silent_now(to)) break;
        const std::vector<std::vector<std::size_t>> steps(records.begin() + static_cast<std::ptrdiff_t>(from),
                                                          records.begin() + static_cast<std::ptrdiff_t>(to) + 1);
        std::vector<std::optional<std::size_t>> chosen;
        if (most_distinct(steps, &chosen) < steps.size()) break;
        const std::int64_t start = from > 0 ? best[from - 1]->start : now;
        // Among chains that began together the later one is harder to disturb.
        const bool better = !next[to] || next[to]->start < start || (order.negative && next[to]->start == start);
        const bool ends = to + 1 == parts && (!ended || ended->start < start);
        if (!better && !ends) continue;
        Chain chain;
        if (from > 0) chain = *best[from - 1];
        chain.start = start;
        chain.last = now;
        for (std::size_t k = 0; k < steps.size(); ++k) chain.members.push_back(index[{from + k, *chosen[k]}]);
        if (ends) ended = chain;
        if (better) next[to] = std::move(chain);
      }
    }
    if (ended && within(Time{ended->start}, matches[at]->time, w.span_ns) &&
        (!order.negative || !any_in(order.silent[parts], now, plus(now, w.span_ns)))) {
      std::sort(ended->members.begin(), ended->members.end());
      found(std::move(ended->members));
    }
    best = std::move(next);
    at = last + 1;
  }
}

void sequence(const Window& w, const List& matches, const Emit& emit) {
  Episodes episodes(matches, emit);
  if (w.terms.empty()) {
    Order order;
    for (std::uint32_t i = 0; i < w.bases.size(); ++i) order.parts.push_back(i);
    order.silent.resize(w.bases.size() + 1);
    chains(w, matches, order, [&](const std::vector<std::size_t>& chain) { episodes.add(chain); });
    episodes.flush();
    return;
  }
  const std::vector<std::vector<std::int64_t>> times = times_of(w, matches);
  std::vector<std::vector<std::size_t>> met;
  for (const Window::Term& term : w.terms) {
    Order order;
    order.parts = term.with;
    order.silent.resize(term.with.size() + 1);
    for (const std::uint32_t part : term.without) {
      const auto step = std::lower_bound(term.with.begin(), term.with.end(), part) - term.with.begin();
      auto& list = order.silent[static_cast<std::size_t>(step)];
      list.insert(list.end(), times[part].begin(), times[part].end());
      order.negative = true;
    }
    for (auto& list : order.silent) std::sort(list.begin(), list.end());
    chains(w, matches, order, [&](std::vector<std::size_t> chain) { met.push_back(std::move(chain)); });
  }
  // Several terms: their chains in the order of their ends.
  std::stable_sort(met.begin(), met.end(), [&](const auto& a, const auto& b) {
    return std::tie(matches[a.back()]->time, a) < std::tie(matches[b.back()]->time, b);
  });
  for (const std::vector<std::size_t>& chain : met) episodes.add(chain);
  episodes.flush();
}

// Base 0 without any other base within the span before or after it.
void absence(const Window& w, const List& matches, const Emit& emit) {
  std::vector<std::int64_t> others;
  for (const Match* m : matches) {
    if (m->part != 0) others.push_back(m->time.ns);
  }
  for (const Match* m : matches) {
    if (m->part != 0) continue;
    const auto after = std::lower_bound(others.begin(), others.end(), m->time.ns);
    if (after != others.end() && within(m->time, Time{*after}, w.span_ns)) continue;
    if (after != others.begin() && within(Time{*(after - 1)}, m->time, w.span_ns)) continue;
    emit({{m}, {m->time}});
  }
}

}  // namespace

bool decide_window(const Window& window, const std::vector<Match>& matches, const Emit& emit) {
  std::vector<const Match*> list;
  for (const Match& m : matches) {
    if (m.time.known() && m.part < window.bases.size()) list.push_back(&m);
  }
  switch (window.kind) {
    case Window::Kind::event_count:
      event_count(window, list, emit);
      break;
    case Window::Kind::value_count:
      value_count(window, list, emit);
      break;
    case Window::Kind::sequence:
      sequence(window, list, emit);
      break;
    case Window::Kind::together:
      window.terms.empty() ? together(window, list, emit) : together_terms(window, list, emit);
      break;
    case Window::Kind::absence:
      absence(window, list, emit);
      break;
    case Window::Kind::value_sum:
    case Window::Kind::value_avg:
    case Window::Kind::value_percentile:
    case Window::Kind::value_median:
      statistic(window, list, emit);
      break;
    case Window::Kind::pattern:
      return decide_pattern(window, list, emit);
  }
  return true;
}

}  // namespace assay
