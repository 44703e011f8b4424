// Text of other charsets as UTF-8. ASCII, UTF-8, Latin-1, Windows-1252 and UTF-16 are converted here; a closed list of
// others by iconv(3), so that no name out of evidence ever selects what gets loaded.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// `known` (when given) is false for a charset that is not converted; its bytes are then taken as UTF-8 or, where they
// are not that, as Windows-1252. Always valid UTF-8: what cannot be converted becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset, bool* known = nullptr);

}  // namespace assay
