// Whose intrusion: what was seen compared with what ATT&CK says of each group. A ranking for a detail page, never a
// verdict: "unknown" starts with half of the weight and stays in; a technique that was not seen says nothing; and the
// words are capped by what the comparison rests on (docs/assessment.md, "Whose intrusion").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/assessment.h"
#include "assess/use.h"
#include "assess/weights.h"
#include "knowledge/attack.h"

namespace assay {

// Indices into Attack's lists, ascending, each once.
struct SeenArtefacts {
  std::vector<std::uint32_t> techniques, software;
  bool infrastructure = false;  // of the named campaign; ATT&CK itself lists none
};

// Which statements of ATT&CK count. For calibration: references that a campaign cites are struck everywhere.
struct ProfileRules {
  std::vector<bool> struck;  // by reference; empty: none
  Time before;               // known: only references published before it count
  // A statement whose references are all struck does not count; nor, when anything is struck, one that cites none.
  [[nodiscard]] bool counts(const Attack& attack, const AttackUse& use) const;
};

struct GroupScore {
  int group = -1;                                                 // index into Attack::groups; -1: unknown
  double probability = 0;                                         // of all groups and unknown together 1
  double techniques = 0;                                          // L_T, natural logarithm, before it is bounded
  double software = 0;                                            // L_S
  std::vector<std::uint32_t> shared_techniques, shared_software;  // seen and known of the group
};

// The profiles of all groups, built once.
class Attribution {
 public:
  explicit Attribution(const Attack& attack, const ProfileRules& rules = {},
                       const Weights& weights = Weights::shipped());

  // Most probable first, ties by group; unknown is among them. `without`: a group that is left out (-1: none).
  [[nodiscard]] std::vector<GroupScore> rank(const SeenArtefacts& seen, int without = -1) const;
  // Number of groups that are known to use it.
  [[nodiscard]] std::uint32_t users_of_technique(std::uint32_t technique) const { return users_[technique]; }

 private:
  struct Profile {
    std::vector<bool> techniques, software;
    std::vector<double> by_software;  // e of techniques that only its software has
    double known = 0;                 // n_g
    double count_software = 0;
  };
  const Attack* attack_;
  const Weights* weights_;
  std::vector<Profile> groups_;
  std::vector<std::uint32_t> users_, software_users_;
};

// The highest probability that a group may be shown with, by how many classes of artefact speak for it beside
// techniques.
[[nodiscard]] double actor_cap(std::size_t classes, const Weights& weights);

// Techniques and software of counted sightings, and of generic rules on hosts that counted sightings put under the
// intruder's hand (on all hosts when there is none).
[[nodiscard]] SeenArtefacts seen_artefacts(const CaseData& data, const Uses& uses, const Attack& attack);

// The actors of the answer: the named campaign keeps what the model gives it; the rest is shared over the other groups
// and unknown by the ranking. At most the campaign, five groups, the others together, and unknown. `judged` is what the
// model alone gave; empty stays empty.
[[nodiscard]] std::vector<ActorRank> rank_actors(const CaseData& data, const Uses& uses, const Attack& attack,
                                                 const std::vector<ActorRank>& judged, const Weights& weights);

}  // namespace assay
