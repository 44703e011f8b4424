// Values of binary XML as text, in the form that Windows shows them (MS-EVEN6 2.2.12, value types).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/record.h"

namespace assay::evtx {

enum Type : std::uint8_t {
  kNull = 0x00,
  kString = 0x01,  // UTF-16
  kAnsi = 0x02,    // windows-1252
  kInt8 = 0x03,
  kUInt8 = 0x04,
  kInt16 = 0x05,
  kUInt16 = 0x06,
  kInt32 = 0x07,
  kUInt32 = 0x08,
  kInt64 = 0x09,
  kUInt64 = 0x0a,
  kReal32 = 0x0b,
  kReal64 = 0x0c,
  kBool = 0x0d,
  kBinary = 0x0e,
  kGuid = 0x0f,
  kSize = 0x10,
  kFileTime = 0x11,
  kSystemTime = 0x12,
  kSid = 0x13,
  kHex32 = 0x14,
  kHex64 = 0x15,
  kMarkup = 0x21,  // binary XML
  kArray = 0x80,   // flag
};

// Bytes of one element of a fixed type; 0: of any length.
[[nodiscard]] std::size_t fixed_size(std::uint8_t type);
// Whether a single value of the type can have this size (not 0).
[[nodiscard]] bool fits(std::uint8_t type, std::string_view bytes);
// The length of the SID at the start; 0: none.
[[nodiscard]] std::size_t sid_size(std::string_view bytes);

// Appends the text of one value that fits. What has no form of its own is written in hexadecimal.
ValueKind render(std::uint8_t type, std::string_view bytes, std::string& out);

// UTF-16, little-endian, replaces `out`; half of a pair becomes U+FFFD. A last odd byte is left out.
void utf16(std::string_view bytes, std::string& out);
// Whether every unit has its pair.
[[nodiscard]] bool utf16_whole(std::string_view bytes);
// Appends a byte for each unit: ASCII as it is, 0xff for the rest.
void narrow(std::string_view bytes, std::string& out);

}  // namespace assay::evtx
