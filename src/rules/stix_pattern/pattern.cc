#include "rules/stix_pattern/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay::stix {
namespace {

constexpr std::size_t kPatternBytes = std::size_t{1} << 20;
constexpr std::size_t kComparisons = 65'536;

bool is_name_char(char c) { return is_alnum(c) || c == '_' || c == '-'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Observation> run() {
    if (text_.size() > kPatternBytes) return Error{ErrorCode::limit, "the pattern is too long"};
    TRY(Observation root, followed_by(0));
    skip();
    if (at_ != text_.size()) return bad("unexpected text after the pattern");
    return root;
  }

 private:
  [[nodiscard]] Error bad(std::string what) const {
    return Error{ErrorCode::bad_input, std::move(what), fmt::format("character {}", at_ + 1)};
  }

  void skip() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_).starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool peek_word(std::string_view word) {
    skip();
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with(word) && (rest.size() == word.size() || !is_name_char(rest[word.size()]));
  }
  bool take_word(std::string_view word) {
    if (!peek_word(word)) return false;
    at_ += word.size();
    return true;
  }

  // ---- observations: FOLLOWEDBY < OR < AND < qualifiers
  Result<Observation> joined(std::size_t depth, std::string_view word, Observation::Kind kind,
                             const std::function<Result<Observation>()>& part) {
    if (depth > limits::kConditionDepth) return Error{ErrorCode::limit, "the pattern is nested too deeply"};
    std::vector<Observation> children;
    do {
      TRY(Observation child, part());
      children.push_back(std::move(child));
    } while (take_word(word));
    if (children.size() == 1) return std::move(children.front());
    Observation out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
  }
  Result<Observation> followed_by(std::size_t depth) {
    return joined(depth, "FOLLOWEDBY", Observation::Kind::followed_by, [&] { return any_of(depth); });
  }
  Result<Observation> any_of(std::size_t depth) {
    return joined(depth, "OR", Observation::Kind::any, [&] { return all_of(depth); });
  }
  Result<Observation> all_of(std::size_t depth) {
    return joined(depth, "AND", Observation::Kind::all, [&] { return qualified(depth); });
  }

  Result<Observation> qualified(std::size_t depth) {
    Observation out;
    if (take('[')) {
      TRY(out.test, compare_any(0));
      if (!take(']')) return bad("']' expected");
    } else if (take('(')) {
      TRY(out, followed_by(depth + 1));
      if (!take(')')) return bad("')' expected");
    } else {
      return bad("'[' or '(' expected");
    }
    while (true) {
      const bool within = peek_word("WITHIN"), repeats = peek_word("REPEATS"), start = peek_word("START");
      if (!within && !repeats && !start) return out;
      // The same qualifier twice, or one on an already qualified group: the group becomes its own level.
      if (within ? out.within_seconds.has_value() : repeats ? out.repeats.has_value() : out.start.has_value()) {
        return bad("the same qualifier twice");
      }
      if (within) {
        take_word("WITHIN");
        TRY(const std::string number, number_text());
        const auto seconds = parse_double(number);
        if (!seconds || *seconds <= 0) return bad("WITHIN needs a positive number");
        if (!take_word("SECONDS")) return bad("SECONDS expected");
        out.within_seconds = *seconds;
      } else if (repeats) {
        take_word("REPEATS");
        TRY(const std::string number, number_text());
        const auto times = parse_int(number);
        if (!times || *times <= 0) return bad("REPEATS needs a positive number");
        if (!take_word("TIMES")) return bad("TIMES expected");
        out.repeats = *times;
      } else {
        take_word("START");
        TRY(const Literal from, literal());
        if (!take_word("STOP")) return bad("STOP expected");
        TRY(const Literal to, literal());
        out.start = from.text;
        out.stop = to.text;
      }
    }
  }

  // ---- comparisons: OR < AND
  Result<ComparisonTree> compare_join(std::size_t depth, std::string_view word, ComparisonTree::Kind kind,
                                      const std::function<Result<ComparisonTree>()>& part) {
    if (depth > limits::kConditionDepth) return Error{ErrorCode::limit, "the pattern is nested too deeply"};
    std::vector<ComparisonTree> children;
    do {
      TRY(ComparisonTree child, part());
      children.push_back(std::move(child));
    } while (take_word(word));
    if (children.size() == 1) return std::move(children.front());
    ComparisonTree out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
  }
  Result<ComparisonTree> compare_any(std::size_t depth) {
    return compare_join(depth, "OR", ComparisonTree::Kind::any, [&] { return compare_all(depth); });
  }
  Result<ComparisonTree> compare_all(std::size_t depth) {
    return compare_join(depth, "AND", ComparisonTree::Kind::all, [&] { return compare_one(depth); });
  }

