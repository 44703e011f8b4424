// MISP events (JSON as MISP exports and answers): Event, Attribute, Object, Galaxy, Tag, EventReport. One event, a list
// of them, {"response": [...]}, or an answer of attributes alone. docs/importers/misp.md is the table of what becomes
// what.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/limits.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"
#include "knowledge/importers/types.h"

namespace assay::misp {
namespace {

constexpr std::size_t kAttributes = 1'000'000;
constexpr std::size_t kEvents = 10'000;
constexpr std::size_t kPatternBytes = std::size_t{4} << 20;

// MISP writes booleans as true, "1" or 1.
bool truth(const Json& value, bool fallback) {
  if (value.is_null()) return fallback;
  if (value.type() == Json::Type::boolean) return value.as_bool();
  if (value.is_number()) return value.as_int() != 0;
  return value.as_string() == "1" || equals_icase(value.as_string(), "true");
}

Time time_of(const Json& value) {
  if (value.is_number()) return Time{value.as_int() * kSecond};
  const std::string& text = value.as_string();
  if (text.empty()) return {};
  if (std::all_of(text.begin(), text.end(), is_digit)) {
    const auto n = parse_int(text);
    return n && *n > 0 && *n < 9'000'000'000 ? Time{*n * kSecond} : Time{};
  }
  return parse_iso8601(text).value_or(Time{});
}

std::string stix_type(std::string_view galaxy) {
  if (galaxy == "mitre-attack-pattern" || galaxy == "mitre-enterprise-attack-attack-pattern") return "attack-pattern";
  if (galaxy == "mitre-intrusion-set" || galaxy == "threat-actor" ||
      galaxy == "mitre-enterprise-attack-intrusion-set" || galaxy == "microsoft-activity-group" ||
      galaxy == "360net-threat-actor")
    return "intrusion-set";
  if (galaxy == "mitre-malware" || galaxy == "malpedia" || galaxy == "ransomware" || galaxy == "rat" ||
      galaxy == "backdoor" || galaxy == "stealer" || galaxy == "botnet" || galaxy == "banker" ||
      galaxy == "mitre-enterprise-attack-malware" || galaxy == "android")
    return "malware";
  if (galaxy == "mitre-tool" || galaxy == "tool" || galaxy == "mitre-enterprise-attack-tool") return "tool";
  return {};
}

class Reader {
 public:
  explicit Reader(Build& out) : out_(out) {}

  void event(const Json& event) {
    out_.title(event["info"].as_string());
    out_.publisher(event["Orgc"]["name"].as_string().empty() ? event["orgc"].as_string()
                                                             : event["Orgc"]["name"].as_string());
    Time at = time_of(event["publish_timestamp"]);
    if (!at.known() || at.ns <= 0) at = parse_iso8601(event["date"].as_string()).value_or(Time{});
    out_.published(at);
    if (is_uuid(event["uuid"].as_string())) out_.source_id(event["uuid"].as_string());
    if (!event["published"].is_null() && !truth(event["published"], true))
      out_.report_property("x_assay_mark", "the event is a draft: it is not published");
    if (const std::string& level = event["threat_level_id"].as_string(); !level.empty())
      out_.report_property("x_misp_threat_level_id", level);
    event_names_.clear();
    tags(event["Tag"], nullptr, event_names_);
    galaxies(event["Galaxy"], event_names_);
    for (const Json& attribute : event["Attribute"].items()) one(attribute, nullptr);
    for (const Json& object : event["Object"].items()) {
      if (truth(object["deleted"], false)) {
        out_.count("deleted object");
        out_.problem(fmt::format("object {} ({}) is deleted: its attributes are written as revoked",
                                 shown(object["uuid"]), shown(object["name"])));
      }
      for (const Json& attribute : object["Attribute"].items()) one(attribute, &object);
    }
    for (const Json& report : event["EventReport"].items()) prose(report);
    for (const std::string_view other : {"ShadowAttribute", "RelatedEvent", "CryptographicKey"}) {
      if (const std::size_t n = event[other].items().size()) {
        out_.count(fmt::format("not taken over: {}", other), n);
        out_.problem(fmt::format("{} of kind {} are not taken over", n, other));
      }
    }
    references();
  }

