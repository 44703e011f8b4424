// The agreement run: the engine, in every combination of its switches, against the reference, on records made from each
// rule (testing_witness.h), with variants of it (testing_variants.h). Used by a unit test for a few seconds and by
// assay_agree for as long as one likes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "evidence/binding.h"
#include "evidence/format.h"
#include "match/engine.h"
#include "match/reference.h"
#include "match/testing_rules.h"
#include "match/testing_variants.h"
#include "match/testing_witness.h"

namespace assay::testing_match {

struct AgreementTally {
  std::uint64_t pairs = 0, met = 0;             // rule x record that were compared
  std::uint64_t own = 0, own_met = 0;           // of them the record made from the rule
  std::uint64_t kin = 0, kin_met = 0;           // the record made from another rule that shares a predicate with it
  std::uint64_t records = 0, combinations = 0;  // of switches
  // By test with its variants, and by connective: not met, met.
  std::map<std::string, std::array<std::uint64_t, 2>> forms;
  std::map<std::string, std::array<std::uint64_t, 2>> titles;  // own pairs by the rule's title, when asked for
  std::vector<std::string> differences;                        // at most 20
};

inline std::vector<EngineOptions> all_switches() {
  std::vector<EngineOptions> out;
  for (unsigned bits = 0; bits < 64; ++bits) {
    EngineOptions options;
    options.value_cache = bits & 1U;
    options.literal_index = bits & 2U;
    options.regex_literals = bits & 4U;
    options.keyword_filter = bits & 8U;
    options.witnesses = bits & 16U;
    options.on_demand = bits & 32U;
    out.push_back(options);
  }
  return out;
}

// One set of rules under every combination of switches.
class Agreement {
 public:
  // `rules` is matched as it is; the shape match-test must be among the schemas, and the rules' source be its last
  // route.
  Agreement(const RuleSet& rules, const SchemaSet& schemas) : schemas_(schemas), schema_(*schemas.find("match-test")) {
    EngineOptions plain;
    plain.fast = false;
    engines_.push_back(Engine::compile(rules, schemas, {}, plain));
    for (const EngineOptions& options : all_switches())
      engines_.push_back(Engine::compile(rules, schemas, {}, options));
    route_ = static_cast<RouteId>(schemas.at(schema_).routes.size() - 1);
    for (const auto& engine : engines_) {
      engine->bind(schema_, route_, projections_.emplace_back());
      matchers_.push_back(Matcher::make(*engine));
    }
    reader_ = find_format("json-lines")->open({}, "", schemas);
  }
  // Compares, and gives the detectors that the reference found.
  std::vector<DetectorIndex> compare(const std::string& json, AgreementTally& tally) {
    std::vector<DetectorIndex> judge, found;
    Notices notices;
    // The bytes alone, as in a worker's window: what stands behind them must not matter.
    if (!reader_->begin(json, notices)) {
      tally.differences.push_back("not a record: " + json);
      return judge;
    }
    for (std::size_t i = 0; i < engines_.size(); ++i) {
      fields_.reset(projections_[i].size());
      reader_->read(projections_[i], fields_);
      RecordContext context;
      context.ref = {0, 0, json.size()};
      context.shape = schema_;
      context.route = route_;
      context.raw = json;
      context.fields = &fields_;
      context.reader = reader_.get();
      matches_.clear();
      matchers_[i]->match(context, matches_, notices);
      found.clear();
      for (const Match& match : matches_) found.push_back(match.detector);
      std::sort(found.begin(), found.end());
      if (i == 0) {
        judge = found;
      } else if (found != judge && tally.differences.size() < 20) {
        tally.differences.push_back("combination " + std::to_string(i - 1) + ": " + json);
      }
    }
    ++tally.records;
    tally.combinations = engines_.size() - 1;
    return judge;
  }

