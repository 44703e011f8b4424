#include "rules/stix_pattern/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "knowledge/profile.h"
#include "rules/ir/regex.h"
#include "rules/stix_pattern/lexer.h"

namespace assay::stix {
namespace {

constexpr std::size_t kPatternBytes = std::size_t{1} << 20;
constexpr std::size_t kComparisons = 65'536;
constexpr std::size_t kPathSteps = 64;
constexpr std::size_t kDepth = 256;  // parentheses in parentheses

// A part of an observation, and the types of object that could meet it.
struct Typed {
  ComparisonTree tree;
  std::set<std::string> types;
};

class Parser {
 public:
  Parser(std::string_view text, bool lenient, ParseReport& report)
      : text_(text), in_(text, lenient, report), report_(report) {}

  Result<Observation> run() {
    if (text_.size() > kPatternBytes) return in_.too_much("the pattern is too long", "at most 1 MiB");
    if (!is_utf8(text_)) {
      std::size_t at = 0;
      while (const std::size_t size = utf8_sequence(text_.substr(at))) at += size;
      return in_.bad_at(at, "the pattern is not UTF-8");
    }
    if (in_.at_end()) return in_.bad("an empty pattern", "a pattern is at least [type:property = 'value']");
    TRY(Observation root, followed_by(0));
    if (!in_.at_end())
      return in_.bad("text after the end of the pattern", "join observations with AND, OR or FOLLOWEDBY");
    return root;
  }

 private:
  // ---- observations: FOLLOWEDBY < OR < AND < qualifiers
  Result<Observation> joined(std::string_view word, Observation::Kind kind,
                             const std::function<Result<Observation>()>& part) {
    std::vector<Observation> children;
    do {
      TRY(Observation child, part());
      children.push_back(std::move(child));
    } while (in_.take_word(word));
    if (children.size() == 1) return std::move(children.front());
    Observation out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
  }
  Result<Observation> followed_by(std::size_t depth) {
    if (depth > kDepth) return too_deep();
    return joined("FOLLOWEDBY", Observation::Kind::followed_by, [&] { return any_of(depth); });
  }
  Result<Observation> any_of(std::size_t depth) {
    return joined("OR", Observation::Kind::any, [&] { return all_of(depth); });
  }
  Result<Observation> all_of(std::size_t depth) {
    return joined("AND", Observation::Kind::all, [&] { return qualified(depth); });
  }
  Error too_deep() {
    return in_.too_much("the pattern is nested too deeply", fmt::format("at most {} parentheses", kDepth));
  }

  Result<Observation> qualified(std::size_t depth) {
    Observation out;
    if (in_.take("[")) {
      TRY(Typed test, compare_any(0));
      if (!in_.take("]"))
        return in_.bad("']' is expected", "close the observation, or join comparisons with AND or OR");
      out.test = std::move(test.tree);
    } else if (in_.take("(")) {
      TRY(out, followed_by(depth + 1));
      if (!in_.take(")")) return in_.bad("')' is expected", "close the parenthesis");
      // A qualified group keeps its level: what follows qualifies the whole of it.
      if (!out.qualifiers.empty()) {
        Observation group;
        group.kind = Observation::Kind::all;
        group.children.push_back(std::move(out));
        out = std::move(group);
      }
    } else {
      return in_.bad("'[' is expected", "comparisons stand in square brackets: [file:name = 'x']");
    }
    while (true) {
      const std::size_t place = in_.place();
      Qualifier next;
      if (in_.take_word("WITHIN")) {
        TRY_VOID(within(next));
      } else if (in_.take_word("REPEATS")) {
        TRY_VOID(repeats(next));
      } else if (in_.take_word("START")) {
        TRY_VOID(start_stop(next));
      } else {
        break;
      }
      if (std::any_of(out.qualifiers.begin(), out.qualifiers.end(),
                      [&](const Qualifier& q) { return q.kind == next.kind; }))
        return in_.bad_at(place, "the same qualifier twice",
                          "put what it qualifies into parentheses, or leave one out");
      out.qualifiers.push_back(std::move(next));
    }
    // A group of one that nothing qualifies is that one.
    if (out.kind == Observation::Kind::all && out.children.size() == 1 && out.qualifiers.empty()) {
      Observation inner = std::move(out.children.front());
      return inner;
    }
    return out;
  }

