// Assessment: the answer to each question with its odds, every likelihood naming its sightings. Shapes follow the JSON
// answer of docs/answer.schema.json. Numbers live here; readers' pages print terms and ranges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "casefile/case_data.h"
#include "core/json.h"
#include "core/time.h"
#include "knowledge/estimative.h"

namespace assay {

// One line of the arithmetic.
struct Because {
  std::vector<std::string> sightings;  // ids; for the page their finding numbers
  double log10_lr = 0;                 // contribution to the question's log odds
  std::string reason;                  // one sentence
};

struct WouldChange {
  std::string evidence;       // what is missing, in words
  double expected_shift = 0;  // expected absolute change of the probability
};

struct Question {
  std::string id;       // targeted access malware exfiltration impact actor ongoing
  bool judged = false;  // else cannot_say
  double probability = 0, prior = 0;
  double cap = 1;  // the actor question: no more than this by the kinds of artefacts that were seen
  std::string cap_reason;
  Term term;                   // words, low, high
  std::string confidence;      // high | moderate | low
  double would_have_seen = 0;  // had it happened, chance that something would show
  std::vector<Because> because, against;
  std::vector<WouldChange> would_change;
  std::string why;                // cannot_say: the reason; judged: the best reason in one sentence
  std::vector<std::string> gaps;  // what this question could not see, most important first
  std::string director, analyst;  // one sentence; one paragraph (texts.h)
};

struct ClaimResult {
  std::string id, text;
  std::uint64_t seen = 0;
  double visible = 0;
  std::string state;  // seen | not_seen | cannot_say
  std::string why;
};

inline constexpr std::size_t kShownActors = 8;  // the campaign, five groups, all others together, unknown

struct ActorRank {
  std::string name;
  double probability = 0;
  std::vector<std::string> because;
};

struct Exfiltration {
  std::uint64_t reached_reads = 0;  // file reads by accounts under control above their own baseline
  std::vector<std::string> reached_where;
  std::vector<std::string> reached_sightings;
  std::optional<std::uint64_t> staged_bytes;
  std::vector<std::string> staged_sightings;
  bool bounded = false;  // low and high are known
  std::uint64_t left_low = 0, left_high = 0;
  struct Line {
    std::string what, destination, host;
    std::uint64_t low = 0, high = 0;
    std::vector<std::string> sightings;
  };
  std::vector<Line> lines;  // the sum's terms, for explain
  // Days on which something lay packed on a host and no source counted what left it, in words.
  std::vector<std::string> unseen;
  std::vector<std::string> destinations, hosts;
};

struct Scope {
  std::vector<std::string> confirmed, suspected, touched, not_examined;  // hosts
  std::uint64_t examined = 0;
  std::uint64_t in_scope = 0;  // 0: no scope was given
  std::vector<std::string> accounts;
  Time earliest, earliest_not_before, latest, latest_not_after;
};

struct Credential {
  std::string account, kind, how;  // kind: person | shared | service | machine | key
  Time exposed_at;
  std::string used;  // yes | no | cannot_say
};

struct Action {
  int phase = 0;  // 0 preserve 1 decide quietly 2 contain together 3 evict 4 reset 5 verify 6 notify
  std::string id, what, on, because;
  std::vector<std::string> destroys, after, evidence;
  std::string owner_role, pap, source;
  bool reversible = true;
};

struct AboutToBeLost {
  std::string source;
  Time on, oldest;
  std::string what_to_do;
};

struct CoverageLine {
  std::string source;  // source class and where it came from
  std::uint64_t hosts = 0, records = 0;
  Time first, last;
  std::vector<std::pair<Time, Time>> gaps;
};

// One claim in one kind of source: how much of the claim's activity window its records reach.
struct RetentionLine {
  std::string claim, source;  // claim id; kind of source and where it came from
  Time from, until;           // the window, whole days
  Time first, last;           // records in the window; not known: none
  std::int64_t days = 0, covered = 0;
  std::string words;  // what that means, one sentence
};

struct Explained {  // looked alarming and is explained
  std::string sighting, text, explanation;
};

// A recommendation of the advisory, and whether it is met here.
struct RecommendationResult {
  std::string id, text;
  std::string state;                  // met | not_met | cannot_tell
  std::string why;                    // what was measured, or what is missing
  std::vector<std::string> evidence;  // sightings
};

// What people said about the case: one sentence each.
struct PeopleSay {
  std::string sighting;  // judged finding; "" for a statement
  std::string text;
  bool counts = false;  // it holds now: not expired, not replaced, and reliable enough to weigh
};

struct Assessment {
  std::vector<Question> questions;
  std::vector<ClaimResult> claims;
  std::vector<std::pair<std::string, double>> initial_access;  // fixed order of the JSON contract
  std::vector<ActorRank> actors;
  Exfiltration exfiltration;
  Scope scope;
  std::vector<Credential> credentials;
  std::vector<Action> actions;
  std::vector<AboutToBeLost> about_to_be_lost;
  std::vector<CoverageLine> coverage;
  std::vector<RetentionLine> retention;  // by claim, then source
  std::vector<Explained> explained;
  std::vector<RecommendationResult> recommendations;
  std::vector<PeopleSay> people;         // judgements and statements, in the order they were made
  std::vector<std::string> assumptions;  // what had to be assumed without a profile
  std::vector<std::string> not_seen;     // short phrases for the page's NOT SEEN line, most important first
  [[nodiscard]] const Question* find(std::string_view id) const {
    for (const Question& q : questions) {
      if (q.id == id) return &q;
    }
    return nullptr;
  }
};

class Attack;
struct Weights;

struct AssessOptions {
  const Attack* attack = nullptr;    // ATT&CK: the actor question gets a ranking over known groups
  const Weights* weights = nullptr;  // null: the shipped ones
};
[[nodiscard]] Assessment assess(const CaseData& data, Scale scale, const AssessOptions& options = {});

}  // namespace assay
