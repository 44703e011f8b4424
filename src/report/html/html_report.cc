// The report as one self-contained HTML file: the page, what happened when, every finding with the command that shows
// its bytes, the arithmetic, and what could not be seen. No script, no network; readable without colour, by a screen
// reader and on paper.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/ascii.h"
#include "report/escape.h"
#include "report/explain/evidence_command.h"
#include "report/html/charts.h"
#include "report/html/style.h"
#include "report/page_content.h"
#include "report/words.h"

namespace assay {
namespace {

using namespace report;

constexpr std::size_t kFindings = 500, kEvidenceItems = 400, kNotices = 300, kRules = 200, kCommandBytes = 65'536;

class Report {
 public:
  explicit Report(const View& view) : v_(view), a_(view.assessment), c_(page_content(view)) {}

  std::string make() {
    o_.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    o_.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
        "data:\">");
    o_.raw(
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" "
        "content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">");
    o_.raw("<title>Assay: ").text(c_.organisation).raw("</title><style>").raw(kStyle).raw("</style></head>\n");
    o_.raw(c_.state == State::compromised ? Literal("<body class=\"compromised\">")
           : c_.state == State::no_sign   ? Literal("<body class=\"no_sign\">")
                                          : Literal("<body class=\"cannot_say\">"));
    o_.raw("<a class=\"skip\" href=\"#questions\">To the questions</a>\n");
    head();
    o_.raw("<main>\n");
    verdict();
    contents();
    questions();
    time();
    actions();
    lost();
    findings();
    explained();
    claims();
    coverage();
    arithmetic();
    reach();
    knowledge();
    evidence();
    o_.raw("</main>\n");
    foot();
    o_.raw("</body></html>\n");
    return o_.markup();
  }

 private:
  Html& h(std::string_view text) { return o_.text(v_.human(text), kReasonBytes); }  // from the case
  Html& w(std::string_view text) { return o_.text(text, kReasonBytes); }            // already masked and defanged
  void section(Literal id, Literal title) {
    o_.raw("<section aria-labelledby=\"").raw(id).raw("\"><h2 id=\"").raw(id).raw("\">").raw(title).raw("</h2>\n");
  }
  void end_section() { o_.raw("</section>\n"); }
  // A link to a finding's row: the label is "F" and digits.
  void link(std::string_view label) {
    o_.raw("<a class=\"f\" href=\"#").text(label).raw("\">").text(label).raw("</a>");
  }
  void links(const std::vector<std::string>& ids, std::size_t most) {
    std::set<std::uint32_t> numbers;
    for (const std::string& id : ids) {
      if (const Sighting* s = v_.sighting(id); s != nullptr && s->finding != 0) numbers.insert(s->finding);
    }
    std::size_t n = 0;
    for (const std::uint32_t number : numbers) {
      if (n++ == most) {
        o_.text(fmt::format(" and {} more", numbers.size() - most));
        return;
      }
      if (n > 1) o_.raw(" ");
      link(fmt::format("F{:02}", number));
    }
  }
  void table(Literal caption, std::initializer_list<Literal> columns) {
    o_.raw("<div class=\"scroll\"><table><caption>").raw(caption).raw("</caption><thead><tr>");
    for (const Literal column : columns) {
      // A '#' in front marks a column of numbers.
      if (column.view().starts_with('#')) {
        o_.raw("<th scope=\"col\" class=\"num\">").text(column.view().substr(1)).raw("</th>");
      } else {
        o_.raw("<th scope=\"col\">").raw(column).raw("</th>");
      }
    }
    o_.raw("</tr></thead><tbody>\n");
  }
  void end_table() { o_.raw("</tbody></table></div>\n"); }
  void and_more(std::size_t total, std::size_t shown, Literal where) {
    if (total > shown)
      o_.raw("<p class=\"note\">And ").text(grouped(total - shown)).raw(" more: ").raw(where).raw("</p>\n");
  }
  void list(const std::vector<std::string>& texts) {
    o_.raw("<ul>");
    for (const std::string& t : texts) {
      o_.raw("<li>");
      w(t).raw("</li>");
    }
    o_.raw("</ul>\n");
  }

