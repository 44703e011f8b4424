#include "text/tokens.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kWordBytes = 512;  // longer runs are no names (Base64, hex dumps)
constexpr std::size_t kUrlBytes = 8192;
constexpr std::size_t kSchemeBytes = 12;
constexpr std::size_t kLocalBytes = 64;
constexpr std::size_t kShortestHash = 32;

enum : std::uint8_t { kWord = 1, kHigh = 2, kUrlEnd = 4, kColon = 8, kDot = 16, kMark = 32 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> out{};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    std::uint8_t bits = 0;
    if (is_word_char(c)) bits |= kWord;
    if (i >= 0x80) bits |= kHigh;
    if (i <= 0x20 || i == 0x7f || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' || c == '\\' ||
        c == '^' || c == '{' || c == '}')
      bits |= kUrlEnd;
    if (c == ':') bits |= kColon;
    if (c == '.') bits |= kDot;
    if (c == '.' || c == ':' || c == '@' || c == '[' || c == '(' || c == '{') bits |= kMark;
    out[static_cast<std::size_t>(i)] = bits;
  }
  return out;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();
std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// Length of a non-ASCII letter at the start of text; 0 for spaces, quotes, dashes and other marks (U+0080..00BF,
// U+2000..206F, U+3000..303F, U+FF00..FF0F) and for bytes that are not UTF-8.
std::size_t high_letter(std::string_view text) {
  const std::size_t n = utf8_sequence(text);
  if (n < 2) return 0;
  std::uint32_t code = static_cast<unsigned char>(text[0]) & (0xffU >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 63U);
  const bool mark = code < 0xc0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x303f) ||
                    (code >= 0xff00 && code <= 0xff0f);
  return mark ? 0 : n;
}

// Bytes of the word character at text[at]; 0 when it is none.
std::size_t word_char(std::string_view text, std::size_t at) {
  const std::uint8_t bits = class_of(text[at]);
  if (bits & kWord) return 1;
  return bits & kHigh ? high_letter(text.substr(at)) : 0;
}

bool is_ipv4(std::string_view word) {
  std::size_t parts = 0, at = 0;
  while (true) {
    const std::size_t start = at;
    int value = 0;
    while (at < word.size() && is_digit(word[at]) && at - start < 3) value = value * 10 + (word[at++] - '0');
    if (at == start || value > 255 || (at - start > 1 && word[start] == '0')) return false;
    ++parts;
    if (at == word.size()) return parts == 4;
    if (word[at++] != '.' || parts == 4) return false;
  }
}

bool is_ipv6_form(std::string_view text) {
  std::size_t colons = 0, group = 0, doubles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') {
      ++colons;
      group = 0;
      if (i > 0 && text[i - 1] == ':') ++doubles;
    } else if (text[i] == '.') {
      group = 0;
    } else if (++group > 4) {
      return false;
    }
  }
  const bool dotted = text.find('.') != std::string_view::npos;
  if (dotted && !is_ipv4(text.substr(text.rfind(':') + 1))) return false;
  const std::size_t full = dotted ? 6 : 7;
  return (doubles == 1 && colons <= full + 1 && text.size() > 2) || (doubles == 0 && colons == full);
}

bool all_hex(std::string_view word) { return std::all_of(word.begin(), word.end(), is_hex); }

// PERF NOTE: short loops; the library's searches are calls, and a log has several names a line.
bool is_domain(std::string_view word) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (word[i] != '.') continue;
    if (word[i - 1] == '.') return false;
    last = i;
  }
  if (last == 0 || word.size() > 253) return false;
  const std::string_view top = word.substr(last + 1);
  if (starts_with_icase(top, "xn--")) return top.size() > 4;
  return top.size() >= 2 && std::all_of(top.begin(), top.end(),
                                        [](char c) { return is_alpha(c) || static_cast<unsigned char>(c) >= 0x80; });
}

bool is_file_name(std::string_view word) {
  const std::size_t last = word.rfind('.');
  if (last == std::string_view::npos || last == 0) return false;
  const std::string_view extension = word.substr(last + 1);
  return !extension.empty() && extension.size() <= 8 && std::all_of(extension.begin(), extension.end(), is_alnum) &&
         !is_ipv4(word);
}

bool is_edge(char c) { return c == '.' || c == '-' || c == '_'; }

