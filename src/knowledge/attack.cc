// Reads the STIX objects and properties that ATT&CK's own data model documents
// (github.com/mitre-attack/attack-stix-data, USAGE): intrusion-set, malware, tool, attack-pattern, campaign, and
// relationships uses, attributed-to, revoked-by.
#include "knowledge/attack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/limits.h"

namespace assay {
namespace {

constexpr std::size_t kBundleBytes = std::size_t{256} << 20;
constexpr std::size_t kNameBytes = 1024;  // of a name, alias or URL; longer ones are left out
constexpr std::size_t kUrlBytes = 4096;
constexpr std::size_t kAliases = 1000;
constexpr std::size_t kCitations = 1000;  // of one object
constexpr std::size_t kProblems = 1000;
constexpr int kSuccessors = 8;  // steps of revoked-by, so that a circle ends

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

// "Author. (2022, September 8). Title." -> that day; "(2022, September)" and "(2022)" -> their first day. "(n.d.)":
// unknown. The first year in brackets counts.
Time published_in(std::string_view citation) {
  for (std::size_t at = citation.find('('); at != std::string_view::npos; at = citation.find('(', at + 1)) {
    const std::string_view inside = citation.substr(at + 1, 30);
    if (inside.size() < 5 || !std::all_of(inside.begin(), inside.begin() + 4, is_digit)) continue;
    Civil civil;
    civil.year = static_cast<int>(parse_int(inside.substr(0, 4)).value_or(0));
    if (civil.year < 1980 || civil.year > 2200) continue;
    if (inside[4] == ',') {
      const std::string_view rest = trim(inside.substr(5));
      for (std::size_t month = 0; month < kMonths.size(); ++month) {
        // Also "Sept" and "Sep.": three letters decide.
        if (!starts_with_icase(rest, kMonths[month].substr(0, 3))) continue;
        civil.month = static_cast<int>(month) + 1;
        std::size_t i = 0;
        while (i < rest.size() && !is_digit(rest[i]) && rest[i] != ')') ++i;
        std::size_t end = i;
        while (end < rest.size() && is_digit(rest[end])) ++end;
        const std::int64_t day = parse_int(rest.substr(i, end - i)).value_or(0);
        if (day >= 1 && day <= 31) civil.day = static_cast<int>(day);
        break;
      }
    }
    if (const auto time = from_civil(civil)) return *time;
    civil.day = 1;  // 31 June: the month stands
    return from_civil(civil).value_or(Time{});
  }
  return {};
}

}  // namespace

class AttackReader {
 public:
  AttackReader(Attack& out, const std::vector<Json>& objects) : out_(out) { choose_versions(objects); }

  bool run() {
    for (const auto& [id, object] : by_id_) relate_successor(*object);
    read_references();
    std::map<std::string, const Json*, std::less<>> techniques, software, groups, campaigns;
    for (const auto& [id, object] : by_id_) {
      const std::string& type = (*object)["type"].as_string();
      const bool is_software = type == "malware" || type == "tool";
      auto* const into = type == "attack-pattern"  ? &techniques
                         : is_software             ? &software
                         : type == "intrusion-set" ? &groups
                         : type == "campaign"      ? &campaigns
                                                   : nullptr;
      if (!into || gone(*object)) continue;
      const std::string attack_id = id_of(*object);
      if (attack_id.empty()) {
        problem(id, "no ATT&CK id, not used");
      } else if (!into->emplace(attack_id, object).second) {
        problem(id, fmt::format("a second object with the id {}, not used", attack_id));
      }
    }
    for (const auto& [id, object] : techniques) add_technique(id, *object);
    for (const auto& [id, object] : software) {
      AttackSoftware one;
      describe(one, id, *object, "x_mitre_aliases");
      one.tool = (*object)["type"].as_string() == "tool";
      place_[(*object)["id"].as_string()] = {Kind::software, out_.software.size()};
      out_.software.push_back(std::move(one));
    }
    for (const auto& [id, object] : groups) {
      AttackGroup one;
      describe(one, id, *object, "aliases");
      place_[(*object)["id"].as_string()] = {Kind::group, out_.groups.size()};
      out_.groups.push_back(std::move(one));
    }
    for (const auto& [id, object] : campaigns) {
      AttackCampaign one;
      describe(one, id, *object, "aliases");
      one.first_seen = time(*object, "first_seen");
      one.last_seen = time(*object, "last_seen");
      place_[(*object)["id"].as_string()] = {Kind::campaign, out_.campaigns.size()};
      out_.campaigns.push_back(std::move(one));
    }
    for (const auto& [id, object] : by_id_) relate(*object);
    order();
    index();
    return !out_.techniques.empty() && (!out_.groups.empty() || !out_.software.empty());
  }

