#include "rules/sigma/sigma.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/time.h"
#include "rules/ir/builder.h"
#include "rules/sigma/condition.h"

namespace assay::sigma {
namespace {

using Kind = ir::Node::Kind;

std::string place(const Yaml& at) { return fmt::format("{}:{}", at.line, at.column); }
Error bad(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::bad_input, std::move(what), place(at), std::move(remedy)};
}
Error unsupported(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::unsupported, std::move(what), place(at), std::move(remedy)};
}

std::uint32_t add_item(const LoweredItem& item, ir::ExprBuilder& builder) {
  if (item.atoms.size() == 1) {
    ir::Atom atom = item.atoms.front();
    atom.negate = item.negate;
    return builder.atom(std::move(atom));
  }
  std::vector<std::uint32_t> children;
  for (const ir::Atom& atom : item.atoms) children.push_back(builder.atom(atom));
  if (item.negate && !item.join_all) return builder.node(Kind::none, std::move(children));
  const std::uint32_t joined = builder.node(item.join_all ? Kind::all : Kind::any, std::move(children));
  return item.negate ? builder.node(Kind::none, {joined}) : joined;
}

Result<std::uint32_t> lower_map(const Yaml& map, const Placeholders& placeholders, ir::ExprBuilder& builder) {
  if (map.members.empty()) return bad("an empty detection", map);
  std::vector<std::uint32_t> children;
  for (const auto& [key, value] : map.members) {
    if (!key.is_scalar()) return bad("a field name must be a string", key);
    TRY(const LoweredItem item, lower_item(key.text, value, placeholders));
    children.push_back(add_item(item, builder));
  }
  return builder.node(Kind::all, std::move(children));
}

// A map is AND, a list of maps OR, a list of values keywords.
Result<std::uint32_t> lower_detection(const Yaml& detection, const Placeholders& placeholders,
                                      ir::ExprBuilder& builder) {
  if (detection.is_mapping()) return lower_map(detection, placeholders, builder);
  if (detection.is_scalar()) {
    TRY(const LoweredItem item, lower_item("", detection, placeholders));
    return add_item(item, builder);
  }
  if (!detection.is_sequence() || detection.items.empty()) return bad("an empty detection", detection);
  std::vector<std::uint32_t> children;
  Yaml keywords;
  keywords.type = Yaml::Type::sequence;
  keywords.line = detection.line;
  keywords.column = detection.column;
  for (const Yaml& part : detection.items) {
    if (part.is_mapping()) {
      TRY(const std::uint32_t child, lower_map(part, placeholders, builder));
      children.push_back(child);
    } else if (part.is_scalar()) {
      keywords.items.push_back(part);
    } else {
      return bad("a list inside a list is not a detection", part);
    }
  }
  if (!keywords.items.empty()) {
    TRY(const LoweredItem item, lower_item("", keywords, placeholders));
    children.push_back(add_item(item, builder));
  }
  return builder.node(Kind::any, std::move(children));
}

Result<ir::Expr> lower_detections(const Yaml& detection, const Placeholders& placeholders) {
  ir::ExprBuilder builder;
  std::map<std::string, std::uint32_t> nodes;
  const Yaml* condition = nullptr;
  for (const auto& [key, value] : detection.members) {
    if (key.text == "condition") {
      condition = &value;
    } else if (key.text != "timeframe") {
      TRY(const std::uint32_t node, lower_detection(value, placeholders, builder));
      if (!nodes.emplace(key.text, node).second) return bad(fmt::format("detection '{}' stands twice", key.text), key);
    }
  }
  if (condition == nullptr) return bad("the detection has no condition", detection);
  const std::vector<std::string> texts = condition->strings();
  if (texts.empty()) return bad("the condition is empty", *condition);
  std::vector<std::uint32_t> roots;
  for (const std::string& text : texts) {
    auto root = parse_condition(text, nodes, builder);
    if (!root.ok()) {
      Error error = std::move(root).error();
      if (error.where.empty()) error.where = place(*condition);
      return error;
    }
    roots.push_back(*root);
  }
  const std::uint32_t root = builder.node(Kind::any, std::move(roots));
  return builder.take(root);
}

ir::LogSource read_source(const Yaml& source) {
  ir::LogSource out;
  const auto part = [&](std::string_view key) {
    const Yaml& value = source[key];
    return value.is_scalar() && !value.is_null() ? lower(value.text) : std::string();
  };
  out.product = part("product");
  out.category = part("category");
  out.service = part("service");
  out.source_class = part("source_class");
  return out;
}

