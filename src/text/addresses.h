// IPv4 and IPv6 addresses in text (RFC 791, RFC 4291 2.2), without resolver and locale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Dotted decimal without leading zeros.
[[nodiscard]] bool is_ipv4(std::string_view text);
// Any form of RFC 4291 2.2, an IPv4 tail included; no zone, no brackets.
[[nodiscard]] bool is_ipv6(std::string_view text);
[[nodiscard]] inline bool is_address(std::string_view text) { return is_ipv4(text) || is_ipv6(text); }
// The one form of RFC 5952: lower case, no leading zeros, the longest run of zeros as "::"; ::ffff:a.b.c.d is a.b.c.d.
// "" when it is no address.
[[nodiscard]] std::string canonical_address(std::string_view text);
// Every address that stands alone in prose, in order: "[10.0.0.1]", "(192.0.2.1:25)", "[IPv6:2001:db8::1]".
[[nodiscard]] std::vector<std::string_view> find_addresses(std::string_view text);

}  // namespace assay
