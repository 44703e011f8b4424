#include "rules/sigma/correlation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/time.h"

namespace assay::sigma {
namespace {

using Term = ir::Window::Term;
using Kind = ir::Window::Kind;

constexpr std::size_t kTerms = 64;  // alternatives of one condition
constexpr std::size_t kRules = 64;  // rules of one correlation

std::string place(const Yaml& at) { return fmt::format("{}:{}", at.line, at.column); }
Error bad(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::bad_input, std::move(what), place(at), std::move(remedy)};
}
Error unsupported(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::unsupported, std::move(what), place(at), std::move(remedy)};
}

// A condition as alternatives of what must be met and what must not; negation is carried down to the names.
class TermParser {
 public:
  TermParser(std::vector<std::string>& rules, bool open) : rules_(rules), open_(open) {}

  Result<std::vector<Term>> run(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      if (is_space(text[i])) {
        ++i;
      } else if (text[i] == '(' || text[i] == ')') {
        tokens_.push_back(text.substr(i++, 1));
      } else {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n()", i), text.size());
        tokens_.push_back(text.substr(i, end - i));
        i = end;
      }
    }
    TRY(std::vector<Term> terms, any_of(0, false));
    if (at_ != tokens_.size())
      return Error{ErrorCode::bad_input, fmt::format("unexpected '{}' in the correlation's condition", tokens_[at_])};
    return terms;
  }

 private:
  [[nodiscard]] bool word(std::string_view name) const {
    return at_ < tokens_.size() && equals_icase(tokens_[at_], name);
  }

  static Status merge(std::vector<Term>& into, const std::vector<Term>& more, bool all) {
    std::vector<Term> out;
    if (!all) {
      out = into;
      out.insert(out.end(), more.begin(), more.end());
    } else {
      for (const Term& a : into) {
        for (const Term& b : more) {
          Term both;
          std::set_union(a.with.begin(), a.with.end(), b.with.begin(), b.with.end(), std::back_inserter(both.with));
          std::set_union(a.without.begin(), a.without.end(), b.without.begin(), b.without.end(),
                         std::back_inserter(both.without));
          std::vector<std::uint32_t> contrary;
          std::set_intersection(both.with.begin(), both.with.end(), both.without.begin(), both.without.end(),
                                std::back_inserter(contrary));
          if (contrary.empty()) out.push_back(std::move(both));
        }
      }
    }
    std::vector<Term> unique;
    for (Term& term : out) {
      if (std::find(unique.begin(), unique.end(), term) == unique.end()) unique.push_back(std::move(term));
    }
    if (unique.size() > kTerms)
      return Error{ErrorCode::limit, fmt::format("the correlation's condition has more than {} alternatives", kTerms)};
    into = std::move(unique);
    return Ok{};
  }

  // Under a negation `or` and `and` change places.
  Result<std::vector<Term>> any_of(std::size_t depth, bool negated) {
    TRY(std::vector<Term> out, all_of(depth, negated));
    while (word("or")) {
      ++at_;
      TRY(const std::vector<Term> more, all_of(depth, negated));
      TRY_VOID(merge(out, more, negated));
    }
    return out;
  }
  Result<std::vector<Term>> all_of(std::size_t depth, bool negated) {
    TRY(std::vector<Term> out, negation(depth, negated));
    while (word("and")) {
      ++at_;
      TRY(const std::vector<Term> more, negation(depth, negated));
      TRY_VOID(merge(out, more, !negated));
    }
    return out;
  }
  Result<std::vector<Term>> negation(std::size_t depth, bool negated) {
    if (depth > limits::kConditionDepth)
      return Error{ErrorCode::limit, "the correlation's condition is nested too deeply"};
    if (word("not")) {
      ++at_;
      return negation(depth + 1, !negated);
    }
    if (at_ >= tokens_.size()) return Error{ErrorCode::bad_input, "the correlation's condition ends too early"};
    const std::string_view token = tokens_[at_++];
    if (token == "(") {
      TRY(std::vector<Term> inner, any_of(depth + 1, negated));
      if (at_ >= tokens_.size() || tokens_[at_] != ")")
        return Error{ErrorCode::bad_input, "a parenthesis of the correlation's condition is not closed"};
      ++at_;
      return inner;
    }
    if (token == ")" || equals_icase(token, "and") || equals_icase(token, "or"))
      return Error{ErrorCode::bad_input, fmt::format("unexpected '{}' in the correlation's condition", token)};
    auto at = std::find(rules_.begin(), rules_.end(), token);
    if (at == rules_.end()) {
      if (!open_) {
        return Error{ErrorCode::bad_input,
                     fmt::format("the correlation's condition names '{}', which its rules do not", token),
                     {},
                     "add it to rules, or use a name that stands there"};
      }
      if (rules_.size() >= kRules) return Error{ErrorCode::limit, "the correlation names too many rules"};
      rules_.emplace_back(token);
      at = rules_.end() - 1;
    }
    Term term;
    (negated ? term.without : term.with).push_back(static_cast<std::uint32_t>(at - rules_.begin()));
    return std::vector<Term>{std::move(term)};
  }

  std::vector<std::string>& rules_;
  bool open_;
  std::vector<std::string_view> tokens_;
  std::size_t at_ = 0;
};

