#include "knowledge/attack_names.h"

#include <algorithm>

namespace assay {

std::vector<KnownName> names_of(const Attack& attack) {
  std::vector<KnownName> out;
  for (const AttackGroup& one : attack.groups) out.push_back({"intrusion-set", one.name, one.id, one.aliases});
  for (const AttackSoftware& one : attack.software)
    out.push_back({one.tool ? "tool" : "malware", one.name, one.id, one.aliases});
  for (const AttackTechnique& one : attack.techniques) {
    if (std::count(one.name.begin(), one.name.end(), ' ') >= 2) out.push_back({"attack-pattern", one.name, one.id, {}});
  }
  return out;
}

}  // namespace assay
