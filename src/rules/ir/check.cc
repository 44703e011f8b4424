// check(): what a detector and a filter must be before anything reads them.
#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/limits.h"
#include "rules/ir/bounds.h"
#include "rules/ir/ir.h"
#include "rules/ir/structures.h"

namespace assay::ir {
namespace {

Status check_atom(const Atom& atom) {
  if (atom.literals.empty()) return broken("a predicate without a value");
  if (atom.name.empty() != (atom.test == Test::keyword)) return broken("only keywords have no name");
  std::size_t bytes = 0;
  for (const Literal& literal : atom.literals) {
    bytes += literal.text.size();
    if (takes_pieces(atom.test) != !literal.pieces.empty()) return broken("pieces belong to wildcards and keywords");
    if (literal.regex_flags > 7) return broken("unknown regex flag");
    if (atom.test == Test::exists && literal.text != "true" && literal.text != "false") {
      return broken("exists takes true or false");
    }
    if (atom.test == Test::structure && !known_structure(literal.text)) {
      return broken(fmt::format("unknown structure '{}'", literal.text));
    }
    for (const Piece& piece : literal.pieces) {
      bytes += piece.text.size();
      if ((piece.kind == Piece::Kind::text) == piece.text.empty()) return broken("a pattern piece of the wrong kind");
    }
    switch (atom.test) {
      case Test::less:
      case Test::less_equal:
      case Test::greater:
      case Test::greater_equal:
        if (atom.as == As::plain && !parse_double(literal.text))
          return broken(fmt::format("'{}' is no number", literal.text));
        break;
      default:
        break;
    }
  }
  if (bytes > kTextBytes) return Error{ErrorCode::limit, "the values of one predicate are too long"};
  if (atom.index < -1) return broken("a negative index");
  if (atom.differs && (atom.all || atom.negate)) return broken("a value that differs, from all or not at all");
  if (atom.as != As::plain && (atom.part != TimePart::whole || atom.test == Test::keyword))
    return broken("a value that is read in two ways");
  if (atom.as == As::time && atom.test != Test::equals && (atom.test < Test::less || atom.test > Test::greater_equal))
    return broken("instants are equal or have an order");
  if (atom.name == kEventTime && atom.as != As::time) return broken("a record's time is an instant");
  if (atom.part != TimePart::whole) {
    const bool number = atom.test == Test::equals || (atom.test >= Test::less && atom.test <= Test::greater_equal);
    if (!number) return broken("a part of a time is compared with numbers");
    for (const Literal& literal : atom.literals) {
      if (!parse_double(literal.text)) return broken(fmt::format("'{}' is no number", literal.text));
    }
  }
  return Ok{};
}

Status check_expr(const Expr& expr) {
  if (expr.atoms.size() > kAtoms || expr.nodes.size() > kNodes) return Error{ErrorCode::limit, "too many predicates"};
  std::size_t literals = 0;
  for (const Atom& atom : expr.atoms) {
    literals += atom.literals.size();
    TRY_VOID(check_atom(atom));
  }
  if (literals > kLiterals) return Error{ErrorCode::limit, "too many values"};
  std::vector<std::uint32_t> depth(expr.nodes.size(), 1);
  std::size_t edges = 0;
  for (std::size_t i = 0; i < expr.nodes.size(); ++i) {
    const Node& node = expr.nodes[i];
    const bool inner = node.kind == Node::Kind::all || node.kind == Node::Kind::any || node.kind == Node::Kind::none;
    if (inner == node.children.empty()) return broken("a condition node without parts");
    if (node.kind == Node::Kind::atom && node.atom >= expr.atoms.size())
      return broken("a predicate index out of range");
    edges += node.children.size();
    for (const std::uint32_t child : node.children) {
      if (child >= i) return broken("condition nodes out of order");
      depth[i] = std::max(depth[i], depth[child] + 1);
    }
    if (depth[i] > limits::kConditionDepth) return Error{ErrorCode::limit, "condition nested too deeply"};
  }
  if (edges > kNodes * 4) return Error{ErrorCode::limit, "condition too large"};
  return Ok{};
}

bool is_statistic(Window::Kind kind) {
  return kind == Window::Kind::value_sum || kind == Window::Kind::value_avg || kind == Window::Kind::value_percentile ||
         kind == Window::Kind::value_median;
}

// Depth and counts of a pattern; a step is part of one other.
Status check_steps(const Window& window) {
  if ((window.kind == Window::Kind::pattern) == window.steps.empty())
    return broken("steps belong to patterns, and they need them");
  if (window.steps.size() > kSteps) return Error{ErrorCode::limit, "the pattern has too many parts"};
  std::vector<std::size_t> depth(window.steps.size(), 1);
  std::vector<bool> used(window.steps.size(), false);
  for (std::size_t i = 0; i < window.steps.size(); ++i) {
    const Window::Step& step = window.steps[i];
    const bool base = step.kind == Window::Step::Kind::base;
    if (base != step.parts.empty()) return broken("a step is a base, or has parts");
    if (step.base >= (base ? window.bases.size() : 1)) return broken("a step without its base");
    if (step.repeats < 1 || step.within_ns < -1) return broken("a step that is never met");
    for (const std::uint32_t part : step.parts) {
      if (part >= i || used[part]) return broken("steps out of order");
      used[part] = true;
      depth[i] = std::max(depth[i], depth[part] + 1);
    }
    if (depth[i] > limits::kConditionDepth) return Error{ErrorCode::limit, "the pattern is nested too deeply"};
  }
  for (std::size_t i = 0; i + 1 < used.size(); ++i) {
    if (!used[i]) return broken("a step that belongs to nothing");
  }
  return Ok{};
}

Status check_window(const Window& window) {
  if (window.bases.empty()) return broken("a window needs base patterns");
  const std::size_t most = window.kind == Window::Kind::pattern ? kPatternBases : kBases;
  if (window.bases.size() > most) return Error{ErrorCode::limit, fmt::format("more than {} base patterns", most)};
  TRY_VOID(check_steps(window));
  if (window.span_ns <= 0) return broken("a window needs a time span");
  if (window.coverage_ns < 0) return broken("negative coverage");
  const bool of_values = window.kind == Window::Kind::value_count || is_statistic(window.kind);
  if (of_values != !window.value_fields.empty()) return broken("values belong to value_* windows, and they need them");
  if (is_statistic(window.kind) && window.value_fields.size() != 1) return broken("a statistic is of one field");
  if (window.value_fields.size() > kValueFields) return Error{ErrorCode::limit, "too many value fields"};
  if (!(window.percentile > 0 && window.percentile <= 100)) return broken("a percentile is over 0 and at most 100");
  if (!window.terms.empty() && window.kind != Window::Kind::together && window.kind != Window::Kind::sequence)
    return broken("only temporal windows have terms");
  if (window.terms.size() > kTerms) return Error{ErrorCode::limit, "the condition has too many alternatives"};
  for (const Window::Term& term : window.terms) {
    if (term.with.empty()) return broken("a term without a base that must be met");
    std::vector<bool> seen(window.bases.size(), false);
    for (const auto* list : {&term.with, &term.without}) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        if ((*list)[i] >= window.bases.size() || seen[(*list)[i]] || (i > 0 && (*list)[i] <= (*list)[i - 1]))
          return broken("terms name each base once, in order");
        seen[(*list)[i]] = true;
      }
    }
  }
  if (window.kind == Window::Kind::absence && window.bases.size() < 2) return broken("absence needs two base patterns");
  const std::size_t keys = window.bases.front().group_by.size();
  if (window.keys.size() != keys && !window.keys.empty()) return broken("names of the key do not fit the key");
  for (const Base& base : window.bases) {
    if (base.rule.empty() == base.expr.empty()) return broken("a base is a rule or an expression");
    if (base.group_by.size() != keys) return broken("bases with keys of different size");
    if (base.values.size() != window.value_fields.size()) return broken("a base without the window's values");
    TRY_VOID(check_expr(base.expr));
  }
  return Ok{};
}

}  // namespace

Status check(const Detector& d) {
  if (d.id.empty()) return broken("a detector without an id");
  if (d.expr.empty() != d.window.has_value()) return broken("a detector has a condition or a window");
  if (d.carry.size() > limits::kCarriedFields) {
    return Error{ErrorCode::limit, fmt::format("more than {} carried fields", limits::kCarriedFields)};
  }
  TRY_VOID(check_expr(d.expr));
  if (d.window) TRY_VOID(check_window(*d.window));
  return Ok{};
}

Status check(const Filter& filter) {
  if (filter.id.empty()) return broken("a filter without an id");
  if (filter.expr.empty()) return broken("a filter without a condition");
  return check_expr(filter.expr);
}

}  // namespace assay::ir
