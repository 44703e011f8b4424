#include "text/extract/join.h"

#include <algorithm>
#include <string>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/hash_groups.h"
#include "text/extract/lists.h"
#include "text/extract/observable.h"

namespace assay {
namespace {

constexpr std::size_t kPieces = 5;       // lines that one value may be cut into
constexpr std::size_t kWideLine = 60;    // a line this long may have been cut by its width
constexpr std::size_t kNarrow = 40;      // columns of a page are not narrower
constexpr std::size_t kLabelLines = 40;  // how far above the label of a column may stand
constexpr std::size_t kNeighbours = 2;
constexpr std::size_t kHalves = 200;  // lines of hashes; more are a list of whole ones
constexpr std::size_t kTokenBytes = 2048;

bool word_char(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }
bool label_char(char c) { return word_char(c) || c == '-' || c == '_'; }

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

  std::vector<std::pair<std::size_t, std::size_t>> run(std::vector<MovedPiece>& moved) {
    hash_groups(text_, grouped_, gaps_);
    for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
      if (cut_cell(i, moved)) {
        ++i;
        continue;
      }
      if (const std::size_t pieces = hash(i); pieces > 1) {
        for (std::size_t k = 0; k + 1 < pieces; ++k) gap(i + k, true);
        taken_ = head(i + pieces - 1).begin;
        i += pieces - 2;
        continue;
      }
      if (name_or_url(i)) {
        gap(i, false);
      } else if (const char how = path(i); how == 'j') {
        gap(i, false);
      } else if (how == 's') {  // the line end stands for a space of the path
        gaps_.emplace_back(tail(i).end + 1, head(i + 1).begin);
      }
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
      // "MD5, SHA-1 and SHA-256 of the same files": of a sentence that names several kinds none is said.
      if (k != i && contains_icase(line(k), " and ") && kinds_named(line(k)) > 1) return false;
      // "Samples (MD5, where we hold no SHA-256)": what is denied is not what stands below.
      const std::string small = lower(line(k).substr(0, kTokenBytes));
      if (small.find("no " + std::string(b)) != small.npos || small.find("without " + std::string(b)) != small.npos)
        return false;
      if (contains_icase(line(k), a) || contains_icase(line(k), b)) return true;
      // The nearest word about a kind decides.
      if (k != i &&
          (contains_icase(line(k), "md5") || contains_icase(line(k), "sha1") || contains_icase(line(k), "sha-")))
        return false;
    }
    return false;
  }

  [[nodiscard]] static int kinds_named(std::string_view text) {
    const auto names = [&](std::string_view a, std::string_view b) {
      return contains_icase(text, a) || contains_icase(text, b) ? 1 : 0;
    };
    return names("md5", "md-5") + names("sha1", "sha-1") + names("sha256", "sha-256") + names("sha512", "sha-512");
  }

  // Lines that are each a whole hash of one kind, above and below line i: halves come in even numbers.
  [[nodiscard]] bool halves(std::size_t i, std::size_t digits) const {
    const auto whole = [&](std::size_t k) {
      std::string_view text = trim(line(k));
      while (!text.empty() && std::string_view(",;.").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
      return text.size() == digits && std::all_of(text.begin(), text.end(), is_hex);
    };
    if (!whole(i)) return true;
    std::size_t n = 1;
    for (std::size_t k = i; k-- > 0 && n < kHalves && whole(k);) ++n;
    for (std::size_t k = i + 1; k < lines_.size() && n < kHalves && whole(k); ++k) ++n;
    return n % 2 == 0 && n < kHalves;
  }

  // "sha256   0123...   x.zip" and "         4567..." below it: the rest of a hash in the same column, alone in its
  // line.
  [[nodiscard]] bool cut_cell(std::size_t i, std::vector<MovedPiece>& moved) const {
    const Token rest = head(i + 1);
    const std::size_t column = rest.begin - lines_[i + 1].first;
    if (column < 2 || rest.size() < 4 || rest.size() > 100 || tail(i + 1).begin != rest.begin ||
        !std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(rest.begin),
                     text_.begin() + static_cast<std::ptrdiff_t>(rest.end), is_hex))
      return false;
    const std::size_t begin = lines_[i].first + column;
    if (begin >= lines_[i].second || !is_space(text_[begin - 1])) return false;
    std::size_t end = begin;
    while (end < lines_[i].second && is_hex(text_[end])) ++end;
    if (end - begin < 16 || end - begin < rest.size() || !standard_digits(end - begin + rest.size())) return false;
    // Other cells stand behind it: else the line's end cut it.
    if (end + 2 >= lines_[i].second || text_[end] != ' ' || tail(i).begin <= end) return false;
    moved.push_back({end, rest.begin, rest.end});
    return true;
  }

