// Hashes that are written in groups of figures. For the files of this folder alone.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

// Of MD5, SHA-1, SHA-256, SHA-512.
[[nodiscard]] inline bool standard_digits(std::size_t n) { return n == 32 || n == 40 || n == 64 || n == 128; }

// "c26f5a64d1cf5ed8 cb5226934912bac8 ...": a hash in groups of one size, also over line ends. Adds where each is
// [begin, end) to `grouped`, and the gaps in it that go to `gaps`.
void hash_groups(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>>& grouped,
                 std::vector<std::pair<std::size_t, std::size_t>>& gaps);

}  // namespace assay
