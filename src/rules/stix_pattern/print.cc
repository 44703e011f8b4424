#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string text_of(const Literal& value) {
  switch (value.kind) {
    case Literal::Kind::text:
      return quoted(value.text);
    case Literal::Kind::timestamp:
      return "t" + quoted(value.text);
    case Literal::Kind::bytes:
      return "h'" + to_hex(value.text) + "'";
    case Literal::Kind::number:
    case Literal::Kind::boolean:
      break;
  }
  return value.text;
}

std::string_view symbol(Comparison::Op op) {
  using Op = Comparison::Op;
  switch (op) {
    case Op::equal:
      return "=";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::in:
      return "IN";
    case Op::like:
      return "LIKE";
    case Op::matches:
      return "MATCHES";
    case Op::is_subset:
      return "ISSUBSET";
    case Op::is_superset:
      return "ISSUPERSET";
    case Op::exists:
      return "EXISTS";
  }
  return "?";
}

std::string text_of(const Comparison& c) {
  if (c.op == Comparison::Op::exists) return fmt::format("{}EXISTS {}", c.negated ? "NOT " : "", to_text(c.path));
  std::string out = fmt::format("{} {}{} ", to_text(c.path), c.negated ? "NOT " : "", symbol(c.op));
  if (c.op != Comparison::Op::in) return out + text_of(c.values.front());
  out += '(';
  for (std::size_t i = 0; i < c.values.size(); ++i) out += (i > 0 ? ", " : "") + text_of(c.values[i]);
  return out + ")";
}

// OR of ANDs needs no parentheses; a group inside its own kind does, for it was written as one.
std::string text_of(const ComparisonTree& tree) {
  if (tree.kind == ComparisonTree::Kind::leaf) return text_of(tree.leaf);
  const bool all = tree.kind == ComparisonTree::Kind::all;
  std::string out;
  for (const ComparisonTree& child : tree.children) {
    if (!out.empty()) out += all ? " AND " : " OR ";
    const bool bare = child.kind == ComparisonTree::Kind::leaf || (!all && child.kind == ComparisonTree::Kind::all);
    out += bare ? text_of(child) : "(" + text_of(child) + ")";
  }
  return out;
}

int rank(Observation::Kind kind) {
  switch (kind) {
    case Observation::Kind::followed_by:
      return 0;
    case Observation::Kind::any:
      return 1;
    case Observation::Kind::all:
      return 2;
    case Observation::Kind::one:
      break;
  }
  return 3;
}

}  // namespace

std::string to_text(const ObjectPath& path) {
  std::string out = path.type + ":";
  bool first = true;
  for (const ObjectPath::Step& step : path.steps) {
    if (step.kind == ObjectPath::Step::Kind::any_index) {
      out += "[*]";
    } else if (step.kind == ObjectPath::Step::Kind::index) {
      out += fmt::format("[{}]", step.index);
    } else {
      // Words in capitals, true and false may be keywords; quotes never harm.
      const bool plain =
          !is_digit(step.key.front()) &&
          std::all_of(step.key.begin(), step.key.end(), [](char c) { return is_alnum(c) || c == '_'; }) &&
          (step.key == "MD5" ||
           !std::all_of(step.key.begin(), step.key.end(), [](char c) { return is_alpha(c) && c < 'a'; })) &&
          step.key != "true" && step.key != "false";
      out += (first ? "" : ".") + (plain ? step.key : quoted(step.key));
    }
    first = false;
  }
  return out;
}

std::string to_text(const Observation& o) {
  std::string out;
  if (o.kind == Observation::Kind::one) {
    out = "[" + text_of(o.test) + "]";
  } else {
    const std::string_view word = o.kind == Observation::Kind::all   ? " AND "
                                  : o.kind == Observation::Kind::any ? " OR "
                                                                     : " FOLLOWEDBY ";
    for (const Observation& child : o.children) {
      if (!out.empty()) out += word;
      // A qualified part binds closest by itself.
      const bool bare = rank(child.kind) > rank(o.kind) || !child.qualifiers.empty();
      out += bare ? to_text(child) : "(" + to_text(child) + ")";
    }
    if (!o.qualifiers.empty()) out = "(" + out + ")";
  }
  for (const Qualifier& q : o.qualifiers) {
    switch (q.kind) {
      case Qualifier::Kind::within:
        out += fmt::format(" WITHIN {} SECONDS", q.seconds);
        break;
      case Qualifier::Kind::repeats:
        out += fmt::format(" REPEATS {} TIMES", q.times);
        break;
      case Qualifier::Kind::start_stop:
        out += fmt::format(" START t'{}' STOP t'{}'", q.start, q.stop);
        break;
    }
  }
  return out;
}

}  // namespace assay::stix
