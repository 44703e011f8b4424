#include "assess/generic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace assay {
namespace {

// How noisy a host is beside the median one, in steps of about two thirds: the integral over it is a sum over these.
constexpr std::size_t kNoise = 14;
constexpr double kLeastNoise = .02, kNoiseStep = 1.9;
// What remains of an intruder's rules when he is careful: three kinds of intruder, equally likely.
constexpr std::array<double, 3> kLoudness = {.15, .4, 1};
constexpr double kHuge = 1e250;

using ByNoise = std::array<double, kNoise>;

struct Estate {
  struct Item {
    double before = 0;  // days of history on which it fired on this host
    bool within = false;
  };
  struct Family {
    double everywhere = 0;  // its bursts: days of history, and hosts in the window
    std::string_view level;
  };
  std::map<std::string_view, std::map<std::string_view, Item>> hosts;  // host -> family
  std::map<std::string_view, Family> families;
};

// Bursts: one family on one host is one item of the window; before the window each of its days is one.
Estate gather(const std::vector<WeakHit>& hits, DaySpan window, std::int64_t history) {
  Estate out;
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> quiet;  // host, family, day
  for (const WeakHit& hit : hits) {
    out.families.try_emplace(hit.family, Estate::Family{0, hit.level});
    Estate::Item& item = out.hosts[hit.host][hit.family];
    const std::int64_t day = hit.time.known() ? hit.time.day() : window.first;
    const std::int64_t last = hit.until.known() ? std::max(day, hit.until.day()) : day;
    if (history <= 0 || last >= window.first) item.within = true;
    if (history <= 0 || day >= window.first) continue;
    if (day == last) {
      item.before += quiet.emplace(hit.host, hit.family, day).second ? 1 : 0;
      continue;
    }
    // A sighting of several days says how often, not on which: no more bursts than matches, no more than days.
    const std::int64_t first = std::max(day, window.first - history);
    const std::int64_t length = std::max<std::int64_t>(1, std::min(last, window.first - 1) - first + 1);
    item.before += std::min(static_cast<double>(hit.count), static_cast<double>(length));
  }
  for (auto& [host, families] : out.hosts) {
    for (auto& [family, item] : families) {
      item.before = std::min(item.before, static_cast<double>(std::max<std::int64_t>(history, 0)));
      out.families[family].everywhere += item.before + (item.within ? 1 : 0);
    }
  }
  return out;
}

// ln(1 - share + share * e^x) without overflow.
double log_mixed(double share, double x) {
  return x > 600 ? std::log(share) + x : std::log1p(share * std::expm1(x));
}

}  // namespace

double weigh_generic(const std::vector<WeakHit>& hits, const std::vector<GenericRule>& rules, const GenericScope& scope,
                     const Weights& w) {
  if (hits.empty()) return 0;
  const auto days = static_cast<double>(std::max<std::int64_t>(scope.window.size(), 1));
  const auto history = static_cast<double>(std::max<std::int64_t>(scope.history, 0));
  const auto exposure = static_cast<double>(std::max<std::int64_t>(scope.host_days, 1));
  const double share = std::min(.5, 1 / static_cast<double>(std::max<std::int64_t>(scope.hosts, 1)));
  const Estate estate = gather(hits, scope.window, scope.history);
  const double prior_bursts = 1 / w.weak_phi;
  const auto rate = [&](std::string_view family, std::string_view level, double bursts) {
    return (prior_bursts + bursts) / (prior_bursts / w.pool.rate(family, level) + exposure);
  };
  // All that fires on a median host in a day: of the rules that were looked for, and of what else fired.
  double all_rates = 0;
  std::set<std::string_view> looked_for;
  for (const GenericRule& rule : rules) {
    const auto at = estate.families.find(rule.family);
    all_rates += rate(rule.family, rule.level, at == estate.families.end() ? 0 : at->second.everywhere);
    looked_for.insert(rule.family);
  }
  for (const auto& [name, family] : estate.families) {
    if (!looked_for.contains(name)) all_rates += rate(name, family.level, family.everywhere);
  }

  ByNoise noise{}, prior{};
  for (std::size_t k = 0; k < kNoise; ++k) {
    noise[k] = kLeastNoise * std::pow(kNoiseStep, static_cast<double>(k));
    prior[k] = w.weak_a0 * (std::log(noise[k]) - noise[k]) - all_rates * noise[k] * (history + days);
  }
  std::map<double, ByNoise> posteriors;  // of a host's noise, by the number of its bursts
  const auto posterior_of = [&](double bursts) -> const ByNoise& {
    const auto [at, fresh] = posteriors.try_emplace(bursts);
    if (fresh) {
      double most = -HUGE_VAL, sum = 0;
      for (std::size_t k = 0; k < kNoise; ++k)
        most = std::max(most, at->second[k] = prior[k] + bursts * std::log(noise[k]));
      for (double& value : at->second) sum += value = std::exp(value - most);
      for (double& value : at->second) value /= sum;
    }
    return at->second;
  };

  std::array<double, kLoudness.size()> sensitivity{}, silent{}, sums{};
  std::array<std::vector<double>, kLoudness.size()> by_host;
  const double few = w.weak_expected / static_cast<double>(std::max<std::size_t>(rules.size(), 1));
  for (std::size_t l = 0; l < kLoudness.size(); ++l) {
    sensitivity[l] = std::min(w.weak_sensitivity, few * kLoudness[l]);
    silent[l] = static_cast<double>(rules.size()) * std::log1p(-sensitivity[l]);
  }
  for (const auto& [host, families] : estate.hosts) {
    double bursts = 0;
    for (const auto& [family, item] : families) bursts += item.before + (item.within ? 1 : 0);
    const ByNoise& posterior = posterior_of(bursts);
    std::array<ByNoise, kLoudness.size()> product, logs{};
    for (ByNoise& one : product) one.fill(1);
    for (const auto& [name, item] : families) {
      if (!item.within) continue;
      const Estate::Family& family = estate.families.find(name)->second;
      const double elsewhere = family.everywhere - item.before - 1;
      const double expected = rate(name, family.level, elsewhere) * days;
      const double habit = history > 0 ? .5 * item.before / history * days : 0;
      for (std::size_t k = 0; k < kNoise; ++k) {
        const double odds = std::min(w.weak_cap / few, 1 / std::expm1(expected * noise[k] + habit));  // that chance does not
        for (std::size_t l = 0; l < kLoudness.size(); ++l) {
          double& value = product[l][k];
          value *= 1 + sensitivity[l] * odds;
          if (value > kHuge) {
            logs[l][k] += std::log(value);
            value = 1;
          }
        }
      }
    }
    for (std::size_t l = 0; l < kLoudness.size(); ++l) {
      double most = 0;
      for (std::size_t k = 0; k < kNoise; ++k) most = std::max(most, logs[l][k] = w.weak_item_power * (logs[l][k] + std::log(product[l][k])));
      double sum = 0;
      for (std::size_t k = 0; k < kNoise; ++k) sum += posterior[k] * std::exp(logs[l][k] - most);
      by_host[l].push_back(log_mixed(share, silent[l] + most + std::log(sum)) - log_mixed(share, silent[l]));
    }
  }
  for (std::size_t l = 0; l < kLoudness.size(); ++l) {
    std::sort(by_host[l].begin(), by_host[l].end(), std::greater<>());
    double factor = 1;
    for (const double value : by_host[l]) {
      sums[l] += value * factor;
      factor *= w.weak_host_decay;
    }
  }
  double most = 0, sum = 0;
  for (const double value : sums) most = std::max(most, value);
  for (const double value : sums) sum += std::exp(value - most);
  return std::max(0.0, most + std::log(sum / static_cast<double>(kLoudness.size())));
}