  // Which forms of predicates and connectives of a rule the record meets. The record is the one compared last.
  void count_forms(const ir::Expr& expr, AgreementTally& tally) {
    Projection projection;
    std::map<std::string, Binding> bindings;
    RegexSet regexes;
    const auto need = [&](const std::string& name) {
      if (!name.empty() && !bindings.contains(name))
        bindings.emplace(name, assay::bind(schemas_.at(schema_), name, projection));
    };
    for (const ir::Atom& atom : expr.atoms) {
      need(atom.name);
      for (const ir::Literal& literal : atom.literals) {
        if (atom.test == ir::Test::regex) (void)regexes.add(literal);
        if (ir::name_of(atom.test).ends_with("_field")) need(literal.text);
      }
    }
    fields_.reset(projection.size());
    reader_->read(projection, fields_);
    ir::RegexScratch scratch;
    EvalContext context{&regexes, &scratch, false};
    form(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), TableValues(bindings, fields_, *reader_), context,
         tally);
  }

 private:
  class TableValues final : public RecordValues {
   public:
    TableValues(const std::map<std::string, Binding>& bindings, FieldTable& fields, RecordReader& reader)
        : bindings_(bindings), fields_(fields), reader_(reader) {}
    void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
      const auto at = bindings_.find(std::string(name));
      if (at != bindings_.end()) each_value(at->second, fields_, f);
    }
    void each_any(const std::function<void(const Value&)>& f) const override {
      reader_.all_fields([&](std::string_view, Value value) {
        if (value.present() && value.kind != ValueKind::null) f(value);
      });
    }

   private:
    const std::map<std::string, Binding>& bindings_;
    FieldTable& fields_;
    RecordReader& reader_;
  };
  void form(const ir::Expr& expr, std::uint32_t at, const RecordValues& record, EvalContext& context,
            AgreementTally& tally) {
    const ir::Node& node = expr.nodes[at];
    static constexpr std::array<const char*, 6> kKinds = {"", "(all)", "(any)", "(not)", "(always)", "(never)"};
    if (node.kind != ir::Node::Kind::atom) {
      std::set<std::string> parts;
      for (const std::uint32_t child : node.children) {
        form(expr, child, record, context, tally);
        const auto kind = static_cast<std::size_t>(expr.nodes[child].kind);
        parts.insert(kind == 0 ? "predicates" : kKinds[kind]);
      }
      const ir::Expr part = {expr.atoms, {expr.nodes.begin(), expr.nodes.begin() + at + 1}};
      std::string name = kKinds[static_cast<std::size_t>(node.kind)];
      for (const std::string& one : parts) name += (one == *parts.begin() ? " of " : " and ") + one;
      ++tally.forms[name][evaluate(part, record, context) ? 1 : 0];
      return;
    }
    const ir::Atom& atom = expr.atoms[node.atom];
    std::string name(ir::name_of(atom.test));
    if (atom.part != ir::TimePart::whole) name = std::string(ir::name_of(atom.part)) + " " + name;
    if (atom.cased) name += " cased";
    if (atom.negate) name += " neq";
    if (atom.literals.size() > 1) name += atom.all ? " all" : " any";
    if (atom.test == ir::Test::equals && atom.literals.front().number) name += " number";
    if (atom.test == ir::Test::exists) name += " " + atom.literals.front().text;
    ++tally.forms[name][evaluate_atom(atom, record, context) ? 1 : 0];
  }

  const SchemaSet& schemas_;
  ShapeId schema_;
  RouteId route_ = 0;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<Projection> projections_;
  std::vector<std::unique_ptr<Matcher>> matchers_;
  std::unique_ptr<RecordReader> reader_;
  FieldTable fields_;
  std::vector<Match> matches_;
};

