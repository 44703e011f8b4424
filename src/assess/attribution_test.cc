#include "assess/attribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "assess/example_case.h"

namespace assay {
namespace {

// Forty groups with ten techniques each; group 0 alone has technique 0 and software 0.
Attack invented() {
  Attack attack;
  attack.references = {{"Public", "https://reports.example/public", *parse_iso8601("2018-01-01")},
                       {"Case", "https://reports.example/case", *parse_iso8601("2020-01-01")}};
  for (int t = 0; t < 100; ++t) {
    AttackTechnique one;
    one.id = "T9" + std::to_string(100 + t);
    attack.techniques.push_back(one);
  }
  for (int s = 0; s < 20; ++s) {
    AttackSoftware one;
    one.id = "S9" + std::to_string(100 + s);
    one.name = "Software " + std::to_string(s);
    attack.software.push_back(one);
  }
  for (int g = 0; g < 40; ++g) {
    AttackGroup one;
    one.id = "G9" + std::to_string(100 + g);
    one.name = "Group " + std::to_string(g);
    if (g == 0) one.techniques.push_back({0, {0}, {}});
    for (int i = 1; i < 10; ++i)
      one.techniques.push_back({static_cast<std::uint32_t>(1 + (g * 7 + i * 3) % 98), {0}, {}});
    std::sort(one.techniques.begin(), one.techniques.end(),
              [](const AttackUse& a, const AttackUse& b) { return a.what < b.what; });
    one.software.push_back({static_cast<std::uint32_t>(g == 0 ? 0 : 1 + g % 19), {0}, {}});
    attack.groups.push_back(one);
  }
  return attack;
}

double of(const std::vector<GroupScore>& ranking, int group) {
  for (const GroupScore& score : ranking) {
    if (score.group == group) return score.probability;
  }
  ADD_FAILURE() << "group " << group << " is not ranked";
  return 0;
}

double sum(const std::vector<GroupScore>& ranking) {
  return std::accumulate(ranking.begin(), ranking.end(), 0.0,
                         [](double all, const GroupScore& score) { return all + score.probability; });
}

TEST(Attribution, NothingSeenLeavesThePrior) {
  const Attack attack = invented();
  const auto ranking = Attribution(attack).rank({});
  ASSERT_EQ(ranking.size(), 41U);
  EXPECT_EQ(ranking.front().group, -1);
  EXPECT_NEAR(ranking.front().probability, .5, 1e-12);
  EXPECT_NEAR(of(ranking, 7), .5 / 40, 1e-12);
  EXPECT_NEAR(sum(ranking), 1, 1e-12);
}

// The formulas once more, by hand for one group and one technique.
TEST(Attribution, OneTechniqueByHand) {
  const Attack attack = invented();
  const Weights& w = Weights::shipped();
  const auto ranking = Attribution(attack).rank({{0}, {}, false});
  const double prevalence = 1.5 / 41, n = 10, rho = w.actor_rho * n / (n + w.actor_known_half);
  const double seen = w.actor_technique_power * std::log(rho / prevalence + 1 - rho);
  for (const GroupScore& score : ranking) {
    if (score.group == 0) {
      EXPECT_NEAR(score.techniques, seen, 1e-12);
    }
  }
  EXPECT_GT(of(ranking, 0), of(ranking, 1) * 1.5);
}

TEST(Attribution, ASilentTechniqueNeverCountsAgainst) {
  Attack attack = invented();
  const auto before = Attribution(attack).rank({{0}, {}, false});
  // Group 0 gets twenty more techniques, none of which is seen: its share falls by no more than what the longer list
  // takes from the weight of the one that is (it rises: a longer profile is taken more seriously).
  for (std::uint32_t t = 50; t < 70; ++t) attack.groups[0].techniques.push_back({t, {0}, {}});
  EXPECT_GE(of(Attribution(attack).rank({{0}, {}, false}), 0), of(before, 0));
}

TEST(Attribution, MoreSeenOfAGroupNeverLowersIt) {
  const Attack attack = invented();
  const Attribution attribution(attack);
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    SeenArtefacts seen;
    for (std::uint32_t t = 0; t < 100; ++t) {
      if (random() % 10 == 0) seen.techniques.push_back(t);
    }
    const double before = of(attribution.rank(seen), 0);
    SeenArtefacts more = seen;
    more.software.push_back(0);
    ASSERT_GT(of(attribution.rank(more), 0), before);
    ASSERT_NEAR(sum(attribution.rank(more)), 1, 1e-9);
  }
}

TEST(Attribution, UnknownStaysWhateverIsSeen) {
  const Attack attack = invented();
  const Weights& w = Weights::shipped();
  SeenArtefacts all;
  for (const AttackUse& use : attack.groups[0].techniques) all.techniques.push_back(use.what);
  all.software = {0};
  const auto ranking = Attribution(attack).rank(all);
  EXPECT_EQ(ranking.front().group, 0);
  // Both bounds together: e^3.5 x e^4.6 against a prior of 1 to 40.
  EXPECT_GT(of(ranking, -1), 1 / (1 + std::exp(w.actor_technique_bound + w.actor_software_bound)));
  EXPECT_LE(actor_cap(0, w), .55);  // never above realistic possibility
  EXPECT_LT(actor_cap(1, w), .80);
  EXPECT_EQ(actor_cap(2, w), 1);
}

TEST(Attribution, StruckReferencesDoNotCount) {
  Attack attack = invented();
  attack.groups[5].techniques.push_back({99, {1}, {}});
  attack.groups[5].techniques.push_back({0, {0, 1}, {}});
  ProfileRules rules;
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(99), 1U);
  rules.struck = {false, true};
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(99), 0U);
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(0), 2U) << "another reference says so too";
  attack.groups[6].techniques.push_back({99, {}, {}});
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(99), 0U) << "who cites nothing cannot be shown to be clean";
  rules = {};
  rules.before = *parse_iso8601("2019-01-01");
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(99), 0U);
  EXPECT_EQ(Attribution(attack, rules).users_of_technique(0), 2U);
}