  void head() {
    o_.raw("<header class=\"top\"><span class=\"brand\">ASSAY</span><span class=\"org\">");
    w(c_.organisation).raw("</span><span class=\"tlp\">");
    w(c_.marking).raw("</span></header>\n<p class=\"asked\"><b>Asked</b> ");
    w(c_.asked).raw(". ");
    w(c_.looked_at).raw(".</p>\n");
  }

  void verdict() {
    if (!c_.complete)
      o_.raw("<p class=\"warn\">INCOMPLETE: the run was stopped or lost a part; not everything was looked at.</p>\n");
    if (!c_.not_reproducible.empty()) {
      o_.raw("<p class=\"warn\">NOT REPRODUCIBLE: ");
      w(c_.not_reproducible).raw("</p>\n");
    }
    o_.raw("<div class=\"verdict\"><h1>");
    w(c_.headline).raw("</h1>");
    if (!c_.ongoing.empty()) {
      o_.raw("<p class=\"now\">");
      w(c_.ongoing).raw("</p>");
    }
    if (!c_.story.empty()) {
      o_.raw("<p>");
      for (std::size_t i = 0; i < c_.story.size(); ++i) {
        if (i > 0) o_.raw("; ");
        w(c_.story[i]);
      }
      o_.raw(".</p>");
    }
    for (const std::string& text : c_.lines) {
      o_.raw("<p>");
      w(text).raw("</p>");
    }
    if (!c_.data_taken.empty()) {
      o_.raw("<p class=\"data\">");
      w(c_.data_taken).raw("</p>");
    }
    o_.raw("</div>\n<div class=\"two\"><section aria-labelledby=\"next\"><h2 id=\"next\" class=\"cap\">Next hour</h2>");
    if (c_.next_hour.empty()) {
      o_.raw("<p>");
      w(c_.next_hour_none).raw("</p>");
    } else {
      if (c_.nothing_to_contain) o_.raw("<p>Nothing to contain. Then:</p>");
      o_.raw("<ol>");
      for (const PageContent::Next& n : c_.next_hour) {
        o_.raw("<li>");
        w(n.what);
        if (!n.on.empty()) {
          o_.raw(" <span class=\"dim\">");
          w(n.on).raw("</span>");
        }
        o_.raw("</li>");
      }
      o_.raw("</ol>");
    }
    o_.raw("</section><section aria-labelledby=\"unseen\"><h2 id=\"unseen\" class=\"cap\">Not seen</h2>");
    list(c_.not_seen);
    o_.raw("</section></div>\n");
  }

  void contents() {
    o_.raw(
        "<nav aria-label=\"Contents\"><ul><li><a href=\"#questions\">Questions</a></li><li><a href=\"#time\">What "
        "happened when</a></li><li><a href=\"#actions\">Actions</a></li>"
        "<li><a href=\"#lost\">About to be lost</a></li><li><a href=\"#findings\">Findings</a></li><li><a "
        "href=\"#explained\">Explained</a></li><li><a href=\"#claims\">Claims</a></li>"
        "<li><a href=\"#coverage\">Coverage</a></li><li><a href=\"#arithmetic\">Arithmetic</a></li><li><a "
        "href=\"#reach\">Scope</a></li><li><a href=\"#knowledge\">Advisory and rules</a></li>"
        "<li><a href=\"#evidence\">Evidence and notices</a></li></ul></nav>\n");
  }

