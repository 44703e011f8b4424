// Values that a line end cut: hashes (also in groups), URLs, names, addresses.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "text/extract/prepare.h"

namespace assay {

// A piece [begin, end) that belongs to a value which ends at `to`, in the line above: a table whose cells are cut below
// each other, with other cells between.
struct MovedPiece {
  std::size_t to = 0, begin = 0, end = 0;
};

// The gaps that go, so that each value is whole again: [end of a piece, begin of the next), ascending. Linear.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> cut_values(const Prepared& text,
                                                                          std::vector<MovedPiece>& moved);

}  // namespace assay
