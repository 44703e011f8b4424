#include "text/urls.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kUrlBytes = 8192;  // longer ones are cut
constexpr std::size_t kSchemeBytes = 12;

bool in_scheme(char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }

// http:, https:, ftp: and ws: always name a host, however many slashes stand before it.
bool is_special(std::string_view scheme) {
  return scheme == "http" || scheme == "https" || scheme == "ftp" || scheme == "ws" || scheme == "wss";
}

// Without the white space that browsers drop: controls and blanks at the ends, tabs and line ends everywhere.
std::string cleaned(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c != '\t' && c != '\r' && c != '\n') out += c;
  }
  return out;
}

// "0x7f", "017" or "23", as the IPv4 parser of browsers takes it.
std::optional<std::uint64_t> ipv4_number(std::string_view text) {
  int base = 10;
  if (text.size() >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() >= 2 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  } else if (text.empty()) {
    return std::nullopt;
  }
  if (text.size() > 16) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || digit >= base) return std::nullopt;
    out = out * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit);
    if (out > 0xffffffffU) return std::nullopt;
  }
  return out;
}

// "3221226219", "0xc0.0.2.1" and "192.0.513" name 192.0.2.x to a browser. "" when the host is no such number.
std::string numeric_host(std::string_view host) {
  const std::vector<std::string_view> parts = split(host, '.');
  if (parts.size() > 4) return {};
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = ipv4_number(parts[i]);
    if (!number) return {};
    if (i + 1 < parts.size()) {
      if (*number > 255) return {};
      address |= *number << (8 * (3 - i));
    } else {
      if (*number >= std::uint64_t{1} << (8 * (4 - i))) return {};
      address |= *number;
    }
  }
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!out.empty()) out += '.';
    out += std::to_string(address >> shift & 255);
  }
  return out;
}

// Dots of other scripts (U+3002, U+FF0E, U+FF61) divide labels too.
std::string plain_dots(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view here = text.substr(i, 3);
    if (here == "\xe3\x80\x82"sv || here == "\xef\xbc\x8e"sv || here == "\xef\xbd\xa1"sv) {
      out += '.';
      i += 3;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string host_of(std::string_view raw) {
  if (raw.starts_with('[') && raw.ends_with(']')) {
    const std::string inside(raw.substr(1, raw.size() - 2));
    const std::string address = canonical_address(inside);
    return address.empty() ? lower(inside) : address;
  }
  std::string host = lower(plain_dots(percent_decode(raw)));
  if (host.ends_with('.')) host.pop_back();
  if (!host.empty()) {
    const std::string number = numeric_host(host);
    if (!number.empty()) return number;
  }
  return host;
}

void read_authority(std::string_view text, Url& out) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    out.userinfo = std::string(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const auto port = parse_int(text.substr(colon + 1));
    if (port && *port > 0 && *port <= 65535) out.port = static_cast<std::uint16_t>(*port);
    if (port || colon + 1 == text.size()) text = text.substr(0, colon);
  }
  out.host = host_of(text);
}

void read_rest(std::string_view text, Url& out) {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    out.fragment = std::string(text.substr(hash + 1));
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    out.query = std::string(text.substr(mark + 1));
    text = text.substr(0, mark);
  }
  out.path = std::string(text);
}

// ---- unwrapping
// --------------------------------------------------------------------------------------------------------

// The value of a parameter, still encoded. "&amp;" divides as '&' does: links are copied out of HTML.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (query.starts_with("amp;"sv)) query.remove_prefix(4);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && equals_icase(pair.substr(0, equals), name))
      return std::string(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  while (true) {
    const std::size_t at = text.find(from);
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += to;
    text.remove_prefix(at + from.size());
  }
}

// Standard or URL alphabet, padding missing or not, white space and anything foreign refused.
std::optional<std::string> lenient_base64(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '=') plain += c == '-' ? '+' : c == '_' ? '/' : c;
  }
  while (plain.size() % 4 != 0) plain += '=';
  return base64_decode(plain);
}

// Version 2: '-' begins an escape, '_' stands for '/'.
std::string proofpoint2(std::string_view value) {
  std::string escaped;
  for (const char c : value) escaped += c == '-' ? '%' : c == '_' ? '/' : c;
  return replaced(percent_decode(escaped), "&amp;", "&");
}

