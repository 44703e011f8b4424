#include "knowledge/attack.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "core/limits.h"
#include "knowledge/stix_split.h"

namespace assay {
namespace {

constexpr std::size_t kReferences = 100;  // of one statement

std::string attack_id(const Json& object) {
  for (const Json& reference : object["external_references"].items()) {
    const std::string& source = reference["source_name"].as_string();
    if (source.starts_with("mitre-") && source.find("attack") != source.npos)
      return reference["external_id"].as_string();
  }
  return {};
}

void fill(AttackThing& out, const Json& object, std::string id) {
  out.id = std::move(id);
  out.stix_id = object["id"].as_string();
  out.name = object["name"].as_string();
  for (const char* const key : {"aliases", "x_mitre_aliases"}) {
    for (const Json& alias : object[key].items()) {
      const std::string& text = alias.as_string();
      if (!text.empty() && text != out.name &&
          std::find(out.aliases.begin(), out.aliases.end(), text) == out.aliases.end())
        out.aliases.push_back(text);
    }
  }
}

template <class List>
void sort_things(List& list) {
  std::sort(list.begin(), list.end(),
            [](const auto& a, const auto& b) { return std::tie(a.id, a.stix_id) < std::tie(b.id, b.stix_id); });
}
void sort_uses(std::vector<AttackUse>& list) {
  std::sort(list.begin(), list.end(), [](const AttackUse& a, const AttackUse& b) { return a.id < b.id; });
}

template <class List>
auto find_thing(const List& list, std::string_view wanted) -> const typename List::value_type* {
  for (const auto& thing : list) {
    if (thing.id == wanted) return &thing;
  }
  for (const auto& thing : list) {
    if (equals_icase(thing.name, wanted) || std::any_of(thing.aliases.begin(), thing.aliases.end(),
                                                        [&](const std::string& a) { return equals_icase(a, wanted); }))
      return &thing;
  }
  return nullptr;
}

}  // namespace

const AttackGroup* Attack::find_group(std::string_view id_or_name) const { return find_thing(groups, id_or_name); }
const AttackSoftware* Attack::find_software(std::string_view id_or_name) const {
  return find_thing(software, id_or_name);
}
const AttackTechnique* Attack::find_technique(std::string_view id) const {
  const auto at = std::lower_bound(techniques.begin(), techniques.end(), id,
                                   [](const AttackTechnique& t, std::string_view key) { return t.id < key; });
  return at != techniques.end() && at->id == id ? &*at : nullptr;
}

Result<Attack> read_attack(std::string_view origin, std::string_view json) {
  TRY(const StixPieces pieces, split_stix(origin, json, limits::kStixObjects));
  Attack out;
  std::map<std::string, std::string, std::less<>> id_of;  // STIX id -> ATT&CK id
  struct Relation {
    std::string kind, source, target;
    std::vector<std::string> references;
  };
  std::vector<Relation> relations;
  for (const std::string_view piece : pieces.objects) {
    auto parsed = parse_json(piece);
    if (!parsed.ok()) {
      Error error = std::move(parsed).error();
      error.where = std::string(origin);
      return error;
    }
    const Json& object = *parsed;
    const std::string& type = object["type"].as_string();
    if (type == "x-mitre-collection" && out.version.empty()) out.version = object["x_mitre_version"].as_string();
    const bool wanted = type == "intrusion-set" || type == "malware" || type == "tool" || type == "campaign" ||
                        type == "attack-pattern" || type == "relationship";
    if (!wanted) continue;
    if (object["revoked"].as_bool() || object["x_mitre_deprecated"].as_bool()) {
      ++out.revoked;
      continue;
    }
    if (type == "relationship") {
      Relation relation{object["relationship_type"].as_string(),
                        object["source_ref"].as_string(),
                        object["target_ref"].as_string(),
                        {}};
      if (relation.kind != "uses" && relation.kind != "attributed-to") continue;
      for (const Json& reference : object["external_references"].items()) {
        if (relation.references.size() < kReferences && !reference["source_name"].as_string().empty())
          relation.references.push_back(reference["source_name"].as_string());
      }
      std::sort(relation.references.begin(), relation.references.end());
      relation.references.erase(std::unique(relation.references.begin(), relation.references.end()),
                                relation.references.end());
      relations.push_back(std::move(relation));
      continue;
    }
    std::string id = attack_id(object);
    if (id.empty()) continue;
    id_of[object["id"].as_string()] = id;
    if (type == "intrusion-set") {
      fill(out.groups.emplace_back(), object, std::move(id));
    } else if (type == "campaign") {
      AttackCampaign& campaign = out.campaigns.emplace_back();
      fill(campaign, object, std::move(id));
      campaign.first_seen = parse_iso8601(object["first_seen"].as_string()).value_or(Time{});
      campaign.last_seen = parse_iso8601(object["last_seen"].as_string()).value_or(Time{});
    } else if (type == "attack-pattern") {
      AttackTechnique& technique = out.techniques.emplace_back();
      fill(technique, object, std::move(id));
      for (const Json& phase : object["kill_chain_phases"].items())
        technique.tactics.push_back(phase["phase_name"].as_string());
      for (const Json& platform : object["x_mitre_platforms"].items())
        technique.platforms.push_back(platform.as_string());
    } else {
      AttackSoftware& software = out.software.emplace_back();
      fill(software, object, std::move(id));
      software.tool = type == "tool";
    }
  }
  if (id_of.empty()) {
    return Error{ErrorCode::bad_input, "no object of it has an ATT&CK id", std::string(origin),
                 "name MITRE's bundle, such as enterprise-attack.json"};
  }
  std::map<std::string, AttackGroup*> groups;
  std::map<std::string, AttackSoftware*> software;
  std::map<std::string, AttackCampaign*> campaigns;
  for (AttackGroup& one : out.groups) groups[one.stix_id] = &one;
  for (AttackSoftware& one : out.software) software[one.stix_id] = &one;
  for (AttackCampaign& one : out.campaigns) campaigns[one.stix_id] = &one;
  for (Relation& relation : relations) {
    const auto target = id_of.find(relation.target);
    if (target == id_of.end()) continue;  // revoked, deprecated, or of another collection
    AttackUse use{target->second, std::move(relation.references)};
    const bool technique = relation.target.starts_with("attack-pattern--");
    const bool program = relation.target.starts_with("malware--") || relation.target.starts_with("tool--");
    if (relation.kind == "attributed-to") {
      if (const auto at = campaigns.find(relation.source); at != campaigns.end())
        at->second->groups.push_back(std::move(use));
      continue;
    }
    if (!technique && !program) continue;
    if (const auto at = groups.find(relation.source); at != groups.end()) {
      (technique ? at->second->techniques : at->second->software).push_back(std::move(use));
    } else if (const auto c = campaigns.find(relation.source); c != campaigns.end()) {
      (technique ? c->second->techniques : c->second->software).push_back(std::move(use));
    } else if (const auto s = software.find(relation.source); s != software.end() && technique) {
      s->second->techniques.push_back(std::move(use));
    }
  }
  for (AttackGroup& one : out.groups) sort_uses(one.techniques), sort_uses(one.software);
  for (AttackSoftware& one : out.software) sort_uses(one.techniques);
  for (AttackCampaign& one : out.campaigns) sort_uses(one.techniques), sort_uses(one.software), sort_uses(one.groups);
  sort_things(out.groups);
  sort_things(out.software);
  sort_things(out.campaigns);
  sort_things(out.techniques);
  return out;
}

std::vector<KnownName> names_of(const Attack& attack) {
  std::vector<KnownName> out;
  for (const AttackGroup& one : attack.groups) out.push_back({"intrusion-set", one.name, one.id, one.aliases});
  for (const AttackSoftware& one : attack.software)
    out.push_back({one.tool ? "tool" : "malware", one.name, one.id, one.aliases});
  for (const AttackTechnique& one : attack.techniques) {
    // Names of one word ("Phishing") are words of every report: only longer ones are looked for, ids always.
    if (std::count(one.name.begin(), one.name.end(), ' ') >= 2) {
      out.push_back({"attack-pattern", one.name, one.id, {}});
    }
  }
  return out;
}

}  // namespace assay
