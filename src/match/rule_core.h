// The rules of one set of logsources, compiled: predicates shared across rules, a literal index for each field, boolean
// trees over predicate numbers, and for each rule the predicates of which at least one must hold before the rule can
// (its witnesses). Immutable and shared by every (shape, route) whose rules are the same; bindings to a shape's fields
// stand outside.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/hash.h"
#include "core/record.h"
#include "knowledge/profile.h"
#include "match/keyword_filter.h"
#include "match/literal_index.h"
#include "match/reference.h"
#include "rules/ir/ir.h"
#include "rules/ir/structures.h"

namespace assay {

class RuleCore {
 public:
  struct Options {
    bool literal_index = true;   // false: every predicate of a field is tried on every value
    bool regex_literals = true;  // false: every regular expression
    bool witnesses = true;       // false: no rule has any
    bool on_demand = true;       // false: every predicate of a field is looked for in every value
  };
  // Texts to predicates: an open table; the library's was 3 % of a run over events that repeat little.
  class TextMap {
   public:
    void add(const std::string& text, std::uint32_t predicate) { pending_[text].push_back(predicate); }
    void build();
    [[nodiscard]] bool empty() const { return slots_.empty(); }
    // Whether any text may end as this one does.
    [[nodiscard]] bool may_end(std::string_view text) const {
      const std::uint32_t tail = tail_of(text);
      return (tails_[tail / 64] >> tail % 64 & 1U) != 0;
    }
    // PERF NOTE: most values have a size or an end that no text has.
    [[nodiscard]] std::span<const std::uint32_t> find(std::string_view text) const {
      const std::size_t size = std::min(text.size(), kSizes - 1);
      if ((sizes_[size / 64] >> size % 64 & 1U) == 0 || !may_end(text)) return {};
      const std::uint64_t hash = hash64(text);
      const std::size_t mask = slots_.size() - 1;
      for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.count == 0) return {};
        if (slot.hash == hash && slot.size == text.size() &&
            std::string_view(pool_).substr(slot.begin, slot.size) == text)
          return {numbers_.data() + slot.first, slot.count};
      }
    }