std::optional<Kind> kind_from(std::string_view type) {
  static constexpr std::pair<std::string_view, Kind> kKinds[] = {{"event_count", Kind::event_count},
                                                                 {"value_count", Kind::value_count},
                                                                 {"temporal", Kind::together},
                                                                 {"temporal_ordered", Kind::sequence},
                                                                 {"absence", Kind::absence},
                                                                 {"value_sum", Kind::value_sum},
                                                                 {"value_avg", Kind::value_avg},
                                                                 {"value_percentile", Kind::value_percentile},
                                                                 {"value_median", Kind::value_median},
                                                                 {"temporal_extended", Kind::together},
                                                                 {"temporal_ordered_extended", Kind::sequence}};
  for (const auto& [name, kind] : kKinds) {
    if (name == type) return kind;
  }
  return std::nullopt;
}

bool of_values(Kind kind) { return kind == Kind::value_count || kind >= Kind::value_sum; }

// The field of `rule` that `name` stands for: an alias, or the field itself.
Result<std::string> field_of(const Yaml& aliases, const std::string& name, const std::string& rule) {
  const Yaml& alias = aliases[name];
  if (!alias.exists()) return name;
  const Yaml& field = alias[rule];
  if (!field.is_scalar() || field.is_null() || field.text.empty())
    return bad(fmt::format("alias '{}' names no field for rule '{}'", name, rule), alias);
  return field.text;
}

struct Condition {
  std::vector<ir::Window::Bound> bounds;
  std::vector<std::string> fields;
  std::optional<double> percentile;
};

Result<Condition> read_condition(const Yaml& condition) {
  Condition out;
  for (const auto& [key, value] : condition.members) {
    using Compare = ir::Window::Compare;
    std::optional<Compare> compare;
    if (key.text == "gte") compare = Compare::greater_equal;
    if (key.text == "gt") compare = Compare::greater;
    if (key.text == "lte") compare = Compare::less_equal;
    if (key.text == "lt") compare = Compare::less;
    if (key.text == "eq") compare = Compare::equal;
    if (key.text == "neq") compare = Compare::not_equal;
    if (compare || key.text == "percentile") {
      const auto number = value.is_scalar() ? parse_double(value.text) : std::nullopt;
      if (!number) return bad(fmt::format("'{}' is no number", value.text), value);
      if (compare) {
        out.bounds.push_back({*compare, *number});
      } else if (!(*number > 0 && *number <= 100)) {
        return bad("a percentile is over 0 and at most 100", value);
      } else {
        out.percentile = number;
      }
    } else if (key.text == "field") {
      out.fields = value.strings();
      if (out.fields.empty()) return bad("condition.field names no field", value);
    } else {
      return bad(fmt::format("unknown key '{}' in the correlation's condition", key.text), key,
                 "gt, gte, lt, lte, eq, neq, field, percentile");
    }
  }
  return out;
}

}  // namespace

