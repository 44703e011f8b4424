// The rules of actions over random cases: preserve first, contain once, reset after eviction, everything named.
#include "assess/actions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "assess/example_case.h"

namespace assay {
namespace {

using namespace example;

void obey(const Assessment& a) {
  std::map<std::string, std::size_t> place;
  int before = 0;
  std::size_t contains = 0, quiet = 0;
  for (std::size_t i = 0; i < a.actions.size(); ++i) {
    const Action& action = a.actions[i];
    EXPECT_GE(action.phase, before) << action.id;
    before = action.phase;
    EXPECT_LE(action.phase, 6);
    EXPECT_FALSE(action.what.empty()) << action.id;
    EXPECT_FALSE(action.on.empty()) << action.id;
    EXPECT_FALSE(action.because.empty()) << action.id;
    EXPECT_FALSE(action.owner_role.empty()) << action.id;
    EXPECT_TRUE(action.pap == "RED" || action.pap == "AMBER" || action.pap == "GREEN" || action.pap == "CLEAR")
        << action.id;
    EXPECT_TRUE(place.emplace(action.id, i).second) << action.id << " stands twice";
    contains += action.phase == 2;
    // What comes first is told before the rest of its phase: not by mail.
    if (action.phase == 1 && quiet++ == 0) {
      EXPECT_NE(action.what.find("off e-mail"), std::string::npos) << action.what;
    }
    // Everything that an action waits for stands before it.
    for (const std::string& id : action.after) EXPECT_TRUE(place.contains(id)) << action.id << " waits for " << id;
    // What destroys evidence waits for the preserving of that very asset.
    if (!action.destroys.empty()) {
      EXPECT_FALSE(action.reversible) << action.id;
      const bool preserved = std::any_of(action.after.begin(), action.after.end(), [&](const std::string& id) {
        return id.starts_with("preserve.") && a.actions[place.at(id)].on.find(action.on) != std::string::npos;
      });
      EXPECT_TRUE(preserved) << action.id;
    }
    if (action.id.starts_with("reset.")) {
      for (const auto& [id, at] : place) {
        if (id.starts_with("evict.")) {
          EXPECT_NE(std::find(action.after.begin(), action.after.end(), id), action.after.end())
              << action.id << " " << id;
        }
      }
    }
    if (action.id == "decide.krbtgt") {
      EXPECT_TRUE(action.what.starts_with("Decide")) << action.what;
    }
  }
  EXPECT_LE(contains, 1U) << "footholds are contained in one action";
  if (contains > 0) {
    EXPECT_EQ(quiet, 1U);
  }
}

TEST(Actions, RulesHoldOverRandomCases) {
  std::mt19937_64 random(17);
  const CaseData whole = intrusion_case();
  for (int round = 0; round < 40; ++round) {
    CaseData data = whole;
    std::erase_if(data.sightings, [&](const Sighting&) { return random() % 3 == 0; });
    for (int i = 0; i < static_cast<int>(random() % 4); ++i) {
      const std::string host = "srv-" + std::to_string(1 + random() % 4);
      add(data, {random() % 2 == 0 ? "malware-file" : "analytic.credential-given",
                 host,
                 "person" + std::to_string(random() % 3),
                 at(kFirstDay + 20 + static_cast<std::int64_t>(random() % 50), 3),
                 {},
                 1,
                 Role::none,
                 Outcome::unknown,
                 {}});
    }
    if (random() % 4 == 0) without(data, "windows_security");
    if (random() % 4 == 0) data.profile.hosts.erase(data.profile.hosts.begin());
    obey(assess(data, Scale::phia));
  }
  obey(assess(quiet_case(), Scale::phia));
  obey(assess(empty_case(), Scale::phia));
}

TEST(Actions, WithoutAnIntrusionNothingIsContainedEvictedOrReset) {
  for (const CaseData& data : {quiet_case(), empty_case()}) {
    for (const Action& action : assess(data, Scale::phia).actions)
      EXPECT_TRUE(action.phase < 2 || action.phase == 5) << action.id;
  }
}

}  // namespace
}  // namespace assay