  void one(const Json& attribute, const Json* object) {
    if (++attributes_ > kAttributes) {
      if (attributes_ == kAttributes + 1)
        out_.problem(fmt::format("more than {} attributes, the rest is not read", kAttributes));
      return;
    }
    const std::string& type = attribute["type"].as_string();
    const std::string& value = attribute["value"].as_string();
    const std::string where = fmt::format("attribute {}", shown(attribute["uuid"]));
    if (type.empty() || value.empty()) {
      out_.count("unusable value");
      out_.problem(where + ": no type or no value");
      return;
    }
    Listed what;
    what.source_uuid = lower(attribute["uuid"].as_string());
    what.description = attribute["comment"].as_string();
    if (object != nullptr) {
      const std::string& name = (*object)["name"].as_string();
      if (what.description.empty()) what.description = (*object)["comment"].as_string();
      what.extra.set("x_misp_object", name);
      if (const std::string& id = (*object)["uuid"].as_string(); !id.empty())
        what.extra.set("x_assay_family", "misp-object-" + id);
    }
    what.extra.set("x_misp_type", type);
    if (const std::string& category = attribute["category"].as_string(); !category.empty())
      what.extra.set("x_misp_category", category);
    if (const Time at = time_of(attribute["timestamp"]); at.known() && at.ns > 0) what.valid_from = at;
    for (const char* const key : {"first_seen", "last_seen"}) {  // activity, not validity
      if (const Time at = time_of(attribute[key]); at.known())
        what.extra.set(fmt::format("x_assay_{}", key), format_utc(at));
    }
    what.revoked = truth(attribute["deleted"], false) || (object != nullptr && truth((*object)["deleted"], false));
    if (what.revoked) out_.count("deleted attribute");
    if (!truth(attribute["to_ids"], true)) add_mark(what, "to_ids is off: context, not for detection");
    warnings(attribute, what);
    decay(attribute, what);
    std::set<std::string> names = event_names_;
    tags(attribute["Tag"], &what, names);
    galaxies(attribute["Galaxy"], names);
    for (const std::string& id : names) {
      if (id.starts_with("malware--") || id.starts_with("tool--") || id.starts_with("intrusion-set--"))
        what.indicates.insert(id);
    }
    value_of(type, value, std::move(what), where);
  }

  void references() {
    if (!references_.items().empty()) out_.report_property("external_references", references_);
  }

 private:
  static std::string shown(const Json& text) {
    std::string out;
    for (const char c : text.as_string().substr(0, 60)) out += c >= ' ' && c <= '~' ? c : '?';
    return out.empty() ? "(none)" : out;
  }
  static void add_mark(Listed& what, std::string_view mark) {
    what.weightless = true;
    what.mark += (what.mark.empty() ? "" : "; ") + std::string(mark);
  }

  void value_of(const std::string& type, const std::string& value, Listed what, const std::string& where) {
    if (type == "yara" || type == "sigma" || type == "snort" || type == "suricata" || type == "stix2-pattern" ||
        type == "bro" || type == "zeek") {
      if (value.size() > kPatternBytes)
        return out_.problem(fmt::format("{}: a rule longer than {} bytes, not used", where, kPatternBytes));
      what.name = fmt::format("{} rule", type);
      out_.pattern(type == "stix2-pattern" ? "stix" : type == "bro" ? "zeek" : type, value, std::move(what));
      return;
    }
    if (type == "vulnerability" || type == "weakness") {
      out_.name("vulnerability", value, value);
      return;
    }
    if (type == "threat-actor" || type == "campaign-name" || type == "malware-type") {
      out_.name(type == "threat-actor" ? "intrusion-set" : type == "campaign-name" ? "campaign" : "malware", value);
      return;
    }
    if (type == "link") {
      if (references_.items().size() < 1000)
        references_.push(Json::object({{"source_name", "MISP link"}, {"url", value}}));
      out_.count("reference");
      return;
    }
    const auto parts = parts_of(type, value);
    if (parts.empty()) {
      out_.count(fmt::format("not taken over: {}", shown(Json(type))));
      out_.problem(fmt::format("{}: attributes of type '{}' are not taken over", where, shown(Json(type))));
      return;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Listed one = what;
      if (i > 0) one.source_uuid.clear();  // one attribute, two values: the second has an id of its own
      out_.indicator(parts[i].kind, parts[i].value, std::move(one), where);
    }
  }

