#include "match/rule_matcher.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "core/ascii.h"
#include "core/limits.h"
#include "match/carried.h"
#include "match/value_cache.h"

namespace assay {
namespace {

constexpr std::size_t kAnyValueBytes = std::size_t{1} << 20;  // of one value, as keywords see it

// What one worker keeps for one core.
struct CoreState {
  std::uint32_t epoch = 0;
  // The epoch (record) of the last time, by predicate, rule and special.
  std::vector<std::uint32_t> asked_at, proposed, special_at;
  // What holds for the record's values, a bit for each predicate: asked for in no order, so all of it is to stay in the
  // first cache.
  std::vector<std::uint64_t> held;
  std::vector<bool> asked, special;
  // Values in lower case, by field: of the record of that epoch, the value that begins there.
  struct Lowered {
    std::uint32_t epoch = 0;
    std::string_view of;
    RuleCore::Lowered value;
  };
  std::vector<Lowered> lowered;
};

}  // namespace

class RuleMatcher::Impl {
 public:
  explicit Impl(const Compiled& compiled) : engine_(compiled), eval_{&compiled.regexes, &scratch_.regex} {}

  bool match(const Plan& plan, const RecordContext& record, std::vector<Match>& out) {
    any_values_ready_ = false;
    gave_up_ = false;
    match_rules(plan, record, out);
    return gave_up_;
  }

 private:
  // The values of the current record, by name, for the reference evaluator.
  class Values final : public RecordValues {
   public:
    Values(Impl& matcher, const Plan& plan, const RecordContext& record)
        : matcher_(matcher), plan_(plan), record_(record) {}
    void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
      const auto at = plan_.bindings.find(name);
      if (at != plan_.bindings.end()) each_value(at->second, *record_.fields, f);
    }
    void each_any(const std::function<void(const Value&)>& f) const override {
      for (const Value& value : matcher_.any_values(plan_, record_)) f(value);
    }
    [[nodiscard]] Time time() const override { return record_.time; }
    [[nodiscard]] const Plan& plan() const { return plan_; }
    [[nodiscard]] FieldTable& fields() const { return *record_.fields; }

   private:
    Impl& matcher_;
    const Plan& plan_;
    const RecordContext& record_;
  };

  const std::vector<Value>& any_values(const Plan& plan, const RecordContext& record) {
    if (any_values_ready_) return any_values_;
    any_values_ready_ = true;
    any_values_.clear();
    std::size_t used = 0;
    const auto keep = [&](const Value& value) {
      if (used == any_store_.size()) any_store_.emplace_back();
      std::string& text = any_store_[used++];
      text.assign(value.text.substr(0, kAnyValueBytes));
      any_values_.push_back({value.kind, text});
    };
    if (record.reader != nullptr) {
      record.reader->all_fields([&](std::string_view, Value value) {
        if (value.present() && value.kind != ValueKind::null && any_values_.size() < limits::kFieldsPerRecord)
          keep(value);
      });
    }
    if (plan.raw_text) keep({ValueKind::string, record.raw});
    return any_values_;
  }

  void match_rules(const Plan& plan, const RecordContext& record, std::vector<Match>& out) {
    const RuleCore& core = *plan.core;
    if (core.rules().empty()) return;
    const Values values(*this, plan, record);
    eval_.gave_up = false;
    EvalContext& eval = eval_;
    const bool fast = engine_.options.fast;
    if (fast) {
      if (!propose(plan, record)) return;
    } else {
      candidates_.resize(core.rules().size());
      std::iota(candidates_.begin(), candidates_.end(), 0U);
    }
    for (const std::uint32_t candidate : candidates_) {
      const RuleCore::Rule& rule = core.rules()[candidate];
      if (fast && !node_holds(core, rule.root, values, eval)) continue;
      const Unit& unit = engine_.units[rule.unit];
      if (fast) eval.remember(*unit.expr);
      if (evaluate(*unit.expr, values, eval)) emit_rule(unit, plan, record, values, eval, out);
    }
    if (fast) forget();
    gave_up_ = gave_up_ || eval.gave_up;
  }

