#include "match/rule_core.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/ascii.h"

namespace assay {
namespace {

using ir::Test;

bool on_one_value(const ir::Atom& atom) {
  if (atom.part != ir::TimePart::whole) return false;
  switch (atom.test) {
    case Test::exists:
    case Test::is_null:
    case Test::equals_field:
    case Test::starts_with_field:
    case Test::ends_with_field:
    case Test::contains_field:
      return false;
    default:
      return true;
  }
}

bool names_other_field(Test test) {
  return test == Test::equals_field || test == Test::starts_with_field || test == Test::ends_with_field ||
         test == Test::contains_field;
}

// The longest text that every value met by the predicate holds; empty when there is none.
std::string_view required_text(const ir::Atom& atom, const ir::Literal& literal) {
  switch (atom.test) {
    case Test::contains:
    case Test::starts_with:
    case Test::ends_with:
      return literal.text;
    case Test::wildcard:
    case Test::keyword: {
      std::string_view best;
      for (const ir::Piece& piece : literal.pieces) {
        if (piece.text.size() > best.size()) best = piece.text;
      }
      return best;
    }
    default:
      return {};
  }
}

bool inside(std::string_view text, std::string_view needle) {
  if (needle.empty()) return true;
  return text.size() >= needle.size() && memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

}  // namespace

RuleCore::RuleCore(const std::vector<const ir::Expr*>& expressions, const std::vector<std::uint32_t>& units,
                   const RegexSet& regexes) {
  std::set<std::string> names;
  for (const std::uint32_t unit : units) {
    const ir::Expr& expr = *expressions[unit];
    std::vector<std::uint32_t> at(expr.nodes.size());
    for (std::size_t i = 0; i < expr.nodes.size(); ++i) {
      const ir::Node& node = expr.nodes[i];
      switch (node.kind) {
        case ir::Node::Kind::atom:
          at[i] = add_atom(expr.atoms[node.atom], regexes);
          break;
        case ir::Node::Kind::always:
          at[i] = add_node(Node::Kind::always, 0, 0);
          break;
        case ir::Node::Kind::never:
          at[i] = add_node(Node::Kind::never, 0, 0);
          break;
        default: {
          const auto first = static_cast<std::uint32_t>(children_.size());
          for (const std::uint32_t child : node.children) children_.push_back(at[child]);
          const Node::Kind kind = node.kind == ir::Node::Kind::all   ? Node::Kind::all
                                  : node.kind == ir::Node::Kind::any ? Node::Kind::any
                                                                     : Node::Kind::none;
          at[i] = add_node(kind, first, static_cast<std::uint32_t>(node.children.size()));
        }
      }
    }
    for (const ir::Atom& atom : expr.atoms) {
      if (!atom.name.empty()) names.insert(atom.name);
      if (!names_other_field(atom.test)) continue;
      for (const ir::Literal& literal : atom.literals) names.insert(literal.text);
    }
    rules_.push_back({unit, at.back()});
  }
  names_.assign(names.begin(), names.end());
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    if (const auto set = witnesses(rules_[rule].root)) {
      for (const std::uint32_t p : *set) predicates_[p].rules.push_back(rule);
    } else {
      unwitnessed_.push_back(rule);
    }
  }
  for (Field& f : fields_) f.index.build();
}

std::uint32_t RuleCore::field(const std::string& name) {
  const auto [at, fresh] = field_index_.try_emplace(name, static_cast<std::uint32_t>(fields_.size()));
  if (fresh) {
    fields_.emplace_back();
    fields_.back().name = name;
  }
  return at->second;
}

std::uint32_t RuleCore::predicate(const ir::Atom& atom, const ir::Literal& literal, const RegexSet& regexes) {
  const std::uint32_t in = field(atom.name);
  Writer key;
  key.u64(in);
  key.u8(static_cast<std::uint8_t>(atom.test));
  key.u8(static_cast<std::uint8_t>((atom.cased ? 1 : 0) | (literal.number ? 2 : 0) | literal.regex_flags << 2));
  key.str(literal.text);
  for (const ir::Piece& piece : literal.pieces) {
    key.u8(static_cast<std::uint8_t>(piece.kind));
    key.str(piece.text);
  }
  const auto [at, fresh] = predicate_index_.try_emplace(key.take(), static_cast<std::uint32_t>(predicates_.size()));
  if (!fresh) return at->second;
  const std::uint32_t number = at->second;
  Predicate p;
  p.test = atom.test;
  p.cased = atom.cased;
  p.atom = &atom;
  p.literal = &literal;
  p.lowered = lower(literal.text);
  Field& f = fields_[in];
  switch (atom.test) {
    case Test::equals:
      f.equal[p.lowered].push_back(number);
      if (literal.number) f.numbers.push_back(number);
      break;
    case Test::contains:
    case Test::starts_with:
    case Test::ends_with:
    case Test::wildcard:
    case Test::keyword:
      f.index.add(lower(required_text(atom, literal)), number);
      break;
    case Test::regex:
      p.regex = regexes.find(literal);
      f.always.push_back(number);
      break;
    case Test::cidr:
      p.network = parse_network(literal.text);
      f.always.push_back(number);
      break;
    case Test::structure:
      p.structure = ir::find_structure(literal.text);
      f.always.push_back(number);
      break;
    default:
      p.number = number_of(literal.text).value_or(0);
      f.always.push_back(number);
      break;
  }
  predicates_.push_back(std::move(p));
  predicate_field_.push_back(in);
  return number;
}

std::uint32_t RuleCore::add_node(Node::Kind kind, std::uint32_t first, std::uint32_t count) {
  nodes_.push_back({kind, first, count});
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t RuleCore::add_atom(const ir::Atom& atom, const RegexSet& regexes) {
  if (!on_one_value(atom)) {
    specials_.push_back(&atom);
    return add_node(Node::Kind::special, static_cast<std::uint32_t>(specials_.size() - 1), 0);
  }
  std::vector<std::uint32_t> parts;
  for (const ir::Literal& literal : atom.literals) {
    parts.push_back(add_node(Node::Kind::predicate, predicate(atom, literal, regexes), 0));
  }
  std::uint32_t node = parts.front();
  if (parts.size() > 1) {
    const auto first = static_cast<std::uint32_t>(children_.size());
    children_.insert(children_.end(), parts.begin(), parts.end());
    node = add_node(atom.all ? Node::Kind::all : Node::Kind::any, first, static_cast<std::uint32_t>(parts.size()));
  }
  if (!atom.negate) return node;
  const auto first = static_cast<std::uint32_t>(children_.size());
  children_.push_back(node);
  return add_node(Node::Kind::none, first, 1);
}

double RuleCore::cost(const std::vector<std::uint32_t>& set) const {
  double sum = 0;
  for (const std::uint32_t p : set) {
    const Predicate& predicate = predicates_[p];
    // Long literals are met rarely; short ones, regular expressions and comparisons often.
    const std::size_t length = predicate.literal == nullptr
                                   ? 0
                                   : std::max(required_text(*predicate.atom, *predicate.literal).size(),
                                              predicate.test == Test::equals ? predicate.lowered.size() : 0);
    sum += length == 0 ? 4.0 : length >= 12 ? 0.25 : 3.0 / static_cast<double>(length);
  }
  return sum;
}

std::optional<std::vector<std::uint32_t>> RuleCore::witnesses(std::uint32_t at) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Node::Kind::predicate:
      return std::vector<std::uint32_t>{node.first};
    case Node::Kind::never:
      return std::vector<std::uint32_t>{};
    case Node::Kind::all: {
      std::optional<std::vector<std::uint32_t>> best;
      for (std::uint32_t i = 0; i < node.count; ++i) {
        auto one = witnesses(children_[node.first + i]);
        if (one && (!best || cost(*one) < cost(*best))) best = std::move(one);
      }
      return best;
    }
    case Node::Kind::any: {
      std::vector<std::uint32_t> all;
      for (std::uint32_t i = 0; i < node.count; ++i) {
        auto one = witnesses(children_[node.first + i]);
        if (!one) return std::nullopt;
        all.insert(all.end(), one->begin(), one->end());
      }
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
      return all;
    }
    default:
      return std::nullopt;
  }
}

