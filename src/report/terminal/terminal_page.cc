// The answer page on a terminal. The first twelve lines answer five questions on their own: is it bad, is it still
// going on, did anything leave, what to do in the next hour, what could not be seen. Needs no colour; every line fits
// the width.

#include <algorithm>

#include "report/escape.h"
#include "report/page_content.h"
#include "report/words.h"

namespace assay {
namespace {

using namespace report;

constexpr std::size_t kHeadLines = 12;
constexpr std::size_t kLeastWidth = 60, kMostWidth = 200;
constexpr std::size_t kLabel = 21, kConfidence = 46, kReason = 54;

class Page {
 public:
  Page(const PageContent& content, const View& view)
      : c_(content), v_(view), width_(std::clamp(view.options.width, kLeastWidth, kMostWidth)) {}

  std::string make() {
    head();
    questions();
    details();
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
  static Plain say(std::string_view text) { return show(text, kReasonBytes); }
  void line(Plain text) { lines_.push_back(text.columns() > width_ ? text.cut(width_) : std::move(text)); }
  void blank() {
    if (!lines_.empty() && !lines_.back().empty()) lines_.emplace_back();
  }
  static Plain pad(const Plain& text, std::size_t columns) {
    const std::size_t used = text.columns();
    return used >= columns ? text : text + Plain::spaces(columns - used);
  }
  // Whole words that fit, and ".." when something was left out.
  static Plain fit(const Plain& text, std::size_t columns) {
    if (text.columns() <= columns) return text;
    const Plain words = text.wrap(columns - 2).front();
    return words.columns() * 2 < columns ? text.cut(columns) : words + "..";
  }
  // A label and text that wraps in its own column; at most `most` lines, the last one cut.
  void labelled(const Plain& label, const Plain& text, std::size_t column, std::size_t most = 4) {
    std::vector<Plain> parts = text.wrap(width_ - column);
    const bool too_long = parts.size() > most;
    if (too_long) parts.resize(most);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Plain part = std::move(parts[i]);
      if (too_long && i + 1 == most) part = fit(part + " ....", width_ - column);
      line((i == 0 ? pad(label, column) : Plain::spaces(column)) + part);
    }
  }
  void labelled(Literal label, std::string_view text, std::size_t most = 4) {
    if (!text.empty()) labelled(Plain(label), say(text), kLabel, most);
  }
  void heading(const Plain& text) {
    blank();
    line(" " + text);
  }
  static std::string joined(const std::vector<std::string>& parts, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < parts.size() && i < most; ++i) out += (i > 0 ? "; " : "") + parts[i];
    if (parts.size() > most) out += "; and " + grouped(parts.size() - most) + " more";
    return out;
  }

  // --- the first twelve lines
  // -----------------------------------------------------------------------------------------
  void head() {
    const Plain marking = show(c_.marking);
    line(pad(("ASSAY  " + say(c_.organisation)).cut(width_ - marking.columns() - 2), width_ - marking.columns()) +
         marking);
    // Two lines: what was looked at stays whole, the advisory's name gives way.
    const Plain asked = say(c_.asked);
    const auto header = [&](const std::string& looked, std::size_t columns) {
      return asked.cut(columns) + ".  " + say(looked) + ".";
    };
    const auto fits = [&](const Plain& text) { return text.wrap(width_ - 7).size() <= 2; };
    std::size_t columns = asked.columns();
    const std::string& looked = fits(header(c_.looked_at, columns)) ? c_.looked_at : c_.looked_at_short;
    while (columns > 20 && !fits(header(looked, columns))) --columns;
    labelled(Plain("Asked"), header(looked, columns), 7, 2);
    line(c_.complete ? Plain()
                     : Plain("  INCOMPLETE: the run was stopped or lost a part; not everything was looked at."));

    headline_ = lines_.size();
    const Plain headline = "  " + say(c_.headline);
    const Plain together = headline + "   " + say(c_.ongoing);
    const bool one_line = c_.ongoing.empty() || together.columns() <= width_;
    line(one_line ? together : headline);
    if (!one_line) line("  " + say(c_.ongoing));
    if (!c_.story.empty()) story(one_line ? 2 : 1);
    for (const std::string& text : c_.lines) labelled(Plain("  "), say(text), 2, 2);
    if (!c_.data_taken.empty()) line("  " + say(c_.data_taken));
    next_hour();
    Plain not_seen;
    for (const std::string& phrase : c_.not_seen) {
      const Plain more = not_seen.empty() ? say(phrase) : not_seen + "; " + say(phrase);
      if (!not_seen.empty() && more.columns() + 13 > width_) break;
      not_seen = more;
    }
    line(fit("  NOT SEEN   " + not_seen, width_));
    blank();
  }

