// What stands on the page, in words, apart from how a terminal or a browser lays it out: both print the same sentences.
// Strings are masked and defanged, and still hostile: the sink escapes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/view.h"

namespace assay::report {

struct PageContent {
  // The head: is it bad, is it still going on, did anything leave, what next, what was not seen.
  std::string organisation, marking, asked, looked_at, looked_at_short;  // short: the span of dates without its year
  bool complete = true;
  State state = State::cannot_say;
  std::string headline;            // "COMPROMISED: ALMOST CERTAIN."
  std::string ongoing;             // "STILL ACTIVE at the last record, 16 Jul 18:20Z"; "" in the other states
  std::vector<std::string> story;  // clauses without full stop, most important first
  std::vector<std::string> lines;  // whole sentences under the headline in the other states
  std::string data_taken;          // "DATA TAKEN: HIGHLY LIKELY.  If so ..."
  struct Next {
    std::string what, on;
  };
  std::vector<Next> next_hour;  // at most three; empty: next_hour_none says it
  std::string next_hour_none;
  bool nothing_to_contain = false;    // no sign, and no action that contains, evicts or resets
  std::vector<std::string> not_seen;  // at least one

  struct Row {
    std::string id, label;
    bool judged = false;
    std::string term, range, confidence;
    std::string finding;  // "F07", "F11+1"
    std::string reason;   // judged: the best reason; cannot say: why
    std::string seen;     // for a low judgement: "8 of 10"
  };
  std::vector<Row> rows;  // in the order of the page

  std::vector<std::string> ways;      // ways in, likeliest first, at most two
  std::string reached, staged, left;  // "" when there is nothing to say
  std::string since, hosts;
  std::vector<std::string> publishers;
  struct Blind {
    std::string id, text, why;
  };
  std::vector<Blind> blind;  // claims that cannot be said
  std::size_t claims = 0;
  struct Alarm {
    std::string finding, text, explanation;
  };
  std::vector<Alarm> alarms;
  struct Lost {
    std::string account, kind, how, when, used;  // used: "USED", "not used as far as seen", "use: cannot say"
  };
  std::vector<Lost> lost;
  struct Change {
    std::string evidence, question;
  };
  std::vector<Change> would_change;  // largest expected shift first
  struct Expiry {
    std::string on, source, oldest, what_to_do;
  };
  std::vector<Expiry> about_to_be_lost;
  std::vector<std::string> judged;       // what people said, one sentence each
  std::vector<std::string> recommended;  // "R2 not met: ..."
  std::vector<std::string> not_counted, problems, assumed;
  std::string rules, not_reproducible;
  std::string you_may_say;  // only when there is no sign
  std::string example;      // a finding to try `assay explain` on
};

[[nodiscard]] PageContent page_content(const View& view);

}  // namespace assay::report
