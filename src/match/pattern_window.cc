#include "match/pattern_window.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace assay {
namespace {

using Step = ir::Window::Step;

// Records tried in one decision; a pattern whose parts fight over the same records may need very many.
constexpr std::uint64_t kSearchSteps = 5'000'000;
// REPEATS of single observations up to this are tried in every way when records are fought over; more in two ways.
constexpr std::int64_t kTriedRepeats = 16;

struct Stretch {
  std::int64_t begin = 0, end = 0;
};

// Stretches none of which holds another, ascending.
class Shortest {
 public:
  // Begins come in ascending order.
  void add(Stretch next) {
    while (!list_.empty() && list_.back().end >= next.end) list_.pop_back();
    list_.push_back(next);
  }
  [[nodiscard]] const std::vector<Stretch>& list() const { return list_; }
  // The first that begins at or after `from`: no other that does ends earlier.
  [[nodiscard]] const Stretch* first(std::int64_t from) const {
    const auto at = std::lower_bound(list_.begin(), list_.end(), from,
                                     [](const Stretch& s, std::int64_t time) { return s.begin < time; });
    return at == list_.end() ? nullptr : &*at;
  }
  [[nodiscard]] bool any_in(std::int64_t from, std::int64_t to) const {
    const Stretch* const found = first(from);
    return found != nullptr && found->end <= to;
  }

 private:
  std::vector<Stretch> list_;
};

std::uint64_t length(std::int64_t begin, std::int64_t end) {
  return static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin);
}
bool fits(std::int64_t begin, std::int64_t end, std::int64_t within) {
  return within < 0 || length(begin, end) <= static_cast<std::uint64_t>(within);
}
std::int64_t plus(std::int64_t time, std::int64_t span) { return time > INT64_MAX - span ? INT64_MAX : time + span; }

class PatternSearch {
 public:
  PatternSearch(const ir::Window& window, const std::vector<const Match*>& matches)
      : window_(window), matches_(matches), bases_(window.bases.size()), possible_(window.steps.size()) {
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint32_t> numbers;
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;  // (base, record)
    for (std::size_t i = 0; i < matches.size(); ++i) {
      const Match& m = *matches[i];
      const auto record =
          numbers.try_emplace({m.content, m.ref.offset, m.ref.length}, static_cast<std::uint32_t>(numbers.size()))
              .first->second;
      if (record == claims_.size()) claims_.push_back(0);
      if (!seen.emplace(m.part, record).second) continue;
      ++claims_[record];
      shared_ = shared_ || claims_[record] > 1;
      bases_[m.part].push_back({m.time.ns, record, i});
      if (times_.empty() || times_.back() != m.time.ns) times_.push_back(m.time.ns);
    }
    used_.assign(claims_.size(), false);
    std::vector<std::size_t> uses(window.bases.size(), 0);
    for (const Step& step : window.steps) {
      if (step.kind == Step::Kind::base) {
        shared_ = shared_ || ++uses[step.base] > 1;
      } else {
        shared_ = shared_ || step.repeats > 1;
      }
    }
    for (std::size_t at = 0; at < window.steps.size(); ++at) possible_[at] = possible(window.steps[at]);
  }

  bool run(const std::function<void(const Emission&)>& emit) {
    if (shared_) {
      search_all(emit);
    } else {
      // No two parts want the same record: whatever is possible can be bound.
      for (const Stretch& one : possible_.back().list()) next(one, nullptr, emit);
    }
    flush(emit);
    return !gave_up_;
  }

 private:
  struct Candidate {
    std::int64_t time = 0;
    std::uint32_t record = 0;
    std::size_t match = 0;
  };
  using Then = std::function<bool(std::int64_t begin, std::int64_t end)>;
  using Demand = std::map<std::uint32_t, std::int64_t>;

  // ---- where a step could be met, were records never wanted twice

  Shortest of_base(std::uint32_t base, std::int64_t count) const {
    Shortest out;
    const std::vector<Candidate>& list = bases_[base];
    if (count > static_cast<std::int64_t>(list.size())) return out;
    const auto last = static_cast<std::size_t>(count - 1);
    for (std::size_t i = 0; i + last < list.size(); ++i) out.add({list[i].time, list[i + last].time});
    return out;
  }

