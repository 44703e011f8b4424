// testdata/pattern.txt: STIX patterns over records, by the reference evaluator and by the engine with and without its
// fast paths; and the search for bindings against one that tries everything.
#include "rules/stix_pattern/pattern.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <random>
#include <set>
#include <tuple>

#include "core/ascii.h"
#include "match/testing.h"
#include "match/windows.h"
#include "rules/stix_pattern/lower.h"

namespace assay {
namespace {

using testing_match::Bench;
using testing_match::JsonRecord;

struct Line {
  Time time;
  std::string name, json;
};

struct Case {
  std::string title, pattern;
  std::vector<Line> records;
  std::vector<std::string> expected;
};

std::vector<Case> read_cases(const std::string& name) {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/" + name);
  std::vector<Case> out;
  std::string line;
  int part = 0;
  while (std::getline(in, line)) {
    if (line.starts_with("#") || line.empty()) continue;
    if (line.starts_with("== ")) {
      out.emplace_back().title = line.substr(3);
      part = 0;
    } else if (line == "--") {
      ++part;
    } else if (part == 0) {
      out.back().pattern += line;
    } else if (part == 1) {
      Line record;
      const std::size_t a = line.find(' '), b = line.find(' ', a + 1);
      if (line.substr(0, a) != "?") record.time = parse_epoch(line.substr(0, a)).value();
      record.name = line.substr(a + 1, b - a - 1);
      record.json = line.substr(b + 1);
      out.back().records.push_back(std::move(record));
    } else {
      out.back().expected.push_back(line);
    }
  }
  return out;
}

class TimedRecord final : public RecordValues {
 public:
  explicit TimedRecord(const Line& line) : json_(line.json), time_(line.time) {}
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override { json_.each(name, f); }
  void each_any(const std::function<void(const Value&)>& f) const override { json_.each_any(f); }
  [[nodiscard]] Time time() const override { return time_; }

 private:
  JsonRecord json_;
  Time time_;
};

bool reference_holds(const ir::Expr& expr, const Line& line) {
  const RegexSet regexes = testing_match::regexes_of(expr);
  ir::RegexScratch scratch;
  EvalContext context{&regexes, &scratch, false};
  const TimedRecord record(line);
  const bool met = evaluate(expr, record, context);
  std::vector<TraceLine> trace;
  EXPECT_EQ(evaluate_traced(expr, record, context, trace), met) << trace_text(trace);
  return met;
}

// The names of the records that findings cite, one line a finding.
std::vector<std::string> findings(const ir::Detector& rule, std::vector<Match> matches) {
  std::vector<std::string> out;
  if (!rule.window) {
    for (const Match& m : matches) out.emplace_back(1, static_cast<char>(m.ref.offset));
    return out;
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return std::tie(a.time, a.part) < std::tie(b.time, b.part); });
  EXPECT_TRUE(decide_window(*rule.window, matches, [&](const Emission& met) {
    std::string names;
    for (const Match* m : met.matches) {
      const std::string name(1, static_cast<char>(m->ref.offset));
      if (names.find(name) == std::string::npos) names += (names.empty() ? "" : " ") + name;
    }
    EXPECT_FALSE(met.instants.empty());
    EXPECT_TRUE(std::is_sorted(met.instants.begin(), met.instants.end()));
    out.push_back(names);
  }));
  return out;
}

std::vector<std::string> by_engine(const Case& test, const RuleSet& rules, bool fast) {
  Bench bench(rules, fast, {}, "stix-test");
  EXPECT_TRUE(bench.engine().not_loaded().empty()) << test.title;
  std::vector<Match> matches;
  for (const Line& line : test.records) {
    for (Match& m : bench.match_at(line.json, line.time)) {
      m.ref.offset = static_cast<std::uint64_t>(line.name[0]);
      matches.push_back(std::move(m));
    }
  }
  return findings(rules.rules[0], std::move(matches));
}

std::vector<std::string> by_reference(const Case& test, const ir::Detector& rule) {
  std::vector<Match> matches;
  for (const Line& line : test.records) {
    const auto met = [&](std::uint32_t part, const ir::Expr& expr) {
      if (!reference_holds(expr, line)) return;
      Match m;
      m.part = part;
      m.time = line.time;
      m.content = hash64(line.json);
      m.ref = {0, static_cast<std::uint64_t>(line.name[0]), line.json.size()};
      matches.push_back(std::move(m));
    };
    if (rule.window) {
      for (std::uint32_t part = 0; part < rule.window->bases.size(); ++part) met(part, rule.window->bases[part].expr);
    } else {
      met(0, rule.expr);
    }
  }
  return findings(rule, std::move(matches));
}

void hold_to(const std::string& name, std::size_t least) {
  std::size_t met = 0, not_met = 0;
  for (const Case& test : read_cases(name)) {
    SCOPED_TRACE(test.title + "\n" + test.pattern);
    const auto pattern = stix::parse_pattern(test.pattern);
    if (!pattern.ok()) {
      ADD_FAILURE() << pattern.error().text();
      continue;
    }
    const auto again = stix::parse_pattern(stix::to_text(*pattern));
    EXPECT_TRUE(again.ok() && *again == *pattern) << stix::to_text(*pattern);
    ir::Detector rule;
    rule.kind = DetectorKind::stix_pattern;
    rule.id = "p";
    if (const Status status = stix::lower_pattern(*pattern, rule); !status.ok()) {
      ADD_FAILURE() << status.error().text();
      continue;
    }
    ASSERT_TRUE(ir::check(rule).ok()) << ir::check(rule).error().text() << ir::to_text(rule);
    RuleSet rules;
    rules.rules.push_back(rule);
    EXPECT_EQ(by_reference(test, rule), test.expected) << ir::to_text(rule);
    EXPECT_EQ(by_engine(test, rules, true), test.expected) << ir::to_text(rule);
    EXPECT_EQ(by_engine(test, rules, false), test.expected) << ir::to_text(rule);
    // In the other order of records.
    Case reversed = test;
    std::reverse(reversed.records.begin(), reversed.records.end());
    std::vector<std::string> found = by_engine(reversed, rules, true), expected = test.expected;
    if (!rule.window) std::reverse(found.begin(), found.end());
    const bool ties = std::any_of(test.records.begin(), test.records.end(), [&](const Line& a) {
      return std::count_if(test.records.begin(), test.records.end(), [&](const Line& b) { return a.time == b.time; }) >
             1;
    });
    if (!ties || !rule.window) {
      EXPECT_EQ(found, expected);
    }
    (test.expected.empty() ? not_met : met) += 1;
  }
  EXPECT_GE(met + not_met, least);
  std::printf("%s: %zu patterns met, %zu not met\n", name.c_str(), met, not_met);
}

TEST(StixPatterns, Conformance) { hold_to("pattern.txt", 100); }

// ---- the search against one that tries everything

using Step = ir::Window::Step;

struct Binding {
  unsigned records = 0;
  std::int64_t begin = INT64_MAX, end = INT64_MIN;
};

class Everything {
 public:
  Everything(const ir::Window& window, const std::vector<Match>& matches) : window_(window), matches_(matches) {}

