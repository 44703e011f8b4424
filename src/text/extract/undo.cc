#include "text/extract/undo.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/observable.h"
#include "text/extract/plain_marks.h"

namespace assay {
namespace {

constexpr std::size_t kChainLabels = 8;  // "a dot b dot com"

bool word_char(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }
bool label_char(char c) { return word_char(c) || c == '-' || c == '_'; }

struct Form {
  std::string_view inside, means;
};
constexpr std::array<Form, 14> kForms = {{{".", "."},
                                          {"dot", "."},
                                          {"d0t", "."},
                                          {"punkt", "."},
                                          {":", ":"},
                                          {"::", "::"},
                                          {"://", "://"},
                                          {":/", ":/"},
                                          {"//", "//"},
                                          {"/", "/"},
                                          {"@", "@"},
                                          {"at", "@"},
                                          {"www", "www"},
                                          {"www.", "www."}}};

char closing(char open) {
  switch (open) {
    case '[':
      return ']';
    case '(':
      return ')';
    case '{':
      return '}';
    default:
      return '>';
  }
}

class Undo {
 public:
  explicit Undo(std::string_view in) : in_(in) {}

  Prepared run() {
    out_.text.reserve(in_.size());
    out_.from.reserve(in_.size() + 1);
    out_.undone.reserve(in_.size());
    while (at_ < in_.size()) step();
    out_.from.push_back(static_cast<std::uint32_t>(in_.size()));
    return std::move(out_);
  }