  void questions() {
    section("questions", "Questions");
    table(
        "A judgement is a term of the scale with its printed range. Confidence says how firm the judgement is, and is "
        "no part of it.",
        {"Question", "Judgement", "Range", "Confidence", "Best reason, or with what chance we would have seen it"});
    for (const PageContent::Row& r : c_.rows) {
      o_.raw("<tr><th scope=\"row\" class=\"nowrap\">");
      w(r.label).raw("</th>");
      if (!r.judged) {
        o_.raw("<td><span class=\"cs\">CANNOT SAY</span></td><td class=\"nowrap\">")
            .add(range_bar(false, 0, 0))
            .raw("</td><td></td><td>");
        w(r.reason).raw("</td></tr>\n");
        continue;
      }
      const Question* q = a_.find(r.id);
      o_.raw("<td class=\"term\">");
      w(r.term)
          .raw("</td><td class=\"nowrap\">")
          .add(range_bar(true, q->term.low, q->term.high))
          .raw(" <span class=\"small dim\">");
      w(r.range).raw("</span></td><td>");
      w(r.confidence).raw("</td><td>");
      if (!r.finding.empty()) {
        const std::string first = r.finding.substr(0, r.finding.find('+'));
        link(first);
        if (first != r.finding) o_.raw("<span class=\"f\">").text(r.finding.substr(first.size())).raw("</span>");
        o_.raw(" ");
      }
      w(r.reason);
      if (!r.seen.empty()) {
        if (!r.reason.empty()) o_.raw("; ");
        o_.raw("had it happened, seen in ");
        w(r.seen);
      }
      o_.raw("</td></tr>\n");
    }
    end_table();
    if (!c_.publishers.empty()) {
      o_.raw("<blockquote><span class=\"cap\">The publisher's judgements, on the publisher's scale</span>");
      list(c_.publishers);
      o_.raw("</blockquote>\n");
    }
    if (!c_.would_change.empty()) {
      o_.raw("<h3>Would change the answer most</h3><ol>");
      for (std::size_t i = 0; i < c_.would_change.size() && i < 5; ++i) {
        o_.raw("<li>");
        w(c_.would_change[i].evidence).raw(" <span class=\"dim\">(");
        w(c_.would_change[i].question).raw(")</span></li>");
      }
      o_.raw("</ol>\n");
    }
    if (!c_.you_may_say.empty()) {
      o_.raw("<p><b>You may say:</b> ");
      w(c_.you_may_say).raw("</p>\n");
    }
    end_section();
  }

  void time() {
    section("time", "What happened when");
    const Html drawing = timeline(v_);
    if (drawing.empty()) {
      o_.raw("<p>Nothing that carries a time.</p>\n");
    } else {
      o_.raw(
          "<p class=\"legend\">Filled: a question counts it. Hollow: none does (scans, explained, repeated). Below: "
          "days that a source covers; hatched days hold no record. All times are UTC.</p>");
      o_.add(drawing);
    }
    end_section();
  }

  void actions() {
    section("actions", "Actions, in order");
    if (a_.actions.empty()) o_.raw("<p>None.</p>\n");
    std::map<int, std::vector<const Action*>> phases;
    for (const Action& a : a_.actions) phases[a.phase].push_back(&a);
    for (const auto& [phase, list] : phases) {
      o_.raw("<div class=\"phase\"><h3><span class=\"dim\">")
          .number(phase)
          .raw("</span> ")
          .text(phase_words(phase))
          .raw("</h3><ol>");
      for (const Action* a : list) {
        o_.raw("<li><b>");
        h(a->what).raw("</b>");
        if (!a->on.empty()) {
          o_.raw(" on ");
          h(a->on);
        }
        o_.raw("<br><span class=\"small dim\">");
        if (!a->because.empty()) {
          o_.raw("because ");
          h(a->because).raw(". ");
        }
        if (!a->owner_role.empty()) {
          o_.raw("By: ");
          h(a->owner_role).raw(". ");
        }
        if (!a->destroys.empty()) {
          o_.raw("<b>Destroys: ");
          h(join_and(a->destroys, 8)).raw(".</b> ");
        }
        if (!a->after.empty()) {
          o_.raw("Only after: ");
          h(join_and(a->after, 8)).raw(". ");
        }
        o_.raw(a->reversible ? Literal("Can be undone.") : Literal("<b>Cannot be undone.</b>"));
        if (!a->pap.empty()) {
          o_.raw(starts_with_icase(a->pap, "pap") ? Literal(" ") : Literal(" PAP:"));
          h(a->pap).raw(".");
        }
        if (!a->source.empty()) {
          o_.raw(" From: ");
          h(a->source).raw(".");
        }
        o_.raw("</span></li>");
      }
      o_.raw("</ol></div>\n");
    }
    end_section();
  }

