// Names and kinds of members: a name is text, never a path of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

// Valid UTF-8 without control characters: what a name may be towards everybody else.
[[nodiscard]] std::string clean_member_name(std::string_view raw);
// IBM code page 437, the character set of zip names that do not say otherwise (APPNOTE.TXT, appendix D).
[[nodiscard]] std::string from_cp437(std::string_view raw);
// UTF-16, little endian; unpaired surrogates become U+FFFD.
[[nodiscard]] std::string from_utf16le(std::string_view raw);
[[nodiscard]] std::string to_utf16le(std::string_view utf8);
// By the file type in a Unix mode. What has content is read as a file, whatever it says it is: a pipe that was packed,
// or content that hides behind a type. A link's own content is its aim.
[[nodiscard]] ArchiveMember::Kind kind_by_mode(std::uint32_t mode, std::uint64_t size);

}  // namespace assay