TEST(Attribution, LeftOutIsLeftOut) {
  const Attack attack = invented();
  const auto ranking = Attribution(attack).rank({{0}, {0}, false}, 0);
  EXPECT_EQ(ranking.size(), 40U);
  EXPECT_NEAR(sum(ranking), 1, 1e-12);
  for (const GroupScore& score : ranking) EXPECT_NE(score.group, 0);
}

Attack bundle() {
  const std::string objects =
      R"({"type":"attack-pattern","id":"attack-pattern--1","name":"A","external_references":[{"source_name":"mitre-attack","external_id":"T1003"}]},)"
      R"({"type":"malware","id":"malware--1","name":"Quillware","external_references":[{"source_name":"mitre-attack","external_id":"S9001"}]},)"
      R"({"type":"tool","id":"tool--1","name":"Ladderkit","external_references":[{"source_name":"mitre-attack","external_id":"S9002"}]},)"
      R"({"type":"intrusion-set","id":"intrusion-set--1","name":"Grey Heron","external_references":[{"source_name":"mitre-attack","external_id":"G9001"}]},)"
      R"({"type":"intrusion-set","id":"intrusion-set--2","name":"GROUP-1","external_references":[{"source_name":"mitre-attack","external_id":"G9002"}]},)"
      R"({"type":"relationship","id":"relationship--1","relationship_type":"uses","source_ref":"intrusion-set--1","target_ref":"malware--1"},)"
      R"({"type":"relationship","id":"relationship--2","relationship_type":"uses","source_ref":"intrusion-set--1","target_ref":"attack-pattern--1"})";
  auto read = read_attack("test", R"({"type":"bundle","objects":[)" + objects + "]}");
  EXPECT_TRUE(read.ok());
  return std::move(*read);
}

