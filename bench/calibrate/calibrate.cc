#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

#include "attribution_run.h"
#include "knowledge/attack.h"
#include "score.h"
#include "synthetic.h"

using namespace assay;
using namespace assay::calibrate;
int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 300;
  for (const auto* worlds : {&fitting_worlds(), &scoring_worlds()}) {
    std::vector<Scored> all;
    for (const World& world : *worlds) {
      Weights w = Weights::shipped();
      const GenericRules rules = generic_rules(world, 200, .3);
      w.pool = rules.pool;
      std::vector<Scored> some;
      double draw = 0, judge = 0;
      std::size_t sight = 0, rows = 0;
      for (int i = 0; i < n; ++i) {
        const auto a = std::chrono::steady_clock::now();
        const Labelled one = draw_case(world, rules, static_cast<std::uint64_t>(i) * 7919 + 13);
        const auto b = std::chrono::steady_clock::now();
        some.push_back(outcome_of(one, assess(one.data, Scale::phia, {nullptr, &w})));
        const auto c = std::chrono::steady_clock::now();
        draw += std::chrono::duration<double>(b - a).count();
        judge += std::chrono::duration<double>(c - b).count();
        sight += one.data.sightings.size();
        rows += one.data.tables[0].size();
      }
      fmt::print("{} draw {:.1f} ms judge {:.1f} ms, {} sightings {} rows\n", world.name, 1000 * draw / n,
                 1000 * judge / n, sight / static_cast<std::size_t>(n), rows / static_cast<std::size_t>(n));
      all.insert(all.end(), some.begin(), some.end());
      const Rates r = rates_of(some);
      fmt::print(
          "  A brier {:.3f}; benign {:.0f}: above unlikely {:.3f} likely {:.3f} certain {:.4f}; unique {:.0f} low "
          "{:.3f}; large {:.0f} missed {:.2f}; silent {:.2f}\n",
          brier(some, 1), r.benign, r.above_unlikely, r.likely, r.almost_certain, r.unique, r.unique_low, r.large,
          r.large_missed, r.covered_silent);
    }
    fmt::print("{}\n{}\n", question_table(all), band_table(all, 1));
  }
}
