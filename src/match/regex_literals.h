// What a text must hold for a regular expression to be found in it: a few literals of which at least one stands in
// every text that the expression matches. Read off the expression; what is not understood gives nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Lower case, ASCII, each of at least `shortest` bytes; to be looked for without regard to case. Holds for texts of
// ASCII only: without regard to case, 'k' and 's' are also met by characters beyond it. None: no such set is known.
[[nodiscard]] std::optional<std::vector<std::string>> regex_literals(std::string_view pattern, std::size_t shortest);

}  // namespace assay
