// Scores of answers against truths.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "assess/assessment.h"
#include "labelled.h"

namespace assay::calibrate {

inline constexpr std::array<std::string_view, 6> kAskedOf = {"targeted",     "access", "malware",
                                                             "exfiltration", "impact", "actor"};
inline constexpr std::array<double, 6> kCuts = {.05, .20, .35, .55, .80, .95};  // upper ends of the effective bands

struct Scored {
  Truth truth;
  std::int64_t hosts = 0;
  bool fully_covered = false;
  std::string world, note;
  std::array<double, kAskedOf.size()> probability{};  // as computed, also where the answer is "cannot say"
  std::array<bool, kAskedOf.size()> judged{};
  std::size_t left = 0;  // what the intruder left, index into kLeft
};
// What an intruder left in the sources that were there, by the strongest of it.
inline constexpr std::array<std::string_view, 5> kLeft = {
    "nothing", "one to three generic rules on a host, or a sign of data being taken",
    "four generic rules on a host, or more", "a sign that is typical of the campaign, or a way in",
    "an artefact of the campaign alone"};

[[nodiscard]] bool holds(const Truth& truth, std::size_t question);
[[nodiscard]] Scored outcome_of(const Labelled& labelled, const Assessment& assessment);
// -ln of what was given to the truth, over all cases and one question.
[[nodiscard]] double log_loss(const std::vector<Scored>& outcomes, std::size_t question);
[[nodiscard]] double brier(const std::vector<Scored>& outcomes, std::size_t question);

struct Interval {
  double low = 0, high = 1;
};
// Wilson 1927, 95 %.
[[nodiscard]] Interval wilson(double yes, double all);

// Tables for docs/calibration.md.
[[nodiscard]] std::string question_table(const std::vector<Scored>& outcomes);
[[nodiscard]] std::string band_table(const std::vector<Scored>& outcomes, std::size_t question);
[[nodiscard]] std::size_t bands_kept(const std::vector<Scored>& outcomes, std::size_t question, std::size_t& used);

// Intrusions by what they left: how many were missed, and their part of the Brier score of A; last, the benign cases.
[[nodiscard]] std::string left_table(const std::vector<Scored>& outcomes);

struct Rates {
  double benign = 0, above_unlikely = 0, likely = 0, almost_certain = 0;  // cases, then shares
  double unique = 0, unique_low = 0;
  double large = 0, large_missed = 0;
  double covered_silent = 0;  // share of "cannot say" over the questions of fully covered cases
};
[[nodiscard]] Rates rates_of(const std::vector<Scored>& outcomes);

}  // namespace assay::calibrate
