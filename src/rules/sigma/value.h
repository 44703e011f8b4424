// One value of a Sigma detection item and the modifiers that change it (Sigma 2.1, appendix "modifiers").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/yaml.h"
#include "rules/ir/ir.h"

namespace assay::sigma {

// Sigma's escaping: '*' and '?' are wildcards; '\' before '*', '?' or '\' makes that character plain, before anything
// else (and at the end) it is itself. So 1 and 2 backslashes are one, 3 and 4 are two.
[[nodiscard]] std::vector<ir::Piece> parse_pattern(std::string_view text);
[[nodiscard]] bool has_wildcard(const std::vector<ir::Piece>& pieces);
// The text of a pattern without wildcards.
[[nodiscard]] std::string plain_text(const std::vector<ir::Piece>& pieces);

// A dash (- / en dash, em dash, horizontal bar) that starts a word becomes each of the five; all combinations. Errors:
// limit.
[[nodiscard]] Result<std::vector<std::vector<ir::Piece>>> windash(const std::vector<ir::Piece>& pieces);
[[nodiscard]] std::string base64_encode(std::string_view bytes);
// The part of the three Base64 encodings of any text that holds `bytes` at offset 0, 1 and 2 which depends on `bytes`
// alone.
[[nodiscard]] std::vector<std::string> base64_offsets(std::string_view bytes);
// UTF-8 to UTF-16 bytes; invalid input bytes become U+FFFD.
[[nodiscard]] std::string utf16_bytes(std::string_view text, bool big_endian);

using Placeholders = std::map<std::string, std::vector<std::string>>;

// One detection item "field|modifiers: value(s)" as predicates. `field` is empty for keywords. The result is one or
// more atoms, joined by all (`join_all`) or any, and negated when `negate`.
struct LoweredItem {
  std::vector<ir::Atom> atoms;
  bool join_all = false;
  bool negate = false;
  std::size_t regex_bytes = 0;  // of its regular expressions, compiled
};
inline constexpr std::size_t kRegexBytesOfRule = std::size_t{4} << 20;
// `written` is the key as it stands in the file, for the places of errors; null: the value's place serves.
[[nodiscard]] Result<LoweredItem> lower_item(std::string_view key, const Yaml& value, const Placeholders& placeholders,
                                             const Yaml* written = nullptr);

}  // namespace assay::sigma