  void warnings(const Json& attribute, Listed& what) {
    for (const char* const key : {"warnings", "Warninglist", "warninglist"}) {
      const Json& list = attribute[key];
      for (const Json& hit : list.items()) {
        const std::string& name =
            hit["warninglist_name"].as_string().empty() ? hit["name"].as_string() : hit["warninglist_name"].as_string();
        add_mark(what, fmt::format("on the warning list {}", name.empty() ? "(unnamed)" : shown(Json(name))));
      }
      for (const auto& [id, hit] : list.members()) {
        const std::string& name = hit["name"].as_string();
        add_mark(what, fmt::format("on the warning list {}", name.empty() ? shown(Json(id)) : shown(Json(name))));
      }
    }
  }

  void decay(const Json& attribute, Listed& what) {
    const auto& models = attribute["decay_score"].items();
    if (models.empty()) return;
    bool all = true;
    double best = 0;
    for (const Json& model : models) {
      best = std::max(best, model["score"].is_number() ? model["score"].as_double()
                                                       : parse_double(model["score"].as_string()).value_or(0));
      all = all && truth(model["decayed"], false);
    }
    what.confidence = static_cast<int>(std::clamp(best, 0.0, 100.0));
    what.extra.set("x_misp_decay_score", best);
    if (all) add_mark(what, "decayed, says every decay model of the event");
  }

  void tags(const Json& list, Listed* what, std::set<std::string>& names) {
    for (const Json& tag : list.items()) {
      const std::string& name = tag["name"].as_string();
      if (name.empty()) continue;
      if (starts_with_icase(name, "tlp:")) {
        const auto tlp = tlp_from(name);
        if (!tlp) {
          out_.problem(fmt::format("the tag '{}' is no TLP marking, not used", shown(tag["name"])));
        } else if (what != nullptr) {
          what->tlp = what->tlp ? most_restrictive(*what->tlp, *tlp) : *tlp;
        } else {
          out_.mark(*tlp);
        }
        continue;
      }
      if (starts_with_icase(name, "pap:")) {
        std::string pap = "PAP:";
        for (const char c : name.substr(4)) pap += to_upper(c);
        if (what != nullptr) {
          what->labels.push_back(pap);
        } else {
          out_.pap(pap);
        }
        continue;
      }
      if (starts_with_icase(name, "misp-galaxy:")) {
        const std::size_t equals = name.find("=\"");
        if (equals != std::string::npos && name.ends_with('"')) {
          const std::string type = stix_type(name.substr(12, equals - 12));
          if (!type.empty()) named(type, name.substr(equals + 2, name.size() - equals - 3), {}, {}, names);
        }
        continue;
      }
      if (what != nullptr) what->labels.push_back(name);
    }
  }