 private:
  enum class Kind : std::uint8_t { none, technique, software, group, campaign };
  struct Place {
    Kind kind = Kind::none;
    std::size_t at = 0;
  };

  void problem(std::string_view id, std::string_view what) {
    ++out_.problem_count;
    if (out_.problems.size() >= kProblems) return;
    std::string shown;
    for (const char c : id.substr(0, 100)) shown += c >= ' ' && c <= '~' ? c : '?';
    out_.problems.push_back(fmt::format("{}: {}", shown.empty() ? "(no id)" : shown, what));
  }

  // The newest version of an id counts; of two with one time the smaller by its bytes, whatever their order.
  void choose_versions(const std::vector<Json>& objects) {
    const std::size_t count = std::min(objects.size(), limits::kStixObjects);
    if (count < objects.size())
      problem("bundle", fmt::format("{} objects, only the first {} are read", objects.size(), count));
    for (std::size_t i = 0; i < count; ++i) {
      const Json& object = objects[i];
      const std::string& id = object["id"].as_string();
      if (id.empty() || id.size() > kNameBytes || object["type"].as_string().empty()) {
        problem(id, "no object with a type and an id, not used");
        continue;
      }
      const auto [at, fresh] = by_id_.emplace(id, &object);
      if (fresh) continue;
      const Time a = time(object, "modified"), b = time(*at->second, "modified");
      if (a > b || (a == b && dump_json(canonical(object)) < dump_json(canonical(*at->second)))) at->second = &object;
    }
  }

  static Time time(const Json& object, std::string_view key) {
    return parse_iso8601(object[key].as_string(), 0, true).value_or(Time{});
  }
  static bool gone(const Json& object) { return object["revoked"].as_bool() || object["x_mitre_deprecated"].as_bool(); }

  static std::string id_of(const Json& object) {
    for (const Json& reference : object["external_references"].items()) {
      const std::string& id = reference["external_id"].as_string();
      if (reference["source_name"].as_string() == "mitre-attack" && id.size() <= 32) return id;
    }
    return {};
  }

  void relate_successor(const Json& object) {
    if (object["type"].as_string() == "relationship" && object["relationship_type"].as_string() == "revoked-by" &&
        !gone(object))
      successor_.emplace(object["source_ref"].as_string(), object["target_ref"].as_string());
  }
  std::string current(std::string id) const {
    for (int step = 0; step < kSuccessors; ++step) {
      const auto at = successor_.find(id);
      if (at == successor_.end()) break;
      id = at->second;
    }
    return id;
  }

  // Citations of objects and relationships: an entry with a URL, or one that gives a date. The entry of ATT&CK itself
  // and those that only explain an alias are none.
  template <class Take>
  void each_citation(const Json& object, Take take) {
    std::size_t count = 0;
    for (const Json& reference : object["external_references"].items()) {
      if (++count > kCitations) {
        problem(object["id"].as_string(), fmt::format("more than {} references, the rest is not used", kCitations));
        return;
      }
      const std::string& name = reference["source_name"].as_string();
      const std::string& url = reference["url"].as_string();
      if (name.empty() || name == "mitre-attack" || reference.has("external_id")) continue;
      const std::string& text = reference["description"].as_string();
      if (url.empty() && trim(text).starts_with("(Citation:")) continue;
      if (name.size() > kNameBytes || url.size() > kUrlBytes) {
        problem(object["id"].as_string(), "a reference with an overlong name or URL, not used");
        continue;
      }
      take(name, url, text);
    }
  }

