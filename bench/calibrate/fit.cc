#include "fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>

#include "assess/judge.h"
#include "assess/model.h"

namespace assay::calibrate {
namespace {

// A constant, and how far and in which range it is moved.
struct Constant {
  std::string name;
  std::function<double&(Weights&)> of;
  double factor, low, high;
};
std::vector<Constant> constants_to_fit() {
  std::vector<Constant> out;
  const auto plain = [&](const char* name, double Weights::* member, double factor, double low, double high) {
    out.push_back({name, [member](Weights& w) -> double& { return w.*member; }, factor, low, high});
  };
  plain("priors.access_if_targeted", &Weights::access_if_targeted, 1.2, .1, .6);
  plain("priors.access_if_not", &Weights::access_if_not, 1.2, .01, .1);
  plain("weak.expected", &Weights::weak_expected, 1.4, .1, 30);
  plain("weak.a0", &Weights::weak_a0, 1.4, .05, 3);
  plain("weak.tail", &Weights::weak_tail, 1.2, 1.2, 8);
  plain("weak.phi", &Weights::weak_phi, 1.6, .1, 20);
  plain("weak.item_decay", &Weights::weak_item_decay, 1.2, .1, 1);
  plain("weak.moment_decay", &Weights::weak_moment_decay, 1.2, .1, 1);
  plain("weak.suspect", &Weights::weak_suspect, 1.2, 0, 1);
  plain("weak.unseen", &Weights::weak_unseen, 1.6, .02, 5);
  plain("weak.host_decay", &Weights::weak_host_decay, 1.25, .05, 1);
  plain("weak.cap", &Weights::weak_cap, 1.8, 5, 5000);
  plain("silence.weak_sensitivity", &Weights::silence_weak, 1.25, .05, .95);
  plain("silence.trust", &Weights::silence_trust, 1.15, .3, .95);
  plain("silence.power", &Weights::silence_power, 1.2, .2, 1);
  plain("groups.discount", &Weights::group_discount, 1.15, .4, 1);
  return out;
}

// The condition under which no intruder speaks against the campaign (docs/assessment.md).
bool affiliated(const Weights& w) {
  return w.access_if_targeted * (1 - w.named_if_targeted) * (1 - w.access_if_not) >=
         (1 - w.access_if_targeted) * w.access_if_not;
}

struct Asked {
  Event event;
  double weight;
  bool Truth::* truth;
};
constexpr std::array<Asked, 5> kAsked = {{{{kA, false, kNoWay}, 1, &Truth::access},
                                          {{kT, false, kNoWay}, .5, &Truth::targeted},
                                          {{kM, false, kNoWay}, .5, &Truth::malware},
                                          {{kX, false, kNoWay}, .5, &Truth::taken},
                                          {{kD, false, kNoWay}, .25, &Truth::impact}}};

// Calls `each` with the posterior of every case.
template <typename Each>
void judge_all(const std::vector<std::unique_ptr<Prepared>>& cases, const Weights& constants, Each each) {
  Weights weights = constants;
  const Weights* pool_of = nullptr;
  for (const auto& one : cases) {
    if (pool_of != one->weights.get()) {
      pool_of = one->weights.get();
      weights.pool = pool_of->pool;  // each world has its own
    }
    const Lines lines = build_lines(one->labelled.data, one->uses, *one->visibility, one->taken, weights);
    PriorInput prior;
    prior.sector = true;
    const Model model(weights, prior);
    Posterior posterior(model);
    for (const auto* list : {&lines.hits, &lines.silences}) {
      for (const Line& line : *list) posterior.add(line);
    }
    each(*one, posterior, weights);
  }
}

}  // namespace

std::unique_ptr<Prepared> prepare(Labelled labelled, std::shared_ptr<const Weights> weights) {
  auto out = std::make_unique<Prepared>();
  out->labelled = std::move(labelled);
  out->weights = std::move(weights);
  out->visibility = std::make_unique<Visibility>(out->labelled.data, *out->weights);
  out->uses = judge_uses(out->labelled.data, *out->weights);
  out->taken = bound_exfiltration(out->labelled.data, out->uses, *out->visibility, *out->weights);
  out->labelled.data.tables.clear();
  return out;
}

double loss_of(const std::vector<std::unique_ptr<Prepared>>& cases, const Weights& constants) {
  double sum = 0;
  judge_all(cases, constants, [&](const Prepared& one, const Posterior& posterior, const Weights& weights) {
    for (const Asked& asked : kAsked) {
      const double p = clipped(posterior.probability(asked.event), weights);
      sum -= asked.weight * std::log(one.labelled.truth.*(asked.truth) ? p : 1 - p);
    }
  });
  return cases.empty() ? 0 : sum / static_cast<double>(cases.size());
}

std::string access_figures(const std::vector<std::unique_ptr<Prepared>>& cases, const Weights& constants) {
  double squares = 0, logs = 0, benign = 0, above = 0, certain = 0, in = 0, missed = 0, large = 0, large_missed = 0;
  double unique = 0, unique_low = 0;
  judge_all(cases, constants, [&](const Prepared& one, const Posterior& posterior, const Weights& weights) {
    const double p = clipped(posterior.probability(kAsked[0].event), weights);
    const bool yes = one.labelled.truth.access;
    squares += (p - (yes ? 1 : 0)) * (p - (yes ? 1 : 0));
    logs -= std::log(yes ? p : 1 - p);
    (yes ? in : benign) += 1;
    if (yes) {
      missed += p <= .2 ? 1 : 0;
      if (one.labelled.hosts >= 1000) large += 1;
      if (one.labelled.hosts >= 1000 && p <= .2) large_missed += 1;
      if (one.labelled.truth.unique_shown) {
        unique += 1;
        unique_low += std::min(p, clipped(posterior.probability(kAsked[1].event), weights)) < .8 ? 1 : 0;
      }
    } else {
      above += p > .35 ? 1 : 0;
      certain += p >= .95 ? 1 : 0;
    }
  });
  const double n = std::max<double>(1, static_cast<double>(cases.size()));
  return fmt::format(
      "Brier {:.4f} log loss {:.4f} benign above unlikely {:.2f} %, almost certain {:.2f} %; missed {:.3f}, in "
      "large estates {:.3f}; unique artefact under .8 {:.0f} of {:.0f}",
      squares / n, logs / n, 100 * above / std::max(1.0, benign), 100 * certain / std::max(1.0, benign),
      missed / std::max(1.0, in), large_missed / std::max(1.0, large), unique_low, unique);
}

bool set_constants(Weights& weights, std::string_view list) {
  const std::vector<Constant> all = constants_to_fit();
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    const auto constant =
        std::find_if(all.begin(), all.end(), [&](const Constant& c) { return c.name == one.substr(0, equals); });
    if (equals == std::string_view::npos || constant == all.end()) return false;
    constant->of(weights) = std::atof(std::string(one.substr(equals + 1)).c_str());
  }
  return true;
}

std::vector<Step> fit(const std::vector<std::unique_ptr<Prepared>>& cases, Weights& constants, int rounds,
                      const std::function<void(const std::string&)>& progress) {
  std::vector<Step> out;
  const std::vector<Constant> all = constants_to_fit();
  double best = loss_of(cases, constants);
  for (int round = 0; round < rounds; ++round) {
    const double before = best;
    for (const Constant& constant : all) {
      double& value = constant.of(constants);
      const double from = value, loss_before = best;
      for (const double factor : {constant.factor, 1 / constant.factor}) {
        for (int step = 0; step < 4; ++step) {
          const double old = value;
          value = std::clamp(old * factor, constant.low, constant.high);
          const double loss = value == old || !affiliated(constants) ? best : loss_of(cases, constants);
          if (loss >= best - 2e-5) {
            value = old;
            break;
          }
          best = loss;
        }
      }
      if (value != from) {
        out.push_back({constant.name, from, value, loss_before, best});
        progress(
            fmt::format("{} {:.3g} -> {:.3g}, loss {:.4f} -> {:.4f}", constant.name, from, value, loss_before, best));
      }
    }
    if (before - best < 1e-4) break;
  }
  return out;
}

}  // namespace assay::calibrate