  void lost() {
    section("lost", "About to be lost");
    if (a_.about_to_be_lost.empty()) {
      o_.raw("<p>No source with a known edge of retention is about to lose evidence of the time in question.</p>\n");
    } else {
      table("Sources whose oldest evidence ages out, and what stops it.",
            {"On", "Source", "Oldest evidence", "What to do"});
      for (const PageContent::Expiry& x : c_.about_to_be_lost) {
        o_.raw("<tr><th scope=\"row\" class=\"nowrap\">");
        w(x.on).raw("</th><td>");
        w(x.source).raw("</td><td class=\"nowrap\">");
        w(x.oldest).raw("</td><td>");
        w(x.what_to_do).raw("</td></tr>\n");
      }
      end_table();
    }
    end_section();
  }

  void findings() {
    section("findings", "Findings");
    std::vector<const Sighting*> order;
    for (const Sighting* s : v_.sightings()) {
      if (s->finding != 0) order.push_back(s);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const Sighting* a, const Sighting* b) { return a->finding < b->finding; });
    if (order.empty()) {
      o_.raw("<p>None.</p>\n");
      end_section();
      return;
    }
    table("What detectors met, and under each the first record with the command that shows its bytes without Assay.",
          {"No.", "First and last (UTC)", "What and why", "Host, account", "#Times", "Outcome"});
    for (std::size_t i = 0; i < order.size() && i < kFindings; ++i) finding(*order[i]);
    end_table();
    and_more(order.size(), kFindings, "assay report --format jsonl");
    end_section();
  }

  void finding(const Sighting& s) {
    const DetectorInfo* d = v_.detector(s.detector_id);
    const std::string label = v_.label(s);
    const bool has_record = !s.records.empty();
    o_.raw(has_record ? Literal("<tr class=\"has-ev\" id=\"") : Literal("<tr id=\""))
        .text(label)
        .raw("\"><th scope=\"row\" class=\"f\">")
        .text(label)
        .raw("</th><td class=\"nowrap\">");
    w(s.time.known() ? moment_year(s.time) : std::string("not known"));
    if (s.until.known() && s.until != s.time) {
      o_.raw("<br><span class=\"dim\">");
      w(moment_year(s.until)).raw("</span>");
    }
    o_.raw("</td><td class=\"wrap\"><b>");
    h(d != nullptr ? d->title : s.detector_id).raw("</b><br>");
    h(s.why).raw("</td><td class=\"wrap host\">");
    h(s.host);
    if (!s.account.empty()) {
      if (!s.host.empty()) o_.raw("<br>");
      w(v_.human_account(s.account));
    }
    o_.raw("</td><td class=\"num\">");
    w(grouped(s.count)).raw("</td><td>");
    if (s.role != Role::none) {
      o_.text(name_of(s.role)).raw("<br>");
    }
    if (s.outcome != Outcome::unknown) o_.text(name_of(s.outcome));
    o_.raw("</td></tr>\n");
    if (!has_record) return;
    const Sighting::Reference& r = s.records.front();
    const EvidenceItem* item = v_.item(r.evidence);
    o_.raw("<tr class=\"ev\"><td></td><td colspan=\"5\" class=\"small\"><span class=\"dim\">");
    h(r.evidence).raw(" ");
    h(item != nullptr ? item->path : "")
        .raw(", byte ")
        .text(grouped(r.offset))
        .raw(", ")
        .text(count_of(r.length, "byte", "bytes"));
    if (s.records.size() > 1)
      o_.raw(", and ")
          .text(count_of(s.records.size() - 1, "further record", "further records"))
          .raw(" (assay explain ")
          .text(label)
          .raw(")");
    if (!s.copies.empty())
      o_.raw("; the same bytes stand in ").text(count_of(s.copies.size(), "other place", "other places"));
    o_.raw("</span>");
    if (item != nullptr) {
      const ShellCommand c = evidence_command(v_, *item, r);
      if (!c.text.empty()) o_.raw("<code>").text(c.text, kCommandBytes).raw("</code>");
      for (const std::string& remark : c.remarks) o_.raw("<br><span class=\"dim\">").text(remark).raw("</span>");
    }
    o_.raw("</td></tr>\n");
  }

