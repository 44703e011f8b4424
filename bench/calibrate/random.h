// Random numbers that are the same on every machine: splitmix64, and the few distributions that the generator needs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace assay::calibrate {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double p) { return unit() < p; }
  std::int64_t below(std::int64_t n) { return n <= 1 ? 0 : static_cast<std::int64_t>(unit() * static_cast<double>(n)); }
  std::int64_t range(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  double log_uniform(double low, double high) { return low * std::pow(high / low, unit()); }
  double normal() { return std::sqrt(-2 * std::log(1 - unit())) * std::cos(6.283185307179586 * unit()); }
  double log_normal(double median, double sigma) { return median * std::exp(sigma * normal()); }
  // Marsaglia and Tsang 2000.
  double gamma(double shape) {
    if (shape < 1) return gamma(shape + 1) * std::pow(1 - unit(), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = normal(), v = std::pow(1 + c * x, 3);
      if (v > 0 && std::log(1 - unit()) < .5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }
  double beta(double a, double b) {
    const double x = gamma(a), y = gamma(b);
    return x / (x + y);
  }
  std::int64_t poisson(double mean) {
    if (mean > 30) return std::max<std::int64_t>(0, std::llround(mean + std::sqrt(mean) * normal()));
    const double limit = std::exp(-mean);
    double product = unit();
    std::int64_t n = 0;
    while (product > limit) {
      product *= unit();
      ++n;
    }
    return n;
  }

 private:
  std::uint64_t state_;
};

}  // namespace assay::calibrate
