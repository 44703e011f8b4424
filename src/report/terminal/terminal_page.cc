// The answer page on a terminal. The first twelve lines answer five questions on their own: is it bad, is it still going on, did
// anything leave, what to do in the next hour, what could not be seen. Needs no colour; every line fits the width.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "report/escape.h"
#include "report/view.h"
#include "report/words.h"

namespace assay {
namespace {

using namespace report;

constexpr std::size_t kHeadLines = 12;
constexpr std::size_t kLeastWidth = 60, kMostWidth = 200;

class Page {
 public:
  Page(const View& view) : v_(view), width_(std::clamp(view.options.width, kLeastWidth, kMostWidth)) {}

  std::string make() {
    head();
    questions();
    if (v_.state() == State::compromised) ways_and_reach();
    publisher();
    not_visible();
    alarming();
    if (v_.state() == State::compromised) lost();
    would_change();
    about_to_be_lost();
    not_counted();
    evidence_problems();
    foot();
    std::string out;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      std::string_view text = lines_[i].text();
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      const bool bold = v_.options.color && i == headline_;
      if (bold) out += "\x1b[1m";
      out += text;
      if (bold) out += "\x1b[0m";
      out += '\n';
    }
    return out;
  }

 private:
  // --- building blocks ------------------------------------------------------------------------------------------------
  Plain human(std::string_view text, std::size_t cap = kReasonBytes) const { return show(v_.human(text), cap); }
  void line(Plain text) { lines_.push_back(text.columns() > width_ ? text.cut(width_) : std::move(text)); }
  void blank() {
    if (!lines_.empty() && !lines_.back().empty()) lines_.emplace_back();
  }
  static Plain pad(const Plain& text, std::size_t columns) {
    const std::size_t used = text.columns();
    return used >= columns ? text : text + Plain::spaces(columns - used);
  }
  // A label and text that wraps in its own column; at most `most` lines, the last one cut.
  void labelled(const Plain& label, const Plain& text, std::size_t column, std::size_t most = 4) {
    std::vector<Plain> parts = text.wrap(width_ - column);
    const bool too_long = parts.size() > most;
    if (too_long) parts.resize(most);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Plain part = std::move(parts[i]);
      if (too_long && i + 1 == most) part = (part + " ....").cut(width_ - column);
      line((i == 0 ? pad(label, column) : Plain::spaces(column)) + part);
    }
  }
  void heading(const Plain& text) {
    blank();
    line(" " + text);
  }
  const Question* q(std::string_view id) const { return v_.assessment.find(id); }
  // With a capital and a full stop.
  static Plain sentence(const Plain& text) {
    const std::string& t = text.text();
    if (t.empty()) return text;
    Plain out = show(t.substr(0, 1)).upper() + show(t.substr(1), t.size());
    return t.back() == '.' ? out : out + ".";
  }
  static Plain term(const Question& question) { return show(question.term.words); }

  // --- the first twelve lines -----------------------------------------------------------------------------------------
  void head() {
    const Plain who = v_.data.profile.organisation.empty() ? Plain("(organisation not named: no profile)") : human(v_.data.profile.organisation);
    const Plain marking = show(v_.marking());
    const Plain left = ("ASSAY  " + who).cut(width_ - marking.columns() - 2);
    line(pad(left, width_ - marking.columns()) + marking);
    // Two lines: what was looked at stays whole, the advisory's name gives way.
    const auto header = [&](bool with_year, std::size_t columns) { return asked().cut(columns) + ".  " + looked_at(with_year) + "."; };
    const auto fits = [&](const Plain& text) { return text.wrap(width_ - 7).size() <= 2; };
    std::size_t columns = asked().columns();
    const bool with_year = fits(header(true, columns));
    while (columns > 20 && !fits(header(with_year, columns))) --columns;
    labelled(Plain("Asked"), header(with_year, columns), 7, 2);
    if (!v_.data.complete) {
      line(Plain("  INCOMPLETE: the run was stopped or lost a part; not everything was looked at."));
    } else {
      line({});
    }
    switch (v_.state()) {
      case State::compromised: compromised(); break;
      case State::no_sign: no_sign(); break;
      case State::cannot_say: cannot_say(); break;
    }
    next_hour();
    not_seen();
    if (lines_.size() > kHeadLines) lines_.resize(kHeadLines);
    blank();
  }

