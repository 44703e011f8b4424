#include <algorithm>

#include "assess/actions.h"
#include "assess/assessment.h"
#include "assess/attribution.h"
#include "assess/exfiltration.h"
#include "assess/judge.h"
#include "assess/lines.h"
#include "assess/ongoing.h"
#include "assess/people.h"
#include "assess/recommendations.h"
#include "assess/retention.h"
#include "assess/scope.h"
#include "assess/texts.h"
#include "assess/use.h"
#include "assess/visibility.h"
#include "assess/weights.h"

namespace assay {
namespace {

std::vector<std::string> assumed(const CaseData& data, const Visibility& visibility) {
  std::vector<std::string> out;
  if (!data.profile.given) out.emplace_back("no profile: inside is taken to be the private address ranges");
  if (!visibility.scope_given()) {
    out.emplace_back(
        "no list or number of hosts: what is said holds for the hosts that appear in the evidence, with low "
        "confidence");
  }
  if (data.profile.given && data.profile.tests.empty())
    out.emplace_back("the profile names no scanner or tester of our own");
  if (!data.profile.given)
    out.emplace_back(
        "no own scanners, testers, analysts or declared transfers are known, so none is explained by them");
  if (data.profile.sector.empty() || data.profile.country.empty())
    out.emplace_back("sector or country not given: the prior takes us for anybody");
  return out;
}

}  // namespace

Assessment assess(const CaseData& data, Scale scale, const AssessOptions& options) {
  const Weights& weights = options.weights != nullptr ? *options.weights : Weights::shipped();
  Assessment out;
  const Visibility visibility(data, weights);
  const Uses uses = judge_uses(data, weights);
  out.exfiltration = bound_exfiltration(data, uses, visibility, weights);
  const Lines lines = build_lines(data, uses, visibility, out.exfiltration, weights);
  const JudgeInput input{&data, &weights, &visibility, &uses, &lines, &out.exfiltration, scale};
  Judged judged = judge(input);
  Question ongoing = judge_ongoing(input, judged);
  out.questions = std::move(judged.questions);
  out.questions.push_back(std::move(ongoing));
  out.claims = std::move(judged.claims);
  out.initial_access = std::move(judged.initial_access);
  out.actors = options.attack != nullptr ? rank_actors(data, uses, *options.attack, judged.actors, weights)
                                         : std::move(judged.actors);
  out.scope = find_scope(data, uses, out.exfiltration, visibility, weights);
  out.credentials = lost_credentials(data, uses, out.exfiltration);
  out.about_to_be_lost = about_to_be_lost(data, visibility, weights);
  out.coverage = coverage_lines(visibility, weights);
  out.retention = retention_lines(data, visibility, weights);
  out.explained = explain_away(data, uses);
  out.people = people_say(data);
  out.assumptions = assumed(data, visibility);
  out.not_seen = not_seen(data, visibility, weights);
  out.recommendations = judge_recommendations(data, uses, visibility, out);
  out.actions = plan_actions(data, uses, out);
  write_texts(out, data, visibility, weights, scale);
  return out;
}

}  // namespace assay
