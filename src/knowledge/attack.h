// ATT&CK's Enterprise bundle (STIX 2.1, published by MITRE) as a typed, read-only view: groups, software, techniques,
// campaigns, who uses what, and the references that each statement cites. Used to rank groups (assess/attribution.h)
// and by importers that need a group's or a technique's name. The bundle itself is never shipped; the user names it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace assay {

// Something published that a statement rests on. Two citations of one name are one reference.
struct AttackReference {
  std::string name;  // source_name, by which "(Citation: NAME)" in descriptions means it
  std::string url;   // as it stands, may be empty
  Time published;    // first day of the year, month or day that the citation gives; unknown for "n.d."
  bool operator==(const AttackReference&) const = default;
};

// One statement "uses" or "attributed-to", with the references that it cites.
struct AttackUse {
  std::uint32_t what = 0;                 // index into techniques, software or groups
  std::vector<std::uint32_t> references;  // indices, ascending
  Time created;                           // when ATT&CK first made the statement
  bool operator==(const AttackUse&) const = default;
};

struct AttackTechnique {
  std::string id;  // "T1059.001"
  std::string name;
  std::vector<std::string> tactics;    // "execution"
  std::vector<std::string> platforms;  // "Windows"
};

struct AttackSoftware {
  std::string id;  // "S0514"
  std::string name;
  std::vector<std::string> aliases;  // without the name
  bool tool = false;                 // STIX type tool (others have it too), else malware
  std::vector<AttackUse> techniques;
  std::vector<std::uint32_t> references;  // its own, beside those of its uses
};

struct AttackGroup {
  std::string id;  // "G0016"
  std::string name;
  std::vector<std::string> aliases;  // without the name
  std::vector<AttackUse> techniques;
  std::vector<AttackUse> software;
  std::vector<std::uint32_t> references;
};

struct AttackCampaign {
  std::string id;  // "C0024"
  std::string name;
  std::vector<std::string> aliases;
  Time first_seen, last_seen;
  std::vector<AttackUse> techniques;
  std::vector<AttackUse> software;
  std::vector<AttackUse> groups;  // attributed to
  std::vector<std::uint32_t> references;
};

// All lists are sorted by id, references by name and URL; uses by what they name, each once (references of several
// statements about the same thing are put together). Revoked and deprecated objects are left out; a statement about a
// revoked object counts for its successor.
class Attack {
 public:
  std::vector<AttackReference> references;
  std::vector<AttackTechnique> techniques;
  std::vector<AttackSoftware> software;
  std::vector<AttackGroup> groups;
  std::vector<AttackCampaign> campaigns;
  std::string hash;                   // SHA-256 of the bundle's bytes
  std::vector<std::string> problems;  // at most 1,000 texts
  std::uint64_t problem_count = 0;

  // By ATT&CK id without regard to case; also by the id of a revoked one ("T1086"). Null when there is none.
  [[nodiscard]] const AttackTechnique* technique(std::string_view id) const;
  // By id, name or alias without regard to case. A name that several bear gives null.
  [[nodiscard]] const AttackSoftware* software_named(std::string_view id_or_name) const;
  [[nodiscard]] const AttackGroup* group_named(std::string_view id_or_name) const;
  [[nodiscard]] const AttackCampaign* campaign_named(std::string_view id_or_name) const;

 private:
  friend class AttackReader;
  std::map<std::string, std::uint32_t, std::less<>> technique_index_;  // lower case, revoked ids too
  std::map<std::string, std::int64_t, std::less<>> software_index_, group_index_, campaign_index_;  // -1: ambiguous
};

// `origin` names the file in messages. Errors: not JSON, not a bundle, larger than 256 MiB, or nothing of ATT&CK in it.
[[nodiscard]] Result<Attack> read_attack(std::string_view origin, std::string_view json);

}  // namespace assay