  void galaxies(const Json& list, std::set<std::string>& names) {
    for (const Json& galaxy : list.items()) {
      for (const Json& cluster : galaxy["GalaxyCluster"].items()) {
        const std::string type = stix_type(cluster["type"].as_string());
        if (type.empty()) {
          out_.count(fmt::format("not taken over: galaxy {}", shown(cluster["type"])));
          continue;
        }
        std::vector<std::string> synonyms;
        for (const Json& one : cluster["meta"]["synonyms"].items()) synonyms.push_back(one.as_string());
        std::string id = cluster["meta"]["external_id"].items().empty()
                             ? cluster["meta"]["external_id"].as_string()
                             : cluster["meta"]["external_id"].items()[0].as_string();
        named(type, cluster["value"].as_string(), id, synonyms, names);
      }
    }
  }

  // "APT29 - G0016", "Exploit Public-Facing Application - T1190"
  void named(const std::string& type, std::string text, std::string id, const std::vector<std::string>& synonyms,
             std::set<std::string>& names) {
    const std::size_t dash = text.rfind(" - ");
    if (dash != std::string::npos && text.size() - dash > 7 && text.size() - dash < 14 && is_digit(text.back())) {
      if (id.empty()) id = text.substr(dash + 3);
      text.resize(dash);
    }
    if (!id.empty() && id[0] != 'T' && id[0] != 'G' && id[0] != 'S' && id[0] != 'C') id.clear();
    if (!text.empty()) names.insert(out_.name(type, text, id, synonyms));
  }

  void prose(const Json& report) {
    if (truth(report["deleted"], false)) {
      out_.count("deleted report");
      return;
    }
    const ReportFacts facts = extract_report(report["content"].as_string(), out_.options().names);
    for (Candidate found : facts.candidates) {
      found.reason += " (event report)";
      out_.candidate(found);
    }
    for (const std::string& flaw : facts.vulnerabilities) out_.name("vulnerability", flaw, flaw);
  }

  Build& out_;
  std::set<std::string> event_names_;
  Json references_ = Json::array();
  std::size_t attributes_ = 0;
};

}  // namespace

int recognise(std::string_view, std::string_view bytes) {
  const std::string_view head = trim(bytes.substr(0, std::size_t{256} << 10));
  if (head.empty() || (head.front() != '{' && head.front() != '[')) return 0;
  if (head.find("\"Event\"") != head.npos &&
      (head.find("\"Attribute\"") != head.npos || head.find("\"Object\"") != head.npos ||
       head.find("\"info\"") != head.npos))
    return 95;
  if (head.find("\"response\"") != head.npos && head.find("\"Attribute\"") != head.npos) return 90;
  if (head.find("\"Attribute\"") != head.npos && head.find("\"to_ids\"") != head.npos) return 85;
  return 0;
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  if (bytes.size() > limits::kDocumentBytes)
    return Error{ErrorCode::limit, fmt::format("a document larger than {} MiB", limits::kDocumentBytes >> 20),
                 std::string(file_name), "export fewer events at once"};
  auto parsed = parse_json(bytes);
  if (!parsed.ok()) {
    Error error = std::move(parsed).error();
    error.where = error.where.empty() ? std::string(file_name) : fmt::format("{}: {}", file_name, error.where);
    return error;
  }
  Reader reader(out);
  std::size_t events = 0;
  const auto one = [&](const Json& json) {
    const Json& event = json["Event"].is_object() ? json["Event"] : json;
    if (!event.is_object() || (!event.has("Attribute") && !event.has("Object") && !event.has("info"))) {
      out.problem("an entry that is no event");
      return;
    }
    if (++events > kEvents) {
      if (events == kEvents + 1) out.problem(fmt::format("more than {} events, the rest is not read", kEvents));
      return;
    }
    reader.event(event);
  };
  const Json& response = (*parsed)["response"];
  if (response.is_object() && response["Attribute"].is_array()) {
    for (const Json& attribute : response["Attribute"].items()) reader.one(attribute, nullptr);
    reader.references();
  } else if (parsed->is_array() || response.is_array()) {
    for (const Json& json : (parsed->is_array() ? *parsed : response).items()) one(json);
  } else {
    one(response.is_object() ? response : *parsed);
  }
  return Ok{};
}

}  // namespace assay::misp
