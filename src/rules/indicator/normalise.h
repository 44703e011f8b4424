// The one written form of an observable, for indicators and for the values they are compared with. docs/indicators.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"

namespace assay {

// Those with `kept` give a view of it: nothing is allocated once it has room.

// Lower case, without the dot at the end, "*." at the start or a port; empty when it is no host name.
[[nodiscard]] std::string normalise_domain(std::string_view text);
[[nodiscard]] std::string_view normalise_domain(std::string_view text, std::string& kept);
// Lower case, without scheme, user, default port (80, 443) and fragment; "host/" when there is no path. Schemes are
// left out because logs often do not tell them. Empty when there is no host.
[[nodiscard]] std::string normalise_url(std::string_view text);
[[nodiscard]] std::string_view normalise_url(std::string_view text, std::string& kept);
// The host of a URL or host:port as it stands there, without user, port and brackets.
[[nodiscard]] std::string_view host_part(std::string_view url);
// Lower-case hexadecimal digits; ':' and '-' between pairs and a leading "0x" go. Empty when it is no hash of 32, 40 or
// 64 digits.
[[nodiscard]] std::string normalise_hash(std::string_view text);
[[nodiscard]] std::string normalise_mail_address(std::string_view text);
// Lower case, '\' as '/'. A path keeps its folders.
[[nodiscard]] std::string normalise_path(std::string_view text);
// After the last '/' or '\', lower case.
[[nodiscard]] std::string normalise_file_name(std::string_view text);
[[nodiscard]] std::string_view normalise_file_name(std::string_view text, std::string& kept);

// An indicator's value in that form; no value when it is not of its kind.
[[nodiscard]] std::optional<std::string> normalise(Indicator::Kind kind, std::string_view text);

[[nodiscard]] std::string_view name_of(Indicator::Kind kind);
[[nodiscard]] std::optional<Indicator::Kind> indicator_kind_from(std::string_view name);

}  // namespace assay
