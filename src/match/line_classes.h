// Where characters of some classes are in a text: a bit for each of sixty-four, of which lines are made
// (line_filter.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

struct LineClasses {
  std::uint64_t words;  // letters, digits, '.', '-', '_'
  std::uint64_t dots;
  std::uint64_t solid;  // letters and digits
  std::uint64_t digits;
  std::uint64_t runs;  // what hashes and IPv6 addresses are written with: hexadecimal digits, ':' and '-'
  std::uint64_t colons;
  std::uint64_t ats;       // '@'
  std::uint64_t brackets;  // what may stand before a mark that is written so that nothing links to it
  std::uint64_t marks;     // and such a mark: may_be_bracketed()
  std::uint64_t odd;       // a backslash, or a byte beyond ASCII
};

// Of the first blocks of sixty-four bytes of `text`; what is behind its end belongs to no class. lanes() must be more
// than plain.
void classify(std::string_view text, std::span<LineClasses> out);
// The same character by character: the judge.
void classify_plain(std::string_view text, std::span<LineClasses> out);

}  // namespace assay
