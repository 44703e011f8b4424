#include "rules/ir/structures.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/ascii.h"
#include "knowledge/profile.h"

namespace assay::ir {
namespace {

// ---- wellmess_cookie
// ---------------------------------------------------------------------------------------------------------- Source:
// the decoder and the two example cookies that JPCERT/CC published (aa-tools, wellmess_cookie_decode.py). A cookie is
// 1..n pairs; names are 8 alphanumerics; values are sentences of 1..8 character tokens over [A-Za-z0-9:,], some ending
// in '.'. Joined, with spaces and full stops dropped, ',' for '+' and ':' for '/', they are Base64 of whole 16-byte RC6
// blocks.

constexpr std::size_t kCookieBytes = 64 * 1024;
constexpr std::size_t kCookieTokens = 20;
constexpr std::size_t kCookieSentences = 2;
constexpr std::size_t kCookieTokenLength = 8;
constexpr std::size_t kCookieNameLength = 8;
constexpr std::size_t kRc6Block = 16;

struct CookieText {
  std::string base64;
  std::size_t tokens = 0, sentences = 0;
};

bool is_cookie_char(char c) { return is_alnum(c) || c == ':' || c == ','; }

// Adds one value's tokens; false when it is not built of such tokens.
bool add_cookie_value(std::string_view raw, CookieText& out) {
  std::string text = percent_decode(raw);
  std::replace(text.begin(), text.end(), '+', ' ');
  std::string packed;  // three spaces stand for '='
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 3, "   ") == 0) {
      packed += '=';
      i += 3;
    } else {
      packed += text[i++];
    }
  }
  for (std::string_view token : split(packed, ' ')) {
    std::size_t padding = 0;
    while (token.ends_with('=')) {
      token.remove_suffix(1);
      ++padding;
    }
    if (token.empty()) {
      out.base64.append(padding, '=');
      continue;
    }
    if (token.ends_with('.')) {
      token.remove_suffix(1);
      ++out.sentences;
    }
    if (token.empty() || token.size() > kCookieTokenLength) return false;
    if (!std::all_of(token.begin(), token.end(), is_cookie_char)) return false;
    ++out.tokens;
    for (const char c : token) out.base64 += c == ',' ? '+' : c == ':' ? '/' : c;
    out.base64.append(padding, '=');
  }
  return true;
}

bool wellmess_cookie(std::string_view value) {
  if (value.size() > kCookieBytes) return false;
  CookieText text;
  for (const std::string_view part : split(value, ';')) {
    const std::string_view pair = part.starts_with(' ') ? part.substr(1) : part;
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals != kCookieNameLength) return false;
    const std::string_view name = pair.substr(0, equals);
    if (!std::all_of(name.begin(), name.end(), is_alnum)) return false;
    const std::string_view rest = pair.substr(equals + 1);
    if (rest.find('=') != std::string_view::npos) return false;
    if (!add_cookie_value(rest, text)) return false;
  }
  if (text.tokens < kCookieTokens || text.sentences < kCookieSentences) return false;
  const auto decoded = base64_decode(text.base64);
  return decoded && !decoded->empty() && decoded->size() % kRc6Block == 0;
}

// ---- dn_country_not_two_letters
// ----------------------------------------------------------------------------------------------- "C=Tunis, O=IT"
// (Zeek), "C = Tunis, O = IT" and "/C=Tunis/O=IT" (OpenSSL), "CN=x,O=IT,C=Tunis" (RFC 2253, '\' escapes, quotes). An
// empty C= says nothing (appliances write it when nobody filled it in).

bool is_country_key(std::string_view key) {
  return equals_icase(key, "C") || equals_icase(key, "countryName") || key == "2.5.4.6" ||
         equals_icase(key, "OID.2.5.4.6");
}

bool odd_country(std::string_view rdn) {
  const std::size_t equals = rdn.find('=');
  if (equals == std::string_view::npos || !is_country_key(trim(rdn.substr(0, equals)))) return false;
  std::string_view value = trim(rdn.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return !value.empty() && !(value.size() == 2 && is_alpha(value[0]) && is_alpha(value[1]));
}

bool dn_country_not_two_letters(std::string_view dn) {
  const bool slashes = dn.starts_with('/');
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= dn.size(); ++i) {
    const bool end = i == dn.size();
    if (!end && dn[i] == '\\') {
      ++i;
      continue;
    }
    if (!end && dn[i] == '"') quoted = !quoted;
    const bool separator = !end && !quoted && (slashes ? dn[i] == '/' : dn[i] == ',' || dn[i] == '+' || dn[i] == ';');
    if (!separator && !end) continue;
    if (odd_country(dn.substr(begin, i - begin))) return true;
    begin = i + 1;
  }
  return begin < dn.size() && odd_country(dn.substr(begin));  // a '\' as the last character
}

// ---- host_is_address
// ----------------------------------------------------------------------------------------------------------

std::string_view host_of_url(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos && scheme < 16)
    text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t user = text.rfind('@'); user != std::string_view::npos) text.remove_prefix(user + 1);
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    return text.substr(0, colon);
  return text;  // a bare IPv6 address has more than one colon
}

bool host_is_address(std::string_view value) {
  const std::string_view host = host_of_url(trim(value));
  return !host.empty() && parse_address(host).has_value();
}

// ---- long_random_label
// -------------------------------------------------------------------------------------------------------- Encoded data
// in a host name: a label of 24 or more characters in which digits and letters alternate often, or that has next to no
// vowels. Words, even long joined ones, have about 40 % vowels.

constexpr std::size_t kRandomLabel = 24;
constexpr std::size_t kRandomChanges = 6;

bool random_label(std::string_view label) {
  if (label.size() < kRandomLabel || label.starts_with("xn--")) return false;
  std::size_t letters = 0, vowels = 0, changes = 0;
  char before = 0;
  for (const char raw : label) {
    const char c = to_lower(raw);
    if (!is_alnum(c) && c != '-' && c != '_') return false;
    if (is_alpha(c)) {
      ++letters;
      if (c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u') ++vowels;
    }
    // '-' and '_' end a run: "ec2-52-10-3-4-eu-west-1" does not alternate.
    if (before != 0 && is_alnum(c) && is_alnum(before) && is_digit(c) != is_digit(before)) ++changes;
    before = c;
  }
  return changes >= kRandomChanges || (letters >= kRandomLabel && vowels * 6 < letters);
}

bool long_random_label(std::string_view value) {
  const std::string_view host = host_of_url(trim(value));
  if (host.size() > 255 || parse_address(host)) return false;
  for (const std::string_view label : split(host, '.')) {
    if (random_label(label)) return true;
  }
  return false;
}

constexpr std::array<Structure, 4> kStructures = {{
    {"wellmess_cookie",
     "a Cookie header built as WellMess builds it: 8-character names, sentences that are Base64 of 16-byte blocks",
     wellmess_cookie},
    {"dn_country_not_two_letters", "a distinguished name whose country is not two letters", dn_country_not_two_letters},
    {"host_is_address", "a URL or host that is a bare IP address", host_is_address},
    {"long_random_label", "a host name with a long label that looks encoded", long_random_label},
}};

}  // namespace

std::span<const Structure> structures() { return kStructures; }

const Structure* find_structure(std::string_view name) {
  for (const Structure& s : kStructures) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

bool known_structure(std::string_view name) { return find_structure(name) != nullptr; }

}  // namespace assay::ir