 private:
  void put(std::string_view text, bool undone) {
    for (const char c : text) {
      out_.text += c;
      out_.from.push_back(static_cast<std::uint32_t>(at_));
      out_.undone.push_back(undone ? 1 : 0);
    }
  }
  void drop_spaces() {
    while (!out_.text.empty() && out_.text.back() == ' ') {
      out_.text.pop_back();
      out_.from.pop_back();
      out_.undone.pop_back();
    }
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  [[nodiscard]] char last() const { return out_.text.empty() ? '\n' : out_.text.back(); }
  [[nodiscard]] char last_mark() const {  // before spaces
    const std::size_t i = out_.text.find_last_not_of(' ');
    return i == std::string::npos ? '\n' : out_.text[i];
  }

  // At the begin of a line whose predecessor ends with a word: "62" and "[.]130" were cut by the line end.
  [[nodiscard]] bool word_before_line() const {
    std::size_t i = out_.text.find_last_not_of(' ');
    if (i == std::string::npos || out_.text[i] != '\n' || i == 0) return false;
    i = out_.text.find_last_not_of(' ', i - 1);
    return i != std::string::npos && word_char(out_.text[i]);
  }

  // The word that is being written holds a backslash: a path or a registry key.
  [[nodiscard]] bool in_path() const {
    for (std::size_t i = out_.text.size(), n = 0; i-- > 0 && n < 300; ++n) {
      if (out_.text[i] == '\\') return true;
      if (is_space(out_.text[i]) || out_.text[i] == '"' || out_.text[i] == '\'' || out_.text[i] == '`') return false;
    }
    return false;
  }

  void step() {
    const char c = in_[at_];
    if (static_cast<unsigned char>(c) >= 0x80) return high();
    if (c == '\r') {
      if (peek(1) != '\n') put("\n", false);
      ++at_;
      return;
    }
    if (c == '\f' || c == '\v') {
      put("\n", false);
      ++at_;
      return;
    }
    if ((c == '[' || c == '(' || c == '{' || c == '<') && bracket()) return;
    if (c == '.' && peek(1) == ']' && word_char(last()) && word_char(peek(2))) return take(2, ".");  // "evil.]com"
    // "evil\.example"; inside of a path the backslash is its own.
    if (c == '\\' && peek(1) == '.' && word_char(last()) && word_char(peek(2)) && !in_path()) return take(2, ".");
    if (c == '\\' && peek(1) == '/' && (last() == ':' || last() == '/' || word_char(last()))) {  // JSON's "https:\/\/"
      ++at_;
      put("/", false);
      ++at_;
      return;
    }
    if (turned_ && (is_space(c) || c == '"' || c == '<' || c == '|')) turned_ = false;
    if (turned_ && c == '\\') return take(1, "/");  // "http:\\\\evil.example\\a"
    if (is_digit(c) && spaced_address()) return;
    if (c == '\\' && peek(1) == '\\' &&
        (last() == ':' || last() == '%' || last() == '}' || (word_char(last()) && in_path())))
      ++at_;  // "C:\\Windows"
    if ((c == 'h' || c == 'H' || c == 'f' || c == 'F' || c == 'm' || c == 'M') && scheme()) return;
    if (c == ' ' && spelled()) return;
    put(in_.substr(at_, 1), false);
    ++at_;
  }

  void take(std::size_t bytes, std::string_view means) {
    put(means, true);
    at_ += bytes;
  }

  // Characters that nobody sees, other forms of dots, quotes, spaces and hyphens.
  void high() {
    const std::size_t n = utf8_sequence(in_.substr(at_));
    if (n < 2) {
      put("?", false);
      ++at_;
      return;
    }
    std::uint32_t code = static_cast<unsigned char>(in_[at_]) & (0xffU >> (n + 1));
    for (std::size_t i = 1; i < n; ++i) code = code << 6 | (static_cast<unsigned char>(in_[at_ + i]) & 63U);
    const bool unseen = unseen_mark(code);
    if (unseen) {
      at_ += n;
      if (code == 0xad && (peek() == '\n' || (peek() == '\r' && peek(1) == '\n'))) {  // hyphenated: the word goes on
        while (at_ < in_.size() && is_space(in_[at_])) ++at_;
      }
      return;
    }
    // Full-width and ideographic stops; between other letters they end a sentence.
    if (code == 0x2024 || code == 0xff0e || code == 0x3002 || code == 0xff61) {
      const bool name = is_alnum(last()) && is_alnum(peek(n));
      if (name || code == 0x2024) return take(n, ".");
      put(". ", false);
      at_ += n;
      return;
    }
    const std::string_view plain = plain_mark(code);
    put(plain.empty() ? in_.substr(at_, n) : plain, false);
    at_ += n;
  }

  // "[.]", "( dot )", "{at}", "<.>", "[.", "[.com]".
  bool bracket() {
    const char open = in_[at_], close = closing(open);
    std::size_t i = at_ + 1;
    while (i < in_.size() && in_[i] == ' ' && i < at_ + 3) ++i;
    for (const Form& form : kForms) {
      if (!starts_with_icase(in_.substr(i), form.inside)) continue;
      std::size_t end = i + form.inside.size();
      while (end < in_.size() && in_[end] == ' ' && end < i + form.inside.size() + 2) ++end;
      if (end >= in_.size() || in_[end] != close) continue;
      if (open == '(' && form.means.front() == ':') continue;  // "(:" is a face
      if (form.means.front() == '/' && open != '[') continue;
      if (form.means.starts_with("www") && open != '[') continue;
      ++end;
      if (form.means == "." || form.means == "@") {
        // Spaces around it go when names stand on both sides; at a line's end the name goes on in the next line.
        std::size_t next = end;
        while (next < in_.size() && in_[next] == ' ' && next < end + 2) ++next;
        if (!word_char(last_mark()) && !(form.means == "." && word_before_line())) return false;
        if (next < in_.size() && word_char(in_[next])) {
          if (form.means == "@" && open == '(' && last() == ' ') return false;  // "arrived (at) noon"
          drop_spaces();
          take(next - at_, form.means);
          return true;
        }
        if (form.means == "@") return false;
        drop_spaces();
      }
      take(end - at_, form.means);
      return true;
    }
    if (open == '[' && peek(1) == '.' && word_char(last()) && word_char(peek(2))) {  // "evil[.com" and "evil[.com]"
      std::size_t end = at_ + 2;
      while (end < in_.size() && (label_char(in_[end]) || in_[end] == '.')) ++end;
      const bool closed = end < in_.size() && in_[end] == ']';
      put(".", true);
      at_ += 2;
      while (at_ < end) {
        put(in_.substr(at_, 1), false);
        ++at_;
      }
      if (closed) ++at_;
      return true;
    }
    return false;
  }

  // hxxp, h**p, h__p, hxtp, htxp, fxp, meow before "s", ":" or "[".
  bool scheme() {
    if (word_char(last())) return false;
    const std::string_view rest = in_.substr(at_, 8);
    std::size_t n = 0;
    std::string_view means = "http";
    if (rest.size() > 4 && to_lower(rest[0]) == 'h' && to_lower(rest[3]) == 'p') {
      const char a = to_lower(rest[1]), b = to_lower(rest[2]);
      if ((a == 'x' && (b == 'x' || b == 't')) || (a == 't' && b == 'x') || (a == '*' && b == '*') ||
          (a == '_' && b == '_') || (a == '-' && b == '-') || (a == '#' && b == '#'))
        n = 4;
    } else if (rest.size() > 3 && to_lower(rest[0]) == 'h' && to_lower(rest[1]) == 'x' && to_lower(rest[2]) == 'p') {
      n = 3;
    } else if (rest.size() > 3 && to_lower(rest[0]) == 'f' && to_lower(rest[1]) == 'x' && to_lower(rest[2]) == 'p') {
      n = 3;
      means = "ftp";
    } else if (starts_with_icase(rest, "meow")) {
      n = 4;
    }
    if (n == 0) return false;
    std::size_t next = at_ + n;
    const bool s = next < in_.size() && to_lower(in_[next]) == 's';
    if (s) ++next;
    if (next >= in_.size() || (in_[next] != ':' && in_[next] != '[')) return false;
    put(means, true);
    if (s) put("s", true);
    at_ = next;
    if (in_.substr(at_).starts_with(":\\\\")) {
      take(3, "://");
      turned_ = true;
    }
    return true;
  }

  [[nodiscard]] std::string_view label_at(std::size_t i) const {
    std::size_t end = i;
    while (end < in_.size() && end - i < 64 && label_char(in_[end])) ++end;
    return in_.substr(i, end - i);
  }

  // "evil dot com" when the chain ends in a top-level name, and "someone at evil dot com".
  bool spelled() {
    if (!word_char(last()) || at_ + 4 >= in_.size()) return false;
    const bool dot = starts_with_icase(in_.substr(at_), " dot ");
    const bool at = starts_with_icase(in_.substr(at_), " at ");
    if (!dot && !at) return false;
    std::size_t i = at_ + (dot ? 5 : 4);
    std::string chain = "x";
    std::size_t labels = 0;
    if (at) {
      const std::string_view first = label_at(i);
      if (first.empty() || !starts_with_icase(in_.substr(i + first.size()), " dot ")) return false;
      chain = first;
      i += first.size() + 5;
    }
    while (labels < kChainLabels) {
      const std::string_view label = label_at(i);
      if (label.empty()) return false;
      chain += "." + std::string(label);
      ++labels;
      i += label.size();
      if (!starts_with_icase(in_.substr(i), " dot ")) break;
      i += 5;
    }
    if (!has_known_suffix(chain)) return false;
    const std::size_t chain_end = i;
    std::size_t begin = out_.text.size();
    while (begin > 0 && out_.text.size() - begin < 256 &&
           (label_char(out_.text[begin - 1]) || out_.text[begin - 1] == '.'))
      --begin;
    const std::string before = lower(std::string_view(out_.text).substr(begin));
    if (dot) {
      for (const std::string_view no : {"the", "a", "an", "polka", "red", "this", "that", "green", "blue"}) {
        if (before == no) return false;
      }
      if (at_ < plain_until_) {
        put(".", false);
        at_ += 5;
      } else {
        take(5, ".");
      }
      return true;
    }
    // A line of its own, "kim at fjord dot org": whoever writes it hides his own mailbox from those who send spam.
    std::size_t line = begin;
    while (line > 0 && begin - line < 16 &&
           (out_.text[line - 1] == ' ' || out_.text[line - 1] == '<' || out_.text[line - 1] == '('))
      --line;
    const bool line_begins = line == 0 || out_.text[line - 1] == '\n';
    std::size_t stop = chain_end;
    while (stop < in_.size() && (in_[stop] == ' ' || in_[stop] == '>' || in_[stop] == ')' || in_[stop] == '\r')) ++stop;
    if (begin < out_.text.size() && line_begins && (stop >= in_.size() || in_[stop] == '\n')) {
      put("@", false);
      at_ += 4;
      plain_until_ = chain_end;
      return true;
    }
    // "hosted at evil dot com" is no address of somebody.
    const bool odd = before.find_first_of("._-0123456789") != std::string::npos;
    const std::string lead =
        lower(std::string_view(out_.text).substr(begin > 24 ? begin - 24 : 0, std::min<std::size_t>(begin, 24)));
    const bool said = lead.find("mail") != std::string::npos || lead.find("sender") != std::string::npos ||
                      lead.find("from") != std::string::npos || lead.find("contact") != std::string::npos ||
                      lead.find("address") != std::string::npos;
    if (!odd && !said) return false;
    take(4, "@");
    return true;
  }

  // "31 . 214 . 157 . 88", "31,214,157,31": four figures that are an address.
  bool spaced_address() {
    if (word_char(last()) || last() == '.' || last() == ',' || last() == '-') return false;
    std::size_t i = at_;
    std::string dotted;
    std::string_view between;
    for (int part = 0; part < 4; ++part) {
      const std::size_t begin = i;
      while (i < in_.size() && is_digit(in_[i]) && i - begin < 4) ++i;
      if (i == begin) return false;
      dotted.append(in_.substr(begin, i - begin));
      if (part == 3) break;
      std::size_t next = i;
      while (next < in_.size() && (in_[next] == ' ' || in_[next] == '.' || in_[next] == ',') && next - i < 4) ++next;
      const std::string_view gap = in_.substr(i, next - i);
      if ((gap != " . " && gap != ",") || (!between.empty() && gap != between)) return false;
      between = gap;
      dotted += '.';
      i = next;
    }
    if (i < in_.size() &&
        (word_char(in_[i]) || in_[i] == ',' || (in_[i] == '.' && i + 1 < in_.size() && is_digit(in_[i + 1]))))
      return false;
    if (!is_ipv4(dotted)) return false;
    take(i - at_, dotted);
    return true;
  }

  std::string_view in_;
  std::size_t plain_until_ = 0;  // up to there a dot in words is no defanged one
  bool turned_ = false;          // in a URL whose slashes are backslashes
  std::size_t at_ = 0;
  Prepared out_;
};

}  // namespace

Prepared undo_defanging(std::string_view text) { return Undo(text).run(); }

}  // namespace assay
