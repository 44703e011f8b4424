#include "assess/recommendations.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr double kGoodCoverage = 0.7;
constexpr std::size_t kEvidence = 5;

bool any_word(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return contains_icase(text, word); });
}

class Judge {
 public:
  Judge(const CaseData& data, const Uses& uses, const Visibility& visibility, const Assessment& so_far)
      : data_(data), uses_(uses), visibility_(visibility), so_far_(so_far) {}

  RecommendationResult judge(const Recommendation& recommendation) const {
    RecommendationResult out;
    out.id = recommendation.id;
    out.text = recommendation.text;
    out.state = "cannot_tell";
    // The narrower subjects first: a text about gateways' secrets also speaks of patches.
    const std::string& text = recommendation.text;
    if (any_word(text, {"ns.conf", "change every password", "replace what"})) {
      secrets(out);
    } else if (any_word(text, {"multi-factor", "multifactor", "two-factor", "second factor"}) ||
               (any_word(text, {"login", "remote access"}) && any_word(text, {"factor", "first, then"}))) {
      factors(out);
    } else if (any_word(text, {"lateral", "separate networks", "segment"})) {
      lateral(out);
    } else if (any_word(text, {"detection rules", "indicators", "yara"})) {
      hunting(out);
    } else if (any_word(text, {"logs", "monitoring"})) {
      monitoring(out);
    } else if (any_word(text, {"patch", "up to date", "supported versions"})) {
      patches(out);
    } else if (any_word(text, {"report"})) {
      out.why = "how soon people report stands in user reports with their times: have them exported as mail files";
    } else {
      out.why = "nothing that is logged shows it";
    }
    return out;
  }

 private:
  template <typename Test>
  std::vector<std::string> sightings_of(Test test) const {
    std::vector<std::string> out;
    for (const Used& used : uses_.all) {
      if (out.size() < kEvidence && used.use == Use::counted && test(used)) out.push_back(used.sighting->id);
    }
    return out;
  }

  void secrets(RecommendationResult& out) const {
    const bool taken = std::any_of(so_far_.credentials.begin(), so_far_.credentials.end(),
                                   [](const Credential& c) { return c.kind == "key"; });
    out.evidence = sightings_of([](const Used& used) { return is_exploitation(used.line); });
    out.why =
        taken ? "the gateway's configuration was served to the intruder; whether its secrets were replaced since is "
                "not logged: ask the directory and network teams"
        : out.evidence.empty()
            ? "no success against a gateway was seen; whether its secrets were replaced is not logged"
            : "a gateway was entered; whether its secrets were replaced since is not logged";
  }

  void factors(RecommendationResult& out) const {
    out.evidence = sightings_of([](const Used& used) {
      return used.group == "stolen-session" || used.group == "credential-used" || used.group == "password-spray";
    });
    if (!out.evidence.empty()) {
      out.state = "not_met";
      out.why = "a password alone opened a remote session, or the second factor was passed on";
      return;
    }
    const bool signins = visibility_.sources().contains("vpn") || visibility_.sources().contains("cloud_signin");
    out.why = signins ? "the sign-ins that were read do not say whether a second factor was asked for"
                      : "no log of remote or cloud sign-ins was read";
  }

  void lateral(RecommendationResult& out) const {
    out.evidence = sightings_of([](const Used& used) { return used.line == "lateral"; });
    if (!out.evidence.empty()) {
      out.state = "not_met";
      out.why = "somebody moved from host to host";
      return;
    }
    out.why = "whether networks are separate is not logged; traffic between servers was not looked at for its own sake";
  }

  void hunting(RecommendationResult& out) const {
    if (data_.rules_loaded == 0 && data_.indicators_loaded == 0 && data_.catalogue.empty()) {
      out.state = "not_met";
      out.why = "no rule and no indicator was used in this run";
      return;
    }
    out.state = "met";
    out.why = fmt::format("this run searched with {} rules and {} indicators; {} could not be used", data_.rules_loaded,
                          data_.indicators_loaded, data_.not_loaded.size() + data_.not_evaluable.size());
  }

  void monitoring(RecommendationResult& out) const {
    double seen = 0, all = 0;
    for (const ClaimResult& claim : so_far_.claims) {
      seen += claim.visible;
      all += 1;
    }
    if (all == 0) {
      out.why = "the advisory names no claims to measure by";
      return;
    }
    std::string silent;
    for (const ProfileHost& host : data_.profile.hosts) {
      if (host.kind != "gateway") continue;
      const bool no_log = (host.logging && !*host.logging) ||
                          std::find(so_far_.scope.not_examined.begin(), so_far_.scope.not_examined.end(), host.name) !=
                              so_far_.scope.not_examined.end();
      if (no_log) silent += (silent.empty() ? "" : ", ") + host.name;
    }
    const double mean = seen / all;
    out.state = mean >= kGoodCoverage && silent.empty() ? "met" : "not_met";
    out.why = fmt::format("{:.0f} % of what the advisory says would show is covered", mean * 100);
    if (!silent.empty()) out.why += fmt::format("; no logs of {}", silent);
    if (!so_far_.about_to_be_lost.empty())
      out.why += fmt::format("; {} source{} about to lose the oldest days", so_far_.about_to_be_lost.size(),
                             so_far_.about_to_be_lost.size() == 1 ? " is" : "s are");
  }

  void patches(RecommendationResult& out) const {
    std::string late, unknown;
    std::size_t gateways = 0;
    for (const ProfileHost& host : data_.profile.hosts) {
      if (host.kind != "gateway") continue;
      ++gateways;
      Time success;
      for (const Used& used : uses_.all) {
        if (used.use != Use::counted || !is_exploitation(used.line) || used.subject.str() != host.name) continue;
        if (used.sighting->time.known() && (!success.known() || used.sighting->time < success))
          success = used.sighting->time;
        if (out.evidence.size() < kEvidence) out.evidence.push_back(used.sighting->id);
      }
      if (!host.patched_on.known()) {
        unknown += (unknown.empty() ? "" : ", ") + host.name;
        if (success.known())
          late +=
              (late.empty() ? "" : "; ") + fmt::format("{} was entered on {}", host.name, format_day_month(success));
      } else if (success.known() && host.patched_on >= success) {
        late += (late.empty() ? "" : "; ") +
                fmt::format("{} was patched on {}, after the first success on {}: patching did not evict", host.name,
                            format_day_month(host.patched_on), format_day_month(success));
      }
    }
    if (!late.empty()) {
      out.state = "not_met";
      out.why = late;
    } else if (gateways == 0 || !unknown.empty()) {
      out.why = gateways == 0 ? "the profile names no gateway"
                              : "the profile does not say when these were patched: " + unknown;
    } else {
      out.state = "met";
      out.why = fmt::format(
          "the profile gives a date of patching for {} gateway{}, and no earlier success was seen; other "
          "devices are not known",
          gateways, gateways == 1 ? "" : "s");
    }
  }

  const CaseData& data_;
  const Uses& uses_;
  const Visibility& visibility_;
  const Assessment& so_far_;
};

}  // namespace

std::vector<RecommendationResult> judge_recommendations(const CaseData& data, const Uses& uses,
                                                        const Visibility& visibility, const Assessment& so_far) {
  std::vector<RecommendationResult> out;
  const Judge judge(data, uses, visibility, so_far);
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Recommendation& one : advisory.recommendations) out.push_back(judge.judge(one));
  }
  return out;
}

}  // namespace assay