  std::vector<Binding> of(std::size_t at) const {
    const Step& step = window_.steps[at];
    std::vector<Binding> once;
    if (step.kind == Step::Kind::base) {
      for (const Match& m : matches_) {
        if (m.part == step.base) once.push_back({1U << m.ref.offset, m.time.ns, m.time.ns});
      }
    } else if (step.kind == Step::Kind::any) {
      for (const std::uint32_t part : step.parts) {
        for (const Binding& one : of(part)) once.push_back(one);
      }
    } else {
      once.push_back({});
      for (const std::uint32_t part : step.parts) once = joined(once, of(part), step.kind == Step::Kind::sequence);
    }
    std::vector<Binding> out = {{}};
    for (std::int64_t i = 0; i < step.repeats; ++i) out = joined(out, once, false);
    if (step.within_ns >= 0) std::erase_if(out, [&](const Binding& b) { return b.end - b.begin > step.within_ns; });
    return out;
  }
  // Ends of the shortest stretches.
  std::vector<std::int64_t> ends() const {
    std::vector<Binding> all = of(window_.steps.size() - 1);
    std::set<std::pair<std::int64_t, std::int64_t>> stretches;  // end, begin
    for (const Binding& b : all) stretches.emplace(b.end, b.begin);
    std::vector<std::int64_t> out;
    for (const auto& [end, begin] : stretches) {
      const bool shortest =
          std::none_of(stretches.begin(), stretches.end(), [&, e = end, b = begin](const auto& other) {
            return other != std::pair(e, b) && other.first <= e && other.second >= b;
          });
      if (shortest) out.push_back(end);
    }
    return out;
  }

