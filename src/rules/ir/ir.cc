#include "rules/ir/ir.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/limits.h"
#include "rules/ir/structures.h"

namespace assay::ir {
namespace {

// Bounds of one detector; a rule beyond them is refused when it is loaded.
constexpr std::size_t kAtoms = 4096;
constexpr std::size_t kNodes = 65'536;
constexpr std::size_t kLiterals = 65'536;
constexpr std::size_t kTextBytes = std::size_t{1} << 20;
constexpr std::size_t kBases = 64;
constexpr std::size_t kStrings = 4096;
constexpr std::size_t kTerms = 64;
constexpr std::size_t kValueFields = 8;
constexpr std::size_t kPatternBases = 512;
constexpr std::size_t kSteps = 4096;
constexpr std::uint8_t kVersion = 2;

Error broken(std::string what) { return Error{ErrorCode::bad_input, std::move(what)}; }

bool takes_pieces(Test test) { return test == Test::wildcard || test == Test::keyword; }

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

void save_strings(Writer& out, const std::vector<std::string>& list) {
  out.var(list.size());
  for (const std::string& s : list) out.str(s);
}

void save_source(Writer& out, const LogSource& s) {
  out.str(s.product);
  out.str(s.category);
  out.str(s.service);
  out.str(s.source_class);
}

void save_atom(Writer& out, const Atom& atom) {
  out.str(atom.name);
  out.u8(static_cast<std::uint8_t>(atom.test));
  out.u8(static_cast<std::uint8_t>((atom.all ? 1 : 0) | (atom.cased ? 2 : 0) | (atom.negate ? 4 : 0) |
                                   (atom.differs ? 8 : 0) | (atom.index >= 0 ? 16 : 0) |
                                   static_cast<unsigned>(atom.as) << 5U));
  if (atom.index >= 0) out.var(static_cast<std::uint64_t>(atom.index));
  out.u8(static_cast<std::uint8_t>(atom.part));
  out.var(atom.literals.size());
  for (const Literal& literal : atom.literals) {
    out.str(literal.text);
    out.u8(static_cast<std::uint8_t>((literal.number ? 8 : 0) | literal.regex_flags));
    out.var(literal.pieces.size());
    for (const Piece& piece : literal.pieces) {
      out.u8(static_cast<std::uint8_t>(piece.kind));
      out.str(piece.text);
    }
  }
}

void save_expr(Writer& out, const Expr& expr) {
  out.var(expr.atoms.size());
  for (const Atom& atom : expr.atoms) save_atom(out, atom);
  out.var(expr.nodes.size());
  for (const Node& node : expr.nodes) {
    out.u8(static_cast<std::uint8_t>(node.kind));
    out.var(node.atom);
    out.var(node.children.size());
    for (const std::uint32_t child : node.children) out.var(child);
  }
}

void save_indices(Writer& out, const std::vector<std::uint32_t>& list) {
  out.var(list.size());
  for (const std::uint32_t i : list) out.var(i);
}

void save_window(Writer& out, const Window& w, bool origin) {
  out.u8(static_cast<std::uint8_t>(w.kind));
  out.i64(w.span_ns);
  out.u8(static_cast<std::uint8_t>(w.compare));
  out.str(fmt::format("{}", w.threshold));
  out.var(w.also.size());
  for (const Window::Bound& bound : w.also) {
    out.u8(static_cast<std::uint8_t>(bound.compare));
    out.str(fmt::format("{}", bound.threshold));
  }
  save_strings(out, w.keys);
  save_strings(out, w.value_fields);
  out.str(fmt::format("{}", w.percentile));
  out.var(w.bases.size());
  for (const Base& base : w.bases) {
    out.str(base.alias);
    out.str(base.rule);
    save_source(out, base.source);
    save_expr(out, base.expr);
    save_strings(out, base.group_by);
    save_strings(out, base.values);
  }
  out.var(w.terms.size());
  for (const Window::Term& term : w.terms) {
    save_indices(out, term.with);
    save_indices(out, term.without);
  }
  if (w.kind == Window::Kind::pattern) {
    out.var(w.steps.size());
    for (const Window::Step& step : w.steps) {
      out.u8(static_cast<std::uint8_t>(step.kind));
      out.var(step.base);
      save_indices(out, step.parts);
      out.i64(step.repeats);
      out.i64(step.within_ns);
    }
  }
  if (origin) save_strings(out, w.kept);
  out.i64(w.coverage_ns);
  out.boolean(w.distinct);
  out.boolean(w.generate);
}

void save_body(Writer& out, const Detector& d, bool origin) {
  out.u8(kVersion);
  out.u8(static_cast<std::uint8_t>(d.kind));
  for (const std::string* s : {&d.id, &d.name, &d.title, &d.description, &d.author, &d.level, &d.status}) out.str(*s);
  save_strings(out, d.tags);
  save_strings(out, d.false_positives);
  save_strings(out, d.carry);
  save_source(out, d.source);
  save_expr(out, d.expr);
  out.boolean(d.window.has_value());
  if (d.window) save_window(out, *d.window, origin);
  out.boolean(d.base_only);
  save_strings(out, d.meaning.claims);
  out.str(d.meaning.klass);
  out.str(d.meaning.family);
  out.str(d.meaning.stage);
  out.str(d.advisory);
  if (origin) out.str(d.origin);
}

// Every count is bounded by the bytes that are left, so that a wrong length costs nothing.
bool load_count(Reader& in, std::size_t most, std::size_t& count) {
  const std::uint64_t n = in.var();
  count = static_cast<std::size_t>(n);
  return in.good() && n <= most && n <= in.rest().size();
}

bool load_strings(Reader& in, std::vector<std::string>& out) {
  std::size_t n = 0;
  if (!load_count(in, kStrings, n)) return false;
  for (std::size_t i = 0; i < n; ++i) out.emplace_back(in.str());
  return in.good();
}

void load_source(Reader& in, LogSource& s) {
  s.product = in.str();
  s.category = in.str();
  s.service = in.str();
  s.source_class = in.str();
}

bool load_literal(Reader& in, Literal& literal) {
  literal.text = in.str();
  const std::uint8_t bits = in.u8();
  if (bits > 15) return false;
  literal.number = (bits & 8) != 0;
  literal.regex_flags = bits & 7;
  std::size_t n = 0;
  if (!load_count(in, kTextBytes, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t kind = in.u8();
    if (kind > 2) return false;
    literal.pieces.push_back({static_cast<Piece::Kind>(kind), std::string(in.str())});
  }
  return in.good();
}

bool load_expr(Reader& in, Expr& expr) {
  std::size_t n = 0;
  if (!load_count(in, kAtoms, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    Atom atom;
    atom.name = in.str();
    const std::uint8_t test = in.u8();
    const std::uint8_t bits = in.u8();
    if (test > static_cast<std::uint8_t>(Test::superset) || bits >> 5U > static_cast<unsigned>(As::bytes)) return false;
    atom.test = static_cast<Test>(test);
    atom.all = (bits & 1) != 0;
    atom.cased = (bits & 2) != 0;
    atom.negate = (bits & 4) != 0;
    atom.differs = (bits & 8) != 0;
    atom.as = static_cast<As>(bits >> 5U);
    if ((bits & 16) != 0) {
      const std::uint64_t index = in.var();
      if (index > static_cast<std::uint64_t>(INT64_MAX)) return false;
      atom.index = static_cast<std::int64_t>(index);
    }
    const std::uint8_t part = in.u8();
    if (part > static_cast<std::uint8_t>(TimePart::year)) return false;
    atom.part = static_cast<TimePart>(part);
    std::size_t literals = 0;
    if (!load_count(in, kLiterals, literals)) return false;
    for (std::size_t k = 0; k < literals; ++k) {
      Literal literal;
      if (!load_literal(in, literal)) return false;
      atom.literals.push_back(std::move(literal));
    }
    expr.atoms.push_back(std::move(atom));
  }
  if (!load_count(in, kNodes, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    Node node;
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(Node::Kind::never)) return false;
    node.kind = static_cast<Node::Kind>(kind);
    node.atom = static_cast<std::uint32_t>(in.var());
    std::size_t children = 0;
    if (!load_count(in, kNodes, children)) return false;
    for (std::size_t k = 0; k < children; ++k) node.children.push_back(static_cast<std::uint32_t>(in.var()));
    expr.nodes.push_back(std::move(node));
  }
  return in.good();
}

bool load_compare(Reader& in, Window::Compare& compare, double& threshold) {
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(Window::Compare::not_equal)) return false;
  compare = static_cast<Window::Compare>(kind);
  const auto number = parse_double(in.str());
  threshold = number.value_or(0);
  return number.has_value();
}

bool load_indices(Reader& in, std::vector<std::uint32_t>& out, std::size_t most = kBases) {
  std::size_t n = 0;
  if (!load_count(in, most, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t index = in.var();
    if (index >= most) return false;
    out.push_back(static_cast<std::uint32_t>(index));
  }
  return in.good();
}

bool load_window(Reader& in, Window& w) {
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(Window::Kind::pattern)) return false;
  w.kind = static_cast<Window::Kind>(kind);
  w.span_ns = in.i64();
  if (!load_compare(in, w.compare, w.threshold)) return false;
  std::size_t n = 0;
  if (!load_count(in, 8, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    Window::Bound bound;
    if (!load_compare(in, bound.compare, bound.threshold)) return false;
    w.also.push_back(bound);
  }
  if (!load_strings(in, w.keys) || !load_strings(in, w.value_fields)) return false;
  const auto percentile = parse_double(in.str());
  if (!percentile) return false;
  w.percentile = *percentile;
  if (!load_count(in, kPatternBases, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    Base base;
    base.alias = in.str();
    base.rule = in.str();
    load_source(in, base.source);
    if (!load_expr(in, base.expr) || !load_strings(in, base.group_by) || !load_strings(in, base.values)) return false;
    w.bases.push_back(std::move(base));
  }
  if (!load_count(in, kTerms, n)) return false;
  for (std::size_t i = 0; i < n; ++i) {
    Window::Term term;
    if (!load_indices(in, term.with) || !load_indices(in, term.without)) return false;
    w.terms.push_back(std::move(term));
  }
  if (w.kind == Window::Kind::pattern) {
    if (!load_count(in, kSteps, n)) return false;
    for (std::size_t i = 0; i < n; ++i) {
      Window::Step step;
      const std::uint8_t step_kind = in.u8();
      if (step_kind > static_cast<std::uint8_t>(Window::Step::Kind::sequence)) return false;
      step.kind = static_cast<Window::Step::Kind>(step_kind);
      step.base = static_cast<std::uint32_t>(in.var());
      if (!load_indices(in, step.parts, kSteps)) return false;
      step.repeats = in.i64();
      step.within_ns = in.i64();
      w.steps.push_back(std::move(step));
    }
  }
  if (!load_strings(in, w.kept)) return false;
  w.coverage_ns = in.i64();
  w.distinct = in.boolean();
  w.generate = in.boolean();
  return in.good();
}

bool load_body(Reader& in, Detector& d) {
  if (in.u8() != kVersion) return false;
  const std::uint8_t kind = in.u8();
  if (kind > static_cast<std::uint8_t>(DetectorKind::analytic)) return false;
  d.kind = static_cast<DetectorKind>(kind);
  for (std::string* s : {&d.id, &d.name, &d.title, &d.description, &d.author, &d.level, &d.status}) *s = in.str();
  if (!load_strings(in, d.tags) || !load_strings(in, d.false_positives) || !load_strings(in, d.carry)) return false;
  load_source(in, d.source);
  if (!load_expr(in, d.expr)) return false;
  if (in.boolean()) {
    d.window.emplace();
    if (!load_window(in, *d.window)) return false;
  }
  d.base_only = in.boolean();
  if (!load_strings(in, d.meaning.claims)) return false;
  d.meaning.klass = in.str();
  d.meaning.family = in.str();
  d.meaning.stage = in.str();
  d.advisory = in.str();
  d.origin = in.str();
  return in.good();
}

std::string_view name_of(Window::Kind kind) {
  switch (kind) {
    case Window::Kind::event_count:
      return "event_count";
    case Window::Kind::value_count:
      return "value_count";
    case Window::Kind::sequence:
      return "sequence";
    case Window::Kind::together:
      return "together";
    case Window::Kind::absence:
      return "absence";
    case Window::Kind::value_sum:
      return "value_sum";
    case Window::Kind::value_avg:
      return "value_avg";
    case Window::Kind::value_percentile:
      return "value_percentile";
    case Window::Kind::value_median:
      return "value_median";
    case Window::Kind::pattern:
      return "pattern";
  }
  return "?";
}

std::string_view symbol_of(Window::Compare compare) {
  switch (compare) {
    case Window::Compare::greater_equal:
      return ">=";
    case Window::Compare::greater:
      return ">";
    case Window::Compare::less:
      return "<";
    case Window::Compare::less_equal:
      return "<=";
    case Window::Compare::equal:
      return "=";
    case Window::Compare::not_equal:
      return "!=";
  }
  return "?";
}

std::string source_text(const LogSource& s) {
  std::string out;
  const auto part = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out += fmt::format(" {}={}", key, value);
  };
  part("product", s.product);
  part("category", s.category);
  part("service", s.service);
  part("class", s.source_class);
  return out.empty() ? " any" : out;
}

std::string literal_text(const Atom& atom, const Literal& literal) {
  if (!takes_pieces(atom.test)) {
    std::string out = literal.number ? literal.text : json_string(literal.text);
    if (atom.test == Test::regex) {
      if (literal.regex_flags & 1) out += "i";
      if (literal.regex_flags & 2) out += "m";
      if (literal.regex_flags & 4) out += "s";
    }
    return out;
  }
  std::string out;
  for (const Piece& piece : literal.pieces) {
    if (!out.empty()) out += ' ';
    switch (piece.kind) {
      case Piece::Kind::text:
        out += json_string(piece.text);
        break;
      case Piece::Kind::any_run:
        out += '*';
        break;
      case Piece::Kind::any_one:
        out += '?';
        break;
    }
  }
  return "{" + out + "}";
}

// "(#1 x3 then (#2 and #3) within 5 s)"
std::string steps_text(const Window& w, std::size_t at) {
  const Window::Step& step = w.steps[at];
  std::string out;
  if (step.kind == Window::Step::Kind::base) {
    out = w.bases[step.base].alias;
  } else {
    const std::string_view word = step.kind == Window::Step::Kind::all   ? " and "
                                  : step.kind == Window::Step::Kind::any ? " or "
                                                                         : " then ";
    for (const std::uint32_t part : step.parts) out += (out.empty() ? "" : std::string(word)) + steps_text(w, part);
    out = "(" + out + ")";
  }
  if (step.repeats > 1) out += fmt::format(" x{}", step.repeats);
  if (step.within_ns >= 0) out += fmt::format(" within {} ns", step.within_ns);
  return out;
}

void expr_text(std::string& out, const Expr& expr, std::uint32_t at, std::size_t indent, std::size_t& lines) {
  if (++lines > 20'000) return;  // shared nodes are printed where they are used
  const Node& node = expr.nodes[at];
  out.append(indent * 2, ' ');
  switch (node.kind) {
    case Node::Kind::atom:
      out += to_text(expr.atoms[node.atom]) + "\n";
      return;
    case Node::Kind::all:
      out += "all\n";
      break;
    case Node::Kind::any:
      out += "any\n";
      break;
    case Node::Kind::none:
      out += node.children.size() == 1 ? "not\n" : "none\n";
      break;
    case Node::Kind::always:
      out += "always\n";
      break;
    case Node::Kind::never:
      out += "never\n";
      break;
  }
  for (const std::uint32_t child : node.children) expr_text(out, expr, child, indent + 1, lines);
}

}  // namespace

std::string_view name_of(Test test) {
  switch (test) {
    case Test::equals:
      return "equals";
    case Test::contains:
      return "contains";
    case Test::starts_with:
      return "starts_with";
    case Test::ends_with:
      return "ends_with";
    case Test::wildcard:
      return "wildcard";
    case Test::regex:
      return "regex";
    case Test::cidr:
      return "cidr";
    case Test::less:
      return "less";
    case Test::less_equal:
      return "less_equal";
    case Test::greater:
      return "greater";
    case Test::greater_equal:
      return "greater_equal";
    case Test::exists:
      return "exists";
    case Test::is_null:
      return "is_null";
    case Test::equals_field:
      return "equals_field";
    case Test::starts_with_field:
      return "starts_with_field";
    case Test::ends_with_field:
      return "ends_with_field";
    case Test::contains_field:
      return "contains_field";
    case Test::keyword:
      return "keyword";
    case Test::structure:
      return "structure";
    case Test::superset:
      return "superset";
  }
  return "?";
}

std::string_view name_of(As as) {
  switch (as) {
    case As::plain:
      return "plain";
    case As::text:
      return "text";
    case As::time:
      return "time";
    case As::hex:
      return "hex";
    case As::base64:
      return "base64";
    case As::bytes:
      return "bytes";
  }
  return "?";
}

std::string_view name_of(TimePart part) {
  switch (part) {
    case TimePart::whole:
      return "whole";
    case TimePart::minute:
      return "minute";
    case TimePart::hour:
      return "hour";
    case TimePart::day:
      return "day";
    case TimePart::week:
      return "week";
    case TimePart::month:
      return "month";
    case TimePart::year:
      return "year";
  }
  return "?";
}

std::string to_text(const Atom& atom) {
  std::string out = atom.name.empty() ? std::string("(any value)") : atom.name;
  if (atom.index >= 0) out += fmt::format(" number {}", atom.index);
  if (atom.part != TimePart::whole) out += fmt::format(" {}", name_of(atom.part));
  if (atom.as != As::plain) out += fmt::format(" as {}", name_of(atom.as));
  if (atom.negate) out += " not";
  if (atom.differs) out += " differs from";
  out += fmt::format(" {}", name_of(atom.test));
  if (atom.cased) out += " cased";
  if (atom.test == Test::is_null) return out;
  if (atom.literals.size() > 1) out += atom.all ? " all of" : " any of";
  for (const Literal& literal : atom.literals) out += " " + literal_text(atom, literal);
  return out;
}

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

void save(Writer& out, const Detector& detector) {
  save_body(out, detector, true);
  out.str(detector.hash);
}

Result<Detector> load(Reader& in) {
  Detector d;
  if (!load_body(in, d)) return broken("not a serialised detector");
  d.hash = in.str();
  if (!in.good()) return broken("not a serialised detector");
  TRY_VOID(check(d));
  return d;
}

std::string key_of(const Atom& atom) {
  Writer out;
  save_atom(out, atom);
  return out.take();
}

std::string hash_of(const Detector& detector) {
  Writer out;
  save_body(out, detector, false);
  return sha256_hex(out.bytes());
}

std::string to_text(const Detector& d) {
  std::string out = fmt::format("{} {}{}\n", assay::name_of(d.kind), d.id, d.base_only ? " (base only)" : "");
  if (!d.window) out += fmt::format("source{}\n", source_text(d.source));
  if (!d.meaning.klass.empty())
    out += fmt::format("class {} family {} stage {}\n", d.meaning.klass, d.meaning.family, d.meaning.stage);
  if (!d.carry.empty()) out += fmt::format("carry {}\n", fmt::join(d.carry, " "));
  std::size_t lines = 0;
  if (!d.expr.empty()) expr_text(out, d.expr, static_cast<std::uint32_t>(d.expr.nodes.size() - 1), 0, lines);
  if (d.window) {
    const Window& w = *d.window;
    if (w.kind == Window::Kind::pattern) {
      out += fmt::format("window pattern {}", steps_text(w, w.steps.size() - 1));
    } else {
      out += fmt::format("window {} {}{} within {} s", name_of(w.kind), symbol_of(w.compare), w.threshold,
                         static_cast<double>(w.span_ns) / 1e9);
    }
    for (const Window::Bound& bound : w.also)
      out += fmt::format(" and {}{}", symbol_of(bound.compare), bound.threshold);
    if (w.kind == Window::Kind::value_percentile) out += fmt::format(" percentile {}", w.percentile);
    if (!w.value_fields.empty()) out += fmt::format(" of {}", fmt::join(w.value_fields, " "));
    if (w.coverage_ns > 0) out += fmt::format(" coverage {} s", static_cast<double>(w.coverage_ns) / 1e9);
    if (w.distinct && w.kind != Window::Kind::pattern) out += " distinct";
    if (w.generate) out += " generate";
    out += "\n";
    for (const Window::Term& term : w.terms) {
      out += "  met by";
      for (const std::uint32_t i : term.with) out += " " + w.bases[i].alias;
      if (!term.without.empty()) out += " without";
      for (const std::uint32_t i : term.without) out += " " + w.bases[i].alias;
      out += "\n";
    }
    for (const Base& base : w.bases) {
      out += fmt::format("  base {}{}{}", base.alias, base.rule.empty() ? "" : " rule ", base.rule);
      if (!base.group_by.empty()) out += fmt::format(" by {}", fmt::join(base.group_by, " "));
      if (base.values != w.value_fields) out += fmt::format(" values {}", fmt::join(base.values, " "));
      if (base.rule.empty()) out += fmt::format(" source{}", source_text(base.source));
      out += "\n";
      if (!base.expr.empty())
        expr_text(out, base.expr, static_cast<std::uint32_t>(base.expr.nodes.size() - 1), 2, lines);
    }
  }
  return out;
}

std::string to_text(const Filter& filter) {
  std::string out =
      fmt::format("filter {} of {}\nsource{}\n", filter.id, fmt::join(filter.rules, " "), source_text(filter.source));
  if (!filter.reason.empty()) out += fmt::format("reason {}\n", filter.reason);
  if (filter.expires.known()) out += fmt::format("until {}\n", format_utc(filter.expires));
  std::size_t lines = 0;
  if (!filter.expr.empty())
    expr_text(out, filter.expr, static_cast<std::uint32_t>(filter.expr.nodes.size() - 1), 0, lines);
  return out;
}

}  // namespace assay::ir
