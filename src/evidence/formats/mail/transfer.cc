#include "evidence/formats/mail/transfer.h"

#include <array>
#include <cstdint>

#include "core/ascii.h"

namespace assay::mail {
namespace {

constexpr std::array<std::int8_t, 256> make_base64() {
  std::array<std::int8_t, 256> out{};
  for (auto& value : out) value = -1;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  out[static_cast<unsigned char>('-')] = 62;  // RFC 4648 5, which some senders use
  out[static_cast<unsigned char>('_')] = 63;
  return out;
}
constexpr auto kBase64 = make_base64();

std::string base64(std::string_view bytes) {
  const auto value_at = [&](std::size_t at) {
    return static_cast<int>(kBase64[static_cast<unsigned char>(bytes[at])]);
  };
  // Four characters give three bytes; what is left before padding or the end gives fewer.
  std::string out(bytes.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  std::uint32_t bits = 0;
  int count = 0;
  const auto put = [&](std::uint32_t byte) { out[size++] = static_cast<char>(byte); };
  const auto flush = [&] {  // two characters are one byte, three are two
    if (count == 2) put(bits >> 4);
    if (count == 3) {
      put(bits >> 10);
      put(bits >> 2);
    }
    bits = 0;
    count = 0;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    while (count == 0 && i + 4 <= bytes.size()) {
      const int a = value_at(i), b = value_at(i + 1), c = value_at(i + 2), d = value_at(i + 3);
      if ((a | b | c | d) < 0) break;
      const auto word = static_cast<std::uint32_t>(a << 18 | b << 12 | c << 6 | d);
      put(word >> 16);
      put(word >> 8);
      put(word);
      i += 4;
    }
    if (i >= bytes.size()) break;
    const int value = value_at(i);
    if (value < 0) {
      if (bytes[i] == '=') flush();  // more may follow: several encoded pieces put together
      continue;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++count == 4) {
      put(bits >> 16);
      put(bits >> 8);
      put(bits);
      bits = 0;
      count = 0;
    }
  }
  flush();
  out.resize(size);
  return out;
}

std::string quoted_printable(std::string_view bytes, bool lines) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c != '=') {
      out += c;
      continue;
    }
    if (i + 2 < bytes.size() && is_hex(bytes[i + 1]) && is_hex(bytes[i + 2])) {
      out += static_cast<char>(hex_value(bytes[i + 1]) << 4 | hex_value(bytes[i + 2]));
      i += 2;
      continue;
    }
    if (lines) {
      // A soft line break: '=', blanks that transport added, a line end.
      std::size_t end = i + 1;
      while (end < bytes.size() && (bytes[end] == ' ' || bytes[end] == '\t' || bytes[end] == '\r')) ++end;
      if (end == bytes.size()) break;
      if (bytes[end] == '\n') {
        i = end;
        continue;
      }
    }
    out += c;
  }
  return out;
}

std::string uuencoded(std::string_view bytes) {
  std::string out;
  bool inside = false;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!inside) {
      inside = line.starts_with("begin ");
      continue;
    }
    if (line == "end" || line.empty()) break;
    const auto value = [](char c) { return static_cast<std::uint32_t>(c - 32) & 63U; };
    std::size_t left = value(line.front());
    line.remove_prefix(1);
    for (std::size_t i = 0; left != 0 && i < line.size(); i += 4) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 4; ++k) bits = bits << 6 | (i + k < line.size() ? value(line[i + k]) : 0);
      for (int shift = 16; shift >= 0 && left != 0; shift -= 8, --left) out += static_cast<char>(bits >> shift & 255);
    }
  }
  return out;
}

}  // namespace

std::string decode_transfer(std::string_view bytes, std::string_view encoding) {
  if (encoding == "base64") return base64(bytes);
  if (encoding == "quoted-printable") return quoted_printable(bytes, true);
  if (encoding == "x-uuencode" || encoding == "uuencode" || encoding == "x-uue") return uuencoded(bytes);
  return std::string(bytes);
}

std::string decode_quoted_word(std::string_view bytes) { return quoted_printable(bytes, false); }

}  // namespace assay::mail
