// The inference against an independent enumeration, and its promises: a hit never lowers, doubled evidence changes
// nothing in its group, contributions add up.
#include "assess/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "assess/weights.h"

namespace assay {
namespace {

// The same model written a second time: products of plain probabilities over nested loops, no logarithms, no state
// list.
struct Naive {
  const Weights& w;
  PriorInput input;
  std::vector<Line> lines;

  [[nodiscard]] static double chance(const Line& line, StateSet on, int way) {
    double out = line.base;
    for (const Cell& cell : line.cells) {
      const bool holds = (on & cell.on) == cell.on && (cell.way == kNoWay || cell.way == way);
      if (holds && line.hit && cell.p > out) out = cell.p;
      if (holds && !line.hit && cell.p < out) out = cell.p;
    }
    return std::pow(out, line.power);
  }

  // {P(event and lines), P(lines)}
  [[nodiscard]] std::pair<long double, long double> sums(const Event& event) const {
    long double yes = 0, all = 0;
    double odds =
        w.targeted / (1 - w.targeted) * (input.sector ? w.sector_odds : 1) * (input.country ? w.country_odds : 1);
    const double p_t = odds / (1 + odds);
    const double ways[] = {w.way_exploited,     w.way_phishing_credentials, w.way_phishing_malware,
                           w.way_guessing,      w.way_valid_account,        w.way_supplier,
                           w.way_not_determined};
    double way_sum = 0;
    for (const double way : ways) way_sum += way;
    for (int t = 0; t < 2; ++t) {
      for (int a = 0; a < 2; ++a) {
        const double p_in = t != 0 ? w.access_if_targeted : w.access_if_not;
        const double head = (t != 0 ? p_t : 1 - p_t) * (a != 0 ? p_in : 1 - p_in);
        for (int g = 0; g < 4; ++g) {  // none named other unknown
          if ((a == 0) != (g == 0)) continue;
          if (g == 1 && t == 0) continue;
          const double named = t != 0 ? w.named_if_targeted : 0;
          const double p_g = a == 0   ? 1
                             : g == 1 ? named
                             : g == 2 ? (1 - named) * w.other_known
                                      : (1 - named) * (1 - w.other_known);
          for (int mxd = 0; mxd < 8; ++mxd) {
            if (a == 0 && mxd != 0) continue;
            const bool m = (mxd & 1) != 0, x = (mxd & 2) != 0, d = (mxd & 4) != 0;
            const double pm = g == 1 ? w.malware_if_named : w.malware_if_other,
                         px = g == 1 ? w.taken_if_named : w.taken_if_other;
            const double p_mxd = a == 0 ? 1 : (m ? pm : 1 - pm) * (x ? px : 1 - px) * (d ? w.impact : 1 - w.impact);
            for (int v = a == 0 ? -1 : 0; v < (a == 0 ? 0 : 7); ++v) {
              const auto on = static_cast<StateSet>((t != 0 ? kT : 0) | (a != 0 ? kA : 0) | (m ? kM : 0) |
                                                    (x ? kX : 0) | (d ? kD : 0));
              long double p = head * p_g * p_mxd * (v < 0 ? 1 : ways[v] / way_sum);
              for (const Line& line : lines) p *= chance(line, on, v);
              all += p;
              const bool holds =
                  (on & event.on) == event.on && (!event.named || g == 1) && (event.way == kNoWay || event.way == v);
              if (holds) yes += p;
            }
          }
        }
      }
    }
    return {yes, all};
  }
};

const std::vector<Event> kEvents = {{kT, false, kNoWay}, {kA, false, kNoWay}, {kM, false, kNoWay},
                                    {kX, false, kNoWay}, {kD, false, kNoWay}, {0, true, kNoWay}};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  double real(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_()) / static_cast<double>(std::mt19937::max());
  }
  unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }

  Weights weights() {
    Weights w = Weights::shipped();
    w.targeted = real(.01, .5);
    w.access_if_not = real(.001, .2);
    w.access_if_targeted = real(w.access_if_not, .9);
    // Priors that Weights::parse would accept.
    do w.named_if_targeted = real(0, .99);
    while (w.access_if_targeted * (1 - w.named_if_targeted) * (1 - w.access_if_not) <
           (1 - w.access_if_targeted) * w.access_if_not);
    w.malware_if_other = real(.001, .3);
    w.malware_if_named = real(w.malware_if_other, .9);
    w.taken_if_other = real(.01, .4);
    w.taken_if_named = real(w.taken_if_other, .9);
    w.impact = real(.01, .4);
    w.other_known = real(.05, .9);
    return w;
  }
  // A hit as the assessment makes them: a conjunction of variables, or one way in.
  Line hit(int number) {
    static constexpr StateSet kTouch[] = {kT, kA, kX, kD, kT | kM, kT | kA};
    Line line;
    line.id = "hit " + std::to_string(number);
    line.base = real(1e-4, .5);
    const double yes = 1 - (1 - real(.05, .9)) * (1 - line.base);
    if (below(4) == 0) {
      line.cells = {{kA, kNoWay, std::max(line.base, yes * .3)}, {kA, static_cast<int>(below(7)), yes}};
    } else {
      line.cells = {{kTouch[below(6)], kNoWay, yes}};
    }
    line.power = real(.3, 1);
    return line;
  }
  Line silence(int number) {
    static constexpr StateSet kTouch[] = {kT, kA, kM, kX, kD};
    Line line;
    line.id = "silence " + std::to_string(number);
    line.hit = false;
    line.power = .6;
    if (below(5) == 0) {  // a way in stands in a line of its own, see Line
      line.cells = {{kA, static_cast<int>(below(7)), real(.2, .99)}};
      return line;
    }
    const unsigned cells = 1 + below(3);
    for (unsigned i = 0; i < cells; ++i) line.cells.push_back({kTouch[below(5)], kNoWay, real(.2, .99)});
    return line;
  }

 private:
  std::mt19937 engine_;
};

