#include "rules/sigma/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay::sigma {
namespace {

using Kind = ir::Node::Kind;

constexpr std::size_t kTokens = 200'000;

// '*' is any run; the rest is compared as it is.
bool matches(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0;
  std::optional<std::size_t> star;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star) {
      p = *star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Parser {
 public:
  Parser(const std::map<std::string, std::uint32_t>& detections, ir::ExprBuilder& builder, std::size_t& steps)
      : detections_(detections), builder_(builder), steps_(steps) {}

  Result<std::uint32_t> run(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (is_space(c)) {
        ++i;
      } else if (c == '(' || c == ')') {
        tokens_.push_back(text.substr(i++, 1));
      } else if (c == '|') {
        return Error{ErrorCode::unsupported,
                     "aggregations after '|' are deprecated in Sigma and not evaluated",
                     {},
                     "write a correlation document (event_count, value_count, temporal)"};
      } else {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n()|", i), text.size());
        tokens_.push_back(text.substr(i, end - i));
        i = end;
      }
    }
    if (tokens_.size() > kTokens) return too_large();
    if (tokens_.empty()) return Error{ErrorCode::bad_input, "the condition is empty"};
    TRY(const std::uint32_t root, any_of(0));
    if (at_ != tokens_.size())
      return Error{ErrorCode::bad_input, fmt::format("unexpected '{}' in the condition", tokens_[at_])};
    return root;
  }

 private:
  [[nodiscard]] bool keyword(std::string_view word) const {
    return at_ < tokens_.size() && equals_icase(tokens_[at_], word);
  }

  Result<std::uint32_t> any_of(std::size_t depth) {
    return chain("or", Kind::any, [&] { return all_of(depth); });
  }
  Result<std::uint32_t> all_of(std::size_t depth) {
    return chain("and", Kind::all, [&] { return negation(depth); });
  }

  Result<std::uint32_t> chain(std::string_view word, Kind kind, const std::function<Result<std::uint32_t>()>& part) {
    std::vector<std::uint32_t> children;
    do {
      if (!children.empty()) ++at_;
      TRY(const std::uint32_t child, part());
      children.push_back(child);
    } while (keyword(word));
    return builder_.node(kind, std::move(children));
  }

  Result<std::uint32_t> negation(std::size_t depth) {
    if (depth + 8 > limits::kConditionDepth) return Error{ErrorCode::limit, "the condition is nested too deeply"};
    if (!keyword("not")) return primary(depth);
    ++at_;
    TRY(const std::uint32_t child, negation(depth + 1));
    return builder_.node(Kind::none, {child});
  }

  Result<std::uint32_t> primary(std::size_t depth) {
    if (at_ >= tokens_.size()) return Error{ErrorCode::bad_input, "the condition ends too early"};
    const std::string_view token = tokens_[at_++];
    if (token == "(") {
      TRY(const std::uint32_t inner, any_of(depth + 1));
      if (at_ >= tokens_.size() || tokens_[at_] != ")")
        return Error{ErrorCode::bad_input, "a parenthesis is not closed"};
      ++at_;
      return inner;
    }
    if (keyword("of")) {
      const bool all = equals_icase(token, "all");
      const auto count = equals_icase(token, "any") ? std::optional<std::int64_t>(1) : parse_int(token);
      if (all || count) {
        ++at_;
        return quantified(all, count.value_or(0));
      }
    }
    if (++steps_ > kConditionSteps) return too_large();
    const auto found = detections_.find(std::string(token));
    if (found == detections_.end())
      return Error{
          ErrorCode::bad_input, fmt::format("the condition names '{}', which is no detection", token), {}, known()};
    return found->second;
  }

  static Error too_large() {
    return Error{ErrorCode::limit, "the condition is too large", {}, "name fewer detections, or write several rules"};
  }

  // "the rule has: selection, filter"
  [[nodiscard]] std::string known() const {
    std::string out;
    std::size_t n = 0;
    for (const auto& [name, node] : detections_) {
      if (++n > 8) return out + " ...";
      out += (out.empty() ? "the rule has: " : ", ") + name.substr(0, 64);
    }
    return out;
  }

  Result<std::uint32_t> quantified(bool all, std::int64_t count) {
    if (at_ >= tokens_.size()) return Error{ErrorCode::bad_input, "'of' without a name"};
    const std::string_view pattern = tokens_[at_++];
    steps_ += detections_.size();
    if (steps_ > kConditionSteps) return too_large();
    std::vector<std::uint32_t> picked;
    for (const auto& [name, node] : detections_) {
      const bool hidden = name.starts_with('_');
      if (equals_icase(pattern, "them") ? !hidden : matches(name, pattern) && (!hidden || pattern.starts_with('_')))
        picked.push_back(node);
    }
    if (picked.empty())
      return Error{ErrorCode::bad_input, fmt::format("'of {}' fits no detection", pattern), {}, known()};
    if (all) return builder_.node(Kind::all, std::move(picked));
    if (count < 1) return Error{ErrorCode::bad_input, "'0 of' says nothing"};
    if (count == 1) return builder_.node(Kind::any, std::move(picked));
    return at_least(static_cast<std::size_t>(count), picked);
  }

  // Any combination of `count` of them: an extension of ours, bounded.
  Result<std::uint32_t> at_least(std::size_t count, const std::vector<std::uint32_t>& picked) {
    if (count > picked.size()) return builder_.node(Kind::never, {});
    std::vector<std::size_t> index(count);
    for (std::size_t i = 0; i < count; ++i) index[i] = i;
    std::vector<std::uint32_t> ways;
    while (true) {
      std::vector<std::uint32_t> way;
      for (const std::size_t i : index) way.push_back(picked[i]);
      ways.push_back(builder_.node(Kind::all, std::move(way)));
      if (ways.size() > limits::kRuleExpansion || ways.size() * count > limits::kRuleExpansion * 16)
        return Error{ErrorCode::limit, "too many combinations in the condition", {}, "name the ones that you mean"};
      std::size_t i = count;
      while (i > 0 && index[i - 1] == picked.size() - count + i - 1) --i;
      if (i == 0) return builder_.node(Kind::any, std::move(ways));
      ++index[i - 1];
      for (std::size_t k = i; k < count; ++k) index[k] = index[k - 1] + 1;
    }
  }

  const std::map<std::string, std::uint32_t>& detections_;
  ir::ExprBuilder& builder_;
  std::size_t& steps_;
  std::vector<std::string_view> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::uint32_t> parse_condition(std::string_view text, const std::map<std::string, std::uint32_t>& detections,
                                      ir::ExprBuilder& builder, std::size_t& steps) {
  return Parser(detections, builder, steps).run(text);
}

}  // namespace assay::sigma
