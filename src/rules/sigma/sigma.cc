#include "rules/sigma/sigma.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/time.h"
#include "rules/ir/builder.h"
#include "rules/sigma/condition.h"
#include "rules/sigma/correlation.h"
#include "rules/sigma/pipeline.h"

namespace assay::sigma {
namespace {

using Kind = ir::Node::Kind;

std::string place(const Yaml& at) { return fmt::format("{}:{}", at.line, at.column); }
Error bad(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::bad_input, std::move(what), place(at), std::move(remedy)};
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

// What the detections of one rule came to so far: the bounds of the IR, held to while it grows.
struct Size {
  std::size_t literals = 0, regex_bytes = 0;
};
constexpr std::size_t kLiterals = 65'536, kPredicates = 4096;

Status grow(const LoweredItem& item, const ir::ExprBuilder& builder, const Yaml& at, Size& size) {
  for (const ir::Atom& atom : item.atoms) {
    for (const ir::Literal& literal : atom.literals) size.literals += 1 + literal.pieces.size();
  }
  size.regex_bytes += item.regex_bytes;
  const auto refused = [&](std::string_view what) {
    return Error{ErrorCode::limit, fmt::format("the rule has too many {}", what), place(at), "write several rules"};
  };
  if (size.literals > kLiterals) return refused("values");
  if (builder.atoms() > kPredicates) return refused("predicates");
  if (size.regex_bytes > kRegexBytesOfRule) return refused("large regular expressions");
  return Ok{};
}

Result<std::uint32_t> lower_map(const Yaml& map, const Placeholders& placeholders, ir::ExprBuilder& builder,
                                Size& size) {
  if (map.members.empty()) return bad("an empty detection", map);
  std::vector<std::uint32_t> children;
  for (const auto& [key, value] : map.members) {
    if (!key.is_scalar()) return bad("a field name must be a string", key);
    // A pipeline may have mapped the field to several names: any of them.
    const std::size_t bar = std::min(key.text.find('|'), key.text.size());
    std::vector<std::uint32_t> names;
    for (const std::string_view name : split(std::string_view(key.text).substr(0, bar), kAlternative)) {
      if (name.empty() && bar > 0) return bad("a field name holds a control character", key);
      TRY(const LoweredItem item, lower_item(std::string(name) + key.text.substr(bar), value, placeholders, &key));
      TRY_VOID(grow(item, builder, key, size));
      names.push_back(add_item(item, builder));
    }
    children.push_back(builder.node(Kind::any, std::move(names)));
  }
  return builder.node(Kind::all, std::move(children));
}

// A map is AND, a list of maps OR, a list of values keywords.
Result<std::uint32_t> lower_detection(const Yaml& detection, const Placeholders& placeholders, ir::ExprBuilder& builder,
                                      Size& size) {
  if (detection.is_mapping()) return lower_map(detection, placeholders, builder, size);
  if (detection.is_scalar()) {
    TRY(const LoweredItem item, lower_item("", detection, placeholders));
    TRY_VOID(grow(item, builder, detection, size));
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
      TRY(const std::uint32_t child, lower_map(part, placeholders, builder, size));
      children.push_back(child);
    } else if (part.is_scalar()) {
      keywords.items.push_back(part);
    } else {
      return bad("a list inside a list is not a detection", part);
    }
  }
  if (!keywords.items.empty()) {
    TRY(const LoweredItem item, lower_item("", keywords, placeholders));
    TRY_VOID(grow(item, builder, detection, size));
    children.push_back(add_item(item, builder));
  }
  return builder.node(Kind::any, std::move(children));
}

// Whether the node holds when none of the detections does.
bool holds_without(const ir::ExprBuilder& builder, const std::set<std::uint32_t>& detections, std::uint32_t at,
                   std::map<std::uint32_t, bool>& known) {
  if (detections.contains(at)) return false;
  if (const auto found = known.find(at); found != known.end()) return found->second;
  const ir::Node& node = builder.at(at);
  const auto child = [&](std::uint32_t c) { return holds_without(builder, detections, c, known); };
  bool out = false;
  if (node.kind == Kind::all) out = std::all_of(node.children.begin(), node.children.end(), child);
  if (node.kind == Kind::any) out = std::any_of(node.children.begin(), node.children.end(), child);
  if (node.kind == Kind::none) out = std::none_of(node.children.begin(), node.children.end(), child);
  if (node.kind == Kind::always) out = true;
  known[at] = out;
  return out;
}

// With `filter` the result is what the filter suppresses.
Result<ir::Expr> lower_detections(const Yaml& detection, const Placeholders& placeholders, std::size_t& regex_bytes,
                                  bool filter = false) {
  ir::ExprBuilder builder;
  Size size;
  std::map<std::string, std::uint32_t> nodes;
  const Yaml* condition = nullptr;
  for (const auto& [key, value] : detection.members) {
    if (key.text == "condition") {
      condition = &value;
    } else if (key.text != (filter ? "rules" : "timeframe")) {
      TRY(const std::uint32_t node, lower_detection(value, placeholders, builder, size));
      if (!nodes.emplace(key.text, node).second) return bad(fmt::format("detection '{}' stands twice", key.text), key);
    }
  }
  if (condition == nullptr) return bad("the detection has no condition", detection);
  const std::vector<std::string> texts = condition->strings();
  if (texts.empty()) return bad("the condition is empty", *condition);
  regex_bytes += size.regex_bytes;
  std::size_t steps = 0;
  std::vector<std::uint32_t> roots;
  for (const std::string& text : texts) {
    auto root = parse_condition(text, nodes, builder, steps);
    if (!root.ok()) {
      Error error = std::move(root).error();
      if (error.where.empty()) error.where = place(*condition);
      return error;
    }
    roots.push_back(*root);
  }
  std::uint32_t root = builder.node(Kind::any, std::move(roots));
  if (filter) {
    std::set<std::uint32_t> detections;
    for (const auto& [name, node] : nodes) detections.insert(node);
    std::map<std::uint32_t, bool> known;
    if (holds_without(builder, detections, root, known)) root = builder.node(Kind::none, {root});
  }
  return std::move(builder).take(root);
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

std::string scalar(const Yaml& document, std::string_view key) {
  const Yaml& value = document[key];
  return value.is_scalar() && !value.is_null() ? value.text : std::string();
}

}  // namespace

Result<ir::Detector> lower_document(const Yaml& document, const std::string& origin, std::string_view advisory,
                                    const Placeholders& placeholders, std::size_t* regex_bytes) {
  std::size_t unasked = 0;
  std::size_t& compiled = regex_bytes != nullptr ? *regex_bytes : unasked;
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
  if (correlation.is_mapping()) {
    TRY(d.window, lower_correlation(correlation));
  } else if (detection.is_mapping()) {
    const Yaml& source = document["logsource"];
    if (!source.is_mapping())
      return bad("the rule has no logsource", document, "add logsource: with product, category or service");
    d.source = read_source(source);
    if (d.source == ir::LogSource{}) return bad("the logsource names no product, category or service", source);
    TRY(d.expr, lower_detections(detection, placeholders, compiled));
  } else {
    return bad("no Sigma rule: neither 'detection' nor 'correlation'", document);
  }
  TRY_VOID(read_assay(document["assay"], d));
  if (d.id.empty()) d.id = !d.name.empty() ? d.name : "rule-" + sha256_hex(ir::to_text(d) + d.title).substr(0, 16);
  TRY_VOID(ir::check(d));
  d.hash = ir::hash_of(d);
  return d;
}

Status check_written(const Yaml& node) {
  std::set<std::string_view> keys;
  for (const auto& [key, value] : node.members) {
    if (!keys.insert(key.text).second) {
      return bad(fmt::format("the key '{}' stands twice in one map", key.text), key,
                 "of several values any: one key with a list; all of them: |all, or two detections");
    }
    TRY_VOID(check_written(value));
  }
  for (const Yaml& item : node.items) TRY_VOID(check_written(item));
  return Ok{};
}

bool is_filter(const Yaml& document) { return document.is_mapping() && document["filter"].exists(); }

Result<ir::Filter> lower_filter(const Yaml& document, const std::string& origin, const Placeholders& placeholders) {
  const Yaml& filter = document["filter"];
  if (!filter.is_mapping()) return bad("'filter' must be a map", filter);
  ir::Filter out;
  out.id = scalar(document, "id");
  out.title = scalar(document, "title");
  out.author = scalar(document, "author");
  out.reason = std::string(trim(scalar(document, "description")));
  out.origin = origin;
  const Yaml& source = document["logsource"];
  if (!source.is_mapping()) return bad("the filter has no logsource", document);
  out.source = read_source(source);
  const Yaml& rules = filter["rules"];
  out.rules = rules.strings();
  if (out.rules.empty()) return bad("the filter names no rules", filter, "rules: a list of ids or names, or any");
  std::size_t regex_bytes = 0;
  TRY(out.expr, lower_detections(filter, placeholders, regex_bytes, true));
  const Yaml& assay = document["assay"];
  if (assay.exists() && !assay.is_mapping()) return bad("'assay' must be a map", assay);
  for (const auto& [key, value] : assay.members) {
    if (key.text == "reason") {
      out.reason = std::string(trim(value.text));
    } else if (key.text == "expires") {
      const auto day = value.is_scalar() && value.text.size() == 10 ? parse_iso8601(value.text) : std::nullopt;
      if (!day)
        return bad(fmt::format("'{}' is no day", value.text), value, "such as 2026-12-31: the last day of its use");
      out.expires = Time{day->ns + kDay};
    } else {
      return bad(fmt::format("unknown key assay.{}", key.text), key, "a filter takes reason and expires");
    }
  }
  if (out.id.empty()) out.id = "filter-" + sha256_hex(ir::to_text(out) + out.title).substr(0, 16);
  TRY_VOID(ir::check(out));
  return out;
}

}  // namespace assay::sigma
