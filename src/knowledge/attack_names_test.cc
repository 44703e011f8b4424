#include "knowledge/attack_names.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(AttackNames, LongNamesOfTechniquesAlone) {
  Attack attack;
  attack.groups.push_back({"G9001", "Some Bear", {"Other Bear"}, {}, {}, {}});
  attack.software.push_back({"S9001", "Knife", {}, true, {}, {}});
  attack.techniques.push_back({"T9001", "Phishing", {}, {}});
  attack.techniques.push_back({"T9002", "Exploit Public-Facing Application Now", {}, {}});
  const std::vector<KnownName> names = names_of(attack);
  ASSERT_EQ(names.size(), 3U);
  EXPECT_EQ(names[0].kind, "intrusion-set");
  EXPECT_EQ(names[0].aliases, std::vector<std::string>{"Other Bear"});
  EXPECT_EQ(names[1].kind, "tool");
  EXPECT_EQ(names[2].id, "T9002");
}

}  // namespace
}  // namespace assay
