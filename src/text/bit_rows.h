// Rows of bits, one for each character of a text: what the looks at many characters at a time leave (token_marks.h).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace assay {

// The first place from `at` on whose bit is clear; there must be one, so a row has a clear word behind its text.
template <class Row>
[[nodiscard]] std::size_t next_clear(const Row& row, std::size_t at) {
  std::size_t i = at / 64;
  std::uint64_t left = ~row[i] & ~std::uint64_t{0} << at % 64;
  while (left == 0) left = ~row[++i];
  return i * 64 + static_cast<std::size_t>(std::countr_zero(left));
}

// The sixty-four places from `at` on: bit 0 is `at`.
template <class Row>
[[nodiscard]] std::uint64_t bits_from(const Row& row, std::size_t at) {
  const std::size_t i = at / 64, shift = at % 64;
  return shift == 0 ? row[i] : row[i] >> shift | row[i + 1] << (64 - shift);
}

}  // namespace assay