  // Pieces of a hash that begins at the end of line i; 1: it is no cut hash.
  [[nodiscard]] std::size_t hash(std::size_t i) const {
    Token t = tail(i);
    if (t.size() > 0 && text_[t.end - 1] == '-') --t.end;
    std::size_t begin = t.end;
    while (begin > t.begin && is_hex(text_[begin - 1])) --begin;
    if (begin == taken_ || (begin > t.begin && word_char(text_[begin - 1]))) return 1;
    std::size_t total = t.end - begin;
    if (total < 6 || total > 127) return 1;
    const std::size_t first = total;
    const auto group = std::upper_bound(grouped_.begin(), grouped_.end(), std::pair(begin, text_.size()));
    if (group != grouped_.begin() && begin < std::prev(group)->second) return 1;
    const bool digit = std::any_of(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                                   text_.begin() + static_cast<std::ptrdiff_t>(t.end), is_digit);
    if (!digit) return 1;
    const bool aligned = begin - lines_[i].first > 2 && i + 1 < lines_.size() &&
                         trim(text_.substr(lines_[i].first, begin - lines_[i].first)).size() > 0 &&
                         head(i + 1).begin - lines_[i + 1].first == begin - lines_[i].first &&
                         tail(i + 1).begin == head(i + 1).begin;
    const bool long_wanted = aligned || (first == 32 && says(i, "sha256", "sha-256") && halves(i, first)) ||
                             (first == 64 && says(i, "sha512", "sha-512") && halves(i, first));
    // A line of digits alone, and digits below that are no hash but make one of a longer kind with them.
    bool rest_of = false;
    if (i + 1 < lines_.size() && begin == head(i).begin) {
      const Token h = head(i + 1);
      std::size_t end = h.begin;
      while (end < h.end && is_hex(text_[end])) ++end;
      const std::size_t n = end - h.begin;
      rest_of = n >= 8 && !standard_digits(n) && standard_digits(first + n) &&
                (end == h.end || !word_char(text_[end])) &&
                std::any_of(text_.begin() + static_cast<std::ptrdiff_t>(h.begin),
                            text_.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
    }
    if (standard_digits(first) && !long_wanted && !rest_of) return 1;
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

  // A path or registry key that the width of the line cut: 'j' its pieces join, 's' a space of it stood there, 0
  // neither.
  [[nodiscard]] char path(std::size_t i) const {
    const Token a = tail(i), b = head(i + 1);
    if (a.size() < 8 || b.size() == 0) return 0;
    const std::string_view left = of(a), right = of(b);
    if (open_path(i, left, right, b)) return 'j';
    if (!is_full(i) && width(i) + 1 + b.size() <= widest(i)) return 0;
    const std::size_t slash = left.find('\\');
    const bool begins = left.find(":\\") != left.npos || left.find("%\\") != left.npos ||
                        left.find("HKLM\\") != left.npos || left.find("HKCU\\") != left.npos ||
                        left.find("HKEY_") != left.npos;
    if (slash == left.npos || !begins || !label_char(left.back()) || has_file_ending(left)) return 0;
    const std::size_t next = right.find('\\');
    std::string_view core = right;
    while (!core.empty() && std::string_view(".,;:)").find(core.back()) != std::string_view::npos)
      core.remove_suffix(1);
    if (next == right.npos && !has_file_ending(core)) return 0;
    // The value of a key is whole, and a command stands below it.
    const bool key =
        left.find("HKLM\\") != left.npos || left.find("HKCU\\") != left.npos || left.find("HKEY_") != left.npos;
    if (key && next == right.npos && is_ordinary_file(core)) return 0;
    if (next != right.npos && (next == 0 || right[next - 1] == ':')) return 0;  // another path begins
    return to_lower(right.front()) == right.front() || is_digit(right.front()) ? 'j' : 's';
  }

  // "HKCU\\Software\\X\\" and "Run\\y", "/opt/longname" and "rest/x": the line ends inside of a path or of a name.
  [[nodiscard]] bool open_path(std::size_t i, std::string_view left, std::string_view right, const Token& b) const {
    const bool alone = tail(i + 1).begin == b.begin, whole_line = head(i).begin == tail(i).begin;
    if (!is_alnum(right.front()) && right.front() != '{' && right.front() != '_' && right.front() != '.') return false;
    std::string_view core = right;
    while (!core.empty() && std::string_view(".,;:)").find(core.back()) != std::string_view::npos)
      core.remove_suffix(1);
    if (core.empty() || right.find("://") != right.npos || right.find(":\\") != right.npos) return false;
    const bool windows = left.find(":\\") != left.npos || left.starts_with("%") || left.starts_with("HKLM\\") ||
                         left.starts_with("HKCU\\") || left.starts_with("HKEY_");
    if (windows && left.back() == '\\' && (alone || core.find('\\') != core.npos || has_file_ending(core)))
      return whole_line || is_full(i);
    // A line of one word as wide as the page was cut inside of the word.
    if (!whole_line || width(i) + 1 < widest(i) || widest(i) < kNarrow - 10) return false;
    if (left.front() == '/' && is_alnum(left.back()) && core.find('/') != core.npos && core.front() != '/' &&
        !has_file_ending(left))
      return true;
    if (core.size() > 6 && core.ends_with(".onion") && left.size() + core.size() - 6 == 56 &&
        std::all_of(left.begin(), left.end(), is_alnum))
      return true;
    return false;
  }

  // As it stood in the report: what is defanged is wider there.
  [[nodiscard]] std::size_t width(std::size_t i) const {
    return in_.from[lines_[i].second] - in_.from[lines_[i].first];
  }
  [[nodiscard]] std::size_t widest(std::size_t i) const {
    std::size_t widest = 0;
    for (std::size_t k = i > kNeighbours ? i - kNeighbours : 0; k < std::min(lines_.size(), i + kNeighbours + 1); ++k)
      widest = std::max(widest, width(k));
    return widest;
  }
  [[nodiscard]] bool is_full(std::size_t i) const { return width(i) >= kNarrow - 10 && width(i) * 10 >= widest(i) * 8; }

  [[nodiscard]] bool name_or_url(std::size_t i) const {
    const Token a = tail(i), b = head(i + 1);
    if (a.size() < 4 || b.size() == 0) return false;
    const std::string_view left = of(a), right = of(b);
    const char end = left.back();
    // "C2:" is the label of the next value.
    if (right == "-" || right == "+" || right.back() == ':' || right.front() == '|' || right.front() == '*' ||
        right.find("://") != std::string_view::npos)
      return false;
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
      if (first.find('.') != first.npos && !is_address(first) && is_address(std::string(first) + std::string(rest)))
        return true;
      // "62[.]1" and "30,": one or two figures alone begin no other value.
      const bool stub = rest.size() <= 2 &&
                        (to == right.size() || std::string_view(",;:)/").find(right[to]) != std::string_view::npos);
      if (stub && full && is_address(first) && is_address(std::string(first) + std::string(rest))) return true;
    }
    // A name whose end is no known one, and the letter that is missing.
    if (left_undone && full && is_alnum(end) && is_alnum(right.front()) &&
        left.find('/', left.find("://") == left.npos ? 0 : left.find("://") + 3) == left.npos) {
      std::size_t to = 0;
      while (to < right.size() && (label_char(right[to]) || right[to] == '.')) ++to;
      const std::size_t host = left.find("://") == left.npos ? 0 : left.find("://") + 3;
      std::string rest(right.substr(0, to));
      while (rest.ends_with('.')) rest.pop_back();
      if (!has_known_suffix(left.substr(host)) && has_known_suffix(std::string(left.substr(host)) + rest) &&
          !is_address(left.substr(host)))
        return true;
    }
    // "w9527-mes" and "h[.]com": a piece of a name, not a word, before a rest that is defanged.
    if (right_undone && !left_undone && full && is_alnum(right.front()) && to_lower(right.front()) == right.front()) {
      const bool letters = std::any_of(left.begin(), left.end(), is_alpha);
      std::size_t to = 0;
      while (to < right.size() && (is_digit(right[to]) || right[to] == '.')) ++to;
      const bool address = is_address(right.substr(0, to));  // a row of a table, not the rest of a name
      const bool nameish = letters && !address && left.find_first_of("-0123456789") != left.npos &&
                           std::all_of(left.begin(), left.end(), label_char) && end != '-';
      const std::size_t first = right.find('.');
      if (nameish && !right.starts_with("http")) return true;
      if (first != right.npos && right.substr(0, first).find_first_not_of("0123456789") == right.npos &&
          !is_digit(left.front()) && left.size() > 4 && std::all_of(left.begin(), left.end(), label_char) &&
          right.find_first_of("abcdefghijklmnopqrstuvwxyz") == first + 1)
        return true;
    }
    if (right.front() == '-' && right_undone && full && is_alnum(end)) return true;
    // "https://harbour-" and "news[.]org", "mail.harbour-" and "news[.]org": the hyphen of a host.
    if (end == '-' && right_undone && is_alnum(right.front()) && to_lower(right.front()) == right.front() &&
        right.find("://") == std::string_view::npos && a.size() > 3 && is_alnum(left[left.size() - 2])) {
      const std::size_t host = left.find("://") == left.npos ? 0 : left.find("://") + 3;
      if (left.find('/', host) == left.npos && (host > 0 || left.find_first_of(".@") != left.npos)) return true;
    }
    const std::size_t scheme = left.find("://");
    const bool url = scheme != std::string_view::npos || (left_undone && left.find('/') != std::string_view::npos);
    if (!url) {
      // A hyphen inside of a name: "secure-login-" and "portal[.]example".
      return end == '-' && a.size() > 4 && is_alnum(right.front()) && right_undone && !left_undone &&
             left.find('.') == std::string_view::npos && to_lower(right.front()) == right.front();
    }
    if (!std::all_of(right.begin(), right.end(), url_char)) return false;
    if (right_undone || (!word_char(left[left.size() - 2]) &&
                         std::string_view(".-_/=%&").find(left[left.size() - 2]) == std::string_view::npos))
      return false;
    std::string_view core = right;
    while (!core.empty() && std::string_view(".,;:)]").find(core.back()) != std::string_view::npos)
      core.remove_suffix(1);
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
  std::size_t taken_ = ~std::size_t{0};  // where the last piece of a joined hash begins
  std::vector<std::pair<std::size_t, std::size_t>> lines_, gaps_, grouped_;
};

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> cut_values(const Prepared& text, std::vector<MovedPiece>& moved) {
  return Joiner(text).run(moved);
}

}  // namespace assay