// Version 3: ".../v3/__URL__;BASE64!...": each '*' of the URL stands for the next of the encoded characters, and "**X"
// for a run of them whose length X gives, from 2 for 'A' on through A-Z a-z 0-9 - _.
std::optional<std::string> proofpoint3(std::string_view text) {
  const std::size_t begin = text.find("/v3/__"sv);
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin + 6);
  const std::size_t end = text.find("__;"sv);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view inside = text.substr(0, end);
  std::string_view encoded = text.substr(end + 3);
  encoded = encoded.substr(0, encoded.find('!'));
  const auto bytes = lenient_base64(encoded);
  if (!bytes) return std::nullopt;
  std::string_view rest = *bytes;
  const auto next = [&rest] {
    const std::size_t size = rest.empty() ? 0 : std::max<std::size_t>(utf8_sequence(rest), 1);
    const std::string_view out = rest.substr(0, size);
    rest.remove_prefix(size);
    return out;
  };
  static constexpr std::string_view kRuns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '*') {
      out += inside[i];
      continue;
    }
    std::size_t count = 1;
    if (i + 2 < inside.size() && inside[i + 1] == '*' && kRuns.find(inside[i + 2]) != std::string_view::npos) {
      count = kRuns.find(inside[i + 2]) + 2;
      i += 2;
    }
    while (count-- != 0) out += next();
  }
  out = percent_decode(out);
  // Some senders' slashes were folded: "https:/host/".
  const std::size_t colon = out.find(":/");
  if (colon != std::string::npos && colon + 2 < out.size() && out[colon + 2] != '/') out.insert(colon + 1, "/");
  return out;
}

enum class Wrap { none, target, opaque, broken };

// Takes one layer off.
Wrap peel(std::string_view text, std::string& target) {
  const auto url = parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return Wrap::none;
  const std::string& host = url->host;
  std::optional<std::string> found;
  const auto from_parameter = [&](std::string_view name) {
    const auto value = parameter(url->query, name);
    return value ? std::optional(percent_decode(*value)) : std::nullopt;
  };
  const std::string whole = cleaned(text);
  if (host.starts_with("urldefense.") || host.ends_with(".urldefense.com")) {
    if (url->path.starts_with("/v1/")) {
      found = from_parameter("u");
    } else if (url->path.starts_with("/v2/")) {
      const auto value = parameter(url->query, "u");
      if (value) found = proofpoint2(*value);
    } else if (url->path.starts_with("/v3/")) {
      found = proofpoint3(whole);
    } else {
      return Wrap::none;
    }
  } else if (host.find("safelinks.protection.") != std::string::npos) {
    found = from_parameter("url");
  } else if (host == "linkprotect.cudasvc.com") {
    found = from_parameter("a");
  } else if (host == "secure-web.cisco.com") {
    const std::size_t at = url->path.find('/', 1);
    if (at != std::string::npos) found = percent_decode(url->path.substr(at + 1));
  } else if (host.ends_with(".protection.sophos.com")) {
    const auto value = from_parameter("u");
    if (value) found = lenient_base64(*value);
  } else if (host.ends_with(".trendmicro.com") && url->path.find("clicktime") != std::string::npos) {
    found = from_parameter("url");
  } else if (host.ends_with(".fireeye.com") && host.starts_with("protect")) {
    found = from_parameter("u");
  } else if (host == "clicktime.symantec.com") {
    found = from_parameter("u");
  } else if (host.starts_with("www.google.") && url->path == "/url") {
    found = from_parameter("q");
    if (!found) found = from_parameter("url");
    if (!found) return Wrap::none;
  } else if ((host.ends_with(".mimecast.com") && host.starts_with("protect")) ||
             host.ends_with(".mimecastprotect.com")) {
    return Wrap::opaque;
  } else {
    return Wrap::none;
  }
  if (!found) return Wrap::broken;
  if (!parse_url(*found)) {
    const std::string with_scheme = "http://" + *found;
    const auto again = parse_url(with_scheme);
    if (!again || (!is_domain(again->host) && !is_address(again->host))) return Wrap::broken;
    found = with_scheme;
  }
  target = std::move(*found);
  return Wrap::target;
}

// ---- prose
// -------------------------------------------------------------------------------------------------------------

