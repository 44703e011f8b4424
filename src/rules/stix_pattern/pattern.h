// STIX 2.1 patterning (part 9 of the standard) as a tree: comparisons inside observations, observations joined and
// qualified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace assay::stix {

struct Literal {
  enum class Kind : std::uint8_t { text, number, boolean, timestamp, bytes } kind = Kind::text;
  std::string text;  // unescaped; bytes are decoded from h'' or b''
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
  std::string path;  // "file:hashes.'SHA-256'": parts that are no plain identifiers are quoted, others are not
  std::vector<Literal> values;
};

// A leaf, or children joined.
struct ComparisonTree {
  enum class Kind : std::uint8_t { leaf, all, any } kind = Kind::leaf;
  Comparison leaf;
  std::vector<ComparisonTree> children;
};

struct Observation {
  enum class Kind : std::uint8_t { one, all, any, followed_by } kind = Kind::one;
  ComparisonTree test;  // Kind::one
  std::vector<Observation> children;
  std::optional<double> within_seconds;
  std::optional<std::int64_t> repeats;
  std::optional<std::string> start, stop;
  [[nodiscard]] bool qualified() const { return within_seconds || repeats || start; }
};

// Errors: bad_input with where = "character n"; limit for deep or huge patterns.
[[nodiscard]] Result<Observation> parse_pattern(std::string_view text);

}  // namespace assay::stix
