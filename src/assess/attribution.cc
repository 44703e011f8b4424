#include "assess/attribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "assess/judge.h"
#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kShownGroups = 5;
constexpr std::size_t kShownShared = 4;
constexpr std::size_t kSoftwareNameBytes = 4;  // shorter names ("at", "Net") are words of any title

bool is_word(std::string_view text, std::size_t at, std::size_t length) {
  const auto part = [&](std::size_t i) { return i < text.size() && is_alnum(text[i]); };
  return (at == 0 || !part(at - 1)) && !part(at + length);
}

// A name as whole words in a title.
bool names(std::string_view title, std::string_view name) {
  for (std::size_t at = title.find(name); at != std::string_view::npos; at = title.find(name, at + 1)) {
    if (is_word(title, at, name.size())) return true;
  }
  return false;
}

std::vector<std::uint32_t> listed(const std::set<std::uint32_t>& items) { return {items.begin(), items.end()}; }

}  // namespace

bool ProfileRules::counts(const Attack& attack, const AttackUse& use) const {
  if (struck.empty() && !before.known()) return true;
  return std::any_of(use.references.begin(), use.references.end(), [&](std::uint32_t reference) {
    if (!struck.empty() && struck[reference]) return false;
    const Time published = attack.references[reference].published;
    return !before.known() || (published.known() && published < before);
  });
}

Attribution::Attribution(const Attack& attack, const ProfileRules& rules, const Weights& weights)
    : attack_(&attack),
      weights_(&weights),
      groups_(attack.groups.size()),
      users_(attack.techniques.size()),
      software_users_(attack.software.size()) {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Profile& profile = groups_[g];
    profile.techniques.resize(attack.techniques.size());
    profile.software.resize(attack.software.size());
    profile.by_software.resize(attack.techniques.size());
    for (const AttackUse& use : attack.groups[g].techniques) {
      if (!rules.counts(attack, use)) continue;
      profile.techniques[use.what] = true;
      profile.known += 1;
      ++users_[use.what];
    }
    for (const AttackUse& use : attack.groups[g].software) {
      if (!rules.counts(attack, use)) continue;
      profile.software[use.what] = true;
      profile.count_software += 1;
      ++software_users_[use.what];
    }
  }
  const Weights& w = *weights_;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    Profile& profile = groups_[g];
    std::set<std::uint32_t> through;
    for (std::size_t m = 0; m < attack.software.size(); ++m) {
      if (!profile.software[m]) continue;
      for (const AttackUse& use : attack.software[m].techniques) {
        if (!rules.counts(attack, use)) continue;
        profile.by_software[use.what] += 1 / std::sqrt(static_cast<double>(software_users_[m]));
        through.insert(use.what);
      }
    }
    for (double& each : profile.by_software) each = w.actor_software_share * std::min(1.0, each);
    profile.known += w.actor_software_share * std::min(60.0, static_cast<double>(through.size()));
  }
}

std::vector<GroupScore> Attribution::rank(const SeenArtefacts& seen, int without) const {
  const Weights& w = *weights_;
  const auto count = static_cast<double>(groups_.size());
  std::vector<GroupScore> out;
  out.reserve(groups_.size() + 1);
  double all = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (static_cast<int>(g) == without) continue;
    const Profile& profile = groups_[g];
    GroupScore score;
    score.group = static_cast<int>(g);
    const double rho = w.actor_rho * profile.known / (profile.known + w.actor_known_half);
    for (const std::uint32_t t : seen.techniques) {
      const double prevalence = (users_[t] + .5) / (count + 1);
      const double known = profile.techniques[t] ? 1 : profile.by_software[t];
      score.techniques += w.actor_technique_power * std::log(rho * known / prevalence + 1 - rho);
      if (profile.techniques[t]) score.shared_techniques.push_back(t);
    }
    const double r = w.actor_software_rho * profile.count_software / (profile.count_software + 1);
    for (const std::uint32_t s : seen.software) {
      const double prevalence = (software_users_[s] + .5) / (count + 1);
      score.software += std::log((profile.software[s] ? r / prevalence : 0) + 1 - r);
      if (profile.software[s]) score.shared_software.push_back(s);
    }
    const double bound_t = w.actor_technique_bound, bound_s = w.actor_software_bound;
    score.probability =
        std::exp(bound_t * std::tanh(score.techniques / bound_t) + bound_s * std::tanh(score.software / bound_s)) *
        (1 - w.actor_unknown) / count;
    all += score.probability;
    out.push_back(std::move(score));
  }
  GroupScore unknown;
  unknown.probability = w.actor_unknown;
  all += unknown.probability;
  out.push_back(unknown);
  for (GroupScore& score : out) score.probability /= all;
  std::sort(out.begin(), out.end(), [](const GroupScore& a, const GroupScore& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.group < b.group;
  });
  return out;
}

double actor_cap(std::size_t classes, const Weights& w) {
  return classes == 0 ? w.cap_techniques : classes == 1 ? w.cap_one_class : 1.0;
}