// Bytes of a character at which a URL in prose ends; 0 when it goes on.
std::size_t stop(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte <= 0x20 || byte == 0x7f) return 1;
  if (byte < 0x80) return "\"'<>`{}|^\\"sv.find(text.front()) != std::string_view::npos ? 1 : 0;
  const std::string_view two = text.substr(0, 2);
  if (two == "\xc2\xa0"sv || two == "\xc2\xab"sv || two == "\xc2\xbb"sv) return 2;  // no-break space, guillemets
  if (two == "\xe2\x80"sv || two == "\xe3\x80"sv || two == "\xef\xbc"sv) {
    // General punctuation, CJK punctuation, full-width forms; but the full-width and ideographic full stops divide
    // labels.
    const std::string_view three = text.substr(0, 3);
    if (three == "\xe3\x80\x82"sv || three == "\xef\xbc\x8e"sv) return 0;
    return std::min<std::size_t>(3, text.size());
  }
  return 0;
}

std::string_view without_closing(std::string_view url) {
  std::array<std::ptrdiff_t, 2> open{};  // of () and []
  for (const char c : url) {
    if (c == '(') ++open[0];
    if (c == ')') --open[0];
    if (c == '[') ++open[1];
    if (c == ']') --open[1];
  }
  while (!url.empty()) {
    const char last = url.back();
    if (".,;:!?*~"sv.find(last) != std::string_view::npos) {
      url.remove_suffix(1);
    } else if (last == ')' && open[0] < 0) {
      ++open[0];
      url.remove_suffix(1);
    } else if (last == ']' && open[1] < 0) {
      ++open[1];
      url.remove_suffix(1);
    } else {
      break;
    }
  }
  return url;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const std::string whole = cleaned(text);
  std::string_view rest = whole;
  std::size_t size = 0;
  while (size < rest.size() && in_scheme(rest[size])) ++size;
  if (size == 0 || size == rest.size() || rest[size] != ':' || !is_alpha(rest.front())) return std::nullopt;
  Url out;
  out.scheme = lower(rest.substr(0, size));
  rest.remove_prefix(size + 1);
  const bool special = is_special(out.scheme);
  if (!special && !rest.starts_with("//")) {
    read_rest(rest, out);
    return out;
  }
  if (special) {
    while (!rest.empty() && (rest.front() == '/' || rest.front() == '\\')) rest.remove_prefix(1);
  } else {
    rest.remove_prefix(2);
  }
  const std::size_t end = std::min(rest.find_first_of(special ? "/\\?#" : "/?#"), rest.size());
  read_authority(rest.substr(0, end), out);
  if (special && out.host.empty()) return std::nullopt;
  read_rest(rest.substr(end), out);
  if (special) std::replace(out.path.begin(), out.path.end(), '\\', '/');
  return out;
}

std::vector<std::string_view> find_urls(std::string_view text, std::size_t most) {
  std::vector<std::string_view> out;
  std::size_t floor = 0;  // nothing before it is looked at again
  std::size_t at = 0;
  while (at < text.size() && out.size() < most) {
    // The next ':' of "://" or 'w' of "www.".
    at = text.find_first_of(":wW", at);
    if (at == std::string_view::npos) break;
    std::size_t begin = at, least = 0;
    if (text[at] == ':') {
      if (text.substr(at, 3) != "://"sv) {
        ++at;
        continue;
      }
      while (begin > floor && at - begin < kSchemeBytes && in_scheme(text[begin - 1])) --begin;
      while (begin < at && !is_alpha(text[begin])) ++begin;
      if (begin == at) {
        at += 3;
        continue;
      }
      least = at + 3 - begin;
    } else {
      const bool starts = at == floor || !(is_alnum(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-' ||
                                           text[at - 1] == '@' || text[at - 1] == '/' || text[at - 1] == '_');
      if (!starts || !starts_with_icase(text.substr(at, 4), "www.") || at + 4 >= text.size() ||
          !is_alnum(text[at + 4])) {
        ++at;
        continue;
      }
      least = 4;
    }
    std::size_t end = begin + least;
    while (end < text.size() && end - begin < kUrlBytes && stop(text.substr(end)) == 0) ++end;
    const std::string_view url = without_closing(text.substr(begin, end - begin));
    at = floor = end;
    if (url.size() <= least) continue;
    if (least == 4 && url.find('.', 4) == std::string_view::npos) continue;  // "www.example" alone names nothing
    out.push_back(url);
  }
  return out;
}

Unwrapped unwrap_url(std::string_view url) {
  Unwrapped out;
  out.url = std::string(url);
  while (out.layers < kUnwrapDepth) {
    std::string target;
    const Wrap wrap = peel(out.url, target);
    if (wrap == Wrap::target) {
      out.url = std::move(target);
      ++out.layers;
      continue;
    }
    out.opaque = wrap == Wrap::opaque;
    out.broken = wrap == Wrap::broken;
    break;
  }
  return out;
}

}  // namespace assay
