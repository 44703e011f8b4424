#include "match/decimal.h"

#include <algorithm>
#include <cmath>

#include "core/ascii.h"
#include "match/reference.h"

namespace assay {

Wide decimal_of(double value) {
  const long double clamped = std::clamp(static_cast<long double>(value), static_cast<long double>(-kDecimalMost),
                                         static_cast<long double>(kDecimalMost));
  return static_cast<Wide>(std::round(clamped * static_cast<long double>(kDecimalScale)));
}

std::optional<Wide> parse_decimal(std::string_view text) {
  text = trim(text);
  const auto number = number_of(text);
  if (!number || !std::isfinite(*number) || std::fabs(*number) > kDecimalMost) return std::nullopt;
  const bool negative = text.starts_with('-');
  std::string_view rest = text;
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  // Plain digits are taken as they are; an exponent goes through binary floating point.
  if (rest.find_first_not_of("0123456789.") != std::string_view::npos) return decimal_of(*number);
  Wide out = 0;
  std::size_t after = 0;
  bool point = false;
  for (const char c : rest) {
    if (c == '.') {
      point = true;
    } else if (!point || after < 9) {
      out = out * 10 + (c - '0');
      after += point ? 1U : 0U;
    }
  }
  for (; after < 9; ++after) out *= 10;
  return negative ? -out : out;
}

}  // namespace assay
