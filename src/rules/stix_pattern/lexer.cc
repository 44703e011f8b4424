#include "rules/stix_pattern/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "core/ascii.h"

namespace assay::stix {
namespace {

bool is_word_char(char c) { return is_alnum(c) || c == '_' || c == '-'; }

constexpr std::string_view kKeywords[] = {
    "AND", "OR",    "NOT",  "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST",
    "IN",  "START", "STOP", "SECONDS",    "true", "false",   "WITHIN",     "REPEATS",  "TIMES"};

// White space beyond ASCII that the grammar has.
constexpr std::string_view kSpaces[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
                                        "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
                                        "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
                                        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

std::size_t space_at(std::string_view rest) {
  if (rest.empty()) return 0;
  if (is_space(rest.front())) return 1;
  if (static_cast<unsigned char>(rest.front()) < 0x80) return 0;
  for (const std::string_view space : kSpaces) {
    if (rest.starts_with(space)) return space.size();
  }
  return 0;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// dddd-dd-ddTdd:dd:dd[.d+]Z
bool is_timestamp(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size() + 1 || text.back() != 'Z') return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !is_digit(text[i]) : text[i] != kForm[i]) return false;
  }
  std::string_view rest = text.substr(kForm.size(), text.size() - kForm.size() - 1);
  if (rest.empty()) return true;
  if (rest.size() < 2 || rest.front() != '.') return false;
  rest.remove_prefix(1);
  return std::all_of(rest.begin(), rest.end(), is_digit);
}

}  // namespace

void Lexer::forgive(std::string_view what) {
  if (std::find(report_.forgiven.begin(), report_.forgiven.end(), what) == report_.forgiven.end())
    report_.forgiven.emplace_back(what);
}

Error Lexer::bad(std::string what, std::string remedy) { return bad_at(place(), std::move(what), std::move(remedy)); }

Error Lexer::bad_at(std::size_t place, std::string what, std::string remedy) {
  report_.column = characters(text_.substr(0, place)) + 1;
  return Error{ErrorCode::bad_input, std::move(what), fmt::format("character {}", report_.column), std::move(remedy)};
}

Error Lexer::too_much(std::string what, std::string remedy) {
  report_.column = characters(text_.substr(0, at_)) + 1;
  return Error{ErrorCode::limit, std::move(what), fmt::format("character {}", report_.column), std::move(remedy)};
}

void Lexer::skip() {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (const std::size_t space = space_at(rest); space > 0) {
      at_ += space;
    } else if (rest.starts_with("//")) {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else if (rest.starts_with("/*") && rest.find("*/", 2) != std::string_view::npos) {
      at_ += rest.find("*/", 2) + 2;
    } else {
      return;
    }
  }
}

std::size_t Lexer::place() {
  skip();
  return at_;
}

bool Lexer::take(std::string_view symbol) {
  if (!starts(symbol)) return false;
  at_ += symbol.size();
  return true;
}

bool Lexer::peek_word(std::string_view word) {
  const std::string_view rest = text_.substr(place());
  if (rest.size() < word.size() || (rest.size() > word.size() && is_word_char(rest[word.size()]))) return false;
  return rest.starts_with(word) || (lenient_ && starts_with_icase(rest, word));
}

bool Lexer::take_word(std::string_view word) {
  if (!peek_word(word)) return false;
  if (!text_.substr(at_).starts_with(word)) forgive("keywords in small letters");
  at_ += word.size();
  return true;
}

std::string Lexer::shown() const {
  if (at_ >= text_.size()) return "the end";
  std::size_t end = at_;
  while (end < text_.size() && is_word_char(text_[end])) ++end;
  if (end == at_) end += std::max<std::size_t>(1, utf8_sequence(text_.substr(at_)));
  return fmt::format("'{}'", to_valid_utf8(text_.substr(at_, std::min<std::size_t>(end - at_, 40))));
}

Result<std::string> Lexer::name(bool type) {
  const std::size_t from = place();
  std::size_t end = from;
  while (end < text_.size() && is_word_char(text_[end])) ++end;
  const std::string_view word = text_.substr(from, end - from);
  const std::string what = type ? "an object path (type:property) is expected" : "the name of a property is expected";
  const std::string example = type ? "write a path such as file:name or ipv4-addr:value before the operator"
                                   : "write a name, or a quoted key such as 'SHA-256'";
  if (word.empty() || is_digit(word.front()) || word.front() == '-')
    return bad(fmt::format("{}, here stands {}", what, shown()), example);
  if (std::find(std::begin(kKeywords), std::end(kKeywords), word) != std::end(kKeywords))
    return bad(fmt::format("{}, here stands the keyword {}", what, word), type ? example : "put it into quotes");
  if (!type && word.find('-') != std::string_view::npos) {
    if (!lenient_) return bad(fmt::format("'{}' holds a hyphen", word), fmt::format("put it into quotes: '{}'", word));
    forgive("hyphens in a path without quotes");
  }
  at_ = end;
  return std::string(word);
}

