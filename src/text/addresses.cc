#include "text/addresses.h"

#include <array>
#include <cstdint>
#include <optional>

#include "core/ascii.h"

namespace assay {
namespace {

using Ipv4 = std::array<std::uint8_t, 4>;
using Groups = std::array<std::uint16_t, 8>;

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  Ipv4 out{};
  std::size_t at = 0;
  for (std::size_t part = 0; part < 4; ++part) {
    if (part != 0 && (at == text.size() || text[at++] != '.')) return std::nullopt;
    const std::size_t begin = at;
    int value = 0;
    while (at < text.size() && at - begin < 3 && is_digit(text[at])) value = value * 10 + (text[at++] - '0');
    // A leading zero means octal to some programs: no address that all agree on.
    if (at == begin || value > 255 || (at - begin > 1 && text[begin] == '0')) return std::nullopt;
    out[part] = static_cast<std::uint8_t>(value);
  }
  return at == text.size() ? std::optional(out) : std::nullopt;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  Groups out{};
  std::size_t filled = 0;
  std::optional<std::size_t> gap;  // groups before "::"
  std::size_t at = 0;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    if (filled == 8) return std::nullopt;
    std::size_t end = at;
    std::uint32_t value = 0;
    while (end < text.size() && end - at < 5 && is_hex(text[end])) {
      value = value << 4 | static_cast<std::uint32_t>(hex_value(text[end]));
      ++end;
    }
    if (end < text.size() && text[end] == '.') {
      const auto tail = parse_ipv4(text.substr(at));
      if (!tail || filled > 6) return std::nullopt;
      out[filled++] = static_cast<std::uint16_t>((*tail)[0] << 8 | (*tail)[1]);
      out[filled++] = static_cast<std::uint16_t>((*tail)[2] << 8 | (*tail)[3]);
      at = text.size();
      break;
    }
    if (end == at || end - at > 4) return std::nullopt;
    out[filled++] = static_cast<std::uint16_t>(value);
    at = end;
    if (at == text.size()) break;
    if (text[at] != ':') return std::nullopt;
    ++at;
    if (at == text.size()) return std::nullopt;
    if (text[at] == ':') {
      if (gap) return std::nullopt;
      gap = filled;
      ++at;
    }
  }
  if (!gap) return filled == 8 ? std::optional(out) : std::nullopt;
  if (filled > 7) return std::nullopt;
  const std::size_t moved = filled - *gap;
  for (std::size_t i = 0; i < moved; ++i) {
    out[7 - i] = out[filled - 1 - i];
    out[filled - 1 - i] = 0;
  }
  return out;
}

std::string text_of(const Ipv4& address) {
  std::string out;
  for (const std::uint8_t part : address) {
    if (!out.empty()) out += '.';
    out += std::to_string(part);
  }
  return out;
}

std::string text_of(const Groups& groups) {
  std::size_t best = 0, best_size = 0;
  for (std::size_t i = 0; i < 8;) {
    std::size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > best_size && size > 1) {
      best = i;
      best_size = size;
    }
    i += size == 0 ? 1 : size;
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (best_size != 0 && i == best) {
      out += "::";
      i += best_size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    bool any = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const auto digit = static_cast<std::size_t>(groups[i] >> shift & 15);
      any = any || digit != 0 || shift == 0;
      if (any) out += kDigits[digit];
    }
  }
  return out;
}

bool in_address(char c) { return is_hex(c) || c == '.' || c == ':'; }
bool in_word(char c) { return is_alnum(c) || c == '_' || c == '-' || (static_cast<unsigned char>(c) & 0x80) != 0; }

}  // namespace

bool is_ipv4(std::string_view text) { return parse_ipv4(text).has_value(); }
bool is_ipv6(std::string_view text) { return text.find(':') != std::string_view::npos && parse_ipv6(text).has_value(); }

std::string canonical_address(std::string_view text) {
  if (const auto v4 = parse_ipv4(text)) return text_of(*v4);
  if (text.find(':') == std::string_view::npos) return {};
  const auto v6 = parse_ipv6(text);
  if (!v6) return {};
  const Groups& groups = *v6;
  bool mapped = groups[5] == 0xffff;
  for (std::size_t i = 0; i < 5; ++i) mapped = mapped && groups[i] == 0;
  if (mapped) {
    return text_of(Ipv4{static_cast<std::uint8_t>(groups[6] >> 8), static_cast<std::uint8_t>(groups[6] & 255),
                        static_cast<std::uint8_t>(groups[7] >> 8), static_cast<std::uint8_t>(groups[7] & 255)});
  }
  return text_of(groups);
}

std::vector<std::string_view> find_addresses(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!in_address(text[at]) && !in_word(text[at])) {
      ++at;
      continue;
    }
    // A run of letters, digits and the separators of addresses; an address is all of it, or all but a port or a full
    // stop.
    std::size_t end = at;
    while (end < text.size() && (in_address(text[end]) || in_word(text[end]))) ++end;
    std::string_view run = text.substr(at, end - at);
    at = end;
    if (run.size() > 128) continue;
    while (!run.empty() && (run.back() == '.' || (run.back() == ':' && !run.ends_with("::")))) run.remove_suffix(1);
    if (starts_with_icase(run, "IPv6:")) run.remove_prefix(5);
    if (is_address(run)) {
      out.push_back(run);
      continue;
    }
    const std::size_t colon = run.find(':');
    if (colon != std::string_view::npos && is_ipv4(run.substr(0, colon)) && parse_int(run.substr(colon + 1))) {
      out.push_back(run.substr(0, colon));
    }
  }
  return out;
}

}  // namespace assay
