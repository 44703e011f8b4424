// ASCII helpers without locale. Bytes above 0x7f pass through unchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

[[nodiscard]] constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
[[nodiscard]] constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
[[nodiscard]] constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
[[nodiscard]] constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
[[nodiscard]] constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
// 0..15, or -1 when c is no hexadecimal digit.
[[nodiscard]] constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[nodiscard]] std::string lower(std::string_view text);
// The same into `out`, which has room for text.size() bytes.
void lower_into(std::string_view text, char* out);
[[nodiscard]] std::string_view trim(std::string_view text);
// What stands behind the last of these separators; without one the whole path.
[[nodiscard]] std::string_view last_step(std::string_view path, std::string_view separators = "/\\");
[[nodiscard]] bool equals_icase(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_icase(std::string_view text, std::string_view prefix);
[[nodiscard]] bool ends_with_icase(std::string_view text, std::string_view suffix);
[[nodiscard]] bool contains_icase(std::string_view text, std::string_view needle);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string to_hex(std::string_view bytes);  // lower case
// Whole-string decimal integer; no sign but '-', no spaces.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
// "%41" -> "A"; a bad escape stays as it is. '+' is left alone.
[[nodiscard]] std::string percent_decode(std::string_view text);
// Standard alphabet, padding required, white space not allowed.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
// Length of the valid UTF-8 sequence at the start of text; 0 when it is not valid.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// Every invalid byte becomes U+FFFD.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace assay
