// Keywords ask for a text in any value of a record. Whether a JSON record can hold one at all is asked of its bytes as
// they stand, before any value is decoded: a few literals, without regard to case. Proposes only (over-approximates).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class KeywordFilter {
 public:
  // What of a literal stands in the bytes of a JSON string as it is: its best part without quotes, backslashes,
  // slashes, control characters and anything but ASCII. Empty: there is none that is long enough.
  [[nodiscard]] static std::string usable_part(std::string_view literal);

  void add(std::string_view part);
  void build();
  // Whether each part has a character that is none of these.
  [[nodiscard]] bool all_beyond(std::string_view characters) const;
  // False: none of the parts stands in the text, and, with `escapes`, nothing in it is written as \u. Always true where
  // the processor cannot do it quickly.
  [[nodiscard]] bool may_hold(std::string_view text, bool escapes) const;

 private:
  static constexpr std::size_t kPiece = 3;
  struct Part {
    std::string text;   // lower case
    std::size_t piece;  // where in it the bytes stand that are looked for
  };
  [[nodiscard]] bool look(std::string_view json, std::size_t at, unsigned buckets) const;
  [[nodiscard]] bool look_all(std::string_view json, std::size_t at, std::uint64_t places, std::uint64_t escapes,
                              const std::uint8_t* found) const;
  [[nodiscard]] bool scan_wide(std::string_view json, bool coded_text) const;
  [[nodiscard]] bool scan_widest(std::string_view json, bool coded_text) const;

  void place_pieces(std::size_t size);

  std::vector<Part> parts_;
  std::size_t piece_ = kPiece;  // bytes of a piece, 2 or 3
  std::array<std::vector<std::uint32_t>, 8> buckets_;
  // By byte of the piece and half of the byte: the buckets with such a byte. Each table twice, for both lanes.
  alignas(32) std::array<std::array<std::array<std::uint8_t, 32>, 2>, kPiece> halves_{};
};

}  // namespace assay
