// save() and load(): the stored form of a detector, which is also what its hash and a predicate's key are made of.
#include <fmt/format.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "rules/ir/bounds.h"
#include "rules/ir/ir.h"

namespace assay::ir {
namespace {

constexpr std::uint8_t kVersion = 2;

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

}  // namespace

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

}  // namespace assay::ir
