// Names of members as text: never a path of this machine.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Valid UTF-8 without control characters: what a name may be towards everybody else.
[[nodiscard]] std::string clean_member_name(std::string_view raw);
// IBM code page 437, the character set of zip names that do not say otherwise (APPNOTE.TXT, appendix D).
[[nodiscard]] std::string from_cp437(std::string_view raw);
// UTF-16, little endian; unpaired surrogates become U+FFFD.
[[nodiscard]] std::string from_utf16le(std::string_view raw);
[[nodiscard]] std::string to_utf16le(std::string_view utf8);
void append_utf8(std::string& out, char32_t point);

}  // namespace assay
