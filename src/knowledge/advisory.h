// Advisory: what somebody published, read from STIX 2.1 (or an importer), and Knowledge: the union of those in force.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/time.h"

namespace assay {

// TLP 2.0, most open first. A missing marking is `unmarked`: handled as AMBER+STRICT, never as CLEAR.
enum class Tlp : std::uint8_t { clear, green, amber, amber_strict, red, unmarked };
[[nodiscard]] std::string_view name_of(Tlp tlp);  // "TLP:AMBER+STRICT"
[[nodiscard]] Tlp most_restrictive(Tlp a, Tlp b);

// A claim: what would be seen, in which kind of source, on which hosts, in which time.
struct Claim {
  std::string id;                           // "claim.wellmess-c2"
  std::string text;                         // one sentence
  std::vector<std::string> questions;       // targeted access malware exfiltration impact actor ongoing
  std::vector<std::string> source_classes;  // any of these could show it
  std::vector<std::string> fields;          // all must be carried ("@cookie")
  std::string hosts;                        // "any" | "gateway" | "server" | "workstation" | "dc" | "mail"
  Time from, until;                         // activity window; unknown = the advisory's
  double sensitivity = 0.5;                 // chance to show in a covered host-day source if true
  std::string sensitivity_source;           // where the figure comes from
  std::string klass;                        // unique | typical | generic | contact | context
  bool looked_for = true;  // false: by a version of the advisory that is later than the hunt; silence says nothing
};

// The publisher's own words of probability, kept with their scale.
struct Judgement {
  std::string id, text, term, scale, publisher, source;
  std::optional<int> low, high;  // percent as the publisher prints it
  int confidence = -1;
  std::vector<std::string> positions;  // of other publishers, by opinion: "NSA: agree (agrees with ...)"
};

struct Recommendation {
  std::string id, text, source;
};

struct AdvisoryTechnique {
  std::string id, name;  // "T1190"
};

// One indicator object as published; rules/ lowers it. The x_assay_ properties are ours (docs/advisories.md).
struct AdvisoryIndicator {
  std::string id, name, description, pattern, pattern_type;  // pattern_type: stix, yara, sigma ...
  Time valid_from, valid_until;
  bool revoked = false;
  int confidence = -1;
  std::vector<std::string> indicates;  // names of malware, tools, actors by relationship
  std::vector<std::string> claims;     // x_assay_claims
  std::string klass, family, stage;    // x_assay_class, x_assay_family, x_assay_stage
  bool weightless = false;             // x_assay_weightless
  std::string mark;                    // x_assay_mark
  std::string source, reliability;     // x_assay_source, x_assay_reliability (Admiralty, "A1")
};

struct Advisory {
  std::string id;  // STIX id of its report
  std::string name;
  std::string version;
  std::vector<std::string> publishers;
  Time published;
  Time activity_from, activity_until;  // campaign activity, apart from indicator validity
  Tlp tlp = Tlp::unmarked;
  std::string pap;     // "PAP:AMBER" by a marking of that name; empty: none
  std::string hash;    // sha256 of the bundle's bytes
  std::string origin;  // file, or "built in"
  std::string actor;   // "APT29"
  std::vector<std::string> actor_aliases, malware, tools, vulnerabilities, sectors, countries;
  std::vector<AdvisoryTechnique> techniques;
  std::vector<Claim> claims;
  std::vector<AdvisoryIndicator> indicators;
  std::vector<Judgement> judgements;
  std::vector<Recommendation> recommendations;
  Json envelope;                      // the bundle's own properties, without its objects
  std::vector<std::string> objects;   // every object of the bundle as its bytes were, unknown ones and properties too
  std::vector<std::string> problems;  // what was unusable, in words
};

struct Knowledge {
  std::vector<Advisory> advisories;  // sorted by id
  [[nodiscard]] const Claim* find_claim(std::string_view id) const;
};

// A STIX 2.1 bundle to an advisory. What is unusable is in `problems`, the rest is read. Errors: not JSON, not a
// bundle.
[[nodiscard]] Result<Advisory> read_stix(std::string_view origin, std::string_view json);
// The bundle again, canonical: equal to the canonical form of what was read.
[[nodiscard]] std::string write_stix(const Advisory& advisory);

}  // namespace assay