  // As many clauses as fit.
  void story(std::size_t most_lines) {
    Plain text;
    for (const std::string& clause : c_.story) {
      const Plain more = text.empty() ? say(clause) : text + "; " + say(clause);
      if (text.empty() || (more + ".").wrap(width_ - 2).size() <= most_lines) text = more;
    }
    labelled(Plain("  "), text + ".", 2, most_lines);
  }

  void next_hour() {
    if (c_.next_hour.empty()) {
      line("  NEXT HOUR  " + say(c_.next_hour_none));
      return;
    }
    // What is left of the twelve lines, less the one for what was not seen.
    std::size_t room = kHeadLines > lines_.size() + 1 ? kHeadLines - lines_.size() - 1 : 1;
    Plain label("  NEXT HOUR  ");
    if (c_.nothing_to_contain && room > 1) {
      line(label + "nothing to contain.  Then:");
      label = Plain::spaces(13);
      --room;
    }
    for (std::size_t i = 0; i < c_.next_hour.size() && i < room; ++i) {
      Plain what = say(c_.next_hour[i].what);
      const Plain with_asset = what + ": " + say(c_.next_hour[i].on);
      if (!c_.next_hour[i].on.empty() && with_asset.columns() + 15 <= width_) what = with_asset;
      line(label + show(grouped(i + 1)) + " " + fit(what, width_ - 15));
      label = Plain::spaces(13);
    }
  }

  // --- the table
  // ------------------------------------------------------------------------------------------------------
  void questions() {
    const bool low_page = c_.state != State::compromised;
    const Plain scale =
        v_.options.scale == Scale::phia ? Plain("Judgement (PHIA range)") : Plain("Judgement (ICD 203)");
    line(pad(pad(pad(Plain(" Question"), kLabel) + scale, kConfidence) + " Conf.", kReason) +
         (low_page ? Plain("Had it happened, seen in") : Plain("Best reason")));
    std::string last_reason;
    for (const PageContent::Row& r : c_.rows) {
      const Plain label = pad(" " + say(r.label), kLabel);
      if (!r.judged) {
        labelled(label, "CANNOT SAY: " + (r.reason == last_reason ? Plain("for the same reason") : say(r.reason)),
                 kLabel, 3);
        last_reason = r.reason;
      } else {
        last_reason.clear();
        Plain left = label + pad(say(r.term), 16) + "(" + say(r.range) + ")";
        left = pad(pad(left, kConfidence) + " " + (r.confidence == "moderate" ? Plain("mod.") : show(r.confidence, 6)),
                   kReason);
        if (low_page && !r.seen.empty()) {
          line(left + say(r.seen));
        } else {
          // A short reason stands in its column; a long one gets the width of two below.
          Plain reason = say(r.reason);
          if (!r.seen.empty())
            reason = reason + (reason.empty() ? Plain() : Plain("; ")) + "had it happened, seen in " + say(r.seen);
          const Plain finding = say(r.finding);
          const Plain together = finding.empty() ? reason : finding + " " + reason;
          if (together.wrap(width_ - kReason).size() <= 2) {
            labelled(left, together, kReason, 2);
          } else {
            line(left + finding);
            labelled(Plain(), reason, kLabel, 3);
          }
        }
      }
      if (r.id == "access" && !c_.ways.empty()) {
        labelled(Plain("   first way in"),
                 say(c_.ways[0]) + (c_.ways.size() > 1 ? "; then: " + say(c_.ways[1]) : Plain()), kLabel, 2);
      }
      if (r.id == "ongoing") {
        labelled(" Data reached", c_.reached, 2);
        labelled(" Data staged", c_.staged, 2);
        labelled(" Data left, if so", c_.left, 2);
      }
    }
    if (c_.rows.empty()) line(Plain(" (nothing was assessed)"));
  }

