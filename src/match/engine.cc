#include "match/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/ascii.h"
#include "core/find_any.h"
#include "core/hash.h"
#include "core/limits.h"
#include "evidence/binding.h"
#include "evidence/format.h"
#include "match/indicator_index.h"
#include "match/mention.h"
#include "match/reference.h"
#include "match/rule_core.h"
#include "match/value_cache.h"
#include "rules/indicator/normalise.h"
#include "rules/ir/names.h"
#include "rules/resolve.h"
#include "rules/yara/yara_rules.h"
#include "text/defang.h"
#include "text/tokens.h"

namespace assay {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::size_t kAnyValueBytes = std::size_t{1} << 20;  // of one value, as keywords see it
constexpr std::size_t kShortestRuleText = 64;
constexpr std::size_t kTextScanBytes = std::size_t{8} << 20;  // of one text, as indicators see it -> limit_other

bool fits(const ir::LogSource& source, const Route& route) {
  const auto same = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || equals_icase(wanted, has);
  };
  if (!same(source.product, route.product) || !same(source.service, route.service) ||
      !same(source.source_class, route.source_class))
    return false;
  return source.category.empty() || std::any_of(route.categories.begin(), route.categories.end(),
                                                [&](const std::string& c) { return equals_icase(c, source.category); });
}

// Names without which the expression cannot hold.
std::set<std::string> needed_names(const ir::Expr& expr, std::uint32_t at) {
  const ir::Node& node = expr.nodes[at];
  std::set<std::string> out;
  switch (node.kind) {
    case ir::Node::Kind::atom: {
      const ir::Atom& atom = expr.atoms[node.atom];
      const bool absence =
          atom.test == ir::Test::is_null || (atom.test == ir::Test::exists && atom.literals.front().text == "false");
      if (!atom.name.empty() && atom.name != ir::kEventTime && !atom.negate && !absence) out.insert(atom.name);
      return out;
    }
    case ir::Node::Kind::all:
      for (const std::uint32_t child : node.children) out.merge(needed_names(expr, child));
      return out;
    case ir::Node::Kind::any: {
      bool first = true;
      for (const std::uint32_t child : node.children) {
        const std::set<std::string> names = needed_names(expr, child);
        if (first) {
          out = names;
        } else {
          std::set<std::string> both;
          std::set_intersection(out.begin(), out.end(), names.begin(), names.end(), std::inserter(both, both.end()));
          out = std::move(both);
        }
        first = false;
      }
      return out;
    }
    default:
      return out;
  }
}

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

// At most limits::kCarriedFieldBytes, not inside a character.
std::string cut(std::string_view text) {
  if (text.size() <= limits::kCarriedFieldBytes) return std::string(text);
  std::size_t end = limits::kCarriedFieldBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

// Cut values stay different when the whole ones were.
std::string cut_distinct(std::string_view value) {
  std::string kept = cut(value);
  if (kept.size() == value.size()) return kept;
  return fmt::format("{}#{:016x}", kept.substr(0, kept.size() - 17), hash64(value));
}

void add_field(std::vector<NamedValue>& fields, std::string_view name, std::string_view value) {
  if (fields.size() >= limits::kCarriedFields || value.empty()) return;
  for (const NamedValue& field : fields) {
    if (field.first == name) return;
  }
  fields.emplace_back(std::string(name), cut(value));
}

// A unit is something that is tried on one record: a rule's expression, or a window's own base expression.
struct Unit {
  const ir::Expr* expr = nullptr;
  const ir::LogSource* source = nullptr;
  DetectorIndex detector = kNone;      // whose match it is; kNone for a window's own base
  bool sighting = true;                // false: feeds windows only
  std::vector<std::uint32_t> filters;  // that speak about the rule
  struct Feed {
    DetectorIndex window = 0;
    std::uint32_t part = 0;
    const ir::Window* pattern = nullptr;
    const ir::Base* base = nullptr;
  };
  std::vector<Feed> feeds;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash64(text); }
};
// Names to their ways. Looked up, never walked; entries stay where they are.
using Bindings = std::unordered_map<std::string, Binding, TextHash, std::equal_to<>>;

