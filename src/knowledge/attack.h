// ATT&CK (MITRE's STIX bundle) as knowledge: groups, software, campaigns and techniques with their names, and what is
// said to be used by whom, with the references of each statement.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "text/extract/extract.h"

namespace assay {

// "uses" or "attributed-to", by the other side's ATT&CK id.
struct AttackUse {
  std::string id;                       // "T1190", "S0514", "G0016"
  std::vector<std::string> references;  // source names, sorted: "NCSC APT29 July 2020"
};

struct AttackThing {
  std::string id, stix_id, name;
  std::vector<std::string> aliases;  // without the name itself
};
struct AttackTechnique : AttackThing {
  std::vector<std::string> tactics, platforms;
};
struct AttackSoftware : AttackThing {
  bool tool = false;  // else malware
  std::vector<AttackUse> techniques;
};
struct AttackGroup : AttackThing {
  std::vector<AttackUse> techniques, software;
};
struct AttackCampaign : AttackThing {
  Time first_seen, last_seen;
  std::vector<AttackUse> groups;  // attributed to
  std::vector<AttackUse> techniques, software;
};

// All sorted by id; revoked and deprecated objects are left out and counted.
struct Attack {
  std::string version;  // of the collection, "" when it is not said
  std::vector<AttackGroup> groups;
  std::vector<AttackSoftware> software;
  std::vector<AttackCampaign> campaigns;
  std::vector<AttackTechnique> techniques;
  std::size_t revoked = 0;

  [[nodiscard]] const AttackGroup* find_group(std::string_view id_or_name) const;  // also by alias, without case
  [[nodiscard]] const AttackSoftware* find_software(std::string_view id_or_name) const;
  [[nodiscard]] const AttackTechnique* find_technique(std::string_view id) const;
};

// Errors: not JSON, no bundle, none of its objects is ATT&CK's.
[[nodiscard]] Result<Attack> read_attack(std::string_view origin, std::string_view json);
// For the search in reports.
[[nodiscard]] std::vector<KnownName> names_of(const Attack& attack);

}  // namespace assay
