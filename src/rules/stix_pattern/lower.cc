#include "rules/stix_pattern/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/ascii.h"
#include "core/time.h"
#include "knowledge/profile.h"
#include "rules/ir/builder.h"
#include "rules/ir/regex.h"

namespace assay::stix {
namespace {

using Kind = ir::Node::Kind;

Error unsupported(std::string what) { return Error{ErrorCode::unsupported, std::move(what)}; }

// STIX compares strings with case; names of the network and hexadecimal digits have none.
bool caseless(std::string_view path) {
  return path.starts_with("domain-name:") || path.starts_with("ipv6-addr:") || path.starts_with("ipv4-addr:") ||
         path.starts_with("email-addr:") || path.starts_with("mac-addr:") ||
         path.find("hashes.") != std::string_view::npos || path.find("_ref.value") != std::string_view::npos;
}

// % is any run, _ any one character; there is no escape in STIX.
std::vector<ir::Piece> like_pieces(std::string_view text) {
  std::vector<ir::Piece> out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.push_back({ir::Piece::Kind::text, std::move(plain)});
    plain.clear();
  };
  for (const char c : text) {
    if (c != '%' && c != '_') {
      plain += c;
      continue;
    }
    flush();
    if (c == '%' && !out.empty() && out.back().kind == ir::Piece::Kind::any_run) continue;
    out.push_back({c == '%' ? ir::Piece::Kind::any_run : ir::Piece::Kind::any_one, {}});
  }
  flush();
  return out;
}

Result<std::uint32_t> lower_leaf(const Comparison& c, ir::ExprBuilder& builder) {
  using Op = Comparison::Op;
  ir::Atom atom;
  atom.name = c.path;
  atom.cased = !caseless(c.path);
  for (const Literal& value : c.values) {
    if (value.kind == Literal::Kind::timestamp) return unsupported("comparisons with timestamps are not evaluated");
    if (value.kind == Literal::Kind::bytes) return unsupported("comparisons with binary values are not evaluated");
    ir::Literal literal;
    literal.text = value.text;
    literal.number = value.kind == Literal::Kind::number;
    atom.literals.push_back(std::move(literal));
  }
  switch (c.op) {
    case Op::equal:
    case Op::not_equal:
    case Op::in:
      atom.test = ir::Test::equals;
      break;
    case Op::less:
      atom.test = ir::Test::less;
      break;
    case Op::less_equal:
      atom.test = ir::Test::less_equal;
      break;
    case Op::greater:
      atom.test = ir::Test::greater;
      break;
    case Op::greater_equal:
      atom.test = ir::Test::greater_equal;
      break;
    case Op::like: {
      atom.test = ir::Test::wildcard;
      atom.literals[0].pieces = like_pieces(atom.literals[0].text);
      if (atom.literals[0].pieces.empty()) atom.test = ir::Test::equals;
      break;
    }
    case Op::matches: {
      atom.test = ir::Test::regex;
      if (auto regex = ir::Regex::compile(atom.literals[0].text, 0); !regex.ok()) return std::move(regex).error();
      break;
    }
    case Op::is_subset:
      atom.test = ir::Test::cidr;
      if (!parse_network(atom.literals[0].text)) return Error{ErrorCode::bad_input, "ISSUBSET needs a network"};
      break;
    case Op::is_superset:
      return unsupported("ISSUPERSET is not evaluated");
    case Op::exists:
      atom.test = ir::Test::exists;
      atom.literals = {ir::Literal{.text = "true", .pieces = {}}};
      break;
  }
  if (atom.test != ir::Test::equals && atom.test != ir::Test::wildcard) atom.cased = false;
  const bool numeric = c.op == Op::less || c.op == Op::less_equal || c.op == Op::greater || c.op == Op::greater_equal;
  if (numeric && !parse_double(atom.literals[0].text)) return unsupported("order of strings is not evaluated");
  const bool differs = c.op == Op::not_equal;
  if (!differs && !c.negated) return builder.atom(std::move(atom));
  if (differs && c.negated) return builder.atom(std::move(atom));
  // != and NOT speak of a value that is there.
  ir::Atom exists;
  exists.name = c.path;
  exists.test = ir::Test::exists;
  exists.literals = {ir::Literal{.text = "true", .pieces = {}}};
  if (c.op == Op::exists) {
    atom.literals[0].text = "false";
    return builder.atom(std::move(atom));
  }
  const std::uint32_t present = builder.atom(std::move(exists));
  const std::uint32_t not_equal = builder.node(Kind::none, {builder.atom(std::move(atom))});
  return builder.node(Kind::all, {present, not_equal});
}

Result<std::uint32_t> lower_tree(const ComparisonTree& tree, ir::ExprBuilder& builder) {
  if (tree.kind == ComparisonTree::Kind::leaf) return lower_leaf(tree.leaf, builder);
  std::vector<std::uint32_t> children;
  for (const ComparisonTree& part : tree.children) {
    TRY(const std::uint32_t child, lower_tree(part, builder));
    children.push_back(child);
  }
  return builder.node(tree.kind == ComparisonTree::Kind::all ? Kind::all : Kind::any, std::move(children));
}

// One observation, or several joined by OR, none qualified.
Result<ir::Expr> lower_observation(const Observation& o) {
  if (o.qualified()) return unsupported("a qualified observation inside another one is not evaluated");
  ir::ExprBuilder builder;
  if (o.kind == Observation::Kind::one) {
    TRY(const std::uint32_t root, lower_tree(o.test, builder));
    return builder.take(root);
  }
  if (o.kind != Observation::Kind::any)
    return unsupported("AND and FOLLOWEDBY inside another pattern are not evaluated");
  std::vector<std::uint32_t> children;
  for (const Observation& part : o.children) {
    if (part.kind != Observation::Kind::one || part.qualified())
      return unsupported("patterns nested in OR are not evaluated");
    TRY(const std::uint32_t child, lower_tree(part.test, builder));
    children.push_back(child);
  }
  const std::uint32_t root = builder.node(Kind::any, std::move(children));
  return builder.take(root);
}

}  // namespace

