// What a report says: values with their role, and the names, flaws and techniques that it speaks of. A pure function of
// the text and of the names that are known; docs/importers/reports.md says by which signs a role is told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/extract/observable.h"

namespace assay {

enum class ReportRole : std::uint8_t { attacker, victim, reference, benign };
[[nodiscard]] std::string_view name_of(ReportRole role);

struct Candidate {
  Observable kind = Observable::domain;
  std::string value;     // normalised
  std::string sentence;  // as it is written, at most kSentenceBytes
  ReportRole role = ReportRole::benign;
  int confidence = 0;      // that the role is right, 0..100
  std::string reason;      // "defanged, under the heading 'C2 domains'"
  std::size_t offset = 0;  // in the text as given
  std::size_t times = 1;   // how often it stands there
};

struct EmbeddedRule {
  std::string type;  // yara, sigma
  std::string name, text;
};

// A name of an actor, malware or tool. `kind` is the STIX type: intrusion-set, malware, tool, attack-pattern.
struct KnownName {
  std::string kind, name, id;        // id: "G0016", "" when it has none
  std::vector<std::string> aliases;  // other ways to write it
};
struct NamedThing {
  std::string kind, name, id;
  std::vector<std::string> written;  // the forms that the text uses, sorted
};

struct ReportFacts {
  std::vector<Candidate> candidates;  // one for each kind and value, in order of their first place
  std::vector<EmbeddedRule> rules;
  std::vector<std::string> vulnerabilities;                 // "CVE-2019-19781", sorted
  std::vector<std::string> techniques;                      // "T1190", sorted
  std::vector<NamedThing> names;                            // sorted by kind and name
  std::vector<std::pair<std::string, std::size_t>> stated;  // "The advisory lists 51 domains": what, how many
  std::string title, publisher_domain, date;                // as far as the text tells; date as YYYY-MM-DD
  std::string tlp, pap;                                     // "TLP:AMBER", "PAP:RED"; empty: none written
  std::size_t left_out = 0;                                 // values beyond kCandidates
};

inline constexpr std::size_t kSentenceBytes = 400;
inline constexpr std::size_t kCandidates = 100'000;
inline constexpr std::size_t kReportBytes = std::size_t{64} << 20;  // of text that is looked at

[[nodiscard]] ReportFacts extract_report(std::string_view text, const std::vector<KnownName>& names);

}  // namespace assay