// Where characters stand, byte by byte: any text.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  [[nodiscard]] std::string_view text() const { return text_; }
  // The first place from `at` on where a word or "::" may begin.
  [[nodiscard]] std::size_t next_start(std::size_t at) const {
    for (; at < text_.size(); ++at) {
      const std::uint8_t bits = class_of(text_[at]);
      if ((bits & (kWord | kColon)) != 0 || ((bits & kHigh) != 0 && high_letter(text_.substr(at)) != 0)) break;
    }
    return at;
  }
  [[nodiscard]] std::size_t word_end(std::size_t at, bool& dots) const {
    std::uint8_t seen = 0;
    while (at < text_.size()) {
      const std::uint8_t bits = class_of(text_[at]);
      if ((bits & kWord) != 0) {
        seen |= bits;
        ++at;
        continue;
      }
      const std::size_t n = (bits & kHigh) != 0 ? high_letter(text_.substr(at)) : 0;
      if (n == 0) break;
      at += n;
    }
    dots = (seen & kDot) != 0;
    return at;
  }
  // Of four digits at `at` at most, and one more.
  [[nodiscard]] std::size_t hex_end(std::size_t at) const {
    const std::size_t last = std::min(at + 5, text_.size());
    while (at < last && is_hex(text_[at])) ++at;
    return at;
  }
  [[nodiscard]] std::size_t url_end(std::size_t begin, std::size_t at) const {
    while (at < text_.size() && at - begin < kUrlBytes && !(class_of(text_[at]) & kUrlEnd)) {
      const std::size_t high = class_of(text_[at]) & kHigh ? high_letter(text_.substr(at)) : 1;
      if (high == 0) break;
      at += high;
    }
    return std::min(at, text_.size());
  }
  [[nodiscard]] bool is_domain(std::size_t begin, std::size_t end) const {
    return assay::is_domain(text_.substr(begin, end - begin));
  }

 private:
  std::string_view text_;
};

// The same from marks.
class Marked {
 public:
  explicit Marked(const TokenMarks& marks) : marks_(marks) {}
  [[nodiscard]] std::string_view text() const { return marks_.text(); }
  [[nodiscard]] std::size_t next_start(std::size_t at) const { return marks_.next_start(at); }
  [[nodiscard]] std::size_t word_end(std::size_t at, bool& dots) const {
    const std::size_t end = marks_.word_end(at);
    dots = marks_.has_dot(at, end);
    return end;
  }
  [[nodiscard]] std::size_t hex_end(std::size_t at) const { return marks_.hex_end(at); }
  [[nodiscard]] std::size_t url_end(std::size_t, std::size_t at) const { return marks_.url_end(at); }
  [[nodiscard]] bool is_domain(std::size_t begin, std::size_t end) const {
    const std::size_t size = end - begin;
    if (size >= 64) return assay::is_domain(text().substr(begin, size));
    const std::uint64_t dots = marks_.dots(begin) & ((std::uint64_t{1} << size) - 1);
    if ((dots & dots >> 1) != 0 || dots <= 1) return false;
    const std::size_t top = 64 - static_cast<std::size_t>(std::countl_zero(dots));
    if (starts_with_icase(text().substr(begin + top, size - top), "xn--")) return size - top > 4;
    const std::uint64_t letters = (std::uint64_t{1} << (size - top)) - 1;
    return size - top >= 2 && (marks_.letters(begin + top) & letters) == letters;
  }

 private:
  const TokenMarks& marks_;
};

template <class Look>
class Cutter {
 public:
  Cutter(const Look& look, TokenKinds kinds, FunctionRef<void(const Token&)> sink)
      : look_(look), text_(look.text()), kinds_(kinds), sink_(sink) {}

  void run() {
    std::size_t at = 0;
    while ((at = look_.next_start(at)) < text_.size()) at = text_[at] == ':' ? colon(at) : word(at);
  }

 private:
  void emit(TokenKind kind, std::size_t begin, std::size_t end) {
    if (kinds_.has(kind)) sink_(Token{kind, text_.substr(begin, end - begin), begin});
  }

  // An IPv6 address from `begin`, where a word or "::" starts; its end, or begin when there is none.
  [[nodiscard]] std::size_t ipv6_end(std::size_t begin) const {
    std::size_t end = begin;
    while (end < text_.size() && end - begin <= 46 && (is_hex(text_[end]) || text_[end] == ':' || text_[end] == '.'))
      ++end;
    if (end < text_.size() && word_char(text_, end) != 0) return begin;
    while (end > begin &&
           (text_[end - 1] == '.' || (text_[end - 1] == ':' && !(end - begin >= 3 && text_[end - 2] == ':'))))
      --end;
    return end - begin >= 3 && is_ipv6_form(text_.substr(begin, end - begin)) ? end : begin;
  }

  std::size_t colon(std::size_t at) {
    if (text_.substr(at).starts_with("::") &&
        (at == 0 || (text_[at - 1] != ':' && !(class_of(text_[at - 1]) & (kWord | kHigh))))) {
      if (const std::size_t end = ipv6_end(at); end > at) {
        emit(TokenKind::address, at, end);
        return end;
      }
    }
    return at + 1;
  }

