// A small YAML tree (YAML 1.1 as libyaml reads it) with the place of every node, for rules, schemas and profiles.
// Aliases are expanded and counted; depth and node count are bounded (limits.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace assay {

class Yaml {
 public:
  enum class Type : std::uint8_t { missing, scalar, sequence, mapping };
  struct Member;  // key and value: first and second

  Type type = Type::missing;
  bool quoted = false;  // a scalar in quotes or a block: always a string
  std::string text;     // scalar
  std::vector<Yaml> items;
  std::vector<Member> members;
  int line = 0;    // from 1
  int column = 0;  // from 1

  [[nodiscard]] bool is_scalar() const { return type == Type::scalar; }
  [[nodiscard]] bool is_sequence() const { return type == Type::sequence; }
  [[nodiscard]] bool is_mapping() const { return type == Type::mapping; }
  [[nodiscard]] bool exists() const { return type != Type::missing; }
  // Plain "", "~", "null", "Null", "NULL".
  [[nodiscard]] bool is_null() const;
  // Plain scalars by the core rules (true/false, decimal and 0x integers); quoted ones never.
  [[nodiscard]] bool is_bool() const;
  [[nodiscard]] bool as_bool(bool fallback = false) const;
  [[nodiscard]] bool is_integer() const;
  [[nodiscard]] std::int64_t as_int(std::int64_t fallback = 0) const;
  [[nodiscard]] double as_double(double fallback = 0) const;
  // The value of the first member of that name; a missing node when there is none.
  [[nodiscard]] const Yaml& operator[](std::string_view key) const;
  // A scalar as one string, a sequence of scalars as all of them; empty when missing.
  [[nodiscard]] std::vector<std::string> strings() const;
};

struct Yaml::Member {
  Yaml first, second;
};

// Every document of the stream. Errors carry where = "line:column".
[[nodiscard]] Result<std::vector<Yaml>> parse_yaml(std::string_view text);

}  // namespace assay
