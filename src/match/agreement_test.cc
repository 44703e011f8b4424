// The fast slice of the agreement run (scripts/agree is the whole one): every combination of the engine's switches
// against the reference, and what the parts of the fast paths promise on their own.
#include <gtest/gtest.h>

#include <random>

#include "core/ascii.h"
#include "core/lanes.h"
#include "match/keyword_filter.h"
#include "match/literal_index.h"
#include "match/regex_literals.h"
#include "match/testing_agreement.h"
#include "rules/ir/regex.h"

namespace assay {
namespace {

using testing_match::AgreementTally;

SchemaSet test_schemas() {
  const std::vector<std::string> folders = {std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/schemas"};
  return SchemaSet::load(folders).value();
}

TEST(Agreement, EveryCombinationOfSwitchesOnWitnessesAndNearMisses) {
  const SchemaSet schemas = test_schemas();
  testing_match::Maker maker(7);
  AgreementTally tally;
  testing_match::AgreementWork work;
  work.per_rule = 6;
  for (std::uint32_t set = 0; set < 24; ++set) {
    const RuleSet rules = testing_match::with_variants(testing_match::random_rules(maker, 5), 5, set);
    testing_match::agree_on_rules(rules, schemas, set, work, tally);
  }
  for (const std::string& difference : tally.differences) ADD_FAILURE() << difference;
  EXPECT_EQ(tally.combinations, 64U);
  EXPECT_GT((tally.own_met + tally.kin_met) * 10, (tally.own + tally.kin) * 3);
  EXPECT_GT(tally.kin, tally.own);
  std::size_t forms = 0, shapes = 0;
  for (const auto& [form, counts] : tally.forms) {
    const bool both = counts[0] > 0 && counts[1] > 0;
    (form.starts_with('(') ? shapes : forms) += both ? 1U : 0U;
  }
  EXPECT_GT(forms, 120U);
  EXPECT_GT(shapes, 12U);
  for (const char* const form : {"cidr", "cidr any", "equals", "greater", "regex", "keyword", "exists true"}) {
    EXPECT_GT(tally.forms[form][0], 0U) << form;
    EXPECT_GT(tally.forms[form][1], 0U) << form;
  }
  std::printf("%llu pairs made to matter, %.0f %% met; %zu forms of predicates and %zu of conditions, both verdicts\n",
              static_cast<unsigned long long>(tally.own + tally.kin),
              100.0 * static_cast<double>(tally.own_met + tally.kin_met) / static_cast<double>(tally.own + tally.kin),
              forms, shapes);
}

TEST(Agreement, KinShareAPredicate) {
  testing_match::Maker maker(3);
  RuleSet rules = testing_match::random_rules(maker, 2);
  RuleSet more = testing_match::with_variants(rules, 4, 1);
  ASSERT_GT(more.rules.size(), 6U);
  for (const ir::Detector& rule : more.rules) EXPECT_TRUE(ir::check(rule).ok());
  for (std::size_t i = 1; i < more.rules.size(); ++i) EXPECT_NE(more.rules[i].expr, more.rules[i - 1].expr);
  const auto kin = testing_match::kin_of(more);
  for (std::size_t i = 0; i < kin.size(); ++i) EXPECT_TRUE(kin[i][i]);
}

TEST(Agreement, SwitchesAreRead) {
  EXPECT_TRUE(parse_engine_options("")->value_cache);
  EXPECT_FALSE(parse_engine_options("no-value-cache,no-witnesses")->value_cache);
  EXPECT_FALSE(parse_engine_options("no-value-cache,no-witnesses")->witnesses);
  EXPECT_FALSE(parse_engine_options("plain")->fast);
  EXPECT_FALSE(parse_engine_options("faster").ok());
}

constexpr Lanes kAllLanes[] = {Lanes::plain, Lanes::avx2, Lanes::avx512};

TEST(LiteralIndex, FindsWhatStandsThere) {
  std::mt19937 random(5);
  const auto text = [&](std::size_t most) {
    std::string out;
    for (std::size_t i = random() % (most + 1); i > 0; --i) out += static_cast<char>("abc\\ \xc3"[random() % 6]);
    return out;
  };
  std::size_t met = 0;
  for (int round = 0; round < 200; ++round) {
    LiteralIndex index;
    std::vector<std::pair<std::string, LiteralIndex::Place>> literals;
    for (std::uint32_t id = 0; id < 30; ++id) {
      std::string literal = text(7) + "a";
      const auto place = static_cast<LiteralIndex::Place>(random() % 3);
      index.add(literal, place, id);
      literals.emplace_back(std::move(literal), place);
    }
    index.build();
    for (int k = 0; k < 50; ++k) {
      const std::string subject = text(round % 2 == 0 ? 40 : 200);
      std::string padded = subject + std::string(LiteralIndex::kPadding, 'a');  // bytes behind must not matter
      std::vector<bool> found(literals.size());
      for (const Lanes most : kAllLanes) {
        const LimitLanes limit(most);
        std::vector<bool> here(literals.size());
        index.find(std::string_view(padded).substr(0, subject.size()), [&](std::uint32_t id) { here[id] = true; });
        if (most == Lanes::plain) found = here;
        ASSERT_EQ(here, found) << subject;
      }
      for (std::size_t id = 0; id < literals.size(); ++id) {
        const auto& [literal, place] = literals[id];
        const bool wanted = place == LiteralIndex::Place::start ? subject.starts_with(literal)
                            : place == LiteralIndex::Place::end ? subject.ends_with(literal)
                                                                : subject.find(literal) != std::string::npos;
        ASSERT_EQ(found[id], wanted) << literal << " in " << subject;
        met += wanted;
      }
    }
  }
  EXPECT_GT(met, 1000U);
}

std::string joined(std::string_view pattern) {
  const auto set = regex_literals(pattern, 3);
  if (!set) return "none";
  std::string out;
  for (const std::string& one : *set) out += (out.empty() ? "" : " ") + one;
  return out;
}

TEST(RegexLiterals, WhatEveryMatchHolds) {
  EXPECT_EQ(joined("abcdef"), "abcdef");
  EXPECT_EQ(joined("ABC.*defg"), "defg");
  EXPECT_EQ(joined("abcd?ef"), "abc");
  EXPECT_EQ(joined("abcd+efg"), "abcd");
  EXPECT_EQ(joined("abcd{2,3}efg"), "abcd");
  EXPECT_EQ(joined("abcd{0,3}ef"), "abc");
  EXPECT_EQ(joined("(?:alpha|beta)x"), "alpha beta");
  EXPECT_EQ(joined("(?:alpha|be)xyz"), "xyz");
  EXPECT_EQ(joined("(alpha)?xyz"), "xyz");
  EXPECT_EQ(joined("alpha|.*"), "none");
  EXPECT_EQ(joined("alpha|omega"), "alpha omega");
  EXPECT_EQ(joined("(?i)alpha\\.exe"), "alpha.exe");
  EXPECT_EQ(joined("(?!alpha)omega"), "omega");
  EXPECT_EQ(joined("[abc]xyz"), "xyz");
  EXPECT_EQ(joined("[]x]yz1"), "yz1");
  EXPECT_EQ(joined("\\x41bcdef"), "none");
  EXPECT_EQ(joined("(?x) a b c"), "none");
  EXPECT_EQ(joined("\\Qabc\\E"), "none");
  EXPECT_EQ(joined("abc{x}def"), "none");
  EXPECT_EQ(joined("\\d+"), "none");
  EXPECT_EQ(joined("(abc"), "none");
}

TEST(RegexLiterals, HoldOnRandomExpressions) {
  std::mt19937 random(11);
  static const std::vector<std::string> kParts = {"ab",  "cd",    "(",    ")",    "|", "?",    "*",      "+",
                                                  "{2}", "{0,1}", "[ab]", "[^a]", "a", "b",    "(?:",    ".",
                                                  "\\s", "\\.",   "^",    "$",    "c", "(?i)", "(?!ab)", "\\b"};
  std::size_t known = 0, met = 0;
  ir::RegexScratch scratch;
  for (int round = 0; round < 6000; ++round) {
    std::string pattern;
    for (std::size_t i = 1 + random() % 8; i > 0; --i) pattern += kParts[random() % kParts.size()];
    const auto regex = ir::Regex::compile(pattern, static_cast<std::uint8_t>(random() % 8));
    const auto literals = regex_literals(pattern, 1);
    if (!regex.ok() || !literals) continue;
    ++known;
    for (int k = 0; k < 20; ++k) {
      std::string text;
      for (std::size_t i = random() % 10; i > 0; --i) text += "abcABC. \n"[random() % 9];
      if (regex->search(text, scratch) != ir::Regex::Found::yes) continue;
      ++met;
      bool any = false;
      for (const std::string& literal : *literals) any = any || contains_icase(text, literal);
      ASSERT_TRUE(any) << pattern << " in " << text;
    }
  }
  EXPECT_GT(known, 500U);
  EXPECT_GT(met, 1000U);
}

TEST(KeywordFilter, SaysExactlyWhatStandsThere) {
  std::mt19937 random(6);
  const std::vector<std::vector<std::string>> lists = {
      {"a::b", "c::d", "kiwi"},  // two bytes of each
      {"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "a::"}};
  std::size_t met = 0, missed = 0;
  for (const std::vector<std::string>& parts : lists) {
    KeywordFilter filter;
    for (const std::string& part : parts) filter.add(part);
    filter.build();
    for (int round = 0; round < 4000; ++round) {
      std::string text;
      while (text.size() < random() % 200) text += "aAkKiwW:::\\\\uu bd"[random() % 17];
      if (random() % 4 == 0) text.insert(random() % (text.size() + 1), parts[random() % parts.size()]);
      for (const bool escapes : {false, true}) {
        bool wanted = false;
        for (const std::string& part : parts) wanted = wanted || contains_icase(text, part);
        std::size_t run = 0;  // of backslashes in front
        for (std::size_t i = 0; escapes && i + 1 < text.size(); ++i) {
          if (text[i] == '\\' && text[i + 1] == 'u' && run % 2 == 0) wanted = true;
          run = text[i] == '\\' ? run + 1 : 0;
        }
        ++(wanted ? met : missed);
        for (const Lanes most : {Lanes::avx2, Lanes::avx512}) {
          const LimitLanes limit(most);
          if (lanes() == Lanes::plain) continue;  // everything is proposed
          ASSERT_EQ(filter.may_hold(text, escapes), wanted) << text;
        }
      }
    }
  }
  EXPECT_GT(met, 2000U);
  EXPECT_GT(missed, 2000U);
}

TEST(KeywordFilter, ProposesEveryRecordThatHoldsOne) {
  EXPECT_EQ(KeywordFilter::usable_part("sekurlsa::"), "sekurlsa::");
  EXPECT_EQ(KeywordFilter::usable_part("\\mimiLib.dll"), "mimilib.dll");
  EXPECT_EQ(KeywordFilter::usable_part("sb://"), "sb:");
  EXPECT_EQ(KeywordFilter::usable_part("a/b"), "");
  KeywordFilter filter;
  for (const char* part : {"lsadump::", "mimidrv.sys", "kiwi legit", "eo.oe"}) filter.add(part);
  filter.build();
  EXPECT_TRUE(filter.may_hold(R"({"a":"x LSADUMP::y"})", true));
  EXPECT_TRUE(filter.may_hold(R"({"a":"\u006csadump::"})", true));
  EXPECT_TRUE(filter.may_hold(R"({"a":"\\\u006csadump::"})", true));
  for (std::size_t before = 0; before < 100; ++before) {  // wherever it stands in a block, also at the very end
    for (const std::size_t after : {std::size_t{0}, std::size_t{1}, std::size_t{40}}) {
      const std::string text = std::string(before, 'l') + "MimiDRV.sys" + std::string(after, 'm');
      EXPECT_TRUE(filter.may_hold(text, true)) << before << " " << after;
    }
  }
  if (lanes() == Lanes::plain) return;  // everything is proposed
  EXPECT_FALSE(filter.may_hold(R"({"a":"lsadump:","b":"C:\\users\\kiwi"})", true));
  EXPECT_FALSE(filter.may_hold(std::string(1000, ':'), true));
  // A text that is not JSON has no escapes.
  EXPECT_TRUE(filter.may_hold(R"(C:\users)", true));
  EXPECT_FALSE(filter.may_hold(R"(C:\users)", false));
  EXPECT_TRUE(filter.may_hold(R"(C:\users x lsadump::y)", false));
}

}  // namespace
}  // namespace assay
