// A report's text as it is searched: marks that nobody sees are gone, defanged forms are undone, values that a line end
// cut are whole again; and for every byte the place in the text as it was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct Prepared {
  std::string text;
  std::vector<std::uint32_t> from;   // text[i] stood at from[i] of the original; one more entry for the end
  std::vector<std::uint8_t> undone;  // 1: text[i] stands for a defanged form

  [[nodiscard]] bool was_defanged(std::size_t begin, std::size_t end) const;
};

// `text` is UTF-8 and shorter than 4 GiB. Linear.
[[nodiscard]] Prepared prepare(std::string_view text);

}  // namespace assay
