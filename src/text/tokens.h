// Cuts free text into the tokens that indicators can equal: addresses, host names, URLs, hashes, mail addresses, file
// names.
//
// A word is a maximal run of letters, digits, '.', '-', '_' and non-ASCII letters; '.', '-' and '_' at its ends are
// dropped. So 1.2.3.4 is found in "from 1.2.3.4:443, then" and not in 11.2.3.45, 1.2.3.4.5, v1.2.3.4 or 1.2.3.4-5.
//   address       four decimal numbers 0..255 without leading zeros; or an IPv6 form with "::" or seven ':'
//   hash          32, 40 or 64 hexadecimal digits, nothing else
//   domain        two or more labels, the last one alphabetic (2 or more) or punycode
//   file_name     a name, '.', and an extension of 1 to 8 letters and digits; the same word may also be a domain
//   mail_address  word (with '+', '%') '@' domain
//   url           scheme "://" up to a space, a quote, < > ` | \ ^ { } or a control character; punctuation at the end
//   is dropped
// What stands inside a URL or mail address is cut too. Every token is a view into the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/ascii.h"
#include "core/function_ref.h"
#include "text/token_marks.h"

namespace assay {

enum class TokenKind : std::uint8_t { address, domain, url, hash, mail_address, file_name };
[[nodiscard]] std::string_view name_of(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::domain;
  std::string_view text;
  std::size_t offset = 0;
};

// What words are made of, of ASCII.
[[nodiscard]] constexpr bool is_word_char(char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; }

class TokenKinds {
 public:
  TokenKinds() = default;
  [[nodiscard]] static TokenKinds all() { return TokenKinds(0xff); }
  void add(TokenKind kind) { bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(kind)); }
  [[nodiscard]] bool has(TokenKind kind) const { return (bits_ >> static_cast<unsigned>(kind) & 1U) != 0; }

 private:
  explicit TokenKinds(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};

// The tokens of the kinds. A word that is two kinds comes twice. Linear in the text.
void cut_tokens(std::string_view text, TokenKinds kinds, FunctionRef<void(const Token&)> sink);
inline void cut_tokens(std::string_view text, FunctionRef<void(const Token&)> sink) {
  cut_tokens(text, TokenKinds::all(), sink);
}
// The same of a text whose marks were read.
void cut_tokens(const TokenMarks& marks, TokenKinds kinds, FunctionRef<void(const Token&)> sink);
// False: neither the text nor what refang (text/defang.h) makes of it holds a token. A quick look at the bytes, true
// more often than it must be.
[[nodiscard]] bool may_hold_token(std::string_view text);

}  // namespace assay
