// The JSON answer (docs/answer.schema.json) and one line a sighting. Field names and their order are the contract; a
// part that was not built is absent. Account names are masked unless --names; values are what the evidence holds, JSON
// escaped.

#include <cmath>

#include "report/escape.h"
#include "report/view.h"

namespace assay {
namespace {

using namespace report;

constexpr std::size_t kMostSightings = 10'000;

// Six decimals: enough for every reader, and the last bits of a float do not reach the answer.
Json number(double value) {
  if (!std::isfinite(value)) return Json(nullptr);
  const double rounded = std::round(value * 1e6) / 1e6;
  return Json(rounded == 0 ? 0.0 : rounded);
}

Json time(Time t) { return t.known() ? Json(format_utc(t)) : Json(nullptr); }

class Answer {
 public:
  explicit Answer(const View& view) : v_(view) {}

  Json text(std::string_view value) const { return Json(v_.machine(value)); }
  Json optional_text(std::string_view value) const { return value.empty() ? Json(nullptr) : text(value); }
  Json list(const std::vector<std::string>& values) const {
    Json out = Json::array();
    for (const std::string& value : values) out.push(text(value));
    return out;
  }
  Json account(std::string_view name) const { return name.empty() ? Json(nullptr) : Json(v_.account(name)); }

  Json advisories() const {
    Json out = Json::array();
    for (const Advisory& a : v_.data.knowledge.advisories) {
      std::string publishers;
      for (const std::string& p : a.publishers) publishers += (publishers.empty() ? "" : ", ") + p;
      out.push(Json::object({{"id", text(a.id)},
                             {"name", text(a.name)},
                             {"publisher", text(publishers)},
                             {"published", time(a.published)},
                             {"tlp", a.tlp == Tlp::unmarked ? Json(nullptr) : Json(name_of(a.tlp))},
                             {"hash", text(a.hash)}}));
    }
    return out;
  }

  // As text, for there may be a hundred thousand items: as values they took 220 MB.
  std::string evidence() const {
    std::string out;
    for (const EvidenceItem& e : v_.data.evidence) {
      Json routes = Json::object();
      for (const auto& [route, records] : e.routes) routes.add(route, Json(records));
      const Json item =
          Json::object({{"id", text(e.id)},
                        {"path", text(e.path)},
                        {"parent", optional_text(e.parent)},
                        {"member", optional_text(e.member)},
                        {"copies", list(e.copies)},
                        {"shape", optional_text(e.shape)},
                        {"bytes", Json(e.bytes)},
                        {"records", Json(e.records)},
                        {"first", time(e.first)},
                        {"last", time(e.last)},
                        {"hosts", list(e.hosts)},
                        {"sha256", optional_text(e.sha256)},
                        {"kind", text(e.kind)},
                        {"routes", std::move(routes)},
                        {"read", Json::object({{"record_bytes", Json(e.record_bytes)},
                                               {"between_bytes", Json(e.between_bytes)},
                                               {"damaged_bytes", Json(e.damaged_bytes)},
                                               {"skipped_bytes", Json(e.skipped_bytes)}})},
                        {"dropped", Json::object({{"outside", Json(e.outside)}, {"copies", Json(e.copied)}})}});
      out += out.empty() ? "[\n  " : ",\n  ";
      for (const char c : dump_json(item, 1)) {
        out += c;
        if (c == '\n') out += "  ";
      }
    }
    return out.empty() ? "[]" : out + "\n ]";
  }

  Json rules() const {
    Json not_loaded = Json::array(), not_evaluable = Json::array(), blind = Json::array();
    for (const NotLoaded& n : v_.data.not_loaded) {
      not_loaded.push(Json::object({{"path", text(n.path)}, {"id", text(n.id)}, {"reason", text(n.reason)}}));
    }
    for (const NotLoaded& n : v_.data.not_evaluable) {
      not_evaluable.push(Json::object({{"id", text(n.id)}, {"reason", text(n.reason)}}));
    }
    for (const NotLoaded& n : v_.data.blind) blind.push(Json::object({{"id", text(n.id)}, {"field", text(n.reason)}}));
    return Json::object({{"loaded", Json(v_.data.rules_loaded)},
                         {"not_loaded", std::move(not_loaded)},
                         {"not_evaluable", std::move(not_evaluable)},
                         {"blind", std::move(blind)}});
  }

