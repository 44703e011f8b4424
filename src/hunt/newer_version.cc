#include "hunt/newer_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "core/hash.h"
#include "rules/catalogue.h"
#include "rules/indicator/normalise.h"
#include "rules/loader.h"
#include "rules/yara/yara_rules.h"

namespace assay {
namespace {

constexpr std::size_t kNamed = 100;  // of what was not looked for

// What an advisory looks for. A key says what it is, whoever asks: a value of a kind, a pattern, a YARA text.
struct Sought {
  std::map<std::string, DetectorInfo> looks;  // by key
  struct Of {
    std::set<std::string> keys, detectors;  // detectors: the ids that sightings carry
  };
  std::map<std::string, Of> indicators;  // by id; without revoked ones
};

Sought sought_by(const Advisory& advisory, const Profile& profile) {
  Sought out;
  for (const AdvisoryIndicator& indicator : advisory.indicators) {
    if (indicator.revoked) continue;
    Advisory alone;
    alone.id = advisory.id;
    alone.origin = advisory.origin;
    alone.indicators.push_back(indicator);
    RuleSet rules;
    lower_advisory(alone, profile, rules);
    Sought::Of& of = out.indicators[indicator.id];
    const auto looks = [&](std::string key, DetectorInfo info) {
      of.keys.insert(key);
      if (!info.id.empty()) of.detectors.insert(info.id);
      out.looks.try_emplace(std::move(key), std::move(info));
    };
    for (std::size_t i = 0; i < rules.indicators.size(); ++i) {
      const Indicator one = rules.indicators[i];
      looks(fmt::format("{}\x1f{}", name_of(one.kind), one.value), info_of(one));
    }
    for (const ir::Detector& rule : rules.rules) {
      DetectorInfo info;
      info.id = rule.id;
      info.title = rule.title;
      info.description = rule.description;
      info.meaning = rule.meaning;
      looks("rule\x1f" + rule.hash, std::move(info));
    }
    if (rules.yara.empty()) continue;
    DetectorInfo info;
    info.title = indicator.name;
    info.meaning = rules.yara.front().meaning;
    looks("yara\x1f" + sha256_hex(rules.yara.front().text), std::move(info));
    std::vector<NotLoaded> refused;
    const std::unique_ptr<YaraRules> compiled = YaraRules::compile(rules.yara, refused);
    for (const YaraRuleInfo& rule : compiled->rules()) of.detectors.insert(rule.name);
  }
  return out;
}

std::string called(const Advisory& advisory) {
  if (!advisory.version.empty()) return advisory.version;
  return advisory.published.known() ? format_date(advisory.published) : "no version";
}

Advisory* earlier(CaseData& data, const Advisory& fresh) {
  auto& all = data.knowledge.advisories;
  for (Advisory& one : all) {
    if (one.id == fresh.id) return &one;
  }
  for (Advisory& one : all) {
    if (!one.name.empty() && one.name == fresh.name) return &one;
  }
  const auto same = [&](const Advisory& one) { return !one.publishers.empty() && one.publishers == fresh.publishers; };
  const auto first = std::find_if(all.begin(), all.end(), same);
  const bool only = first != all.end() && std::find_if(first + 1, all.end(), same) == all.end();
  return only ? &*first : nullptr;
}

}  // namespace

Result<NewerVersion> take_version(CaseData& data, Advisory fresh) {
  Advisory* const old = earlier(data, fresh);
  if (old == nullptr) {
    std::string names;
    for (const Advisory& one : data.knowledge.advisories) names += (names.empty() ? "" : ", ") + one.name;
    return Error{ErrorCode::bad_input, "the case did not ask this advisory", fresh.name,
                 names.empty() ? "hunt with it" : "it asked " + names + "; hunt with the new one"};
  }
  NewerVersion out{fresh.name, called(*old), called(fresh)};
  const Sought before = sought_by(*old, data.profile), after = sought_by(fresh, data.profile);

  std::set<std::string, std::less<>> unanswered;
  for (const auto& [key, info] : after.looks) {
    if (before.looks.contains(key)) continue;
    ++out.added;
    unanswered.insert(info.meaning.claims.begin(), info.meaning.claims.end());
    if (out.added <= kNamed)
      data.not_evaluable.push_back(
          {fresh.origin, info.id, fmt::format("added by version {}, which is later than the hunt", out.after)});
  }
  if (out.added > kNamed)
    data.not_evaluable.push_back({fresh.origin, "", fmt::format("and {} more of that version", out.added - kNamed)});

  // An indicator stays as long as anything stays that it looks for; the case knows it by its earlier id.
  std::map<std::string, const DetectorInfo*> stays;  // by earlier detector
  std::map<std::string, std::string> ids;            // later id -> earlier one
  std::set<std::string, std::less<>> gone, kept;
  for (const auto& [id, of] : before.indicators) {
    const DetectorInfo* now = nullptr;
    for (const std::string& key : of.keys) {
      const auto at = after.looks.find(key);
      if (at == after.looks.end()) continue;
      now = &at->second;
      ids.try_emplace(at->second.id, before.looks.at(key).id);
    }
    // What could not be looked for at all (a pattern that is not read) is nobody's loss.
    const bool counts = now != nullptr || !of.keys.empty();
    out.kept += now != nullptr ? 1 : 0;
    out.withdrawn += counts && now == nullptr ? 1 : 0;
    for (const std::string& detector : of.detectors) {
      if (now != nullptr) stays.try_emplace(detector, now);
      (now != nullptr ? kept : gone).insert(detector);
    }
  }
  for (const std::string& detector : kept) gone.erase(detector);
  for (AdvisoryIndicator& one : fresh.indicators) {
    if (const auto at = ids.find(one.id); at != ids.end() && !at->second.empty()) one.id = at->second;
  }
  for (DetectorInfo& detector : data.catalogue) {
    if (detector.advisory != old->id) continue;
    detector.advisory = fresh.id;
    const auto at = stays.find(detector.id);
    if (at == stays.end() || at->second->id.empty()) continue;
    detector.meaning = at->second->meaning;
    detector.weightless = at->second->weightless;
    detector.mark = at->second->mark;
    detector.title = at->second->title;
    detector.description = at->second->description;
  }
  std::erase_if(data.sightings, [&](const Sighting& sighting) {
    if (!gone.contains(sighting.detector_id)) return false;
    if (sighting.finding > 0) out.findings.push_back(sighting.finding);
    return true;
  });
  std::sort(out.findings.begin(), out.findings.end());
  for (Mention& mention : data.mentions) {
    if (mention.advisory == old->id) mention.advisory = fresh.id;
  }

  // A claim is answered by the hunt when everything was looked for that it rests on; the rules that come with an
  // advisory were.
  for (Claim& claim : fresh.claims) {
    const bool asked =
        std::any_of(old->claims.begin(), old->claims.end(), [&](const Claim& c) { return c.id == claim.id; });
    claim.looked_for = asked && !unanswered.contains(claim.id);
    out.unanswered_claims += claim.looked_for ? 0 : 1;
  }
  *old = std::move(fresh);
  auto& all = data.knowledge.advisories;
  std::sort(all.begin(), all.end(), [](const Advisory& a, const Advisory& b) { return a.id < b.id; });
  return out;
}

}  // namespace assay