  Plain asked() const {
    const auto& advisories = v_.data.knowledge.advisories;
    if (advisories.empty()) return Plain("no advisory in force");
    if (advisories.size() > 1) {
      Plain out = show(grouped(advisories.size())) + " advisories: ";
      for (std::size_t i = 0; i < advisories.size(); ++i) {
        out = out + (i > 0 ? Plain("; ") : Plain()) + human(advisories[i].name, 60);
        if (advisories[i].published.known()) out = out + ", " + show(format_day_month_year(advisories[i].published));
      }
      return out;
    }
    const Advisory& a = advisories.front();
    Plain out = human(a.name, 120);
    if (!a.version.empty() && a.name.find(a.version) == std::string::npos) out = out + " " + human(a.version, 16);
    if (!a.publishers.empty()) {
      Plain by;
      for (std::size_t i = 0; i < a.publishers.size() && i < 5; ++i) by = by + (i > 0 ? Plain("/") : Plain()) + human(a.publishers[i], 40);
      out = out + ", " + by;
    }
    if (a.published.known()) out = out + ", " + show(format_day_month_year(a.published));
    return out;
  }

  Plain looked_at(bool with_year) const {
    if (v_.data.records_total == 0) return Plain("Looked at no record");
    Plain out = "Looked at " + show(count_of(v_.data.records_total, "record", "records"));
    const Scope& scope = v_.assessment.scope;
    if (scope.in_scope > 0) {
      out = out + " of " + show(grouped(scope.examined)) + " of " + show(count_of(scope.in_scope, "host", "hosts"));
    } else if (scope.examined > 0) {
      out = out + " of " + show(count_of(scope.examined, "host", "hosts")) + " (no scope given)";
    }
    std::string span = date_span(v_.first(), v_.last());
    if (!with_year && v_.first().known() && to_civil(v_.first()).year == to_civil(v_.last()).year) {
      span = format_day_month(v_.first()) + "-" + format_day_month(v_.last());
    }
    if (!span.empty()) out = out + ", " + show(span);
    return out;
  }

  void headline(Plain text) {
    headline_ = lines_.size();
    line("  " + text);
  }

  Plain ongoing_words() const {
    const Question* ongoing = q("ongoing");
    const Plain at = show(moment(v_.assessment.scope.latest));
    if (ongoing == nullptr) return {};
    if (!ongoing->judged) return Plain("STILL ACTIVE? CANNOT SAY") + (at.empty() ? Plain() : ", last seen " + at);
    if (at_least_likely(ongoing)) return Plain("STILL ACTIVE at the last record") + (at.empty() ? Plain() : ", " + at);
    if (at_most_unlikely(ongoing)) return Plain("QUIET since ") + (at.empty() ? Plain("the last finding") : at) + ", and we could see";
    return "STILL ACTIVE: " + term(*ongoing).upper() + (at.empty() ? Plain() : ", last seen " + at);
  }

  void compromised() {
    const Question* access = q("access");
    const Question* strongest_sign = at_least_likely(access) ? access : at_least_likely(q("malware")) ? q("malware") : q("exfiltration");
    const Plain ongoing = ongoing_words();
    Plain text = "COMPROMISED: " + term(*strongest_sign).upper() + ".";
    if (!at_least_likely(q("actor"))) text = text + "  But nothing ties it to this campaign.";
    if ((text + "   " + ongoing).columns() + 2 <= width_) {
      headline(text + "   " + ongoing);
    } else {
      headline(text);
      if (!ongoing.empty()) line("  " + ongoing);
    }
    story(lines_.size() - headline_ == 1 ? 2 : 1);
    data_taken();
  }

  // As many clauses as fit; the last one ends with a full stop.
  void story(std::size_t most_lines) {
    const Scope& scope = v_.assessment.scope;
    std::vector<Plain> clauses;
    const std::pair<std::string, double>* best = nullptr;
    for (const auto& way : v_.assessment.initial_access) {
      if (best == nullptr || way.second > best->second) best = &way;
    }
    const Plain since = scope.earliest.known() ? show(format_day_month(scope.earliest)) : Plain();
    if (best == nullptr || best->first == "not_determined" || best->second < 0.5) {
      clauses.push_back(Plain("How they got in is not determined") + (since.empty() ? Plain() : "; first trace " + since));
    } else {
      Plain way = "In by: " + show(access_words(best->first));
      const std::string host = entry_host();
      if (!host.empty()) way = way + " (" + human(host, 40) + ")";
      clauses.push_back(way + (since.empty() ? Plain() : ", first trace " + since));
    }
    if (at_least_likely(q("malware"))) {
      const std::vector<std::string> hosts = hosts_of(q("malware"), 3);
      if (!hosts.empty()) clauses.push_back("the advisory's malware on " + human(join_and(hosts, 3), 120));
    } else if (!scope.confirmed.empty()) {
      clauses.push_back("confirmed on " + human(join_and(scope.confirmed, 3), 120));
    }
    const auto& lost = v_.assessment.credentials;
    if (!lost.empty()) {
      const auto used = static_cast<std::uint64_t>(std::count_if(lost.begin(), lost.end(), [](const Credential& c) { return c.used == "yes"; }));
      clauses.push_back(show(count_of(lost.size(), "credential", "credentials")) + " exposed" + (used > 0 ? ", " + show(grouped(used)) + " used" : Plain()));
    }
    Plain text;
    for (const Plain& clause : clauses) {
      const Plain more = text.empty() ? clause : text + "; " + clause;
      if (text.empty() || (more + ".").wrap(width_ - 2).size() <= most_lines) text = more;
    }
    labelled(Plain("  "), text + ".", 2, most_lines);
  }