  // What propose() marked.
  void forget() {
    for (const ValueFacts* facts : facts_) {
      for (const std::uint32_t p : facts->predicate_list()) state_->held[p / 64] = 0;
    }
  }

  // Collects what holds for the record's values, and the rules that have a witness among it. False: no rule has.
  // PERF NOTE (docs/performance.md): most records end here, with a look-up for each field that rules name and nothing
  // marked; predicates are marked one by one only when there is a rule to look at.
  bool propose(const Plan& plan, const RecordContext& record) {
    const RuleCore& core = *plan.core;
    CoreState& state = state_of(core);
    state_ = &state;
    if (++state.epoch == 0) {
      std::fill(state.asked_at.begin(), state.asked_at.end(), 0);
      for (CoreState::Lowered& one : state.lowered) one.epoch = 0;
      std::fill(state.proposed.begin(), state.proposed.end(), 0);
      std::fill(state.special_at.begin(), state.special_at.end(), 0);
      state.epoch = 1;
    }
    cache_.next_record();
    facts_.clear();
    candidates_.assign(core.unwitnessed().begin(), core.unwitnessed().end());
    bool any = false;
    const auto take = [&](const ValueFacts* facts) {
      if (facts->absent) return;
      any = true;
      if (facts->predicates == 0) return;
      facts_.push_back(facts);
      for (const std::uint32_t rule : facts->rule_list()) {
        if (state.proposed[rule] == state.epoch) continue;
        state.proposed[rule] = state.epoch;
        candidates_.push_back(rule);
      }
    };
    FieldTable& fields = *record.fields;
    for (std::size_t w = 0; w < plan.ways.size(); ++w) {
      const Plan::Way& way = plan.ways[w];
      if (way.any_value) {
        if (plan.keywords_in_bytes && !core.keyword_filter()->may_hold(record.raw, true)) continue;
        if (plan.keywords_in_words && record.reader != nullptr) {
          const std::string_view words = record.reader->words(plan.keywords_of_numbers);
          if (!words.empty() && !core.keyword_filter()->may_hold(words, false)) continue;
        }
        for (const Value& value : any_values(plan, record))
          take(known(core, way, {value.kind, false, value.text}, [&] { return value; }));
        continue;
      }
      any = false;
      const BoundPath& path = *way.path;
      if (is_pathless(path.rule)) {
        const Value value = apply_concat(path, fields);
        if (value.present()) take(known(core, way, {value.kind, false, value.text}, [&] { return value; }));
      } else {
        fields.each_raw(path.slots.front(), [&](const RawValue& raw, std::uint32_t cell) {
          take(known(core, way, raw, [&] {
            return path.rule == ValueRule::none ? fields.at(cell)
                                                : apply_rule(path.rule, path.argument, fields.at(cell), fields);
          }));
        });
      }
      if (any) {
        while (!plan.ways[w].last) ++w;  // a field's values are those of its first path that has any
      }
    }
    if (candidates_.empty()) return false;
    std::sort(candidates_.begin(), candidates_.end());
    for (const ValueFacts* facts : facts_) {
      for (const std::uint32_t p : facts->predicate_list()) state.held[p / 64] |= std::uint64_t{1} << p % 64;
    }
    return true;
  }

  // What holds for a value of a way. Values repeat, so it is kept by the value as it is written: one that was seen
  // before is not even decoded. `make` gives the value as the way reads it.
  template <class Make>
  const ValueFacts* known(const RuleCore& core, const Plan::Way& way, const RawValue& raw, Make&& make) {
    const bool cached = engine_.options.value_cache;
    ValueCache::Place place;
    if (cached) {
      place = cache_.find(way.cache, raw);
      if (place.facts != nullptr) return place.facts;
    }
    const Value value = make();
    bool whole = true;
    held_.clear();
    if (value.present()) core.holding(way.field, value, scratch_, held_, whole);
    rules_.clear();
    for (const std::uint32_t p : held_) {
      const std::span<const std::uint32_t> rules = core.rules_of(p);
      rules_.insert(rules_.end(), rules.begin(), rules.end());
    }
    if (place.keep) {  // what is kept is kept short; one record alone asks nothing of that
      std::sort(rules_.begin(), rules_.end());
      rules_.erase(std::unique(rules_.begin(), rules_.end()), rules_.end());
    }
    if (!whole) gave_up_ = true;  // not kept: each record says so again, whatever was seen before
    return cache_.add(place, raw, !value.present(), held_, rules_, cached && whole);
  }