SeenArtefacts seen_artefacts(const CaseData& data, const Uses& uses, const Attack& attack) {
  std::set<std::string, std::less<>> controlled;
  for (const Used& used : uses.all) {
    if (controls_host(used)) controlled.insert(used.subject);
  }
  std::map<std::string, const Advisory*, std::less<>> advisories;
  for (const Advisory& advisory : data.knowledge.advisories) advisories.emplace(advisory.id, &advisory);

  std::set<const DetectorInfo*> detectors;
  SeenArtefacts out;
  for (const Used& used : uses.all) {
    const bool counted = used.use == Use::counted;
    const bool on_controlled = used.use == Use::weak && (controlled.empty() || controlled.contains(used.subject));
    if (!counted && !on_controlled) continue;
    detectors.insert(used.detector);
    out.infrastructure = out.infrastructure || (counted && used.artefact == "infrastructure");
  }
  std::set<std::uint32_t> techniques, software;
  const auto add_software = [&](const AttackSoftware* one) {
    if (one != nullptr) software.insert(static_cast<std::uint32_t>(one - attack.software.data()));
  };
  for (const DetectorInfo* detector : detectors) {
    for (const std::string& id : detector->techniques) {
      if (const AttackTechnique* one = attack.technique(id))
        techniques.insert(static_cast<std::uint32_t>(one - attack.techniques.data()));
    }
    for (const std::string& tag : detector->tags) {
      if (tag.size() > 8 && starts_with_icase(tag, "attack.s") && is_digit(tag[8]))
        add_software(attack.software_named(std::string_view(tag).substr(7)));
    }
    // The advisory's own malware where its detector's title or family names it.
    if (const auto advisory = advisories.find(detector->advisory); advisory != advisories.end()) {
      for (const auto* list : {&advisory->second->malware, &advisory->second->tools}) {
        for (const std::string& name : *list) {
          if (name.size() >= kSoftwareNameBytes &&
              (contains_icase(detector->title, name) || contains_icase(detector->meaning.family, name)))
            add_software(attack.software_named(name));
        }
      }
    } else {
      // Of other rules: malware by its name as written; a tool only where the title says that it is one.
      const bool tool_rule = detector->title.starts_with("HackTool - ");
      for (const AttackSoftware& one : attack.software) {
        if (one.name.size() >= kSoftwareNameBytes && (!one.tool || tool_rule) && names(detector->title, one.name))
          add_software(&one);
      }
    }
  }
  out.techniques = listed(techniques);
  out.software = listed(software);
  return out;
}

std::vector<ActorRank> rank_actors(const CaseData& data, const Uses& uses, const Attack& attack,
                                   const std::vector<ActorRank>& judged, const Weights& weights) {
  if (judged.empty()) return {};
  const SeenArtefacts seen = seen_artefacts(data, uses, attack);
  // The model's own line for the campaign stands; it is the one that is neither unknown nor "another known group".
  const ActorRank* campaign = nullptr;
  for (const ActorRank& one : judged) {
    if (one.name != "unknown" && one.name != "another known group") campaign = &one;
  }
  int named = -1;
  for (const Advisory& advisory : data.knowledge.advisories) {
    const AttackGroup* group = attack.group_named(advisory.actor);
    for (std::size_t i = 0; group == nullptr && i < advisory.actor_aliases.size(); ++i)
      group = attack.group_named(advisory.actor_aliases[i]);
    if (group != nullptr) named = static_cast<int>(group - attack.groups.data());
  }
  const std::vector<GroupScore> ranking = Attribution(attack, {}, weights).rank(seen, named);
  const double rest = 1 - (campaign != nullptr ? campaign->probability : 0);

  std::vector<ActorRank> out;
  if (campaign != nullptr) out.push_back(*campaign);
  ActorRank unknown{"unknown", 0, {"half of the weight before anything is compared, and it stays"}};
  ActorRank others{"other groups of ATT&CK", 0, {}};
  std::size_t shown = 0, further = 0;
  for (const GroupScore& score : ranking) {
    double share = rest * score.probability;
    if (score.group < 0) {
      unknown.probability += share;
      continue;
    }
    // What a cap takes from a group goes to unknown.
    const double cap = actor_cap(score.shared_software.empty() ? 0 : 1, weights);
    unknown.probability += std::max(0.0, share - cap);
    share = std::min(share, cap);
    if (shown == kShownGroups || (score.shared_techniques.empty() && score.shared_software.empty())) {
      others.probability += share;
      ++further;
      continue;
    }
    ++shown;
    const AttackGroup& group = attack.groups[static_cast<std::size_t>(score.group)];
    ActorRank one{group.name, rounded(share), {}};
    std::size_t said = 0;
    for (const std::uint32_t s : score.shared_software) {
      if (said++ < kShownShared) one.because.push_back("uses " + attack.software[s].name);
    }
    if (!score.shared_techniques.empty())
      one.because.push_back(
          fmt::format("{} of {} techniques seen", score.shared_techniques.size(), seen.techniques.size()));
    if (score.shared_software.empty()) one.because.emplace_back("techniques alone name nobody");
    out.push_back(std::move(one));
  }
  others.because.push_back(fmt::format("{} groups", further));
  unknown.probability = rounded(unknown.probability);
  others.probability = rounded(others.probability);
  out.push_back(std::move(unknown));
  if (further > 0) out.push_back(std::move(others));
  std::stable_sort(out.begin(), out.end(),
                   [](const ActorRank& a, const ActorRank& b) { return a.probability > b.probability; });
  return out;
}

}  // namespace assay