  Json sighting(const Sighting& s) const {
    const DetectorInfo* d = v_.detector(s.detector_id);
    Json detector = Json::object({{"kind", d != nullptr ? Json(name_of(d->kind)) : Json(nullptr)},
                                  {"id", text(s.detector_id)},
                                  {"title", d != nullptr ? text(d->title) : Json(nullptr)},
                                  {"level", d != nullptr ? optional_text(d->level) : Json(nullptr)},
                                  {"author", d != nullptr ? optional_text(d->author) : Json(nullptr)},
                                  {"hash", d != nullptr ? optional_text(d->hash) : Json(nullptr)}});
    // A rule's author says what else it may be; both are there only when they were written.
    if (d != nullptr && !d->tags.empty()) detector.set("tags", list(d->tags));
    if (d != nullptr && !d->false_positives.empty()) detector.set("falsepositives", list(d->false_positives));
    Json records = Json::array();
    for (const Sighting::Reference& r : s.records) {
      records.push(
          Json::object({{"evidence", text(r.evidence)}, {"offset", Json(r.offset)}, {"length", Json(r.length)}}));
    }
    Json fields = Json::object();
    for (const auto& [name, value] : s.fields) {
      // A detector's own field names are ours, but a keyword match names the field of the record.
      fields.set(v_.machine(name), is_body_field(name) ? Json("[body not shown]") : text(value));
    }
    const std::string label = v_.label(s);
    return Json::object({{"id", text(s.id)},
                         {"finding", label.empty() ? Json(nullptr) : Json(label)},
                         {"detector", std::move(detector)},
                         {"time", time(s.time)},
                         {"until", time(s.until)},
                         {"count", Json(s.count)},
                         {"records", std::move(records)},
                         {"host", optional_text(s.host)},
                         {"account", account(s.account)},
                         {"role", Json(name_of(s.role))},
                         {"outcome", Json(name_of(s.outcome))},
                         {"techniques", d != nullptr ? list(d->techniques) : Json::array()},
                         {"fields", std::move(fields)},
                         {"why", text(s.why)}});
  }

  Json sightings() const {
    Json out = Json::array();
    std::size_t n = 0;
    for (const Sighting* s : v_.sightings()) {
      if (n++ == kMostSightings) break;
      out.push(sighting(*s));
    }
    return out;
  }

  Json mentions() const {
    Json out = Json::array();
    for (const Mention& m : v_.data.mentions) {
      out.push(Json::object(
          {{"evidence", text(m.evidence)}, {"advisory", optional_text(m.advisory)}, {"count", Json(m.count)}}));
    }
    return out;
  }

  Json because(const std::vector<Because>& lines) const {
    Json out = Json::array();
    for (const Because& b : lines) {
      out.push(Json::object(
          {{"sightings", list(b.sightings)}, {"log10_lr", number(b.log10_lr)}, {"reason", text(b.reason)}}));
    }
    return out;
  }

  Json questions() const {
    Json out = Json::array();
    for (const Question& q : v_.assessment.questions) {
      Json range = Json::array();
      range.push(Json(q.term.low));
      range.push(Json(q.term.high));
      Json change = Json::array();
      for (const WouldChange& w : q.would_change) {
        change.push(Json::object({{"evidence", text(w.evidence)}, {"expected_shift", number(w.expected_shift)}}));
      }
      Json question =
          Json::object({{"id", text(q.id)},
                        {"state", Json(q.judged ? "judged" : "cannot_say")},
                        {"model_probability", number(q.probability)},
                        {"prior", number(q.prior)},
                        {"term", q.judged ? Json(q.term.words) : Json(nullptr)},
                        {"range", q.judged ? std::move(range) : Json(nullptr)},
                        {"scale", Json(v_.options.scale == Scale::phia ? "phia" : "icd203")},
                        {"confidence", q.judged && !q.confidence.empty() ? Json(q.confidence) : Json(nullptr)},
                        {"would_have_seen", number(q.would_have_seen)},
                        {"because", because(q.because)},
                        {"against", because(q.against)},
                        {"would_change", std::move(change)},
                        {"why", text(q.why)}});
      if (!q.director.empty()) {
        question.add("gaps", list(q.gaps));
        question.add("director", text(q.director));
        question.add("analyst", text(q.analyst));
      }
      out.push(std::move(question));
    }
    return out;
  }

  Json claims() const {
    Json out = Json::array();
    for (const ClaimResult& c : v_.assessment.claims) {
      out.push(Json::object({{"id", text(c.id)},
                             {"text", text(c.text)},
                             {"seen", Json(c.seen)},
                             {"visible", number(c.visible)},
                             {"state", Json(c.state)}}));
    }
    return out;
  }

