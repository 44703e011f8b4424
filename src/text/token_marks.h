// Where characters of a few classes stand in a text, one bit for each: what cut_tokens (text/tokens.h) asks a text for,
// looked at thirty-two bytes at a time.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "text/bit_rows.h"

namespace assay {

// PERF NOTE (docs/performance.md): cutting the referer of an access line took 360 ns byte by byte, three loops over it
// before the first token. The plain way, which says the same, is that of texts that this one leaves alone.
class TokenMarks {
 public:
  static constexpr std::size_t kBytes = 4096;

  // False: the text is longer, holds bytes beyond ASCII, or the processor has no such vectors; nothing else may be
  // asked then. The text must live as long as questions are asked.
  [[nodiscard]] bool read(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }
  // As the functions of these names in tokens.h and defang.h; true more often than these, never less.
  [[nodiscard]] bool may_hold_token() const;
  [[nodiscard]] bool may_be_defanged() const { return defanged_; }

  // The place of the first word character or colon from `at` on, of the first that is no word character, no hexadecimal
  // digit, that ends a URL; the text's size where there is none.
  [[nodiscard]] std::size_t next_start(std::size_t at) const { return next(starts_, at); }
  [[nodiscard]] std::size_t word_end(std::size_t at) const { return next_clear(words_, at); }
  [[nodiscard]] std::size_t hex_end(std::size_t at) const { return next_clear(hex_, at); }
  [[nodiscard]] std::size_t url_end(std::size_t at) const { return next(url_ends_, at); }
  [[nodiscard]] bool has_dot(std::size_t begin, std::size_t end) const {
    if (end - begin >= 64) return next(dots_, begin) < end;
    return (dots(begin) & ((std::uint64_t{1} << (end - begin)) - 1)) != 0;
  }
  // The sixty-four places from `at` on: bit 0 is `at`.
  [[nodiscard]] std::uint64_t dots(std::size_t at) const { return bits_from(dots_, at); }
  [[nodiscard]] std::uint64_t letters(std::size_t at) const { return bits_from(letters_, at); }

 private:
  static constexpr std::size_t kBlocks = kBytes / 64;
  using Bits = std::array<std::uint64_t, kBlocks + 1>;  // one more than a text fills: empty

  void fill(std::string_view text);

  [[nodiscard]] std::size_t next(const Bits& bits, std::size_t at) const {
    std::size_t i = at / 64;
    std::uint64_t left = bits[i] & ~std::uint64_t{0} << at % 64;
    while (left == 0) {
      if (++i >= blocks_) return text_.size();
      left = bits[i];
    }
    return i * 64 + static_cast<std::size_t>(std::countr_zero(left));
  }
  std::string_view text_;
  std::size_t blocks_ = 0;
  bool marked_ = false, defanged_ = false;
  Bits words_{}, starts_{}, dots_{}, hex_{}, letters_{}, url_ends_{};
};

}  // namespace assay
