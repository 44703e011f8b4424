// The constants of the assessment, read from content/weights/: every number has its reason in the file
// (docs/assessment.md). A file that lacks a key or has one too many is refused as a whole, so that no constant is ever
// a silent zero.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace assay {

// One kind of line: chance to show if it is so, chance to show if it is not.
struct Likelihood {
  double s = 0;
  double p0 = 1;
};

enum class Reach : std::uint8_t {
  host,
  sensor,
  site,
  snapshot,
  sample
};  // content/weights/sources.yaml says what each means

// One kind of evidence (Route::source_class).
struct SourceKind {
  std::string label;  // "network flows"
  Reach reach = Reach::host;
  bool weak = false;   // its silence says a little about access
  bool bytes = false;  // carries counts of bytes
};

// How often generic rules fire where nothing is wrong, measured on benign host-days (content/weights/pool.yaml). Ratios
// are bursts (one rule family on one host on one day) per host-day.
struct Pool {
  struct Level {
    double rules = 0, bursts = 0;  // rules of this level that were looked for, and all their bursts
  };
  double host_days = 0;
  double shape = 1;  // of the spread of rates between the rules of a level; small: a few rules make most of the noise
  std::map<std::string, Level, std::less<>> levels;  // "high"; "" for rules without a level
  struct Family {
    double bursts = 0;
    double host_days = 0;  // on which it could fire
    std::string level;
    double attacks = 0;  // samples of attacks in which it fired
  };
  std::map<std::string, Family, std::less<>> families;  // those that fired at all, there or in samples of attacks

  // A rule of none of these levels (one of our own checks, a user's rule without a level) was not measured.
  double unknown_rate = 0;

  struct Rate {
    double rate = 0;
    bool measured = false;  // false: of none of the levels, so `unknown_rate`
    double bursts = 0;      // what the rate rests on: those that were counted, and `shape` for the spread of its level
    double attacks = 0;
  };
  // The rate of a family: what was measured, drawn towards the mean of its level; the mean when it never fired or was
  // no part of the measurement.
  [[nodiscard]] Rate rate(std::string_view family, std::string_view level) const;
};

struct Weights {
  double targeted = 0, sector_odds = 0, country_odds = 0, access_if_targeted = 0, access_if_not = 0,
         named_if_targeted = 0;
  double malware_if_named = 0, malware_if_other = 0, taken_if_named = 0, taken_if_other = 0, impact = 0,
         other_known = 0;
  double way_exploited = 0, way_phishing_credentials = 0, way_phishing_malware = 0, way_guessing = 0,
         way_valid_account = 0, way_supplier = 0, way_not_determined = 0, way_later_share = 0, way_other_share = 0;
  double floor_alone = 0, floor_with_second = 0, lowest = 0, highest = 0;
  double group_discount = 0, dated_after_months = 0, half_life_days = 0;
  double silence_trust = 0, silence_power = 0, silence_weak = 0, cannot_say_coverage = 0, cannot_say_factor = 0,
         claim_coverage = 0, cannot_say_odds = 0, silence_floor = 0;
  double weak_a0 = 0, weak_tail = 0, weak_phi = 0, weak_sensitivity = 0, weak_expected = 0, weak_cap = 0,
         weak_item_decay = 0, weak_moment_decay = 0, weak_suspect = 0, weak_unseen = 0, weak_host_decay = 0;
  Pool pool;
  double cap_techniques = 0, cap_one_class = 0;
  double actor_unknown = 0, actor_technique_power = 0, actor_technique_bound = 0, actor_software_bound = 0,
         actor_rho = 0, actor_known_half = 0, actor_software_share = 0, actor_software_rho = 0;
  double live = 0, grace_hours = 0, grace_beats = 0, fade_days = 0, blind_days = 0;
  double some_bytes = 0, bulk_bytes = 0, session_bytes = 0;
  std::map<std::string, Likelihood, std::less<>> lines;     // "unique.malware"
  std::map<std::string, SourceKind, std::less<>> sources;   // "network_flow"
  std::map<std::string, std::string, std::less<>> reasons;  // "priors.targeted" -> why

  // The line kinds that the assessment uses; all must be in the file.
  [[nodiscard]] const Likelihood& line(std::string_view kind) const;
  // A kind of evidence; an unknown one reaches only its own host and is called by its own name.
  [[nodiscard]] SourceKind source(std::string_view source_class) const;

  [[nodiscard]] static Result<Weights> parse(std::string_view model_yaml, std::string_view sources_yaml,
                                             std::string_view pool_yaml);
  // The shipped ones. When they are unusable (a broken build) every line is worth nothing, and a test says so.
  [[nodiscard]] static const Weights& shipped();
};

}  // namespace assay
