#include "assess/recommendations.h"

#include <gtest/gtest.h>

#include "assess/example_case.h"

namespace assay {
namespace {

using namespace example;

CaseData with_recommendations(CaseData data) {
  Advisory& advisory = data.knowledge.advisories.front();
  advisory.recommendations = {{"R1", "Keep up to date: patch gateways promptly.", ""},
                              {"R2", "Use multi-factor authentication: for remote access.", ""},
                              {"R3", "Let people report: without fear.", ""},
                              {"R4", "Set up security monitoring: collect and keep the logs.", ""},
                              {"R5", "Prevent and detect lateral movement.", ""},
                              {"R6", "Hunt with the published detection rules and indicators.", ""},
                              {"R7", "Replace what the gateway held: change every password in ns.conf.", ""},
                              {"R8", "Drink water.", ""}};
  return data;
}

std::string states(const Assessment& a) {
  std::string out;
  for (const RecommendationResult& r : a.recommendations) {
    out += r.id + " " + r.state + "\n";
    EXPECT_FALSE(r.why.empty()) << r.id;
  }
  return out;
}

TEST(Recommendations, MetNotMetAndCannotTell) {
  CaseData quiet = with_recommendations(quiet_case());
  for (ProfileHost& host : quiet.profile.hosts) {
    if (host.kind == "gateway") host.patched_on = at(kFirstDay - 60, 0);
  }
  EXPECT_EQ(
      states(assess(quiet, Scale::phia)),
      "R1 met\nR2 cannot_tell\nR3 cannot_tell\nR4 not_met\nR5 cannot_tell\nR6 met\nR7 cannot_tell\nR8 cannot_tell\n");

  CaseData intruded = with_recommendations(intrusion_case());
  detector(intruded, "analytic.stolen-session", DetectorKind::analytic, "typical", "credential", "stolen-session", "");
  add(intruded, {"analytic.stolen-session",
                 "",
                 "m.okafor",
                 at(kFirstDay + 28, 20),
                 {},
                 1,
                 Role::none,
                 Outcome::allowed,
                 {{"network", "198.18.140.0/24"}}});
  for (ProfileHost& host : intruded.profile.hosts) {
    if (host.name == "gw-1") host.patched_on = at(kFirstDay + 26, 0);
    if (host.name == "gw-2") host.patched_on = at(kFirstDay + 26, 0);
  }
  const Assessment a = assess(intruded, Scale::phia);
  EXPECT_EQ(
      states(a),
      "R1 not_met\nR2 not_met\nR3 cannot_tell\nR4 not_met\nR5 cannot_tell\nR6 met\nR7 cannot_tell\nR8 cannot_tell\n");
  EXPECT_NE(a.recommendations[0].why.find("patching did not evict"), std::string::npos) << a.recommendations[0].why;
  EXPECT_FALSE(a.recommendations[0].evidence.empty());
  EXPECT_NE(a.recommendations[3].why.find("gw-2"), std::string::npos) << a.recommendations[3].why;
  EXPECT_NE(a.recommendations[6].why.find("configuration"), std::string::npos) << a.recommendations[6].why;
}

}  // namespace
}  // namespace assay