  std::size_t word(std::size_t begin) {
    if (begin + 2 < text_.size() && is_hex(text_[begin])) {
      const std::size_t i = look_.hex_end(begin);
      if (i < text_.size() && text_[i] == ':' && i - begin <= 4 && (begin == 0 || text_[begin - 1] != ':')) {
        if (const std::size_t end = ipv6_end(begin); end > begin) {
          emit(TokenKind::address, begin, end);
          return end;
        }
      }
    }
    bool dots = false;
    const std::size_t end = look_.word_end(begin, dots);
    if ((dots || end - begin >= kShortestHash) && end - begin <= kWordBytes) {
      std::size_t first = begin, last = end;
      while (first < last && is_edge(text_[first])) ++first;
      while (last > first && is_edge(text_[last - 1])) --last;
      if (first < last) named(first, last, dots);
    }
    if (end < text_.size() && text_[end] == '@' && end - begin <= kWordBytes && kinds_.has(TokenKind::mail_address)) {
      std::size_t first = begin;
      while (first < end && is_edge(text_[first])) ++first;
      if (first < end) mail(first, end);
    }
    if (end < text_.size() && text_[end] == ':' && kinds_.has(TokenKind::url) && text_.substr(end).starts_with("://"))
      url(begin, end);
    return end;
  }

  void named(std::size_t begin, std::size_t end, bool dots) {
    const std::string_view text = text_.substr(begin, end - begin);
    if ((text.size() == 32 || text.size() == 40 || text.size() == 64) && all_hex(text)) {
      emit(TokenKind::hash, begin, end);
      return;
    }
    if (!dots) return;
    if (is_digit(text.front()) && is_ipv4(text)) {
      emit(TokenKind::address, begin, end);
      return;
    }
    if (kinds_.has(TokenKind::domain) && look_.is_domain(begin, end)) emit(TokenKind::domain, begin, end);
    if (kinds_.has(TokenKind::file_name) && is_file_name(text)) emit(TokenKind::file_name, begin, end);
  }

  void mail(std::size_t begin, std::size_t at) {
    while (begin > 0 && at - begin < kLocalBytes &&
           (text_[begin - 1] == '+' || text_[begin - 1] == '%' || (class_of(text_[begin - 1]) & kWord)))
      --begin;
    while (begin < at && !is_alnum(text_[begin]) && class_of(text_[begin]) != kHigh) ++begin;
    bool dots = false;
    std::size_t end = look_.word_end(at + 1, dots);
    while (end > at + 1 && is_edge(text_[end - 1])) --end;
    if (end - at > 1 && end - at <= 254 && look_.is_domain(at + 1, end)) emit(TokenKind::mail_address, begin, end);
  }

  void url(std::size_t word_begin, std::size_t scheme_end) {
    std::size_t begin = scheme_end;
    while (begin > word_begin && scheme_end - begin < kSchemeBytes && is_alnum(text_[begin - 1])) --begin;
    if (begin == scheme_end || !is_alpha(text_[begin])) return;
    const std::size_t first = scheme_end + 3;
    std::size_t end = look_.url_end(begin, first);
    while (end > first) {
      const char c = text_[end - 1];
      const bool mark = c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?' || c == '*';
      const char open = c == ')' ? '(' : c == ']' ? '[' : '\0';
      const std::string_view body = text_.substr(first, end - first);
      const bool unbalanced =
          open != '\0' && std::count(body.begin(), body.end(), c) > std::count(body.begin(), body.end(), open);
      if (!mark && !unbalanced) break;
      --end;
    }
    if (end > first) emit(TokenKind::url, begin, end);
  }

  Look look_;
  std::string_view text_;
  TokenKinds kinds_;
  FunctionRef<void(const Token&)> sink_;
};

}  // namespace

std::string_view name_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::address:
      return "address";
    case TokenKind::domain:
      return "domain";
    case TokenKind::url:
      return "url";
    case TokenKind::hash:
      return "hash";
    case TokenKind::mail_address:
      return "mail_address";
    case TokenKind::file_name:
      return "file_name";
  }
  return "?";
}

void cut_tokens(std::string_view text, TokenKinds kinds, FunctionRef<void(const Token&)> sink) {
  Cutter(Bytes(text), kinds, sink).run();
}
void cut_tokens(const TokenMarks& marks, TokenKinds kinds, FunctionRef<void(const Token&)> sink) {
  Cutter(Marked(marks), kinds, sink).run();
}

// Every token but a hash needs one of the marks, or one of the brackets in which a mark can be hidden; a hash is a run
// of 32 digits or more, and such a run holds every 32nd byte of the text once.
bool may_hold_token(std::string_view text) {
  for (const char c : text) {
    if ((class_of(c) & kMark) != 0) return true;
  }
  for (std::size_t at = kShortestHash - 1; at < text.size(); at += kShortestHash) {
    std::size_t begin = at, end = at;
    while (end < text.size() && is_hex(text[end])) ++end;
    while (begin > 0 && end > at && is_hex(text[begin - 1])) --begin;
    if (end - begin >= kShortestHash) return true;
  }
  return false;
}

}  // namespace assay
