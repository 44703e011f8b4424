// Domain names: syntax, and the registrable part by the public suffix list that libpsl carries (publicsuffix.org).
// Names written in punycode stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Two labels or more of letters, digits, '-' and '_' (1 to 63 bytes, no '-' at an end), 253 bytes at most, the last
// label not a number. A final dot is allowed.
[[nodiscard]] bool is_domain(std::string_view text);
// "www.a.co.uk" -> "a.co.uk", in lower case; "" for a public suffix itself, an address, or no domain. An unknown
// top-level name counts as a public suffix.
[[nodiscard]] std::string registrable_domain(std::string_view domain);
// "www.a.co.uk" -> "a": the label that somebody chose; "" when there is none.
[[nodiscard]] std::string registrable_label(std::string_view domain);

}  // namespace assay
