// The joint model: every state of (T, A, M, X, D, G, V) with its prior, and lines of evidence as likelihoods over
// states. The posterior is an exact sum over all states in one fixed order; nothing is sampled (docs/assessment.md).
//
//   T the named campaign acted against us   A somebody got in   M its malware ran   X information was taken   D impact
//   G whose intrusion: none, the named actor, another known group, unknown
//   V the first way in: none or one of kWays
//
// M, X and D imply A; G = named implies T; no A means no G and no V.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assess/weights.h"

namespace assay {

using StateSet = std::uint8_t;  // bits of the yes/no variables
inline constexpr StateSet kT = 1, kA = 2, kM = 4, kX = 8, kD = 16;

enum class Whose : std::uint8_t { none, named, other, unknown };

// The ways in, in the order of the JSON answer. Index 0 is no way at all.
inline constexpr std::array<std::string_view, 7> kWays = {"exploited_application", "phishing_credentials",
                                                          "phishing_malware",      "password_guessing",
                                                          "valid_account",         "supplier",
                                                          "not_determined"};
inline constexpr int kNoWay = -1;

struct State {
  StateSet on = 0;  // which of T A M X D hold
  Whose whose = Whose::none;
  int way = kNoWay;  // index into kWays
  double prior = 0;
};

// A chance to see what was seen, in states where all of `on` hold and, when asked, the first way in was `way`.
struct Cell {
  StateSet on = 0;
  int way = kNoWay;  // kNoWay: any
  double p = 1;
};

// One line: its chance is `base`, or that of the cell that holds; a hit takes the largest that holds, a silence the
// smallest. A line about a way in has no cells about other variables than A, and a silence touches single variables:
// then every hit raises every question, or leaves it, and every silence lowers it (docs/assessment.md gives the reason;
// model_test.cc tries to break it).
struct Line {
  std::string id;  // stable, for the order and for explain
  bool hit = true;
  double base = 1;
  std::vector<Cell> cells;
  double power = 1;
  bool reliability =
      false;  // rests on the advisory's word: its base is raised when reliability is taken one step lower
  std::string reason;
  std::vector<std::string> sightings;
  std::vector<std::string> rests_on;  // lines without which this one says nothing

  [[nodiscard]] double log_likelihood(const State& state) const;
};

struct PriorInput {
  bool sector = false, country = false;  // the advisory names them as targets
};

class Model {
 public:
  Model(const Weights& weights, const PriorInput& input);
  [[nodiscard]] const std::vector<State>& states() const { return states_; }

 private:
  std::vector<State> states_;
};

// What a question asks of a state.
struct Event {
  StateSet on = 0;
  bool named = false;  // and G is the named actor
  int way = kNoWay;
  [[nodiscard]] bool holds(const State& state) const {
    return (state.on & on) == on && (!named || state.whose == Whose::named) && (way == kNoWay || state.way == way);
  }
};

// Weights of all states after some lines, kept as logarithms.
class Posterior {
 public:
  explicit Posterior(const Model& model);
  void add(const Line& line);
  // Takes a line that was added away again.
  void remove(const Line& line);
  // P(event), and its natural log odds; odds are exact sums of both sides, so they hold near 0 and 1.
  [[nodiscard]] double probability(const Event& event) const;
  [[nodiscard]] double log_odds(const Event& event) const;
  [[nodiscard]] double given(const Event& event, const Event& condition) const;
  // Natural logarithm of the chance of all lines so far, given the event.
  [[nodiscard]] double log_chance_given(const Event& event) const;

 private:
  const Model* model_;
  std::vector<double> log_weight_;
};

}  // namespace assay
