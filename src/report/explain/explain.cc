// explain: from a question, a finding or a claim down to the arithmetic, the records and the shell command that shows
// their bytes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/ascii.h"
#include "core/hash.h"
#include "report/escape.h"
#include "report/explain/evidence_command.h"
#include "report/view.h"
#include "report/words.h"

namespace assay {
namespace {

using namespace report;

constexpr std::size_t kShownRecord = 2048;  // bytes of a record that are printed
constexpr std::size_t kRecordLines = 60;
constexpr std::size_t kCommandBytes = 65'536;  // a command is not cut
constexpr std::size_t kFindingsOfClaim = 20;

double log10_odds(double p) {
  const double clipped = std::clamp(p, 1e-9, 1 - 1e-9);
  return std::log10(clipped / (1 - clipped));
}
double probability_of(double odds) { return 1 / (1 + std::pow(10, -odds)); }

// Headers of a message without what it is about, and without the names that stand before addresses. Subjects are never
// shown; names with `names`.
std::string without_personal_headers(std::string_view headers, bool names) {
  static constexpr std::array<std::string_view, 6> kAbout = {"subject",  "thread-topic",        "comments",
                                                             "keywords", "content-description", "x-subject"};
  static constexpr std::array<std::string_view, 9> kPeople = {
      "from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "disposition-notification-to"};
  std::string out;
  bool about = false, people = false;
  for (std::string_view line : split(headers, '\n')) {
    const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
    std::size_t colon = 0;
    if (!goes_on) {
      colon = std::min(line.find(':'), line.size());
      const std::string name = lower(trim(line.substr(0, colon)));
      about = std::find(kAbout.begin(), kAbout.end(), name) != kAbout.end();
      people = std::find(kPeople.begin(), kPeople.end(), name) != kPeople.end();
      if (about) out += std::string(line.substr(0, colon)) + ": [not shown]\n";
    }
    if (about) continue;
    if (!people || names) {
      out += std::string(line) + "\n";
      continue;
    }
    // Kept: the header's name, and what stands in <...> or is an address by itself.
    std::string_view rest = line;
    if (!goes_on) {
      out += std::string(line.substr(0, std::min(colon + 1, line.size())));
      rest.remove_prefix(std::min(colon + 1, line.size()));
    }
    for (const std::string_view word : split(rest, ' ')) {
      if (word.find('@') != std::string_view::npos) out += " " + std::string(word);
    }
    out += "\n";
  }
  return out;
}

class Explain {
 public:
  Explain(const View& view, const RecordBytes& bytes)
      : v_(view), bytes_(bytes), width_(std::clamp<std::size_t>(view.options.width, 60, 200)) {}

  std::string of(std::string_view id) {
    const Sighting* s = v_.finding(id);
    if (s == nullptr) s = v_.sighting(id);
    if (s != nullptr) {
      finding(*s);
    } else if (const Question* q = v_.assessment.find(id)) {
      question(*q);
    } else if (const ClaimResult* c = claim_of(id)) {
      claim(*c);
    }
    std::string out;
    for (const Plain& line : lines_) {
      std::string_view text = line.text();
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      out += text;
      out += '\n';
    }
    return out;
  }

 private:
  Plain human(std::string_view text, std::size_t cap = kReasonBytes) const { return show(v_.human(text), cap); }
  void line(Plain text) { lines_.push_back(std::move(text)); }
  void blank() {
    if (!lines_.empty() && !lines_.back().empty()) lines_.emplace_back();
  }
  void labelled(const Plain& label, const Plain& text, std::size_t column) {
    const std::size_t used = label.columns();
    bool first = true;
    for (const Plain& part : text.wrap(width_ - column)) {
      line((first ? label + Plain::spaces(used < column ? column - used : 1) : Plain::spaces(column)) + part);
      first = false;
    }
  }
  void row(Literal label, const Plain& text) {
    if (!text.empty()) labelled("  " + Plain(label), text, 14);
  }

  const ClaimResult* claim_of(std::string_view id) const {
    for (const ClaimResult& c : v_.assessment.claims) {
      if (c.id == id || (starts_with_icase(id, "claim.") && c.id == id.substr(6)) || "claim." + c.id == id) return &c;
    }
    return nullptr;
  }

  // --- a question
  // -----------------------------------------------------------------------------------------------------
  void question(const Question& q) {
    line(show(question_sentence(q.id)) + "  (" + human(q.id) + ")");
    if (q.judged) {
      line("  " + show(q.term.words) + ", range " + show(range_text(q.term)) + " of 100 on the " +
           (v_.options.scale == Scale::phia ? Plain("PHIA") : Plain("ICD 203")) + " scale.");
      if (!q.confidence.empty()) line("  Confidence: " + human(q.confidence) + ".");
      if (!q.why.empty()) labelled(Plain("  Best reason:"), human(q.why), 15);
    } else {
      labelled(Plain("  CANNOT SAY:"), q.why.empty() ? Plain("the evidence does not decide it") : human(q.why), 14);
      line(Plain("  The arithmetic below is shown all the same; it is too weak, or too blind, for a judgement."));
    }
    line("  Had it happened, something would have shown in " + show(in_ten(q.would_have_seen)) + " cases.");

    blank();
    line(Plain("  log10 odds"));
    double sum = log10_odds(q.prior);
    term(sum, Plain(), fmt::format("prior: probability {:.4f} before any evidence", q.prior));
    for (const Because& b : q.because) {
      sum += b.log10_lr;
      term(b.log10_lr, show(v_.labels(b.sightings, 4)), b.reason);
    }
    for (const Because& b : q.against) {
      sum += b.log10_lr;
      term(b.log10_lr, show(v_.labels(b.sightings, 4)), "against: " + b.reason);
    }
    line(Plain("   -------"));
    const double p = probability_of(sum);
    line("  " + number(sum) + "  sum = probability " + show(fmt::format("{:.4f}", p)));
    const double clipped = std::clamp(p, 0.01, 0.99);
    if (std::abs(clipped - p) > 5e-5)
      line("           clipped to " + show(fmt::format("{:.2f}", clipped)) +
           ", the last step: no figure beyond 1 to 99 of 100 is claimed");
    if (std::abs(q.probability - clipped) > 0.005) {
      line("           stated: " + show(fmt::format("{:.4f}", q.probability)) +
           ". THE LINES ABOVE DO NOT ADD UP TO IT: do not rely on this figure.");
    }
    if (q.judged) {
      line("           = " + show(fmt::format("{:.4f}", q.probability)) + ", worded: " + show(q.term.words) + " (" +
           show(range_text(q.term)) + ")");
    }
    if (q.because.empty() && q.against.empty()) line(Plain("           nothing spoke for it or against it"));

    if (q.id == "exfiltration") exfiltration();
    if (q.id == "access" && !v_.assessment.initial_access.empty()) {
      blank();
      line(Plain("  Ways in, if somebody got in"));
      for (const auto& [way, share] : v_.assessment.initial_access)
        line("  " + show(fmt::format("{:7.2f}", share)) + "  " + human(access_words(way)));
    }
    if (q.id == "actor" && !v_.assessment.actors.empty()) {
      blank();
      line(Plain("  Consistent with"));
      for (std::size_t i = 0; i < v_.assessment.actors.size() && i < 5; ++i) {
        const ActorRank& a = v_.assessment.actors[i];
        line("  " + show(fmt::format("{:7.2f}", a.probability)) + "  " + human(a.name) +
             (a.because.empty() ? Plain() : "  (" + human(join_and(a.because, 4)) + ")"));
      }
    }
    if (!q.would_change.empty()) {
      blank();
      line(Plain("  Would change it (expected shift of the probability)"));
      for (const WouldChange& w : q.would_change)
        labelled("  " + show(fmt::format("{:7.3f}", w.expected_shift)), human(w.evidence), 11);
    }
  }

  static Plain number(double value) {
    const std::string text = signed_fixed(value, 2);
    return Plain::spaces(text.size() < 7 ? 7 - text.size() : 0) + show(text);
  }
  void term(double value, const Plain& findings, std::string_view reason) {
    const Plain text = findings.empty() ? human(reason) : findings + ": " + human(reason);
    labelled("  " + number(value), text, 11);
  }

  void exfiltration() {
    const Exfiltration& e = v_.assessment.exfiltration;
    blank();
    line(Plain("  What left, in bytes (low: tied to the intrusion; high: and what nothing explains)"));
    if (e.lines.empty() && !e.bounded) line(Plain("  no source that counts bytes was visible: cannot say"));
    std::uint64_t low = 0, high = 0;
    const auto amounts = [](std::uint64_t a, std::uint64_t b) {
      return show(fmt::format("{:>17} {:>17}", grouped(a), grouped(b)));
    };
    if (!e.lines.empty()) line(Plain("                low              high"));
    for (const Exfiltration::Line& l : e.lines) {
      low += l.low;
      high += l.high;
      Plain text = human(l.what);
      if (!l.host.empty()) text = text + ", from " + human(l.host);
      if (!l.destination.empty()) text = text + " to " + human(l.destination);
      const std::string labels = v_.labels(l.sightings, 4);
      if (!labels.empty()) text = text + "  " + show(labels);
      labelled(amounts(l.low, l.high), text, 37);
    }
    if (!e.lines.empty()) {
      line(Plain("  ---------------------------------"));
      line(amounts(low, high) + "  sum");
      if (e.bounded && (low != e.left_low || high != e.left_high))
        line(amounts(e.left_low, e.left_high) + "  stated, after what several sensors saw was counted once");
    }
    if (e.reached_reads > 0) {
      labelled(Plain("  reached"),
               show(count_of(e.reached_reads, "read", "reads")) + " above the account's own habit" +
                   (e.reached_where.empty() ? Plain() : ", in " + human(join_and(e.reached_where, 8))) + "  " +
                   show(v_.labels(e.reached_sightings, 8)),
               14);
    }
    if (e.staged_bytes)
      labelled(Plain("  staged"),
               "at least " + show(grouped(*e.staged_bytes)) + " bytes  " + show(v_.labels(e.staged_sightings, 8)), 14);
  }

  // --- a claim
  // --------------------------------------------------------------------------------------------------------
  void claim(const ClaimResult& c) {
    line("Claim " + human(c.id));
    row("says", human(c.text));
    row("state", c.state == "seen"       ? show(count_of(c.seen, "match", "matches")) + " seen"
                 : c.state == "not_seen" ? Plain("not seen, although it was visible")
                                         : Plain("CANNOT SAY"));
    row("visible", "in " + show(in_ten(c.visible)) +
                       " cases it would have shown, over the hosts in scope and the time of the campaign");
    row("why", human(c.why));
    for (const Advisory& a : v_.data.knowledge.advisories) {
      for (const Claim& k : a.claims) {
        if (k.id != c.id) continue;
        row("advisory", human(a.name));
        row("sources", human(join_and(k.source_classes, 12)));
        row("fields", human(join_and(k.fields, 12)));
        row("hosts", human(k.hosts));
        const Time from = k.from.known() ? k.from : a.activity_from;
        const Time until = k.until.known() ? k.until : a.activity_until;
        row("window", show(date_span(from, until)));
        row("sensitivity", show(fmt::format("{:.2f} a covered host and day", k.sensitivity)) +
                               (k.sensitivity_source.empty() ? Plain() : ", from " + human(k.sensitivity_source)));
      }
    }
    std::size_t shown = 0;
    for (const Sighting* s : v_.sightings()) {
      const DetectorInfo* d = v_.detector(s->detector_id);
      if (d == nullptr ||
          std::find(d->meaning.claims.begin(), d->meaning.claims.end(), c.id) == d->meaning.claims.end())
        continue;
      if (shown == 0) {
        blank();
        line(Plain("  Findings that would show it"));
      }
      if (++shown > kFindingsOfClaim) continue;
      labelled("  " + show(v_.label(*s)), show(moment_year(s->time)) + "  " + human(s->why), 8);
    }
    if (shown > kFindingsOfClaim) line("  and " + show(grouped(shown - kFindingsOfClaim)) + " more");
  }

  // --- a finding
  // ------------------------------------------------------------------------------------------------------
  void finding(const Sighting& s) {
    const DetectorInfo* d = v_.detector(s.detector_id);
    const std::string label = v_.label(s);
    line((label.empty() ? Plain("Sighting") : show(label)) + "  " +
         (d != nullptr ? human(d->title) : human(s.detector_id)));
    row("why", human(s.why));
    Plain when = show(moment_year(s.time));
    if (s.until.known() && s.until != s.time) when = when + " to " + show(moment_year(s.until));
    if (when.empty()) when = Plain("time not known");
    row("when", when + "  (" + show(count_of(s.count, "match", "matches")) + ")");
    if (s.time.known()) row("exactly", show(format_utc(s.time)));
    row("host", human(s.host));
    row("account", s.account.empty() ? Plain() : show(v_.human_account(s.account)));
    if (s.role != Role::none) row("role", show(name_of(s.role)) + ", outcome " + show(name_of(s.outcome)));
    for (const auto& [name, value] : s.fields) {
      labelled("  " + human(name, 60), is_body_field(name) ? Plain("[body not shown]") : human(value), 14);
    }
    row("counts in", counts_in(s));
    detector(s, d);
    records(s);
  }

  Plain counts_in(const Sighting& s) const {
    Plain out;
    for (const Question& q : v_.assessment.questions) {
      for (const std::vector<Because>* lines : {&q.because, &q.against}) {
        for (const Because& b : *lines) {
          if (std::find(b.sightings.begin(), b.sightings.end(), s.id) == b.sightings.end()) continue;
          out = out + (out.empty() ? Plain() : Plain("; ")) + human(q.id) + " (" + show(signed_fixed(b.log10_lr, 2)) +
                ")";
        }
      }
    }
    for (const Explained& e : v_.assessment.explained) {
      if (e.sighting == s.id) out = out + (out.empty() ? Plain() : Plain("; ")) + "explained: " + human(e.explanation);
    }
    return out.empty() ? Plain("no question") : out;
  }

  void detector(const Sighting& s, const DetectorInfo* d) {
    blank();
    line(Plain("  Detector"));
    row("id", human(s.detector_id));
    if (d == nullptr) {
      row("", Plain("not in the catalogue of this case"));
      return;
    }
    row("kind", show(name_of(d->kind)));
    row("title", human(d->title));
    row("says", human(d->description));
    row("author", human(d->author));
    row("level", d->level.empty() ? Plain() : human(d->level) + "  (the author's word; it carries no weight here)");
    row("indicator", human(d->value));
    row("techniques", human(join_and(d->techniques, 12)));
    row("tags", human(join_and(d->tags, 12)));
    row("advisory", human(d->advisory));
    row("speaks for", human(join_and(d->meaning.claims, 12)));
    row("mark", human(d->mark));
    if (d->weightless) row("weight", Plain("none: kept and shown, never weighted"));
    for (const std::string& text : d->false_positives) row("else may be", human(text));
    row("hash", human(d->hash));
  }

  void records(const Sighting& s) {
    blank();
    if (s.records.empty()) {
      line(Plain("  It stands on tables of many records; no single one is cited."));
      return;
    }
    const bool more = s.count > s.records.size();
    const Plain first = s.records.size() == 1 ? Plain("the first") : "the first " + show(grouped(s.records.size()));
    line("  Records" + (more ? " (" + first + " of " + show(grouped(s.count)) + " matches)" : Plain()));
    for (const Sighting::Reference& r : s.records) record(r);
    if (!s.copies.empty()) {
      line(Plain("  The same bytes also stand in"));
      for (const Sighting::Reference& r : s.copies) {
        const EvidenceItem* item = v_.item(r.evidence);
        labelled("  " + human(r.evidence),
                 human(item != nullptr ? item->path : "") + ", byte " + show(grouped(r.offset)), 14);
      }
    }
  }

  void record(const Sighting::Reference& r) {
    const EvidenceItem* item = v_.item(r.evidence);
    labelled("  " + human(r.evidence), (item != nullptr ? human(item->path) : Plain("(not in this case)")), 14);
    labelled(Plain("  place"),
             "byte " + show(grouped(r.offset)) + ", " + show(count_of(r.length, "byte", "bytes")) +
                 (item != nullptr && !item->shape.empty() ? ", read as " + human(item->shape) : Plain()),
             14);
    if (item == nullptr) return;
    if (!item->sha256.empty()) labelled(Plain("  whole item"), "sha256 " + human(item->sha256), 14);
    for (const std::string& copy : item->copies) labelled(Plain("  same bytes"), human(copy), 14);
    command(*item, r);
    if (bytes_) content(*item, r);
    blank();
  }

  void command(const EvidenceItem& item, const Sighting::Reference& r) {
    const ShellCommand c = evidence_command(v_, item, r);
    if (!c.text.empty()) {
      // Not wrapped: it is there to be copied.
      line("  " + show(c.text, kCommandBytes));
      line("  " + show(c.text, kCommandBytes) + " | sha256sum");
    }
    for (const std::string& remark : c.remarks) labelled(Plain("  note"), show(remark), 14);
  }

  void content(const EvidenceItem& item, const Sighting::Reference& r) {
    const std::optional<std::string> bytes =
        bytes_(item.path, r.offset, std::min<std::uint64_t>(r.length, kShownRecord * 2));
    if (!bytes) {
      labelled(Plain("  bytes"), Plain("the evidence is not where it was, or has changed"), 14);
      return;
    }
    if (bytes->size() == r.length) labelled(Plain("  sha256"), show(sha256_hex(*bytes)), 14);
    std::string text = *bytes;
    const bool mail = contains_icase(item.shape, "mail") || contains_icase(item.shape, "eml") ||
                      contains_icase(item.shape, "mbox") || contains_icase(item.shape, "rfc822");
    bool cut = bytes->size() < r.length;
    if (mail) {  // headers only: bodies are never printed
      std::size_t end = text.find("\r\n\r\n");
      end = std::min(end, text.find("\n\n"));
      if (end != std::string::npos) text.resize(end);
      text = without_personal_headers(text, v_.options.names);
    }
    text = v_.human(text);
    if (text.size() > kShownRecord) {
      text.resize(kShownRecord);
      cut = true;
    }
    // Every line of the record stands behind a mark of ours: none can pass for a line of this page.
    std::size_t n = 0;
    for (std::string_view part : split(text, '\n')) {
      if (n++ == kRecordLines) {
        cut = true;
        break;
      }
      if (!part.empty() && part.back() == '\r') part.remove_suffix(1);
      for (const Plain& p : show(part, kShownRecord).chop(width_ - 6)) line("    | " + p);
    }
    if (mail) line(Plain("    (the subject and the body of a message are not printed)"));
    if (cut) line(Plain("    (cut; the command shows all of it)"));
  }

  const View& v_;
  const RecordBytes& bytes_;
  std::size_t width_;
  std::vector<Plain> lines_;
};

}  // namespace

std::string explain(const CaseData& data, const Assessment& assessment, std::string_view id,
                    const ReportOptions& options, const RecordBytes& bytes) {
  const View view(data, &assessment, options);
  return Explain(view, bytes).of(id);
}

}  // namespace assay
