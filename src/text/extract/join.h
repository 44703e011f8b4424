// Values that a line end cut: hashes (also in groups), URLs, names, addresses.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "text/extract/prepare.h"

namespace assay {

// The gaps that go, so that each value is whole again: [end of a piece, begin of the next), ascending. Linear.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> cut_values(const Prepared& text);

}  // namespace assay
