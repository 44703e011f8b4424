// Regular expressions of rules: PCRE, searched (not anchored), with a step limit, so that no expression can hang a run.
// Text is UTF-8; invalid bytes are never matched and never an error. \w, \d, \s and case folding without |i's Unicode
// part are ASCII.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace assay::ir {

// What one worker needs to run expressions; not shared between threads.
class RegexScratch {
 public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(const RegexScratch&) = delete;
  RegexScratch& operator=(const RegexScratch&) = delete;
  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

class Regex {
 public:
  enum class Found : std::uint8_t { no, yes, limit };  // limit: gave up after limits::kRegexSteps
  // flags: 1 i, 2 m, 4 s. Errors: bad_input with the place in the pattern; limit when too long or too large.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern, std::uint8_t flags);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();
  // What it was compiled to, in bytes.
  [[nodiscard]] std::size_t size() const;
  // Translates to machine code where the processor allows; the answers stay the same.
  void speed_up();
  [[nodiscard]] Found search(std::string_view text, RegexScratch& scratch) const;
  // Every match replaced; "\\1" stands for a group. No value when the step limit was met or the result is too long.
  [[nodiscard]] std::optional<std::string> replace(std::string_view text, std::string_view replacement,
                                                   RegexScratch& scratch) const;

 private:
  struct Code;
  explicit Regex(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

}  // namespace assay::ir
