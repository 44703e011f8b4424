#include "match/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/json.h"
#include "core/limits.h"
#include "knowledge/profile.h"
#include "rules/ir/structures.h"

namespace assay {
namespace {

using ir::Atom;
using ir::Literal;
using ir::Node;
using ir::Piece;
using ir::Test;

constexpr std::size_t kTracedValues = 8;

bool equal(std::string_view a, std::string_view b, bool cased) { return cased ? a == b : equals_icase(a, b); }
bool starts(std::string_view a, std::string_view b, bool cased) {
  return cased ? a.starts_with(b) : starts_with_icase(a, b);
}
bool ends(std::string_view a, std::string_view b, bool cased) { return cased ? a.ends_with(b) : ends_with_icase(a, b); }
bool holds_inside(std::string_view a, std::string_view b, bool cased) {
  return cased ? a.find(b) != std::string_view::npos : contains_icase(a, b);
}

bool in_network(const std::optional<Network>& address, const Literal& literal) {
  const auto network = address ? parse_network(literal.text) : std::nullopt;
  return network && contains(*network, *address);
}

bool compare(Test test, std::string_view value, std::string_view literal) {
  const auto a = number_of(value);
  const auto b = number_of(literal);
  if (!a || !b) return false;
  switch (test) {
    case Test::less:
      return *a < *b;
    case Test::less_equal:
      return *a <= *b;
    case Test::greater:
      return *a > *b;
    case Test::greater_equal:
      return *a >= *b;
    default:
      return false;
  }
}

bool any_other(const Literal& literal, const RecordValues& record, const std::function<bool(std::string_view)>& holds) {
  bool met = false;
  record.each(literal.text, [&](const Value& other) {
    if (other.kind != ValueKind::null && !met) met = holds(other.text);
  });
  return met;
}

bool is_presence(Test test) { return test == Test::exists || test == Test::is_null; }

void each_of(const Atom& atom, const RecordValues& record, const std::function<void(const Value&)>& f) {
  if (atom.test == Test::keyword) {
    record.each_any(f);
  } else {
    record.each(atom.name, f);
  }
}

// Presence predicates look at the field, not at a value.
bool presence_holds(const Atom& atom, const RecordValues& record) {
  bool present = false, null = false;
  record.each(atom.name, [&](const Value& value) {
    present = true;
    null = null || value.kind == ValueKind::null;
  });
  if (atom.test == Test::is_null) return !present || null;
  const bool wanted = atom.literals.front().text == "true";
  return present == wanted;
}

bool node_holds(const ir::Expr& expr, std::uint32_t at, const RecordValues& record, EvalContext& context) {
  const Node& node = expr.nodes[at];
  const auto child = [&](std::uint32_t c) { return node_holds(expr, c, record, context); };
  switch (node.kind) {
    case Node::Kind::atom: {
      if (context.remembered != &expr) return evaluate_atom(expr.atoms[node.atom], record, context);
      std::int8_t& outcome = context.outcomes[node.atom];
      if (outcome == 0) outcome = evaluate_atom(expr.atoms[node.atom], record, context) ? 2 : 1;
      return outcome == 2;
    }
    case Node::Kind::all:
      return std::all_of(node.children.begin(), node.children.end(), child);
    case Node::Kind::any:
      return std::any_of(node.children.begin(), node.children.end(), child);
    case Node::Kind::none:
      return std::none_of(node.children.begin(), node.children.end(), child);
    case Node::Kind::always:
      return true;
    case Node::Kind::never:
      return false;
  }
  return false;
}

std::string shown(const Value& value) {
  if (value.kind == ValueKind::null) return "null";
  std::string_view text = value.text.substr(0, limits::kCarriedFieldBytes);
  return json_string(text) + (text.size() < value.text.size() ? "..." : "");
}

bool trace_node(const ir::Expr& expr, std::uint32_t at, std::size_t depth, const RecordValues& record,
                EvalContext& context, std::vector<TraceLine>& trace) {
  if (trace.size() > 20'000) return node_holds(expr, at, record, context);
  const Node& node = expr.nodes[at];
  const std::size_t line = trace.size();
  trace.push_back({depth, false, {}, {}});
  if (node.kind == Node::Kind::atom) {
    const Atom& atom = expr.atoms[node.atom];
    trace[line].text = ir::to_text(atom);
    if (atom.test != Test::keyword) {
      record.each(atom.name, [&](const Value& value) {
        if (trace[line].values.size() < kTracedValues) trace[line].values.push_back(shown(value));
      });
      if (trace[line].values.empty()) trace[line].values.emplace_back("absent");
    }
    trace[line].met = evaluate_atom(atom, record, context);
    return trace[line].met;
  }
  std::size_t met = 0;
  for (const std::uint32_t child : node.children)
    met += trace_node(expr, child, depth + 1, record, context, trace) ? 1U : 0U;
  bool result = false;
  switch (node.kind) {
    case Node::Kind::all:
      result = met == node.children.size();
      trace[line].text = "all";
      break;
    case Node::Kind::any:
      result = met > 0;
      trace[line].text = "any";
      break;
    case Node::Kind::none:
      result = met == 0;
      trace[line].text = node.children.size() == 1 ? "not" : "none";
      break;
    case Node::Kind::always:
      result = true;
      trace[line].text = "always";
      break;
    default:
      trace[line].text = "never";
      break;
  }
  trace[line].met = result;
  return result;
}

void collect_held(const ir::Expr& expr, std::uint32_t at, const RecordValues& record, EvalContext& context,
                  std::vector<bool>& seen, std::vector<NamedValue>& out) {
  if (seen[at]) return;
  seen[at] = true;
  const Node& node = expr.nodes[at];
  if (node.kind == Node::Kind::all || node.kind == Node::Kind::any) {
    for (const std::uint32_t child : node.children) {
      if (node_holds(expr, child, record, context)) collect_held(expr, child, record, context, seen, out);
    }
    return;
  }
  if (node.kind != Node::Kind::atom) return;
  const Atom& atom = expr.atoms[node.atom];
  if (atom.negate || is_presence(atom.test)) return;
  const std::string name = atom.name.empty() ? "keyword" : atom.name;
  if (std::any_of(out.begin(), out.end(), [&](const NamedValue& v) { return v.first == name; })) return;
  bool found = false;
  each_of(atom, record, [&](const Value& value) {
    if (found) return;
    for (const Literal& literal : atom.literals) {
      if (!literal_holds(atom, literal, value, record, context)) continue;
      // A keyword may stand in a very long value: what was searched for says more than its head.
      out.emplace_back(name, atom.test == Test::keyword ? literal.text : std::string(value.text));
      found = true;
      return;
    }
  });
}

}  // namespace

Status RegexSet::add(const Literal& literal) {
  const std::pair key{literal.text, literal.regex_flags};
  if (list_.contains(key)) return Ok{};
  TRY(ir::Regex regex, ir::Regex::compile(literal.text, literal.regex_flags));
  regex.speed_up();
  list_.emplace(key, std::move(regex));
  return Ok{};
}

const ir::Regex* RegexSet::find(const Literal& literal) const {
  const auto at = list_.find({literal.text, literal.regex_flags});
  return at == list_.end() ? nullptr : &at->second;
}

std::optional<double> number_of(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return std::nullopt;
  return parse_double(text);
}

bool equal_numbers(std::string_view a, std::string_view b) {
  const auto x = parse_int(trim(a));
  const auto y = parse_int(trim(b));
  if (x && y) return *x == *y;
  const auto p = number_of(a);
  const auto q = number_of(b);
  return p && q && *p == *q;
}

bool wildcard_match(const std::vector<Piece>& pieces, std::string_view text, bool cased, bool anywhere) {
  // Two-pointer match with one resume point, over characters of UTF-8 for '?'. `anywhere` is a '*' at both ends.
  struct At {
    std::size_t piece, inside;
  };
  const auto same = [&](char a, char b) { return cased ? a == b : to_lower(a) == to_lower(b); };
  std::size_t t = 0;
  At p{0, 0};
  bool have_star = anywhere;
  At star{0, 0};
  std::size_t resume = 0;
  while (true) {
    if (p.piece == pieces.size()) {
      if (anywhere || t == text.size()) return true;
    } else if (pieces[p.piece].kind == Piece::Kind::any_run) {
      have_star = true;
      star = {p.piece + 1, 0};
      resume = t;
      p = star;
      continue;
    } else if (t < text.size()) {
      const Piece& piece = pieces[p.piece];
      if (piece.kind == Piece::Kind::any_one) {
        t += std::max<std::size_t>(1, utf8_sequence(text.substr(t)));
        p = {p.piece + 1, 0};
        continue;
      }
      if (same(piece.text[p.inside], text[t])) {
        ++t;
        if (++p.inside == piece.text.size()) p = {p.piece + 1, 0};
        continue;
      }
    }
    if (!have_star || resume >= text.size()) return false;
    resume += std::max<std::size_t>(1, utf8_sequence(text.substr(resume)));
    t = resume;
    p = star;
  }
}

bool literal_holds(const Atom& atom, const Literal& literal, const Value& value, const RecordValues& record,
                   EvalContext& context) {
  if (value.kind == ValueKind::null || !value.present()) return false;
  std::string_view text = value.text;
  std::string part;
  if (atom.part != ir::TimePart::whole) {
    const auto number = ir::time_part(text, atom.part);
    if (!number) return false;
    part = std::to_string(*number);
    text = part;
  }
  switch (atom.test) {
    case Test::equals:
      return equal(text, literal.text, atom.cased) || (literal.number && equal_numbers(text, literal.text));
    case Test::contains:
      return holds_inside(text, literal.text, atom.cased);
    case Test::starts_with:
      return starts(text, literal.text, atom.cased);
    case Test::ends_with:
      return ends(text, literal.text, atom.cased);
    case Test::wildcard:
      return wildcard_match(literal.pieces, text, atom.cased, false);
    case Test::keyword:
      return wildcard_match(literal.pieces, text, atom.cased, true);
    case Test::regex: {
      const ir::Regex* const regex = context.regexes->find(literal);
      if (regex == nullptr) return false;
      const ir::Regex::Found found = regex->search(text, *context.scratch);
      if (found == ir::Regex::Found::limit) context.gave_up = true;
      return found == ir::Regex::Found::yes;
    }
    case Test::cidr:
      return in_network(parse_address(trim(text)), literal);
    case Test::less:
    case Test::less_equal:
    case Test::greater:
    case Test::greater_equal:
      return compare(atom.test, text, literal.text);
    case Test::equals_field:
      return any_other(literal, record, [&](std::string_view other) { return equal(text, other, atom.cased); });
    case Test::starts_with_field:
      return any_other(literal, record, [&](std::string_view other) { return starts(text, other, atom.cased); });
    case Test::ends_with_field:
      return any_other(literal, record, [&](std::string_view other) { return ends(text, other, atom.cased); });
    case Test::contains_field:
      return any_other(literal, record, [&](std::string_view other) { return holds_inside(text, other, atom.cased); });
    case Test::structure: {
      const ir::Structure* const structure = ir::find_structure(literal.text);
      return structure != nullptr && structure->holds(text);
    }
    case Test::exists:
    case Test::is_null:
      return false;  // presence_holds
  }
  return false;
}

// Some literal against one value.
static bool any_holds(const Atom& atom, const Value& value, const RecordValues& record, EvalContext& context) {
  if (atom.test == Test::cidr && atom.part == ir::TimePart::whole) {  // the address is read once
    if (value.kind == ValueKind::null || !value.present()) return false;
    const std::optional<Network> address = parse_address(trim(value.text));
    return std::any_of(atom.literals.begin(), atom.literals.end(),
                       [&](const Literal& literal) { return in_network(address, literal); });
  }
  return std::any_of(atom.literals.begin(), atom.literals.end(),
                     [&](const Literal& literal) { return literal_holds(atom, literal, value, record, context); });
}

bool evaluate_atom(const Atom& atom, const RecordValues& record, EvalContext& context) {
  bool result = false;
  if (is_presence(atom.test)) {
    result = presence_holds(atom, record);
  } else if (atom.all) {
    result = std::all_of(atom.literals.begin(), atom.literals.end(), [&](const Literal& literal) {
      bool met = false;
      each_of(atom, record,
              [&](const Value& value) { met = met || literal_holds(atom, literal, value, record, context); });
      return met;
    });
  } else {
    each_of(atom, record, [&](const Value& value) { result = result || any_holds(atom, value, record, context); });
  }
  return result != atom.negate;
}

bool evaluate(const ir::Expr& expr, const RecordValues& record, EvalContext& context) {
  return !expr.empty() && node_holds(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), record, context);
}

bool evaluate_traced(const ir::Expr& expr, const RecordValues& record, EvalContext& context,
                     std::vector<TraceLine>& trace) {
  return !expr.empty() &&
         trace_node(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), 0, record, context, trace);
}

std::string trace_text(const std::vector<TraceLine>& trace) {
  std::string out;
  for (const TraceLine& line : trace) {
    out.append(line.depth * 2, ' ');
    out += line.met ? "PASS " : "FAIL ";
    out += line.text;
    if (!line.values.empty()) out += fmt::format("   [{}]", fmt::join(line.values, ", "));
    out += '\n';
  }
  return out;
}

std::vector<NamedValue> held_values(const ir::Expr& expr, const RecordValues& record, EvalContext& context) {
  std::vector<NamedValue> out;
  if (expr.empty()) return out;
  std::vector<bool> seen(expr.nodes.size(), false);
  const auto root = static_cast<std::uint32_t>(expr.nodes.size() - 1);
  if (node_holds(expr, root, record, context)) collect_held(expr, root, record, context, seen, out);
  return out;
}

}  // namespace assay
