#include "assess/people.h"

#include <fmt/format.h>

#include "assess/statements.h"
#include "assess/use.h"

namespace assay {

std::string judgement_text(const CaseData& data, const Disposition& d) {
  std::string out =
      fmt::format("judged {} by {}", d.verdict == Verdict::test ? "a test of our own" : name_of(d.verdict), d.by);
  if (d.at.known()) out += " on " + format_day_month_year(d.at);
  out += d.after_answer ? ", after the answer was seen" : ", before this answer";
  if (d.expires.known()) {
    const bool over = data.today.known() && data.today >= d.expires;
    out += fmt::format(", {} {}", over ? "EXPIRED on" : "until", format_day_month_year(d.expires));
  }
  return out + ": " + d.reason;
}

std::vector<PeopleSay> people_say(const CaseData& data) {
  std::vector<PeopleSay> out;
  for (const Disposition& d : data.dispositions) {
    const Sighting* judged = nullptr;
    for (const Sighting& s : data.sightings) {
      if (s.id == d.sighting) judged = &s;
    }
    PeopleSay one;
    one.sighting = d.sighting;
    one.text = judgement_text(data, d);
    one.counts = judged != nullptr && disposition_of(data, *judged) == &d;
    if (judged == nullptr) {
      one.text += " (the finding is not in this run)";
    } else if (!one.counts && !(d.expires.known() && data.today.known() && data.today >= d.expires)) {
      one.text += " (replaced by a later judgement)";
    }
    out.push_back(std::move(one));
  }
  for (const Statement& s : data.statements) {
    PeopleSay one;
    one.counts = chance_told_anyway(s.reliability).has_value();
    one.text = fmt::format("{}: {} says about {}{}{}, reliability {}{}{}: {}", s.id, s.who, s.about,
                           s.account.empty() ? "" : " of " + s.account,
                           s.time.known() ? ", " + format_day_month_year(s.time) : "", s.reliability,
                           one.counts ? "" : " (weighs nothing)",
                           s.after_answer ? ", taken after the answer was seen" : "", s.text);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace assay
