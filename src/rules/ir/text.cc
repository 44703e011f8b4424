// to_text(): detectors, filters and predicates as people read them, one line a node.
#include <fmt/format.h>

#include <iterator>

#include "core/json.h"
#include "rules/ir/bounds.h"
#include "rules/ir/ir.h"
#include "rules/ir/words.h"

namespace assay::ir {
namespace {

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

// From the root down.
void expr_text(std::string& out, const Expr& expr, std::size_t indent, std::size_t& lines) {
  if (!expr.empty()) expr_text(out, expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), indent, lines);
}

// The window's first line: what must be met.
void window_text(std::string& out, const Window& w) {
  if (w.kind == Window::Kind::pattern) {
    out += fmt::format("window pattern {}", steps_text(w, w.steps.size() - 1));
  } else {
    out += fmt::format("window {} {}{} within {} s", name_of(w.kind), symbol_of(w.compare), w.threshold,
                       static_cast<double>(w.span_ns) / 1e9);
  }
  for (const Window::Bound& bound : w.also) out += fmt::format(" and {}{}", symbol_of(bound.compare), bound.threshold);
  if (w.kind == Window::Kind::value_percentile) out += fmt::format(" percentile {}", w.percentile);
  if (!w.value_fields.empty()) out += fmt::format(" of {}", fmt::join(w.value_fields, " "));
  if (w.coverage_ns > 0) out += fmt::format(" coverage {} s", static_cast<double>(w.coverage_ns) / 1e9);
  if (w.distinct && w.kind != Window::Kind::pattern) out += " distinct";
  if (w.generate) out += " generate";
  out += "\n";
}

void term_text(std::string& out, const Window& w, const Window::Term& term) {
  out += "  met by";
  for (const std::uint32_t i : term.with) out += " " + w.bases[i].alias;
  if (!term.without.empty()) out += " without";
  for (const std::uint32_t i : term.without) out += " " + w.bases[i].alias;
  out += "\n";
}

void base_text(std::string& out, const Window& w, const Base& base, std::size_t& lines) {
  out += fmt::format("  base {}{}{}", base.alias, base.rule.empty() ? "" : " rule ", base.rule);
  if (!base.group_by.empty()) out += fmt::format(" by {}", fmt::join(base.group_by, " "));
  if (base.values != w.value_fields) out += fmt::format(" values {}", fmt::join(base.values, " "));
  if (base.rule.empty()) out += fmt::format(" source{}", source_text(base.source));
  out += "\n";
  expr_text(out, base.expr, 2, lines);
}

}  // namespace

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

std::string to_text(const Detector& d) {
  std::string out = fmt::format("{} {}{}\n", assay::name_of(d.kind), d.id, d.base_only ? " (base only)" : "");
  if (!d.window) out += fmt::format("source{}\n", source_text(d.source));
  if (!d.meaning.klass.empty())
    out += fmt::format("class {} family {} stage {}\n", d.meaning.klass, d.meaning.family, d.meaning.stage);
  if (!d.carry.empty()) out += fmt::format("carry {}\n", fmt::join(d.carry, " "));
  std::size_t lines = 0;
  expr_text(out, d.expr, 0, lines);
  if (d.window) {
    window_text(out, *d.window);
    for (const Window::Term& term : d.window->terms) term_text(out, *d.window, term);
    for (const Base& base : d.window->bases) base_text(out, *d.window, base, lines);
  }
  return out;
}

std::string to_text(const Filter& filter) {
  std::string out =
      fmt::format("filter {} of {}\nsource{}\n", filter.id, fmt::join(filter.rules, " "), source_text(filter.source));
  if (!filter.reason.empty()) out += fmt::format("reason {}\n", filter.reason);
  if (filter.expires.known()) out += fmt::format("until {}\n", format_utc(filter.expires));
  std::size_t lines = 0;
  expr_text(out, filter.expr, 0, lines);
  return out;
}

}  // namespace assay::ir
