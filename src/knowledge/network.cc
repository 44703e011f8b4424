// Addresses and networks in text, without the resolver and without locale.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/ascii.h"
#include "knowledge/profile.h"

namespace assay {
namespace {

constexpr int kMappedBits = 96;  // an IPv4 address is ::ffff:a.b.c.d

bool parse_ipv4(std::string_view text, std::uint8_t* out) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return false;
    const std::size_t start = at;
    int value = 0;
    while (at < text.size() && is_digit(text[at]) && at - start < 3) value = value * 10 + (text[at++] - '0');
    // A leading zero is octal to some readers and decimal to others: no address.
    if (at == start || value > 255 || (at - start > 1 && text[start] == '0')) return false;
    out[part] = static_cast<std::uint8_t>(value);
  }
  return at == text.size();
}

bool parse_ipv6(std::string_view text, std::uint8_t* out) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t filled = 0;
  std::optional<std::size_t> gap;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string_view group = rest.substr(0, end);
    if (group.find('.') != std::string_view::npos) {  // an IPv4 address at the end
      if (end != rest.size() || filled > 12 || !parse_ipv4(group, bytes.data() + filled)) return false;
      filled += 4;
      at = text.size();
      break;
    }
    if (group.empty() || group.size() > 4 || filled > 14) return false;
    int value = 0;
    for (const char c : group) {
      if (!is_hex(c)) return false;
      value = value * 16 + hex_value(c);
    }
    bytes[filled++] = static_cast<std::uint8_t>(value >> 8);
    bytes[filled++] = static_cast<std::uint8_t>(value & 255);
    at += end;
    if (at == text.size()) break;
    ++at;  // ':'
    if (at == text.size()) return false;
    if (text[at] == ':') {
      if (gap) return false;
      gap = filled;
      ++at;
    }
  }
  if (gap ? filled > 14 : filled != 16) return false;
  const std::size_t before = gap.value_or(16);
  std::memset(out, 0, 16);
  std::copy_n(bytes.begin(), std::min(before, filled), out);
  if (gap)
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(before), bytes.begin() + static_cast<std::ptrdiff_t>(filled),
              out + 16 - (filled - before));
  return true;
}

bool equal_bits(const std::uint8_t* a, const std::uint8_t* b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a, b, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8) & 0xff;
  return (a[whole] & mask) == (b[whole] & mask);
}

bool is_mapped(const Network& network) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return network.prefix >= kMappedBits && std::memcmp(network.bytes, kMapped, sizeof kMapped) == 0;
}

}  // namespace

std::optional<Network> parse_address(std::string_view text) {
  Network out;
  // PERF NOTE: most of what is asked is an IPv4 address or a name.
  if (text.empty() || text.size() > 45 || !(is_hex(text.front()) || text.front() == ':')) return std::nullopt;
  if (is_digit(text.front()) && parse_ipv4(text, out.bytes + 12)) {
    out.bytes[10] = out.bytes[11] = 0xff;
    return out;
  }
  if (text.find(':') == std::string_view::npos || !parse_ipv6(text, out.bytes)) return std::nullopt;
  return out;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto out = parse_address(text.substr(0, slash));
  if (!out || slash == std::string_view::npos) return out;
  const std::string_view bits = text.substr(slash + 1);
  const auto prefix = parse_int(bits);
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  if (!prefix || bits.empty() || !is_digit(bits.front()) || *prefix > (v4 ? 32 : 128)) return std::nullopt;
  out->prefix = static_cast<int>(*prefix) + (v4 ? kMappedBits : 0);
  const int whole = out->prefix / 8;
  if (whole < 16) {
    out->bytes[whole] = static_cast<std::uint8_t>(out->bytes[whole] & ~(0xff >> (out->prefix % 8)));
    std::fill(out->bytes + whole + 1, out->bytes + 16, std::uint8_t{0});
  }
  return out;
}

bool contains(const Network& network, const Network& address) {
  return address.prefix >= network.prefix && equal_bits(network.bytes, address.bytes, network.prefix);
}

bool is_private(const Network& address) {
  static const std::array<Network, 9> kPrivate = {
      *parse_network("10.0.0.0/8"),  *parse_network("172.16.0.0/12"),  *parse_network("192.168.0.0/16"),
      *parse_network("127.0.0.0/8"), *parse_network("169.254.0.0/16"), *parse_network("100.64.0.0/10"),
      *parse_network("::1/128"),     *parse_network("fe80::/10"),      *parse_network("fc00::/7")};
  return std::any_of(kPrivate.begin(), kPrivate.end(), [&](const Network& n) { return contains(n, address); });
}

std::string format_network(const Network& network) {
  std::string out;
  if (is_mapped(network)) {
    for (int i = 12; i < 16; ++i) {
      if (i > 12) out += '.';
      out += std::to_string(network.bytes[i]);
    }
    if (network.prefix < 128) out += "/" + std::to_string(network.prefix - kMappedBits);
    return out;
  }
  // RFC 5952: the longest run of two or more zero groups, the first of equals, becomes "::".
  int groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = network.bytes[2 * i] << 8 | network.bytes[2 * i + 1];
  int best = -1, best_length = 1;
  for (int i = 0; i < 8; ++i) {
    int length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && !out.ends_with(':')) out += ':';
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const int digit = groups[i] >> shift & 15;
      if (digit == 0 && !started && shift > 0) continue;
      started = true;
      out += "0123456789abcdef"[digit];
    }
  }
  if (network.prefix < 128) out += "/" + std::to_string(network.prefix);
  return out;
}

std::optional<std::string_view> one_spelling(std::string_view address_or_name, std::string& kept) {
  if (address_or_name.find(':') == std::string_view::npos) return address_or_name;
  const auto parsed = parse_address(address_or_name);
  if (!parsed) return std::nullopt;
  kept = format_network(*parsed);
  return kept;
}

}  // namespace assay