Result<std::int64_t> parse_timespan(std::string_view text) {
  const auto wrong = [&] {
    return Error{ErrorCode::bad_input,
                 fmt::format("'{}' is no time span", text),
                 {},
                 "a number and s, m, h, d or w; months and years have no fixed length"};
  };
  if (text.size() < 2) return wrong();
  const auto count = parse_int(text.substr(0, text.size() - 1));
  const char unit = text.back();
  const std::int64_t size = unit == 's'   ? kSecond
                            : unit == 'm' ? kMinute
                            : unit == 'h' ? kHour
                            : unit == 'd' ? kDay
                            : unit == 'w' ? 7 * kDay
                                          : 0;
  if (!count || *count <= 0 || size == 0 || *count > 20'000 * kDay / size) return wrong();
  return *count * size;
}

Result<std::vector<Term>> parse_terms(std::string_view text, std::vector<std::string>& rules) {
  const std::size_t given = rules.size();
  TRY(std::vector<Term> terms, TermParser(rules, rules.empty()).run(text));
  // Names that stand in the text give the order; the terms count along it.
  if (terms.empty()) return Error{ErrorCode::bad_input, "the correlation's condition can never be met"};
  std::vector<bool> named(rules.size(), false);
  for (const Term& term : terms) {
    for (const std::uint32_t i : term.with) named[i] = true;
    for (const std::uint32_t i : term.without) named[i] = true;
    if (term.with.empty()) {
      return Error{ErrorCode::bad_input,
                   "the correlation's condition can be met by nothing at all",
                   {},
                   "each alternative needs a rule that must be met; what must not be met stands beside it"};
    }
  }
  for (std::size_t i = 0; i < given; ++i) {
    if (!named[i]) {
      return Error{ErrorCode::bad_input,
                   fmt::format("the correlation's condition does not name its rule '{}'", rules[i]),
                   {},
                   "name it in the condition or take it out of rules"};
    }
  }
  return terms;
}

Result<ir::Window> lower_correlation(const Yaml& c) {
  for (const auto& [key, value] : c.members) {
    static constexpr std::string_view kKnown[] = {"type",      "rules",   "group-by", "timespan",
                                                  "timeframe", "aliases", "generate", "condition"};
    if (std::find(std::begin(kKnown), std::end(kKnown), key.text) == std::end(kKnown)) {
      return unsupported(fmt::format("unknown key '{}' in the correlation", key.text), key,
                         "type, rules, group-by, aliases, timespan, condition, generate");
    }
  }
  ir::Window w;
  const std::string& type = c["type"].text;
  if (type.empty()) return bad("the correlation has no type", c);
  const auto kind = kind_from(type);
  if (!kind) {
    return unsupported(fmt::format("correlations of type '{}' are not evaluated", type), c["type"],
                       "event_count, value_count, value_sum, value_avg, value_percentile, value_median, temporal, "
                       "temporal_ordered, absence");
  }
  w.kind = *kind;
  const Yaml& span = c["timespan"].exists() ? c["timespan"] : c["timeframe"];
  if (!span.exists()) return bad("the correlation has no timespan", c);
  auto span_ns = parse_timespan(span.text);
  if (!span_ns.ok()) return bad(span_ns.error().what, span, span_ns.error().remedy);
  w.span_ns = *span_ns;
  w.generate = c["generate"].as_bool();
  std::vector<std::string> rules = c["rules"].strings();
  if (rules.size() > kRules) return Error{ErrorCode::limit, "the correlation names too many rules", place(c["rules"])};
  if (std::set<std::string>(rules.begin(), rules.end()).size() != rules.size() && w.kind != Kind::sequence)
    return bad("the correlation names a rule twice", c["rules"]);

  const Yaml& condition = c["condition"];
  const bool expression = condition.is_scalar() && !condition.is_null();
  const bool temporal = w.kind == Kind::together || w.kind == Kind::sequence;
  Condition read;
  if (expression) {
    if (!temporal) {
      return unsupported(fmt::format("'{}' takes no condition written as an expression", type), condition,
                         "temporal and temporal_ordered do");
    }
    auto terms = parse_terms(condition.text, rules);
    if (!terms.ok()) return bad(terms.error().what, condition, terms.error().remedy);
    w.terms = std::move(*terms);
    // Plain "a and b" is what the kind says anyway.
    if (w.terms.size() == 1 && w.terms[0].without.empty() && w.terms[0].with.size() == rules.size()) w.terms.clear();
  } else {
    if (condition.is_sequence()) return bad("a correlation's condition is a map or an expression", condition);
    TRY(read, read_condition(condition));
  }
  if (rules.empty()) return bad("the correlation names no rules", c);

  w.keys = c["group-by"].strings();
  if (w.kind != Kind::value_percentile && read.percentile) return bad("percentile belongs to value_percentile", c);
  if (w.kind == Kind::value_percentile && !read.percentile)
    return bad("value_percentile needs condition.percentile", c, "such as percentile: 95");
  if (read.percentile) w.percentile = *read.percentile;
  if (of_values(w.kind) && read.fields.empty())
    return bad(fmt::format("{} needs condition.field", type), condition.exists() ? condition : c);
  if (!of_values(w.kind) && !read.fields.empty())
    return bad(fmt::format("'{}' takes no field", type), condition["field"], "value_count and its kin do");
  if (of_values(w.kind) && w.kind != Kind::value_count && read.fields.size() != 1)
    return bad(fmt::format("{} is of one field", type), condition["field"]);
  w.value_fields = read.fields;

  const Yaml& aliases = c["aliases"];
  for (const auto& [alias, fields] : aliases.members) {
    for (const auto& [rule, field] : fields.members) {
      if (std::find(rules.begin(), rules.end(), rule.text) == rules.end())
        return bad(fmt::format("alias '{}' names the rule '{}', which the correlation does not", alias.text, rule.text),
                   rule);
    }
  }
  for (const std::string& rule : rules) {
    ir::Base base;
    base.alias = rule;
    base.rule = rule;
    for (const std::string& key : w.keys) {
      TRY(std::string field, field_of(aliases, key, rule));
      base.group_by.push_back(std::move(field));
    }
    for (const std::string& name : w.value_fields) {
      TRY(std::string field, field_of(aliases, name, rule));
      base.values.push_back(std::move(field));
    }
    w.bases.push_back(std::move(base));
  }

  const bool compared = w.kind == Kind::event_count || of_values(w.kind);
  if (compared && read.bounds.empty())
    return bad("the correlation has nothing to compare with", c, "add condition: {gte: n}");
  if (w.kind == Kind::together) {
    w.threshold = static_cast<double>(rules.size());
    if (read.bounds.size() > 1 ||
        (read.bounds.size() == 1 && read.bounds[0].compare != ir::Window::Compare::greater_equal)) {
      return unsupported("a temporal correlation takes gte only", condition,
                         "or an expression such as condition: a and b and not c");
    }
  }
  if (w.kind == Kind::sequence && !read.bounds.empty()) {
    // pySigma writes the default count of an ordered correlation out.
    const bool all = read.bounds.size() == 1 && read.bounds[0].compare == ir::Window::Compare::greater_equal &&
                     read.bounds[0].threshold == static_cast<double>(rules.size());
    if (!all) return unsupported(fmt::format("'{}' takes no count", type), condition);
    read.bounds.clear();
  }
  if (w.kind == Kind::absence && !read.bounds.empty())
    return unsupported(fmt::format("'{}' takes no count", type), condition);
  if (!read.bounds.empty()) {
    w.compare = read.bounds.front().compare;
    w.threshold = read.bounds.front().threshold;
    w.also.assign(read.bounds.begin() + 1, read.bounds.end());
  }
  if (w.kind == Kind::absence && rules.size() < 2)
    return bad("an absence names two rules: what was seen, and what should have followed", c);
  return w;
}

}  // namespace assay::sigma
