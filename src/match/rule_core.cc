#include "match/rule_core.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <set>

#include "core/ascii.h"
#include "match/regex_literals.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace assay {
namespace {

using ir::Test;

constexpr std::size_t kEndingBackslashes = 6;  // look-ups that one value may cost; longer endings go to the index

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

// PERF NOTE: sixteen bytes at a time.
// `out` holds the text in lower case and LiteralIndex::kPadding bytes behind it. False: not all of it is ASCII.
bool lower_into(std::string_view text, std::string& out) {
  if (out.size() < text.size() + LiteralIndex::kPadding) out.resize(text.size() * 2 + LiteralIndex::kPadding);
  std::size_t i = 0;
  unsigned high = 0;
#if defined(__SSE2__)
  const __m128i before = _mm_set1_epi8('A' - 1), behind = _mm_set1_epi8('Z' + 1), bit = _mm_set1_epi8(0x20);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(x, before), _mm_cmplt_epi8(x, behind));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + i), _mm_or_si128(x, _mm_and_si128(upper, bit)));
    high |= static_cast<unsigned>(_mm_movemask_epi8(x));
  }
#endif
  for (; i < text.size(); ++i) {
    out[i] = to_lower(text[i]);
    high |= static_cast<unsigned char>(text[i]) & 0x80U;
  }
  std::memset(out.data() + text.size(), 0, LiteralIndex::kPadding);
  return high == 0;
}

// How often a predicate holds, roughly: a rule is looked at for the rarest thing that it needs. Only a guess, it
// changes no answer. A program's name is met more often than a long option of a command line.
double likelihood(const RuleCore::Predicate& p, std::string_view field) {
  const bool program = field.ends_with("Image") || field == "OriginalFileName";
  const auto by_length = [](std::size_t size) {
    constexpr double kBySize[] = {1, 0.7, 0.25, 0.08, 0.03, 0.012, 0.006, 0.003};
    return size < std::size(kBySize) ? kBySize[size] : size < 12 ? 0.001 : 0.0004;
  };
  switch (p.test) {
    case Test::equals:
      return program ? 0.01 : p.lowered.size() < 8 ? 0.05 : 0.01;
    case Test::ends_with:
      return program ? 0.01 : by_length(p.lowered.size());
    case Test::starts_with:
      return std::max(0.02, by_length(p.lowered.size()));
    case Test::contains:
    case Test::wildcard:
    case Test::keyword:
      return by_length(required_text(*p.atom, *p.literal).size());
    case Test::regex: {
      const auto literals = regex_literals(p.literal->text, LiteralIndex::kShortest);
      if (!literals) return 0.5;
      double sum = 0;
      for (const std::string& literal : *literals) sum += by_length(literal.size());
      return std::min(0.5, sum);
    }
    default:
      return 0.5;
  }
}

bool compare_holds(Test test, double number, const RuleCore::Predicate& p) {
  if (!p.is_number) return false;
  if (test == Test::less) return number < p.number;
  if (test == Test::less_equal) return number <= p.number;
  if (test == Test::greater) return number > p.number;
  return number >= p.number;
}

bool inside(std::string_view text, std::string_view needle) {
  if (needle.empty()) return true;
  return text.size() >= needle.size() && memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

}  // namespace

RuleCore::RuleCore(const std::vector<const ir::Expr*>& expressions, const std::vector<std::uint32_t>& units,
                   const RegexSet& regexes, const Options& options) {
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
  for (std::uint32_t p = 0; p < predicates_.size(); ++p) file(p, options);
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    const auto set = options.witnesses ? witnesses(rules_[rule].root) : std::nullopt;
    if (set) {
      for (const std::uint32_t p : *set) predicates_[p].rules.push_back(rule);
    } else {
      unwitnessed_.push_back(rule);
    }
  }
  for (Field& f : fields_) {
    f.index.build();
    f.equal.build();
    f.endings.build();
  }
  make_keyword_filter();
}