  Json actors() const {
    Json out = Json::array();
    for (const ActorRank& a : v_.assessment.actors) {
      out.push(
          Json::object({{"name", text(a.name)}, {"probability", number(a.probability)}, {"because", list(a.because)}}));
    }
    return out;
  }

  Json exfiltration() const {
    const Exfiltration& e = v_.assessment.exfiltration;
    return Json::object({{"reached", Json::object({{"reads", Json(e.reached_reads)},
                                                   {"where", list(e.reached_where)},
                                                   {"sightings", list(e.reached_sightings)}})},
                         {"staged", Json::object({{"bytes", e.staged_bytes ? Json(*e.staged_bytes) : Json(nullptr)},
                                                  {"sightings", list(e.staged_sightings)}})},
                         {"left", Json::object({{"low", e.bounded ? Json(e.left_low) : Json(nullptr)},
                                                {"high", e.bounded ? Json(e.left_high) : Json(nullptr)}})},
                         {"destinations", list(e.destinations)},
                         {"hosts", list(e.hosts)}});
  }

  Json scope() const {
    const Scope& s = v_.assessment.scope;
    Json accounts = Json::array();
    for (const std::string& name : s.accounts) accounts.push(account(name));
    return Json::object(
        {{"hosts", Json::object({{"confirmed", list(s.confirmed)},
                                 {"suspected", list(s.suspected)},
                                 {"touched", list(s.touched)},
                                 {"examined", Json(s.examined)},
                                 {"not_examined", list(s.not_examined)}})},
         {"accounts", std::move(accounts)},
         {"earliest", Json::object({{"seen", time(s.earliest)}, {"not_before", time(s.earliest_not_before)}})},
         {"latest", Json::object({{"seen", time(s.latest)}, {"not_after", time(s.latest_not_after)}})}});
  }

  Json credentials() const {
    Json out = Json::array();
    for (const Credential& c : v_.assessment.credentials) {
      out.push(Json::object({{"account", c.kind == "key" ? text(c.account) : account(c.account)},
                             {"kind", Json(c.kind)},
                             {"how", text(c.how)},
                             {"exposed_at", time(c.exposed_at)},
                             {"used", Json(c.used)}}));
    }
    return out;
  }

  Json actions() const {
    Json out = Json::array();
    for (const Action& a : v_.assessment.actions) {
      out.push(Json::object({{"phase", Json(a.phase)},
                             {"what", text(a.what)},
                             {"on", text(a.on)},
                             {"because", text(a.because)},
                             {"destroys", list(a.destroys)},
                             {"after", list(a.after)},
                             {"owner_role", text(a.owner_role)},
                             {"reversible", Json(a.reversible)},
                             {"pap", optional_text(a.pap)},
                             {"evidence", list(a.evidence)},
                             {"source", optional_text(a.source)}}));
    }
    return out;
  }

  Json about_to_be_lost() const {
    Json out = Json::array();
    for (const AboutToBeLost& a : v_.assessment.about_to_be_lost) {
      out.push(Json::object({{"source", text(a.source)}, {"on", time(a.on)}, {"oldest", time(a.oldest)}}));
    }
    return out;
  }

  Json retention() const {
    Json out = Json::array();
    for (const RetentionLine& r : v_.assessment.retention) {
      out.push(Json::object({{"claim", text(r.claim)},
                             {"source", text(r.source)},
                             {"from", time(r.from)},
                             {"until", time(r.until)},
                             {"days", Json(r.days)},
                             {"covered", Json(r.covered)},
                             {"first", time(r.first)},
                             {"last", time(r.last)},
                             {"words", text(r.words)}}));
    }
    return out;
  }

  Json coverage() const {
    Json out = Json::array();
    for (const CoverageLine& c : v_.assessment.coverage) {
      Json gaps = Json::array();
      for (const auto& [from, to] : c.gaps) gaps.push(Json::object({{"from", time(from)}, {"to", time(to)}}));
      out.push(Json::object({{"source", text(c.source)},
                             {"hosts", Json(c.hosts)},
                             {"first", time(c.first)},
                             {"last", time(c.last)},
                             {"gaps", std::move(gaps)}}));
    }
    return out;
  }

  Json recommendations() const {
    Json out = Json::array();
    for (const RecommendationResult& r : v_.assessment.recommendations) {
      out.push(Json::object({{"id", text(r.id)},
                             {"text", text(r.text)},
                             {"state", Json(r.state)},
                             {"why", text(r.why)},
                             {"evidence", list(r.evidence)}}));
    }
    return out;
  }

