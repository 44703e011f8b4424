#include "knowledge/attack.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "knowledge/test_support.h"

namespace assay {
namespace {

constexpr std::string_view kBundle = R"({"type":"bundle","id":"bundle--1","objects":[
{"type":"intrusion-set","id":"intrusion-set--a","name":"Harbour Fox","aliases":["Harbour Fox","HFox"],"external_references":[{"source_name":"mitre-attack","external_id":"G9001"}]},
{"type":"malware","id":"malware--a","name":"Sync","x_mitre_aliases":["Sync","SyncRat"],"external_references":[{"source_name":"mitre-attack","external_id":"S9001"}]},
{"type":"malware","id":"malware--b","name":"Gone","revoked":true,"external_references":[{"source_name":"mitre-attack","external_id":"S9002"}]},
{"type":"attack-pattern","id":"attack-pattern--a","name":"Exploit It","external_references":[{"source_name":"mitre-attack","external_id":"T9001"}],"kill_chain_phases":[{"phase_name":"initial-access"}]},
{"type":"campaign","id":"campaign--a","name":"Spring","first_seen":"2020-04-01T00:00:00Z","external_references":[{"source_name":"mitre-attack","external_id":"C9001"}]},
{"type":"relationship","id":"relationship--a","relationship_type":"uses","source_ref":"intrusion-set--a","target_ref":"malware--a","external_references":[{"source_name":"Nordhaven 2020"},{"source_name":"Nordhaven 2020"}]},
{"type":"relationship","id":"relationship--b","relationship_type":"uses","source_ref":"malware--a","target_ref":"attack-pattern--a"},
{"type":"relationship","id":"relationship--c","relationship_type":"attributed-to","source_ref":"campaign--a","target_ref":"intrusion-set--a"},
{"type":"relationship","id":"relationship--d","relationship_type":"uses","source_ref":"intrusion-set--a","target_ref":"malware--b"},
{"type":"relationship","id":"relationship--e","relationship_type":"uses","source_ref":"intrusion-set--a","target_ref":"intrusion-set--a"}]})";

TEST(Attack, WhoUsesWhat) {
  const auto attack = read_attack("f", kBundle);
  ASSERT_TRUE(attack.ok());
  EXPECT_EQ(attack->revoked, 1U);
  const AttackGroup* const group = attack->find_group("hfox");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->id, "G9001");
  EXPECT_EQ(group->aliases, std::vector<std::string>{"HFox"});
  ASSERT_EQ(group->software.size(), 1U);
  EXPECT_EQ(group->software[0].id, "S9001");
  EXPECT_EQ(group->software[0].references, std::vector<std::string>{"Nordhaven 2020"});
  ASSERT_EQ(attack->find_software("SyncRat")->techniques.size(), 1U);
  ASSERT_EQ(attack->campaigns.size(), 1U);
  EXPECT_EQ(attack->campaigns[0].groups[0].id, "G9001");
  EXPECT_EQ(attack->find_technique("T9001")->tactics, std::vector<std::string>{"initial-access"});
  EXPECT_EQ(attack->find_technique("T9002"), nullptr);
  EXPECT_EQ(names_of(*attack).size(), 2U);
  EXPECT_FALSE(read_attack("f", R"({"type":"bundle","objects":[]})").ok());
}

TEST(Attack, TheRealOne) {
  namespace fs = std::filesystem;
  const std::string path = data_folder() + "/knowledge/attack/enterprise-attack.json";
  if (!fs::exists(path)) GTEST_SKIP() << "ATT&CK is not here: set ASSAY_DATA";
  const auto attack = read_attack(path, read_file(path));
  ASSERT_TRUE(attack.ok());
  EXPECT_GT(attack->groups.size(), 130U);
  EXPECT_GT(attack->software.size(), 700U);
  EXPECT_GT(attack->campaigns.size(), 40U);
  EXPECT_GT(attack->techniques.size(), 600U);
  const AttackGroup* const group = attack->find_group("Cozy Bear");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->id, "G0016");
  EXPECT_GT(group->techniques.size(), 20U);
  const auto uses = [&](std::string_view id) {
    return std::any_of(group->software.begin(), group->software.end(),
                       [&](const AttackUse& use) { return use.id == id && !use.references.empty(); });
  };
  EXPECT_TRUE(uses("S0514"));
}

}  // namespace
}  // namespace assay
