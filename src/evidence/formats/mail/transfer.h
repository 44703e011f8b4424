// Content transfer encodings (RFC 2045 6, and uuencode), decoded leniently: foreign characters are passed over, nothing
// is an error.
#pragma once

#include <string>
#include <string_view>

namespace assay::mail {

// `encoding` in lower case: "base64", "quoted-printable", "x-uuencode" or "uuencode"; anything else gives the bytes as
// they are.
[[nodiscard]] std::string decode_transfer(std::string_view bytes, std::string_view encoding);
// "=41" in an encoded word: quoted-printable without line ends.
[[nodiscard]] std::string decode_quoted_word(std::string_view bytes);

}  // namespace assay::mail
