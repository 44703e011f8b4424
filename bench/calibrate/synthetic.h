// Worlds that labelled cases are drawn from. They share no code and no formula with the model: an estate with noisy
// rules, frail hosts and gaps; a campaign that acts or not; an intruder of some stealth who leaves traces where he is
// seen; and everything that looks like him and is not.
#pragma once

#include <string>
#include <vector>

#include "assess/weights.h"
#include "labelled.h"
#include "random.h"

namespace assay::calibrate {

struct World {
  std::string name;
  double targeted = .14, in_if_targeted = .45, in_if_not = .07;  // base rates; access is about .12 over all
  double noise = .02;  // bursts of generic rules per host-day, all families together, on a host of median frailty
  double tail = 1.6;   // sigma of the families' log rates
  double frail = .5;   // shape of the hosts' gamma; small: few hosts make most of the noise
  double admin = .03;  // share of hosts that administrators work on, twenty times as noisy
  double loud = 6;     // generic rules that a careless intruder sets off on a host that logs everything
  std::int64_t rules = 250, intruder_rules = 90;  // generic rules, and how many of them any intruder can set off
  double pool_days = 1000;                        // benign host-days of other estates that the pool was measured on
  double covered = .7;                            // mean share of hosts whose own logs are there
  double withheld = .2;                           // chance that each kind of source is missing
  double undeclared = .15;                        // chance that a source loses a part of its events without a trace
  double stealth_low = .3, stealth_high = 1;      // what remains of an intruder's chance to show, uniform
  double list_errors = .004;  // chance that a unique artefact of the advisory is found where nobody is
  double typical_errors = .05;
  double herrings = .3;  // chance of each kind of red herring
  double knocked = .3;   // untouched organisations that a listed address knocks on
  double history = 12;   // mean days of logs before the window
};

// Drawn parameter by parameter, each from its own range (synthetic.cc).
[[nodiscard]] World draw_world(std::uint64_t seed);
[[nodiscard]] const std::vector<World>& fitting_worlds();
[[nodiscard]] const std::vector<World>& scoring_worlds();
// The parameters of these worlds, a column each, for docs/calibration.md.
[[nodiscard]] std::string world_table(const std::vector<World>& worlds);

// The generic rules of the synthetic estates, and what a pool of benign host-days (other estates') would say of them.
struct GenericRules {
  struct Rule {
    std::string id, level;
    double rate = 0;      // per host-day on a host of median frailty
    double intruder = 0;  // chance that an intruder on a host sets it off
  };
  std::vector<Rule> rules;
  Pool pool;
};
[[nodiscard]] GenericRules generic_rules(const World& world);

[[nodiscard]] Labelled draw_case(const World& world, const GenericRules& rules, std::uint64_t seed);

}  // namespace assay::calibrate
