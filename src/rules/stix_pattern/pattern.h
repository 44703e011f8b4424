// STIX 2.1 patterning (part 9 of the standard) as a tree: comparisons inside observations, observations joined and
// qualified. docs/rules/stix_pattern.md says which readings are taken where the standard is contested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace assay::stix {

struct Literal {
  enum class Kind : std::uint8_t { text, number, boolean, timestamp, bytes } kind = Kind::text;
  std::string text;  // unescaped; bytes are decoded from h'' or b'', a timestamp is as written
  friend bool operator==(const Literal&, const Literal&) = default;
};

// "file:hashes.'SHA-256'", "email-message:to_refs[*].value"
struct ObjectPath {
  struct Step {
    enum class Kind : std::uint8_t { key, index, any_index } kind = Kind::key;
    std::string key;
    std::int64_t index = 0;
    friend bool operator==(const Step&, const Step&) = default;
  };
  std::string type;
  std::vector<Step> steps;  // the first is a key
  friend bool operator==(const ObjectPath&, const ObjectPath&) = default;
};

struct Comparison {
  enum class Op : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    like,
    matches,
    is_subset,
    is_superset,
    exists
  } op = Op::equal;
  bool negated = false;
  ObjectPath path;
  std::vector<Literal> values;  // none for EXISTS and an empty set, several for IN
  friend bool operator==(const Comparison&, const Comparison&) = default;
};

// A leaf, or children joined.
struct ComparisonTree {
  enum class Kind : std::uint8_t { leaf, all, any } kind = Kind::leaf;
  Comparison leaf;
  std::vector<ComparisonTree> children;
  friend bool operator==(const ComparisonTree&, const ComparisonTree&) = default;
};

// Applied to what stands before it, one after the other.
struct Qualifier {
  enum class Kind : std::uint8_t { within, repeats, start_stop } kind = Kind::within;
  std::string seconds;      // within: the number as written, positive
  std::int64_t times = 0;   // repeats; what does not fit is the largest number
  std::string start, stop;  // start_stop: as written
  Time from, until;         // and as instants
  friend bool operator==(const Qualifier&, const Qualifier&) = default;
};

struct Observation {
  enum class Kind : std::uint8_t { one, all, any, followed_by } kind = Kind::one;
  ComparisonTree test;  // Kind::one
  std::vector<Observation> children;
  std::vector<Qualifier> qualifiers;
  friend bool operator==(const Observation&, const Observation&) = default;
};

struct ParseReport {
  std::size_t column = 0;             // of the error, in characters from 1
  std::vector<std::string> forgiven;  // lenient: what is not in the standard but was understood
};

// Strict: what the standard has. Lenient: also what is often met in feeds and is not ambiguous (keywords in small
// letters, a single backslash, STIX 2.0's START '...', unquoted hyphens in a path, AND over objects of several types).
// Errors: bad_input with where = "character n" and a remedy; limit for deep or huge patterns.
[[nodiscard]] Result<Observation> parse_pattern(std::string_view text, bool lenient = false,
                                                ParseReport* report = nullptr);

// The pattern again, in one way of writing: parsed, it is equal.
[[nodiscard]] std::string to_text(const Observation& pattern);
[[nodiscard]] std::string to_text(const ObjectPath& path);

}  // namespace assay::stix
