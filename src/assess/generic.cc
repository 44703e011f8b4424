#include "assess/generic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

namespace assay {
namespace {

// How noisy a host is beside the mean one, in steps of a little more than two, to some hundreds: the integral over it
// is a sum over these.
constexpr std::size_t kNoise = 14;
constexpr double kLeastNoise = .02, kNoiseStep = 2.2;
// What remains of an intruder's rules when he is careful: three kinds of intruder, equally likely.
constexpr std::array<double, 3> kLoudness = {.15, .4, 1};
// Rules of one host that are weighed: at .8 a further one, the hundredth adds nothing that could be printed.
constexpr std::size_t kMostRules = 100;

using ByNoise = std::array<double, kNoise>;

// Names are numbered in the order in which they come, so that a million hits are sorted and counted as numbers: with
// names as keys of maps, and hosts of the profile found by walking its list, `assess.million` took 8 s; it takes 2.1
// to 2.3. Comparing texts was two fifths of its samples before, and is a fifth now.
class Numbers {
 public:
  std::size_t of(std::string_view name) {
    const auto [at, fresh] = numbers_.try_emplace(name, numbers_.size());
    return at->second;
  }
  // The number of a name that came; npos.
  [[nodiscard]] std::size_t find(std::string_view name) const {
    const auto at = numbers_.find(name);
    return at == numbers_.end() ? std::string::npos : at->second;
  }