  // The host on which the way in was seen: of the findings that speak for access, the first whose stage is an entry.
  std::string entry_host() const {
    const Question* access = q("access");
    const Sighting* first = nullptr;
    if (access == nullptr) return {};
    for (const Because& b : access->because) {
      if (b.log10_lr <= 0) continue;
      for (const std::string& id : b.sightings) {
        const Sighting* s = v_.sighting(id);
        const DetectorInfo* d = s != nullptr ? v_.detector(s->detector_id) : nullptr;
        if (d == nullptr || s->host.empty() || (d->meaning.stage != "exploit" && d->meaning.stage != "follow_on" && d->meaning.stage != "credential")) continue;
        if (first == nullptr || s->time < first->time) first = s;
      }
    }
    return first != nullptr ? first->host : std::string();
  }

  // Hosts of the sightings that speak for a question, heaviest line first.
  std::vector<std::string> hosts_of(const Question* question, std::size_t most) const {
    std::vector<std::string> hosts;
    if (question == nullptr) return hosts;
    std::vector<const Because*> order;
    for (const Because& b : question->because) order.push_back(&b);
    std::stable_sort(order.begin(), order.end(), [](const Because* a, const Because* b) { return a->log10_lr > b->log10_lr; });
    for (const Because* b : order) {
      if (b->log10_lr <= 0) continue;
      for (const std::string& id : b->sightings) {
        const Sighting* s = v_.sighting(id);
        if (s == nullptr || s->host.empty() || std::find(hosts.begin(), hosts.end(), s->host) != hosts.end()) continue;
        hosts.push_back(s->host);
        if (hosts.size() == most) return hosts;
      }
    }
    return hosts;
  }

  void data_taken() {
    const Question* x = q("exfiltration");
    if (x == nullptr) return;
    if (!x->judged) {
      Plain why = human(x->why);
      if (!v_.fits_headline(x->why)) why = Plain("what we hold could not show it");
      line("  DATA TAKEN? CANNOT SAY" + (why.empty() ? Plain(".") : ": " + why));
      return;
    }
    Plain text = "  DATA TAKEN: " + term(*x).upper() + ".";
    const Exfiltration& e = v_.assessment.exfiltration;
    if (e.bounded && e.left_high > 0 && !at_most_unlikely(x)) {
      text = text + "  If so " + show(bytes_range(e.left_low, e.left_high)) + most_on() + ".";
    } else if (at_most_unlikely(x)) {
      text = text + "  Had it happened, seen in " + show(in_ten(x->would_have_seen)) + ".";
    } else {
      text = text + "  How much: cannot say.";
    }
    line(text);
  }

  // ", most of it on 21 May" when one line of the sum is more than half of the lower bound.
  Plain most_on() const {
    const Exfiltration& e = v_.assessment.exfiltration;
    for (const Exfiltration::Line& l : e.lines) {
      if (e.left_low == 0 || l.low < e.left_low / 2 + 1) continue;
      Time first, last;
      for (const std::string& id : l.sightings) {
        const Sighting* s = v_.sighting(id);
        if (s == nullptr || !s->time.known()) continue;
        if (!first.known() || s->time < first) first = s->time;
        const Time until = s->until.known() ? s->until : s->time;
        if (!last.known() || until > last) last = until;
      }
      if (first.known() && first.day() == last.day()) return ", most of it on " + show(format_day_month(first));
    }
    return {};
  }

