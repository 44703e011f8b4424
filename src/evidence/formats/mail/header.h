// Header fields of messages (RFC 5322, with the encoded words of RFC 2047 and the parameters of RFC 2045 and 2231),
// read leniently: what mail programs show is what counts. Everything is linear in the field; counts and lengths are
// bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::mail {

inline constexpr std::size_t kValueBytes = std::size_t{64} << 10;  // of one field that are looked at
inline constexpr std::size_t kMailboxes = 2000;                    // of one field
inline constexpr std::size_t kParameters = 64;                     // of one field
inline constexpr std::size_t kParameterBytes = 4096;

// A field's value on one line: folding undone, blanks at the ends dropped, encoded words and 8-bit text as UTF-8,
// control characters as spaces.
[[nodiscard]] std::string decode_text(std::string_view raw);
// The same without decoding words.
[[nodiscard]] std::string unfold(std::string_view raw);

struct Mailbox {
  std::string name;     // display name or comment, decoded
  std::string address;  // "local@domain" as written, quotes and routes dropped; may lack '@'
  [[nodiscard]] std::string_view domain() const;
};
// Every mailbox of an address list, groups opened. Two addresses where one belongs are both given. `more` is set when
// there were more than kMailboxes.
[[nodiscard]] std::vector<Mailbox> parse_mailboxes(std::string_view raw, bool& more);

// "text/html; charset=utf-8": the value in lower case, and parameters by lower-case name, continuations joined and
// decoded.
struct Parameterised {
  std::string value;
  std::vector<std::pair<std::string, std::string>> parameters;
  [[nodiscard]] std::string_view get(std::string_view name) const;
};
[[nodiscard]] Parameterised parse_parameterised(std::string_view raw);

// "<id@host>" tokens without the brackets; a field without brackets is one token.
[[nodiscard]] std::vector<std::string> parse_ids(std::string_view raw);

struct AuthResult {
  std::string method, result;  // "spf", "pass"; lower case
};
// RFC 8601: "mx.example; spf=pass smtp.mailfrom=...; dkim=none". Comments are dropped.
[[nodiscard]] std::vector<AuthResult> parse_auth_results(std::string_view raw);

}  // namespace assay::mail