Result<std::string> Lexer::quoted() {
  const std::size_t from = place();
  ++at_;  // '
  std::string out;
  while (at_ < text_.size() && text_[at_] != '\'') {
    if (text_[at_] == '\\') {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (next == '\'' || next == '\\') {
        ++at_;
      } else if (lenient_) {
        forgive("a backslash that is not doubled");
      } else {
        return bad_at(at_, "a single backslash in a string", "write \\\\ for a backslash, \\' for a quote");
      }
    }
    out += text_[at_++];
  }
  if (at_ >= text_.size()) return bad_at(from, "the string is not closed", "end it with a quote (')");
  ++at_;
  return out;
}

Result<std::string> Lexer::number(bool whole) {
  const std::size_t from = place();
  std::size_t end = from;
  const auto digits = [&] {
    const std::size_t first = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - first;
  };
  if (end < text_.size() && (text_[end] == '-' || (lenient_ && text_[end] == '+'))) ++end;
  const std::size_t first = end;
  const std::size_t before = digits();
  bool fraction = false;
  if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
    ++end;
    fraction = digits() > 0;
  }
  if (before == 0 && !fraction) return bad(fmt::format("a number is expected, here stands {}", shown()));
  if (!fraction && before > 1 && text_[first] == '0')
    return bad("a whole number does not begin with 0", "leave the zeros out");
  if (whole && fraction) return bad("a whole number is expected");
  std::string out(text_.substr(from, end - from));
  if (out.starts_with('+')) out.erase(0, 1);
  constexpr std::int64_t kMost = (std::int64_t{1} << 53) - 1;  // section 2.9
  if (const auto n = parse_int(out); !whole && !fraction && !lenient_ && (!n || *n > kMost || *n < -kMost))
    return bad("the number is out of range", fmt::format("whole numbers go from -{} to {}", kMost, kMost));
  at_ = end;
  return out;
}

Result<Literal> Lexer::literal() {
  const std::size_t from = place();
  Literal out;
  const std::string_view rest = text_.substr(from);
  if (rest.starts_with('\'')) {
    TRY(out.text, quoted());
    return out;
  }
  if (rest.size() > 1 && rest[1] == '\'' && (rest[0] == 't' || rest[0] == 'h' || rest[0] == 'b')) {
    ++at_;
    TRY(out.text, quoted());
    if (rest[0] == 't') {
      out.kind = Literal::Kind::timestamp;
      if (!is_timestamp(out.text) || !parse_iso8601(out.text))
        return bad_at(from, "not a timestamp", "write it as t'2021-02-03T04:05:06Z', in UTC");
      return out;
    }
    out.kind = Literal::Kind::bytes;
    if (rest[0] == 'h') {
      if (out.text.size() % 2 != 0 || !std::all_of(out.text.begin(), out.text.end(), is_hex))
        return bad_at(from, "h'' takes pairs of hexadecimal digits");
      std::string bytes;
      for (std::size_t i = 0; i < out.text.size(); i += 2)
        bytes += static_cast<char>(hex_value(out.text[i]) * 16 + hex_value(out.text[i + 1]));
      out.text = std::move(bytes);
      return out;
    }
    std::erase_if(out.text, [](char c) { return c == '\n' || c == '\r'; });
    const auto bytes = base64_decode(out.text);
    if (!bytes || out.text.empty()) return bad_at(from, "b'' takes Base64, padded with =");
    out.text = *bytes;
    return out;
  }
  for (const std::string_view word : {"true", "false"}) {
    if (!take_word(word)) continue;
    out.kind = Literal::Kind::boolean;
    out.text = word;
    return out;
  }
  if (rest.empty() || (!is_digit(rest[0]) && rest[0] != '-' && rest[0] != '.' && !(lenient_ && rest[0] == '+')))
    return bad(fmt::format("a value is expected, here stands {}", shown()),
               "write 'text' in quotes, a number, true, false, t'...', h'...' or b'...'");
  out.kind = Literal::Kind::number;
  TRY(out.text, number(false));
  return out;
}

}  // namespace assay::stix
