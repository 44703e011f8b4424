// The one checked form of every detector: typed predicates over names, a boolean tree, and windowed patterns with the
// fields they carry. Sigma, STIX patterns, indicators and our own checks lower to it; the reference evaluator, the
// compiled engine, explain and (later) SQL push-down read it. Plain data, serialisable, hashed. YARA is the one opaque
// predicate, over a blob.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/serial.h"
#include "core/sighting.h"
#include "core/time.h"

namespace assay::ir {

enum class Test : std::uint8_t {
  equals,  // whole value; text compared as text, and a number literal also as a number
  contains,
  starts_with,
  ends_with,
  wildcard,  // whole value; '*' and '?' of the literal's pattern, literal parts already unescaped (see Literal)
  regex,     // PCRE subset, searched (not anchored); flags in Literal::regex_flags
  cidr,      // the value is an address (or a network) inside the literal's network
  less,
  less_equal,
  greater,
  greater_equal,  // numbers; another order by Atom::as
  exists,         // presence: a null or empty value counts; literal "true" / "false"
  is_null,        // present and null, or absent
  equals_field,   // the literal is a name; equal to any of its values (Sigma fieldref)
  starts_with_field,
  ends_with_field,
  contains_field,
  keyword,    // name empty: any value of any field (Sigma keywords), contains semantics with wildcards
  structure,  // a named structural predicate of ours, literal = its name (rules/ir/structures.h)
  superset,   // the value is a network that holds the literal's network or address
};

// One piece of a wildcard pattern: literal text, or '*' (any run), or '?' (one character).
struct Piece {
  enum class Kind : std::uint8_t { text, any_run, any_one } kind = Kind::text;
  std::string text;
  friend bool operator==(const Piece&, const Piece&) = default;
};

struct Literal {
  std::string text;              // as written, unescaped
  std::vector<Piece> pieces;     // wildcard and keyword
  bool number = false;           // written as a plain number
  std::uint8_t regex_flags = 0;  // 1 i, 2 m, 4 s
  friend bool operator==(const Literal&, const Literal&) = default;
};

// A part of a date and time as it is written in the value, without any change of zone. Week is ISO 8601's.
enum class TimePart : std::uint8_t { whole, minute, hour, day, week, month, year };

// What a value is read as before the test looks at it (STIX). A value that cannot be read so meets nothing.
enum class As : std::uint8_t {
  plain,   // as it stands; order is of numbers
  text,    // order is of code points; wildcards and expressions see NFC; exists: a null is not there
  time,    // an instant: equality and order
  hex,     // the bytes that hexadecimal digits stand for; literals are bytes
  base64,  // the bytes that Base64 stands for; literals are bytes
  bytes,   // a byte for each character up to U+00FF; literals are bytes
};

// The name of the record's own time, for predicates read as time.
inline constexpr std::string_view kEventTime = "@event_time";

// One predicate: some (or all) of the literals hold for some value of the named field.
struct Atom {
  std::string name;  // name of the rules vocabulary; "" for keyword
  Test test = Test::equals;
  bool all = false;    // every literal must hold (each for some value); else any
  bool cased = false;  // compare with case; default is without
  bool negate =
      false;  // Sigma neq: the field has no value for which it holds (and, as Sigma has it, see docs/sigma.md)
  bool differs = false;  // some value that is no null meets none of the literals (STIX != and NOT)
  As as = As::plain;
  std::int64_t index = -1;          // only the value of that number counts, from 0; -1: each
  TimePart part = TimePart::whole;  // other than whole: the test looks at that part's number, not at the value
  std::vector<Literal> literals;
  friend bool operator==(const Atom&, const Atom&) = default;
};

// Boolean tree, children before parents; the last node is the root.
struct Node {
  enum class Kind : std::uint8_t { atom, all, any, none, always, never } kind = Kind::never;
  std::uint32_t atom = 0;               // Kind::atom: index into Expr::atoms
  std::vector<std::uint32_t> children;  // none: true when no child is true (not)
  friend bool operator==(const Node&, const Node&) = default;
};

struct Expr {
  std::vector<Atom> atoms;
  std::vector<Node> nodes;
  [[nodiscard]] bool empty() const { return nodes.empty(); }
  friend bool operator==(const Expr&, const Expr&) = default;
};

// Sigma's logsource. Empty parts do not restrict. source_class restricts to Route::source_class (our own checks).
struct LogSource {
  std::string product, category, service, source_class;
  friend bool operator==(const LogSource&, const LogSource&) = default;
};

// A pattern over records: what an expression over one record is to a window. Base patterns are met by records; the
// window is decided at finish over their sorted base matches, on event time.
struct Base {
  std::string alias;  // name inside the window
  std::string rule;   // id or name of a rule of the set whose matches are meant, also of a window; or empty and:
  LogSource source;
  Expr expr;
  std::vector<std::string> group_by;  // this base's names for the window's key, in the window's order
  std::vector<std::string> values;    // this base's names for the window's value fields, in their order
  friend bool operator==(const Base&, const Base&) = default;
};

struct Window {
  enum class Kind : std::uint8_t {
    event_count,  // at least/most n matches of the bases with equal key within span
    value_count,  // n distinct values (or tuples) of value_fields
    sequence,     // bases in order (each strictly later or equal in time), equal key, within span   (temporal_ordered)
    together,     // each base at least once, any order, within span                               (temporal)
    absence,      // base 0 met and no match of base 1.. with equal key within span before or after
    value_sum,    // of the numbers in value_fields[0]
    value_avg,
    value_percentile,  // nearest rank; `percentile` says which
    value_median,      // the middle one, or the mean of the two in the middle
    pattern,           // as the last of `steps` says (STIX)
  } kind = Kind::event_count;
  std::int64_t span_ns = 0;
  enum class Compare : std::uint8_t {
    greater_equal,
    greater,
    less,
    less_equal,
    equal,
    not_equal
  } compare = Compare::greater_equal;
  double threshold = 1;
  struct Bound {
    Compare compare = Compare::greater_equal;
    double threshold = 1;
    friend bool operator==(const Bound&, const Bound&) = default;
  };
  std::vector<Bound> also;                // further bounds that must hold too (a range); only for counts and values
  std::vector<std::string> keys;          // what the window calls its key's fields: names or aliases
  std::vector<std::string> value_fields;  // value_*: what the window calls them
  double percentile = 50;                 // value_percentile: over 0 to 100
  std::vector<Base> bases;
  // together and sequence with a condition: met when one of the terms is. Indices of bases, ascending. Empty: all (or
  // `threshold` of them) as the kind says.
  struct Term {
    std::vector<std::uint32_t> with, without;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::vector<Term> terms;
  // pattern: what must be met, parts before wholes. Each record is bound once. After the kind come the repeats (that
  // many bindings that share no record), then the span: the last record is at most so many ns after the first.
  struct Step {
    enum class Kind : std::uint8_t {
      base,      // a record of that base
      all,       // of each part a binding; they share no record
      any,       // of one part
      sequence,  // as all; each part begins at or after the end of the one before it
    } kind = Kind::base;
    std::uint32_t base = 0;
    std::vector<std::uint32_t> parts;  // indices of steps before this one
    std::int64_t repeats = 1;
    std::int64_t within_ns = -1;  // -1: any
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::vector<Step> steps;
  // absence: what the silent base's source must cover for the silence to count: its source class needs records of the
  // same key's host within this many ns, else the pattern is "cannot say", not met. 0: not asked.
  std::int64_t coverage_ns = 0;
  bool distinct = false;  // together: each base is met by a different record (sequence: always)
  bool generate = false;  // the matches of the rules it refers to stay sightings of their own
  // Names whose values its base matches must carry because a window that it feeds asks for them. Set when rules are
  // resolved (rules/resolve.h); not part of what the detector says, and so not of its hash.
  std::vector<std::string> kept;
  friend bool operator==(const Window&, const Window&) = default;
};

// What a detector's match speaks for. Evidence classes follow the threat facts: unique artefact, campaign-typical,
// generic.
struct Meaning {
  std::vector<std::string> claims;  // ids of the advisory's claims it would show
  std::string klass;                // "unique" | "typical" | "generic" | "contact" | "context"
  std::string family;               // dependence group: lines of one family on one host are one item
  std::string stage;                // "lure" | "attempt" | "exploit" | "follow_on" | "malware" | "c2" | "credential" |
                                    // "lateral" | "collection" | "staging" | "exfiltration" | "impact" | "scan" | ""
  friend bool operator==(const Meaning&, const Meaning&) = default;
};

struct Detector {
  DetectorKind kind = DetectorKind::sigma;
  std::string id;    // the rule's own id
  std::string name;  // Sigma `name`, for correlations; else empty
  std::string title, description, author, level, status;
  std::vector<std::string> tags;  // "attack.t1190", "cve.2019-19781"
  std::vector<std::string> false_positives;
  std::vector<std::string> carry;  // names whose values travel with a match
  LogSource source;
  Expr expr;                     // record detectors
  std::optional<Window> window;  // windowed detectors (expr empty)
  bool base_only = false;        // exists to feed windows; its matches are no sightings
  Meaning meaning;
  std::string advisory;  // id of the advisory it came with; "" for user rules
  std::string origin;    // file:line it was read from
  std::string hash;      // sha256 over the canonical serialisation without origin
  friend bool operator==(const Detector&, const Detector&) = default;
};

// A Sigma filter: matches of the rules it names that also meet `expr` are suppressed (counted, not findings).
struct Filter {
  std::string id, title, reason, author, origin;
  Time expires;                    // the first instant at which it no longer applies; unknown: never
  std::vector<std::string> rules;  // ids or names; "any" is every rule of its logsource
  LogSource source;
  Expr expr;  // what is suppressed
  friend bool operator==(const Filter&, const Filter&) = default;
};

[[nodiscard]] std::string_view name_of(Test test);
[[nodiscard]] std::string_view name_of(TimePart part);
[[nodiscard]] std::string_view name_of(As as);
// The number of that part; no value when the text is no date and time (or date), or no number of seconds since 1970.
[[nodiscard]] std::optional<std::int64_t> time_part(std::string_view text, TimePart part);
// "CommandLine contains any of "a" "b""
[[nodiscard]] std::string to_text(const Atom& atom);

// Well-formedness (indices in range, children before parents, literal kinds fit the test, bounded depth and counts).
[[nodiscard]] Status check(const Detector& detector);
[[nodiscard]] Status check(const Filter& filter);
void save(Writer& out, const Detector& detector);
// Equal for equal atoms alone.
[[nodiscard]] std::string key_of(const Atom& atom);
[[nodiscard]] Result<Detector> load(Reader& in);
[[nodiscard]] std::string hash_of(const Detector& detector);
// One line a node, for goldens and explain.
[[nodiscard]] std::string to_text(const Detector& detector);
[[nodiscard]] std::string to_text(const Filter& filter);

}  // namespace assay::ir
