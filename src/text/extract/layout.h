// The order in which a person reads a page that is laid out by spaces: columns of prose one after the other, and the
// cells of a table whole although lines cut them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

struct LaidOut {
  std::string text;
  // [place in text, place in what was given], ascending by the first: from there on both go on side by side.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;

  [[nodiscard]] std::size_t origin(std::size_t at) const;
};

// Longer texts are lists, not pages, and stay as they are: what is known of their segments would take too much memory.
inline constexpr std::size_t kLaidOutBytes = std::size_t{8} << 20;
// `text` is shorter than 4 GiB. Tables come out as rows of cells between '|'. Linear.
[[nodiscard]] LaidOut lay_out(std::string_view text);

}  // namespace assay