  Status within(Qualifier& out) {
    out.kind = Qualifier::Kind::within;
    const std::size_t place = in_.place();
    TRY(out.seconds, in_.number(false));
    if (out.seconds.find_first_of("123456789") == std::string::npos || out.seconds.starts_with('-'))
      return in_.bad_at(place, "WITHIN takes a number above 0");
    if (!in_.take_word("SECONDS")) return in_.bad("SECONDS is expected", "there is no other unit");
    return Ok{};
  }
  Status repeats(Qualifier& out) {
    out.kind = Qualifier::Kind::repeats;
    const std::size_t place = in_.place();
    TRY(const std::string number, in_.number(true));
    out.times = parse_int(number).value_or(std::numeric_limits<std::int64_t>::max());
    if (out.times < 1 || number.starts_with('-')) return in_.bad_at(place, "REPEATS takes a whole number above 0");
    if (!in_.take_word("TIMES")) return in_.bad("TIMES is expected");
    return Ok{};
  }
  Status start_stop(Qualifier& out) {
    out.kind = Qualifier::Kind::start_stop;
    TRY_VOID(instant(out.start, out.from));
    if (!in_.take_word("STOP")) return in_.bad("STOP is expected", "START t'...' STOP t'...'");
    return instant(out.stop, out.until);
  }
  Status instant(std::string& text, Time& time) {
    const std::size_t place = in_.place();
    TRY(const Literal value, in_.literal());
    const auto parsed = parse_iso8601(value.text);
    const bool old = in_.lenient() && value.kind == Literal::Kind::text && parsed;
    if (old) in_.forgive("START and STOP with strings, as STIX 2.0 writes them");
    if (!old && value.kind != Literal::Kind::timestamp)
      return in_.bad_at(place, "a timestamp is expected", "write it as t'2021-02-03T04:05:06Z'");
    text = old ? format_utc(*parsed) : value.text;
    time = parsed.value_or(Time{});
    return Ok{};
  }

  // ---- comparisons: OR < AND
  Result<Typed> compare_any(std::size_t depth) {
    if (depth > kDepth) return too_deep();
    Typed out;
    std::vector<ComparisonTree> children;
    do {
      TRY(Typed child, compare_all(depth));
      children.push_back(std::move(child.tree));
      out.types.merge(child.types);
    } while (in_.take_word("OR"));
    out.tree = join(ComparisonTree::Kind::any, std::move(children));
    return out;
  }
  Result<Typed> compare_all(std::size_t depth) {
    Typed out;
    std::vector<ComparisonTree> children;
    do {
      const std::size_t place = in_.place();
      TRY(Typed child, compare_one(depth));
      if (children.empty()) {
        out.types = std::move(child.types);
      } else {
        const std::string before = *out.types.begin();
        std::set<std::string> both;
        std::set_intersection(out.types.begin(), out.types.end(), child.types.begin(), child.types.end(),
                              std::inserter(both, both.end()));
        if (both.empty()) {
          if (!in_.lenient())
            return in_.bad_at(
                place,
                fmt::format("AND joins comparisons of one object; '{}' and '{}' are two", before, *child.types.begin()),
                "make two observations of it: [...] AND [...]");
          in_.forgive("AND over objects of several types, read as one record that has them all");
          out.types.merge(child.types);
        } else {
          out.types = std::move(both);
        }
      }
      children.push_back(std::move(child.tree));
    } while (in_.take_word("AND"));
    out.tree = join(ComparisonTree::Kind::all, std::move(children));
    return out;
  }
  static ComparisonTree join(ComparisonTree::Kind kind, std::vector<ComparisonTree> children) {
    if (children.size() == 1) return std::move(children.front());
    ComparisonTree out;
    out.kind = kind;
    out.children = std::move(children);
    return out;
  }

  Result<Typed> compare_one(std::size_t depth) {
    if (++comparisons_ > kComparisons)
      return in_.too_much("the pattern has too many comparisons", fmt::format("at most {}", kComparisons));
    if (in_.take("(")) {
      TRY(Typed out, compare_any(depth + 1));
      if (!in_.take(")")) return in_.bad("')' is expected", "close the parenthesis");
      return out;
    }
    Typed out;
    Comparison& c = out.tree.leaf;
    const bool before = in_.take_word("NOT");
    if (in_.take_word("EXISTS")) {
      c.op = Comparison::Op::exists;
      c.negated = before;
      TRY(c.path, object_path());
      out.types.insert(c.path.type);
      return out;
    }
    if (before) {
      if (!in_.lenient())
        return in_.bad("NOT stands before the operator", "write file:name NOT = 'x', not NOT file:name = 'x'");
      in_.forgive("NOT before the path");
    }
    TRY(c.path, object_path());
    out.types.insert(c.path.type);
    c.negated = in_.take_word("NOT") != before;
    TRY_VOID(comparison_operator(c));
    TRY_VOID(operands(c));
    return out;
  }