Status read_assay(const Yaml& assay, ir::Detector& d) {
  if (!assay.exists()) return Ok{};
  if (!assay.is_mapping()) return bad("'assay' must be a map", assay);
  for (const auto& [key, value] : assay.members) {
    if (key.text == "kind") {
      const auto kind = detector_kind_from(value.text);
      if (!kind || (*kind != DetectorKind::check && *kind != DetectorKind::sigma))
        return bad("assay.kind is check or sigma", value);
      d.kind = *kind;
    } else if (key.text == "claims") {
      d.meaning.claims = value.strings();
    } else if (key.text == "class") {
      static constexpr std::string_view kClasses[] = {"unique", "typical", "generic", "contact", "context"};
      if (std::find(std::begin(kClasses), std::end(kClasses), value.text) == std::end(kClasses)) {
        return bad(fmt::format("assay.class '{}' is unknown", value.text), value,
                   "unique, typical, generic, contact or context");
      }
      d.meaning.klass = value.text;
    } else if (key.text == "family") {
      d.meaning.family = value.text;
    } else if (key.text == "stage") {
      d.meaning.stage = value.text;
    } else if (key.text == "carry") {
      d.carry = value.strings();
    } else if (key.text == "base_only") {
      d.base_only = value.as_bool();
    } else if (key.text == "coverage") {
      if (!d.window) return bad("assay.coverage belongs to an absence", value);
      TRY(d.window->coverage_ns, parse_timespan(value.text));
    } else {
      return bad(fmt::format("unknown key assay.{}", key.text), key);
    }
  }
  return Ok{};
}

Result<ir::Window> lower_correlation(const Yaml& c) {
  ir::Window w;
  const std::string& type = c["type"].text;
  if (type == "event_count") {
    w.kind = ir::Window::Kind::event_count;
  } else if (type == "value_count") {
    w.kind = ir::Window::Kind::value_count;
  } else if (type == "temporal") {
    w.kind = ir::Window::Kind::together;
  } else if (type == "temporal_ordered") {
    w.kind = ir::Window::Kind::sequence;
  } else if (type == "absence") {
    w.kind = ir::Window::Kind::absence;
  } else if (type.empty()) {
    return bad("the correlation has no type", c);
  } else {
    return unsupported(fmt::format("correlations of type '{}' are not evaluated", type), c["type"]);
  }
  const Yaml& span = c["timespan"].exists() ? c["timespan"] : c["timeframe"];
  if (!span.exists()) return bad("the correlation has no timespan", c);
  auto span_ns = parse_timespan(span.text);
  if (!span_ns.ok()) return bad(std::move(span_ns).error().what, span);
  w.span_ns = *span_ns;
  w.generate = c["generate"].as_bool();
  const std::vector<std::string> rules = c["rules"].strings();
  if (rules.empty()) return bad("the correlation names no rules", c);
  const std::vector<std::string> keys = c["group-by"].strings();
  const Yaml& aliases = c["aliases"];
  for (const std::string& rule : rules) {
    ir::Base base;
    base.alias = rule;
    base.rule = rule;
    for (const std::string& key : keys) {
      const Yaml& alias = aliases[key];
      if (!alias.exists()) {
        base.group_by.push_back(key);
        continue;
      }
      const Yaml& field = alias[rule];
      if (!field.is_scalar() || field.is_null())
        return bad(fmt::format("alias '{}' names no field for rule '{}'", key, rule), alias);
      base.group_by.push_back(field.text);
    }
    w.bases.push_back(std::move(base));
  }

  const Yaml& condition = c["condition"];
  if (condition.is_scalar())
    return unsupported("correlation conditions written as an expression are not evaluated", condition);
  std::vector<ir::Window::Bound> bounds;
  for (const auto& [key, value] : condition.members) {
    using Compare = ir::Window::Compare;
    std::optional<Compare> compare;
    if (key.text == "gte") compare = Compare::greater_equal;
    if (key.text == "gt") compare = Compare::greater;
    if (key.text == "lte") compare = Compare::less_equal;
    if (key.text == "lt") compare = Compare::less;
    if (key.text == "eq") compare = Compare::equal;
    if (key.text == "neq") compare = Compare::not_equal;
    if (compare) {
      const auto number = parse_double(value.text);
      if (!number) return bad(fmt::format("'{}' is no number", value.text), value);
      bounds.push_back({*compare, *number});
    } else if (key.text == "field") {
      const std::vector<std::string> fields = value.strings();
      if (fields.size() != 1) return unsupported("value_count over several fields is not evaluated", value);
      if (aliases[fields.front()].exists()) return unsupported("value_count over an alias is not evaluated", value);
      w.value_field = fields.front();
    } else {
      return bad(fmt::format("unknown key '{}' in the correlation's condition", key.text), key);
    }
  }
  const bool counts = w.kind == ir::Window::Kind::event_count || w.kind == ir::Window::Kind::value_count;
  if (counts && bounds.empty())
    return bad("the correlation has no count to compare with", c, "add condition: {gte: n}");
  if (w.kind == ir::Window::Kind::value_count && w.value_field.empty())
    return bad("value_count needs condition.field", c);
  if (w.kind == ir::Window::Kind::together) {
    w.threshold = static_cast<double>(rules.size());
    if (bounds.size() > 1 || (bounds.size() == 1 && bounds[0].compare != ir::Window::Compare::greater_equal)) {
      return unsupported("a temporal correlation takes gte only", condition);
    }
  }
  if ((w.kind == ir::Window::Kind::sequence || w.kind == ir::Window::Kind::absence) && !bounds.empty()) {
    return unsupported(fmt::format("'{}' takes no count", type), condition);
  }
  if (!bounds.empty()) {
    w.compare = bounds.front().compare;
    w.threshold = bounds.front().threshold;
    w.also.assign(bounds.begin() + 1, bounds.end());
  }
  if (w.kind == ir::Window::Kind::absence && rules.size() < 2)
    return bad("an absence names two rules: what was seen, and what should have followed", c);
  return w;
}