bool RuleCore::holds(const Predicate& p, std::string_view text, std::string_view lowered, ir::RegexScratch& scratch,
                     bool& whole) const {
  const std::string_view value = p.cased ? text : lowered;
  const std::string_view wanted = p.cased ? std::string_view(p.literal->text) : std::string_view(p.lowered);
  switch (p.test) {
    case Test::equals:
      return value == wanted || (p.literal->number && equal_numbers(text, p.literal->text));
    case Test::contains:
      return inside(value, wanted);
    case Test::starts_with:
      return value.starts_with(wanted);
    case Test::ends_with:
      return value.ends_with(wanted);
    case Test::wildcard:
      return wildcard_match(p.literal->pieces, text, p.cased, false);
    case Test::keyword:
      if (p.literal->pieces.size() == 1 && !p.cased && p.literal->pieces.front().kind == ir::Piece::Kind::text) {
        return inside(lowered, lower(p.literal->pieces.front().text));
      }
      return wildcard_match(p.literal->pieces, text, p.cased, true);
    case Test::regex: {
      if (p.regex == nullptr) return false;
      const ir::Regex::Found found = p.regex->search(text, scratch);
      if (found == ir::Regex::Found::limit) whole = false;
      return found == ir::Regex::Found::yes;
    }
    case Test::cidr: {
      if (!p.network) return false;
      const auto address = parse_address(trim(text));
      return address && contains(*p.network, *address);
    }
    case Test::structure:
      return p.structure != nullptr && p.structure->holds(text);
    case Test::less:
    case Test::less_equal:
    case Test::greater:
    case Test::greater_equal: {
      const auto number = number_of(text);
      if (!number) return false;
      if (p.test == Test::less) return *number < p.number;
      if (p.test == Test::less_equal) return *number <= p.number;
      if (p.test == Test::greater) return *number > p.number;
      return *number >= p.number;
    }
    default:
      return false;
  }
}