  // --- the rest
  // -------------------------------------------------------------------------------------------------------
  void details() {
    labelled("   since", c_.since, 3);
    labelled("   hosts", c_.hosts, 4);
    for (std::size_t i = 0; i < c_.publishers.size() && i < 2; ++i) labelled("   publisher says", c_.publishers[i], 3);

    if (!c_.blind.empty()) {
      heading("Cannot say, of " + show(count_of(c_.claims, "claim", "claims")) +
              " of the advisory: " + show(grouped(c_.blind.size())));
      for (std::size_t i = 0; i < c_.blind.size() && i < 3; ++i) {
        labelled(Plain("   -"),
                 say(c_.blind[i].text) + (c_.blind[i].why.empty() ? Plain() : ": " + say(c_.blind[i].why)), 5, 3);
      }
      if (c_.blind.size() > 3) line("     and " + show(grouped(c_.blind.size() - 3)) + " more: assay explain CLAIM-ID");
    }

    if (!c_.alarms.empty()) {
      constexpr std::size_t kShown = 8;
      heading(Plain("Looked alarming and is explained"));
      for (std::size_t i = 0; i < c_.alarms.size() && i < kShown; ++i) {
        const PageContent::Alarm& a = c_.alarms[i];
        labelled(" " + pad(a.finding.empty() ? Plain("-") : say(a.finding), 4),
                 say(a.text) + "  => " + say(a.explanation), 6, 3);
      }
      if (c_.alarms.size() > kShown)
        line("      and " + show(grouped(c_.alarms.size() - kShown)) + " more in the full report");
    }

    if (!c_.lost.empty()) {
      constexpr std::size_t kShown = 8;
      std::string text;
      for (std::size_t i = 0; i < c_.lost.size() && i < kShown; ++i) {
        const PageContent::Lost& l = c_.lost[i];
        text += (i > 0 ? "; " : "") + l.account + " (" + l.kind;
        if (!l.how.empty()) text += ", " + l.how;
        if (!l.when.empty()) text += " " + l.when;
        text += ", " + l.used + ")";
      }
      if (c_.lost.size() > kShown) text += "; and " + grouped(c_.lost.size() - kShown) + " more";
      blank();
      labelled(" Treat as lost", text, 6);
    }

    if (!c_.would_change.empty()) {
      heading(Plain("Would change the answer most"));
      for (std::size_t i = 0; i < c_.would_change.size() && i < 3; ++i) {
        labelled(" " + show(grouped(i + 1)),
                 say(c_.would_change[i].evidence) + "  (" + say(c_.would_change[i].question) + ")", 3, 2);
      }
    }

    if (!c_.about_to_be_lost.empty()) {
      heading(Plain("About to be lost"));
      for (std::size_t i = 0; i < c_.about_to_be_lost.size() && i < 4; ++i) {
        const PageContent::Expiry& x = c_.about_to_be_lost[i];
        labelled(" " + say(x.on),
                 say(x.source) + (x.oldest.empty() ? Plain() : " of " + say(x.oldest)) +
                     (x.what_to_do.empty() ? Plain() : ".  " + say(x.what_to_do)),
                 8, 4);
      }
      if (c_.about_to_be_lost.size() > 4)
        line("        and " + show(grouped(c_.about_to_be_lost.size() - 4)) + " more in the full report");
    }

    if (!c_.judged.empty()) {
      constexpr std::size_t kShown = 6;
      heading(Plain("Said by people"));
      for (std::size_t i = 0; i < c_.judged.size() && i < kShown; ++i) labelled(Plain("   -"), say(c_.judged[i]), 5, 3);
      if (c_.judged.size() > kShown)
        line("     and " + show(grouped(c_.judged.size() - kShown)) + " more in the full report");
    }

    if (!c_.recommended.empty()) {
      heading(Plain("Recommendations of the advisory"));
      for (std::size_t i = 0; i < c_.recommended.size() && i < 8; ++i)
        labelled(Plain("   -"), say(c_.recommended[i]), 5, 2);
      if (c_.recommended.size() > 8)
        line("     and " + show(grouped(c_.recommended.size() - 8)) + " more in the full report");
    }

    blank();
    labelled(" Not counted", joined(c_.not_counted, 8), 5);
    labelled(" Evidence", joined(c_.problems, 16), 5);
    labelled(" Rules", c_.rules, 2);
    labelled(" Assumed", joined(c_.assumed, 3), 3);
    labelled(" Not reproducible", c_.not_reproducible, 2);
    labelled(" You may say", c_.you_may_say, 4);
  }

  void foot() {
    blank();
    Plain text(" assay explain exfiltration = the sums.");
    if (!c_.example.empty()) text = " assay explain " + say(c_.example) + " = the bytes.  " + text;
    line(text);
    if (!v_.options.case_path.empty()) line(" Case " + say(v_.human(v_.options.case_path)));
    if (!v_.options.custody_head.empty())
      line(" Log head " + show(short_hash(v_.options.custody_head)) + ": write it down.");
    if (!v_.options.names && !v_.mask().key().empty())
      line(Plain(" Accounts are shown as numbers; --names shows them."));
  }

  const PageContent& c_;
  const View& v_;
  std::size_t width_;
  std::size_t headline_ = 0;
  std::vector<Plain> lines_;
};

}  // namespace

std::string terminal_page(const CaseData& data, const Assessment& assessment, const ReportOptions& options) {
  const View view(data, &assessment, options);
  return Page(page_content(view), view).make();
}

}  // namespace assay
