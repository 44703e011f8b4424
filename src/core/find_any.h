// The first of a few bytes in a text. The library's find_first_of calls memchr for every byte of the text.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

// npos: none of them is there.
template <char... Wanted>
[[nodiscard]] constexpr std::size_t find_any(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (((c == Wanted) || ...)) return i;
  }
  return std::string_view::npos;
}

}  // namespace assay