  void explained() {
    section("explained", "Looked alarming and is explained");
    if (c_.alarms.empty()) {
      o_.raw("<p>Nothing.</p>\n");
    } else {
      table("A reader who sees no look-alikes cannot tell whether they were judged or missed.",
            {"No.", "What was seen", "Why it does not count"});
      for (const PageContent::Alarm& a : c_.alarms) {
        o_.raw("<tr><td>");
        if (!a.finding.empty()) link(a.finding);
        o_.raw("</td><td>");
        w(a.text).raw("</td><td>");
        w(a.explanation).raw("</td></tr>\n");
      }
      end_table();
    }
    if (!c_.not_counted.empty()) {
      o_.raw("<h3>Not counted</h3>");
      list(c_.not_counted);
    }
    if (!c_.judged.empty()) {
      o_.raw("<h3>Said by people</h3>");
      list(c_.judged);
    }
    if (!c_.recommended.empty()) {
      o_.raw("<h3>Recommendations of the advisory</h3>");
      list(c_.recommended);
    }
    end_section();
  }

  void claims() {
    section("claims", "Claims of the advisory");
    if (a_.claims.empty()) {
      o_.raw("<p>None.</p>\n");
      end_section();
      return;
    }
    table(
        "What would be seen if the advisory holds here. Visible: in how many of ten cases it would have shown, over "
        "the hosts in scope and the time of the campaign.",
        {"Claim", "State", "#Seen", "#Visible", "Why"});
    for (const ClaimResult& c : a_.claims) {
      o_.raw("<tr><td>");
      h(c.text).raw("<br><span class=\"small dim mono\">");
      h(c.id).raw("</span></td><td class=\"nowrap\">");
      o_.raw(c.state == "seen"       ? Literal("<b>seen</b>")
             : c.state == "not_seen" ? Literal("not seen")
                                     : Literal("<span class=\"cs\">CANNOT SAY</span>"));
      o_.raw("</td><td class=\"num\">");
      w(grouped(c.seen)).raw("</td><td class=\"num\">");
      w(in_ten(c.visible)).raw("</td><td>");
      h(c.why).raw("</td></tr>\n");
    }
    end_table();
    end_section();
  }

  void coverage() {
    section("coverage", "Coverage");
    if (a_.coverage.empty()) {
      o_.raw("<p>No source with times was read.</p>\n");
    } else {
      table("What the evidence holds, by kind of source.", {"Source", "#Hosts", "#Records", "From", "To", "Holes"});
      for (const CoverageLine& c : a_.coverage) {
        o_.raw("<tr><th scope=\"row\">");
        h(c.source).raw("</th><td class=\"num\">");
        w(c.hosts > 0 ? grouped(c.hosts) : std::string("-")).raw("</td><td class=\"num\">");
        w(grouped(c.records)).raw("</td><td class=\"nowrap\">");
        w(moment_year(c.first)).raw("</td><td class=\"nowrap\">");
        w(moment_year(c.last)).raw("</td><td>");
        for (std::size_t i = 0; i < c.gaps.size() && i < 6; ++i) {
          if (i > 0) o_.raw("; ");
          // A hole that ends at midnight ends with the day before.
          const Time to = c.gaps[i].second;
          const bool midnight = to.known() && to.ns % kDay == 0 && to > c.gaps[i].first;
          w(date_span(c.gaps[i].first, midnight ? Time{to.ns - 1} : to));
        }
        if (c.gaps.size() > 6) o_.text(fmt::format(" and {} more", c.gaps.size() - 6));
        o_.raw("</td></tr>\n");
      }
      end_table();
    }
    end_section();
  }