TEST(Attribution, WhatIsSeenComesFromTagsAndTitles) {
  const Attack attack = bundle();
  CaseData data = example::intrusion_case();
  const auto seen_with = [&](const std::string& title, std::vector<std::string> tags,
                             std::vector<std::string> techniques, const std::string& host) {
    CaseData changed = data;
    example::detector(changed, "rule", DetectorKind::sigma, "generic", "", "", "");
    changed.catalogue.back().advisory.clear();
    changed.catalogue.back().title = title;
    changed.catalogue.back().tags = std::move(tags);
    changed.catalogue.back().techniques = std::move(techniques);
    example::add(changed,
                 {"rule", host, "", example::at(example::kFirstDay + 20, 3), {}, 1, Role::none, Outcome::unknown, {}});
    const SeenArtefacts seen = seen_artefacts(changed, judge_uses(changed, Weights::shipped()), attack);
    return std::pair(seen.techniques.size(), seen.software.size());
  };
  EXPECT_EQ(seen_with("Any", {}, {}, "srv-1"), std::pair(0UL, 0UL));
  EXPECT_EQ(seen_with("Any", {"attack.s9001"}, {"T1003"}, "srv-1"), std::pair(1UL, 1UL));
  EXPECT_EQ(seen_with("Quillware loader", {}, {}, "srv-1"), std::pair(0UL, 1UL));
  EXPECT_EQ(seen_with("Ladderkit loader", {}, {}, "srv-1"), std::pair(0UL, 0UL)) << "a tool, and not said to be one";
  EXPECT_EQ(seen_with("HackTool - Ladderkit", {}, {}, "srv-1"), std::pair(0UL, 1UL));
  EXPECT_EQ(seen_with("Quillware loader", {}, {"T1003"}, "srv-2"), std::pair(0UL, 0UL))
      << "not a host of the intrusion";
}

TEST(Attribution, TheAnswersActors) {
  const Attack attack = bundle();
  CaseData data = example::intrusion_case();
  for (const bool with_software : {false, true}) {
    example::detector(data, with_software ? "rule-2" : "rule-1", DetectorKind::sigma, "generic", "", "", "");
    data.catalogue.back().advisory.clear();
    data.catalogue.back().title = with_software ? "Quillware loader" : "Credentials read";
    data.catalogue.back().techniques = {"T1003"};
    example::add(data, {data.catalogue.back().id,
                        "srv-1",
                        "",
                        example::at(example::kFirstDay + 20, 3),
                        {},
                        1,
                        Role::none,
                        Outcome::unknown,
                        {}});
    const Assessment a = assess(data, Scale::phia, {&attack, nullptr});
    double all = 0;
    std::vector<std::string> names;
    for (const ActorRank& one : a.actors) {
      all += one.probability;
      names.push_back(one.name);
      EXPECT_FALSE(one.because.empty()) << one.name;
    }
    EXPECT_NEAR(all, 1, 1e-5);
    EXPECT_EQ(std::count(names.begin(), names.end(), "unknown"), 1);
    EXPECT_EQ(std::count(names.begin(), names.end(), "Grey Heron"), 1);
    EXPECT_EQ(std::count(names.begin(), names.end(), "GROUP-1"), 1) << "the campaign's own group stands once";
    // The campaign keeps what the model gives it.
    const Assessment without = assess(data, Scale::phia);
    for (const ActorRank& one : a.actors) {
      if (one.name == "GROUP-1") {
        EXPECT_EQ(one.probability, without.actors.front().probability);
      }
    }
  }
}

TEST(Attribution, NoIntrusionNoActors) {
  const Attack attack = bundle();
  EXPECT_TRUE(assess(example::quiet_case(), Scale::phia, {&attack, nullptr}).actors.empty());
}

}  // namespace
}  // namespace assay
