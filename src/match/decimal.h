// Decimal numbers of records, exact: sums and means that do not depend on the order of additions. Nine digits after the
// point are kept, further ones are cut off.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

__extension__ typedef __int128 Wide;

inline constexpr std::int64_t kDecimalScale = 1'000'000'000;
// 10^20: beyond it a value is no number. 10^7 of them still add up inside a Wide.
inline constexpr double kDecimalMost = 1e20;

// "12", "-0.5", "1.5e3", with blanks around. No value for anything else.
[[nodiscard]] std::optional<Wide> parse_decimal(std::string_view text);
// Clamped to the range of parse_decimal.
[[nodiscard]] Wide decimal_of(double value);

}  // namespace assay