  void arithmetic() {
    section("arithmetic", "The arithmetic");
    o_.raw(
        "<p class=\"note\">Log odds to base 10: +1 makes it ten times as likely as before, -1 a tenth. The lines add "
        "up; figures beyond 1 and 99 of 100 are clipped last.</p>\n");
    double most = 1;
    for (const Question& q : a_.questions) {
      for (const std::vector<Because>* lines : {&q.because, &q.against}) {
        for (const Because& b : *lines) most = std::max(most, std::abs(b.log10_lr));
      }
    }
    for (const Question& q : a_.questions) {
      o_.raw("<h3>")
          .text(question_sentence(q.id))
          .raw(
              "</h3>\n<div class=\"scroll\"><table class=\"sum\"><thead><tr><th scope=\"col\" class=\"num\">log10 "
              "odds</th><th scope=\"col\">size</th><th scope=\"col\">findings</th><th "
              "scope=\"col\">reason</th></tr></thead><tbody>");
      const double prior = std::clamp(q.prior, 1e-9, 1 - 1e-9);
      double sum = std::log10(prior / (1 - prior));
      o_.raw("<tr><td class=\"num\">")
          .text(signed_fixed(sum, 2))
          .raw("</td><td></td><td></td><td>prior: ")
          .text(fmt::format("{:.4f}", q.prior))
          .raw(" before any evidence</td></tr>");
      for (const auto& [lines, against] : {std::pair(&q.because, false), std::pair(&q.against, true)}) {
        for (const Because& b : *lines) {
          sum += b.log10_lr;
          o_.raw("<tr><td class=\"num\">")
              .text(signed_fixed(b.log10_lr, 2))
              .raw("</td><td class=\"nowrap\"><span class=\"bar");
          o_.raw(b.log10_lr < 0 ? Literal(" neg") : Literal(""))
              .raw("\" style=\"width:")
              .fixed(std::abs(b.log10_lr) / most * 90, 0)
              .raw("px\"></span></td><td>");
          links(b.sightings, 4);
          o_.raw("</td><td>");
          if (against) o_.raw("against: ");
          h(b.reason).raw("</td></tr>");
        }
      }
      const double p = 1 / (1 + std::pow(10, -sum));
      o_.raw("<tr><td class=\"num\"><b>").text(signed_fixed(sum, 2)).raw("</b></td><td></td><td></td><td><b>");
      o_.text(fmt::format("sum = {:.4f}; stated {:.4f}", p, q.probability));
      if (q.judged) {
        o_.raw(", worded: ").text(q.term.words).raw(" (").text(range_text(q.term)).raw(")");
      } else {
        o_.raw(", but CANNOT SAY: ");
        h(q.why);
      }
      o_.raw("</b></td></tr>");
      end_table();
    }
    if (!a_.initial_access.empty()) {
      o_.raw("<h3>Ways in, if somebody got in</h3>");
      table("Shares of the ways in.", {"Way", "#Share"});
      for (const auto& [way, part] : a_.initial_access) {
        o_.raw("<tr><td>");
        h(access_words(way)).raw("</td><td class=\"num\">").text(fmt::format("{:.2f}", part)).raw("</td></tr>");
      }
      end_table();
    }
    if (!a_.actors.empty()) {
      o_.raw("<h3>Consistent with</h3>");
      table("A ranking over known actors; it names nobody. The publisher's own judgement stands under Questions.",
            {"Actor", "#Share", "Because"});
      for (std::size_t i = 0; i < a_.actors.size() && i < kShownActors; ++i) {
        o_.raw("<tr><td>");
        h(a_.actors[i].name)
            .raw("</td><td class=\"num\">")
            .text(fmt::format("{:.2f}", a_.actors[i].probability))
            .raw("</td><td>");
        h(join_and(a_.actors[i].because, 6)).raw("</td></tr>");
      }
      end_table();
    }
    const Exfiltration& e = a_.exfiltration;
    if (!e.lines.empty()) {
      o_.raw("<h3>What left: the terms of the sum</h3>");
      table("Bytes. Low: tied to the intrusion. High: and what nothing explains.",
            {"What", "From", "To", "#Low", "#High", "Findings"});
      for (const Exfiltration::Line& l : e.lines) {
        o_.raw("<tr><td>");
        h(l.what).raw("</td><td>");
        h(l.host).raw("</td><td class=\"wrap\">");
        h(l.destination).raw("</td><td class=\"num\">");
        w(grouped(l.low)).raw("</td><td class=\"num\">");
        w(grouped(l.high)).raw("</td><td>");
        links(l.sightings, 4);
        o_.raw("</td></tr>");
      }
      if (e.bounded) {
        o_.raw("<tr><th scope=\"row\">stated</th><td></td><td></td><td class=\"num\"><b>")
            .text(grouped(e.left_low))
            .raw("</b></td><td class=\"num\"><b>")
            .text(grouped(e.left_high))
            .raw("</b></td><td></td></tr>");
      }
      end_table();
    }
    end_section();
  }

  void pair(Literal name, std::string_view value) {
    if (value.empty()) return;
    o_.raw("<dt>").raw(name).raw("</dt><dd>");
    w(value).raw("</dd>");
  }

