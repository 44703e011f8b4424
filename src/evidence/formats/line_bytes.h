// What readers of text lines ask of their bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace assay {

// No byte above 0x7f.
[[nodiscard]] inline bool is_ascii(std::string_view text) {
  std::size_t i = 0;
  std::uint64_t all = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    all |= word;
  }
  for (; i < text.size(); ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x8080808080808080ULL) == 0;
}

// The next such byte at or after `from`, or npos.
[[nodiscard]] inline std::size_t find_byte(std::string_view text, char byte, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, byte, text.size() - from);
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace assay