  // A predicate that is looked at on demand, over the values that propose() would have looked at.
  bool asked_holds(const RuleCore& core, std::uint32_t p, const Plan& plan, FieldTable& fields) {
    CoreState& state = *state_;
    if (state.asked_at[p] == state.epoch) return state.asked[p];
    state.asked_at[p] = state.epoch;
    bool met = false, any = false, whole = true;
    CoreState::Lowered& lowered = state.lowered[core.field_of(p)];
    const auto look = [&](const Value& value) {
      any = any || value.present();
      if (met || !value.present() || value.kind == ValueKind::null) return;
      if (lowered.epoch != state.epoch || lowered.of.data() != value.text.data() ||
          lowered.of.size() != value.text.size()) {
        RuleCore::lower_value(value.text, lowered.value);
        lowered.epoch = state.epoch;
        lowered.of = value.text;
      }
      met = core.holds_for(p, value.text, lowered.value, scratch_.regex, whole);
    };
    for (std::size_t w = plan.first_way[core.field_of(p)];; ++w) {
      const Plan::Way& way = plan.ways[w];
      const BoundPath& path = *way.path;
      if (is_pathless(path.rule)) {
        look(apply_concat(path, fields));
      } else {
        fields.each(path.slots.front(), [&](const Value& value) {
          look(path.rule == ValueRule::none ? value : apply_rule(path.rule, path.argument, value, fields));
        });
      }
      if (any || way.last) break;
    }
    if (!whole) gave_up_ = true;
    state.asked[p] = met;
    return met;
  }

  bool node_holds(const RuleCore& core, std::uint32_t at, const Values& values, EvalContext& eval) {
    const RuleCore::Node& node = core.nodes()[at];
    const std::uint32_t* const children = core.children().data() + node.first;
    using Kind = RuleCore::Node::Kind;
    switch (node.kind) {
      case Kind::predicate:
        return core.on_demand(node.first) ? asked_holds(core, node.first, values.plan(), values.fields())
                                          : (state_->held[node.first / 64] >> node.first % 64 & 1) != 0;
      case Kind::special: {
        if (state_->special_at[node.first] != state_->epoch) {
          state_->special_at[node.first] = state_->epoch;
          state_->special[node.first] = evaluate_atom(*core.specials()[node.first], values, eval);
        }
        return state_->special[node.first];
      }
      case Kind::all:
        return std::all_of(children, children + node.count,
                           [&](std::uint32_t c) { return node_holds(core, c, values, eval); });
      case Kind::any:
        return std::any_of(children, children + node.count,
                           [&](std::uint32_t c) { return node_holds(core, c, values, eval); });
      case Kind::none:
        return std::none_of(children, children + node.count,
                            [&](std::uint32_t c) { return node_holds(core, c, values, eval); });
      case Kind::always:
        return true;
      case Kind::never:
        return false;
    }
    return false;
  }

  static std::string first_text(std::string_view name, const Values& values) {
    std::string out;
    bool found = false;
    values.each(name, [&](const Value& value) {
      if (!found && value.kind != ValueKind::null) {
        out = value.text;
        found = true;
      }
    });
    return out;
  }