// How one (shape, route) reaches the fields that the rules and indicators name.
struct Plan {
  bool bound = false;
  const RuleCore* core = nullptr;
  Bindings bindings;  // every name that is read
  // The ways to the values of the core's fields, in the order of the fields and of preference.
  struct Way {
    std::uint32_t field = 0;
    bool last = false;       // of its field
    bool any_value = false;  // every value of the record
    const BoundPath* path = nullptr;
    std::uint32_t cache = 0;  // ValueCache source: what is read how for which field of which core
  };
  std::vector<Way> ways;
  std::vector<std::uint32_t> first_way;  // by field
  bool keywords_in_bytes = false;
  bool keywords_in_words = false;    // RecordReader::words()
  bool keywords_of_numbers = false;  // a keyword may stand in a number
  bool raw_text = false;             // keywords also look at the raw line
  struct Place {
    const IndicatorPath* path = nullptr;
    const Binding* binding = nullptr;  // null: every string of the record
    // The one path of the binding, as it is written; none: the binding says more.
    std::optional<Slot> slot{};
    std::uint32_t cache = 0;  // ValueCache source: its own number of all places
  };
  std::vector<Place> places;
  std::vector<std::pair<std::string_view, const Binding*>> carried;  // with an indicator
  const Binding* src = nullptr;
  const Binding* dst = nullptr;
};

class EngineImpl final : public Engine {
 public:
  EngineImpl(const RuleSet& rules, const SchemaSet& schemas, const Profile& profile, EngineOptions options)
      : rules_(rules.rules), filters_(rules.filters), schemas_(&schemas), profile_(profile), options_(options) {
    compile_rules();
    index_ = IndicatorIndex(rules.indicators);
    for (const auto& [kind, listed] :
         {std::pair{TokenKind::address, index_.has_addresses()},
          {TokenKind::domain, index_.has_domains()},
          {TokenKind::url, index_.has_urls()},
          {TokenKind::hash, index_.has_hashes(false)},
          {TokenKind::mail_address, index_.has_mail_addresses() || index_.has_addresses() || index_.has_domains()},
          {TokenKind::file_name, index_.has_file_names()}}) {
      if (listed) token_kinds_.add(kind);
    }
    yara_ = YaraRules::compile(rules.yara, not_loaded_);
    std::vector<DetectorInfo> yara;
    for (const YaraRuleInfo& info : yara_->rules()) yara.push_back(info_of(info));
    catalogue_ = DetectorCatalogue(std::move(rule_infos_), rules.indicators, std::move(yara));
    for (const Schema& schema : schemas.all()) plans_.emplace_back(schema.routes.size());
  }

  [[nodiscard]] const DetectorCatalogue& catalogue() const override { return catalogue_; }
  [[nodiscard]] const std::vector<NotLoaded>& not_loaded() const override { return not_loaded_; }

  void bind(ShapeId shape, RouteId route, Projection& projection) override {
    Plan& plan = plans_[shape][route];
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
    plan.keywords_in_bytes =
        options_.keyword_filter && raw_form_of(schema) == RawForm::json && plan.core->keyword_filter() != nullptr;
    plan.keywords_in_words =
        options_.keyword_filter && raw_form_of(schema) == RawForm::other && plan.core->keyword_filter() != nullptr;
    plan.keywords_of_numbers = plan.keywords_in_words && !plan.core->keyword_filter()->all_beyond(kNumberCharacters);
    plan.raw_text = raw_form_of(schema) == RawForm::text;
    for (const RuleCore::Rule& rule : plan.core->rules()) {
      const Unit& unit = units_[rule.unit];
      for (const std::uint32_t filter : unit.filters) {
        for (const std::string& name : ir::names_of(filters_[filter].expr)) reach(name);
      }
      if (unit.detector != kNone) {
        for (const std::string& name : rules_[unit.detector].carry) reach(name);
      }
      for (const Unit::Feed& feed : unit.feeds) {
        for (const std::string& name : feed.base->group_by) reach(name);
        for (const std::string& name : feed.base->values) reach(name);
        for (const std::string& name : feed.pattern->kept) reach(name);
        for (const std::string& name : rules_[feed.window].carry) reach(name);
      }
    }
    if (index_.empty()) return;
    for (const IndicatorPath& path : schema.indicators) {
      const std::string& name = schema.routes[route].name;
      if (!path.routes.empty() && std::find(path.routes.begin(), path.routes.end(), name) == path.routes.end())
        continue;
      if (!may_meet(path.kind)) continue;
      Plan::Place& place = plan.places.emplace_back();
      place = {&path, path.path == "*" ? nullptr : reach(path.path), {}, places_++};
      if (place.binding != nullptr && place.binding->paths.size() == 1 &&
          place.binding->paths.front().rule == ValueRule::none)
        place.slot = place.binding->paths.front().slots.front();
    }
    if (plan.places.empty()) return;
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
    for (const Unit& unit : units_) {
      if (unit.detector == kNone) continue;
      const bool reached = std::any_of(schemas_->all().begin(), schemas_->all().end(), [&](const Schema& schema) {
        return std::any_of(schema.routes.begin(), schema.routes.end(),
                           [&](const Route& route) { return covers(unit, schema, route); });
      });
      const ir::Detector& rule = rules_[unit.detector];
      if (!reached) out.push_back({rule.origin, rule.id, "no kind of record read here has its logsource"});
    }
    return out;
  }