std::string scalar(const Yaml& document, std::string_view key) {
  const Yaml& value = document[key];
  return value.is_scalar() && !value.is_null() ? value.text : std::string();
}

}  // namespace

Result<std::int64_t> parse_timespan(std::string_view text) {
  const auto wrong = [&] {
    return Error{ErrorCode::bad_input, fmt::format("'{}' is no time span", text), {}, "a number and s, m, h or d"};
  };
  if (text.size() < 2) return wrong();
  const auto count = parse_int(text.substr(0, text.size() - 1));
  const char unit = text.back();
  const std::int64_t size = unit == 's'   ? kSecond
                            : unit == 'm' ? kMinute
                            : unit == 'h' ? kHour
                            : unit == 'd' ? kDay
                                          : 0;
  if (!count || *count <= 0 || size == 0 || *count > 20'000 * kDay / size) return wrong();
  return *count * size;
}

Result<ir::Detector> lower_document(const Yaml& document, const std::string& origin, std::string_view advisory,
                                    const Placeholders& placeholders) {
  if (!document.is_mapping()) return bad("no Sigma rule: the document is not a map", document);
  ir::Detector d;
  d.kind = DetectorKind::sigma;
  d.id = scalar(document, "id");
  d.name = scalar(document, "name");
  d.title = scalar(document, "title");
  d.description = std::string(trim(scalar(document, "description")));
  d.author = scalar(document, "author");
  d.level = scalar(document, "level");
  d.status = scalar(document, "status");
  d.tags = document["tags"].strings();
  d.false_positives = document["falsepositives"].strings();
  d.advisory = std::string(advisory);
  d.origin = origin;

  const Yaml& correlation = document["correlation"];
  const Yaml& detection = document["detection"];
  if (document["action"].exists())
    return unsupported("'action' (global, reset, repeat) is deprecated in Sigma", document["action"],
                       "write each rule in full");
  if (document["filter"].exists()) return unsupported("Sigma filter documents are not applied", document["filter"]);
  if (correlation.is_mapping()) {
    TRY(d.window, lower_correlation(correlation));
  } else if (detection.is_mapping()) {
    const Yaml& source = document["logsource"];
    if (!source.is_mapping()) return bad("the rule has no logsource", document);
    d.source = read_source(source);
    if (d.source == ir::LogSource{}) return bad("the logsource names no product, category or service", source);
    TRY(d.expr, lower_detections(detection, placeholders));
  } else {
    return bad("no Sigma rule: neither 'detection' nor 'correlation'", document);
  }
  TRY_VOID(read_assay(document["assay"], d));
  if (d.id.empty()) d.id = !d.name.empty() ? d.name : "rule-" + sha256_hex(ir::to_text(d) + d.title).substr(0, 16);
  TRY_VOID(ir::check(d));
  d.hash = ir::hash_of(d);
  return d;
}

}  // namespace assay::sigma
