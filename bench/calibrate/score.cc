#include "score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace assay::calibrate {
namespace {

constexpr std::array<std::string_view, 7> kBands = {"remote chance",         "highly unlikely", "unlikely",
                                                    "realistic possibility", "likely",          "highly likely",
                                                    "almost certain"};

std::size_t band_of(double p) {
  // The lower three belong to their upper end, the upper ones to their lower end.
  std::size_t band = 0;
  while (band < 3 && p > kCuts[band]) ++band;
  if (band == 3) {
    while (band < 6 && p >= kCuts[band]) ++band;
  }
  return band;
}

}  // namespace

bool holds(const Truth& t, std::size_t question) {
  const std::array<bool, kAskedOf.size()> all = {t.targeted, t.access, t.malware, t.taken, t.impact, t.named};
  return all[question];
}

namespace {

std::size_t left_of(const Labelled& labelled) {
  if (labelled.truth.unique_shown) return 4;
  int most = 0;
  for (const auto& [host, rules] : labelled.left_generic) most = std::max(most, rules);
  bool typical = false;
  for (const auto& [detector, count] : labelled.left)
    typical = typical || (detector != "reads" && detector != "archive" && detector != "bulk");
  if (typical) return 3;
  return most >= 4 ? 2U : most > 0 || !labelled.left.empty() ? 1U : 0U;
}

}  // namespace

Scored outcome_of(const Labelled& labelled, const Assessment& assessment) {
  Scored out;
  out.truth = labelled.truth;
  out.hosts = labelled.hosts;
  out.fully_covered = labelled.fully_covered;
  out.world = labelled.world;
  out.note = labelled.note;
  for (std::size_t q = 0; q < kAskedOf.size(); ++q) {
    const Question* question = assessment.find(kAskedOf[q]);
    out.probability[q] = question->probability;
    out.judged[q] = question->judged;
  }
  out.left = left_of(labelled);
  return out;
}

std::string left_table(const std::vector<Scored>& outcomes) {
  std::string out =
      "| what the intruder left | intrusions | share | missed | part of Brier A | in 1,000 hosts and more | of them "
      "missed "
      "|\n|---|---|---|---|---|---|---|\n";
  const auto n = static_cast<double>(std::max<std::size_t>(outcomes.size(), 1));
  double all = 0, benign = 0, benign_part = 0;
  for (const Scored& one : outcomes) {
    (one.truth.access ? all : benign) += 1;
    if (!one.truth.access) benign_part += one.probability[1] * one.probability[1] / n;
  }
  for (std::size_t left = 0; left < kLeft.size(); ++left) {
    double cases = 0, missed = 0, part = 0, large = 0, large_missed = 0;
    for (const Scored& one : outcomes) {
      if (!one.truth.access || one.left != left) continue;
      const double p = one.probability[1];
      cases += 1;
      missed += p <= .2 ? 1 : 0;
      part += (1 - p) * (1 - p) / n;
      if (one.hosts < 1000) continue;
      large += 1;
      large_missed += p <= .2 ? 1 : 0;
    }
    out += fmt::format("| {} | {:.0f} | {:.2f} | {} | {:.4f} | {:.0f} | {:.0f} |\n", kLeft[left], cases,
                       all > 0 ? cases / all : 0, cases > 0 ? fmt::format("{:.2f}", missed / cases) : "", part, large,
                       large_missed);
  }
  return out + fmt::format("| no intruder | {:.0f} | | | {:.4f} | | |\n", benign, benign_part);
}

