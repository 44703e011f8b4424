// What the words right beside a value call it, where weights of single words see too little. For the files of this
// folder alone.
#pragma once

#include <string_view>

namespace assay {

// `lead` is what stands before a hash in the text, `tail` what stands behind it, in lower case, values as 0x01.
// "The fixed version 4.2 has the SHA-256 ...", "the legitimate file a.exe (...)", "... belongs to the genuine driver".
[[nodiscard]] bool called_good_file(std::string_view lead, std::string_view tail);
// "A free decryptor is given out by the police: ...", "The test tool (check.py, ...)".
[[nodiscard]] bool helps_victims(std::string_view lead, std::string_view tail);
// "... is a shared host; do not block it".
[[nodiscard]] bool told_to_leave(std::string_view tail);
// "PGP: ...".
[[nodiscard]] bool numbers_a_key(std::string_view lead);

}  // namespace assay
