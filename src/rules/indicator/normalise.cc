#include "rules/indicator/normalise.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/ascii.h"
#include "core/find_any.h"
#include "knowledge/profile.h"

namespace assay {
namespace {

constexpr std::size_t kNameBytes = 253;

// A character of a host name in lower case; 0 for what no host name has.
constexpr std::array<char, 256> make_host_chars() {
  std::array<char, 256> out{};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    if (is_alnum(c) || c == '-' || c == '_' || c == '.' || i >= 0x80) out[static_cast<std::size_t>(i)] = to_lower(c);
  }
  return out;
}
constexpr std::array<char, 256> kHostChars = make_host_chars();

void add_lower(std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + text.size());
  std::transform(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(before), to_lower);
}

// A scheme is a word: "a?u=http://b" has none.
std::string_view without_scheme(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0 || scheme > 16) return text;
  const bool word = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme),
                                [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; });
  return word ? text.substr(scheme + 3) : text;
}

std::string hex_only(std::string_view text) {
  text = trim(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '-') continue;
    if (!is_hex(c)) return {};
    out += to_lower(c);
  }
  return out;
}

constexpr std::array<std::pair<Indicator::Kind, std::string_view>, 13> kKinds = {{
    {Indicator::Kind::ipv4, "ipv4"},
    {Indicator::Kind::ipv6, "ipv6"},
    {Indicator::Kind::cidr, "cidr"},
    {Indicator::Kind::domain, "domain"},
    {Indicator::Kind::url, "url"},
    {Indicator::Kind::md5, "md5"},
    {Indicator::Kind::sha1, "sha1"},
    {Indicator::Kind::sha256, "sha256"},
    {Indicator::Kind::mail_address, "mail_address"},
    {Indicator::Kind::file_name, "file_name"},
    {Indicator::Kind::file_path, "file_path"},
    {Indicator::Kind::ja3, "ja3"},
    {Indicator::Kind::certificate_sha1, "certificate_sha1"},
}};

std::optional<std::string> non_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(std::move(text));
}

}  // namespace

std::string_view name_of(Indicator::Kind kind) {
  for (const auto& [k, name] : kKinds) {
    if (k == kind) return name;
  }
  return "?";
}

std::optional<Indicator::Kind> indicator_kind_from(std::string_view name) {
  for (const auto& [k, known] : kKinds) {
    if (known == name) return k;
  }
  return std::nullopt;
}

std::string_view normalise_domain(std::string_view text, std::string& kept) {
  text = trim(text);
  while (text.starts_with("*.")) text.remove_prefix(2);
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) text = text.substr(0, colon);
  while (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kNameBytes || text.front() == '.') return {};
  kept.resize(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    kept[i] = kHostChars[static_cast<unsigned char>(text[i])];
    if (kept[i] == 0) return {};
  }
  return kept;
}

std::string normalise_domain(std::string_view text) {
  std::string kept;
  return std::string(normalise_domain(text, kept));
}

std::string_view host_part(std::string_view url) {
  std::string_view host = without_scheme(trim(url));
  host = host.substr(0, find_any<'/', '?', '#', '\\'>(host));
  if (const std::size_t user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    return close == std::string_view::npos ? std::string_view() : host.substr(1, close - 1);
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos && host.find(':', colon + 1) == std::string_view::npos)
    return host.substr(0, colon);
  return host;
}

std::string_view normalise_url(std::string_view text, std::string& kept) {
  text = trim(text);
  std::string_view rest = without_scheme(text);
  const std::size_t end = std::min(find_any<'/', '?', '#'>(rest), rest.size());
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) authority.remove_prefix(user + 1);
  // As often as they stand there, so that the form is its own form.
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view port : {":80", ":443", ":"}) {
      if (authority.size() > port.size() && authority.ends_with(port)) {
        authority.remove_suffix(port.size());
        again = true;
      }
    }
  }
  if (authority.empty()) return {};
  rest = rest.substr(0, rest.find('#'));
  kept.clear();
  add_lower(authority, kept);
  if (!rest.starts_with('/')) kept += '/';
  add_lower(rest, kept);
  return kept;
}

std::string normalise_url(std::string_view text) {
  std::string kept;
  return std::string(normalise_url(text, kept));
}

std::string normalise_hash(std::string_view text) {
  std::string out = hex_only(text);
  return out.size() == 32 || out.size() == 40 || out.size() == 64 ? out : std::string();
}

std::string normalise_mail_address(std::string_view text) {
  text = trim(text);
  if (const std::size_t open = text.rfind('<'); open != std::string_view::npos)
    text = text.substr(open + 1, text.find('>', open) - open - 1);
  text = trim(text);
  while (starts_with_icase(text, "mailto:")) text.remove_prefix(7);
  while (text.ends_with('.') || (!text.empty() && is_space(text.back()))) text.remove_suffix(1);
  text = trim(text);
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 >= text.size() || text.find(' ') != std::string_view::npos)
    return {};
  return lower(text);
}

std::string normalise_path(std::string_view text) {
  std::string out = lower(trim(text));
  std::replace(out.begin(), out.end(), '\\', '/');
  return out;
}

std::string_view normalise_file_name(std::string_view text, std::string& kept) {
  kept.clear();
  add_lower(trim(last_step(text)), kept);
  return kept;
}

std::string normalise_file_name(std::string_view text) {
  std::string kept;
  return std::string(normalise_file_name(text, kept));
}

std::optional<std::string> normalise(Indicator::Kind kind, std::string_view text) {
  switch (kind) {
    case Indicator::Kind::ipv4:
    case Indicator::Kind::ipv6:
    case Indicator::Kind::cidr: {
      const auto network = parse_network(trim(text));
      if (!network || (kind != Indicator::Kind::cidr && network->prefix != 128)) return std::nullopt;
      return format_network(*network);
    }
    case Indicator::Kind::domain:
      return non_empty(normalise_domain(text));
    case Indicator::Kind::url:
      return non_empty(normalise_url(text));
    case Indicator::Kind::md5:
    case Indicator::Kind::ja3: {
      std::string hash = normalise_hash(text);
      return hash.size() == 32 ? non_empty(std::move(hash)) : std::nullopt;
    }
    case Indicator::Kind::sha1:
    case Indicator::Kind::certificate_sha1: {
      std::string hash = normalise_hash(text);
      return hash.size() == 40 ? non_empty(std::move(hash)) : std::nullopt;
    }
    case Indicator::Kind::sha256: {
      std::string hash = normalise_hash(text);
      return hash.size() == 64 ? non_empty(std::move(hash)) : std::nullopt;
    }
    case Indicator::Kind::mail_address:
      return non_empty(normalise_mail_address(text));
    case Indicator::Kind::file_name:
      return non_empty(normalise_file_name(text));
    case Indicator::Kind::file_path:
      return non_empty(normalise_path(text));
  }
  return std::nullopt;
}

}  // namespace assay