  [[nodiscard]] std::vector<Need> needs(ShapeId shape, RouteId route) const override {
    std::vector<Need> out;
    for (const std::uint32_t number : covered_units(schemas_->at(shape), route)) {
      const Unit& unit = units_[number];
      if (unit.detector == kNone) continue;
      const std::set<std::string> names =
          needed_names(*unit.expr, static_cast<std::uint32_t>(unit.expr->nodes.size() - 1));
      if (!names.empty()) out.push_back({unit.detector, {names.begin(), names.end()}});
    }
    return out;
  }

  // ---- for the matcher
  [[nodiscard]] const Plan& plan(ShapeId shape, RouteId route) const { return plans_[shape][route]; }
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] const ir::Detector& rule(DetectorIndex index) const { return rules_[index]; }
  [[nodiscard]] const ir::Filter& filter(std::uint32_t index) const { return filters_[index]; }
  [[nodiscard]] const RegexSet& regexes() const { return regexes_; }
  [[nodiscard]] const IndicatorIndex& index() const { return index_; }
  [[nodiscard]] TokenKinds token_kinds() const { return token_kinds_; }
  [[nodiscard]] const YaraRules& yara() const { return *yara_; }
  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] const EngineOptions& options() const { return options_; }
  [[nodiscard]] const Schema& schema(ShapeId shape) const { return schemas_->at(shape); }

 private:
  // Whether anything is listed that a value of the kind may be.
  [[nodiscard]] bool may_meet(IndicatorPath::Kind kind) const {
    const bool host = index_.has_addresses() || index_.has_domains();
    switch (kind) {
      case IndicatorPath::Kind::address:
        return index_.has_addresses();
      case IndicatorPath::Kind::domain:
        return host;
      case IndicatorPath::Kind::url:
        return host || index_.has_urls();
      case IndicatorPath::Kind::hash:
        return index_.has_hashes(false);
      case IndicatorPath::Kind::certificate:
        return index_.has_hashes(true);
      case IndicatorPath::Kind::mail_address:
        return host || index_.has_mail_addresses();
      case IndicatorPath::Kind::file_name:
        return index_.has_file_names();
      case IndicatorPath::Kind::file_path:
        return index_.has_file_names() || index_.has_file_paths();
      case IndicatorPath::Kind::text:
        return true;
    }
    return true;
  }

  bool covers(const Unit& unit, const Schema& schema, const Route& route) const {
    if (*unit.source == ir::LogSource{}) {
      // A pattern without logsource (STIX) goes wherever the shape knows one of its names.
      return std::any_of(unit.expr->atoms.begin(), unit.expr->atoms.end(),
                         [&](const ir::Atom& atom) { return schema.overlay.contains(atom.name); });
    }
    return fits(*unit.source, route);
  }

  [[nodiscard]] std::vector<std::uint32_t> covered_units(const Schema& schema, RouteId route) const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < units_.size(); ++i) {
      if (covers(units_[i], schema, schema.routes[route])) out.push_back(i);
    }
    return out;
  }

  // Routes with the same rules share one compiled core.
  const RuleCore* core_for(const std::vector<std::uint32_t>& units) {
    auto& core = cores_[units];
    if (core == nullptr) {
      std::vector<const ir::Expr*> expressions;
      for (const Unit& unit : units_) expressions.push_back(unit.expr);
      core = std::make_unique<RuleCore>(
          expressions, units, regexes_,
          RuleCore::Options{options_.literal_index, options_.regex_literals, options_.witnesses, options_.on_demand});
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
        if (auto status = regexes_.add(literal); !status.ok()) {
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
    for (std::uint32_t i = 0; i < filters_.size(); ++i) {
      ir::Detector named;  // for the message
      named.origin = filters_[i].origin;
      named.id = filters_[i].id;
      if (add_regexes(filters_[i].expr, named)) usable.push_back(i);
    }
    for (DetectorIndex i = 0; i < rules_.size(); ++i) {
      const ir::Detector& rule = rules_[i];
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
        if (applies(filters_[filter], rule)) unit.filters.push_back(filter);
      }
      const auto number = static_cast<std::uint32_t>(units_.size());
      units_.push_back(std::move(unit));
      by_name[rule.id].push_back(number);
      if (!rule.name.empty() && rule.name != rule.id) by_name[rule.name].push_back(number);
    }
    for (DetectorIndex i = 0; i < rules_.size(); ++i) {
      if (rules_[i].window) compile_window(i, by_name);
    }
  }

  void compile_window(DetectorIndex index,
                      const std::map<std::string, std::vector<std::uint32_t>, std::less<>>& by_name) {
    const ir::Detector& rule = rules_[index];
    if (auto status = ir::check(rule); !status.ok()) return refuse(rule, status.error().text());
    const ir::Window& window = *rule.window;
    for (const ir::Base& base : window.bases) {
      if (base.rule.empty()) {
        if (!add_regexes(base.expr, rule)) return;
        continue;
      }
      if (by_name.contains(base.rule)) continue;
      // Another window: decided before this one, and its emissions feed this one at finish.
      const bool chained = std::any_of(rules_.begin(), rules_.begin() + index, [&](const ir::Detector& d) {
        return d.window && (d.id == base.rule || d.name == base.rule);
      });
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
        units_.push_back(std::move(unit));
        continue;
      }
      const auto named = by_name.find(base.rule);
      if (named == by_name.end()) continue;
      for (const std::uint32_t number : named->second) {
        units_[number].feeds.push_back({index, part, &window, &base});
        if (!window.generate) units_[number].sighting = false;
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

  std::vector<ir::Detector> rules_;
  std::vector<ir::Filter> filters_;
  const SchemaSet* schemas_;
  Profile profile_;
  EngineOptions options_;
  std::vector<DetectorInfo> rule_infos_;  // until the catalogue is made
  DetectorCatalogue catalogue_;
  std::vector<NotLoaded> not_loaded_;
  RegexSet regexes_;
  std::vector<Unit> units_;
  std::map<std::vector<std::uint32_t>, std::unique_ptr<RuleCore>> cores_;
  std::map<std::tuple<const RuleCore*, std::uint32_t, ValueRule, std::string>, std::uint32_t> sources_;  // looked up
  std::vector<std::vector<Plan>> plans_;  // by shape, by route
  IndicatorIndex index_;
  TokenKinds token_kinds_;    // of what is listed
  std::uint32_t places_ = 0;  // of all plans
  std::unique_ptr<YaraRules> yara_;
};

// An indicator met somewhere in a record or blob.
struct Hit {
  IndicatorNumber number = 0;
  Role role = Role::none;
  bool defanged = false;
  std::string value;  // as it stands in the evidence
};

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

class MatcherImpl final : public Matcher {
 public:
  explicit MatcherImpl(const EngineImpl& engine)
      : engine_(engine), yara_(engine.yara()), eval_{&engine.regexes(), &scratch_.regex} {}

  void match(const RecordContext& record, std::vector<Match>& out, Notices& notices) override {
    const Plan& plan = engine_.plan(record.shape, record.route);
    if (!plan.bound) return;
    const std::size_t before = out.size();
    any_values_ready_ = false;
    gave_up_ = false;
    match_rules(plan, record, out);
    bool mention = false;
    if (!plan.places.empty()) mention = match_indicators(plan, record, before, out, notices);
    if (gave_up_)
      notices.add({NoticeKind::rule_limit, {}, record.ref.offset, 1, "a rule's regular expression met its step limit"});
    if (out.size() - before > limits::kMatchesPerRecord) {
      out.resize(before + limits::kMatchesPerRecord);
      notices.add(
          {NoticeKind::limit_other, {}, record.ref.offset, 1, "matches of one record beyond the limit were left out"});
    }
    for (std::size_t i = before; i < out.size(); ++i) out[i].mention = out[i].mention || mention;
  }

  void match(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) override {
    const std::size_t before = out.size();
    bool mention = false;
    hits_.clear();
    if (!engine_.index().empty()) {
      for (const std::string_view hash : {blob.sha256, blob.sha1, blob.md5}) {
        if (!hash.empty()) find_hash(hash, false, Role::file);
      }
      if (!blob.name.empty()) find_file_name(blob.name, Role::file);
      if (!blob.path.empty()) find_file_path(blob.path, Role::file);
      const std::vector<Hit> named = std::move(hits_);
      hits_.clear();
      if (is_text(blob)) {
        scan_text(blob.bytes, Role::text_only);
        mention = quotes() || holds_rule_text(blob.bytes);
        if (blob.is_log && !mention) hits_.clear();
        if (blob.bytes.size() > kTextScanBytes)
          notices.add({NoticeKind::limit_other,
                       {},
                       blob.ref.offset,
                       1,
                       "a text beyond 8 MiB was searched for indicators in its head"});
      }
      hits_.insert(hits_.begin(), named.begin(), named.end());
    }
    if (is_text(blob)) mention = mention || holds_rule_text(blob.bytes);
    emit_hits([&](Match& m) { place_blob(blob, context, m); }, out);
    scan_yara(blob, context, out, notices);
    if (!blob.whole && out.size() > before) {
      for (std::size_t i = before; i < out.size(); ++i) add_field(out[i].fields, "looked_at", "head only");
    }
    for (std::size_t i = before; i < out.size(); ++i) {
      out[i].mention = out[i].mention || mention;
      std::sort(out[i].fields.begin(), out[i].fields.end());
    }
  }

 private:
  // The values of the current record, by name, for the reference evaluator.
  class Values final : public RecordValues {
   public:
    Values(MatcherImpl& matcher, const Plan& plan, const RecordContext& record)
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
    MatcherImpl& matcher_;
    const Plan& plan_;
    const RecordContext& record_;
  };

  // ---- rules

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
    const bool fast = engine_.options().fast;
    if (fast) {
      if (!propose(plan, record)) return;
    } else {
      candidates_.resize(core.rules().size());
      std::iota(candidates_.begin(), candidates_.end(), 0U);
    }
    for (const std::uint32_t candidate : candidates_) {
      const RuleCore::Rule& rule = core.rules()[candidate];
      if (fast && !node_holds(core, rule.root, values, eval)) continue;
      const Unit& unit = engine_.units()[rule.unit];
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
      if (path.rule == ValueRule::concat || path.rule == ValueRule::constant) {
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
    const bool cached = engine_.options().value_cache;
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
      if (path.rule == ValueRule::concat || path.rule == ValueRule::constant) {
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

  void place(const RecordContext& record, Match& m) const {
    m.outcome = record.outcome;
    m.time = record.time;
    m.ref = record.ref;
    m.content = record.content;
    m.host = record.host;
    m.account = record.account;
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
      if (evaluate(engine_.filter(filter).expr, values, eval)) filters.push_back(filter);
    }
    if (unit.detector != kNone && unit.sighting) {
      Match m;
      m.filters = filters;
      m.detector = unit.detector;
      place(record, m);
      const ir::Detector& rule = engine_.rule(unit.detector);
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
      place(record, m);
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
      carry(engine_.rule(feed.window).carry, m);
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

  // ---- indicators

  void hit(IndicatorNumber number, Role role, std::string_view value, bool defanged = false) {
    if (hits_.size() < limits::kMatchesPerRecord * 4) hits_.push_back({number, role, defanged, cut(value)});
  }

  // True: it is one.
  bool find_address(std::string_view text, Role role, bool defanged = false) {
    if (engine_.index().surely_no_address(text)) return true;
    const auto address = parse_address(text);
    if (!address) return false;
    engine_.index().address(*address, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
    return true;
  }
  void find_domain(std::string_view text, Role role, bool defanged = false) {
    if (!engine_.index().has_domains()) return;
    const std::string_view name = normalise_domain(text, normal_);
    if (!name.empty()) engine_.index().domain(name, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
  }
  void find_host(std::string_view text, Role role, bool defanged = false) {
    if (!find_address(text, role, defanged)) find_domain(text, role, defanged);
  }
  static bool is_word(std::string_view text) { return std::all_of(text.begin(), text.end(), is_alpha); }
  void find_url(std::string_view text, Role role, bool defanged = false) {
    if (!engine_.index().has_urls()) return;
    // PERF NOTE: nearly every URL is at a host of which no URL is listed. A plain host is what normalise_url() leaves
    // of it, in lower case.
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos && scheme > 0) {
      const std::string_view rest = text.substr(scheme + 3);
      const std::string_view host = rest.substr(0, find_any<'/', '?', '#', '@', ':', ' '>(rest));
      const bool plain = host.size() == rest.size() || rest[host.size()] == '/';
      if (plain && is_word(text.substr(0, scheme)) && engine_.index().surely_no_url_at(host)) return;
    }
    const std::string_view url = normalise_url(text, normal_);
    if (!url.empty()) engine_.index().url(url, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
  }
  void find_hash(std::string_view text, bool certificate, Role role) {
    if (!engine_.index().has_hashes(certificate)) return;
    const std::string digits = normalise_hash(text);
    if (!digits.empty()) engine_.index().hash(digits, certificate, [&](IndicatorNumber n) { hit(n, role, text); });
  }
  void find_mail(std::string_view text, Role role, bool defanged = false) {
    const std::string address = normalise_mail_address(text);
    if (address.empty()) return;
    engine_.index().mail_address(address, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
    find_host(std::string_view(address).substr(address.rfind('@') + 1), role, defanged);
  }
  void find_file_name(std::string_view text, Role role) {
    if (!engine_.index().has_file_names()) return;
    engine_.index().file_name(normalise_file_name(text, normal_), [&](IndicatorNumber n) { hit(n, role, text); });
  }
  void find_file_path(std::string_view text, Role role) {
    if (engine_.index().has_file_paths())
      engine_.index().file_path(normalise_path(text), [&](IndicatorNumber n) { hit(n, role, text); });
    find_file_name(text, role);
  }

  // "10.0.0.1, 10.0.0.2": lists in one value.
  template <class F>
  static void each_part(std::string_view text, F&& f) {
    while (!text.empty()) {
      const std::size_t end = std::min(find_any<',', ';', ' ', '\t'>(text), text.size());
      if (end > 0) f(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  void scan_text(std::string_view text, Role role) {
    text = text.substr(0, kTextScanBytes);
    if (!may_hold_token(text)) return;
    Refanged clean;
    if (may_be_defanged(text)) {
      clean = refang(text);
      text = clean.text;
    }
    cut_tokens(text, engine_.token_kinds(), [&](const Token& token) {
      const bool defanged = !clean.changed.empty() && clean.touches(token.offset, token.offset + token.text.size());
      switch (token.kind) {
        case TokenKind::address:
          find_address(token.text, role, defanged);
          break;
        case TokenKind::domain:
          find_domain(token.text, role, defanged);
          break;
        case TokenKind::url:
          find_url(token.text, role, defanged);
          break;
        case TokenKind::hash:
          find_hash(token.text, false, role);
          break;
        case TokenKind::mail_address:
          find_mail(token.text, role, defanged);
          break;
        case TokenKind::file_name:
          find_file_name(token.text, role);
          break;
      }
    });
  }

  // An address that was contacted needs a side inside that contacted it, and the other way round. Without own networks
  // in the profile either side may be ours.
  [[nodiscard]] bool direction_fits(Role role, const Plan& plan, const RecordContext& record) const {
    if (role != Role::contacted && role != Role::contacting) return true;
    if (engine_.profile().own_networks.empty()) return true;
    const Binding* const other = role == Role::contacted ? plan.src : plan.dst;
    if (other == nullptr) return true;
    const Value value = first_value(*other, *record.fields);
    const auto address = parse_address(value.text);
    return !address || is_private(*address) || engine_.profile().is_inside(value.text);
  }

  // What one value at a place holds.
  void look_up(const Plan::Place& place, std::string_view text, const Plan& plan, const RecordContext& record,
               Notices& notices) {
    const IndicatorPath& path = *place.path;
    switch (path.kind) {
      case IndicatorPath::Kind::address: {
        const std::size_t before = hits_.size();
        if (!find_address(text, path.role))
          each_part(text, [&](std::string_view part) { find_address(host_part(part), path.role); });
        if (hits_.size() > before && !direction_fits(path.role, plan, record)) hits_.resize(before);
        return;
      }
      case IndicatorPath::Kind::domain:
        each_part(text, [&](std::string_view part) { find_host(host_part(part), path.role); });
        return;
      case IndicatorPath::Kind::url:
        if (text.front() == '/') return;  // a path has neither
        find_url(text, path.role);
        find_host(host_part(text), path.role);
        return;
      case IndicatorPath::Kind::hash:
        find_hash(text, false, path.role);
        return;
      case IndicatorPath::Kind::certificate:
        find_hash(text, true, path.role);
        return;
      case IndicatorPath::Kind::mail_address:
        find_mail(text, path.role);
        return;
      case IndicatorPath::Kind::file_name:
        find_file_name(text, path.role);
        return;
      case IndicatorPath::Kind::file_path:
        find_file_path(text, path.role);
        return;
      case IndicatorPath::Kind::text:
        scan_text(text, path.role);
        if (text.size() > kTextScanBytes)
          notices.add({NoticeKind::limit_other,
                       {},
                       record.ref.offset,
                       1,
                       "a text beyond 8 MiB was searched for indicators in its head"});
        return;
    }
  }

  template <class F>
  static void each_place_value(const Plan::Place& place, const RecordContext& record, F&& f) {
    const auto one = [&](const Value& value) {
      if (value.kind != ValueKind::null && !value.text.empty()) f(value.text);
    };
    if (place.binding != nullptr) {
      each_value(*place.binding, *record.fields, one);
    } else if (record.reader != nullptr) {
      record.reader->all_fields([&](std::string_view, Value value) {
        if (value.kind == ValueKind::string) one(value);
      });
    }
  }

  // `before`: of `out`, where the record's own matches begin. True: the record quotes an advisory or a rule.
  bool match_indicators(const Plan& plan, const RecordContext& record, std::size_t before, std::vector<Match>& out,
                        Notices& notices) {
    hits_.clear();
    unlisted_.next_record();
    for (const Plan::Place& place : plan.places) {
      if (place.slot && !record.fields->has(*place.slot)) continue;
      // PERF NOTE: user agents, referers and host names repeat; cutting one into tokens costs as much as reading a
      // line.
      const bool cached =
          engine_.options().fast && engine_.options().value_cache && place.path->kind != IndicatorPath::Kind::address;
      each_place_value(place, record, [&](std::string_view text) {
        ValueCache::Place kept;
        const RawValue raw{ValueKind::string, false, text};
        if (cached) {
          kept = unlisted_.find(place.cache, raw);
          if (kept.facts != nullptr) return;
        }
        look_up(place, text, plan, record, notices);
        if (kept.keep && hits_.empty()) (void)unlisted_.add(kept, raw, false, {}, {}, true);
      });
    }
    // PERF NOTE: nearly every record ends here; whether its texts look like a rule matters to what was met alone.
    if (hits_.empty() && out.size() == before) return false;
    const bool mention = quotes() || holds_rule(plan, record);
    emit_hits(
        [&](Match& m) {
          place(record, m);
          for (const auto& [as, binding] : plan.carried) {
            const Value value = first_value(*binding, *record.fields);
            if (value.present()) add_field(m.fields, as, value.text);
          }
          std::sort(m.fields.begin(), m.fields.end());
        },
        out);
    return mention;
  }

  static bool holds_rule(const Plan& plan, const RecordContext& record) {
    bool out = false;
    for (const Plan::Place& place : plan.places) {
      if (place.path->kind != IndicatorPath::Kind::text) continue;
      each_place_value(place, record, [&](std::string_view text) {
        out = out || (text.size() > kShortestRuleText && holds_rule_text(text));
      });
    }
    return out;
  }

  // Whether the hits so far are those of a text that quotes an advisory.
  [[nodiscard]] bool quotes() const {
    if (hits_.empty()) return false;
    std::set<std::pair<std::string_view, IndicatorNumber>> seen;
    for (const Hit& hit : hits_) {
      if (hit.defanged) return true;
      if (hit.role == Role::text_only || hit.role == Role::link)
        seen.emplace(engine_.catalogue().indicators().advisory(hit.number), hit.number);
    }
    std::size_t run = 0;
    std::string_view advisory;
    for (const auto& [of, number] : seen) {
      run = of == advisory ? run + 1 : 1;
      advisory = of;
      if (run >= kMentionIndicators) return true;
    }
    return false;
  }

  // One match for each indicator and role; text only counts where nothing better was met.
  template <class Place>
  void emit_hits(Place&& place_match, std::vector<Match>& out) {
    std::stable_sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) {
      return a.number != b.number ? a.number < b.number : a.role < b.role;  // text_only is the last role
    });
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      const Hit& hit = hits_[i];
      const bool same_number = i > 0 && hits_[i - 1].number == hit.number;
      if (same_number && (hits_[i - 1].role == hit.role || hit.role == Role::text_only)) continue;
      Match m;
      m.detector = engine_.catalogue().first_indicator() + hit.number;
      m.role = hit.role;
      add_field(m.fields, "indicator", hit.value);
      place_match(m);
      out.push_back(std::move(m));
    }
  }

  // ---- blobs

  static bool is_text(const Blob& blob) {
    for (const std::string_view type : {"text", "html", "xml", "script", "json", "csv", "mail"}) {
      if (blob.type == type) return true;
    }
    return false;
  }

  static void place_blob(const Blob& blob, const RecordContext& context, Match& m) {
    m.outcome = context.outcome;
    m.time = context.time;
    m.ref = blob.ref;
    m.content = blob.sha256.empty() ? hash64(blob.bytes) : hash64(blob.sha256);
    m.host = context.host;
    m.account = context.account;
    add_field(m.fields, "file", blob.path.empty() ? blob.name : blob.path);
    add_field(m.fields, "sha256", blob.sha256);
    add_field(m.fields, "type", blob.type);
    if (blob.attachment) add_field(m.fields, "attachment", "true");
  }

  void scan_yara(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) {
    if (engine_.yara().rules().empty() || blob.bytes.empty()) return;
    YaraExternals externals;
    const std::string_view name = blob.name.empty() ? blob.path.substr(blob.path.find_last_of('/') + 1) : blob.name;
    externals.filename = name;
    externals.filepath = blob.path;
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos) externals.extension = lower(name.substr(dot));
    externals.filetype = blob.type;
    externals.owner = context.account;
    yara_matches_.clear();
    const YaraOutcome outcome = yara_.scan(blob.bytes, externals, yara_matches_);
    if (outcome != YaraOutcome::done) {
      notices.add({NoticeKind::rule_limit,
                   {},
                   blob.ref.offset,
                   1,
                   outcome == YaraOutcome::timeout ? "YARA took too long over a file; its rules were not all tried"
                                                   : "YARA could not finish a file"});
    }
    for (const YaraMatch& met : yara_matches_) {
      Match m;
      m.detector = engine_.catalogue().first_yara() + met.rule;
      m.role = Role::file;
      std::string strings;
      for (const auto& [id, offset] : met.strings)
        strings += fmt::format("{}{} at {}", strings.empty() ? "" : ", ", id, offset);
      add_field(m.fields, "strings", strings);
      place_blob(blob, context, m);
      if (!met.account.empty()) m.account = met.account;
      out.push_back(std::move(m));
    }
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

  const EngineImpl& engine_;
  YaraScanner yara_;
  RuleCore::Scratch scratch_;
  EvalContext eval_;
  std::unordered_map<const RuleCore*, std::unique_ptr<CoreState>> states_;  // order reaches nothing
  ValueCache cache_;
  ValueCache unlisted_;  // values in which no indicator was met
  std::string normal_;
  CoreState* state_ = nullptr;
  std::vector<const ValueFacts*> facts_;  // of the record
  std::vector<std::uint32_t> candidates_, held_, rules_;
  std::vector<Value> any_values_;
  std::deque<std::string> any_store_;
  bool any_values_ready_ = false;
  bool gave_up_ = false;
  std::vector<Hit> hits_;
  std::vector<YaraMatch> yara_matches_;
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
    } else if (!name.empty()) {
      return Error{
          ErrorCode::bad_input,
          fmt::format("'{}' is no switch of the engine", name),
          {},
          "plain, no-value-cache, no-literal-index, no-regex-literals, no-keyword-filter, no-witnesses, no-on-demand"};
    }
  }
  return options;
}

std::unique_ptr<Matcher> Matcher::make(const Engine& engine) {
  return std::make_unique<MatcherImpl>(static_cast<const EngineImpl&>(engine));
}

}  // namespace assay