// The rules as the last route of match-test has them, whatever their own logsource is.
inline RuleSet for_test_route(const std::vector<ir::Detector>& rules, std::size_t from, std::size_t count) {
  RuleSet out;
  for (std::size_t i = from; i < std::min(from + count, rules.size()); ++i) {
    if (rules[i].window || rules[i].expr.empty()) continue;
    ir::Detector rule = rules[i];
    rule.source = {};
    rule.source.category = "test";
    rule.base_only = false;
    out.rules.push_back(std::move(rule));
  }
  return out;
}

// Each rule with its variants behind it.
inline RuleSet with_variants(const RuleSet& rules, std::size_t count, std::uint32_t seed) {
  RuleSet out;
  VariantMaker maker(seed);
  for (const ir::Detector& rule : rules.rules) {
    out.rules.push_back(rule);
    for (ir::Detector& variant : maker.variants(rule, count)) out.rules.push_back(std::move(variant));
  }
  return out;
}

// For each rule which others share a predicate with it.
inline std::vector<std::vector<bool>> kin_of(const RuleSet& rules) {
  std::map<std::string, std::vector<std::size_t>> holders;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    for (const ir::Atom& atom : rules.rules[i].expr.atoms) holders[ir::to_text(atom)].push_back(i);
  }
  std::vector<std::vector<bool>> out(rules.rules.size(), std::vector<bool>(rules.rules.size(), false));
  for (const auto& [atom, list] : holders) {
    for (const std::size_t a : list) {
      for (const std::size_t b : list) out[a][b] = true;
    }
  }
  return out;
}

struct AgreementWork {
  std::size_t per_rule = 30;  // records made from a rule of few values: witnesses and near misses, half and half
  std::size_t forms_of = 8;   // of how many of them the forms are counted
  bool titles = false;        // count own pairs by the rules' titles
};

// Records of each rule, each compared with all rules of the set.
inline void agree_on_rules(const RuleSet& rules, const SchemaSet& schemas, std::uint32_t seed,
                           const AgreementWork& work, AgreementTally& tally) {
  if (rules.rules.empty()) return;
  Agreement agreement(rules, schemas);
  WitnessMaker maker(schemas.at(*schemas.find("match-test")), seed);
  const std::vector<std::vector<bool>> kin = kin_of(rules);
  for (DetectorIndex i = 0; i < rules.rules.size(); ++i) {
    const ir::Detector& rule = rules.rules[i];
    // A list of thousands of values takes as long as hundreds of rules: fewer records of it.
    std::size_t literals = 1;
    for (const ir::Atom& atom : rule.expr.atoms) literals += atom.literals.size();
    const std::size_t records = std::max<std::size_t>(2, work.per_rule * 64 / std::max<std::size_t>(64, literals));
    const auto kindred = static_cast<std::uint64_t>(std::count(kin[i].begin(), kin[i].end(), true)) - 1;
    for (std::size_t k = 0; k < records; ++k) {
      const std::string json = k % 2 == 0 ? maker.witness(rule.expr) : maker.near_miss(rule.expr);
      const std::vector<DetectorIndex> met = agreement.compare(json, tally);
      const bool own_met = std::binary_search(met.begin(), met.end(), i);
      tally.pairs += rules.rules.size();
      tally.met += met.size();
      ++tally.own;
      tally.own_met += own_met ? 1U : 0U;
      tally.kin += kindred;
      for (const DetectorIndex other : met) tally.kin_met += other != i && kin[i][other] ? 1U : 0U;
      if (work.titles) ++tally.titles[rule.title][own_met ? 1 : 0];
      if (k < work.forms_of) agreement.count_forms(rule.expr, tally);
    }
  }
}

// Random rules over a small vocabulary: most records decide most rules closely.
inline RuleSet random_rules(Maker& maker, std::size_t count) {
  RuleSet rules;
  for (std::size_t i = 0; i < count; ++i) {
    ir::Detector rule;
    rule.id = "r" + std::to_string(i);
    rule.source.category = "test";
    rule.expr = maker.expr();
    rules.rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace assay::testing_match