  // What people said: judgements of findings and statements, in the order they were made.
  Json dispositions() const {
    Json out = Json::array();
    for (const Disposition& d : v_.data.dispositions) {
      const Sighting* s = v_.sighting(d.sighting);
      const std::string label = s != nullptr ? v_.label(*s) : "";
      out.push(Json::object({{"sighting", text(d.sighting)},
                             {"finding", label.empty() ? Json(nullptr) : Json(label)},
                             {"as", Json(name_of(d.verdict))},
                             {"reason", text(d.reason)},
                             {"by", text(d.by)},
                             {"at", time(d.at)},
                             {"expires", time(d.expires)},
                             {"after_answer", Json(d.after_answer)}}));
    }
    return out;
  }
  Json statements() const {
    Json out = Json::array();
    for (const Statement& s : v_.data.statements) {
      out.push(Json::object({{"id", text(s.id)},
                             {"who", text(s.who)},
                             {"about", text(s.about)},
                             {"account", account(s.account)},
                             {"time", time(s.time)},
                             {"reliability", Json(s.reliability)},
                             {"text", text(s.text)},
                             {"by", text(s.by)},
                             {"at", time(s.at)},
                             {"after_answer", Json(s.after_answer)}}));
    }
    return out;
  }

  Json notices() const {
    Json out = Json::array();
    for (const Notice& n : v_.data.notices) {
      std::string where = n.item;
      if (n.offset > 0) where += " at byte " + std::to_string(n.offset);
      if (!n.detail.empty()) where += where.empty() ? n.detail : ": " + n.detail;
      out.push(Json::object({{"kind", Json(name_of(n.kind))}, {"count", Json(n.count)}, {"where", text(where)}}));
    }
    for (const std::string& assumed : v_.assessment.assumptions) {
      out.push(Json::object(
          {{"kind", Json(name_of(NoticeKind::assumption))}, {"count", Json(1)}, {"where", text(assumed)}}));
    }
    return out;
  }

 private:
  const View& v_;
};

}  // namespace

std::string json_answer(const CaseData& data, const Assessment& assessment, const ReportOptions& options) {
  const View view(data, &assessment, options);
  const Answer w(view);
  Json out = Json::object(
      {{"assay", Json("1")}, {"complete", Json(data.complete)}, {"reproducible", Json(data.reproducible)}});
  if (!data.reproducible) out.add("not_reproducible_because", w.text(data.not_reproducible_because));
  out.add("as_of", time(data.as_of));
  out.add("advisories", w.advisories());
  out.add("evidence", Json(""));  // put in below
  out.add("rules", w.rules());
  out.add("sightings_total", Json(std::uint64_t{view.sightings().size()}));
  out.add("sightings", w.sightings());
  out.add("mentions", w.mentions());
  out.add("questions", w.questions());
  out.add("claims", w.claims());
  if (!assessment.initial_access.empty()) {
    Json ways = Json::object();
    for (const auto& [way, probability] : assessment.initial_access) ways.add(way, number(probability));
    out.add("initial_access", std::move(ways));
  }
  if (!assessment.actors.empty()) out.add("actors", w.actors());
  out.add("exfiltration", w.exfiltration());
  out.add("scope", w.scope());
  out.add("credentials", w.credentials());
  out.add("actions", w.actions());
  if (!assessment.recommendations.empty()) out.add("recommendations", w.recommendations());
  if (!data.dispositions.empty()) out.add("dispositions", w.dispositions());
  if (!data.statements.empty()) out.add("statements", w.statements());
  out.add("about_to_be_lost", w.about_to_be_lost());
  out.add("coverage", w.coverage());
  out.add("retention", w.retention());
  out.add("notices", w.notices());
  std::string whole = dump_json(out, 1);
  constexpr std::string_view kPlace = "\n \"evidence\": ";  // no text before it can hold a line end or a bare quote
  whole.replace(whole.find(kPlace) + kPlace.size(), 2, w.evidence());
  return harden_json(whole) + "\n";
}

std::string jsonl_sightings(const CaseData& data, const ReportOptions& options) {
  const View view(data, nullptr, options);
  const Answer w(view);
  std::string out;
  for (const Sighting* s : view.sightings()) out += harden_json(dump_json(w.sighting(*s))) + "\n";
  return out;
}

}  // namespace assay
