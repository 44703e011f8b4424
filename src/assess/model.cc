#include "assess/model.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

double odds_to_probability(double odds) { return odds / (1 + odds); }

// ln of the sum of exp(values), summed in the given order.
double log_sum(const std::vector<double>& values) {
  if (values.empty()) return -HUGE_VAL;
  const double most = *std::max_element(values.begin(), values.end());
  if (most == -HUGE_VAL) return -HUGE_VAL;
  double sum = 0;
  for (const double value : values) sum += std::exp(value - most);
  return most + std::log(sum);
}

}  // namespace

double Line::log_likelihood(const State& state) const {
  double chance = base;
  for (const Cell& cell : cells) {
    if ((state.on & cell.on) != cell.on || (cell.way != kNoWay && cell.way != state.way)) continue;
    chance = hit ? std::max(chance, cell.p) : std::min(chance, cell.p);
  }
  return power * std::log(chance);
}

Model::Model(const Weights& w, const PriorInput& input) {
  double odds = w.targeted / (1 - w.targeted);
  if (input.sector) odds *= w.sector_odds;
  if (input.country) odds *= w.country_odds;
  const double targeted = odds_to_probability(odds);
  const double ways[] = {w.way_exploited,     w.way_phishing_credentials, w.way_phishing_malware,
                         w.way_guessing,      w.way_valid_account,        w.way_supplier,
                         w.way_not_determined};
  double all_ways = 0;
  for (const double way : ways) all_ways += way;

  for (const bool t : {false, true}) {
    const double p_t = t ? targeted : 1 - targeted;
    const double got_in = t ? w.access_if_targeted : w.access_if_not;
    states_.push_back({static_cast<StateSet>(t ? kT : 0), Whose::none, kNoWay, p_t * (1 - got_in)});
    for (const Whose whose : {Whose::named, Whose::other, Whose::unknown}) {
      const double named = t ? w.named_if_targeted : 0;
      const double p_whose = whose == Whose::named   ? named
                             : whose == Whose::other ? (1 - named) * w.other_known
                                                     : (1 - named) * (1 - w.other_known);
      if (p_whose <= 0) continue;
      const double malware = whose == Whose::named ? w.malware_if_named : w.malware_if_other;
      const double taken = whose == Whose::named ? w.taken_if_named : w.taken_if_other;
      for (const bool m : {false, true}) {
        for (const bool x : {false, true}) {
          for (const bool d : {false, true}) {
            for (std::size_t way = 0; way < kWays.size(); ++way) {
              State state;
              state.on = static_cast<StateSet>(kA | (t ? kT : 0) | (m ? kM : 0) | (x ? kX : 0) | (d ? kD : 0));
              state.whose = whose;
              state.way = static_cast<int>(way);
              state.prior = p_t * got_in * p_whose * (m ? malware : 1 - malware) * (x ? taken : 1 - taken) *
                            (d ? w.impact : 1 - w.impact) * ways[way] / all_ways;
              states_.push_back(state);
            }
          }
        }
      }
    }
  }
}

Posterior::Posterior(const Model& model) : model_(&model) {
  log_weight_.reserve(model.states().size());
  for (const State& state : model.states()) log_weight_.push_back(std::log(state.prior));
}

// As Line::log_likelihood, with the logarithms taken once: the largest chance has the largest logarithm.
void Posterior::add(const Line& line) {
  const double base = std::log(line.base);
  std::vector<double> cells;
  cells.reserve(line.cells.size());
  for (const Cell& cell : line.cells) cells.push_back(std::log(cell.p));
  for (std::size_t i = 0; i < log_weight_.size(); ++i) {
    const State& state = model_->states()[i];
    double chance = base;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const Cell& cell = line.cells[c];
      if ((state.on & cell.on) != cell.on || (cell.way != kNoWay && cell.way != state.way)) continue;
      chance = line.hit ? std::max(chance, cells[c]) : std::min(chance, cells[c]);
    }
    log_weight_[i] += line.power * chance;
  }
}

void Posterior::remove(const Line& line) {
  for (std::size_t i = 0; i < log_weight_.size(); ++i) log_weight_[i] -= line.log_likelihood(model_->states()[i]);
}

double Posterior::log_odds(const Event& event) const {
  const std::vector<State>& states = model_->states();
  double most_yes = -HUGE_VAL, most_no = -HUGE_VAL;
  for (std::size_t i = 0; i < log_weight_.size(); ++i) {
    double& most = event.holds(states[i]) ? most_yes : most_no;
    most = std::max(most, log_weight_[i]);
  }
  double yes = 0, no = 0;
  for (std::size_t i = 0; i < log_weight_.size(); ++i) {
    const bool holds = event.holds(states[i]);
    const double most = holds ? most_yes : most_no;
    if (most > -HUGE_VAL) (holds ? yes : no) += std::exp(log_weight_[i] - most);
  }
  return (most_yes + std::log(yes)) - (most_no + std::log(no));
}

double Posterior::probability(const Event& event) const {
  const double odds = log_odds(event);
  return odds > 0 ? 1 / (1 + std::exp(-odds)) : std::exp(odds) / (1 + std::exp(odds));
}

double Posterior::given(const Event& event, const Event& condition) const {
  std::vector<double> both, all;
  for (std::size_t i = 0; i < log_weight_.size(); ++i) {
    const State& state = model_->states()[i];
    if (!condition.holds(state)) continue;
    all.push_back(log_weight_[i]);
    if (event.holds(state)) both.push_back(log_weight_[i]);
  }
  return all.empty() ? 0 : std::exp(log_sum(both) - log_sum(all));
}

double Posterior::log_chance_given(const Event& event) const {
  std::vector<double> now, before;
  for (std::size_t i = 0; i < log_weight_.size(); ++i) {
    const State& state = model_->states()[i];
    if (!event.holds(state)) continue;
    now.push_back(log_weight_[i]);
    before.push_back(std::log(state.prior));
  }
  return now.empty() ? 0 : log_sum(now) - log_sum(before);
}

}  // namespace assay
