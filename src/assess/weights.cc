#include "assess/weights.h"

#include <algorithm>
#include <array>
#include <utility>

#include "content/content.h"
#include "core/yaml.h"

namespace assay {
namespace {

using Field = std::pair<std::string_view, double Weights::*>;

constexpr std::array kFields = {
    Field{"priors.targeted", &Weights::targeted},
    Field{"priors.sector_odds", &Weights::sector_odds},
    Field{"priors.country_odds", &Weights::country_odds},
    Field{"priors.access_if_targeted", &Weights::access_if_targeted},
    Field{"priors.access_if_not", &Weights::access_if_not},
    Field{"priors.named_if_targeted", &Weights::named_if_targeted},
    Field{"priors.malware_if_named", &Weights::malware_if_named},
    Field{"priors.malware_if_other", &Weights::malware_if_other},
    Field{"priors.taken_if_named", &Weights::taken_if_named},
    Field{"priors.taken_if_other", &Weights::taken_if_other},
    Field{"priors.impact", &Weights::impact},
    Field{"priors.other_known", &Weights::other_known},
    Field{"ways.exploited_application", &Weights::way_exploited},
    Field{"ways.phishing_credentials", &Weights::way_phishing_credentials},
    Field{"ways.phishing_malware", &Weights::way_phishing_malware},
    Field{"ways.password_guessing", &Weights::way_guessing},
    Field{"ways.valid_account", &Weights::way_valid_account},
    Field{"ways.supplier", &Weights::way_supplier},
    Field{"ways.not_determined", &Weights::way_not_determined},
    Field{"ways.later_share", &Weights::way_later_share},
    Field{"ways.other_share", &Weights::way_other_share},
    Field{"floors.unique_alone", &Weights::floor_alone},
    Field{"floors.unique_with_second", &Weights::floor_with_second},
    Field{"floors.probability_low", &Weights::lowest},
    Field{"floors.probability_high", &Weights::highest},
    Field{"groups.discount", &Weights::group_discount},
    Field{"groups.dated_after_months", &Weights::dated_after_months},
    Field{"groups.half_life_days", &Weights::half_life_days},
    Field{"silence.trust", &Weights::silence_trust},
    Field{"silence.power", &Weights::silence_power},
    Field{"silence.weak_sensitivity", &Weights::silence_weak},
    Field{"silence.cannot_say_coverage", &Weights::cannot_say_coverage},
    Field{"silence.claim_coverage", &Weights::claim_coverage},
    Field{"silence.cannot_say_factor", &Weights::cannot_say_factor},
    Field{"silence.cannot_say_odds", &Weights::cannot_say_odds},
    Field{"silence.floor", &Weights::silence_floor},
    Field{"weak.a0", &Weights::weak_a0},
    Field{"weak.tail", &Weights::weak_tail},
    Field{"weak.phi", &Weights::weak_phi},
    Field{"weak.sensitivity", &Weights::weak_sensitivity},
    Field{"weak.expected", &Weights::weak_expected},
    Field{"weak.cap", &Weights::weak_cap},
    Field{"weak.item_decay", &Weights::weak_item_decay},
    Field{"weak.moment_decay", &Weights::weak_moment_decay},
    Field{"weak.suspect", &Weights::weak_suspect},
    Field{"weak.unseen", &Weights::weak_unseen},
    Field{"weak.host_decay", &Weights::weak_host_decay},
    Field{"actor.cap_techniques", &Weights::cap_techniques},
    Field{"actor.cap_one_class", &Weights::cap_one_class},
    Field{"actor.unknown", &Weights::actor_unknown},
    Field{"actor.technique_power", &Weights::actor_technique_power},
    Field{"actor.technique_bound", &Weights::actor_technique_bound},
    Field{"actor.software_bound", &Weights::actor_software_bound},
    Field{"actor.rho", &Weights::actor_rho},
    Field{"actor.known_half", &Weights::actor_known_half},
    Field{"actor.software_share", &Weights::actor_software_share},
    Field{"actor.software_rho", &Weights::actor_software_rho},
    Field{"ongoing.live", &Weights::live},
    Field{"ongoing.grace_hours", &Weights::grace_hours},
    Field{"ongoing.grace_beats", &Weights::grace_beats},
    Field{"ongoing.fade_days", &Weights::fade_days},
    Field{"ongoing.blind_days", &Weights::blind_days},
    Field{"exfiltration.some_bytes", &Weights::some_bytes},
    Field{"exfiltration.bulk_bytes", &Weights::bulk_bytes},
    Field{"exfiltration.session_bytes", &Weights::session_bytes},
};

constexpr std::array<std::string_view, 26> kLines = {
    "unique.malware",   "unique.c2",    "unique.outbound", "unique.lure",    "typical.malware", "typical.c2",
    "typical.outbound", "typical.lure", "exploit",         "follow_on",      "credential",      "lateral",
    "taken.small",      "taken.some",   "taken.bulk",      "taken.response", "collection",      "staging",
    "unexplained_bulk", "impact",       "impact.strong",   "contact",        "exploit.generic", "follow_on.generic",
    "confirmed",        "statement"};

constexpr std::array<std::pair<std::string_view, Reach>, 5> kReaches = {{{"host", Reach::host},
                                                                         {"sensor", Reach::sensor},
                                                                         {"site", Reach::site},
                                                                         {"snapshot", Reach::snapshot},
                                                                         {"sample", Reach::sample}}};

Error wrong(std::string what, const Yaml& at) {
  return {ErrorCode::bad_input, std::move(what), std::to_string(at.line) + ":" + std::to_string(at.column)};
}

}  // namespace

namespace {

Result<Pool> parse_pool(std::string_view yaml) {
  TRY(const std::vector<Yaml> documents, parse_yaml(yaml));
  if (documents.size() != 1)
    return Error{ErrorCode::bad_input, "one document is expected", "content/weights/pool.yaml"};
  const Yaml& root = documents.front();
  Pool out;
  out.host_days = root["host_days"].as_double(-1);
  out.shape = root["shape"].as_double(-1);
  out.unknown_rate = root["unknown_rate"].as_double(-1);
  if (!(out.host_days > 0 && out.shape > 0 && out.unknown_rate > 0))
    return Error{ErrorCode::bad_input, "host_days, shape and unknown_rate must be above 0",
                 "content/weights/pool.yaml"};
  for (const auto& [name, entry] : root["levels"].members) {
    const Pool::Level level{entry["rules"].as_double(-1), entry["bursts"].as_double(-1)};
    if (!(level.rules > 0 && level.bursts >= 0)) return wrong("level needs rules and bursts", name);
    out.levels[name.text == "none" ? "" : name.text] = level;
  }
  if (out.levels.empty()) return Error{ErrorCode::bad_input, "no levels", "content/weights/pool.yaml"};
  for (const auto& [name, entry] : root["families"].members) {
    const Pool::Family family{entry["bursts"].as_double(-1), entry["host_days"].as_double(out.host_days),
                              entry["level"].text == "none" ? "" : entry["level"].text, entry["attacks"].as_double(0)};
    if (!(family.bursts >= 0 && family.attacks >= 0 && family.host_days > 0) || !out.levels.contains(family.level))
      return wrong("family needs bursts, host-days and a level of the list", name);
    out.families[name.text] = family;
  }
  return out;
}

}  // namespace

Pool::Rate Pool::rate(std::string_view family, std::string_view level) const {
  const auto fired = families.find(family);
  const auto known = levels.find(fired == families.end() ? level : std::string_view(fired->second.level));
  if (known == levels.end()) return {unknown_rate, false, 0, 0};
  // A level that never fired at all: as if it had half a burst.
  const double mean =
      std::max(known->second.bursts, .5) / (std::max(known->second.rules, 1.0) * std::max(host_days, 1e-9));
  if (fired == families.end()) return {mean, true, shape, 0};
  const double bursts = fired->second.bursts + shape;
  return {bursts / (fired->second.host_days + shape / mean), true, bursts, fired->second.attacks};
}

Result<Weights> Weights::parse(std::string_view model_yaml, std::string_view sources_yaml, std::string_view pool_yaml) {
  TRY(const std::vector<Yaml> models, parse_yaml(model_yaml));
  TRY(const std::vector<Yaml> kinds, parse_yaml(sources_yaml));
  if (models.size() != 1 || kinds.size() != 1)
    return Error{ErrorCode::bad_input, "one document is expected", "content/weights"};
  Weights out;
  TRY(out.pool, parse_pool(pool_yaml));
  std::size_t values = 0;
  for (const auto& [section, entries] : models.front().members) {
    for (const auto& [name, entry] : entries.members) {
      const std::string key = section.text + "." + name.text;
      const std::string& reason = entry["reason"].text;
      if (reason.empty()) return wrong("no reason for " + key, name);
      if (section.text == "lines") {
        const Likelihood line{entry["s"].as_double(-1), entry["p0"].as_double(-1)};
        // Between them lies the whole use of a line: it must not be certain either way, and never speak against.
        if (!(line.s > 0 && line.s < 1 && line.p0 > 0 && line.p0 < 1))
          return wrong("s and p0 of " + key + " must lie between 0 and 1", name);
        out.lines[name.text] = line;
        out.reasons[key] = reason;
        continue;
      }
      bool known = false;
      for (const auto& [field, member] : kFields) {
        if (field != key) continue;
        if (out.reasons.contains(key)) return wrong(key + " stands twice", name);
        out.*member = entry["value"].as_double(-1);
        if (out.*member < 0) return wrong(key + " has no usable value", name);
        known = true;
        ++values;
      }
      if (!known) return wrong("nothing uses " + key, name);
      out.reasons[key] = reason;
    }
  }
  if (values != kFields.size()) {
    for (const auto& [field, member] : kFields) {
      if (!out.reasons.contains(field))
        return Error{ErrorCode::bad_input, std::string(field) + " is missing", "content/weights/model.yaml"};
    }
  }
  // Without this a sign of some intruder could lower the question whether the campaign acted (docs/assessment.md, "A
  // hit never lowers").
  if (out.access_if_targeted * (1 - out.named_if_targeted) * (1 - out.access_if_not) <
          (1 - out.access_if_targeted) * out.access_if_not ||
      out.malware_if_named < out.malware_if_other || out.taken_if_named < out.taken_if_other) {
    return Error{ErrorCode::bad_input, "the priors would let a hit lower a question", "content/weights/model.yaml"};
  }
  for (const std::string_view name : kLines) {
    if (!out.lines.contains(name))
      return Error{ErrorCode::bad_input, "line " + std::string(name) + " is missing", "content/weights/model.yaml"};
  }
  if (out.lines.size() != kLines.size())
    return Error{ErrorCode::bad_input, "a line that nothing uses", "content/weights/model.yaml"};
  for (const auto& [name, entry] : kinds.front().members) {
    SourceKind kind;
    kind.label = entry["label"].text;
    kind.weak = entry["weak"].as_bool();
    kind.bytes = entry["bytes"].as_bool();
    bool reach_known = false;
    for (const auto& [word, reach] : kReaches) {
      if (entry["reach"].text == word) {
        kind.reach = reach;
        reach_known = true;
      }
    }
    if (kind.label.empty() || !reach_known)
      return wrong("source kind " + name.text + " needs a label and a reach", name);
    out.sources[name.text] = kind;
  }
  return out;
}

const Likelihood& Weights::line(std::string_view kind) const {
  static const Likelihood kNothing{0.5, 0.5};
  const auto at = lines.find(kind);
  return at == lines.end() ? kNothing : at->second;
}

SourceKind Weights::source(std::string_view source_class) const {
  const auto at = sources.find(source_class);
  if (at != sources.end()) return at->second;
  return {std::string(source_class), Reach::host, false, false};
}

const Weights& Weights::shipped() {
  static const Weights kWeights = [] {
    auto parsed = parse(content::find("weights/model.yaml"), content::find("weights/sources.yaml"),
                        content::find("weights/pool.yaml"));
    return parsed.ok() ? std::move(parsed).value() : Weights{};
  }();
  return kWeights;
}

}  // namespace assay
