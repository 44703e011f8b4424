// Leave-one-campaign-out over ATT&CK's attributed campaigns: how well the ranking names the group that ATT&CK
// attributes a campaign to, when everything that was published about that campaign is taken out of the profiles.
#pragma once

#include <string>
#include <vector>

#include "assess/attribution.h"

namespace assay::calibrate {

enum class Leakage : std::uint8_t {
  clean,        // references that the campaign, its uses or its attribution cite are struck everywhere
  strict_time,  // and only what was published before the campaign was first seen counts
  leaky,        // nothing is struck
};

struct AttributionFigures {
  std::size_t campaigns = 0;
  std::size_t top1 = 0, top3 = 0;
  double log_loss = 0;               // mean of -ln of the true group's probability among the groups
  double log_loss_with_unknown = 0;  // the same with unknown's share counted as lost
  std::size_t right_likely = 0;      // true group at "likely" or above
  std::size_t wrong_likely = 0;      // another group at "likely" or above
  std::size_t removed_likely = 0;    // the same when the true group is left out
  double highest_wrong = 0;
  // Campaigns whose true group has no statement left that counts, or fewer than ten about techniques and software; and
  // figures of the others.
  std::size_t unknown_before = 0, barely_known = 0, known_top1 = 0, known_top3 = 0;
  double known_log_loss = 0;
};

// References that must not count for a campaign: those it cites, and every other one with the same URL.
[[nodiscard]] std::vector<std::uint32_t> strikes(const Attack& attack, const AttackCampaign& campaign);

[[nodiscard]] AttributionFigures leave_one_out(const Attack& attack, Leakage leakage, bool software,
                                               const Weights& weights);

// "campaign,reference,url" lines of all attributed campaigns.
[[nodiscard]] std::string strike_list(const Attack& attack);
// The section of docs/calibration.md.
[[nodiscard]] std::string attribution_section(const Attack& attack, const Weights& weights);

}  // namespace assay::calibrate
