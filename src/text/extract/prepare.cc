#include "text/extract/prepare.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/observable.h"

namespace assay {
namespace {

constexpr std::size_t kChainLabels = 8;   // "a dot b dot com"
constexpr std::size_t kPieces = 5;        // lines that one value may be cut into
constexpr std::size_t kWideLine = 60;     // a line this long may have been cut by its width
constexpr std::size_t kNarrow = 40;       // columns of a page are not narrower
constexpr std::size_t kLabelLines = 40;   // how far above the label of a column may stand
constexpr std::size_t kNeighbours = 2;
constexpr std::size_t kTokenBytes = 2048;

bool word_char(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }
bool label_char(char c) { return word_char(c) || c == '-' || c == '_'; }

struct Form {
  std::string_view inside, means;
};
constexpr std::array<Form, 13> kForms = {{{".", "."},
                                          {"dot", "."},
                                          {"d0t", "."},
                                          {"punkt", "."},
                                          {":", ":"},
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
    if (c == '\\' && peek(1) == '\\' && (last() == ':' || last() == '%' || last() == '}' || (word_char(last()) && in_path()))) ++at_;  // "C:\\Windows"
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
    const bool unseen = code == 0xad || (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
                        (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
    if (unseen) {
      at_ += n;
      if (code == 0xad && (peek() == '\n' || (peek() == '\r' && peek(1) == '\n'))) {  // hyphenated: the word goes on
        while (at_ < in_.size() && is_space(in_[at_])) ++at_;
      }
      return;
    }
    if (code == 0x2024 || code == 0xff0e || code == 0x3002 || code == 0xff61) return take(n, ".");
    std::string_view plain;
    if (code == 0xff1a) plain = ":";
    if (code == 0xff0f) plain = "/";
    if (code == 0xff20) plain = "@";
    if (code == 0xa0 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x3000) plain = " ";
    if (code == 0x2010 || code == 0x2011) plain = "-";
    if (code >= 0x2012 && code <= 0x2015) plain = " - ";
    if (code == 0x2018 || code == 0x2019) plain = "'";
    if (code == 0x201c || code == 0x201d || code == 0x201e || code == 0xab || code == 0xbb || code == 0x300c || code == 0x300d) plain = "\"";
    if (code == 0x201a || code == 0x2039 || code == 0x203a) plain = "'";
    if (code == 0x2026) plain = "...";
    if (code == 0xff08) plain = "(";
    if (code == 0xff09) plain = ")";
    if (code == 0xff0c || code == 0x3001) plain = ",";
    // Raised figures are marks of footnotes.
    if (code == 0xb9 || code == 0xb2 || code == 0xb3 || (code >= 0x2070 && code <= 0x209f) || code == 0x2020 || code == 0x2021) plain = " ";
    if (code == 0x2192 || code == 0x21d2 || code == 0x2190 || code == 0x27a4 || code == 0x25ba || code == 0xb7) plain = " ";
    if (code == 0x2022 || code == 0x25cf || code == 0x25aa || code == 0x25e6 || code == 0x2023) plain = "*";
    if (code == 0x2028 || code == 0x2029) plain = "\n";
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
        if (!word_char(last_mark())) return false;
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
      if ((a == 'x' && (b == 'x' || b == 't')) || (a == 't' && b == 'x') || (a == '*' && b == '*') || (a == '_' && b == '_') ||
          (a == '-' && b == '-') || (a == '#' && b == '#'))
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
    if (in_.substr(at_).starts_with(":\\\\")) take(3, "://");
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
    std::size_t begin = out_.text.size();
    while (begin > 0 && out_.text.size() - begin < 256 && (label_char(out_.text[begin - 1]) || out_.text[begin - 1] == '.')) --begin;
    const std::string before = lower(std::string_view(out_.text).substr(begin));
    if (dot) {
      for (const std::string_view no : {"the", "a", "an", "polka", "red", "this", "that", "green", "blue"}) {
        if (before == no) return false;
      }
      take(5, ".");
      return true;
    }
    // "hosted at evil dot com" is no address of somebody.
    const bool odd = before.find_first_of("._-0123456789") != std::string::npos;
    const std::string lead = lower(std::string_view(out_.text).substr(begin > 24 ? begin - 24 : 0, std::min<std::size_t>(begin, 24)));
    const bool said = lead.find("mail") != std::string::npos || lead.find("sender") != std::string::npos ||
                      lead.find("from") != std::string::npos || lead.find("contact") != std::string::npos ||
                      lead.find("address") != std::string::npos;
    if (!odd && !said) return false;
    take(4, "@");
    return true;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  Prepared out_;
};

bool standard_digits(std::size_t n) { return n == 32 || n == 40 || n == 64 || n == 128; }
bool url_char(char c) {
  return word_char(c) || std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

// Joins values that a line end cut: the gaps [end of the piece, begin of the next) that go.
class Joiner {
 public:
  explicit Joiner(const Prepared& in) : in_(in), text_(in.text) {
    std::size_t begin = 0;
    while (begin <= text_.size()) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      lines_.emplace_back(begin, end);
      begin = end + 1;
    }
  }

  // "c26f5a64d1cf5ed8 cb5226934912bac8 ...": a hash in groups of one size, also over line ends.
  void groups() {
    std::size_t at = 0;
    while (at < text_.size()) {
      if (!is_hex(text_[at]) || (at > 0 && (word_char(text_[at - 1]) || text_[at - 1] == '-' || text_[at - 1] == '.'))) {
        ++at;
        continue;
      }
      std::vector<std::pair<std::size_t, std::size_t>> parts;
      std::size_t i = at, size = 0;
      bool letters = false;
      while (i < text_.size() && parts.size() < 33) {
        std::size_t end = i;
        while (end < text_.size() && is_hex(text_[end]) && end - i < 40) letters = letters || !is_digit(text_[end]), ++end;
        const std::size_t n = end - i;
        if (size == 0) size = n;
        if (n != size || (end < text_.size() && (word_char(text_[end]) || text_[end] == '-' || text_[end] == ':'))) break;
        parts.emplace_back(i, end);
        std::size_t next = end, breaks = 0;
        while (next < text_.size() && next - end < 80 && is_space(text_[next])) breaks += text_[next++] == '\n';
        if (next == end || breaks > 1) break;
        i = next;
      }
      const std::size_t total = parts.size() * size;
      const bool several = total > 64 && total % 64 == 0;
      const bool fits = (size == 4 || size == 8 || size == 16) && letters && (standard_digits(total) || several) && parts.size() >= 4;
      if (fits) {
        grouped_.emplace_back(parts.front().first, parts.back().second);
        // Two of SHA-256 are likelier than one of SHA-512.
        for (std::size_t k = 0; k + 1 < parts.size(); ++k) {
          if (several && (k + 1) * size % 64 == 0) continue;
          gaps_.emplace_back(parts[k].second, parts[k + 1].first);
        }
      }
      at = parts.empty() ? at + 1 : fits ? parts.back().second : parts.front().second;
    }
  }

  std::vector<std::pair<std::size_t, std::size_t>> run() {
    groups();
    for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
      if (const std::size_t pieces = hash(i); pieces > 1) {
        for (std::size_t k = 0; k + 1 < pieces; ++k) gap(i + k, true);
        i += pieces - 2;
        continue;
      }
      if (name_or_url(i)) gap(i, false);
    }
    std::sort(gaps_.begin(), gaps_.end());
    return std::move(gaps_);
  }

 private:
  struct Token {
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
  };
  [[nodiscard]] std::string_view line(std::size_t i) const {
    return text_.substr(lines_[i].first, lines_[i].second - lines_[i].first);
  }
  [[nodiscard]] std::string_view of(const Token& t) const { return text_.substr(t.begin, t.end - t.begin); }
  [[nodiscard]] Token tail(std::size_t i) const {
    Token t;
    t.end = lines_[i].second;
    while (t.end > lines_[i].first && is_space(text_[t.end - 1])) --t.end;
    t.begin = t.end;
    while (t.begin > lines_[i].first && !is_space(text_[t.begin - 1]) && t.end - t.begin < kTokenBytes) --t.begin;
    return t;
  }
  [[nodiscard]] Token head(std::size_t i) const {
    Token t;
    t.begin = lines_[i].first;
    while (t.begin < lines_[i].second && is_space(text_[t.begin])) ++t.begin;
    t.end = t.begin;
    while (t.end < lines_[i].second && !is_space(text_[t.end]) && t.end - t.begin < kTokenBytes) ++t.end;
    return t;
  }

  void gap(std::size_t i, bool hyphen) {
    Token t = tail(i);
    if (hyphen && t.size() > 0 && text_[t.end - 1] == '-') --t.end;
    gaps_.emplace_back(t.end, head(i + 1).begin);
  }

  [[nodiscard]] bool says(std::size_t i, std::string_view a, std::string_view b) const {
    const std::size_t first = i > kLabelLines ? i - kLabelLines : 0;
    for (std::size_t k = i + 1; k-- > first;) {
      if (contains_icase(line(k), a) || contains_icase(line(k), b)) return true;
      // The nearest word about a kind decides.
      if (k != i && (contains_icase(line(k), "md5") || contains_icase(line(k), "sha1") || contains_icase(line(k), "sha-"))) return false;
    }
    return false;
  }

  // Pieces of a hash that begins at the end of line i; 1: it is no cut hash.
  [[nodiscard]] std::size_t hash(std::size_t i) const {
    Token t = tail(i);
    if (t.size() > 0 && text_[t.end - 1] == '-') --t.end;
    std::size_t begin = t.end;
    while (begin > t.begin && is_hex(text_[begin - 1])) --begin;
    if (begin > t.begin && word_char(text_[begin - 1])) return 1;
    std::size_t total = t.end - begin;
    if (total < 6 || total > 127) return 1;
    const std::size_t first = total;
    const auto group = std::upper_bound(grouped_.begin(), grouped_.end(), std::pair(begin, text_.size()));
    if (group != grouped_.begin() && begin < std::prev(group)->second) return 1;
    const bool digit = std::any_of(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                   text_.begin() + static_cast<std::ptrdiff_t>(t.end), is_digit);
    if (!digit) return 1;
    const bool aligned = begin - lines_[i].first > 2 && i + 1 < lines_.size() && trim(text_.substr(lines_[i].first, begin - lines_[i].first)).size() > 0 &&
                         head(i + 1).begin - lines_[i + 1].first == begin - lines_[i].first && tail(i + 1).begin == head(i + 1).begin;
    const bool long_wanted = aligned || (first == 32 && says(i, "sha256", "sha-256")) || (first == 64 && says(i, "sha512", "sha-512"));
    if (standard_digits(first) && !long_wanted) return 1;
    for (std::size_t k = 1; k < kPieces && i + k < lines_.size(); ++k) {
      Token h = head(i + k);
      std::size_t end = h.begin;
      while (end < h.end && is_hex(text_[end])) ++end;
      if (end == h.begin) return 1;
      total += end - h.begin;
      if (total > 128) return 1;
      const bool whole = end == h.end || !word_char(text_[end]);
      if (!whole) return 1;
      if (standard_digits(total)) return k + 1;
      // A middle piece fills its line.
      const Token last = tail(i + k);
      if (last.begin != h.begin) return 1;
    }
    return 1;
  }

  [[nodiscard]] bool is_full(std::size_t i) const {
    std::size_t width = 0;
    for (std::size_t k = i > kNeighbours ? i - kNeighbours : 0; k < std::min(lines_.size(), i + kNeighbours + 1); ++k) width = std::max(width, line(k).size());
    return line(i).size() >= kNarrow - 10 && line(i).size() * 10 >= width * 8;
  }

  [[nodiscard]] bool name_or_url(std::size_t i) const {
    const Token a = tail(i), b = head(i + 1);
    if (a.size() < 4 || b.size() == 0) return false;
    const std::string_view left = of(a), right = of(b);
    const char end = left.back();
    if (right.front() == '|' || right.front() == '*' || right.find("://") != std::string_view::npos) return false;
    // "evil[.]" and the rest in the next line, or "[.]com" there.
    if (end == '.' && in_.undone[a.end - 1] && label_char(right.front())) return true;
    if (right.front() == '.' && in_.undone[b.begin] && word_char(end)) return true;
    const bool left_undone = in_.was_defanged(a.begin, a.end), right_undone = in_.was_defanged(b.begin, b.end);
    const bool full = is_full(i);
    // "91[.]92[.]2" and "44[.]7": four numbers only together.
    if (left_undone && is_digit(end) && is_digit(right.front())) {
      std::size_t from = left.size();
      while (from > 0 && (is_digit(left[from - 1]) || left[from - 1] == '.')) --from;
      std::size_t to = 0;
      while (to < right.size() && (is_digit(right[to]) || right[to] == '.')) ++to;
      std::string_view first = left.substr(from), rest = right.substr(0, to);
      while (rest.ends_with('.')) rest.remove_suffix(1);
      if (first.find('.') != first.npos && !is_address(first) && is_address(std::string(first) + std::string(rest))) return true;
      // "62[.]1" and "30,": one or two figures alone begin no other value.
      const bool stub = rest.size() <= 2 && (to == right.size() || std::string_view(",;:)/").find(right[to]) != std::string_view::npos);
      if (stub && full && is_address(first) && is_address(std::string(first) + std::string(rest))) return true;
    }
    // A name whose end is no known one, and the letter that is missing.
    if (left_undone && full && is_alnum(end) && is_alnum(right.front()) && left.find('/', left.find("://") == left.npos ? 0 : left.find("://") + 3) == left.npos) {
      std::size_t to = 0;
      while (to < right.size() && (label_char(right[to]) || right[to] == '.')) ++to;
      const std::size_t host = left.find("://") == left.npos ? 0 : left.find("://") + 3;
      std::string rest(right.substr(0, to));
      while (rest.ends_with('.')) rest.pop_back();
      if (!has_known_suffix(left.substr(host)) && has_known_suffix(std::string(left.substr(host)) + rest) && !is_address(left.substr(host))) return true;
    }
    // "w9527-mes" and "h[.]com": a piece of a name, not a word, before a rest that is defanged.
    if (right_undone && !left_undone && full && is_alnum(right.front()) && to_lower(right.front()) == right.front()) {
      const bool letters = std::any_of(left.begin(), left.end(), is_alpha);
      std::size_t to = 0;
      while (to < right.size() && (is_digit(right[to]) || right[to] == '.')) ++to;
      const bool address = is_address(right.substr(0, to));  // a row of a table, not the rest of a name
      const bool nameish = letters && !address && left.find_first_of("-0123456789") != left.npos && std::all_of(left.begin(), left.end(), label_char) && end != '-';
      const std::size_t first = right.find('.');
      if (nameish && !right.starts_with("http")) return true;
      if (first != right.npos && right.substr(0, first).find_first_not_of("0123456789") == right.npos && !is_digit(left.front()) && left.size() > 4 && std::all_of(left.begin(), left.end(), label_char) &&
          right.find_first_of("abcdefghijklmnopqrstuvwxyz") == first + 1)
        return true;
    }
    if (right.front() == '-' && right_undone && full && is_alnum(end)) return true;
    const std::size_t scheme = left.find("://");
    const bool url = scheme != std::string_view::npos || (left_undone && left.find('/') != std::string_view::npos);
    if (!url) {
      // A hyphen inside of a name: "secure-login-" and "portal[.]example".
      return end == '-' && a.size() > 4 && is_alnum(right.front()) && right_undone && !left_undone &&
             left.find('.') == std::string_view::npos && to_lower(right.front()) == right.front();
    }
    if (!std::all_of(right.begin(), right.end(), url_char)) return false;
    if (right_undone || !word_char(left[left.size() - 2])) return false;
    std::string_view core = right;
    while (!core.empty() && std::string_view(".,;:)]").find(core.back()) != std::string_view::npos) core.remove_suffix(1);
    if (core.empty()) return false;
    const bool alone = tail(i + 1).begin == b.begin;
    bool both = false;
    const bool file = has_file_ending(core, &both);
    if (!file && core.find('/') == std::string_view::npos && is_domain(core) && has_known_suffix(core)) return false;
    if (std::string_view("=&?_%").find(end) != std::string_view::npos) return true;
    const bool odd = core.find_first_of("/?=&%_.0123456789") != std::string_view::npos;
    if (std::string_view("/?&=%#").find(core.front()) != std::string_view::npos && core.size() > 1) return true;
    if (end == '/') return odd || (alone && to_lower(core.front()) == core.front() && line(i).size() >= kWideLine);
    if (end == '-') return odd || to_lower(core.front()) == core.front();
    if (end == '.' || end == ',' || end == ';' || end == ')') return false;
    const bool path = left.find('/', scheme == std::string_view::npos ? 0 : scheme + 3) != std::string_view::npos;
    if (alone && odd && file && line(i).size() >= kWideLine && path) return true;
    // A line that is as long as its neighbours was cut by its width: what goes on looks like a URL, not like a word.
    return path && odd && full && (core.find_first_of("/?=&%") != std::string_view::npos || file);
  }

  const Prepared& in_;
  std::string_view text_;
  std::vector<std::pair<std::size_t, std::size_t>> lines_, gaps_, grouped_;
};

}  // namespace

bool Prepared::was_defanged(std::size_t begin, std::size_t end) const {
  return std::any_of(undone.begin() + static_cast<std::ptrdiff_t>(begin), undone.begin() + static_cast<std::ptrdiff_t>(end),
                     [](std::uint8_t flag) { return flag != 0; });
}

Prepared prepare(std::string_view text) {
  Prepared first = Undo(text).run();
  const auto gaps = Joiner(first).run();
  if (gaps.empty()) return first;
  Prepared out;
  std::size_t copied = 0;
  const auto copy = [&](std::size_t end) {
    out.text.append(first.text, copied, end - copied);
    out.from.insert(out.from.end(), first.from.begin() + static_cast<std::ptrdiff_t>(copied),
                    first.from.begin() + static_cast<std::ptrdiff_t>(end));
    out.undone.insert(out.undone.end(), first.undone.begin() + static_cast<std::ptrdiff_t>(copied),
                      first.undone.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const auto& [begin, end] : gaps) {
    if (begin < copied) continue;
    copy(begin);
    copied = end;
  }
  copy(first.text.size());
  out.from.push_back(first.from.back());
  return out;
}

}  // namespace assay