  void reach() {
    section("reach", "Scope and credentials");
    const Scope& s = a_.scope;
    o_.raw("<dl class=\"kv\">");
    pair("since", c_.since);
    pair("hosts confirmed", v_.human(join_and(s.confirmed, 60)));
    pair("hosts suspected", v_.human(join_and(s.suspected, 60)));
    pair("hosts touched", v_.human(join_and(s.touched, 60)));
    pair("hosts examined", s.in_scope > 0 ? fmt::format("{} of {} in scope", grouped(s.examined), grouped(s.in_scope))
                                          : grouped(s.examined) + " (no scope given)");
    pair("hosts not examined", v_.human(join_and(s.not_examined, 60)));
    std::vector<std::string> accounts;
    for (const std::string& name : s.accounts) accounts.push_back(v_.human_account(name));
    pair("accounts", join_and(accounts, 60));
    pair("data reached", c_.reached);
    pair("data staged", c_.staged);
    pair("data left, if so", c_.left);
    o_.raw("</dl>\n");
    if (!c_.lost.empty()) {
      table("Credentials that must be taken as lost.", {"Account", "Kind", "How", "Exposed", "Used by the intruder"});
      for (const PageContent::Lost& l : c_.lost) {
        o_.raw("<tr><th scope=\"row\">");
        w(l.account).raw("</th><td>");
        w(l.kind).raw("</td><td>");
        w(l.how).raw("</td><td class=\"nowrap\">");
        w(l.when).raw("</td><td>");
        w(l.used).raw("</td></tr>");
      }
      end_table();
    }
    end_section();
  }

  void knowledge() {
    section("knowledge", "Advisory and rules");
    table("Advisories in force.", {"Name", "Publisher", "Published", "Marking", "SHA-256 of the file"});
    for (const Advisory& a : v_.data.knowledge.advisories) {
      o_.raw("<tr><td>");
      h(a.name).raw("</td><td>");
      h(join_and(a.publishers, 8)).raw("</td><td class=\"nowrap\">");
      w(format_day_month_year(a.published)).raw("</td><td class=\"nowrap\">");
      w(a.tlp == Tlp::unmarked ? std::string("not marked") : std::string(name_of(a.tlp)))
          .raw("</td><td class=\"mono wrap\">");
      h(a.hash).raw("</td></tr>");
    }
    end_table();
    const CaseData& d = v_.data;
    o_.raw("<p>")
        .text(grouped(d.rules_loaded))
        .raw(" rules and indicators were loaded, ")
        .text(grouped(d.not_loaded.size()))
        .raw(" were not, ");
    o_.text(grouped(d.not_evaluable.size()))
        .raw(" could not be evaluated, ")
        .text(grouped(d.blind.size()))
        .raw(" times a rule was blind because its field is absent.</p>\n");
    if (!d.not_loaded.empty() || !d.not_evaluable.empty() || !d.blind.empty()) {
      table("Rules that did not look, and why.", {"What", "Rule", "Where", "Reason"});
      std::size_t n = 0;
      const auto rows = [&](const std::vector<NotLoaded>& rules, Literal what, bool blind) {
        for (const NotLoaded& r : rules) {
          if (n++ >= kRules) return;
          o_.raw("<tr><td class=\"nowrap\">").raw(what).raw("</td><td class=\"wrap\">");
          h(r.id).raw("</td><td class=\"wrap\">");
          h(r.path).raw("</td><td>");
          if (blind) o_.raw("no value of ");
          h(r.reason).raw("</td></tr>");
        }
      };
      rows(d.not_loaded, "not loaded", false);
      rows(d.not_evaluable, "not evaluable", false);
      rows(d.blind, "blind here", true);
      end_table();
      and_more(d.not_loaded.size() + d.not_evaluable.size() + d.blind.size(), kRules, "assay report --format json");
    }
    end_section();
  }

