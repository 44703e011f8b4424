#include "knowledge/attack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "core/json.h"
#include "knowledge/test_support.h"

namespace assay {
namespace {

// A small bundle of invented groups, in the form of ATT&CK's.
struct Bundle {
  Json objects = Json::array();

  Json citations(const std::vector<std::string>& names, const std::string& attack_id = {}) {
    Json out = Json::array();
    if (!attack_id.empty())
      out.push(Json::object({{"source_name", "mitre-attack"},
                             {"external_id", attack_id},
                             {"url", "https://attack.example/" + attack_id}}));
    for (const std::string& name : names) {
      out.push(Json::object({{"source_name", name},
                             {"description", "Somebody. (2019, March 7). " + name + ". Retrieved May 1, 2020."},
                             {"url", "https://reports.example/" + name}}));
    }
    return out;
  }
  Json& object(const std::string& type, const std::string& id, const std::string& attack_id, const std::string& name,
               const std::vector<std::string>& cites = {}) {
    objects.push(Json::object({{"type", type},
                               {"id", type + "--" + id},
                               {"name", name},
                               {"modified", "2024-01-01T00:00:00.000Z"},
                               {"external_references", citations(cites, attack_id)}}));
    return objects.mutable_items().back();
  }
  Json& relate(const std::string& kind, const std::string& from, const std::string& to,
               const std::vector<std::string>& cites = {}, const std::string& created = "2021-05-01T00:00:00.000Z") {
    objects.push(Json::object({{"type", "relationship"},
                               {"id", "relationship--" + std::to_string(objects.items().size())},
                               {"relationship_type", kind},
                               {"source_ref", from},
                               {"target_ref", to},
                               {"created", created},
                               {"external_references", citations(cites)}}));
    return objects.mutable_items().back();
  }
  [[nodiscard]] std::string text() const {
    Json bundle = Json::object({{"type", "bundle"}, {"id", "bundle--1"}});
    bundle.add("objects", objects);
    return dump_json(bundle);
  }
};

Bundle small() {
  Bundle b;
  b.object("attack-pattern", "t1", "T1059.001", "PowerShell");
  b.object("attack-pattern", "t2", "T1190", "Exploit Public-Facing Application").add("kill_chain_phases", [] {
    Json phases = Json::array();
    phases.push(Json::object({{"kill_chain_name", "mitre-attack"}, {"phase_name", "initial-access"}}));
    return phases;
  }());
  b.object("attack-pattern", "old", "T1086", "PowerShell").add("revoked", true);
  b.relate("revoked-by", "attack-pattern--old", "attack-pattern--t1");
  b.object("intrusion-set", "g1", "G9001", "Grey Heron", {"Heron Report"}).add("aliases", [] {
    Json names = Json::array();
    for (const char* name : {"Grey Heron", "WADER", "Both"}) names.push(name);
    return names;
  }());
  b.object("intrusion-set", "g2", "G9002", "Blue Finch").add("aliases", [] {
    Json names = Json::array();
    names.push("Both");
    return names;
  }());
  b.object("intrusion-set", "g3", "G9003", "Gone").add("x_mitre_deprecated", true);
  b.object("malware", "m1", "S9001", "Quill");
  b.object("tool", "m2", "S9002", "Ladder");
  b.object("campaign", "c1", "C9001", "Long Winter", {"Winter Report"}).add("first_seen", "2019-02-01T00:00:00.000Z");
  b.relate("uses", "intrusion-set--g1", "attack-pattern--t1", {"Heron Report"});
  b.relate("uses", "intrusion-set--g1", "attack-pattern--old", {"Second Report"}, "2020-01-01T00:00:00.000Z");
  b.relate("uses", "intrusion-set--g1", "malware--m1", {"Heron Report"});
  b.relate("uses", "intrusion-set--g2", "tool--m2");
  b.relate("uses", "intrusion-set--g3", "tool--m2");
  b.relate("uses", "malware--m1", "attack-pattern--t2", {"Winter Report"});
  b.relate("uses", "campaign--c1", "attack-pattern--t2", {"Winter Report"});
  b.relate("uses", "campaign--c1", "malware--m1", {"Winter Report"});
  b.relate("attributed-to", "campaign--c1", "intrusion-set--g1", {"Winter Report", "Heron Report"});
  return b;
}

Attack read(const std::string& json) {
  auto result = read_attack("test", json);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? std::move(*result) : Attack{};
}

std::vector<std::string> names(const Attack& attack, const AttackUse& use) {
  std::vector<std::string> out;
  for (const std::uint32_t reference : use.references) out.push_back(attack.references[reference].name);
  return out;
}

// One line a fact.
std::string describe(const Attack& attack) {
  std::string out;
  const auto line = [&](const std::string& who, const char* how, const std::string& what, const AttackUse& use) {
    out += who + how + what + ":";
    for (const std::string& name : names(attack, use)) out += " [" + name + "]";
    out += "\n";
  };
  for (const AttackGroup& one : attack.groups) {
    for (const AttackUse& use : one.techniques) line(one.id, " uses ", attack.techniques[use.what].id, use);
    for (const AttackUse& use : one.software) line(one.id, " uses ", attack.software[use.what].id, use);
  }
  for (const AttackSoftware& one : attack.software) {
    for (const AttackUse& use : one.techniques) line(one.id, " uses ", attack.techniques[use.what].id, use);
  }
  for (const AttackCampaign& one : attack.campaigns) {
    for (const AttackUse& use : one.techniques) line(one.id, " uses ", attack.techniques[use.what].id, use);
    for (const AttackUse& use : one.software) line(one.id, " uses ", attack.software[use.what].id, use);
    for (const AttackUse& use : one.groups) line(one.id, " by ", attack.groups[use.what].id, use);
  }
  return out;
}

TEST(Attack, WhoUsesWhatAndByWhichReference) {
  const Attack attack = read(small().text());
  EXPECT_EQ(describe(attack),
            "G9001 uses T1059.001: [Heron Report] [Second Report]\n"
            "G9001 uses S9001: [Heron Report]\n"
            "G9002 uses S9002:\n"
            "S9001 uses T1190: [Winter Report]\n"
            "C9001 uses T1190: [Winter Report]\n"
            "C9001 uses S9001: [Winter Report]\n"
            "C9001 by G9001: [Heron Report] [Winter Report]\n");
  EXPECT_EQ(attack.groups.size(), 2U);
  EXPECT_EQ(attack.groups[0].techniques[0].created, parse_iso8601("2020-01-01T00:00:00Z"));  // the first statement
  EXPECT_EQ(attack.groups[0].aliases, (std::vector<std::string>{"Both", "WADER"}));
  EXPECT_EQ(attack.techniques[1].tactics, std::vector<std::string>{"initial-access"});
  EXPECT_FALSE(attack.software[0].tool);
  EXPECT_TRUE(attack.software[1].tool);
  EXPECT_EQ(attack.campaigns[0].first_seen, parse_iso8601("2019-02-01T00:00:00Z"));
  EXPECT_FALSE(attack.campaigns[0].last_seen.known());
  EXPECT_EQ(attack.references[0].url, "https://reports.example/Heron Report");
  EXPECT_EQ(attack.problem_count, 0U);
}

TEST(Attack, LookUps) {
  const Attack attack = read(small().text());
  EXPECT_EQ(attack.technique("t1086")->id, "T1059.001");
  EXPECT_EQ(attack.technique("T9999"), nullptr);
  EXPECT_EQ(attack.group_named("wader")->id, "G9001");
  EXPECT_EQ(attack.group_named("g9002")->name, "Blue Finch");
  EXPECT_EQ(attack.group_named("both"), nullptr) << "two groups bear that name";
  EXPECT_EQ(attack.group_named("Gone"), nullptr);
  EXPECT_EQ(attack.software_named("QUILL")->id, "S9001");
  EXPECT_EQ(attack.campaign_named("long winter")->id, "C9001");
}

TEST(Attack, DatesOfCitations) {
  const auto published = [](const std::string& citation) {
    Bundle b = small();
    Json reference = Json::array();
    reference.push(Json::object({{"source_name", "Dated"}, {"description", citation}}));
    Json& use = b.relate("uses", "intrusion-set--g2", "attack-pattern--t1");
    use.set("external_references", std::move(reference));
    const Attack attack = read(b.text());
    for (const AttackReference& one : attack.references) {
      if (one.name == "Dated") return one.published.known() ? to_civil(one.published) : Civil{};
    }
    return Civil{};
  };
  const auto text = [&](const std::string& citation) {
    const Civil c = published(citation);
    return std::to_string(c.year) + "-" + std::to_string(c.month) + "-" + std::to_string(c.day);
  };
  EXPECT_EQ(text("A. (2022, September 8). T. Retrieved August 6, 2024."), "2022-9-8");
  EXPECT_EQ(text("A (Team). (2017, Feb). T."), "2017-2-1");
  EXPECT_EQ(text("A. (2016). T."), "2016-1-1");
  EXPECT_EQ(text("A. (2021, June 31). T."), "2021-6-1");
  EXPECT_EQ(text("A. (n.d.). T. Retrieved May 1, 2020."), "1970-1-1");
  EXPECT_EQ(text("A. (99999). (2020"), "1970-1-1");
}

TEST(Attack, TheOrderOfObjectsDoesNotMatter) {
  Bundle b = small();
  // An older and a newer version of one object.
  b.object("malware", "m1", "S9001", "Old name").set("modified", "2020-01-01T00:00:00.000Z");
  const std::string expected = describe(read(b.text()));
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(b.objects.mutable_items().begin(), b.objects.mutable_items().end(), random);
    const Attack attack = read(b.text());
    EXPECT_EQ(describe(attack), expected);
    EXPECT_EQ(attack.software[0].name, "Quill");
  }
}

TEST(Attack, CirclesOfSuccessorsEnd) {
  Bundle b = small();
  b.object("attack-pattern", "a", "T7001", "A").add("revoked", true);
  b.object("attack-pattern", "b", "T7002", "B").add("revoked", true);
  b.relate("revoked-by", "attack-pattern--a", "attack-pattern--b");
  b.relate("revoked-by", "attack-pattern--b", "attack-pattern--a");
  b.relate("uses", "intrusion-set--g1", "attack-pattern--a");
  const Attack attack = read(b.text());
  EXPECT_EQ(attack.technique("T7001"), nullptr);
  EXPECT_EQ(attack.groups[0].techniques.size(), 1U);
}

TEST(Attack, WhatIsNotATTACKIsRefused) {
  EXPECT_EQ(read_attack("f.json", "{").error().where.substr(0, 6), "f.json");
  EXPECT_EQ(read_attack("f.json", "[]").error().what, "not a STIX bundle");
  EXPECT_EQ(read_attack("f.json", R"({"type":"bundle","objects":[]})").error().what,
            "a STIX bundle without ATT&CK's techniques and groups");
  EXPECT_EQ(read_attack("f.json", R"({"type":"bundle","objects":[1,null,{},{"id":7}]})").error().what,
            "a STIX bundle without ATT&CK's techniques and groups");
}

TEST(Attack, OverlongAndOddPartsAreCountedAndLeftOut) {
  Bundle b = small();
  b.object("intrusion-set", "long", "G9004", std::string(5000, 'x'));
  b.object("intrusion-set", "none", "", "No id");
  b.object("intrusion-set", "twice", "G9002", "Same id");
  Json many = Json::array();
  for (int i = 0; i < 1500; ++i)
    many.push(Json::object({{"source_name", "R" + std::to_string(i)}, {"url", "https://reports.example/"}}));
  b.relate("uses", "intrusion-set--g2", "attack-pattern--t1").set("external_references", std::move(many));
  b.objects.push(Json::object({{"type", "relationship"}, {"id", 5}, {"source_ref", Json::array()}}));
  const Attack attack = read(b.text());
  EXPECT_EQ(attack.group_named("G9004")->name, "");
  EXPECT_EQ(attack.group_named("Blue Finch")->techniques[0].references.size(), 1000U);
  EXPECT_GE(attack.problem_count, 4U);
  EXPECT_EQ(attack.problems.size(), attack.problem_count);
}

// Any broken byte gives a value or an error, never a crash, and every index stays inside its list.
TEST(Attack, MutatedBundles) {
  const std::string good = small().text();
  std::mt19937 random(11);
  int read = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    // One printable byte: most of the bundle still parses.
    bad[random() % bad.size()] = static_cast<char>(' ' + random() % 95);
    const auto result = read_attack("test", bad);
    if (!result.ok()) continue;
    ++read;
    for (const AttackGroup& group : result->groups) {
      for (const AttackUse& use : group.techniques) ASSERT_LT(use.what, result->techniques.size());
      for (const AttackUse& use : group.software) ASSERT_LT(use.what, result->software.size());
    }
    (void)describe(*result);
  }
  EXPECT_GT(read, 1000);
}

TEST(Attack, TheRealBundle) {
  const std::string folder = data_folder();
  const std::string json = folder.empty() ? "" : read_file(folder + "/knowledge/attack/enterprise-attack.json");
  if (json.empty()) GTEST_SKIP() << "no ATT&CK bundle (ASSAY_DATA)";
  const Attack attack = read(json);
  EXPECT_EQ(attack.groups.size(), 172U);
  EXPECT_EQ(attack.software.size(), 784U);
  EXPECT_EQ(attack.techniques.size(), 691U);
  EXPECT_EQ(attack.campaigns.size(), 52U);
  EXPECT_EQ(std::count_if(attack.campaigns.begin(), attack.campaigns.end(),
                          [](const AttackCampaign& one) { return !one.groups.empty(); }),
            24);
  EXPECT_EQ(attack.group_named("Cozy Bear")->id, "G0016");
  EXPECT_EQ(attack.technique("T1086")->id, "T1059.001");
  EXPECT_EQ(attack.problem_count, 0U) << attack.problems.front();
}

}  // namespace
}  // namespace assay