void RuleCore::make_keyword_filter() {
  KeywordFilter filter;
  bool any = false;
  for (std::uint32_t p = 0; p < predicates_.size(); ++p) {
    if (!fields_[predicate_field_[p]].name.empty() || predicates_[p].atom == nullptr) continue;
    std::string best;
    if (predicates_[p].test == Test::keyword) {
      for (const ir::Piece& piece : predicates_[p].literal->pieces) {
        if (piece.kind != ir::Piece::Kind::text) continue;
        std::string part = KeywordFilter::usable_part(piece.text);
        if (part.size() > best.size()) best = std::move(part);
      }
    }
    if (best.empty()) return;  // a predicate that may hold in any record
    filter.add(best);
    any = true;
  }
  if (!any) return;
  filter.build();
  keyword_filter_ = std::move(filter);
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
  if (atom.test == Test::regex) p.regex = regexes.find(literal);
  if (atom.test == Test::cidr) p.network = parse_network(literal.text);
  if (atom.test == Test::structure) p.structure = ir::find_structure(literal.text);
  if (const auto value = number_of(literal.text)) {
    p.number = *value;
    p.is_number = true;
  }
  p.likely = likelihood(p, atom.name);
  predicates_.push_back(std::move(p));
  predicate_field_.push_back(in);
  return number;
}

// Where holding() finds the predicate.
void RuleCore::file(std::uint32_t number, const Options& options) {
  const Predicate& p = predicates_[number];
  if (p.atom == nullptr) return;  // a group: held by its members
  Field& f = fields_[predicate_field_[number]];
  if (!options.literal_index) {
    f.always.push_back(number);
    return;
  }
  switch (p.test) {
    case Test::equals:
      f.equal.add(p.lowered, number);
      if (p.literal->number) f.numbers.push_back(number);
      return;
    case Test::contains:
    case Test::starts_with:
    case Test::ends_with:
    case Test::wildcard:
    case Test::keyword: {
      if (p.test == Test::ends_with && p.lowered.starts_with('\\')) {
        const auto count = static_cast<std::size_t>(std::count(p.lowered.begin(), p.lowered.end(), '\\'));
        if (count <= kEndingBackslashes) {
          f.endings.add(p.lowered, number);
          f.backslashes = std::max(f.backslashes, count);
          return;
        }
      }
      const std::string text = lower(required_text(*p.atom, *p.literal));
      if (text.size() < LiteralIndex::kShortest) break;
      f.index.add(text,
                  p.test == Test::starts_with ? LiteralIndex::Place::start
                  : p.test == Test::ends_with ? LiteralIndex::Place::end
                                              : LiteralIndex::Place::anywhere,
                  number);
      return;
    }
    case Test::regex: {
      const auto literals =
          options.regex_literals ? regex_literals(p.literal->text, LiteralIndex::kShortest) : std::nullopt;
      if (!literals) break;
      for (const std::string& literal : *literals) f.index.add(literal, LiteralIndex::Place::anywhere, number);
      f.regexes.push_back(number);
      return;
    }
    case Test::cidr:
      f.networks.push_back(number);
      return;
    case Test::less:
    case Test::less_equal:
    case Test::greater:
    case Test::greater_equal:
      f.compares.push_back(number);
      return;
    default:
      break;
  }
  f.always.push_back(number);
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
    parts.push_back(predicate(atom, literal, regexes));
  }
  std::uint32_t node = parts.front();
  if (parts.size() > 1 && atom.all) {
    const auto first = static_cast<std::uint32_t>(children_.size());
    for (const std::uint32_t p : parts) {
      predicates_[p].asked = true;
      children_.push_back(add_node(Node::Kind::predicate, p, 0));
    }
    node = add_node(Node::Kind::all, first, static_cast<std::uint32_t>(parts.size()));
  } else {
    const std::uint32_t p = parts.size() > 1 ? group(parts) : parts.front();
    predicates_[p].asked = true;
    node = add_node(Node::Kind::predicate, p, 0);
  }
  if (!atom.negate) return node;
  const auto first = static_cast<std::uint32_t>(children_.size());
  children_.push_back(node);
  return add_node(Node::Kind::none, first, 1);
}

std::uint32_t RuleCore::group(const std::vector<std::uint32_t>& members) {
  std::vector<std::uint32_t> sorted = members;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const auto [at, fresh] = group_index_.try_emplace(sorted, static_cast<std::uint32_t>(predicates_.size()));
  if (!fresh) return at->second;
  const std::uint32_t number = at->second;
  Predicate p;
  for (const std::uint32_t member : sorted) {
    predicates_[member].groups.push_back(number);
    p.likely += predicates_[member].likely;
  }
  predicates_.push_back(std::move(p));
  predicate_field_.push_back(predicate_field_[sorted.front()]);
  return number;
}

double RuleCore::cost(const std::vector<std::uint32_t>& set) const {
  double sum = 0;
  for (const std::uint32_t p : set) sum += predicates_[p].likely;
  return sum;
}

