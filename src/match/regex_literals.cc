#include "match/regex_literals.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kDepth = 32;
constexpr std::size_t kMostLiterals = 64;

using Set = std::vector<std::string>;

// Of two sets that are both needed the one to look for: whose shortest literal is longer.
std::size_t worth(const Set& set) {
  std::size_t least = SIZE_MAX;
  for (const std::string& one : set) least = std::min(least, one.size());
  return set.empty() ? 0 : least * 8 - std::min<std::size_t>(set.size(), 7);
}

class Parser {
 public:
  Parser(std::string_view pattern, std::size_t shortest) : text_(pattern), shortest_(shortest) {}

  // An alternation up to its closing bracket or the end. `good` becomes false when something is not understood.
  std::optional<Set> alternation(std::size_t depth) {
    if (depth > kDepth) good_ = false;
    Set all;
    bool every = true;
    while (good_) {
      std::optional<Set> one = branch(depth);
      if (!one) {
        every = false;
      } else {
        all.insert(all.end(), one->begin(), one->end());
      }
      if (at_ >= text_.size() || text_[at_] != '|') break;
      ++at_;
    }
    if (!good_ || !every || all.size() > kMostLiterals) return std::nullopt;
    return all;
  }
  [[nodiscard]] bool finished() const { return good_ && at_ == text_.size(); }

 private:
  // How often the part before is needed at least; moves over the quantifier.
  std::size_t quantifier() {
    std::size_t least = 1;
    if (at_ >= text_.size()) return least;
    const char c = text_[at_];
    if (c == '*' || c == '?') {
      least = 0;
      ++at_;
    } else if (c == '+') {
      ++at_;
    } else if (c == '{') {
      const std::size_t close = text_.find('}', at_);
      const std::string_view inside =
          close == std::string_view::npos ? std::string_view() : text_.substr(at_ + 1, close - at_ - 1);
      const std::size_t comma = std::min(inside.find(','), inside.size());
      const auto digits = [](std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); };
      // Whether anything else in braces is a quantifier depends on the library's version.
      if (comma == 0 || !digits(inside.substr(0, comma)) ||
          !digits(inside.substr(std::min(comma + 1, inside.size())))) {
        good_ = false;
        return 0;
      }
      least = std::all_of(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(comma),
                          [](char d) { return d == '0'; })
                  ? 0
                  : 1;
      at_ = close + 1;
    } else {
      return least;
    }
    quantified_ = true;
    if (at_ < text_.size() && (text_[at_] == '?' || text_[at_] == '+')) ++at_;  // lazy, possessive
    return least;
  }

  std::optional<Set> branch(std::size_t depth) {
    std::optional<Set> best;
    std::string run;
    const auto propose = [&](Set set) {
      if (!best || worth(set) > worth(*best)) best = std::move(set);
    };
    const auto end_run = [&] {
      if (run.size() >= shortest_) propose({run});
      run.clear();
    };
    while (good_ && at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')') {
      std::optional<char> literal;
      std::optional<Set> group;
      const char c = text_[at_++];
      switch (c) {
        case '(':
          group = this->group(depth);
          break;
        case '[':
          char_class();
          break;
        case '\\':
          literal = escape();
          break;
        case '.':
        case '^':
        case '$':
          break;
        case '*':
        case '+':
        case '?':
        case '{':
          good_ = false;  // nothing before it to repeat, or a brace that may be one
          break;
        default:
          if (static_cast<unsigned char>(c) < 0x80) literal = to_lower(c);
          break;
      }
      if (!good_) return std::nullopt;
      quantified_ = false;
      const std::size_t least = quantifier();
      if (!good_) return std::nullopt;
      if (literal && least > 0) run += *literal;
      if (!literal || quantified_) end_run();
      if (literal && quantified_ && least > 0) run += *literal;  // the last of several
      if (group && least > 0) propose(std::move(*group));
    }
    end_run();
    return best;
  }

  // After the bracket. Groups that only look ahead or behind say nothing; unknown kinds end the reading.
  std::optional<Set> group(std::size_t depth) {
    bool counts = true;
    if (at_ < text_.size() && text_[at_] == '*') good_ = false;
    if (at_ < text_.size() && text_[at_] == '?') {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("?:") || rest.starts_with("?>")) {
        at_ += 2;
      } else if (rest.starts_with("?=") || rest.starts_with("?!")) {
        at_ += 2;
        counts = false;
      } else if (rest.starts_with("?<=") || rest.starts_with("?<!")) {
        at_ += 3;
        counts = false;
      } else {
        // (?i) and (?i:...)
        std::size_t flags = 1;
        while (flags < rest.size() &&
               (rest[flags] == 'i' || rest[flags] == 'm' || rest[flags] == 's' || rest[flags] == '-'))
          ++flags;
        if (flags > 1 && flags < rest.size() && rest[flags] == ')') {
          at_ += flags + 1;
          return std::nullopt;
        }
        if (flags == 1 || flags >= rest.size() || rest[flags] != ':') {
          good_ = false;
          return std::nullopt;
        }
        at_ += flags + 1;
      }
    }
    if (!good_) return std::nullopt;
    std::optional<Set> inside = alternation(depth + 1);
    if (!good_ || at_ >= text_.size() || text_[at_] != ')') {
      good_ = false;
      return std::nullopt;
    }
    ++at_;
    return counts ? std::move(inside) : std::nullopt;
  }

  // After the bracket; moves behind the class.
  void char_class() {
    if (at_ < text_.size() && text_[at_] == '^') ++at_;
    bool first = true;
    while (at_ < text_.size() && (first || text_[at_] != ']')) {
      first = false;
      if (text_[at_] == '[') {  // [:alpha:] and its relations: where they end is not worth knowing
        if (at_ + 1 < text_.size() && (text_[at_ + 1] == ':' || text_[at_ + 1] == '.' || text_[at_ + 1] == '=')) {
          good_ = false;
          return;
        }
      } else if (text_[at_] == '\\') {
        if (at_ + 1 < text_.size() && (text_[at_ + 1] == 'Q' || text_[at_ + 1] == 'E')) {
          good_ = false;
          return;
        }
        ++at_;
      }
      ++at_;
    }
    if (at_ >= text_.size()) {
      good_ = false;
      return;
    }
    ++at_;
  }

  // After the backslash. No value: something that is no literal but is understood.
  std::optional<char> escape() {
    if (at_ >= text_.size()) {
      good_ = false;
      return std::nullopt;
    }
    const char c = text_[at_++];
    if (!is_alnum(c)) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        good_ = false;
        return std::nullopt;
      }
      return c;
    }
    static constexpr std::string_view kClasses = "dDwWsShHvVbBAzZGRtnrfeaK";
    if (kClasses.find(c) == std::string_view::npos) good_ = false;  // \x41, \1, \p{L}, \Q ...
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t shortest_;
  std::size_t at_ = 0;
  bool good_ = true, quantified_ = false;
};

}  // namespace

std::optional<std::vector<std::string>> regex_literals(std::string_view pattern, std::size_t shortest) {
  Parser parser(pattern, shortest);
  std::optional<Set> set = parser.alternation(0);
  if (!parser.finished() || !set || set->empty()) return std::nullopt;
  std::sort(set->begin(), set->end());
  set->erase(std::unique(set->begin(), set->end()), set->end());
  return set;
}

}  // namespace assay
