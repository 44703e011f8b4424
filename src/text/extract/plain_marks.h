// Marks of Unicode that stand for plain ones in reports. For the files of this folder alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

// Zero-width marks, soft hyphens, marks of direction: by code point.
[[nodiscard]] bool unseen_mark(std::uint32_t code);
// The plain text that a code point is written for; empty: it stays as it is.
[[nodiscard]] std::string_view plain_mark(std::uint32_t code);

}  // namespace assay