void RuleCore::holding(std::uint32_t field, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                       bool& whole) const {
  if (!value.present() || value.kind == ValueKind::null) return;
  const Field& f = fields_[field];
  std::string& lowered = scratch.lowered;
  lowered.resize(value.text.size());
  std::transform(value.text.begin(), value.text.end(), lowered.begin(), [](char c) { return to_lower(c); });
  if (scratch.tried.size() < predicates_.size()) scratch.tried.resize(predicates_.size(), 0);
  if (++scratch.call == 0) {
    std::fill(scratch.tried.begin(), scratch.tried.end(), 0);
    scratch.call = 1;
  }
  // A literal's piece may stand many times in a text: each predicate is tried once.
  const auto try_one = [&](std::uint32_t p) {
    if (scratch.tried[p] == scratch.call) return;
    scratch.tried[p] = scratch.call;
    if (holds(predicates_[p], value.text, lowered, scratch.regex, whole)) out.push_back(p);
  };
  if (const auto equal = f.equal.find(lowered); equal != f.equal.end()) {
    for (const std::uint32_t p : equal->second) try_one(p);
  }
  if (!f.numbers.empty() && number_of(value.text)) {
    for (const std::uint32_t p : f.numbers) try_one(p);  // "04688" and "4688.0" are 4688 too
  }
  f.index.candidates(lowered, try_one);
  for (const std::uint32_t p : f.always) try_one(p);
  std::sort(out.begin(), out.end());
}

}  // namespace assay
