// Content behind a password, as zip and 7z encrypt it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

// ZipCrypto (APPNOTE.TXT 6.1): whether the password fits the header's check byte (it may fit by chance, 1 in 256).
[[nodiscard]] bool zip_crypto_fits(std::string_view header, std::string_view password, std::uint8_t check);
// `below` begins with the 12 bytes of the header.
[[nodiscard]] std::unique_ptr<ByteStream> open_zip_crypto(ByteStream& below, std::string_view password);

// WinZip AES (AE-1, AE-2): strength 1, 2 or 3 for keys of 128, 192 or 256 bits.
inline constexpr std::array<std::size_t, 4> kAesSaltBytes = {0, 8, 12, 16};
inline constexpr std::size_t kAesCheckBytes = 2, kAesSumBytes = 10;
struct ZipAesKeys {
  std::string cipher, sum;
  bool fits = false;  // the check bytes are those of the header (by chance 1 in 65,536)
};
// `header`: salt and check bytes.
[[nodiscard]] ZipAesKeys zip_aes_keys(std::string_view header, std::string_view password, int strength);
// `below` holds the encrypted bytes (`size` of them) and the authentication code, which is verified at the end.
[[nodiscard]] std::unique_ptr<ByteStream> open_zip_aes(ByteStream& below, const ZipAesKeys& keys, std::uint64_t size);

// 7z: SHA-256 over salt, password (UTF-16) and a counter, 2^cycles times; AES-256 in CBC mode.
[[nodiscard]] std::string seven_zip_key(std::string_view salt, std::string_view password, unsigned cycles);
[[nodiscard]] std::unique_ptr<ByteStream> open_aes_cbc(ByteStream& below, std::string_view key, std::string_view iv);

}  // namespace assay
