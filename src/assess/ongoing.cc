#include "assess/ongoing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace assay {
namespace {

struct Foothold {
  std::string host;
  Time first, last, end;  // end: where the sources that would show it stop
  std::uint64_t count = 0;
  std::vector<std::string> sightings;
  double live = 0;
  bool visible = false;
  std::string text;
};

double log_odds(double p) { return std::log(p / (1 - p)); }

std::string age_text(std::int64_t ns) {
  if (ns < 2 * kHour) return fmt::format("{} minutes", ns / kMinute);
  if (ns < 2 * kDay) return fmt::format("{} hours", ns / kHour);
  return fmt::format("{} days", ns / kDay);
}

}  // namespace

Question judge_ongoing(const JudgeInput& input, const Judged& judged) {
  const CaseData& data = *input.data;
  const Weights& w = *input.weights;
  Question out;
  out.id = "ongoing";
  const Question* access = nullptr;
  for (const Question& question : judged.questions) {
    if (question.id == "access") access = &question;
  }
  out.prior = rounded(access->prior * .5);
  out.probability = out.prior;
  out.confidence = "low";
  out.term = term_for(out.prior, input.scale);

  std::map<std::string, std::vector<std::string>, std::less<>> classes_of;  // claim -> source classes
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Claim& claim : advisory.claims) classes_of.try_emplace(claim.id, claim.source_classes);
  }
  Time last_record;
  for (const auto& [name, source] : input.visibility->sources()) {
    if (w.source(name).reach != Reach::snapshot) last_record = std::max(last_record, source.last);
  }

  std::map<std::string, Foothold> footholds;
  bool named = false;
  for (const Used& used : input.uses->all) {
    if (used.use != Use::counted || !(used.line.ends_with(".c2") || used.line.ends_with(".outbound"))) continue;
    if (!used.sighting->time.known() || used.subject.empty()) continue;
    named = named || !used.via_proxy;
    Foothold& foothold = footholds[used.subject.str()];
    foothold.host = used.subject.str();
    const Time until = used.sighting->until.known() ? used.sighting->until : used.sighting->time;
    if (!foothold.first.known() || used.sighting->time < foothold.first) foothold.first = used.sighting->time;
    foothold.last = std::max(foothold.last, until);
    foothold.count = std::max(foothold.count, used.sighting->count);
    foothold.sightings.push_back(used.sighting->id);
    for (const std::string& claim : used.detector->meaning.claims) {
      const auto at = classes_of.find(claim);
      if (at == classes_of.end()) continue;
      for (const std::string& name : at->second) {
        const auto source = input.visibility->sources().find(name);
        if (source != input.visibility->sources().end()) foothold.end = std::max(foothold.end, source->second.last);
      }
    }
  }
  Foothold* best = nullptr;
  for (auto& [host, foothold] : footholds) {
    // The proxy's own line stands for a host behind it; where that host is known, it is the same foothold.
    const ProfileHost* known = data.profile.find_host(host);
    if (named && known != nullptr && (known->kind == "proxy" || known->kind == "mail")) continue;
    if (!foothold.end.known()) foothold.end = last_record;
    foothold.end = std::max(foothold.end, foothold.last);
    const std::int64_t silent = foothold.end.ns - foothold.last.ns;
    const std::int64_t beat =
        foothold.count > 1 ? (foothold.last.ns - foothold.first.ns) / static_cast<std::int64_t>(foothold.count - 1) : 0;
    const auto grace = std::max(static_cast<double>(kHour) * w.grace_hours, static_cast<double>(beat) * w.grace_beats);
    const double over = std::max(0.0, static_cast<double>(silent) - grace);
    foothold.live = w.live * std::exp(-over / (static_cast<double>(kDay) * w.fade_days));
    foothold.visible = !last_record.known() || static_cast<double>(last_record.ns - foothold.end.ns) <=
                                                   static_cast<double>(kDay) * w.blind_days;
    foothold.text = fmt::format("{}: last sign {} {}, {} before its sources end", foothold.host,
                                format_day_month(foothold.last), format_clock(foothold.last), age_text(silent));
    if (!foothold.visible)
      foothold.text += fmt::format(" on {}, earlier than the rest of the evidence", format_day_month(foothold.end));
    if (best == nullptr || foothold.live > best->live) best = &foothold;
  }

  if (!access->judged) {
    out.why = access->why;
    return out;
  }
  if (best == nullptr) {
    out.why = access->probability >= .55
                  ? "nothing that was seen keeps a connection, so whether a foothold remains cannot be seen"
                  : "there is no foothold to watch";
    return out;
  }
  const double probability = judged.access * best->live;
  out.probability = rounded(clipped(probability, w));
  out.term = term_for(clipped(probability, w), input.scale);
  out.judged = best->visible;
  out.would_have_seen = rounded(w.live);
  out.confidence = best->visible ? access->confidence : "low";
  std::sort(best->sightings.begin(), best->sightings.end());
  std::vector<std::string> sightings(
      best->sightings.begin(),
      best->sightings.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(best->sightings.size(), 20)));
  const double moved = (log_odds(probability) - log_odds(access->prior * .5)) / std::log(10.0);
  (moved > 0 ? out.because : out.against).push_back({std::move(sightings), rounded(moved), best->text});
  out.why = best->visible ? best->text : "the source that showed it ends too early: " + best->text;
  return out;
}

}  // namespace assay