TEST(Model, EqualsBruteForceOnTenThousandRandomModels) {
  Random random(20200716);
  for (int round = 0; round < 10'000; ++round) {
    const Weights w = random.weights();
    const PriorInput input{random.below(2) == 1, random.below(2) == 1};
    const Model model(w, input);
    Posterior posterior(model);
    Naive naive{w, input, {}};
    const unsigned count = random.below(7);
    for (unsigned i = 0; i < count; ++i)
      naive.lines.push_back(random.below(2) == 0 ? random.hit(static_cast<int>(i))
                                                 : random.silence(static_cast<int>(i)));
    for (const Line& line : naive.lines) posterior.add(line);
    const Event& event = kEvents[random.below(static_cast<unsigned>(kEvents.size()))];
    const auto [yes, all] = naive.sums(event);
    ASSERT_NEAR(posterior.probability(event), static_cast<double>(yes / all), 1e-9) << "round " << round;
    const Event way{kA, false, static_cast<int>(random.below(7))};
    const auto [way_yes, way_all] = naive.sums(way);
    const auto [in, in_all] = naive.sums({kA, false, kNoWay});
    ASSERT_NEAR(posterior.given(way, {kA, false, kNoWay}), static_cast<double>(way_yes / in), 1e-9);
  }
}

TEST(Model, PriorsSumToOneAndObeyTheConstraints) {
  const Model model(Weights::shipped(), {true, true});
  double sum = 0;
  for (const State& state : model.states()) {
    sum += state.prior;
    if ((state.on & (kM | kX | kD)) != 0) {
      EXPECT_TRUE((state.on & kA) != 0);
    }
    if (state.whose == Whose::named) {
      EXPECT_TRUE((state.on & kT) != 0);
    }
    EXPECT_EQ((state.on & kA) == 0, state.whose == Whose::none);
    EXPECT_EQ((state.on & kA) == 0, state.way == kNoWay);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Model, AHitNeverLowersAnyQuestion) {
  Random random(7);
  for (int round = 0; round < 3'000; ++round) {
    const Model model(random.weights(), {});
    Posterior before(model);
    const unsigned count = random.below(6);
    for (unsigned i = 0; i < count; ++i)
      before.add(random.below(2) == 0 ? random.hit(static_cast<int>(i)) : random.silence(static_cast<int>(i)));
    Posterior after = before;
    after.add(random.hit(99));
    for (const Event& event : kEvents)
      ASSERT_GE(after.log_odds(event), before.log_odds(event) - 1e-9) << "round " << round;
  }
}

TEST(Model, SilenceNeverRaisesAnyQuestion) {
  Random random(8);
  for (int round = 0; round < 3'000; ++round) {
    const Model model(random.weights(), {});
    Posterior before(model);
    const unsigned count = random.below(6);
    for (unsigned i = 0; i < count; ++i)
      before.add(random.below(2) == 0 ? random.hit(static_cast<int>(i)) : random.silence(static_cast<int>(i)));
    Posterior after = before;
    after.add(random.silence(99));
    for (const Event& event : kEvents)
      ASSERT_LE(after.log_odds(event), before.log_odds(event) + 1e-9) << "round " << round;
  }
}

// As the answer prints them: differences of the log odds, line after line, in whatever order the lines come.
TEST(Model, ContributionsAddUpInAnyOrderAndTheOrderOfLinesDoesNotMatter) {
  Random random(9);
  for (int round = 0; round < 2'000; ++round) {
    const Weights w = random.weights();
    const Model model(w, {});
    std::vector<Line> lines;
    const unsigned count = 1 + random.below(7);
    for (unsigned i = 0; i < count; ++i)
      lines.push_back(random.below(2) == 0 ? random.hit(static_cast<int>(i)) : random.silence(static_cast<int>(i)));
    Naive naive{w, {}, lines};
    const Event& event = kEvents[random.below(static_cast<unsigned>(kEvents.size()))];
    const auto [yes, all] = naive.sums(event);
    const double expected = std::log(static_cast<double>(yes / (all - yes)));
    for (int order = 0; order < 2; ++order) {
      Posterior running(model);
      const double prior = running.log_odds(event);
      double sum = prior, before = prior;
      for (const Line& line : lines) {
        running.add(line);
        sum += running.log_odds(event) - before;
        before = running.log_odds(event);
      }
      ASSERT_NEAR(sum, expected, 1e-7) << "round " << round;
      std::reverse(lines.begin(), lines.end());
    }
  }
}

// A group counts with falling power .8^0, .8^1 ...: however many lists repeat one thing under names of their own, they
// never weigh more than 1 / (1 - .8) times the one.
TEST(Model, GroupedDuplicatesStayWithinTheirBound) {
  Random random(10);
  const double factor = Weights::shipped().group_discount, bound = 1 / (1 - factor);
  for (int round = 0; round < 500; ++round) {
    const Model model(random.weights(), {});
    Line line;
    line.base = random.real(1e-4, .4);
    line.cells = {{kA, kNoWay, 1 - (1 - random.real(.05, .9)) * (1 - line.base)}};
    const Event access{kA, false, kNoWay};
    Posterior one(model), many(model);
    const double prior = one.log_odds(access);
    one.add(line);
    double power = 1;
    for (int copy = 0; copy < 60; ++copy) {
      line.power = power;
      many.add(line);
      power *= factor;
    }
    const double single = one.log_odds(access) - prior;
    ASSERT_LE(many.log_odds(access) - prior, single * bound + 1e-9);
    ASSERT_GE(many.log_odds(access) - prior, single - 1e-9);
  }
}

TEST(Model, WorkedExampleOfTheDocumentation) {
  // docs/assessment.md: sector and country named; one unique structure on the wire, alone.
  const Weights& w = Weights::shipped();
  const Model model(w, {true, true});
  Posterior posterior(model);
  EXPECT_NEAR(posterior.probability({kT, false, kNoWay}), 0.24, 1e-9);
  EXPECT_NEAR(posterior.probability({kA, false, kNoWay}), 0.24 * .4 + .76 * .05, 1e-9);
  Line cookie;
  cookie.base = .001;
  cookie.cells = {{kT | kM, kNoWay, 1 - (1 - .6) * (1 - .001)}};
  posterior.add(cookie);
  // P(T and M) = .24 x .4 x (.9 x .6 + .1 x .01) = .05194; odds x 600.4.
  const double p = .24 * .4 * (.9 * .6 + .1 * .01);
  const double odds = p * 0.6004 / ((1 - p) * .001 + 0);
  const double other_m = .76 * .05 * .01;  // M without T: the line does not touch it
  const double m_odds = (p * .6004 + other_m * .001) / ((1 - p - other_m) * .001);
  EXPECT_NEAR(posterior.probability({kM, false, kNoWay}), m_odds / (1 + m_odds), 1e-9);
  EXPECT_GT(odds, 20);
}

}  // namespace
}  // namespace assay