   private:
    struct Slot {
      std::uint64_t hash = 0;
      std::uint32_t begin = 0, size = 0, first = 0, count = 0;
    };
    // A number for the last two bytes, or for all that are shorter.
    static std::uint32_t tail_of(std::string_view text) {
      if (text.size() < 2) return 0;
      const auto at = [&](std::size_t from_end) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[text.size() - from_end]));
      };
      return (at(1) << 8 | at(2)) * 0x9e3779b1U >> (32 - kTailBits);
    }
    static constexpr unsigned kTailBits = 11;
    std::array<std::uint64_t, (1U << kTailBits) / 64> tails_{};
    static constexpr std::size_t kSizes = 256;  // the last one is for all that are longer
    std::array<std::uint64_t, kSizes / 64> sizes_{};
    std::map<std::string, std::vector<std::uint32_t>> pending_;
    std::vector<Slot> slots_;
    std::string pool_;
    std::vector<std::uint32_t> numbers_;
  };

  // A predicate over one value of one field, or a group: any of several predicates of one field.
  struct Predicate {
    ir::Test test = ir::Test::equals;
    bool cased = false;
    const ir::Atom* atom = nullptr;  // where it comes from: the plain meaning of it
    const ir::Literal* literal = nullptr;
    std::string lowered;
    // A wildcard's texts between its '*', lowered, where a '?' is any character; `anchor` is the longest run without
    // one.
    struct Part {
      std::string text;
      std::vector<std::size_t> any;  // where a '?' stands
      std::size_t anchor = 0, anchor_size = 0;
    };
    std::vector<Part> parts;                    // empty: no wildcard, or one that is not cut up
    bool open_start = false, open_end = false;  // it begins, ends with '*'
    const ir::Regex* regex = nullptr;
    const ir::Structure* structure = nullptr;
    std::optional<Network> network;
    bool is_number = false;
    double number = 0;
    bool asked = false;  // a node asks for it
    double likely = 0;   // a guess of how often it holds for a value of its field
  };
  // How the predicates of one field are found. Each stands in one of these.
  struct Field {
    std::string name;                    // "" is any value of the record
    LiteralIndex index;                  // literals inside the value, at its start or at its end
    TextMap equal;                       // whole values
    TextMap endings;                     // ends_with "\x\y.exe": what follows the nth backslash from the end, by n
    std::size_t backslashes = 0;         // the most that an ending has
    std::vector<std::uint32_t> numbers;  // equals with a number
    std::vector<std::uint32_t> compares, networks;
    std::vector<std::uint32_t> regexes;  // behind literals, also NFC wildcards; tried on every value that is not ASCII
    std::vector<std::uint32_t> always;   // tried on every value
  };
  struct Node {
    enum class Kind : std::uint8_t { predicate, special, all, any, none, always, never } kind = Kind::never;
    std::uint32_t first = 0;  // predicate or special number, or first entry of children_
    std::uint32_t count = 0;
  };
  struct Rule {
    std::uint32_t unit = 0;  // as the engine numbers it
    std::uint32_t root = 0;
  };

  // The expressions must outlive the core. `units` ascending.
  RuleCore(const std::vector<const ir::Expr*>& expressions, const std::vector<std::uint32_t>& units,
           const RegexSet& regexes, const Options& options);

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const std::vector<Predicate>& predicates() const { return predicates_; }
  [[nodiscard]] const std::vector<const ir::Atom*>& specials() const { return specials_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<std::uint32_t>& children() const { return children_; }
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  // Rules without witnesses: looked at for every record.
  [[nodiscard]] const std::vector<std::uint32_t>& unwitnessed() const { return unwitnessed_; }
  // The rules of which the predicate is a witness.
  [[nodiscard]] std::span<const std::uint32_t> rules_of(std::uint32_t predicate) const {
    const Brief& brief = briefs_[predicate];
    return {numbers_.data() + brief.first + brief.groups, brief.rules};
  }
  // Every name that the rules read, sorted; without "".
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  // Looked at when a rule asks, not for every value: no rule waits for it, and finding it is not free.
  [[nodiscard]] bool on_demand(std::uint32_t predicate) const { return briefs_[predicate].on_demand; }
  [[nodiscard]] std::uint32_t field_of(std::uint32_t predicate) const { return predicate_field_[predicate]; }

  // What a record must hold for any of the predicates over any value; null: not known.
  [[nodiscard]] const KeywordFilter* keyword_filter() const { return keyword_filter_ ? &*keyword_filter_ : nullptr; }

  // One worker's scratch for holding().
  struct Lowered {
    std::string text;  // the value in lower case, with LiteralIndex::kPadding bytes behind it
    bool ascii = false;
  };
  struct Scratch {
    Lowered lowered;
    std::vector<std::uint32_t> tried;  // by predicate: the call that tried it last
    std::uint32_t call = 0;
    ir::RegexScratch regex;
  };
  // The predicates of a field that hold for a value and that nodes ask for, in no order. `whole` becomes false when a
  // regular expression gave up.
  void holding(std::uint32_t field, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
               bool& whole) const;
  static void lower_value(std::string_view text, Lowered& out);
  // Whether a predicate that is looked at on demand (or any of a group) holds for a value that is no null.
  [[nodiscard]] bool holds_for(std::uint32_t predicate, std::string_view text, const Lowered& lowered,
                               ir::RegexScratch& scratch, bool& whole) const;

 private:
  [[nodiscard]] std::uint32_t field(const std::string& name);
  [[nodiscard]] std::uint32_t predicate(const ir::Atom& atom, const ir::Literal& literal, const RegexSet& regexes);
  [[nodiscard]] std::uint32_t group(const std::vector<std::uint32_t>& members);
  [[nodiscard]] std::uint32_t add_node(Node::Kind kind, std::uint32_t first, std::uint32_t count);
  [[nodiscard]] std::uint32_t add_atom(const ir::Atom& atom, const RegexSet& regexes);
  // The cheapest set of predicates of which one must hold; none when there is no such set.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> witnesses(std::uint32_t node) const;
  [[nodiscard]] double cost(const std::vector<std::uint32_t>& set) const;
  void file(std::uint32_t number, const Options& options);
  void sort_children();
  void make_keyword_filter();
  void hold_plainly(const Field& f, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                    bool& whole) const;
  [[nodiscard]] bool holds(const Predicate& p, std::string_view text, std::string_view lowered, bool ascii,
                           ir::RegexScratch& scratch, bool& whole) const;

  // What is asked of a predicate that holds for a value. PERF NOTE: apart from the rest, for a value of a command line
  // meets dozens of them, each at another place in memory.
  struct Brief {
    std::uint32_t first = 0;  // in numbers_: groups (predicates of its field that hold when it does), then rules
    std::uint32_t groups = 0, rules = 0, members = 0;  // and then the members of a group
    bool on_demand = false;
    bool asked = false;
    bool by_place = false;  // a literal that stands at its place is all there is to it
  };
  void make_briefs(const std::vector<std::vector<std::uint32_t>>& rules, const std::vector<bool>& asked,
                   const Options& options);
  void mark_predicates(std::uint32_t node, std::vector<bool>& asked) const;

  std::vector<Field> fields_;
  std::vector<Predicate> predicates_;
  std::vector<Brief> briefs_;                       // by predicate
  std::vector<std::uint32_t> numbers_;              // of briefs_
  std::vector<std::vector<std::uint32_t>> groups_;  // by predicate, while the core is made; members by group
  std::vector<std::uint32_t> predicate_field_;
  std::vector<const ir::Atom*> specials_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> children_;
  std::vector<Rule> rules_;
  std::vector<std::uint32_t> unwitnessed_;
  std::vector<std::string> names_;
  std::optional<KeywordFilter> keyword_filter_;
  std::map<std::string, std::uint32_t> field_index_, predicate_index_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> group_index_;
};

}  // namespace assay