  Status comparison_operator(Comparison& c) {
    using Op = Comparison::Op;
    static constexpr std::pair<std::string_view, Op> kSymbols[] = {
        {"!=", Op::not_equal}, {"<>", Op::not_equal}, {"<=", Op::less_equal}, {">=", Op::greater_equal},
        {"==", Op::equal},     {"=", Op::equal},      {"<", Op::less},        {">", Op::greater}};
    static constexpr std::pair<std::string_view, Op> kWords[] = {{"IN", Op::in},
                                                                 {"LIKE", Op::like},
                                                                 {"MATCHES", Op::matches},
                                                                 {"ISSUBSET", Op::is_subset},
                                                                 {"ISSUPERSET", Op::is_superset}};
    for (const auto& [symbol, op] : kSymbols) {
      if (!in_.take(symbol)) continue;
      c.op = op;
      return Ok{};
    }
    for (const auto& [word, op] : kWords) {
      if (!in_.take_word(word)) continue;
      c.op = op;
      return Ok{};
    }
    return in_.bad("a comparison operator is expected",
                   "= != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET, in capital letters");
  }

  Status operands(Comparison& c) {
    using Op = Comparison::Op;
    if (c.op == Op::in) return set(c);
    const std::size_t place = in_.place();
    TRY(Literal value, in_.literal());
    const bool ordered = c.op == Op::less || c.op == Op::less_equal || c.op == Op::greater || c.op == Op::greater_equal;
    const bool of_text = c.op == Op::like || c.op == Op::matches || c.op == Op::is_subset || c.op == Op::is_superset;
    if (ordered && value.kind == Literal::Kind::boolean)
      return in_.bad_at(place, "true and false have no order", "compare them with = or !=");
    if (of_text && value.kind != Literal::Kind::text)
      return in_.bad_at(place, "this operator takes a string", "put the value into quotes");
    if (c.op == Op::matches) {
      if (auto regex = ir::Regex::compile(value.text, 4); !regex.ok())
        return in_.bad_at(place, fmt::format("not a regular expression: {}", regex.error().what));
    }
    if ((c.op == Op::is_subset || c.op == Op::is_superset) && !in_.lenient() && !parse_network(value.text))
      return in_.bad_at(place, "not an address or a network", "write '198.51.100.0/24' or '2001:db8::/32'");
    c.values.push_back(std::move(value));
    return Ok{};
  }

  Status set(Comparison& c) {
    if (!in_.take("(")) return in_.bad("'(' is expected after IN", "a set is (1, 2) or ('a', 'b')");
    if (in_.take(")")) return Ok{};
    do {
      const std::size_t place = in_.place();
      TRY(Literal value, in_.literal());
      if (!c.values.empty() && value.kind != c.values.front().kind) {
        if (!in_.lenient())
          return in_.bad_at(place, "the values of a set are of one kind", "make two comparisons of it");
        in_.forgive("a set of values of several kinds");
      }
      c.values.push_back(std::move(value));
    } while (in_.take(","));
    if (!in_.take(")")) return in_.bad("',' or ')' is expected in the set");
    return Ok{};
  }

  Result<ObjectPath> object_path() {
    ObjectPath out;
    TRY(out.type, in_.name(true));
    if (!in_.take(":"))
      return in_.bad(fmt::format("':' is expected after the object type '{}'", out.type),
                     "a path is type:property, such as file:name");
    TRY_VOID(key(out));
    while (true) {
      if (out.steps.size() > kPathSteps)
        return in_.too_much("the path is too long", fmt::format("at most {} steps", kPathSteps));
      if (in_.take(".")) {
        TRY_VOID(key(out));
      } else if (in_.take("[")) {
        ObjectPath::Step step;
        if (in_.take("*")) {
          step.kind = ObjectPath::Step::Kind::any_index;
        } else {
          step.kind = ObjectPath::Step::Kind::index;
          TRY(const std::string number, in_.number(true));
          step.index = parse_int(number).value_or(std::numeric_limits<std::int64_t>::max());
        }
        if (!in_.take("]")) return in_.bad("']' is expected after the index");
        out.steps.push_back(std::move(step));
      } else {
        return out;
      }
    }
  }
  Status key(ObjectPath& out) {
    ObjectPath::Step step;
    const std::size_t place = in_.place();
    if (in_.starts("'")) {
      TRY(step.key, in_.quoted());
      if (step.key.empty()) return in_.bad_at(place, "an empty key");
    } else {
      TRY(step.key, in_.name(false));
    }
    out.steps.push_back(std::move(step));
    return Ok{};
  }

  std::string_view text_;
  Lexer in_;
  ParseReport& report_;
  std::size_t comparisons_ = 0;
};

}  // namespace

Result<Observation> parse_pattern(std::string_view text, bool lenient, ParseReport* report) {
  ParseReport own;
  return Parser(text, lenient, report != nullptr ? *report : own).run();
}

}  // namespace assay::stix