 private:
  std::unordered_map<std::string_view, std::size_t> numbers_;
};

constexpr std::int64_t kNever = INT64_MAX;
// Rules that fire no further apart than this met one event, or the events that one act leaves in several logs.
constexpr std::int64_t kMomentSeconds = 2;

// Narrow, as Fired below: a large case has a million of each.
struct Item {
  std::uint32_t host = 0, family = 0;
  float before = 0, within = 0;  // bursts: days of history and of the window on which it fired on this host
  std::int64_t second = kNever;  // of its first match in the window
  [[nodiscard]] double all() const { return static_cast<double>(before) + static_cast<double>(within); }
};
struct Family {
  std::string_view name, level;
  double everywhere = 0;  // its bursts
};
struct Estate {
  std::vector<Item> items;  // by host, then family
  std::vector<Family> families;
  std::vector<std::string_view> hosts;
  Numbers numbers;  // of the families
};

// Bursts: a day of one family on one host. A sighting of several days says how often, not on which: no more bursts than
// matches, no more than days.
Estate gather(const std::vector<WeakHit>& hits, DaySpan window, std::int64_t history) {
  constexpr std::int32_t kNoDay = INT32_MAX;  // the days that a time can be of are far fewer
  struct Fired {
    std::uint32_t host, family;
    std::int32_t day;      // kNoDay: of several
    float before, within;  // bursts of several days
    std::int64_t second;
    bool operator<(const Fired& other) const {
      return std::tie(host, family, day, before, within, second) <
             std::tie(other.host, other.family, other.day, other.before, other.within, other.second);
    }
  };
  Estate out;
  Numbers hosts;
  std::vector<Fired> fired;
  fired.reserve(hits.size());
  for (const WeakHit& hit : hits) {
    const std::size_t family = out.numbers.of(hit.family);
    if (family == out.families.size()) out.families.push_back({hit.family, hit.level, 0});
    const std::int64_t first = hit.time.known() ? hit.time.day() : window.first;
    const std::int64_t last = hit.until.known() ? std::max(first, hit.until.day()) : first;
    if (last < window.first - history) continue;  // of a day that is not known otherwise
    const std::size_t host = hosts.of(hit.host);
    if (host == out.hosts.size()) out.hosts.push_back(hit.host);
    Fired one{static_cast<std::uint32_t>(host), static_cast<std::uint32_t>(family), kNoDay, 0, 0, kNever};
    if (hit.time.known() && first >= window.first) one.second = hit.time.ns / 1'000'000'000;
    if (first == last) {
      one.day = static_cast<std::int32_t>(first);
    } else {
      const auto matches = static_cast<float>(hit.count);
      if (last >= window.first)
        one.within = std::min(matches, static_cast<float>(last - std::max(first, window.first) + 1));
      if (first < window.first) {
        const std::int64_t from = std::max(first, window.first - history);
        one.before = std::min(matches, static_cast<float>(std::min(last, window.first - 1) - from + 1));
      }
    }
    fired.push_back(one);
  }
  std::sort(fired.begin(), fired.end());
  std::int32_t day = kNoDay;
  for (const Fired& one : fired) {
    if (out.items.empty() || out.items.back().host != one.host || out.items.back().family != one.family) {
      out.items.push_back({one.host, one.family, 0, 0, kNever});
      day = kNoDay;
    }
    Item& item = out.items.back();
    item.before += std::max(0.0F, one.before);
    item.within += one.within;
    item.second = std::min(item.second, one.second);
    if (one.day != kNoDay && one.day != day) (one.day >= window.first ? item.within : item.before) += 1;
    day = one.day;
  }
  for (Item& item : out.items) {
    item.before = std::min(item.before, static_cast<float>(std::max<std::int64_t>(history, 0)));
    item.within = std::min(item.within, static_cast<float>(std::max<std::int64_t>(window.size(), 1)));
    out.families[item.family].everywhere += item.all();
  }
  return out;
}

// ln(1 - share + share * e^x) without overflow.
double log_mixed(double share, double x) { return x > 600 ? std::log(share) + x : std::log1p(share * std::expm1(x)); }

// With every host as good as another, and with what the suspects are.
struct Weighed {
  double alike = 0, suspected = 0;
};

Weighed weigh(const std::vector<WeakHit>& hits, const std::vector<GenericRule>& rules, const GenericScope& scope,
              const Weights& w) {
  if (hits.empty()) return {};
  const auto days = static_cast<double>(std::max<std::int64_t>(scope.window.size(), 1));
  const auto history = static_cast<double>(std::max<std::int64_t>(scope.history, 0));
  const auto exposure = static_cast<double>(std::max<std::int64_t>(scope.host_days, 1));
  const double share = std::min(.5, 1 / static_cast<double>(std::max<std::int64_t>(scope.hosts, 1)));
  const double days_of_a_host = scope.logging > 0 ? exposure / static_cast<double>(scope.logging) : history + days;
  const Estate estate = gather(hits, scope.window, scope.history);
  const double quiet_exposure = exposure * history / (history + days);
  // A rate and how many bursts it is worth: what the pool says, as far as rates differ between estates, and what this
  // estate shows. What no pool has measured keeps the rate of a typical noisy rule until the estate's own quiet history
  // says otherwise; that it fires nowhere else in the window is no measurement.
  const auto rate = [&](const Pool::Rate& pool, double bursts) {
    const double worth = pool.measured ? 1 / (1 / pool.bursts + w.weak_phi) : 1;
    return (worth + bursts) / (worth / pool.rate + (pool.measured ? exposure : quiet_exposure));
  };
  // All that fires on a mean host in a day, of the rules whose rates were measured: of those that were looked for, and
  // of what else fired. Those that nobody measured say nothing about how noisy a host is: with a rate of caution for
  // each of them every host would be quieter than expected, and a noisy one would pass for an intruder's.
  double all_rates = 0, measured_rules = 0, attacks = 0;
  std::set<std::string_view> looked_for;
  std::vector<Pool::Rate> pool_of_rules;
  for (const GenericRule& rule : rules) {
    const Pool::Rate pool = w.pool.rate(rule.family, rule.level);
    pool_of_rules.push_back(pool);
    measured_rules += pool.measured ? 1 : 0;
    attacks += pool.attacks;
    const std::size_t at = estate.numbers.find(rule.family);
    if (pool.measured) all_rates += rate(pool, at == std::string::npos ? 0 : estate.families[at].everywhere);
    looked_for.insert(rule.family);
  }
  std::vector<Pool::Rate> pooled;  // of each family that fired
  for (const Family& family : estate.families) {
    pooled.push_back(w.pool.rate(family.name, family.level));
    if (pooled.back().measured && !looked_for.contains(family.name))
      all_rates += rate(pooled.back(), family.everywhere);
  }

  ByNoise noise{}, prior{};
  for (std::size_t k = 0; k < kNoise; ++k) {
    // Gamma whose scale is gamma distributed: mean 1, near 0 as noise^a0, far out as noise^-tail.
    noise[k] = kLeastNoise * std::pow(kNoiseStep, static_cast<double>(k));
    const double scaled = noise[k] * w.weak_a0 / (w.weak_tail - 1);
    prior[k] = w.weak_a0 * std::log(scaled) - (w.weak_a0 + w.weak_tail) * std::log1p(scaled) -
               all_rates * noise[k] * days_of_a_host;
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

  // The chance that an intruder on a host sets a rule off: samples of attacks say which of them are likelier, and a
  // rule that was in none of them keeps `unseen` of a sample.
  const double few = w.weak_expected / static_cast<double>(std::max<std::size_t>(rules.size(), 1));
  const double usual = (attacks + w.weak_unseen * measured_rules) / std::max(measured_rules, 1.0);
  const auto sensitivity = [&](const Pool::Rate& pool, double loudness) {
    const double likelier = pool.measured && usual > 0 ? (pool.attacks + w.weak_unseen) / usual : 1;
    return std::min(w.weak_sensitivity, few * likelier * loudness);
  };
  using ByLoudness = std::array<double, kLoudness.size()>;
  std::vector<ByLoudness> set_off_by(pooled.size());  // of each family that fired
  for (std::size_t f = 0; f < pooled.size(); ++f) {
    for (std::size_t l = 0; l < kLoudness.size(); ++l) set_off_by[f][l] = sensitivity(pooled[f], kLoudness[l]);
  }
  ByLoudness silent{};
  std::array<std::vector<double>, kLoudness.size()> by_host, suspected;
  struct Chance {
    double expected, habit;  // by chance in the window, on a host of mean noise
    const ByLoudness* set_off;
    double weight;
    std::int64_t second;
    std::size_t moment;  // rules of one moment have one number
  };
  std::vector<Chance> chances;  // of the rules that fired on one host
  std::vector<std::pair<std::int64_t, std::size_t>> in_time;
  std::vector<double> of_moment;  // what a further rule of that moment counts
  for (std::size_t l = 0; l < kLoudness.size(); ++l) {
    for (const Pool::Rate& pool : pool_of_rules) silent[l] += std::log1p(-sensitivity(pool, kLoudness[l]));
  }
  for (std::size_t from = 0, until = 0; from < estate.items.size(); from = until) {
    double bursts = 0;
    for (until = from; until < estate.items.size() && estate.items[until].host == estate.items[from].host; ++until)
      bursts += pooled[estate.items[until].family].measured ? estate.items[until].all() : 0;
    const ByNoise& posterior = posterior_of(bursts);
    // What one activity sets off comes together: the rarest counts whole, each further one less.
    chances.clear();
    in_time.clear();
    for (std::size_t i = from; i < until; ++i) {
      const Item& item = estate.items[i];
      if (item.within <= 0) continue;
      const double expected = rate(pooled[item.family], estate.families[item.family].everywhere - item.all()) * days;
      const double habit = history > 0 ? .5 * static_cast<double>(item.before) / history * days : 0;
      const ByLoudness& set_off = set_off_by[item.family];
      in_time.emplace_back(item.second, chances.size());
      chances.push_back({expected, habit, &set_off, set_off.back() / (expected + habit), item.second, 0});
    }
    std::sort(in_time.begin(), in_time.end());
    for (std::size_t i = 1; i < in_time.size(); ++i) {
      const auto [second, at] = in_time[i];
      const auto [earlier, before] = in_time[i - 1];
      const bool same = second != kNever && second - earlier <= kMomentSeconds;
      chances[at].moment = chances[before].moment + (same ? 0U : 1U);
    }
    of_moment.assign(chances.size(), 1);
    const std::size_t counted = std::min(chances.size(), kMostRules);
    std::partial_sort(chances.begin(), chances.begin() + static_cast<std::ptrdiff_t>(counted), chances.end(),
                      [](const Chance& a, const Chance& b) {
                        return a.weight != b.weight ? a.weight > b.weight : a.second < b.second;
                      });
    std::array<ByNoise, kLoudness.size()> logs{};
    double power = 1;
    for (std::size_t i = 0; i < counted; ++i) {
      const Chance& one = chances[i];
      const double most = w.weak_cap / one.set_off->back();
      const double counts = power * of_moment[one.moment];
      for (std::size_t k = 0; k < kNoise; ++k) {
        const double odds =
            std::min(most, 1 / std::expm1(one.expected * noise[k] + one.habit));  // that chance does not
        for (std::size_t l = 0; l < kLoudness.size(); ++l) logs[l][k] += counts * std::log1p((*one.set_off)[l] * odds);
      }
      power *= w.weak_item_decay;
      of_moment[one.moment] *= w.weak_moment_decay;
    }
    const bool suspect = scope.suspects.contains(estate.hosts[estate.items[from].host]);
    for (std::size_t l = 0; l < kLoudness.size(); ++l) {
      const double most = *std::max_element(logs[l].begin(), logs[l].end());
      double sum = 0;
      for (std::size_t k = 0; k < kNoise; ++k) sum += posterior[k] * std::exp(logs[l][k] - most);
      const double held = silent[l] + most + std::log(sum);
      by_host[l].push_back(log_mixed(share, held) - log_mixed(share, silent[l]));
      const double here = std::max(share, w.weak_suspect);
      suspected[l].push_back(suspect ? log_mixed(here, held) - log_mixed(here, silent[l]) : by_host[l].back());
    }
  }
  const auto together = [&](std::array<std::vector<double>, kLoudness.size()>& hosts) {
    ByLoudness sums{};
    for (std::size_t l = 0; l < kLoudness.size(); ++l) {
      std::sort(hosts[l].begin(), hosts[l].end(), std::greater<>());
      double factor = 1;
      for (const double value : hosts[l]) {
        sums[l] += value * factor;
        factor *= w.weak_host_decay;
      }
    }
    double most = 0, sum = 0;
    for (const double value : sums) most = std::max(most, value);
    for (const double value : sums) sum += std::exp(value - most);
    return std::max(0.0, most + std::log(sum / static_cast<double>(kLoudness.size())));
  };
  const double alike = together(by_host);
  return {alike, scope.suspects.empty() ? alike : together(suspected)};
}

}  // namespace

double weigh_generic(const std::vector<WeakHit>& hits, const std::vector<GenericRule>& rules, const GenericScope& scope,
                     const Weights& w) {
  return weigh(hits, rules, scope, w).suspected;
}

std::vector<Line> generic_lines(const CaseData& data, const std::vector<WeakHit>& hits, const Visibility& visibility,
                                const Suspects& suspects, std::vector<std::string> sightings, const Weights& w) {
  double silence = 1;
  std::string names;
  GenericScope scope{visibility.in_scope(), visibility.window(), 0, 0, 0, {}};
  bool own_logs = false;
  for (const auto& [name, source] : visibility.sources()) {
    if (!w.source(name).weak) continue;
    own_logs = own_logs || (w.source(name).reach == Reach::host && !source.hosts.empty());
    if (const double covered = visibility.of_class(name); covered > 0) {
      silence *= std::pow(1 - w.silence_weak * w.silence_trust * covered, w.silence_power);
      names += (names.empty() ? "" : ", ") + w.source(name).label;
    }
  }
  // Where such rules could fire: on the hosts that log themselves, by the source that most of them have. A sensor sees
  // every host but sets off few of the rules; it counts where no host's own log is there.
  for (const auto& [name, source] : visibility.sources()) {
    const bool own = w.source(name).reach == Reach::host;
    if (!w.source(name).weak || own != own_logs || source.days.empty()) continue;
    scope.history = std::max(scope.history, scope.window.first - *source.days.begin());
    std::int64_t host_days = 0;
    const auto until_end = [&](const std::set<std::int64_t>& days) {
      return std::distance(days.begin(), days.upper_bound(scope.window.last));
    };
    if (own) {
      for (const auto& [host, days] : source.hosts) host_days += until_end(days);
    } else {
      host_days = until_end(source.days) * visibility.examined();
    }
    if (host_days <= scope.host_days) continue;
    scope.host_days = host_days;
    scope.logging = own ? static_cast<std::int64_t>(source.hosts.size()) : visibility.examined();
  }
  silence = std::max(silence, w.silence_floor);
  double log_ratio = 0, more = 0;
  std::set<std::string_view> hosts;
  if (!hits.empty()) {
    std::vector<GenericRule> rules;
    for (const DetectorInfo& one : data.catalogue) {
      // Our own generic checks and analytics are looked for too, though no pool has measured them.
      if (one.meaning.klass == "generic" || (one.kind == DetectorKind::sigma && one.meaning.klass.empty()))
        rules.push_back({one.meaning.family.empty() ? one.id : one.meaning.family,
                         one.kind == DetectorKind::sigma ? std::string_view(one.level) : std::string_view()});
    }
    for (const WeakHit& hit : hits) hosts.insert(hit.host);
    std::set_intersection(hosts.begin(), hosts.end(), suspects.hosts.begin(), suspects.hosts.end(),
                          std::inserter(scope.suspects, scope.suspects.begin()));
    const Weighed weighed = weigh(hits, rules, scope, w);
    log_ratio = weighed.alike;
    more = weighed.suspected - weighed.alike;
  }
  std::vector<Line> out;
  const double ratio = std::exp(log_ratio) * silence;
  if (more > 0) {
    Line& line = out.emplace_back();
    line.cells.push_back({kA, kNoWay, std::exp(more)});
    line.id = "generic.suspects";
    line.reason = fmt::format("Generic rules on {} where the malware's own artefacts stand",
                              scope.suspects.size() == 1 ? "the host" : "hosts");
    line.sightings = suspects.sightings;
    line.rests_on = suspects.lines;
  }
  if (ratio == 1) return out;
  Line& line = out.emplace_back();
  line.cells.push_back({kA, kNoWay, ratio});
  if (ratio > 1) {
    line.id = "generic";
    line.reason = fmt::format("Generic rules on {} of {} hosts, weighed host by host", hosts.size(), scope.hosts);
    line.sightings = std::move(sightings);
    return out;
  }
  line.id = "silence";
  line.hit = false;
  line.reason = hits.empty()
                    ? "No generic sign of an intruder in " + names
                    : fmt::format("Generic rules on {} of {} hosts are no more than such hosts show anyway in {}",
                                  hosts.size(), scope.hosts, names);
  return out;
}

}  // namespace assay