Status lower_pattern(const Observation& pattern, ir::Detector& detector) {
  if (pattern.start) return unsupported("START and STOP are not evaluated");
  const bool joined = pattern.kind == Observation::Kind::all || pattern.kind == Observation::Kind::followed_by;
  if (!pattern.qualified() && !joined) {
    TRY(detector.expr, lower_observation(pattern));
    return Ok{};
  }
  if (!pattern.within_seconds)
    return unsupported("patterns over several observations are evaluated as (...) WITHIN n SECONDS only");
  if (*pattern.within_seconds > 20'000.0 * 86'400) return unsupported("the time span is too long");
  ir::Window window;
  window.span_ns = static_cast<std::int64_t>(*pattern.within_seconds * static_cast<double>(kSecond));
  const auto add_base = [&](const Observation& part) -> Status {
    ir::Base base;
    base.alias = fmt::format("observation {}", window.bases.size() + 1);
    TRY(base.expr, lower_observation(part));
    window.bases.push_back(std::move(base));
    return Ok{};
  };
  if (pattern.repeats) {
    if (joined) return unsupported("REPEATS of several observations is not evaluated");
    // "at least n": the reading that most implementations share (cti-stix2 issue 146).
    window.kind = ir::Window::Kind::event_count;
    window.threshold = static_cast<double>(*pattern.repeats);
    Observation plain = pattern;
    plain.within_seconds.reset();
    plain.repeats.reset();
    TRY_VOID(add_base(plain));
  } else if (joined) {
    window.kind = pattern.kind == Observation::Kind::all ? ir::Window::Kind::together : ir::Window::Kind::sequence;
    for (const Observation& part : pattern.children) TRY_VOID(add_base(part));
    window.threshold = static_cast<double>(window.bases.size());
    window.distinct = true;  // operands bind to different observations
  } else {
    window.kind = ir::Window::Kind::event_count;
    Observation plain = pattern;
    plain.within_seconds.reset();
    TRY_VOID(add_base(plain));
  }
  detector.window = std::move(window);
  return Ok{};
}

}  // namespace assay::stix