  // One name is one reference; where the bundle gives it several URLs or dates, the smallest stands.
  void read_references() {
    std::map<std::string, AttackReference, std::less<>> all;
    for (const auto& [id, object] : by_id_) {
      if (gone(*object)) continue;
      each_citation(*object, [&](const std::string& name, const std::string& url, const std::string& text) {
        const Time published = published_in(text);
        const auto [at, fresh] = all.try_emplace(name, AttackReference{name, url, published});
        if (fresh) return;
        AttackReference& known = at->second;
        if (!url.empty() && (known.url.empty() || url < known.url)) known.url = url;
        if (published.known() && (!known.published.known() || published < known.published)) known.published = published;
      });
    }
    for (auto& [name, reference] : all) {
      reference_index_.emplace(name, static_cast<std::uint32_t>(out_.references.size()));
      out_.references.push_back(std::move(reference));
    }
  }

  std::vector<std::uint32_t> cites(const Json& object) {
    std::vector<std::uint32_t> out;
    each_citation(object, [&](const std::string& name, const std::string&, const std::string&) {
      const auto at = reference_index_.find(name);
      if (at != reference_index_.end()) out.push_back(at->second);
    });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  std::string name_of(const Json& object) {
    const std::string& name = object["name"].as_string();
    if (name.size() <= kNameBytes) return name;
    problem(object["id"].as_string(), "overlong name, not used");
    return {};
  }

  std::vector<std::string> list(const Json& object, std::string_view key, std::string_view but = {}) {
    std::vector<std::string> out;
    for (const Json& item : object[key].items()) {
      if (out.size() == kAliases) {
        problem(object["id"].as_string(),
                fmt::format("'{}' has more than {} items, the rest is not used", key, kAliases));
        break;
      }
      const std::string& text = item.as_string();
      if (!text.empty() && text.size() <= kNameBytes && text != but) out.push_back(text);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  template <class One>
  void describe(One& one, const std::string& id, const Json& object, std::string_view aliases) {
    one.id = id;
    one.name = name_of(object);
    one.aliases = list(object, aliases, one.name);
    one.references = cites(object);
  }

  void add_technique(const std::string& id, const Json& object) {
    AttackTechnique one;
    one.id = id;
    one.name = name_of(object);
    for (const Json& phase : object["kill_chain_phases"].items()) {
      if (phase["kill_chain_name"].as_string() == "mitre-attack" && one.tactics.size() < kAliases &&
          phase["phase_name"].as_string().size() <= kNameBytes)
        one.tactics.push_back(phase["phase_name"].as_string());
    }
    one.platforms = list(object, "x_mitre_platforms");
    place_[object["id"].as_string()] = {Kind::technique, out_.techniques.size()};
    out_.techniques.push_back(std::move(one));
  }

  Place place(const Json& object, std::string_view key) const {
    const auto at = place_.find(current(object[key].as_string()));
    return at == place_.end() ? Place{} : at->second;
  }

  void relate(const Json& object) {
    if (object["type"].as_string() != "relationship" || gone(object)) return;
    const std::string& kind = object["relationship_type"].as_string();
    if (kind != "uses" && kind != "attributed-to") return;
    const Place from = place(object, "source_ref"), to = place(object, "target_ref");
    if (from.kind == Kind::none || to.kind == Kind::none) return;
    std::vector<AttackUse>* into = nullptr;
    if (kind == "attributed-to") {
      if (from.kind == Kind::campaign && to.kind == Kind::group) into = &out_.campaigns[from.at].groups;
    } else if (to.kind == Kind::technique) {
      if (from.kind == Kind::group) into = &out_.groups[from.at].techniques;
      if (from.kind == Kind::software) into = &out_.software[from.at].techniques;
      if (from.kind == Kind::campaign) into = &out_.campaigns[from.at].techniques;
    } else if (to.kind == Kind::software) {
      if (from.kind == Kind::group) into = &out_.groups[from.at].software;
      if (from.kind == Kind::campaign) into = &out_.campaigns[from.at].software;
    }
    if (into) into->push_back({static_cast<std::uint32_t>(to.at), cites(object), time(object, "created")});
  }

  // Each thing once: the references of all statements, and the time of the first.
  static void once(std::vector<AttackUse>& uses) {
    std::sort(uses.begin(), uses.end(), [](const AttackUse& a, const AttackUse& b) { return a.what < b.what; });
    std::vector<AttackUse> out;
    for (AttackUse& use : uses) {
      if (out.empty() || out.back().what != use.what) {
        out.push_back(std::move(use));
        continue;
      }
      std::vector<std::uint32_t> both;
      std::set_union(out.back().references.begin(), out.back().references.end(), use.references.begin(),
                     use.references.end(), std::back_inserter(both));
      out.back().references = std::move(both);
      if (use.created.known() && (!out.back().created.known() || use.created < out.back().created))
        out.back().created = use.created;
    }
    uses = std::move(out);
  }

  void order() {
    for (AttackSoftware& one : out_.software) once(one.techniques);
    for (AttackGroup& one : out_.groups) {
      once(one.techniques);
      once(one.software);
    }
    for (AttackCampaign& one : out_.campaigns) {
      once(one.techniques);
      once(one.software);
      once(one.groups);
    }
  }

  // Ids first, then names, then aliases: a stronger one is not made ambiguous by a weaker one.
  template <class List>
  static void index(const List& list, std::map<std::string, std::int64_t, std::less<>>& into) {
    const auto add = [&](auto names_of) {
      std::map<std::string, std::int64_t, std::less<>> level;
      for (std::size_t i = 0; i < list.size(); ++i) {
        const auto here = static_cast<std::int64_t>(i);
        for (const std::string& name : names_of(list[i])) {
          if (name.empty()) continue;
          const auto [at, fresh] = level.emplace(lower(name), here);
          if (!fresh && at->second != here) at->second = -1;
        }
      }
      into.insert(level.begin(), level.end());
    };
    add([](const auto& one) { return std::array{one.id}; });
    add([](const auto& one) { return std::array{one.name}; });
    add([](const auto& one) { return one.aliases; });
  }

  void index() {
    for (std::size_t i = 0; i < out_.techniques.size(); ++i)
      out_.technique_index_.emplace(lower(out_.techniques[i].id), static_cast<std::uint32_t>(i));
    for (const auto& [id, object] : by_id_) {
      if ((*object)["type"].as_string() != "attack-pattern" || !gone(*object)) continue;
      const auto at = place_.find(current(id));
      const std::string old = id_of(*object);
      if (!old.empty() && at != place_.end() && at->second.kind == Kind::technique)
        out_.technique_index_.emplace(lower(old), static_cast<std::uint32_t>(at->second.at));
    }
    index(out_.software, out_.software_index_);
    index(out_.groups, out_.group_index_);
    index(out_.campaigns, out_.campaign_index_);
  }

  Attack& out_;
  std::map<std::string, const Json*, std::less<>> by_id_;
  std::map<std::string, std::string, std::less<>> successor_;
  std::map<std::string, std::uint32_t, std::less<>> reference_index_;
  std::map<std::string, Place, std::less<>> place_;
};

namespace {

template <class One>
const One* look(const std::map<std::string, std::int64_t, std::less<>>& index, const std::vector<One>& list,
                std::string_view name) {
  const auto at = index.find(lower(name));
  return at == index.end() || at->second < 0 ? nullptr : &list[static_cast<std::size_t>(at->second)];
}

}  // namespace

const AttackTechnique* Attack::technique(std::string_view id) const {
  const auto at = technique_index_.find(lower(id));
  return at == technique_index_.end() ? nullptr : &techniques[at->second];
}
const AttackSoftware* Attack::software_named(std::string_view name) const {
  return look(software_index_, software, name);
}
const AttackGroup* Attack::group_named(std::string_view name) const { return look(group_index_, groups, name); }
const AttackCampaign* Attack::campaign_named(std::string_view name) const {
  return look(campaign_index_, campaigns, name);
}

Result<Attack> read_attack(std::string_view origin, std::string_view json) {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::bad_input, std::move(what), std::string(origin),
                 "the file enterprise-attack.json of ATT&CK's STIX data is expected"};
  };
  if (json.size() > kBundleBytes)
    return Error{ErrorCode::limit, fmt::format("{} bytes, at most {} are read", json.size(), kBundleBytes),
                 std::string(origin), "give ATT&CK's Enterprise bundle alone"};
  auto parsed = parse_json(json);
  if (!parsed.ok()) {
    Error error = std::move(parsed).error();
    error.where = error.where.empty() ? std::string(origin) : fmt::format("{}: {}", origin, error.where);
    return error;
  }
  if ((*parsed)["type"].as_string() != "bundle" || !(*parsed)["objects"].is_array()) return refuse("not a STIX bundle");
  Attack out;
  out.hash = sha256_hex(json);
  if (!AttackReader(out, (*parsed)["objects"].items()).run())
    return refuse("a STIX bundle without ATT&CK's techniques and groups");
  return out;
}

}  // namespace assay
