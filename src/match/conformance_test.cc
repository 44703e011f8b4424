// testdata/conformance.txt and standard.txt, by the reference evaluator and by the engine with and without its fast
// paths.
#include <gtest/gtest.h>

#include "match/testing.h"
#include "match/testing_conformance.h"

namespace assay {
namespace {

using testing_match::Bench;
using testing_match::Clause;
using testing_match::JsonRecord;

// Every row by the reference, by its trace, and by the engine with and without its fast paths.
void hold_to(const std::string& name, std::size_t least_clauses, std::size_t least_rows) {
  std::vector<std::string> stray;
  const std::vector<Clause> clauses =
      testing_match::read_clauses(std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/" + name, stray);
  for (const std::string& line : stray) ADD_FAILURE() << "stray line: " << line;
  ASSERT_GT(clauses.size(), least_clauses);
  std::size_t met = 0, not_met = 0, refused = 0;
  for (const Clause& clause : clauses) {
    const RuleSet rules = testing_match::rule_of(clause);
    if (!clause.refused.empty()) {
      ++refused;
      EXPECT_TRUE(rules.rules.empty()) << clause.clause;
      ASSERT_EQ(rules.not_loaded.size(), 1U) << clause.clause;
      EXPECT_NE(rules.not_loaded[0].reason.find(clause.refused), std::string::npos)
          << clause.clause << ": " << rules.not_loaded[0].reason;
      EXPECT_GT(rules.not_loaded[0].line, 0) << clause.clause << ": " << rules.not_loaded[0].reason;
      continue;
    }
    if (rules.rules.size() != 1) {
      ADD_FAILURE() << clause.clause << ": " << (rules.not_loaded.empty() ? "" : rules.not_loaded[0].reason);
      continue;
    }
    RegexSet regexes;
    for (const ir::Atom& atom : rules.rules[0].expr.atoms) {
      for (const ir::Literal& literal : atom.literals) {
        if (atom.test == ir::Test::regex) {
          ASSERT_TRUE(regexes.add(literal).ok());
        }
      }
    }
    ir::RegexScratch scratch;
    EvalContext context{&regexes, &scratch, false};
    Bench fast(rules, true), slow(rules, false);
    bool any_yes = false, any_no = false;
    for (const auto& [expected, json] : clause.cases) {
      any_yes = any_yes || expected;
      any_no = any_no || !expected;
      (expected ? met : not_met) += 1;
      const JsonRecord record(json);
      const std::string what = clause.clause + ": " + json;
      EXPECT_EQ(evaluate(rules.rules[0].expr, record, context), expected) << what;
      std::vector<TraceLine> trace;
      EXPECT_EQ(evaluate_traced(rules.rules[0].expr, record, context, trace), expected) << what << "\n"
                                                                                        << trace_text(trace);
      EXPECT_EQ(fast.match(json).size(), expected ? 1U : 0U) << what << " (fast)";
      EXPECT_EQ(slow.match(json).size(), expected ? 1U : 0U) << what << " (reference)";
    }
    EXPECT_TRUE(any_no) << clause.clause;
    EXPECT_TRUE(any_yes) << clause.clause;
  }
  EXPECT_GE(met + not_met + refused, least_rows);
  std::printf("%s: %zu clauses, %zu met, %zu not met, %zu refused\n", name.c_str(), clauses.size(), met, not_met,
              refused);
}

TEST(Conformance, Sigma) { hold_to("conformance.txt", 40, 150); }

// A second table, written from the text of the specification alone.
TEST(Conformance, SigmaStandard) { hold_to("standard.txt", 80, 300); }

TEST(Conformance, Trace) {
  RuleSet rules;
  load_sigma("t",
             "title: t\nid: t\nlogsource: {category: test}\ndetection:\n  a: {Image|endswith: [x.exe, y.exe], User: "
             "null}\n  b: {Cmd|contains: q}\n  condition: a and not b\n",
             "", rules);
  ASSERT_EQ(rules.rules.size(), 1U);
  ir::RegexScratch scratch;
  RegexSet regexes;
  EvalContext context{&regexes, &scratch, false};
  std::vector<TraceLine> trace;
  EXPECT_FALSE(
      evaluate_traced(rules.rules[0].expr, JsonRecord(R"({"Image":"C:\\x.exe","Cmd":["a","qq"]})"), context, trace));
  EXPECT_EQ(trace_text(trace),
            "FAIL all\n"
            "  PASS all\n"
            "    PASS Image ends_with any of \"x.exe\" \"y.exe\"   [\"C:\\\\x.exe\"]\n"
            "    PASS User is_null   [absent]\n"
            "  FAIL not\n"
            "    PASS Cmd contains \"q\"   [\"a\", \"qq\"]\n");
}

}  // namespace
}  // namespace assay
