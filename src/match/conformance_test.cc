// testdata/conformance.txt, by the reference evaluator and by the engine with and without its fast paths.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "match/testing.h"

namespace assay {
namespace {

using testing_match::Bench;
using testing_match::JsonRecord;

struct Block {
  std::string clause, detection;
  std::vector<std::pair<bool, std::string>> cases;
};

std::vector<Block> read_blocks() {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/conformance.txt");
  std::vector<Block> out;
  std::string line;
  bool cases = false;
  while (std::getline(in, line)) {
    if (line.starts_with("== ")) {
      out.emplace_back();
      out.back().clause = line.substr(3);
      cases = false;
    } else if (line == "--") {
      cases = true;
    } else if (!out.empty() && cases && (line.starts_with("yes ") || line.starts_with("no "))) {
      out.back().cases.emplace_back(line[0] == 'y', line.substr(line.find(' ') + 1));
    } else if (!out.empty() && !cases && !line.empty()) {
      out.back().detection += "  " + line + "\n";
    } else if (!line.empty() && !line.starts_with("#")) {
      ADD_FAILURE() << "stray line: " << line;
    }
  }
  return out;
}

TEST(Conformance, Sigma) {
  const std::vector<Block> blocks = read_blocks();
  ASSERT_GT(blocks.size(), 40U);
  std::size_t met = 0, not_met = 0;
  for (const Block& block : blocks) {
    RuleSet rules;
    load_sigma("conformance", "title: t\nid: t\nlogsource: {category: test}\ndetection:\n" + block.detection, "",
               rules);
    ASSERT_EQ(rules.rules.size(), 1U) << block.clause << ": "
                                      << (rules.not_loaded.empty() ? "" : rules.not_loaded[0].reason);
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
    for (const auto& [expected, json] : block.cases) {
      any_yes = any_yes || expected;
      any_no = any_no || !expected;
      (expected ? met : not_met) += 1;
      const JsonRecord record(json);
      const std::string what = block.clause + ": " + json;
      EXPECT_EQ(evaluate(rules.rules[0].expr, record, context), expected) << what;
      std::vector<TraceLine> trace;
      EXPECT_EQ(evaluate_traced(rules.rules[0].expr, record, context, trace), expected) << what << "\n"
                                                                                        << trace_text(trace);
      EXPECT_EQ(fast.match(json).size(), expected ? 1U : 0U) << what << " (fast)";
      EXPECT_EQ(slow.match(json).size(), expected ? 1U : 0U) << what << " (reference)";
    }
    EXPECT_TRUE(any_no) << block.clause;
    EXPECT_TRUE(any_yes || block.clause.starts_with("without s")) << block.clause;
  }
  std::printf("%zu clauses, %zu met, %zu not met\n", blocks.size(), met, not_met);
}

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