  void no_sign() {
    const Question* access = q("access");
    const Question* targeted = q("targeted");
    if (at_least_likely(targeted)) {
      headline("AIMED AT US: " + term(*targeted).upper() + ".  NO SIGN THAT THEY GOT IN, in what we could see.");
    } else {
      headline(Plain("NO SIGN OF THIS CAMPAIGN in what we could see."));
    }
    if (const std::optional<double> seen = visible()) {
      line("  We could see " + show(share(*seen)) + " of what it would have touched.");
    }
    line(Plain("  Absence here is not proof of absence."));
    line("  HAD IT BEEN HERE, something would have shown in about " + show(in_ten(access->would_have_seen)) + " cases.");
    const Question* x = q("exfiltration");
    if (x != nullptr && !x->judged) {
      line("  DATA TAKEN? CANNOT SAY" + (x->why.empty() || !v_.fits_headline(x->why) ? Plain(".") : ": " + human(x->why)));
    }
  }

  std::optional<double> visible() const {
    double sum = 0;
    for (const ClaimResult& c : v_.assessment.claims) sum += c.visible;
    if (v_.assessment.claims.empty()) return std::nullopt;
    return sum / static_cast<double>(v_.assessment.claims.size());
  }

  void cannot_say() {
    const Question* access = q("access");
    if (access != nullptr && access->judged) {
      headline("CANNOT SAY YET whether somebody got in: " + term(*access) + ".");
      labelled(Plain("  "), why_or(access->why, Plain("What speaks for it and against it stands below.")), 2, 2);
    } else if (v_.data.records_total == 0) {
      headline(Plain("CANNOT SAY.  There was no record to look at."));
      labelled(Plain("  "), why_or(access != nullptr ? access->why : "", Plain("Nothing that we were given could be read as a log, mail or file of yours.")), 2, 2);
    } else {
      headline(Plain("CANNOT SAY whether somebody got in."));
      labelled(Plain("  "), why_or(access != nullptr ? access->why : "", Plain("What we were given could not have shown it.")), 2, 2);
    }
    line(Plain("  This is not good news and not bad news: the evidence does not decide it."));
    const Question* targeted = q("targeted");
    if (at_least_likely(targeted)) line("  AIMED AT US: " + term(*targeted).upper() + ".");
  }

  Plain why_or(std::string_view why, Plain otherwise) const {
    return why.empty() || !v_.fits_headline(why) ? otherwise : sentence(human(why));
  }