  Result<ComparisonTree> compare_one(std::size_t depth) {
    ComparisonTree out;
    if (++comparisons_ > kComparisons) return Error{ErrorCode::limit, "the pattern has too many comparisons"};
    if (take('(')) {
      TRY(out, compare_any(depth + 1));
      if (!take(')')) return bad("')' expected");
      return out;
    }
    Comparison& c = out.leaf;
    c.negated = take_word("NOT");
    if (take_word("EXISTS")) {
      c.op = Comparison::Op::exists;
      TRY(c.path, object_path());
      return out;
    }
    TRY(c.path, object_path());
    if (take_word("NOT")) c.negated = !c.negated;
    TRY_VOID(comparison_operator(c));
    if (c.op == Comparison::Op::in) {
      if (!take('(')) return bad("'(' expected after IN");
      do {
        TRY(Literal value, literal());
        c.values.push_back(std::move(value));
      } while (take(','));
      if (!take(')')) return bad("')' expected after IN");
    } else {
      TRY(Literal value, literal());
      c.values.push_back(std::move(value));
    }
    return out;
  }

  Status comparison_operator(Comparison& c) {
    using Op = Comparison::Op;
    skip();
    static constexpr std::pair<std::string_view, Op> kSymbols[] = {
        {"!=", Op::not_equal}, {"<>", Op::not_equal}, {"<=", Op::less_equal}, {">=", Op::greater_equal},
        {"==", Op::equal},     {"=", Op::equal},      {"<", Op::less},        {">", Op::greater}};
    for (const auto& [symbol, op] : kSymbols) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      c.op = op;
      return Ok{};
    }
    static constexpr std::pair<std::string_view, Op> kWords[] = {{"IN", Op::in},
                                                                 {"LIKE", Op::like},
                                                                 {"MATCHES", Op::matches},
                                                                 {"ISSUBSET", Op::is_subset},
                                                                 {"ISSUPERSET", Op::is_superset}};
    for (const auto& [word, op] : kWords) {
      if (!take_word(word)) continue;
      c.op = op;
      return Ok{};
    }
    return bad("a comparison operator expected");
  }

  Result<std::string> object_path() {
    skip();
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    if (end == at_ || end >= text_.size() || text_[end] != ':') return bad("an object path (type:property) expected");
    std::string out(text_.substr(at_, end - at_));
    out += ':';
    at_ = end + 1;
    bool first = true;
    while (true) {
      if (!first) {
        if (at_ < text_.size() && text_[at_] == '[') {
          const std::size_t close = text_.find(']', at_);
          if (close == std::string_view::npos || close - at_ > 12) return bad("']' expected in the path");
          const std::string_view index = text_.substr(at_ + 1, close - at_ - 1);
          if (index != "*" && !parse_int(index)) return bad("a list index is a number or *");
          out += fmt::format("[{}]", index);
          at_ = close + 1;
          continue;
        }
        if (at_ >= text_.size() || text_[at_] != '.') return out;
        ++at_;
        out += '.';
      }
      first = false;
      std::string part;
      if (at_ < text_.size() && text_[at_] == '\'') {
        TRY(part, quoted());
      } else {
        while (at_ < text_.size() && is_name_char(text_[at_])) part += text_[at_++];
      }
      if (part.empty()) return bad("a property name expected");
      const bool plain = std::all_of(part.begin(), part.end(), [](char c) { return is_alnum(c) || c == '_'; });
      out += plain ? part : "'" + part + "'";
    }
  }

  Result<std::string> quoted() {
    ++at_;  // '
    std::string out;
    while (at_ < text_.size() && text_[at_] != '\'') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_++];
    }
    if (at_ >= text_.size()) return bad("a string is not closed");
    ++at_;
    return out;
  }

  Result<std::string> number_text() {
    skip();
    std::size_t end = at_;
    if (end < text_.size() && (text_[end] == '-' || text_[end] == '+')) ++end;
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.')) ++end;
    std::string out(text_.substr(at_, end - at_));
    if (out.starts_with('+')) out.erase(0, 1);
    if (!parse_double(out)) return bad("a number expected");
    at_ = end;
    return out;
  }

  Result<Literal> literal() {
    skip();
    Literal out;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with('\'')) {
      TRY(out.text, quoted());
      return out;
    }
    if (rest.starts_with("t'")) {
      ++at_;
      out.kind = Literal::Kind::timestamp;
      TRY(out.text, quoted());
      return out;
    }
    if (rest.starts_with("h'")) {
      ++at_;
      out.kind = Literal::Kind::bytes;
      TRY(const std::string hex, quoted());
      if (hex.size() % 2 != 0 || !std::all_of(hex.begin(), hex.end(), is_hex))
        return bad("h'' needs pairs of hexadecimal digits");
      for (std::size_t i = 0; i < hex.size(); i += 2)
        out.text += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
      return out;
    }
    if (rest.starts_with("b'")) {
      ++at_;
      out.kind = Literal::Kind::bytes;
      TRY(const std::string coded, quoted());
      const auto bytes = base64_decode(coded);
      if (!bytes) return bad("b'' needs Base64");
      out.text = *bytes;
      return out;
    }
    for (const std::string_view word : {"true", "false"}) {
      if (!take_word(word)) continue;
      out.kind = Literal::Kind::boolean;
      out.text = word;
      return out;
    }
    out.kind = Literal::Kind::number;
    TRY(out.text, number_text());
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t comparisons_ = 0;
};

}  // namespace

Result<Observation> parse_pattern(std::string_view text) { return Parser(text).run(); }

}  // namespace assay::stix
