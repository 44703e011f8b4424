// testdata/pattern_standard.jsonl: a second table of verdicts, written from the text of the standard alone by somebody
// else than the first. A line: pattern, observations with their objects by path, and whether the pattern matches.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/json.h"
#include "match/reference.h"
#include "match/testing.h"
#include "match/windows.h"
#include "rules/stix_pattern/lower.h"
#include "rules/stix_pattern/names.h"
#include "rules/stix_pattern/pattern.h"

namespace assay {
namespace {

class Objects final : public RecordValues {
 public:
  Objects(const Json& objects, Time time) : time_(time) {
    for (const auto& [key, value] : objects.members()) {
      const auto path = stix::parse_pattern("[" + key + " = 1]");
      EXPECT_TRUE(path.ok()) << key;
      if (!path.ok()) continue;
      std::string name = stix::name_of(path->test.leaf.path).name;
      if (value.is_array() && !name.ends_with("[*]")) name += "[*]";
      testing_match::flatten(
          value, "", [&](const std::string&, Value v) { values_[name].emplace_back(v.kind, std::string(v.text)); });
    }
  }
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
    const auto at = values_.find(name);
    if (at == values_.end()) return;
    for (const auto& [kind, text] : at->second) f({kind, text});
  }
  void each_any(const std::function<void(const Value&)>&) const override {}
  [[nodiscard]] Time time() const override { return time_; }

 private:
  std::map<std::string, std::vector<std::pair<ValueKind, std::string>>, std::less<>> values_;
  Time time_;
};

bool holds(const ir::Expr& expr, const Objects& objects) {
  const RegexSet regexes = testing_match::regexes_of(expr);
  ir::RegexScratch scratch;
  EvalContext context{&regexes, &scratch, false};
  return evaluate(expr, objects, context);
}

// The observations that the first finding cites.
std::vector<std::size_t> matched(const std::string& text, const std::vector<Objects>& observations) {
  std::vector<std::size_t> out;
  const auto pattern = stix::parse_pattern(text);
  if (!pattern.ok()) return out;
  ir::Detector rule;
  rule.id = "p";
  const Status lowered = stix::lower_pattern(*pattern, rule);
  EXPECT_TRUE(lowered.ok()) << lowered.error().text();
  if (!lowered.ok()) return out;
  EXPECT_TRUE(ir::check(rule).ok()) << ir::check(rule).error().text();
  if (!rule.window) {
    for (std::size_t i = 0; i < observations.size(); ++i) {
      if (holds(rule.expr, observations[i])) out.push_back(i);
    }
    return out;
  }
  std::vector<Match> matches;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    for (std::uint32_t part = 0; part < rule.window->bases.size(); ++part) {
      if (!holds(rule.window->bases[part].expr, observations[i])) continue;
      Match m;
      m.part = part;
      m.time = observations[i].time();
      m.ref.offset = i;
      matches.push_back(m);
    }
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return std::tie(a.time, a.part) < std::tie(b.time, b.part); });
  EXPECT_TRUE(decide_window(*rule.window, matches, [&](const Emission& met) {
    if (!out.empty()) return;
    for (const Match* m : met.matches) out.push_back(static_cast<std::size_t>(m->ref.offset));
  })) << "gave up";
  return out;
}

TEST(StixPatterns, Standard) {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/pattern_standard.jsonl");
  std::size_t cases = 0, other = 0;
  for (std::string line; std::getline(in, line);) {
    const Json test = parse_json(line).value();
    std::vector<Objects> observations;
    for (const Json& one : test["observations"].items())
      observations.emplace_back(one["objects"], parse_iso8601(one["time"].as_string()).value());
    const bool met = !matched(std::string(test["pattern"].as_string()), observations).empty();
    const bool differs = test["reading"].is_string();  // docs/rules/stix_pattern.md says why
    EXPECT_EQ(met, test["match"].as_bool() != differs) << test["name"].as_string() << "\n" << line;
    other += differs;
    ++cases;
  }
  EXPECT_GT(cases, 400U);
  std::printf("%zu verdicts, %zu of them by another reading\n", cases, other);
}

}  // namespace
}  // namespace assay