  static Shortest all_of(const std::vector<const Shortest*>& parts) {
    std::vector<std::int64_t> begins;
    for (const Shortest* part : parts) {
      for (const Stretch& one : part->list()) begins.push_back(one.begin);
    }
    std::sort(begins.begin(), begins.end());
    Shortest out;
    std::vector<std::size_t> at(parts.size(), 0);
    for (const std::int64_t begin : begins) {
      std::int64_t end = begin;
      for (std::size_t p = 0; p < parts.size(); ++p) {
        const std::vector<Stretch>& list = parts[p]->list();
        while (at[p] < list.size() && list[at[p]].begin < begin) ++at[p];
        if (at[p] == list.size()) return out;
        end = std::max(end, list[at[p]].end);
      }
      out.add({begin, end});
    }
    return out;
  }

  // What every binding of the step takes of each base.
  Demand demand(const Step& step) const {
    Demand out;
    if (step.kind == Step::Kind::base) {
      out[step.base] = 1;
    } else if (step.kind != Step::Kind::any) {
      for (const std::uint32_t part : step.parts) {
        for (const auto& [base, count] : demand(window_.steps[part])) out[base] += count;
      }
    }
    for (auto& [base, count] : out) count = count > INT64_MAX / step.repeats ? INT64_MAX : count * step.repeats;
    return out;
  }

