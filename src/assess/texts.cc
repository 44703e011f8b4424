#include "assess/texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "assess/exfiltration.h"
#include "assess/judge.h"

namespace assay {
namespace {

constexpr std::size_t kGaps = 5;        // named one by one; the rest is counted in a last one
constexpr std::size_t kLinesNamed = 3;  // of each side, in the paragraph
constexpr double kSeen = 0.9;           // a claim that is so far visible has no gap
constexpr double kLikely = 0.55;

struct Told {
  std::string_view id, what;  // "... that somebody got in"
};
constexpr std::array<Told, 7> kTold = {{{"targeted", "the campaign acted against us on purpose"},
                                        {"access", "somebody got in"},
                                        {"malware", "the campaign's malware ran here"},
                                        {"exfiltration", "information was taken"},
                                        {"impact", "our work was disrupted or altered"},
                                        {"actor", "the intrusion is the campaign's"},
                                        {"ongoing", "they are still here"}}};

std::string_view what_of(const std::string& id) {
  for (const Told& told : kTold) {
    if (told.id == id) return told.what;
  }
  return "it happened";
}

// "it is highly unlikely that", "there is a remote chance that"
std::string likelihood(std::string_view words) {
  if (words == "remote chance" || words == "realistic possibility" || words == "roughly even chance")
    return fmt::format("there is a {} that", words);
  if (words == "almost no chance") return fmt::format("there is {} that", words);
  return fmt::format("it is {} that", words);
}

std::string list_text(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    out += (i == 0 ? "" : i + 1 == parts.size() ? "; and " : "; ") + parts[i];
  return out;
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string without_stop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string bounds(const Exfiltration& taken) {
  if (taken.left_low == taken.left_high) return fmt::format("{}", amount_text(taken.left_low));
  return fmt::format("between {} and {}", amount_text(taken.left_low), amount_text(taken.left_high));
}

}  // namespace

std::vector<std::string> gaps_of(const Question& question, const CaseData& data, const Visibility& visibility,
                                 const Weights& weights) {
  struct Gap {
    double width = 0;
    std::string text;
  };
  std::vector<Gap> all;
  const auto add = [&](double width, std::string text) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const Gap& gap) { return gap.text == text; });
    if (same == all.end()) {
      all.push_back({width, std::move(text)});
    } else {
      same->width = std::max(same->width, width);
    }
  };
  std::set<std::string, std::less<>> classes;
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Claim& claim : advisory.claims) {
      if (std::find(claim.questions.begin(), claim.questions.end(), question.id) == claim.questions.end() ||
          claim.klass == "contact" || claim.klass == "context")
        continue;
      classes.insert(claim.source_classes.begin(), claim.source_classes.end());
      const double visible = visibility.of(claim);
      if (visible >= kSeen) continue;
      if (std::string missing = missing_for(claim, data, visibility, weights); !missing.empty())
        add(claim.sensitivity * (1 - visible), std::move(missing));
    }
  }
  for (const std::string& name : classes) {
    const auto source = visibility.sources().find(name);
    if (source == visibility.sources().end()) continue;
    for (const DaySpan& hole : Visibility::gaps(source->second)) {
      if (hole.last < visibility.window().first || hole.first > visibility.window().last) continue;
      const std::string first = format_day_month(Time{hole.first * kDay}),
                        last = format_day_month(Time{hole.last * kDay});
      add(static_cast<double>(hole.size()) / static_cast<double>(std::max<std::int64_t>(visibility.window().size(), 1)),
          fmt::format("{} of {}", weights.source(name).label, first == last ? first : first + " to " + last));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Gap& a, const Gap& b) { return a.width != b.width ? a.width > b.width : a.text < b.text; });
  std::vector<std::string> out;
  const std::int64_t silent = visibility.in_scope() - visibility.examined();
  if (silent > 0) out.push_back(fmt::format("{} of {} hosts in no record", silent, visibility.in_scope()));
  if (!visibility.scope_given()) out.emplace_back("any host that is in no record, since no list of hosts was given");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == kGaps) {
      const std::size_t more = all.size() - i;
      out.push_back(fmt::format("{} smaller gap{}", more, more == 1 ? "" : "s"));
      break;
    }
    out.push_back(std::move(all[i].text));
  }
  return out;
}

std::string director_sentence(const Question& q, const Exfiltration& taken, Scale scale) {
  (void)scale;
  std::string out;
  if (q.judged) {
    out = fmt::format("{} {}", capital(likelihood(q.term.words)), what_of(q.id));
    if (q.id == "exfiltration" && taken.bounded && taken.left_high > 0 && q.probability >= kLikely)
      out += fmt::format(", {} if so", bounds(taken));
  } else {
    out = fmt::format("We cannot say whether {}: {}", what_of(q.id),
                      q.why.empty() ? "the evidence does not decide it" : without_stop(q.why));
  }
  if (!q.gaps.empty()) out += fmt::format("; we could not see: {}", list_text(q.gaps));
  return out + ".";
}

std::string analyst_paragraph(const Question& q, const Exfiltration& taken, Scale scale) {
  std::string out;
  const auto say = [&](const std::string& text) {
    out += (out.empty() ? "" : " ") + capital(without_stop(text)) + ".";
  };
  if (q.judged) {
    say(fmt::format("{} {} ({:.2f}; {} band {} to {} of 100), from a prior of {:.4f}", likelihood(q.term.words),
                    what_of(q.id), q.probability, scale == Scale::phia ? "PHIA" : "ICD 203", q.term.low, q.term.high,
                    q.prior));
  } else {
    say(fmt::format("cannot say whether {}: {}; the sum alone would give {:.2f}, from a prior of {:.4f}", what_of(q.id),
                    without_stop(q.why), q.probability, q.prior));
  }
  const auto lines = [&](const char* head, const std::vector<Because>& list) {
    if (list.empty()) return;
    std::string text;
    for (std::size_t i = 0; i < list.size() && i < kLinesNamed; ++i)
      text += fmt::format("{}{} ({:+.2f})", i == 0 ? "" : "; ", without_stop(list[i].reason), list[i].log10_lr);
    if (list.size() > kLinesNamed) text += fmt::format("; and {} more", list.size() - kLinesNamed);
    say(fmt::format("{}, in log10 odds: {}", head, text));
  };
  lines("For it", q.because);
  lines("Against it", q.against);
  if (q.id == "exfiltration" && taken.bounded) say(fmt::format("What left: {}", bounds(taken)));
  say(fmt::format("Had it happened, something would have shown in {:.0f} of 100 cases", q.would_have_seen * 100));
  if (q.judged) say(fmt::format("Confidence is {}", q.confidence));
  if (!q.gaps.empty()) say("Not seen: " + list_text(q.gaps));
  if (!q.would_change.empty()) {
    std::string text;
    for (const WouldChange& change : q.would_change)
      text += fmt::format("{}{} ({:.3f})", text.empty() ? "" : "; ", change.evidence, change.expected_shift);
    say("What would move it most, with the expected shift: " + text);
  }
  return out;
}

void write_texts(Assessment& assessment, const CaseData& data, const Visibility& visibility, const Weights& weights,
                 Scale scale) {
  for (Question& q : assessment.questions) {
    q.gaps = gaps_of(q, data, visibility, weights);
    if (q.id == "exfiltration")
      q.gaps.insert(q.gaps.begin(), assessment.exfiltration.unseen.begin(), assessment.exfiltration.unseen.end());
    q.director = director_sentence(q, assessment.exfiltration, scale);
    q.analyst = analyst_paragraph(q, assessment.exfiltration, scale);
  }
}

}  // namespace assay