  void emit_rule(const Unit& unit, const Plan&, const RecordContext& record, const Values& values, EvalContext& eval,
                 std::vector<Match>& out) {
    std::optional<std::vector<NamedValue>> held;
    const auto carry = [&](const std::vector<std::string>& names, Match& m) {
      for (const std::string& name : names) add_field(m.fields, name, first_text(name, values));
      if (!held) held = held_values(*unit.expr, values, eval);
      for (const auto& [name, value] : *held) add_field(m.fields, name, value);
      std::sort(m.fields.begin(), m.fields.end());
    };
    std::vector<std::uint32_t> filters;
    for (const std::uint32_t filter : unit.filters) {
      if (evaluate(engine_.filters[filter].expr, values, eval)) filters.push_back(filter);
    }
    if (unit.detector != kNoDetector && unit.sighting) {
      Match m;
      m.filters = filters;
      m.detector = unit.detector;
      place_match(record, m);
      const ir::Detector& rule = engine_.rules[unit.detector];
      carry(rule.carry, m);
      if (rule.kind == DetectorKind::stix_pattern) m.role = role_of(*unit.expr);
      out.push_back(std::move(m));
    }
    for (const Unit::Feed& feed : unit.feeds) {
      Match m;
      m.detector = feed.window;
      m.part = feed.part;
      m.base = true;
      m.filters = filters;
      place_match(record, m);
      bool keyed = true;
      for (const std::string& name : feed.base->group_by) {
        std::string value = first_text(name, values);
        if (value.empty()) keyed = false;  // without its key a record belongs to no group (docs/windows.md)
        m.group.push_back(lower(value));
      }
      if (!keyed) continue;
      bool valued = true;
      for (std::size_t i = 0; i < feed.base->values.size(); ++i) {
        const std::string value = first_text(feed.base->values[i], values);
        valued = valued && !value.empty();
        m.fields.emplace_back(feed.pattern->value_fields[i], cut_distinct(value));
      }
      if (!valued) continue;
      for (const std::string& name : feed.pattern->kept) {
        const std::string value = first_text(name, values);
        if (!value.empty()) m.fields.emplace_back(name, cut_distinct(value));
      }
      carry(engine_.rules[feed.window].carry, m);
      out.push_back(std::move(m));
    }
  }

  // Which side of a connection a STIX pattern speaks about.
  static Role role_of(const ir::Expr& expr) {
    bool dst = false, src = false, file = false;
    for (const ir::Atom& atom : expr.atoms) {
      dst = dst || atom.name.find("dst_ref") != std::string::npos;
      src = src || atom.name.find("src_ref") != std::string::npos;
      file = file || atom.name.starts_with("file:");
    }
    if (dst) return Role::contacted;
    if (src) return Role::contacting;
    return file ? Role::file : Role::none;
  }

  CoreState& state_of(const RuleCore& core) {
    auto& state = states_[&core];
    if (state == nullptr) {
      state = std::make_unique<CoreState>();
      state->held.assign(core.predicates().size() / 64 + 1, 0);
      state->asked_at.assign(core.predicates().size(), 0);
      state->asked.assign(core.predicates().size(), false);
      state->lowered.resize(core.fields().size());
      state->proposed.assign(core.rules().size(), 0);
      state->special_at.assign(core.specials().size(), 0);
      state->special.assign(core.specials().size(), false);
    }
    return *state;
  }

  const Compiled& engine_;
  RuleCore::Scratch scratch_;
  EvalContext eval_;
  std::unordered_map<const RuleCore*, std::unique_ptr<CoreState>> states_;  // order reaches nothing
  ValueCache cache_;
  CoreState* state_ = nullptr;
  std::vector<const ValueFacts*> facts_;  // of the record
  std::vector<std::uint32_t> candidates_, held_, rules_;
  std::vector<Value> any_values_;
  std::deque<std::string> any_store_;
  bool any_values_ready_ = false;
  bool gave_up_ = false;
};

RuleMatcher::RuleMatcher(const Compiled& compiled) : impl_(std::make_unique<Impl>(compiled)) {}
RuleMatcher::~RuleMatcher() = default;
bool RuleMatcher::match(const Plan& plan, const RecordContext& record, std::vector<Match>& out) {
  return impl_->match(plan, record, out);
}

}  // namespace assay
