#include "report/page_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/ascii.h"
#include "report/words.h"

namespace assay::report {
namespace {

constexpr std::array<std::string_view, 7> kOrder = {"targeted",     "access", "malware", "ongoing",
                                                    "exfiltration", "impact", "actor"};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_upper(c);
  return out;
}

// With a capital and a full stop.
std::string sentence(std::string text) {
  if (text.empty()) return text;
  text[0] = to_upper(text[0]);
  if (text.back() != '.') text += '.';
  return text;
}

class Builder {
 public:
  explicit Builder(const View& view) : v_(view), a_(view.assessment) {}

  PageContent build() {
    head();
    rows();
    reach();
    publishers();
    claims();
    lists();
    counted();
    problems();
    return std::move(out_);
  }

 private:
  const Question* q(std::string_view id) const { return a_.find(id); }
  std::string human(std::string_view text) const { return v_.human(text); }
  std::vector<std::string> human(const std::vector<std::string>& texts) const {
    std::vector<std::string> out;
    for (const std::string& t : texts) out.push_back(human(t));
    return out;
  }

  // --- the head
  // -------------------------------------------------------------------------------------------------------
  void head() {
    out_.organisation = v_.data.profile.organisation.empty() ? "(organisation not named: no profile)"
                                                             : human(v_.data.profile.organisation);
    out_.marking = v_.marking();
    out_.asked = asked();
    out_.looked_at = looked_at(true);
    out_.looked_at_short = looked_at(false);
    out_.complete = v_.data.complete;
    out_.state = v_.state();
    switch (out_.state) {
      case State::compromised:
        compromised();
        break;
      case State::no_sign:
        no_sign();
        break;
      case State::cannot_say:
        cannot_say();
        break;
    }
    next_hour();
    not_seen();
  }

  std::string asked() const {
    const auto& advisories = v_.data.knowledge.advisories;
    if (advisories.empty()) return "no advisory in force";
    if (advisories.size() > 1) {
      std::string out = fmt::format("{} advisories: ", advisories.size());
      for (std::size_t i = 0; i < advisories.size(); ++i) {
        if (i > 0) out += "; ";
        out += human(advisories[i].name);
        if (advisories[i].published.known()) out += ", " + format_day_month_year(advisories[i].published);
      }
      return out;
    }
    const Advisory& a = advisories.front();
    std::string out = human(a.name);
    if (!a.version.empty() && a.name.find(a.version) == std::string::npos) out += " " + human(a.version);
    for (std::size_t i = 0; i < a.publishers.size() && i < 5; ++i) out += (i > 0 ? "/" : ", ") + human(a.publishers[i]);
    if (a.published.known()) out += ", " + format_day_month_year(a.published);
    return out;
  }

  std::string looked_at(bool with_year) const {
    if (v_.data.records_total == 0) return "Looked at no record";
    std::string out = "Looked at " + count_of(v_.data.records_total, "record", "records");
    const Scope& scope = a_.scope;
    if (scope.in_scope > 0) {
      out += fmt::format(" of {} of {}", grouped(scope.examined), count_of(scope.in_scope, "host", "hosts"));
    } else if (scope.examined > 0) {
      out += " of " + count_of(scope.examined, "host", "hosts") + " (no scope given)";
    }
    std::string span = date_span(v_.first(), v_.last());
    if (!with_year && v_.first().known() && v_.first().day() != v_.last().day() &&
        to_civil(v_.first()).year == to_civil(v_.last()).year) {
      span = format_day_month(v_.first()) + "-" + format_day_month(v_.last());
    }
    if (!span.empty()) out += ", " + span;
    return out;
  }

  std::string ongoing_words() const {
    const Question* ongoing = q("ongoing");
    const std::string at = moment(last_sign(ongoing));
    const std::string last_seen = at.empty() ? "" : ", last seen " + at;
    if (ongoing == nullptr) return "";
    if (!ongoing->judged) return "STILL ACTIVE? CANNOT SAY" + last_seen;
    if (at_least_likely(ongoing)) return "STILL ACTIVE at the last record" + (at.empty() ? "" : ", " + at);
    if (at_most_unlikely(ongoing))
      return "QUIET since " + (at.empty() ? std::string("the last finding") : at) + ", and we could see";
    return "STILL ACTIVE: " + upper(ongoing->term.words) + last_seen;
  }