std::optional<Line> generic_line(const CaseData& data, const std::vector<WeakHit>& hits, const Visibility& visibility,
                                 std::vector<std::string> sightings, const Weights& w) {
  double silence = 1;
  std::string names;
  // The estate's own quiet history: days before the window that every source of generic signs has.
  GenericScope scope{visibility.in_scope(), visibility.window(), INT64_MAX, 0};
  for (const auto& [name, source] : visibility.sources()) {
    if (!w.source(name).weak) continue;
    if (!source.days.empty()) scope.history = std::min(scope.history, scope.window.first - *source.days.begin());
    if (const double covered = visibility.of_class(name); covered > 0) {
      silence *= std::pow(1 - w.silence_weak * w.silence_trust * covered, w.silence_power);
      names += (names.empty() ? "" : ", ") + w.source(name).label;
    }
  }
  if (scope.history == INT64_MAX) scope.history = 0;
  scope.history = std::max<std::int64_t>(scope.history, 0);
  for (const auto& [name, source] : visibility.sources()) {
    if (!w.source(name).weak) continue;
    const auto within = [&](const std::set<std::int64_t>& days) {
      return std::distance(days.lower_bound(scope.window.first - scope.history),
                           days.upper_bound(scope.window.last));
    };
    std::int64_t host_days = 0;
    if (w.source(name).reach == Reach::host) {
      for (const auto& [host, days] : source.hosts) host_days += within(days);
    } else {
      host_days = within(source.days) * visibility.examined();
    }
    scope.host_days = std::max(scope.host_days, host_days);
  }
  silence = std::max(silence, w.silence_floor);
  double log_ratio = 0;
  std::set<std::string_view> hosts;
  if (!hits.empty()) {
    std::vector<GenericRule> rules;
    for (const DetectorInfo& one : data.catalogue) {
      // Our own generic checks and analytics are looked for too, though no pool has measured them.
      if (one.meaning.klass == "generic" || (one.kind == DetectorKind::sigma && one.meaning.klass.empty()))
        rules.push_back({one.meaning.family.empty() ? one.id : one.meaning.family,
                         one.kind == DetectorKind::sigma ? std::string_view(one.level) : std::string_view()});
    }
    log_ratio = weigh_generic(hits, rules, scope, w);
    for (const WeakHit& hit : hits) hosts.insert(hit.host);
  }
  const double ratio = std::exp(log_ratio) * silence;
  Line line;
  line.cells.push_back({kA, kNoWay, ratio});
  if (ratio > 1) {
    line.id = "generic";
    line.reason = fmt::format("Generic rules on {} of {} hosts, weighed host by host", hosts.size(), scope.hosts);
    line.sightings = std::move(sightings);
    return line;
  }
  if (ratio >= 1) return std::nullopt;
  line.id = "silence";
  line.hit = false;
  line.reason = hits.empty() ? "No generic sign of an intruder in " + names
                             : fmt::format("Generic rules on {} of {} hosts are no more than such hosts show anyway in {}",
                                           hosts.size(), scope.hosts, names);
  return line;
}

}  // namespace assay
