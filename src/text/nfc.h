// Unicode's canonical composition, so that a letter and its accent are equal however they were written.
#pragma once

#include <string>
#include <string_view>

namespace assay {

// The text in NFC. ASCII and text that is no UTF-8 come back as they are.
[[nodiscard]] std::string nfc(std::string_view text);

}  // namespace assay