  // The last operational sign that the judgement rests on; without one, the last of all.
  Time last_sign(const Question* ongoing) const {
    Time last;
    if (ongoing != nullptr) {
      for (const Because& b : ongoing->because) {
        for (const std::string& id : b.sightings) {
          const Sighting* s = v_.sighting(id);
          if (s == nullptr) continue;
          const Time at = s->until.known() ? s->until : s->time;
          if (at.known() && (!last.known() || at > last)) last = at;
        }
      }
    }
    return last.known() ? last : a_.scope.latest;
  }

  void compromised() {
    const Question* sign = nullptr;
    for (const std::string_view id : {"access", "malware", "exfiltration"}) {
      if (sign == nullptr && at_least_likely(q(id))) sign = q(id);
    }
    out_.headline = "COMPROMISED: " + upper(sign->term.words) + ".";
    if (!at_least_likely(q("actor"))) out_.headline += "  But nothing ties it to this campaign.";
    out_.ongoing = ongoing_words();
    const Scope& scope = a_.scope;
    const std::string since = scope.earliest.known() ? format_day_month(scope.earliest) : "";
    const std::pair<std::string, double>* best = nullptr;
    for (const auto& way : a_.initial_access) {
      if (best == nullptr || way.second > best->second) best = &way;
    }
    if (best == nullptr || best->first == "not_determined" || best->second < 0.5) {
      out_.story.push_back("How they got in is not determined" + (since.empty() ? "" : "; first trace " + since));
    } else {
      std::string way = "In by: " + human(access_words(best->first));
      if (const std::string host = entry_host(); !host.empty()) way += " (" + human(host) + ")";
      out_.story.push_back(way + (since.empty() ? "" : ", first trace " + since));
    }
    if (at_least_likely(q("malware"))) {
      const std::vector<std::string> hosts = hosts_of(*q("malware"), 3);
      if (!hosts.empty()) out_.story.push_back("the advisory's malware on " + human(join_and(hosts, 3)));
    } else if (!scope.confirmed.empty()) {
      out_.story.push_back("confirmed on " + human(join_and(scope.confirmed, 3)));
    }
    if (!a_.credentials.empty()) {
      const auto used = std::count_if(a_.credentials.begin(), a_.credentials.end(),
                                      [](const Credential& c) { return c.used == "yes"; });
      out_.story.push_back(count_of(a_.credentials.size(), "credential", "credentials") + " exposed" +
                           (used > 0 ? fmt::format(", {} used", used) : ""));
    }
    data_taken();
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
        if (d == nullptr || s->host.empty()) continue;
        if (d->meaning.stage != "exploit" && d->meaning.stage != "follow_on" && d->meaning.stage != "credential")
          continue;
        if (first == nullptr || s->time < first->time) first = s;
      }
    }
    return first != nullptr ? first->host : std::string();
  }

  // Hosts of the sightings that speak for a question, heaviest line first.
  std::vector<std::string> hosts_of(const Question& question, std::size_t most) const {
    std::vector<std::string> hosts;
    std::vector<const Because*> order;
    for (const Because& b : question.because) order.push_back(&b);
    std::stable_sort(order.begin(), order.end(),
                     [](const Because* a, const Because* b) { return a->log10_lr > b->log10_lr; });
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
      out_.data_taken =
          "DATA TAKEN? CANNOT SAY: " +
          (x->why.empty() || !v_.fits_headline(x->why) ? "what we hold could not show it" : human(x->why));
      return;
    }
    out_.data_taken = "DATA TAKEN: " + upper(x->term.words) + ".";
    const Exfiltration& e = a_.exfiltration;
    if (at_most_unlikely(x)) {
      out_.data_taken += "  Had it happened, seen in " + in_ten(x->would_have_seen) + ".";
    } else if (e.bounded && e.left_high > 0) {
      out_.data_taken += "  If so " + bytes_range(e.left_low, e.left_high) + most_on() + ".";
    } else {
      out_.data_taken += "  How much: cannot say.";
    }
  }

  // ", most of it on 21 May" when one line of the sum is more than half of the lower bound and falls on one day.
  std::string most_on() const {
    const Exfiltration& e = a_.exfiltration;
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
      if (first.known() && first.day() == last.day()) return ", most of it on " + format_day_month(first);
    }
    return "";
  }

  void no_sign() {
    const Question* targeted = q("targeted");
    out_.headline = at_least_likely(targeted) ? "AIMED AT US: " + upper(targeted->term.words) +
                                                    ".  NO SIGN THAT THEY GOT IN, in what we could see."
                                              : std::string("NO SIGN OF THIS CAMPAIGN in what we could see.");
    if (!a_.claims.empty()) {
      double sum = 0;
      for (const ClaimResult& c : a_.claims) sum += c.visible;
      out_.lines.push_back("We could see " + share(sum / static_cast<double>(a_.claims.size())) +
                           " of what it would have touched.");
    }
    out_.lines.push_back("Absence here is not proof of absence.");
    out_.lines.push_back("HAD IT BEEN HERE, something would have shown in about " +
                         in_ten(q("access")->would_have_seen) + " cases.");
    if (const Question* x = q("exfiltration"); x != nullptr && !x->judged) data_taken();
  }

  void cannot_say() {
    const Question* access = q("access");
    std::string otherwise;
    if (access != nullptr && access->judged) {
      out_.headline = fmt::format("CANNOT SAY YET whether somebody got in: {}.", access->term.words);
      otherwise = "What speaks for it and against it stands below.";
    } else if (v_.data.records_total == 0) {
      out_.headline = "CANNOT SAY.  There was no record to look at.";
      otherwise = "Nothing that we were given could be read as a log, mail or file of yours.";
    } else {
      out_.headline = "CANNOT SAY whether somebody got in.";
      otherwise = "What we were given could not have shown it.";
    }
    const bool has_reason = access != nullptr && !access->why.empty() && v_.fits_headline(access->why);
    out_.lines.push_back(has_reason ? sentence(human(access->why)) : otherwise);
    out_.lines.emplace_back("This is not good news and not bad news: the evidence does not decide it.");
    if (at_least_likely(q("targeted"))) out_.lines.push_back("AIMED AT US: " + upper(q("targeted")->term.words) + ".");
  }

  void next_hour() {
    std::vector<const Action*> order;
    for (const Action& a : a_.actions) {
      if (v_.fits_headline(a.what)) order.push_back(&a);
    }
    std::stable_sort(order.begin(), order.end(), [](const Action* a, const Action* b) { return a->phase < b->phase; });
    // Preserve first, but never only that: the third line shows where it leads.
    std::vector<const Action*> chosen;
    const auto take = [&](std::size_t most, auto&& wanted) {
      for (const Action* a : order) {
        if (chosen.size() < most && wanted(*a) && std::find(chosen.begin(), chosen.end(), a) == chosen.end())
          chosen.push_back(a);
      }
    };
    take(2, [](const Action& a) { return a.phase == 0; });
    take(3, [](const Action& a) { return a.phase > 0; });
    take(3, [](const Action&) { return true; });
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const Action* a, const Action* b) { return a->phase < b->phase; });
    for (const Action* a : chosen) {
      out_.next_hour.push_back(
          {human(a->what), a->what.find(a->on) == std::string::npos ? human(a->on) : std::string()});
    }
    out_.nothing_to_contain =
        out_.state == State::no_sign && std::none_of(a_.actions.begin(), a_.actions.end(),
                                                     [](const Action& a) { return a.phase >= 2 && a.phase <= 4; });
    out_.next_hour_none = out_.state == State::no_sign ? "nothing to contain.  Then: fetch what is missing, below."
                                                       : "fetch the evidence that is missing, below.";
  }

  void not_seen() {
    for (const std::string& phrase : a_.not_seen) {
      if (v_.fits_headline(phrase)) out_.not_seen.push_back(human(phrase));
    }
    if (!out_.not_seen.empty()) return;
    if (v_.data.records_total == 0) {
      out_.not_seen = {"everything: there was no record"};
    } else if (a_.scope.in_scope == 0) {
      out_.not_seen = {"not known: no list of hosts in scope was given (--profile)"};
    } else {
      out_.not_seen = {"no gap is known beside the limits that the claims below state"};
    }
  }

  // --- the table
  // ------------------------------------------------------------------------------------------------------
  void rows() {
    for (const std::string_view id : kOrder) {
      if (const Question* question = q(id)) row(*question);
    }
    for (const Question& question : a_.questions) {
      if (std::find(kOrder.begin(), kOrder.end(), question.id) == kOrder.end()) row(question);
    }
  }

  void row(const Question& question) {
    PageContent::Row r;
    r.id = question.id;
    r.label = question_label(question.id);
    r.judged = question.judged;
    if (!question.judged) {
      r.reason = question.why.empty() ? "the evidence does not decide it" : human(question.why);
      out_.rows.push_back(std::move(r));
      return;
    }
    r.term = question.term.words;
    r.range = range_text(question.term);
    r.confidence = question.confidence;
    if (at_most_unlikely(&question)) r.seen = in_ten(question.would_have_seen);
    // A remote chance needs no best reason; from "unlikely" on something speaks for it.
    if (!at_most_unlikely(&question) || (question.term.low >= 20 && !question.because.empty())) {
      const Because* best = strongest(question.because);
      for (const Because& b : question.because) {
        if (b.reason == question.why) best = &b;
      }
      r.reason = human(!question.why.empty() ? question.why : best != nullptr ? best->reason : "");
      if (best != nullptr) r.finding = first_label(*best);
    }
    out_.rows.push_back(std::move(r));
  }

  // "F07", "F11+1"
  std::string first_label(const Because& line) const {
    std::set<std::uint32_t> numbers;
    for (const std::string& id : line.sightings) {
      if (const Sighting* s = v_.sighting(id); s != nullptr && s->finding != 0) numbers.insert(s->finding);
    }
    if (numbers.empty()) return "";
    return numbers.size() == 1 ? fmt::format("F{:02}", *numbers.begin())
                               : fmt::format("F{:02}+{}", *numbers.begin(), numbers.size() - 1);
  }

  // --- the rest
  // -------------------------------------------------------------------------------------------------------
  void reach() {
    if (out_.state != State::compromised) return;
    std::vector<const std::pair<std::string, double>*> ways;
    for (const auto& way : a_.initial_access) {
      if (way.second >= 0.1) ways.push_back(&way);
    }
    std::stable_sort(ways.begin(), ways.end(), [](const auto* a, const auto* b) { return a->second > b->second; });
    for (std::size_t i = 0; i < ways.size() && i < 2; ++i) out_.ways.push_back(human(access_words(ways[i]->first)));

    const Exfiltration& e = a_.exfiltration;
    const auto cited = [&](const std::vector<std::string>& ids) {
      const std::string labels = v_.labels(ids, 3);
      return labels.empty() ? std::string() : "  " + labels;
    };
    if (e.reached_reads > 0) {
      out_.reached = count_of(e.reached_reads, "read", "reads") + " above the account's own habit";
      if (!e.reached_where.empty()) out_.reached += ", in " + join_and(human(e.reached_where), 3);
      out_.reached += cited(e.reached_sightings);
    }
    if (e.staged_bytes) out_.staged = "at least " + bytes_low(*e.staged_bytes) + cited(e.staged_sightings);
    if (e.bounded && e.left_high > 0) {
      out_.left = bytes_range(e.left_low, e.left_high);
      if (!e.destinations.empty()) out_.left += " to " + join_and(human(e.destinations), 3);
    }

    const Scope& s = a_.scope;
    out_.since = date_span(s.earliest, s.latest);
    if (!out_.since.empty()) {
      out_.since += "; the first visible trace need not be the first";
      if (s.earliest_not_before.known() && s.earliest_not_before < s.earliest)
        out_.since += ": it may be as early as " + format_day_month_year(s.earliest_not_before);
    }
    const auto add = [&](std::string_view what, const std::vector<std::string>& names) {
      if (!names.empty())
        out_.hosts += fmt::format("{}{} {}", out_.hosts.empty() ? "" : "; ", what, join_and(human(names), 4));
    };
    add("confirmed", s.confirmed);
    add("suspected", s.suspected);
    add("touched", s.touched);
    if (!s.not_examined.empty())
      out_.hosts +=
          (out_.hosts.empty() ? "" : "; ") + count_of(s.not_examined.size(), "host", "hosts") + " not examined";
  }

  void publishers() {
    for (const Advisory& a : v_.data.knowledge.advisories) {
      for (const Judgement& j : a.judgements) {
        std::string scale;
        const auto add = [&](const std::string& more) { scale += (scale.empty() ? "" : ", ") + more; };
        if (!j.term.empty() && !contains_icase(j.text, j.term)) add("\"" + human(j.term) + "\"");
        if (j.low && j.high) add(*j.high >= 100 ? fmt::format("{}%+", *j.low) : fmt::format("{}-{}%", *j.low, *j.high));
        if (!j.scale.empty())
          add(equals_icase(j.scale, "phia") ? "PHIA" : equals_icase(j.scale, "icd203") ? "ICD 203" : human(j.scale));
        out_.publishers.push_back((j.publisher.empty() ? "" : human(j.publisher) + ": ") + human(j.text) +
                                  (scale.empty() ? "" : " (" + scale + ")"));
      }
    }
  }

  void claims() {
    out_.claims = a_.claims.size();
    for (const ClaimResult& c : a_.claims) {
      if (c.state != "cannot_say") continue;
      std::string text = human(c.text);
      if (text.ends_with('.')) text.pop_back();  // the reason follows behind a colon
      out_.blind.push_back({human(c.id), std::move(text), human(c.why)});
    }
  }

  void lists() {
    for (const Explained& e : a_.explained) {
      const Sighting* s = v_.sighting(e.sighting);
      out_.alarms.push_back({s != nullptr ? v_.label(*s) : std::string(), human(e.text), human(e.explanation)});
    }
    for (const Credential& c : a_.credentials) {
      out_.lost.push_back({c.kind == "key" ? human(c.account) : v_.human_account(c.account), human(c.kind),
                           human(c.how), c.exposed_at.known() ? format_day_month(c.exposed_at) : std::string(),
                           c.used == "yes"  ? "USED"
                           : c.used == "no" ? "not used as far as seen"
                                            : "use: cannot say"});
    }
    struct Item {
      std::string evidence, question;
      double shift;
    };
    std::vector<Item> items;
    for (const Question& question : a_.questions) {
      for (const WouldChange& w : question.would_change) {
        const auto at =
            std::find_if(items.begin(), items.end(), [&](const Item& i) { return i.evidence == w.evidence; });
        if (at == items.end()) {
          items.push_back({w.evidence, question.id, w.expected_shift});
        } else if (w.expected_shift > at->shift) {
          at->shift = w.expected_shift;
          at->question = question.id;
        }
      }
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.shift > b.shift; });
    for (const Item& i : items)
      out_.would_change.push_back({human(i.evidence), std::string(question_label(i.question))});
    for (const AboutToBeLost& x : a_.about_to_be_lost) {
      out_.about_to_be_lost.push_back({x.on.known() ? format_day_month(x.on) : "soon", human(x.source),
                                       x.oldest.known() ? format_day_month_year(x.oldest) : std::string(),
                                       sentence(human(x.what_to_do))});
    }
    for (const std::string& text : a_.assumptions) out_.assumed.push_back(human(text));
    for (const PeopleSay& one : a_.people) {
      const Sighting* s = v_.sighting(one.sighting);
      const std::string label = s != nullptr ? v_.label(*s) + " " : "";
      out_.judged.push_back(label + human(one.text));
    }
    for (const RecommendationResult& one : a_.recommendations) {
      const std::string_view state = one.state == "met" ? "met" : one.state == "not_met" ? "NOT MET" : "cannot tell";
      out_.recommended.push_back(human(one.id) + " " + std::string(state) + ": " + human(one.why));
    }

    const Because* best = q("access") != nullptr ? strongest(q("access")->because) : nullptr;
    const Sighting* example =
        best != nullptr && !best->sightings.empty() ? v_.sighting(best->sightings.front()) : nullptr;
    if (example == nullptr || example->finding == 0) {
      example = nullptr;
      for (const Sighting* s : v_.sightings()) {
        if (s->finding != 0 && (example == nullptr || s->finding < example->finding)) example = s;
      }
    }
    if (example != nullptr) out_.example = v_.label(*example);
  }

  void counted() {
    const View::NotCounted n = v_.not_counted();
    const auto add = [&](std::uint64_t count, std::string_view one, std::string_view many) {
      if (count > 0) out_.not_counted.push_back(count_of(count, one, many));
    };
    add(v_.data.duplicates_total, "duplicate record", "duplicate records");
    add(v_.mentions(), "hit in text that quotes an advisory or a rule",
        "hits in texts that quote an advisory or a rule");
    add(n.own_scanner, "hit by our own scanner or an authorised test", "hits by our own scanner or an authorised test");
    add(n.scans, "scan or inbound contact (contact, not \"aimed at us\")",
        "scans and inbound contacts (contact, not \"aimed at us\")");
    add(n.weightless, "hit of an indicator that carries no weight", "hits of indicators that carry no weight");
  }

  void problems() {
    std::map<NoticeKind, std::uint64_t> counts;
    std::map<NoticeKind, std::set<std::string_view>> items;
    std::uint64_t limits = 0;
    for (const Notice& n : v_.data.notices) {
      counts[n.kind] += n.count;
      items[n.kind].insert(n.item);
      if (n.kind >= NoticeKind::limit_record && n.kind <= NoticeKind::limit_other) limits += n.count;
    }
    const auto files = [&](NoticeKind kind, std::string_view what) {
      if (const auto at = items.find(kind); at != items.end())
        out_.problems.push_back(fmt::format("{} {}", count_of(at->second.size(), "file", "files"), what));
    };
    files(NoticeKind::not_recognised, "not recognised");
    files(NoticeKind::recognised_not_read, "known but not read (no reader yet)");
    files(NoticeKind::unreadable, "could not be opened");
    files(NoticeKind::encrypted, "need a password");
    files(NoticeKind::damaged_file, "damaged");
    files(NoticeKind::truncated, "cut off");
    files(NoticeKind::probably_truncated_export, "probably cut by an export limit");
    if (const auto n = counts.find(NoticeKind::damaged_record); n != counts.end())
      out_.problems.push_back(count_of(n->second, "damaged record", "damaged records"));
    files(NoticeKind::clock_offset, "with a clock that differs");
    files(NoticeKind::clock_conflict, "with clocks that disagree");
    files(NoticeKind::gap, "with holes");
    files(NoticeKind::changed_while_read, "changed while being read");
    if (const auto n = counts.find(NoticeKind::unit_given_up); n != counts.end())
      out_.problems.push_back(count_of(n->second, "span", "spans") + " given up after a crash");
    if (limits > 0) out_.problems.push_back(count_of(limits, "declared limit", "declared limits") + " reached");

    const CaseData& d = v_.data;
    if (!d.not_loaded.empty() || !d.not_evaluable.empty() || !d.blind.empty()) {
      out_.rules = grouped(d.rules_loaded) + " loaded";
      const auto part = [&](std::size_t n, std::string_view what) {
        if (n > 0) out_.rules += fmt::format(", {} {}", grouped(n), what);
      };
      part(d.not_loaded.size(), "not loaded");
      part(d.not_evaluable.size(), "not evaluable");
      std::set<std::string_view> blind;
      for (const NotLoaded& b : d.blind) blind.insert(b.id);
      part(blind.size(), "blind here (their field is absent)");
    }
    if (!d.reproducible)
      out_.not_reproducible =
          d.not_reproducible_because.empty() ? "a last-resort limit fired" : human(d.not_reproducible_because);
    if (out_.state == State::no_sign) {
      out_.you_may_say = at_least_likely(q("targeted"))
                             ? "\"We were approached in this campaign. We checked the records we hold and found no "
                               "sign that anybody got in. Some records are missing; we are fetching them.\""
                             : "\"We checked the records we hold for this campaign and found no sign of it. Some "
                               "records are missing; we are fetching them.\"";
    }
  }

  const View& v_;
  const Assessment& a_;
  PageContent out_;
};

}  // namespace

PageContent page_content(const View& view) { return Builder(view).build(); }

}  // namespace assay::report