 private:
  static std::vector<Binding> joined(const std::vector<Binding>& a, const std::vector<Binding>& b, bool ordered) {
    std::vector<Binding> out;
    for (const Binding& x : a) {
      for (const Binding& y : b) {
        if ((x.records & y.records) != 0 || (ordered && y.begin < x.end)) continue;
        out.push_back({x.records | y.records, std::min(x.begin, y.begin), std::max(x.end, y.end)});
      }
    }
    const auto key = [](const Binding& one) { return std::tie(one.records, one.begin, one.end); };
    std::sort(out.begin(), out.end(), [&](const Binding& x, const Binding& y) { return key(x) < key(y); });
    out.erase(std::unique(out.begin(), out.end(), [&](const Binding& x, const Binding& y) { return key(x) == key(y); }),
              out.end());
    return out;
  }
  const ir::Window& window_;
  const std::vector<Match>& matches_;
};

TEST(StixPatterns, SearchEqualsTryingEverything) {
  std::mt19937 random(11);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  std::size_t met = 0, not_met = 0;
  for (int round = 0; round < 30'000; ++round) {
    ir::Window window;
    window.kind = ir::Window::Kind::pattern;
    window.bases.resize(3);
    std::vector<std::uint32_t> open;
    std::int64_t records = 0;
    for (std::uint32_t i = 1 + below(4); i > 0; --i) {
      Step step;
      step.base = below(3);
      step.repeats = below(4) == 0 ? 2 + below(2) : 1;
      if (below(6) == 0) step.within_ns = below(4);
      records += step.repeats;
      open.push_back(static_cast<std::uint32_t>(window.steps.size()));
      window.steps.push_back(step);
    }
    while (open.size() > 1 || below(3) == 0) {
      Step step;
      step.kind = static_cast<Step::Kind>(1 + below(3));
      const std::size_t parts = std::min<std::size_t>(open.size(), 1 + below(3));
      step.parts.assign(open.end() - static_cast<std::ptrdiff_t>(parts), open.end());
      open.resize(open.size() - parts);
      if (below(5) == 0 && records < 5) {
        step.repeats = 2;
        records *= 2;
      }
      if (below(3) == 0) step.within_ns = below(6);
      open.push_back(static_cast<std::uint32_t>(window.steps.size()));
      window.steps.push_back(std::move(step));
    }
    std::vector<Match> matches;
    for (std::uint32_t record = 0; record < 1 + below(8); ++record) {
      const std::int64_t time = below(8);
      for (std::uint32_t part = 0; part < 3; ++part) {
        if (below(2) == 0) continue;
        Match m;
        m.part = part;
        m.time = Time{time};
        m.ref.offset = record;
        matches.push_back(m);
      }
    }
    std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
      return std::tie(a.time, a.part) < std::tie(b.time, b.part);
    });
    std::vector<std::int64_t> ends;
    ASSERT_TRUE(decide_window(window, matches, [&](const Emission& found) {
      for (const Time& instant : found.instants) ends.push_back(instant.ns);
      // What is cited is enough.
      std::vector<Match> cited;
      for (const Match* m : found.matches) cited.push_back(*m);
      EXPECT_FALSE(Everything(window, cited).ends().empty());
    }));
    const std::vector<std::int64_t> expected = Everything(window, matches).ends();
    ASSERT_EQ(ends, expected) << "round " << round;
    (expected.empty() ? not_met : met) += 1;
  }
  EXPECT_GT(met, 5000U);
  EXPECT_GT(not_met, 5000U);
}

TEST(StixPatterns, ManyRecordsAndManyRepeats) {
  ir::Window window;
  window.kind = ir::Window::Kind::pattern;
  window.bases.resize(2);
  const auto step = [&](Step::Kind kind, std::uint32_t base, std::vector<std::uint32_t> parts, std::int64_t repeats) {
    Step out;
    out.kind = kind;
    out.base = base;
    out.parts = std::move(parts);
    out.repeats = repeats;
    window.steps.push_back(out);
  };
  step(Step::Kind::base, 0, {}, 1000);
  step(Step::Kind::base, 1, {}, 1);
  step(Step::Kind::sequence, 0, {0, 1}, 1);
  std::vector<Match> matches;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    Match m;
    m.part = i % 50'000 == 49'999 ? 1 : 0;
    m.time = Time{static_cast<std::int64_t>(i)};
    m.ref.offset = i;
    matches.push_back(m);
  }
  std::vector<std::size_t> sizes;
  ASSERT_TRUE(decide_window(window, matches, [&](const Emission& met) { sizes.push_back(met.matches.size()); }));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1001, 1001}));
  window.steps[0].repeats = std::numeric_limits<std::int64_t>::max();
  sizes.clear();
  ASSERT_TRUE(decide_window(window, matches, [&](const Emission& met) { sizes.push_back(met.matches.size()); }));
  EXPECT_TRUE(sizes.empty());
}

// More parts than records, each inside its own span: no binding, and very many ways to find that out.
TEST(StixPatterns, TheSearchIsBounded) {
  ir::Window window;
  window.kind = ir::Window::Kind::pattern;
  window.bases.resize(24);
  Step all;
  all.kind = Step::Kind::all;
  for (std::uint32_t base = 0; base < 24; ++base) {
    Step step;
    step.base = base;
    step.within_ns = 100;
    window.steps.push_back(step);
    all.parts.push_back(base);
  }
  window.steps.push_back(all);
  std::vector<Match> matches;
  for (std::uint64_t record = 0; record < 23; ++record) {
    for (std::uint32_t part = 0; part < 24; ++part) {
      Match m;
      m.part = part;
      m.time = Time{static_cast<std::int64_t>(record)};
      m.ref.offset = record;
      matches.push_back(m);
    }
  }
  EXPECT_FALSE(decide_window(window, matches, [](const Emission&) { FAIL(); }));
  // The same without the spans is one look.
  for (Step& step : window.steps) step.within_ns = -1;
  EXPECT_TRUE(decide_window(window, matches, [](const Emission&) { FAIL(); }));
}

}  // namespace
}  // namespace assay
