// Undoes the ways in which people write indicators so that nothing links to them: hxxp://, evil[.]com, evil(dot)com,
// a[@]b, [:]. Text that needs this quotes an indicator; it never is traffic.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct Refanged {
  std::string text;
  // Where a defanged form was replaced: begin and end in `text`, ascending. Empty: the text is as it was.
  std::vector<std::pair<std::size_t, std::size_t>> changed;
  // A token [begin, end) of `text` that was written defanged.
  [[nodiscard]] bool touches(std::size_t begin, std::size_t end) const;
};

// hxxp h**p -> http; [.] (.) {.} [dot] (dot) {dot} and a `\.` between letters -> .; [:] -> :; [://] -> ://; [/] -> /;
// [@] (@) [at] (at) -> @. Spaces around the bracketed dot go with it. Case does not matter.
[[nodiscard]] Refanged refang(std::string_view text);
// Whether a bracket in front of this character may hide a mark: "[.", "(dot", "[ .".
[[nodiscard]] bool may_be_bracketed(char next);
// False: refang would change nothing. A quick look at the bytes, true more often than it must be.
[[nodiscard]] bool may_be_defanged(std::string_view text);

}  // namespace assay
