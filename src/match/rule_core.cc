#include "match/rule_core.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>

#include "core/ascii.h"
#include "match/common_text.h"
#include "match/regex_literals.h"

namespace assay {
namespace {

using ir::Test;

constexpr std::size_t kEndingBackslashes = 6;  // look-ups that one value may cost; longer endings go to the index

bool on_one_value(const ir::Atom& atom) {
  if (atom.part != ir::TimePart::whole || atom.differs || atom.index >= 0) return false;
  if (atom.as != ir::As::plain &&
      !(atom.as == ir::As::text && (atom.test == Test::wildcard || atom.test == Test::regex)))
    return false;
  switch (atom.test) {
    case Test::superset:
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

// How often a predicate holds, roughly: a rule is looked at for the rarest thing that it needs. Only a guess, it
// changes no answer. A program's name is met more often than a long option of a command line.
double likelihood(const RuleCore::Predicate& p, std::string_view field) {
  constexpr double kCommon = 0.3;
  const bool program = field.ends_with("Image") || field == "OriginalFileName";
  const auto by_length = [](std::size_t size) {
    constexpr double kBySize[] = {1, 0.7, 0.25, 0.08, 0.03, 0.012, 0.006, 0.003};
    return size < std::size(kBySize) ? kBySize[size] : size < 12 ? 0.001 : 0.0004;
  };
  const std::string text = lower(p.test == Test::equals ? p.literal->text : required_text(*p.atom, *p.literal));
  if (!text.empty() && kCommonText.find(text) != std::string_view::npos) return kCommon;
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
      return by_length(text.size());
    case Test::regex: {
      const auto literals = regex_literals(p.literal->text, LiteralIndex::kShortest);
      if (!literals) return 0.5;
      double sum = 0;
      for (const std::string& literal : *literals) {
        sum += kCommonText.find(literal) != std::string_view::npos ? kCommon : by_length(literal.size());
      }
      return std::min(0.5, sum);
    }
    default:
      return 0.5;
  }
}

std::size_t backslashes(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\'));
}
// "\x\y.exe": found by what follows a value's last backslashes.
bool is_ending(const RuleCore::Predicate& p) {
  return p.lowered.starts_with('\\') && backslashes(p.lowered) <= kEndingBackslashes;
}

// PERF NOTE: wildcard_match() goes byte by byte; in a text that is all ASCII a pattern's parts are looked for one after
// another.
void split_wildcard(const std::vector<ir::Piece>& pieces, RuleCore::Predicate& p) {
  bool in_part = false;
  for (const ir::Piece& piece : pieces) {
    if (piece.kind == ir::Piece::Kind::any_run) {
      in_part = false;
      continue;
    }
    if (!in_part) p.parts.emplace_back();
    in_part = true;
    RuleCore::Predicate::Part& part = p.parts.back();
    if (piece.kind == ir::Piece::Kind::any_one) {
      part.any.push_back(part.text.size());
      part.text += '?';
      continue;
    }
    if (piece.text.size() > part.anchor_size) {
      part.anchor = part.text.size();
      part.anchor_size = piece.text.size();
    }
    part.text += lower(piece.text);
  }
  if (pieces.empty()) return;
  p.open_start = pieces.front().kind == ir::Piece::Kind::any_run;
  p.open_end = pieces.back().kind == ir::Piece::Kind::any_run;
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
  std::vector<std::vector<std::uint32_t>> rules(predicates_.size());
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    const auto set = options.witnesses ? witnesses(rules_[rule].root) : std::nullopt;
    if (set) {
      for (const std::uint32_t p : *set) rules[p].push_back(rule);
    } else {
      unwitnessed_.push_back(rule);
    }
  }
  // What a rule that is looked at for every record asks of a value is kept with the value, not asked for each time.
  std::vector<bool> asked(predicates_.size());
  for (const std::uint32_t rule : unwitnessed_) mark_predicates(rules_[rule].root, asked);
  make_briefs(rules, asked, options);
  for (std::uint32_t p = 0; p < predicates_.size(); ++p) {
    if (!briefs_[p].on_demand) file(p, options);
  }
  for (Field& f : fields_) {
    f.index.build();
    f.equal.build();
    f.endings.build();
  }
  sort_children();
  make_keyword_filter();
}

void RuleCore::mark_predicates(std::uint32_t node, std::vector<bool>& asked) const {
  const Node& at = nodes_[node];
  if (at.kind == Node::Kind::predicate) asked[at.first] = true;
  if (at.kind != Node::Kind::all && at.kind != Node::Kind::any && at.kind != Node::Kind::none) return;
  for (std::uint32_t i = 0; i < at.count; ++i) mark_predicates(children_[at.first + i], asked);
}

// A rule that is looked at mostly does not hold: what tells so cheaply comes first. Changes no outcome.
void RuleCore::sort_children() {
  std::vector<unsigned> dear(nodes_.size());  // children come before their parents
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const Node& node = nodes_[n];
    switch (node.kind) {
      case Node::Kind::predicate:
        dear[n] = !briefs_[node.first].on_demand ? 1 : predicates_[node.first].test == Test::regex ? 4 : 3;
        break;
      case Node::Kind::special:
        dear[n] = 2;
        break;
      case Node::Kind::always:
      case Node::Kind::never:
        break;
      default: {
        const auto first = children_.begin() + node.first, last = first + node.count;
        std::stable_sort(first, last, [&](std::uint32_t a, std::uint32_t b) { return dear[a] < dear[b]; });
        for (auto child = first; child != last; ++child) dear[n] = std::max(dear[n], dear[*child]);
      }
    }
  }
}

// PERF NOTE (docs/performance.md): of the literals in the rules for process creation most stand beside a rarer one.
// They are left out of the index and looked at only when that one was met.
void RuleCore::make_briefs(const std::vector<std::vector<std::uint32_t>>& rules, const std::vector<bool>& asked,
                           const Options& options) {
  groups_.resize(predicates_.size());
  std::vector<bool> wanted(predicates_.size());  // in every value
  // Found by one look-up for all of their field.
  const auto by_hash = [&](std::uint32_t p) {
    const Test test = predicates_[p].test;
    return test == Test::equals || test == Test::cidr || (test == Test::ends_with && is_ending(predicates_[p]));
  };
  const auto in_any_value = [&](std::uint32_t p) { return fields_[predicate_field_[p]].name.empty(); };
  for (std::uint32_t p = 0; p < predicates_.size(); ++p) {
    if (predicates_[p].atom != nullptr) continue;
    const std::vector<std::uint32_t>& members = groups_[p];
    wanted[p] = !options.on_demand || !rules[p].empty() || asked[p] || in_any_value(p) ||
                std::all_of(members.begin(), members.end(), by_hash);
    for (const std::uint32_t member : members) wanted[member] = wanted[member] || wanted[p];
  }
  for (std::uint32_t p = 0; p < predicates_.size(); ++p) {
    const Predicate& predicate = predicates_[p];
    if (predicate.atom != nullptr) {
      wanted[p] = wanted[p] || !options.on_demand || !rules[p].empty() || asked[p] || by_hash(p) || in_any_value(p);
    }
    const bool group = predicate.atom == nullptr;
    Brief brief;
    brief.first = static_cast<std::uint32_t>(numbers_.size());
    if (!group) {
      for (const std::uint32_t g : groups_[p]) {
        if (wanted[g]) numbers_.push_back(g);
      }
    }
    brief.groups = static_cast<std::uint32_t>(numbers_.size()) - brief.first;
    brief.rules = static_cast<std::uint32_t>(rules[p].size());
    numbers_.insert(numbers_.end(), rules[p].begin(), rules[p].end());
    if (group) {
      brief.members = static_cast<std::uint32_t>(groups_[p].size());
      numbers_.insert(numbers_.end(), groups_[p].begin(), groups_[p].end());
    }
    brief.on_demand = !wanted[p];
    brief.asked = predicate.asked;
    brief.by_place = !predicate.cased && (predicate.test == Test::contains || predicate.test == Test::starts_with ||
                                          predicate.test == Test::ends_with);
    briefs_.push_back(brief);
  }
  groups_ = {};
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
  key.u8(static_cast<std::uint8_t>(atom.as));
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
  if (atom.test == Test::wildcard && !atom.cased) split_wildcard(literal.pieces, p);
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
      if (p.test == Test::ends_with && is_ending(p)) {
        f.endings.add(p.lowered, number);
        f.backslashes = std::max(f.backslashes, backslashes(p.lowered));
        return;
      }
      const std::string text = lower(required_text(*p.atom, *p.literal));
      if (text.size() < LiteralIndex::kShortest) break;
      f.index.add(text,
                  p.test == Test::starts_with ? LiteralIndex::Place::start
                  : p.test == Test::ends_with ? LiteralIndex::Place::end
                                              : LiteralIndex::Place::anywhere,
                  number);
      if (p.atom->as == ir::As::text) f.regexes.push_back(number);
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
    if (groups_.size() <= number) groups_.resize(number + 1);
    groups_[member].push_back(number);
    p.likely += predicates_[member].likely;
  }
  groups_[number] = std::move(sorted);
  predicate_field_.push_back(predicate_field_[groups_[number].front()]);
  predicates_.push_back(std::move(p));
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
    const std::size_t size = std::min(text.size(), kSizes - 1);
    sizes_[size / 64] |= std::uint64_t{1} << size % 64;
    const std::uint32_t tail = tail_of(text);
    tails_[tail / 64] |= std::uint64_t{1} << tail % 64;
    if (text.size() < 2) tails_.fill(~std::uint64_t{0});  // says nothing of how a longer value ends
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

}  // namespace assay
