// The bounds of one detector: a rule beyond them is refused when it is loaded (check.cc), and stored bytes that say
// more are no detector (serial.cc). Both refuse with broken() or with ErrorCode::limit.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "core/result.h"
#include "rules/ir/ir.h"

namespace assay::ir {

inline constexpr std::size_t kAtoms = 4096;                      // predicates of one expression
inline constexpr std::size_t kNodes = 65'536;                    // of one expression
inline constexpr std::size_t kLiterals = 65'536;                 // of one expression, and of one predicate
inline constexpr std::size_t kTextBytes = std::size_t{1} << 20;  // literals and pieces of one predicate
inline constexpr std::size_t kStrings = 4096;                    // of one list
inline constexpr std::size_t kBases = 64;                        // of a window
inline constexpr std::size_t kPatternBases = 512;                // of a window of the kind pattern
inline constexpr std::size_t kTerms = 64;
inline constexpr std::size_t kValueFields = 8;
inline constexpr std::size_t kSteps = 4096;

[[nodiscard]] inline Error broken(std::string what) { return Error{ErrorCode::bad_input, std::move(what)}; }

// Literals of these tests are pieces; of the others, text.
[[nodiscard]] inline bool takes_pieces(Test test) { return test == Test::wildcard || test == Test::keyword; }

}  // namespace assay::ir
