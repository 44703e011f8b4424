// The reference evaluator: what an expression of the IR means over one record, written to be read. Slow and kept for
// ever; the engine's fast paths are compared with it, every match is confirmed by it, and explain prints its trace.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record.h"
#include "core/sighting.h"
#include "core/time.h"
#include "knowledge/profile.h"
#include "rules/ir/ir.h"
#include "rules/ir/regex.h"

namespace assay {

// One record's values by the names of the rules vocabulary.
class RecordValues {
 public:
  virtual ~RecordValues() = default;
  // Every value of the name, in record order; nothing when the record has no such field. A null is a value.
  virtual void each(std::string_view name, const std::function<void(const Value&)>& f) const = 0;
  // Every value of every field, for keywords.
  virtual void each_any(const std::function<void(const Value&)>& f) const = 0;
  // The record's own time; unknown by default.
  [[nodiscard]] virtual Time time() const { return {}; }
};

// The regular expressions of an engine, compiled once.
class RegexSet {
 public:
  // Errors: as Regex::compile. Adding the same expression again is free.
  Status add(const ir::Literal& literal);
  [[nodiscard]] const ir::Regex* find(const ir::Literal& literal) const;

 private:
  struct Before {
    using is_transparent = void;
    using Key = std::pair<std::string_view, std::uint8_t>;
    bool operator()(const Key& a, const Key& b) const { return a < b; }
  };
  std::map<std::pair<std::string, std::uint8_t>, ir::Regex, Before> list_;
};

// What evaluation needs besides the record.
struct EvalContext {
  const RegexSet* regexes = nullptr;
  ir::RegexScratch* scratch = nullptr;
  bool gave_up = false;  // a regular expression met its step limit; it counted as not met
  // What the predicates of one expression came to for the current record, so that confirming a rule and telling what
  // made it hold look at each once. Whoever changes the record or the expression calls remember() again.
  const ir::Expr* remembered = nullptr;
  std::vector<std::int8_t> outcomes{};  // by atom: 0 not looked at, 1 not met, 2 met
  void remember(const ir::Expr& expr) {
    remembered = &expr;
    outcomes.assign(expr.atoms.size(), 0);
  }
};

// One line of explain: a predicate or a connective, met or not, and for predicates the values that the record has.
struct TraceLine {
  std::size_t depth = 0;
  bool met = false;
  std::string text;
  std::vector<std::string> values;  // quoted; "absent" when the record has none; at most 8
};

[[nodiscard]] bool evaluate_atom(const ir::Atom& atom, const RecordValues& record, EvalContext& context);
[[nodiscard]] bool evaluate(const ir::Expr& expr, const RecordValues& record, EvalContext& context);
// Evaluates every part, without short cuts.
[[nodiscard]] bool evaluate_traced(const ir::Expr& expr, const RecordValues& record, EvalContext& context,
                                   std::vector<TraceLine>& trace);
// "PASS all", "  FAIL Image ends_with "\x.exe"   [Image: "C:\y.exe"]"
[[nodiscard]] std::string trace_text(const std::vector<TraceLine>& trace);

// The fields that made a met expression hold: for each predicate that holds and does not stand under a not, its name
// and the first value for which it holds. In the order of the expression, each name once.
[[nodiscard]] std::vector<NamedValue> held_values(const ir::Expr& expr, const RecordValues& record,
                                                  EvalContext& context);

// One literal against one value; `record` serves predicates that compare two fields.
[[nodiscard]] bool literal_holds(const ir::Atom& atom, const ir::Literal& literal, const Value& value,
                                 const RecordValues& record, EvalContext& context);
// Whole-value wildcard match; with `anywhere` the pattern may stand inside the value.
[[nodiscard]] bool wildcard_match(const std::vector<ir::Piece>& pieces, std::string_view text, bool cased,
                                  bool anywhere);
// The address or, with a prefix, the network that a value is.
[[nodiscard]] std::optional<Network> network_of(std::string_view text);
// A number by its decimal text; no value for anything else.
[[nodiscard]] std::optional<double> number_of(std::string_view text);
// Equal numbers, exact for integers of 64 bits.
[[nodiscard]] bool equal_numbers(std::string_view a, std::string_view b);

}  // namespace assay