  void next_hour() {
    std::vector<const Action*> order;
    for (const Action& a : v_.assessment.actions) {
      if (v_.fits_headline(a.what)) order.push_back(&a);
    }
    std::stable_sort(order.begin(), order.end(), [](const Action* a, const Action* b) { return a->phase < b->phase; });
    // Preserve first, but never only that: the third line shows where it leads.
    std::vector<const Action*> chosen;
    std::vector<const Action*> rest;
    for (const Action* a : order) {
      if (a->phase == 0 && chosen.size() < 2) {
        chosen.push_back(a);
      } else if (a->phase > 0) {
        rest.push_back(a);
      }
    }
    for (const Action* a : rest) {
      if (chosen.size() < 3) chosen.push_back(a);
    }
    for (const Action* a : order) {
      if (chosen.size() < 3 && std::find(chosen.begin(), chosen.end(), a) == chosen.end()) chosen.push_back(a);
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const Action* a, const Action* b) { return a->phase < b->phase; });
    if (chosen.empty()) {
      line(Plain("  NEXT HOUR  ") + (v_.state() == State::no_sign ? Plain("nothing to contain.  Then: fetch what is missing, below.")
                                                                  : Plain("fetch the evidence that is missing, below.")));
      return;
    }
    // What is left of the twelve lines, less the one for what was not seen.
    const std::size_t room = kHeadLines > lines_.size() + 1 ? kHeadLines - lines_.size() - 1 : 1;
    for (std::size_t i = 0; i < chosen.size() && i < room; ++i) {
      Plain what = human(chosen[i]->what);
      const Plain on = what + ": " + human(chosen[i]->on, 60);
      if (!chosen[i]->on.empty() && chosen[i]->what.find(chosen[i]->on) == std::string::npos && on.columns() + 15 <= width_) what = on;
      line((i == 0 ? Plain("  NEXT HOUR  ") : Plain::spaces(13)) + show(grouped(i + 1)) + " " + what);
    }
  }

  void not_seen() {
    Plain text;
    for (const std::string& phrase : v_.assessment.not_seen) {
      if (!v_.fits_headline(phrase)) continue;
      const Plain more = text.empty() ? human(phrase, 120) : text + "; " + human(phrase, 120);
      if (!text.empty() && more.columns() + 13 > width_) break;
      text = more;
    }
    if (text.empty()) {
      if (v_.data.records_total == 0) {
        text = Plain("everything: there was no record");
      } else if (v_.assessment.scope.in_scope == 0) {
        text = Plain("not known: no list of hosts in scope was given (--profile)");
      } else {
        text = Plain("no gap is known beside the limits that the claims below state");
      }
    }
    line("  NOT SEEN   " + text);
  }

  // --- the table ------------------------------------------------------------------------------------------------------
  void questions() {
    const bool benign = v_.state() != State::compromised;
    constexpr std::size_t kJudgement = 21, kConfidence = 46, kReason = 54;
    const Plain scale = v_.options.scale == Scale::phia ? Plain("Judgement (PHIA range)") : Plain("Judgement (ICD 203 range)");
    line(pad(pad(pad(Plain(" Question"), kJudgement) + scale, kConfidence) + " Conf.", kReason) + (benign ? Plain("Had it happened, seen in") : Plain("Best reason")));
    for (const std::string_view id : {"targeted", "access", "malware", "ongoing", "exfiltration", "impact", "actor"}) {
      if (const Question* question = q(id); question != nullptr) row(*question, benign, kJudgement, kConfidence, kReason);
      if (id == "access") first_way();
      if (id == "ongoing" && !benign) reached();
    }
    for (const Question& question : v_.assessment.questions) {
      static constexpr std::array<std::string_view, 7> kKnown = {"targeted", "access", "malware", "ongoing", "exfiltration", "impact", "actor"};
      if (std::find(kKnown.begin(), kKnown.end(), question.id) == kKnown.end()) row(question, benign, kJudgement, kConfidence, kReason);
    }
    if (v_.assessment.questions.empty()) line(Plain(" (nothing was assessed)"));
  }

  void row(const Question& question, bool benign, std::size_t at_judgement, std::size_t at_confidence, std::size_t at_reason) {
    const Plain label = pad(" " + show(question_label(question.id)), at_judgement);
    if (!question.judged) {
      Plain why = question.why.empty() ? Plain("the evidence does not decide it") : human(question.why);
      if (!question.why.empty() && question.why == last_why_) why = Plain("for the same reason");
      last_why_ = question.why;
      labelled(label, "CANNOT SAY: " + why, at_judgement, 3);
      return;
    }
    last_why_.clear();
    Plain left = label + pad(term(question), 16) + "(" + show(range_text(question.term)) + ")";
    left = pad(pad(left, at_confidence) + " " + (question.confidence == "moderate" ? Plain("mod.") : show(question.confidence, 6)), at_reason);
    Plain reason;
    const bool low = at_most_unlikely(&question);
    if (!low || (!benign && question.term.low >= 20 && !question.because.empty())) {
      const Because* best = strongest(question.because);
      for (const Because& b : question.because) {
        if (b.reason == question.why) best = &b;
      }
      reason = human(!question.why.empty() ? question.why : best != nullptr ? best->reason : "");
      const Plain number = best != nullptr ? first_label(*best) : Plain();
      if (!number.empty() && reason.text().find(number.text()) == std::string::npos) reason = number + " " + reason;
      if (reason.empty()) reason = Plain("assay explain ") + show(question.id);
    }
    if (low) {
      const Plain seen = show(in_ten(question.would_have_seen));
      reason = benign ? seen : (reason.empty() ? Plain() : reason + "; ") + "had it happened, seen in " + seen;
    }
    labelled(left, reason, at_reason, low && !benign ? 4 : 3);
  }

  // "F07", "F11+1"
  Plain first_label(const Because& line) const {
    std::vector<std::uint32_t> numbers;
    for (const std::string& id : line.sightings) {
      if (const Sighting* s = v_.sighting(id); s != nullptr && s->finding != 0) numbers.push_back(s->finding);
    }
    if (numbers.empty()) return {};
    std::sort(numbers.begin(), numbers.end());
    return show(numbers.size() == 1 ? fmt::format("F{:02}", numbers.front()) : fmt::format("F{:02}+{}", numbers.front(), numbers.size() - 1));
  }

  void first_way() {
    if (v_.state() != State::compromised) return;
    std::vector<const std::pair<std::string, double>*> ways;
    for (const auto& way : v_.assessment.initial_access) {
      if (way.second >= 0.1) ways.push_back(&way);
    }
    if (ways.empty()) return;
    std::stable_sort(ways.begin(), ways.end(), [](const auto* a, const auto* b) { return a->second > b->second; });
    Plain text = show(access_words(ways[0]->first));
    if (ways.size() > 1) text = text + "; then: " + show(access_words(ways[1]->first));
    labelled(Plain("   first way in"), text, 21, 2);
  }

  void reached() {
    const Exfiltration& e = v_.assessment.exfiltration;
    if (e.reached_reads > 0) {
      Plain text = show(count_of(e.reached_reads, "read", "reads")) + " above the account's own habit";
      if (!e.reached_where.empty()) text = text + ", in " + human(join_and(e.reached_where, 3), 160);
      const Plain labels = show(v_.labels(e.reached_sightings, 3));
      labelled(Plain(" Data reached"), text + (labels.empty() ? Plain() : "  " + labels), 21, 2);
    }
    if (e.staged_bytes) {
      const Plain labels = show(v_.labels(e.staged_sightings, 3));
      labelled(Plain(" Data staged"), "at least " + show(bytes_low(*e.staged_bytes)) + (labels.empty() ? Plain() : "  " + labels), 21, 2);
    }
    if (e.bounded && e.left_high > 0) {
      Plain text = show(bytes_range(e.left_low, e.left_high));
      if (!e.destinations.empty()) text = text + " to " + human(join_and(e.destinations, 3), 160);
      labelled(Plain(" Data left, if so"), text, 21, 2);
    }
  }

  // --- the rest -------------------------------------------------------------------------------------------------------
  void ways_and_reach() {
    const Scope& s = v_.assessment.scope;
    const std::string bounds = date_span(s.earliest, s.latest);
    if (!bounds.empty()) {
      Plain text = show(bounds);
      if (s.earliest_not_before.known() && s.earliest_not_before < s.earliest) {
        text = text + "; the first visible trace need not be the first: it may be as early as " + show(format_day_month_year(s.earliest_not_before));
      } else if (!s.earliest_not_before.known()) {
        text = text + "; the first visible trace need not be the first";
      }
      labelled(Plain("   since"), text, 21, 3);
    }
    Plain hosts;
    const auto add = [&](Literal what, const std::vector<std::string>& names) {
      if (names.empty()) return;
      hosts = hosts + (hosts.empty() ? Plain() : Plain("; ")) + what + " " + human(join_and(names, 4), 200);
    };
    add("confirmed", s.confirmed);
    add("suspected", s.suspected);
    add("touched", s.touched);
    if (!s.not_examined.empty()) hosts = hosts + (hosts.empty() ? Plain() : Plain("; ")) + show(count_of(s.not_examined.size(), "host", "hosts")) + " not examined";
    if (!hosts.empty()) labelled(Plain("   hosts"), hosts, 21, 4);
  }

  void publisher() {
    std::size_t shown = 0;
    for (const Advisory& a : v_.data.knowledge.advisories) {
      for (const Judgement& j : a.judgements) {
        if (shown == 2) return;
        ++shown;
        const Plain text = human(j.text, 300);
        Plain scale;
        const auto add = [&](const Plain& more) { scale = scale.empty() ? more : scale + ", " + more; };
        if (!j.term.empty() && !contains_icase(j.text, j.term)) add("\"" + human(j.term, 60) + "\"");
        if (j.low && j.high) add(show(*j.high >= 100 ? fmt::format("{}%+", *j.low) : fmt::format("{}-{}%", *j.low, *j.high)));
        if (!j.scale.empty()) add(human(j.scale, 40));
        labelled(Plain("   publisher says"), (j.publisher.empty() ? Plain() : human(j.publisher, 40) + ": ") + text + (scale.empty() ? Plain() : " (" + scale + ")"), 21, 3);
      }
    }
  }

  void not_visible() {
    std::vector<const ClaimResult*> blind;
    for (const ClaimResult& c : v_.assessment.claims) {
      if (c.state == "cannot_say") blind.push_back(&c);
    }
    if (blind.empty()) return;
    heading("Cannot say, of " + show(count_of(v_.assessment.claims.size(), "claim", "claims")) + " of the advisory: " + show(grouped(blind.size())));
    for (std::size_t i = 0; i < blind.size() && i < 3; ++i) {
      labelled(Plain("   -"), human(blind[i]->text, 200) + (blind[i]->why.empty() ? Plain() : ": " + human(blind[i]->why, 240)), 5, 2);
    }
    if (blind.size() > 3) line("     and " + show(grouped(blind.size() - 3)) + " more: assay explain CLAIM-ID");
  }

  void alarming() {
    const auto& list = v_.assessment.explained;
    if (list.empty()) return;
    constexpr std::size_t kShown = 8;
    heading(Plain("Looked alarming and is explained"));
    for (std::size_t i = 0; i < list.size() && i < kShown; ++i) {
      const Sighting* s = v_.sighting(list[i].sighting);
      const Plain label = s != nullptr ? show(v_.label(*s)) : Plain();
      labelled(" " + pad(label.empty() ? Plain("-") : label, 4), human(list[i].text, 200) + "  => " + human(list[i].explanation, 240), 6, 3);
    }
    if (list.size() > kShown) line("      and " + show(grouped(list.size() - kShown)) + " more in the full report");
  }

  void lost() {
    const auto& list = v_.assessment.credentials;
    if (list.empty()) return;
    Plain text;
    for (std::size_t i = 0; i < list.size() && i < 8; ++i) {
      const Credential& c = list[i];
      text = text + (i > 0 ? Plain("; ") : Plain()) + show(v_.account(c.account), 120) + " (" + human(c.kind, 20);
      if (!c.how.empty()) text = text + ", " + human(c.how, 120);
      if (c.exposed_at.known()) text = text + " " + show(format_day_month(c.exposed_at));
      text = text + (c.used == "yes" ? Plain(", USED") : c.used == "no" ? Plain(", not used as far as seen") : Plain(", use: cannot say")) + ")";
    }
    if (list.size() > 8) text = text + "; and " + show(grouped(list.size() - 8)) + " more";
    blank();
    labelled(Plain(" Treat as lost"), text, 21, 6);
  }

  void would_change() {
    struct Item {
      std::string evidence;
      double shift;
      std::string question;
    };
    std::vector<Item> items;
    for (const Question& question : v_.assessment.questions) {
      for (const WouldChange& w : question.would_change) {
        const auto at = std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.evidence == w.evidence; });
        if (at == items.end()) {
          items.push_back({w.evidence, w.expected_shift, question.id});
        } else if (w.expected_shift > at->shift) {
          at->shift = w.expected_shift;
          at->question = question.id;
        }
      }
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.shift > b.shift; });
    if (items.empty()) return;
    heading(Plain("Would change the answer most"));
    for (std::size_t i = 0; i < items.size() && i < 3; ++i) {
      labelled(" " + show(grouped(i + 1)), human(items[i].evidence, 240) + "  (" + show(question_label(items[i].question)) + ")", 3, 2);
    }
  }

  void about_to_be_lost() {
    const auto& list = v_.assessment.about_to_be_lost;
    if (list.empty()) return;
    heading(Plain("About to be lost"));
    for (std::size_t i = 0; i < list.size() && i < 4; ++i) {
      Plain text = human(list[i].source, 160);
      if (list[i].oldest.known()) text = text + " of " + show(format_day_month_year(list[i].oldest));
      if (!list[i].what_to_do.empty()) text = text + ".  " + human(list[i].what_to_do, 240);
      labelled(" " + (list[i].on.known() ? show(format_day_month(list[i].on)) : Plain("soon")), text, 8, 3);
    }
    if (list.size() > 4) line("        and " + show(grouped(list.size() - 4)) + " more in the full report");
  }

  void not_counted() {
    const View::NotCounted n = v_.not_counted();
    Plain text;
    const auto add = [&](std::uint64_t count, Literal one, Literal many) {
      if (count > 0) text = text + (text.empty() ? Plain() : Plain("; ")) + show(count_of(count, one.view(), many.view()));
    };
    add(v_.data.duplicates_total, "duplicate record", "duplicate records");
    add(v_.mentions(), "hit in text that quotes an advisory or a rule", "hits in texts that quote an advisory or a rule");
    add(n.own_scanner, "hit by our own scanner or an authorised test", "hits by our own scanner or an authorised test");
    add(n.scans, "scan or inbound contact (contact, not \"aimed at us\")", "scans and inbound contacts (contact, not \"aimed at us\")");
    add(n.weightless, "hit of an indicator that carries no weight", "hits of indicators that carry no weight");
    if (text.empty()) return;
    blank();
    labelled(Plain(" Not counted"), text, 21, 4);
  }

  void evidence_problems() {
    std::map<NoticeKind, std::uint64_t> counts;
    std::map<NoticeKind, std::set<std::string>> items;
    for (const Notice& n : v_.data.notices) {
      counts[n.kind] += n.count;
      items[n.kind].insert(n.item);
    }
    Plain text;
    const auto add = [&](Plain more) { text = text + (text.empty() ? Plain() : Plain("; ")) + more; };
    const auto files = [&](NoticeKind kind, Literal what) {
      if (const auto at = items.find(kind); at != items.end()) add(show(count_of(at->second.size(), "file", "files")) + " " + what);
    };
    files(NoticeKind::not_recognised, "not recognised");
    files(NoticeKind::recognised_not_read, "known but not read (no reader yet)");
    files(NoticeKind::unreadable, "could not be opened");
    files(NoticeKind::encrypted, "need a password");
    files(NoticeKind::damaged_file, "damaged");
    files(NoticeKind::truncated, "cut off");
    files(NoticeKind::probably_truncated_export, "probably cut by an export limit");
    if (counts.contains(NoticeKind::damaged_record)) add(show(count_of(counts[NoticeKind::damaged_record], "damaged record", "damaged records")));
    files(NoticeKind::clock_offset, "with a clock that differs");
    files(NoticeKind::clock_conflict, "with clocks that disagree");
    files(NoticeKind::gap, "with holes");
    if (counts.contains(NoticeKind::unit_given_up)) add(show(count_of(counts[NoticeKind::unit_given_up], "span", "spans")) + " given up after a crash");
    std::uint64_t limits = 0;
    for (const auto& [kind, count] : counts) {
      if (kind >= NoticeKind::limit_record && kind <= NoticeKind::limit_other) limits += count;
    }
    if (limits > 0) add(show(count_of(limits, "declared limit", "declared limits")) + " reached");
    blank();
    if (!text.empty()) labelled(Plain(" Evidence"), text, 21, 4);
    if (!v_.data.not_loaded.empty() || !v_.data.not_evaluable.empty() || !v_.data.blind.empty()) {
      Plain rules = show(grouped(v_.data.rules_loaded)) + " loaded";
      const auto part = [&](std::size_t n, Literal what) {
        if (n > 0) rules = rules + ", " + show(grouped(n)) + " " + what;
      };
      part(v_.data.not_loaded.size(), "not loaded");
      part(v_.data.not_evaluable.size(), "not evaluable");
      std::set<std::string> blind;
      for (const NotLoaded& b : v_.data.blind) blind.insert(b.id);
      part(blind.size(), "blind here (their field is absent)");
      labelled(Plain(" Rules"), rules, 21, 2);
    }
    const auto& assumed = v_.assessment.assumptions;
    if (!assumed.empty()) {
      Plain list;
      for (std::size_t i = 0; i < assumed.size() && i < 3; ++i) list = list + (i > 0 ? Plain("; ") : Plain()) + human(assumed[i], 160);
      if (assumed.size() > 3) list = list + "; and " + show(grouped(assumed.size() - 3)) + " more";
      labelled(Plain(" Assumed"), list, 21, 3);
    }
    if (!v_.data.reproducible) {
      labelled(Plain(" Not reproducible"), v_.data.not_reproducible_because.empty() ? Plain("a last-resort limit fired") : human(v_.data.not_reproducible_because), 21, 2);
    }
    if (v_.state() == State::no_sign) {
      labelled(Plain(" You may say:"), Plain("\"We checked the records we hold for this campaign and found no sign of it. Some records are missing; we are fetching them.\""), 15, 2);
    }
  }

  void foot() {
    blank();
    const Sighting* example = nullptr;
    const Because* best = q("access") != nullptr ? strongest(q("access")->because) : nullptr;
    if (best != nullptr && !best->sightings.empty()) example = v_.sighting(best->sightings.front());
    if (example == nullptr || example->finding == 0) {
      example = nullptr;
      for (const Sighting* s : v_.sightings()) {
        if (s->finding != 0 && (example == nullptr || s->finding < example->finding)) example = s;
      }
    }
    Plain text = Plain(" assay explain exfiltration = the sums.");
    if (example != nullptr) text = " assay explain " + show(v_.label(*example)) + " = the bytes.  " + text;
    line(text);
    if (!v_.options.case_path.empty()) line(" Case " + show(v_.options.case_path));
    if (!v_.options.custody_head.empty()) line(" Log head " + short_hash(v_.options.custody_head) + ": write it down.");
    if (!v_.options.names && !v_.mask().key().empty()) line(Plain(" Accounts are shown as numbers; --names shows them."));
  }

  static Plain short_hash(std::string_view hash) {
    return hash.size() <= 16 ? show(hash) : show(hash.substr(0, 8)) + ".." + show(hash.substr(hash.size() - 8));
  }

  const View& v_;
  std::size_t width_;
  std::size_t headline_ = 0;
  std::string last_why_;
  std::vector<Plain> lines_;
};

}  // namespace

std::string terminal_page(const CaseData& data, const Assessment& assessment, const ReportOptions& options) {
  const View view(data, &assessment, options);
  return Page(view).make();
}

}  // namespace assay