double log_loss(const std::vector<Scored>& outcomes, std::size_t q) {
  double sum = 0;
  for (const Scored& one : outcomes) sum -= std::log(holds(one.truth, q) ? one.probability[q] : 1 - one.probability[q]);
  return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

double brier(const std::vector<Scored>& outcomes, std::size_t q) {
  double sum = 0;
  for (const Scored& one : outcomes) {
    const double miss = one.probability[q] - (holds(one.truth, q) ? 1 : 0);
    sum += miss * miss;
  }
  return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

Interval wilson(double yes, double all) {
  if (all <= 0) return {};
  constexpr double kZ = 1.959964;
  const double p = yes / all, z2 = kZ * kZ;
  const double middle = (p + z2 / (2 * all)) / (1 + z2 / all);
  const double half = kZ / (1 + z2 / all) * std::sqrt(p * (1 - p) / all + z2 / (4 * all * all));
  return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

std::string question_table(const std::vector<Scored>& outcomes) {
  std::string out =
      "| question | base rate | Brier | log loss | cannot say | terms in their band |\n|---|---|---|---|---|---|\n";
  const auto n = static_cast<double>(outcomes.size());
  for (std::size_t q = 0; q < kAskedOf.size(); ++q) {
    double yes = 0, silent = 0;
    for (const Scored& one : outcomes) {
      yes += holds(one.truth, q) ? 1 : 0;
      silent += one.judged[q] ? 0 : 1;
    }
    std::size_t used = 0;
    const std::size_t kept = bands_kept(outcomes, q, used);
    out += fmt::format("| {} | {:.3f} | {:.3f} | {:.3f} | {:.0f} % | {} of {} |\n", kAskedOf[q], yes / n,
                       brier(outcomes, q), log_loss(outcomes, q), 100 * silent / n, kept, used);
  }
  return out;
}

namespace {

struct Band {
  double cases = 0, yes = 0, mean = 0;
};
std::array<Band, 7> bands_of(const std::vector<Scored>& outcomes, std::size_t q) {
  std::array<Band, 7> out;
  for (const Scored& one : outcomes) {
    if (!one.judged[q]) continue;
    Band& band = out[band_of(one.probability[q])];
    band.cases += 1;
    band.yes += holds(one.truth, q) ? 1 : 0;
    band.mean += one.probability[q];
  }
  for (Band& band : out) band.mean = band.cases > 0 ? band.mean / band.cases : 0;
  return out;
}
Interval edges(std::size_t band) { return {band == 0 ? 0 : kCuts[band - 1], band == 6 ? 1 : kCuts[band]}; }

}  // namespace

std::size_t bands_kept(const std::vector<Scored>& outcomes, std::size_t q, std::size_t& used) {
  const auto bands = bands_of(outcomes, q);
  std::size_t kept = 0;
  used = 0;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    if (bands[i].cases <= 0) continue;
    ++used;
    const Interval seen = wilson(bands[i].yes, bands[i].cases), band = edges(i);
    kept += seen.high >= band.low && seen.low <= band.high ? 1U : 0U;
  }
  return kept;
}

std::string band_table(const std::vector<Scored>& outcomes, std::size_t q) {
  std::string out = fmt::format(
      "| {}: term | effective band | cases judged | mean said | came true | Wilson 95 % | in band "
      "|\n|---|---|---|---|---|---|---|\n",
      kAskedOf[q]);
  const auto bands = bands_of(outcomes, q);
  for (std::size_t i = 0; i < bands.size(); ++i) {
    const Interval band = edges(i);
    if (bands[i].cases <= 0) {
      out += fmt::format("| {} | {:.2f} to {:.2f} | 0 | | | | |\n", kBands[i], band.low, band.high);
      continue;
    }
    const Interval seen = wilson(bands[i].yes, bands[i].cases);
    out += fmt::format("| {} | {:.2f} to {:.2f} | {:.0f} | {:.3f} | {:.3f} | {:.3f} to {:.3f} | {} |\n", kBands[i],
                       band.low, band.high, bands[i].cases, bands[i].mean, bands[i].yes / bands[i].cases, seen.low,
                       seen.high, seen.high >= band.low && seen.low <= band.high ? "yes" : "no");
  }
  return out;
}

Rates rates_of(const std::vector<Scored>& outcomes) {
  Rates out;
  double questions = 0;
  for (const Scored& one : outcomes) {
    const double a = one.probability[1];
    if (!one.truth.access) {
      out.benign += 1;
      out.above_unlikely += a > .35 ? 1 : 0;
      out.likely += a >= .55 ? 1 : 0;
      out.almost_certain += a >= .95 ? 1 : 0;
    } else if (one.hosts >= 1000) {
      out.large += 1;
      out.large_missed += a <= .2 ? 1 : 0;
    }
    if (one.truth.unique_shown) {
      out.unique += 1;
      out.unique_low += std::min(a, one.probability[0]) < .8 ? 1 : 0;
    }
    if (one.fully_covered) {
      for (std::size_t q = 0; q < 5; ++q) {  // without actor: no intrusion, nothing to compare
        questions += 1;
        out.covered_silent += one.judged[q] ? 0 : 1;
      }
    }
  }
  const auto share = [](double& part, double whole) { part = whole > 0 ? part / whole : 0; };
  share(out.above_unlikely, out.benign);
  share(out.likely, out.benign);
  share(out.almost_certain, out.benign);
  share(out.unique_low, out.unique);
  share(out.large_missed, out.large);
  share(out.covered_silent, questions);
  return out;
}

}  // namespace assay::calibrate