  Shortest possible(const Step& step) const {
    Shortest found;
    if (step.kind == Step::Kind::base) {
      found = of_base(step.base, step.repeats);
    } else if (step.kind == Step::Kind::any) {
      std::vector<Stretch> all;
      for (const std::uint32_t part : step.parts)
        all.insert(all.end(), possible_[part].list().begin(), possible_[part].list().end());
      std::sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
      });
      for (const Stretch& one : all) found.add(one);
    } else {
      if (step.kind == Step::Kind::all) {
        std::vector<const Shortest*> parts;
        for (const std::uint32_t part : step.parts) parts.push_back(&possible_[part]);
        found = all_of(parts);
      } else {
        for (const Stretch& first : possible_[step.parts.front()].list()) {
          std::int64_t end = first.end;
          bool whole = true;
          for (std::size_t i = 1; i < step.parts.size() && whole; ++i) {
            const Stretch* const next = possible_[step.parts[i]].first(end);
            whole = next != nullptr;
            if (whole) end = next->end;
          }
          if (!whole) break;
          found.add({first.begin, end});
        }
      }
      // As many records of each base as it takes stand in the stretch.
      std::vector<Shortest> counts;
      for (const auto& [base, count] : demand(step)) {
        if (count > 1) counts.push_back(of_base(base, count));
      }
      if (!counts.empty()) {
        std::vector<const Shortest*> parts = {&found};
        for (const Shortest& one : counts) parts.push_back(&one);
        found = all_of(parts);
      }
    }
    if (step.within_ns < 0) return found;
    Shortest out;
    for (const Stretch& one : found.list()) {
      if (fits(one.begin, one.end, step.within_ns)) out.add(one);
    }
    return out;
  }

  // ---- quick answers for steps over single observations, when records are fought over

  [[nodiscard]] bool of_bases(const Step& step) const {
    return step.kind != Step::Kind::base && std::all_of(step.parts.begin(), step.parts.end(), [&](std::uint32_t part) {
             return window_.steps[part].kind == Step::Kind::base && window_.steps[part].within_ns < 0;
           });
  }
  [[nodiscard]] std::size_t first_of(const std::vector<Candidate>& list, std::int64_t from) const {
    return static_cast<std::size_t>(
        std::lower_bound(list.begin(), list.end(), from,
                         [](const Candidate& c, std::int64_t time) { return c.time < time; }) -
        list.begin());
  }

  // Chains that can be had at once, were no record wanted by two parts: one that can go on goes on.
  [[nodiscard]] bool enough_chains(const Step& step, std::int64_t from, std::int64_t to) const {
    std::vector<std::size_t> at(step.parts.size());
    std::vector<std::int64_t> waiting(step.parts.size(), 0);
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (window_.steps[step.parts[i]].repeats != 1) return true;
      at[i] = first_of(bases_[window_.steps[step.parts[i]].base], from);
    }
    for (auto time = std::lower_bound(times_.begin(), times_.end(), from); time != times_.end() && *time <= to;
         ++time) {
      for (std::size_t i = 0; i < at.size(); ++i) {
        const std::vector<Candidate>& list = bases_[window_.steps[step.parts[i]].base];
        for (; at[i] < list.size() && list[at[i]].time == *time; ++at[i]) {
          if (used_[list[at[i]].record] || (i > 0 && waiting[i - 1] == 0)) continue;
          if (i > 0) --waiting[i - 1];
          ++waiting[i];
        }
      }
    }
    return waiting.back() >= step.repeats;
  }

  // A record for each part, by augmenting paths; no value when there are too many parts to try it.
  struct Assigned {
    bool met = false;
    std::vector<Candidate> records;
  };
  [[nodiscard]] std::optional<Assigned> assign(const Step& step, std::int64_t from, std::int64_t to) const {
    constexpr std::size_t kSlots = 64;
    std::vector<std::vector<Candidate>> slots;
    std::size_t wanted = 0;
    for (const std::uint32_t part : step.parts) {
      if (window_.steps[part].repeats > static_cast<std::int64_t>(kSlots)) return std::nullopt;
      wanted += static_cast<std::size_t>(window_.steps[part].repeats);
    }
    if (wanted > kSlots) return std::nullopt;
    for (const std::uint32_t part : step.parts) {
      const std::vector<Candidate>& list = bases_[window_.steps[part].base];
      std::vector<Candidate> some;  // more than there are slots change nothing
      for (std::size_t i = first_of(list, from); i < list.size() && list[i].time <= to && some.size() < wanted; ++i) {
        if (!used_[list[i].record]) some.push_back(list[i]);
      }
      for (std::int64_t n = 0; n < window_.steps[part].repeats; ++n) slots.push_back(some);
    }
    std::map<std::uint32_t, std::size_t> taken;  // record -> slot
    std::vector<const Candidate*> has(slots.size(), nullptr);
    const std::function<bool(std::size_t, std::set<std::uint32_t>&)> place = [&](std::size_t slot,
                                                                                 std::set<std::uint32_t>& seen) {
      for (const Candidate& one : slots[slot]) {
        if (!seen.insert(one.record).second) continue;
        const auto at = taken.find(one.record);
        if (at != taken.end() && !place(at->second, seen)) continue;
        taken[one.record] = slot;
        has[slot] = &one;
        return true;
      }
      return false;
    };
    Assigned out;
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      std::set<std::uint32_t> seen;
      if (!place(slot, seen)) return out;
    }
    out.met = true;
    for (const Candidate* one : has) out.records.push_back(*one);
    return out;
  }

  // ---- binding

  bool solve(std::uint32_t at, std::int64_t from, std::int64_t to, const Then& then) {
    if (gave_up_ || !possible_[at].any_in(from, to)) return false;
    const Step& step = window_.steps[at];
    if (step.kind == Step::Kind::base && step.within_ns < 0) return records(step, from, to, then);
    if (step.repeats > 1 && step.kind == Step::Kind::sequence && of_bases(step) && !enough_chains(step, from, to))
      return false;
    if (step.within_ns < 0) return copies(at, step.repeats, from, to, INT64_MAX, INT64_MIN, then);
    // Inside some stretch of that length: each begins at a record.
    auto begin = std::lower_bound(times_.begin(), times_.end(), from);
    while (begin != times_.end() && *begin <= to && !gave_up_) {
      const Stretch* const next = possible_[at].first(*begin);
      if (next == nullptr || next->end > to) return false;
      if (!fits(*begin, next->end, step.within_ns)) {
        begin = std::lower_bound(begin + 1, times_.end(), std::min(next->begin, next->end - step.within_ns));
        continue;
      }
      const std::int64_t last = std::min(to, plus(*begin, step.within_ns));
      const bool met = step.kind == Step::Kind::base
                           ? records(step, *begin, last, then)
                           : copies(at, step.repeats, *begin, last, INT64_MAX, INT64_MIN, then);
      if (met) return true;
      ++begin;
    }
    return false;
  }

  // A step's repeats, none of its records twice.
  bool copies(std::uint32_t at, std::int64_t left, std::int64_t from, std::int64_t to, std::int64_t begin,
              std::int64_t end, const Then& then) {
    if (left == 0) return then(begin, end);
    if (shared_ && window_.steps[at].kind == Step::Kind::all && of_bases(window_.steps[at])) {
      const std::optional<Assigned> found = assign(window_.steps[at], from, to);
      if (found && !found->met) return false;
      if (found && take(found->records, [&](std::int64_t b, std::int64_t e) {
            return copies(at, left - 1, from, to, std::min(begin, b), std::max(end, e), then);
          }))
        return true;
    }
    return once(window_.steps[at], 0, from, to, from, INT64_MAX, INT64_MIN, [&](std::int64_t b, std::int64_t e) {
      return copies(at, left - 1, from, to, std::min(begin, b), std::max(end, e), then);
    });
  }

  // The parts of a step from number `part` on; `after`: where the next one of a sequence may begin.
  bool once(const Step& step, std::size_t part, std::int64_t from, std::int64_t to, std::int64_t after,
            std::int64_t begin, std::int64_t end, const Then& then) {
    if (step.kind == Step::Kind::any) {
      return std::any_of(step.parts.begin(), step.parts.end(),
                         [&](std::uint32_t one) { return solve(one, from, to, then); });
    }
    if (part == step.parts.size()) return then(begin, end);
    const std::int64_t first = step.kind == Step::Kind::sequence ? after : from;
    return solve(step.parts[part], first, to, [&](std::int64_t b, std::int64_t e) {
      return once(step, part + 1, from, to, e, std::min(begin, b), std::max(end, e), then);
    });
  }

  // Records of a base, as many as it repeats.
  bool records(const Step& step, std::int64_t from, std::int64_t to, const Then& then) {
    const std::vector<Candidate>& list = bases_[step.base];
    const std::size_t first = first_of(list, from);
    if (step.repeats <= kTriedRepeats && shared_)
      return choose(list, first, step.repeats, to, INT64_MAX, INT64_MIN, then);
    if (take(list, first, step.repeats, to, false, then)) return true;
    return shared_ && take(list, first, step.repeats, to, true, then);
  }

  bool take(const std::vector<Candidate>& records, const Then& then) {
    const std::size_t before = chosen_.size();
    std::int64_t begin = INT64_MAX, end = INT64_MIN;
    for (const Candidate& one : records) {
      if (!spend()) break;
      used_[one.record] = true;
      chosen_.push_back(one);
      begin = std::min(begin, one.time);
      end = std::max(end, one.time);
    }
    const bool met = !gave_up_ && then(begin, end);
    for (const Candidate& one : records) used_[one.record] = false;
    if (!met) chosen_.resize(before);
    return met;
  }

  bool choose(const std::vector<Candidate>& list, std::size_t at, std::int64_t left, std::int64_t to,
              std::int64_t begin, std::int64_t end, const Then& then) {
    if (left == 0) return then(begin, end);
    for (; at < list.size() && list[at].time <= to; ++at) {
      if (!spend()) return false;
      const Candidate& one = list[at];
      if (used_[one.record]) continue;
      used_[one.record] = true;
      chosen_.push_back(one);
      const bool met = choose(list, at + 1, left - 1, to, std::min(begin, one.time), std::max(end, one.time), then);
      if (!met) chosen_.pop_back();
      used_[one.record] = false;
      if (met) return true;
    }
    return false;
  }

  // The earliest; `unwanted`: those first that no other base has.
  bool take(const std::vector<Candidate>& list, std::size_t first, std::int64_t count, std::int64_t to, bool unwanted,
            const Then& then) {
    const std::size_t before = chosen_.size();
    std::int64_t begin = INT64_MAX, end = INT64_MIN, left = count;
    for (const bool others : {false, true}) {
      for (std::size_t at = first; at < list.size() && list[at].time <= to && left > 0 && spend(); ++at) {
        const Candidate& one = list[at];
        if (used_[one.record] || (unwanted && (claims_[one.record] > 1) != others)) continue;
        used_[one.record] = true;
        chosen_.push_back(one);
        begin = std::min(begin, one.time);
        end = std::max(end, one.time);
        --left;
      }
    }
    const bool met = left == 0 && then(begin, end);
    const std::size_t taken = static_cast<std::size_t>(count - left);
    for (std::size_t i = before; i < before + taken; ++i) used_[chosen_[i].record] = false;
    if (!met) chosen_.resize(before);
    return met;
  }

  bool spend() {
    gave_up_ = gave_up_ || ++steps_ > kSearchSteps;
    return !gave_up_;
  }

  // The records of one binding inside [from, to]; empty when there is none.
  std::vector<Candidate> bind(std::int64_t from, std::int64_t to) {
    chosen_.clear();
    const auto root = static_cast<std::uint32_t>(window_.steps.size() - 1);
    if (!solve(root, from, to, [](std::int64_t, std::int64_t) { return true; })) return {};
    return std::move(chosen_);
  }

  // The shortest stretches where parts want the same records: each end with the latest begin.
  void search_all(const std::function<void(const Emission&)>& emit) {
    std::size_t from = 0;  // of times_
    for (const std::int64_t to : times_) {
      std::optional<std::pair<Stretch, std::vector<Candidate>>> found;
      while (from < times_.size() && times_[from] <= to && possible_.back().any_in(times_[from], to)) {
        std::vector<Candidate> binding = bind(times_[from], to);
        if (gave_up_) return;
        if (binding.empty()) break;
        std::int64_t begin = to;
        for (const Candidate& one : binding) begin = std::min(begin, one.time);
        found.emplace(Stretch{begin, to}, std::move(binding));
        from = static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), begin) - times_.begin());
      }
      if (found) next(found->first, &found->second, emit);
    }
  }

  // ---- emissions

  void next(const Stretch& one, const std::vector<Candidate>* binding,
            const std::function<void(const Emission&)>& emit) {
    if (!cited_.empty() && one.begin > last_.end) flush(emit);
    last_ = one;
    instants_.push_back(Time{one.end});
    if (binding != nullptr) {
      cite(*binding);
    } else if (cited_.empty() || one.begin > cited_until_) {
      cite(bind(one.begin, one.end));
      cited_until_ = one.end;
    }
  }
  void cite(const std::vector<Candidate>& binding) {
    for (const Candidate& c : binding) cited_.insert(c.match);
  }
  void flush(const std::function<void(const Emission&)>& emit) {
    if (cited_.empty()) return;
    if (!shared_ && cited_until_ != last_.end) cite(bind(last_.begin, last_.end));
    Emission out;
    for (const std::size_t i : cited_) out.matches.push_back(matches_[i]);
    out.instants = std::move(instants_);
    instants_.clear();
    cited_.clear();
    emit(out);
  }

  const ir::Window& window_;
  const std::vector<const Match*>& matches_;
  std::vector<std::vector<Candidate>> bases_;
  std::vector<std::int64_t> times_;    // of all matches, each once
  std::vector<std::uint32_t> claims_;  // by record: how many bases have it
  bool shared_ = false;                // parts may want the same record
  std::vector<Shortest> possible_;     // by step
  std::vector<bool> used_;             // by record, while a binding is looked for
  std::vector<Candidate> chosen_;
  std::uint64_t steps_ = 0;
  bool gave_up_ = false;

  Stretch last_;
  std::int64_t cited_until_ = INT64_MIN;
  std::set<std::size_t> cited_;  // matches, in time order
  std::vector<Time> instants_;
};

}  // namespace

bool decide_pattern(const ir::Window& window, const std::vector<const Match*>& matches,
                    const std::function<void(const Emission&)>& emit) {
  return PatternSearch(window, matches).run(emit);
}

}  // namespace assay
