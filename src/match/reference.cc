#include "match/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/json.h"
#include "core/limits.h"
#include "rules/ir/structures.h"
#include "text/nfc.h"

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

template <class Value>
bool ordered(Test test, const Value& a, const Value& b) {
  switch (test) {
    case Test::equals:
      return a == b;
    case Test::less:
      return a < b;
    case Test::less_equal:
      return a <= b;
    case Test::greater:
      return a > b;
    case Test::greater_equal:
      return a >= b;
    default:
      return false;
  }
}

bool compare(Test test, std::string_view value, std::string_view literal) {
  const auto a = number_of(value);
  const auto b = number_of(literal);
  return a && b && ordered(test, *a, *b);
}

bool is_order(Test test) { return test >= Test::less && test <= Test::greater_equal; }

// "de:ad be-ef", "0xdeadbeef" as bytes.
std::optional<std::string> from_hex(std::string_view text) {
  text = trim(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (high < 0 && (c == ':' || c == '-' || c == ' ')) continue;
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return out;
}

std::optional<Time> instant_of(std::string_view text) {
  text = trim(text);
  if (const auto time = parse_iso8601(text)) return time;
  return parse_epoch(text);
}

// Characters up to U+00FF as the bytes of their numbers.
std::optional<std::string> to_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += text[i];
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      out += static_cast<char>((c & 3U) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3fU));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

// And back: expressions over bytes see a character for each.
std::string to_characters(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    if (c < 0x80) {
      out += byte;
    } else {
      out += static_cast<char>(0xc0U | c >> 6U);
      out += static_cast<char>(0x80U | (c & 0x3fU));
    }
  }
  return out;
}

// One literal against a value that is read as something else than it stands.
bool holds_as(const Atom& atom, const Literal& literal, std::string_view text, EvalContext& context) {
  if (atom.as == ir::As::time) {
    const auto a = instant_of(text);
    const auto b = instant_of(literal.text);
    return a && b && ordered(atom.test, a->ns, b->ns);
  }
  std::optional<std::string> read;
  switch (atom.as) {
    case ir::As::hex:
      read = from_hex(text);
      break;
    case ir::As::base64:
      read = base64_decode(trim(text));
      break;
    case ir::As::bytes:
      read = to_bytes(text);
      break;
    default:
      read = atom.test == Test::wildcard || atom.test == Test::regex ? nfc(text) : std::string(text);
      break;
  }
  if (!read) return false;
  if (is_order(atom.test)) return ordered<std::string_view>(atom.test, *read, literal.text);
  if (atom.as != ir::As::text && (atom.test == Test::regex || atom.test == Test::wildcard)) read = to_characters(*read);
  switch (atom.test) {
    case Test::equals:
      return equal(std::string_view(*read), std::string_view(literal.text), atom.cased);
    case Test::wildcard:
      return wildcard_match(literal.pieces, *read, atom.cased, false);
    case Test::regex: {
      const ir::Regex* const regex = context.regexes->find(literal);
      if (regex == nullptr) return false;
      const ir::Regex::Found found = regex->search(*read, *context.scratch);
      if (found == ir::Regex::Found::limit) context.gave_up = true;
      return found == ir::Regex::Found::yes;
    }
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
  if (atom.test == Test::keyword) return record.each_any(f);
  if (atom.name == ir::kEventTime) {
    if (!record.time().known()) return;
    const std::string text = format_utc(record.time());
    return f({ValueKind::string, text});
  }
  if (atom.index < 0) return record.each(atom.name, f);
  std::int64_t number = 0;
  record.each(atom.name, [&](const Value& value) {
    if (number++ == atom.index) f(value);
  });
}

// Presence predicates look at the field, not at a value.
bool presence_holds(const Atom& atom, const RecordValues& record) {
  bool present = false, null = false;
  each_of(atom, record, [&](const Value& value) {
    present = present || atom.as == ir::As::plain || value.kind != ValueKind::null;
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
      each_of(atom, record, [&](const Value& value) {
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
  if (atom.negate || atom.name == ir::kEventTime || is_presence(atom.test)) return;
  const std::string name = atom.name.empty() ? "keyword" : atom.name;
  if (std::any_of(out.begin(), out.end(), [&](const NamedValue& v) { return v.first == name; })) return;
  // Where the field has one value, that is it: the predicate is known to hold.
  std::size_t values = 0;
  if (atom.test != Test::keyword) each_of(atom, record, [&](const Value&) { ++values; });
  bool found = false;
  each_of(atom, record, [&](const Value& value) {
    if (found) return;
    if (values == 1 || atom.differs) {
      found = true;
      out.emplace_back(name, std::string(value.text));
      return;
    }
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
  const auto at = list_.find(std::pair<std::string_view, std::uint8_t>{literal.text, literal.regex_flags});
  return at == list_.end() ? nullptr : &at->second;
}

std::optional<Network> network_of(std::string_view text) {
  text = trim(text);
  return text.find('/') == std::string_view::npos ? parse_address(text) : parse_network(text);
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
  if (atom.as != ir::As::plain) return holds_as(atom, literal, text, context);
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
      return in_network(network_of(text), literal);
    case Test::superset: {
      const auto network = network_of(text);
      const auto inner = parse_network(literal.text);
      return network && inner && contains(*network, *inner);
    }
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
    const std::optional<Network> address = network_of(value.text);
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
  } else if (atom.differs) {
    each_of(atom, record, [&](const Value& value) {
      result = result || (value.kind != ValueKind::null && value.present() && !any_holds(atom, value, record, context));
    });
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
