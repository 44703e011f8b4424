#include "pool_shape.h"

#include <cmath>
#include <map>
#include <string>

namespace assay::calibrate {
namespace {

// Where a pool of no bursts at all would be: rates spread over two orders of magnitude. Its weight is that of a factor
// of e at one standard deviation.
constexpr double kUsualShape = .15;
constexpr double kLeast = .02, kStep = 1.1;
constexpr int kSteps = 49;  // to 1.94

}  // namespace

double fitted_shape(const Pool& pool) {
  // Per level: its rules, the mean count of a rule, and how many rules were counted so many times.
  struct Counted {
    double rules = 0, mean = 0;
    std::map<double, double> times;
  };
  std::map<std::string, Counted> levels;
  for (const auto& [name, level] : pool.levels) {
    if (level.bursts > 0 && level.rules > 0) levels[name] = {level.rules, level.bursts / level.rules, {}};
  }
  for (const auto& [id, family] : pool.families) {
    const auto at = levels.find(family.level);
    if (at == levels.end() || family.bursts <= 0) continue;
    at->second.times[family.bursts] += 1;
  }
  double best = kUsualShape, most = -HUGE_VAL;
  double shape = kLeast;
  for (int i = 0; i < kSteps; ++i, shape *= kStep) {
    const double away = std::log(shape / kUsualShape);
    double sum = -.5 * away * away;
    for (const auto& [name, level] : levels) {
      const double silent = shape * std::log(shape / (shape + level.mean));  // ln of the chance of no burst
      sum += level.rules * silent;
      for (const auto& [count, rules] : level.times)
        sum += rules *
               (std::lgamma(shape + count) - std::lgamma(shape) + count * std::log(level.mean / (shape + level.mean)));
    }
    if (sum > most) {
      most = sum;
      best = shape;
    }
  }
  return std::round(best * 100) / 100;
}

}  // namespace assay::calibrate