void RuleCore::TextMap::build() {
  if (pending_.empty()) return;
  slots_.assign(std::bit_ceil(pending_.size() * 2), Slot{});
  const std::size_t mask = slots_.size() - 1;
  for (const auto& [text, predicates] : pending_) {
    const std::uint64_t hash = hash64(text);
    std::size_t at = hash & mask;
    while (slots_[at].count != 0) at = (at + 1) & mask;
    slots_[at] = {hash, static_cast<std::uint32_t>(pool_.size()), static_cast<std::uint32_t>(text.size()),
                  static_cast<std::uint32_t>(numbers_.size()), static_cast<std::uint32_t>(predicates.size())};
    pool_ += text;
    numbers_.insert(numbers_.end(), predicates.begin(), predicates.end());
  }
  pending_.clear();
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
      return number && compare_holds(p.test, *number, p);
    }
    default:
      return false;
  }
}

// PERF NOTE (docs/performance.md): this runs for values not seen before. Most predicates are found by look-ups, whose
// number does not grow with the rules: the whole value, what follows its last backslashes, its pieces of four bytes.
void RuleCore::holding(std::uint32_t field, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                       bool& whole) const {
  if (!value.present() || value.kind == ValueKind::null) return;
  hold_plainly(fields_[field], value, scratch, out, whole);
  // Of what holds, nodes ask for some themselves, and for the groups of the others.
  const std::size_t plain = out.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < plain; ++i) {
    const std::uint32_t p = out[i];
    for (const std::uint32_t group : predicates_[p].groups) {
      if (scratch.tried[group] == scratch.call) continue;
      scratch.tried[group] = scratch.call;
      out.push_back(group);
    }
    if (predicates_[p].asked) out[kept++] = p;
  }
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.begin() + static_cast<std::ptrdiff_t>(plain));
}

void RuleCore::hold_plainly(const Field& f, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                            bool& whole) const {
  const std::string_view text = value.text;
  const bool ascii = lower_into(text, scratch.lowered);
  const std::string_view lowered(scratch.lowered.data(), text.size());
  if (scratch.tried.size() < predicates_.size()) scratch.tried.resize(predicates_.size(), 0);
  if (++scratch.call == 0) {
    std::fill(scratch.tried.begin(), scratch.tried.end(), 0);
    scratch.call = 1;
  }
  // A literal may stand many times in a text: each predicate is tried once.
  const auto try_one = [&](std::uint32_t p) {
    if (scratch.tried[p] == scratch.call) return;
    scratch.tried[p] = scratch.call;
    if (holds(predicates_[p], text, lowered, scratch.regex, whole)) out.push_back(p);
  };
  // The literal was met at its place: without regard to case that is all there is to the plain tests.
  const auto met = [&](std::uint32_t p) {
    const Predicate& predicate = predicates_[p];
    const bool done = !predicate.cased && (predicate.test == Test::contains || predicate.test == Test::starts_with ||
                                           predicate.test == Test::ends_with);
    if (!done) return try_one(p);
    if (scratch.tried[p] == scratch.call) return;
    scratch.tried[p] = scratch.call;
    out.push_back(p);
  };
  if (!f.equal.empty()) {
    for (const std::uint32_t p : f.equal.find(lowered)) try_one(p);
  }
  if (f.backslashes > 0) {
    std::size_t at = lowered.size();
    for (std::size_t n = 0; n < f.backslashes && at > 0; ++n) {
      at = lowered.rfind('\\', at - 1);
      if (at == std::string_view::npos) break;
      for (const std::uint32_t p : f.endings.find(lowered.substr(at))) met(p);
    }
  }
  if (!f.index.empty()) f.index.find(lowered, met);
  if (!ascii) {
    for (const std::uint32_t p : f.regexes) try_one(p);
  }
  if (!f.numbers.empty() || !f.compares.empty()) {
    if (const auto number = number_of(text)) {
      for (const std::uint32_t p : f.numbers) try_one(p);  // "04688" and "4688.0" are 4688 too
      for (const std::uint32_t p : f.compares) {
        if (compare_holds(predicates_[p].test, *number, predicates_[p])) out.push_back(p);
      }
    }
  }
  if (!f.networks.empty()) {
    if (const auto address = parse_address(trim(text))) {
      for (const std::uint32_t p : f.networks) {
        if (predicates_[p].network && contains(*predicates_[p].network, *address)) out.push_back(p);
      }
    }
  }
  for (const std::uint32_t p : f.always) try_one(p);
}

}  // namespace assay