  void evidence() {
    section("evidence", "Evidence and notices");
    const CaseData& d = v_.data;
    if (!c_.assumed.empty()) {
      o_.raw("<h3>Assumed</h3>");
      list(c_.assumed);
    }
    if (!d.mentions.empty()) {
      table("Mentions: text that quotes an advisory, a rule or a list. It supports nothing.",
            {"Evidence", "#Hits", "Quotes"});
      for (std::size_t i = 0; i < d.mentions.size() && i < kNotices; ++i) {
        const Mention& m = d.mentions[i];
        const EvidenceItem* item = v_.item(m.evidence);
        std::string name = m.advisory.empty() ? "rule files" : m.advisory;
        for (const Advisory& a : d.knowledge.advisories) {
          if (a.id == m.advisory) name = a.name;
        }
        o_.raw("<tr><td class=\"wrap\">");
        h(m.evidence + " " + (item != nullptr ? item->path : std::string())).raw("</td><td class=\"num\">");
        w(grouped(m.count)).raw("</td><td>");
        h(name).raw("</td></tr>");
      }
      end_table();
      and_more(d.mentions.size(), kNotices, "assay report --format json");
    }
    if (d.notices.empty()) {
      o_.raw("<p>No notices.</p>\n");
    } else {
      table("Notices: what could not be done, or must be known about the evidence.",
            {"Kind", "#Count", "Where", "What"});
      for (std::size_t i = 0; i < d.notices.size() && i < kNotices; ++i) {
        const Notice& n = d.notices[i];
        std::string kind(name_of(n.kind));
        std::replace(kind.begin(), kind.end(), '_', ' ');
        o_.raw("<tr><td class=\"nowrap\">");
        w(kind).raw("</td><td class=\"num\">");
        w(grouped(n.count)).raw("</td><td class=\"wrap\">");
        h(n.item);
        if (n.offset > 0) o_.raw(" <span class=\"dim\">byte ").text(grouped(n.offset)).raw("</span>");
        o_.raw("</td><td>");
        h(n.detail).raw("</td></tr>");
      }
      end_table();
      and_more(d.notices.size(), kNotices, "assay report --format json");
    }
    if (!d.evidence.empty()) {
      table("Evidence items. The records of an item are its own, not its members'.",
            {"Id", "Item", "Read as", "#Bytes", "#Records", "From and to", "SHA-256"});
      for (std::size_t i = 0; i < d.evidence.size() && i < kEvidenceItems; ++i) {
        const EvidenceItem& e = d.evidence[i];
        o_.raw("<tr><td class=\"mono\">");
        h(e.id).raw("</td><td class=\"wrap\">");
        h(e.path);
        if (!e.copies.empty())
          o_.raw(" <span class=\"dim\">(and ").text(count_of(e.copies.size(), "copy", "copies")).raw(")</span>");
        o_.raw("</td><td>");
        h(e.shape.empty() ? e.kind : e.shape).raw("</td><td class=\"num\">");
        w(grouped(e.bytes)).raw("</td><td class=\"num\">");
        w(grouped(e.records)).raw("</td><td>");
        w(date_span(e.first, e.last)).raw("</td><td class=\"mono small wrap\">");
        h(e.sha256).raw("</td></tr>");
      }
      end_table();
      and_more(d.evidence.size(), kEvidenceItems, "assay report --format json");
    }
    end_section();
  }

  void foot() {
    o_.raw("<footer>");
    if (!v_.options.case_path.empty()) {
      o_.raw("Case ");
      h(v_.options.case_path).raw(". ");
    }
    if (!v_.options.custody_head.empty()) {
      o_.raw("Head of the processing log: <span class=\"mono\">");
      h(v_.options.custody_head).raw("</span>. Write it down: a changed case cannot keep it. ");
    }
    if (v_.data.as_of.known()) o_.raw("As of ").text(format_utc(v_.data.as_of)).raw(". ");
    if (!v_.options.names && !v_.mask().key().empty()) o_.raw("Accounts are shown as numbers. ");
    o_.raw(
        "Addresses and names of indicators are written with brackets so that nothing turns them into links. This "
        "report decides nothing beyond the case and draws no legal conclusion.</footer>\n");
  }

  const View& v_;
  const Assessment& a_;
  PageContent c_;
  Html o_;
};

}  // namespace

std::string html_report(const CaseData& data, const Assessment& assessment, const ReportOptions& options) {
  const View view(data, &assessment, options);
  return Report(view).make();
}

}  // namespace assay
