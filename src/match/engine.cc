#include "match/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/ascii.h"
#include "evidence/format.h"
#include "match/compiled.h"
#include "rules/ir/names.h"
#include "rules/resolve.h"

namespace assay {
namespace {

std::vector<std::string> techniques_of(const std::vector<std::string>& tags) {
  std::vector<std::string> out;
  for (const std::string& tag : tags) {
    if (!starts_with_icase(tag, "attack.t") || tag.size() < 12 || !is_digit(tag[8])) continue;
    std::string id = tag.substr(7);
    id[0] = 'T';
    out.push_back(std::move(id));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

class EngineImpl final : public Engine {
 public:
  EngineImpl(const RuleSet& rules, const SchemaSet& schemas, const Profile& profile, EngineOptions options)
      : schemas_(&schemas) {
    compiled_.rules = rules.rules;
    compiled_.filters = rules.filters;
    compiled_.profile = profile;
    compiled_.options = options;
    compile_rules();
    compiled_.index = IndicatorIndex(rules.indicators);
    if (options.fast && options.line_filter) compiled_.lines = LineFilter(rules.indicators, compiled_.index);
    for (const auto& [kind, listed] :
         {std::pair{TokenKind::address, compiled_.index.has_addresses()},
          {TokenKind::domain, compiled_.index.has_domains()},
          {TokenKind::url, compiled_.index.has_urls()},
          {TokenKind::hash, compiled_.index.has_hashes(false)},
          {TokenKind::mail_address,
           compiled_.index.has_mail_addresses() || compiled_.index.has_addresses() || compiled_.index.has_domains()},
          {TokenKind::file_name, compiled_.index.has_file_names()}}) {
      if (listed) compiled_.token_kinds.add(kind);
    }
    compiled_.yara = YaraRules::compile(rules.yara, not_loaded_);
    std::vector<DetectorInfo> yara;
    for (const YaraRuleInfo& info : compiled_.yara->rules()) yara.push_back(info_of(info));
    compiled_.catalogue = DetectorCatalogue(std::move(rule_infos_), rules.indicators, std::move(yara));
    for (const Schema& schema : schemas.all()) compiled_.plans.emplace_back(schema.routes.size());
  }

  [[nodiscard]] const DetectorCatalogue& catalogue() const override { return compiled_.catalogue; }
  [[nodiscard]] const std::vector<NotLoaded>& not_loaded() const override { return not_loaded_; }

  void bind(ShapeId shape, RouteId route, Projection& projection) override {
    Plan& plan = compiled_.plans[shape][route];
    const Schema& schema = schemas_->at(shape);
    plan = Plan{};
    plan.bound = true;
    plan.core = core_for(covered_units(schema, route));
    const auto reach = [&](const std::string& name) -> const Binding* {
      const auto [at, fresh] = plan.bindings.try_emplace(name);
      if (fresh) at->second = assay::bind(schema, name, projection);
      return &at->second;
    };
    for (const std::string& name : plan.core->names()) reach(name);
    for (std::uint32_t f = 0; f < plan.core->fields().size(); ++f) {
      const RuleCore::Field& field = plan.core->fields()[f];
      plan.first_way.push_back(static_cast<std::uint32_t>(plan.ways.size()));
      if (field.name.empty()) {
        plan.ways.push_back({f, true, true, nullptr, source(*plan.core, f, ValueRule::none, {})});
        continue;
      }
      const Binding& binding = *reach(field.name);
      for (const BoundPath& path : binding.paths) {
        const bool last = &path == &binding.paths.back();
        plan.ways.push_back({f, last, false, &path, source(*plan.core, f, path.rule, path.argument)});
      }
    }
    // A JSON record writes what a keyword's filter looks for as it is; readers of other forms may make such a text.
    plan.keywords_in_bytes = compiled_.options.keyword_filter && raw_form_of(schema) == RawForm::json &&
                             plan.core->keyword_filter() != nullptr;
    plan.keywords_in_words = compiled_.options.keyword_filter && raw_form_of(schema) == RawForm::other &&
                             plan.core->keyword_filter() != nullptr;
    plan.keywords_of_numbers = plan.keywords_in_words && !plan.core->keyword_filter()->all_beyond(kNumberCharacters);
    plan.raw_text = raw_form_of(schema) == RawForm::text;
    for (const RuleCore::Rule& rule : plan.core->rules()) {
      const Unit& unit = compiled_.units[rule.unit];
      for (const std::uint32_t filter : unit.filters) {
        for (const std::string& name : ir::names_of(compiled_.filters[filter].expr)) reach(name);
      }
      if (unit.detector != kNoDetector) {
        for (const std::string& name : compiled_.rules[unit.detector].carry) reach(name);
      }
      for (const Unit::Feed& feed : unit.feeds) {
        for (const std::string& name : feed.base->group_by) reach(name);
        for (const std::string& name : feed.base->values) reach(name);
        for (const std::string& name : feed.pattern->kept) reach(name);
        for (const std::string& name : compiled_.rules[feed.window].carry) reach(name);
      }
    }
    if (compiled_.index.empty()) return;
    for (const IndicatorPath& path : schema.indicators) {
      const std::string& name = schema.routes[route].name;
      if (!path.routes.empty() && std::find(path.routes.begin(), path.routes.end(), name) == path.routes.end())
        continue;
      if (!may_meet(compiled_.index, path.kind)) continue;
      Plan::Place& place = plan.places.emplace_back();
      place = {&path, path.path == "*" ? nullptr : reach(path.path), {}, places_++, false};
      place.as_is = place.binding != nullptr &&
                    std::all_of(place.binding->paths.begin(), place.binding->paths.end(), [](const BoundPath& way) {
                      return way.rule == ValueRule::none || way.rule == ValueRule::request_url;
                    });
      if (place.as_is && place.binding->paths.size() == 1) place.slot = place.binding->paths.front().slots.front();
      plan.places_as_is = plan.places_as_is && place.as_is;
    }
    if (plan.places.empty()) return;
    // Texts first: a line that holds nothing is not looked at for addresses either.
    std::stable_partition(plan.places.begin(), plan.places.end(),
                          [](const Plan::Place& one) { return one.path->kind == IndicatorPath::Kind::text; });
    static constexpr std::pair<std::string_view, const char*> kCarried[] = {
        {"src", "@src_ip"},    {"dst", "@dst_ip"},    {"port", "@dst_port"},   {"url", "@url"},
        {"method", "@method"}, {"status", "@status"}, {"bytes", "@bytes_out"}, {"bytes_in", "@bytes_in"}};
    for (const auto& [as, name] : kCarried) {
      if (schema.overlay.contains(name)) plan.carried.emplace_back(as, reach(name));
    }
    if (schema.overlay.contains("@src_ip")) plan.src = reach("@src_ip");
    if (schema.overlay.contains("@dst_ip")) plan.dst = reach("@dst_ip");
  }

  [[nodiscard]] std::vector<NotLoaded> not_evaluable() const override {
    std::vector<NotLoaded> out;
    for (const Unit& unit : compiled_.units) {
      if (unit.detector == kNoDetector) continue;
      const bool reached = std::any_of(schemas_->all().begin(), schemas_->all().end(), [&](const Schema& schema) {
        return std::any_of(schema.routes.begin(), schema.routes.end(),
                           [&](const Route& route) { return covers(unit, schema, route); });
      });
      const ir::Detector& rule = compiled_.rules[unit.detector];
      if (!reached) out.push_back({rule.origin, rule.id, "no kind of record read here has its logsource"});
    }
    return out;
  }

  [[nodiscard]] std::vector<Need> needs(ShapeId shape, RouteId route) const override {
    std::vector<Need> out;
    for (const std::uint32_t number : covered_units(schemas_->at(shape), route)) {
      const Unit& unit = compiled_.units[number];
      if (unit.detector == kNoDetector) continue;
      const std::set<std::string> names =
          needed_names(*unit.expr, static_cast<std::uint32_t>(unit.expr->nodes.size() - 1));
      if (!names.empty()) out.push_back({unit.detector, {names.begin(), names.end()}});
    }
    return out;
  }

  [[nodiscard]] const Compiled& compiled() const override { return compiled_; }

 private:
  [[nodiscard]] std::vector<std::uint32_t> covered_units(const Schema& schema, RouteId route) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < compiled_.units.size(); ++i) {
      if (covers(compiled_.units[i], schema, schema.routes[route])) out.push_back(i);
    }
    return out;
  }

  // Routes with the same rules share one compiled core.
  const RuleCore* core_for(const std::vector<std::uint32_t>& units) {
    auto& core = cores_[units];
    if (core == nullptr) {
      std::vector<const ir::Expr*> expressions;
      for (const Unit& unit : compiled_.units) expressions.push_back(unit.expr);
      core = std::make_unique<RuleCore>(
          expressions, units, compiled_.regexes,
          RuleCore::Options{compiled_.options.literal_index, compiled_.options.regex_literals,
                            compiled_.options.witnesses, compiled_.options.on_demand});
    }
    return core.get();
  }

  // A number for what is known of a value by its text alone: the field it is looked at for, and the rule applied first.
  std::uint32_t source(const RuleCore& core, std::uint32_t field, ValueRule rule, const std::string& argument) {
    return sources_.try_emplace({&core, field, rule, argument}, static_cast<std::uint32_t>(sources_.size()))
        .first->second;
  }

  void refuse(const ir::Detector& rule, std::string reason) {
    not_loaded_.push_back({rule.origin, rule.id, std::move(reason)});
  }

  bool add_regexes(const ir::Expr& expr, const ir::Detector& rule) {
    for (const ir::Atom& atom : expr.atoms) {
      if (atom.test != ir::Test::regex) continue;
      for (const ir::Literal& literal : atom.literals) {
        if (auto status = compiled_.regexes.add(literal); !status.ok()) {
          refuse(rule, status.error().text());
          return false;
        }
      }
    }
    return true;
  }

  void compile_rules() {
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> by_name;  // id or name -> unit
    std::vector<std::uint32_t> usable;
    for (std::uint32_t i = 0; i < compiled_.filters.size(); ++i) {
      ir::Detector named;  // for the message
      named.origin = compiled_.filters[i].origin;
      named.id = compiled_.filters[i].id;
      if (add_regexes(compiled_.filters[i].expr, named)) usable.push_back(i);
    }
    for (DetectorIndex i = 0; i < compiled_.rules.size(); ++i) {
      const ir::Detector& rule = compiled_.rules[i];
      DetectorInfo info;
      info.kind = rule.kind;
      info.id = rule.id;
      info.title = rule.title;
      info.level = rule.level;
      info.author = rule.author;
      info.hash = rule.hash;
      info.advisory = rule.advisory;
      info.description = rule.description;
      info.techniques = techniques_of(rule.tags);
      info.tags = rule.tags;
      info.false_positives = rule.false_positives;
      info.meaning = rule.meaning;
      rule_infos_.push_back(std::move(info));
      if (rule.window) continue;
      if (auto status = ir::check(rule); !status.ok()) {
        refuse(rule, status.error().text());
        continue;
      }
      if (!add_regexes(rule.expr, rule)) continue;
      Unit unit;
      unit.expr = &rule.expr;
      unit.source = &rule.source;
      unit.detector = i;
      unit.sighting = !rule.base_only;
      for (const std::uint32_t filter : usable) {
        if (applies(compiled_.filters[filter], rule)) unit.filters.push_back(filter);
      }
      const auto number = static_cast<std::uint32_t>(compiled_.units.size());
      compiled_.units.push_back(std::move(unit));
      by_name[rule.id].push_back(number);
      if (!rule.name.empty() && rule.name != rule.id) by_name[rule.name].push_back(number);
    }
    for (DetectorIndex i = 0; i < compiled_.rules.size(); ++i) {
      if (compiled_.rules[i].window) compile_window(i, by_name);
    }
  }

  void compile_window(DetectorIndex index,
                      const std::map<std::string, std::vector<std::uint32_t>, std::less<>>& by_name) {
    const ir::Detector& rule = compiled_.rules[index];
    if (auto status = ir::check(rule); !status.ok()) return refuse(rule, status.error().text());
    const ir::Window& window = *rule.window;
    for (const ir::Base& base : window.bases) {
      if (base.rule.empty()) {
        if (!add_regexes(base.expr, rule)) return;
        continue;
      }
      if (by_name.contains(base.rule)) continue;
      // Another window: decided before this one, and its emissions feed this one at finish.
      const bool chained =
          std::any_of(compiled_.rules.begin(), compiled_.rules.begin() + index,
                      [&](const ir::Detector& d) { return d.window && (d.id == base.rule || d.name == base.rule); });
      if (!chained) return refuse(rule, fmt::format("refers to the rule '{}', which is not loaded", base.rule));
    }
    for (std::uint32_t part = 0; part < window.bases.size(); ++part) {
      const ir::Base& base = window.bases[part];
      if (base.rule.empty()) {
        Unit unit;
        unit.expr = &base.expr;
        unit.source = &base.source;
        unit.sighting = false;
        unit.feeds.push_back({index, part, &window, &base});
        compiled_.units.push_back(std::move(unit));
        continue;
      }
      const auto named = by_name.find(base.rule);
      if (named == by_name.end()) continue;
      for (const std::uint32_t number : named->second) {
        compiled_.units[number].feeds.push_back({index, part, &window, &base});
        if (!window.generate) compiled_.units[number].sighting = false;
      }
    }
  }

  static DetectorInfo info_of(const YaraRuleInfo& rule) {
    DetectorInfo info;
    info.kind = DetectorKind::yara;
    info.id = rule.name;
    info.title = rule.description.empty() ? rule.name : rule.description;
    info.author = rule.author;
    info.hash = rule.hash;
    info.advisory = rule.advisory;
    info.description = rule.description;
    info.techniques = techniques_of(rule.tags);
    info.meaning = rule.meaning;
    return info;
  }

  Compiled compiled_;
  const SchemaSet* schemas_;
  std::vector<DetectorInfo> rule_infos_;  // until the catalogue is made
  std::vector<NotLoaded> not_loaded_;
  std::map<std::vector<std::uint32_t>, std::unique_ptr<RuleCore>> cores_;
  std::map<std::tuple<const RuleCore*, std::uint32_t, ValueRule, std::string>, std::uint32_t> sources_;  // looked up
  std::uint32_t places_ = 0;                                                                             // of all plans
};

}  // namespace

std::unique_ptr<Engine> Engine::compile(const RuleSet& rules, const SchemaSet& schemas, const Profile& profile,
                                        EngineOptions options) {
  return std::make_unique<EngineImpl>(rules, schemas, profile, options);
}

Result<EngineOptions> parse_engine_options(std::string_view text) {
  EngineOptions options;
  for (const std::string_view name : split(text, ',')) {
    if (name == "plain") {
      options.fast = false;
    } else if (name == "no-value-cache") {
      options.value_cache = false;
    } else if (name == "no-literal-index") {
      options.literal_index = false;
    } else if (name == "no-regex-literals") {
      options.regex_literals = false;
    } else if (name == "no-keyword-filter") {
      options.keyword_filter = false;
    } else if (name == "no-witnesses") {
      options.witnesses = false;
    } else if (name == "no-on-demand") {
      options.on_demand = false;
    } else if (name == "no-line-filter") {
      options.line_filter = false;
    } else if (!name.empty()) {
      return Error{
          ErrorCode::bad_input,
          fmt::format("'{}' is no switch of the engine", name),
          {},
          "plain, no-value-cache, no-literal-index, no-regex-literals, no-keyword-filter, no-witnesses, no-on-demand, "
          "no-line-filter"};
    }
  }
  return options;
}

}  // namespace assay
