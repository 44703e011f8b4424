// STIX 2.1 bundles (OASIS Standard, 10 June 2021) to and from an Advisory. Nothing of the bundle is lost: every object
// is kept as read. What this reader understands is laid over it; docs/advisories.md lists the properties and our
// extension.
//
// Objects are kept as their bytes and parsed one at a time, in three passes (versions, what others refer to, the rest):
// the memory is that of the bytes and of the named things, not of a tree of the whole. References are looked up, never
// followed further than one step, so that circles in the graph cost nothing.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "knowledge/advisory.h"
#include "knowledge/stix_split.h"

namespace assay {
namespace {

constexpr std::size_t kBundleBytes = std::size_t{256} << 20;
constexpr std::size_t kTextBytes = std::size_t{64} << 10;        // a name, description or pattern that is looked at
constexpr std::size_t kRulePatternBytes = std::size_t{4} << 20;  // an embedded YARA or Sigma rule
constexpr std::size_t kProblems = 1000;
constexpr std::size_t kListItems = 10'000;  // of one list property

constexpr std::string_view kTlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
struct KnownMarking {
  std::string_view id;
  Tlp tlp;
};
// TLP 2.0: OASIS cti-stix-common-objects, extension definition TLP 2.0. TLP 1: STIX 2.1, 7.2.1.4.
constexpr std::array<KnownMarking, 9> kKnownMarkings = {
    {{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::clear},
     {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::green},
     {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::amber},
     {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::amber_strict},
     {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::red},
     {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::clear},
     {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::green},
     {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Tlp::amber},
     {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::red}}};

constexpr std::array<std::string_view, 7> kQuestions = {"targeted", "access", "malware", "exfiltration",
                                                        "impact",   "actor",  "ongoing"};
constexpr std::array<std::string_view, 6> kHosts = {"any", "gateway", "server", "workstation", "dc", "mail"};
constexpr std::array<std::string_view, 5> kClasses = {"unique", "typical", "generic", "contact", "context"};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::optional<Tlp> tlp_from(std::string_view word) {
  if (starts_with_icase(word, "tlp:")) word.remove_prefix(4);
  if (equals_icase(word, "clear") || equals_icase(word, "white")) return Tlp::clear;
  if (equals_icase(word, "green")) return Tlp::green;
  if (equals_icase(word, "amber")) return Tlp::amber;
  if (equals_icase(word, "amber+strict")) return Tlp::amber_strict;
  if (equals_icase(word, "red")) return Tlp::red;
  return std::nullopt;
}

// An identifier of a message: short and plain whatever stands in the bundle.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 100)) out += c >= ' ' && c <= '~' ? c : '?';
  return out.empty() ? "(no id)" : out;
}

class StixReader {
 public:
  explicit StixReader(Advisory& out) : out_(out) {}

  void run() {
    choose_versions();
    for (const auto& [id, place] : by_id_) look(id, place.index);
    read_markings();
    choose_report();
    resolve_targets();
    for (const auto& [id, place] : by_id_) {
      const auto kept = kept_.find(id);
      if (kept != kept_.end()) {
        read(kept->second);
      } else if (place.read) {
        const auto parsed = parse_json(out_.objects[place.index]);
        if (parsed.ok()) read(*parsed);
      }
    }
    read_report();
    read_actor();
    read_positions();
    finish();
  }

 private:
  const std::string& id_of(const Json& object) const { return object["id"].as_string(); }
  static const std::string& type_of(const Json& object) { return object["type"].as_string(); }

  void problem(const Json& object, std::string_view what) {
    ++problems_;
    if (out_.problems.size() < kProblems) out_.problems.push_back(fmt::format("{}: {}", shown(id_of(object)), what));
  }

  std::string text(const Json& object, std::string_view key, std::size_t limit = kTextBytes) {
    const Json& value = object[key];
    if (value.as_string().size() <= limit) return value.as_string();
    problem(object, fmt::format("'{}' is longer than {} bytes, not used", key, limit));
    return {};
  }

  std::vector<std::string> list(const Json& object, std::string_view key) {
    std::vector<std::string> out;
    const Json& value = object[key];
    if (value.is_string()) out.push_back(value.as_string());
    for (const Json& item : value.items()) {
      if (out.size() == kListItems) {
        problem(object, fmt::format("'{}' has more than {} items, the rest is not used", key, kListItems));
        break;
      }
      if (item.is_string() && item.as_string().size() <= kTextBytes) out.push_back(item.as_string());
    }
    return out;
  }

  Time time(const Json& object, std::string_view key) {
    const Json& value = object[key];
    if (value.is_null()) return {};
    const auto parsed = value.is_string() ? parse_iso8601(value.as_string(), 0, true) : std::nullopt;
    if (!parsed) problem(object, fmt::format("'{}' is no timestamp with a zone", key));
    // The first instant of 1970 is what an importer writes where STIX wants a date and the source gives none.
    if (parsed && parsed->ns == 0) return {};
    return parsed.value_or(Time{});
  }

  int confidence(const Json& object) {
    const Json& value = object["confidence"];
    if (value.is_null()) return -1;
    const std::int64_t n = value.as_int(-1);
    if (n < 0 || n > 100) {
      problem(object, "'confidence' is not from 0 to 100, not used");
      return -1;
    }
    return static_cast<int>(n);
  }

  static bool is_revoked(const Json& object) {
    return object["revoked"].as_bool() || object["x_mitre_deprecated"].as_bool();
  }

  struct Place {
    std::size_t index = 0;
    Time version;
    bool read = false;  // the last pass looks at it
  };

  // The newest version of every id counts (STIX 2.1, 3.6). Two different objects of one id and one time are an error of
  // the bundle: the smaller by its bytes is taken, so that the choice does not hang on their order.
  void choose_versions() {
    for (std::size_t i = 0; i < out_.objects.size(); ++i) {
      const auto parsed = parse_json(out_.objects[i]);
      const Json& object = parsed.ok() ? *parsed : kNothing;
      if (!object.is_object() || type_of(object).empty()) {
        problem(object, "no object with a type, kept but not used");
        continue;
      }
      const std::string& id = id_of(object);
      if (id.empty()) {
        problem(object, "no id, kept but not used");
        continue;
      }
      if (!std::string_view(id).starts_with(type_of(object) + "--"))
        problem(object, "the id does not begin with the type");
      const Time a = version(object);
      const auto [at, fresh] = by_id_.emplace(id, Place{i, a, false});
      if (fresh) continue;
      Place& other = at->second;
      if (a == other.version) {
        const std::string mine = dump_json(canonical(object)), theirs = canonical_of(other.index);
        if (mine == theirs) continue;
        problem(object, "two different objects with this id and time, one of them is not used");
        if (mine < theirs) other = Place{i, a, false};
      } else if (a > other.version) {
        other = Place{i, a, false};
      }
    }
  }

  [[nodiscard]] std::string canonical_of(std::size_t index) const {
    const auto parsed = parse_json(out_.objects[index]);
    return parsed.ok() ? dump_json(canonical(*parsed)) : std::string();
  }

  // Second pass: what others refer to stays parsed; markings and relationships are noted.
  void look(const std::string& id, std::size_t index) {
    static constexpr std::array<std::string_view, 11> kKept = {
        "report",       "identity", "location", "malware",           "tool", "vulnerability", "intrusion-set",
        "threat-actor", "campaign", "opinion",  "marking-definition"};
    auto parsed = parse_json(out_.objects[index]);
    if (!parsed.ok()) return;
    Json& object = *parsed;
    for (const Json& ref : object["object_marking_refs"].items()) markings_.insert(ref.as_string());
    for (const Json& granular : object["granular_markings"].items())
      markings_.insert(granular["marking_ref"].as_string());
    creators_.insert(object["created_by_ref"].as_string());
    if (type_of(object) == "indicator") {
      const auto created = parse_iso8601(object["created"].as_string(), 0, true);
      if (created && *created > newest_indicator_) newest_indicator_ = *created;
    }
    relate(object);
    if (among(kKept, type_of(object))) {
      if (type_of(object) != "malware" && type_of(object) != "tool" && type_of(object) != "vulnerability") {
        kept_.emplace(id, std::move(object));
        return;
      }
      // Names alone are asked of these: their descriptions, half of such a bundle, are not kept.
      Json light = Json::object();
      for (const auto& [key, value] : object.members()) {
        if (key != "description" && key != "external_references") light.add(key, value);
      }
      kept_.emplace(id, std::move(light));
      return;
    }
    by_id_.find(id)->second.read = type_of(object) != "relationship";
  }

  static Time version(const Json& object) {
    for (const std::string_view key : {"modified", "created"}) {
      if (const auto parsed = parse_iso8601(object[key].as_string(), 0, true)) return *parsed;
    }
    return {};
  }

  const Json* find(std::string_view id) const {
    const auto at = kept_.find(id);
    return at == kept_.end() ? nullptr : &at->second;
  }

  std::string name_by_id(std::string_view id) {
    const Json* const object = find(id);
    return object ? text(*object, "name") : std::string();
  }

  // The published ids win over what a bundle says of them.
  std::optional<Tlp> tlp_of_marking(std::string_view id) const {
    for (const KnownMarking& known : kKnownMarkings) {
      if (known.id == id) return known.tlp;
    }
    const Json* const object = find(id);
    if (!object || type_of(*object) != "marking-definition") return std::nullopt;
    if (const auto tlp = tlp_from((*object)["extensions"][kTlp2Extension]["tlp_2_0"].as_string())) return tlp;
    if (equals_icase((*object)["definition_type"].as_string(), "tlp"))
      return tlp_from((*object)["definition"]["tlp"].as_string());
    return std::nullopt;
  }

  // The bundle is handled as its most restrictive part. A part without a marking counts only when no part has one.
  void read_markings() {
    for (const std::string& id : markings_) {
      if (const auto tlp = tlp_of_marking(id)) {
        out_.tlp = marked_ ? most_restrictive(out_.tlp, *tlp) : *tlp;
        marked_ = true;
      }
      read_pap(id);
    }
  }

  // PAP has no marking of its own in STIX: a statement or a name "PAP:RED". The most restrictive counts.
  void read_pap(std::string_view id) {
    const Json* const object = find(id);
    if (!object || type_of(*object) != "marking-definition") return;
    for (const std::string& word : {text(*object, "name"), (*object)["definition"]["statement"].as_string(),
                                    (*object)["definition"]["pap"].as_string()}) {
      std::string pap;
      for (const char c : trim(word)) pap += to_upper(c);
      if (!pap.starts_with("PAP:"))
        pap = (*object)["definition_type"].as_string() == "pap" && !pap.empty() ? "PAP:" + pap : std::string();
      static constexpr std::array<std::string_view, 5> kPap = {"PAP:WHITE", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER",
                                                               "PAP:RED"};
      const auto rank = [&](std::string_view p) { return std::find(kPap.begin(), kPap.end(), p) - kPap.begin(); };
      if (among(kPap, pap) && (out_.pap.empty() || rank(pap) > rank(out_.pap))) out_.pap = pap;
    }
  }

  // Of several reports the newest names the advisory; what the others hold counts too.
  void choose_report() {
    std::size_t reports = 0;
    for (const auto& [id, object] : kept_) {
      if (type_of(object) != "report" || is_revoked(object)) continue;
      ++reports;
      if (!report_ || version(object) > version(*report_)) report_ = &object;
    }
    if (reports > 1)
      problem(*report_, fmt::format("one of {} reports in the bundle, the newest names the advisory", reports));
  }

  void relate(const Json& object) {
    if (type_of(object) != "relationship" || is_revoked(object)) return;
    const std::string& kind = object["relationship_type"].as_string();
    const std::string& source = object["source_ref"].as_string();
    const std::string& target = object["target_ref"].as_string();
    if (kind == "indicates") indicates_[source].insert(target);
    if (kind == "attributed-to") attributed_[source].insert(target);
    if (kind != "targets") return;
    targets_.insert(target);
  }

  void resolve_targets() {
    for (const std::string& target : targets_) {
      const Json* const whom = find(target);
      if (!whom) continue;
      if (type_of(*whom) == "identity") {
        for (const std::string& sector : list(*whom, "sectors")) sectors_.insert(sector);
      } else if (type_of(*whom) == "location") {
        const std::string country = text(*whom, "country");
        countries_.insert(country.empty() ? text(*whom, "name") : country);
      }
    }
  }

  void read(const Json& object) {
    const std::string& type = type_of(object);
    if (type == "indicator" || (type == "x-assay-candidate" && object["promote"].as_bool()))
      return read_indicator(object);
    if (is_revoked(object)) return;
    if (type == "malware") add_name(object, malware_);
    if (type == "tool") add_name(object, tools_);
    if (type == "vulnerability") add_name(object, vulnerabilities_);
    if (type == "intrusion-set" || type == "threat-actor") actors_.push_back(&object);
    if (type == "campaign") campaigns_.push_back(&object);
    if (type == "attack-pattern") read_technique(object);
    if (type == "course-of-action") read_recommendation(object);
    if (type == "x-assay-claim") read_claim(object);
    if (type == "opinion") opinions_.push_back(&object);
    if (object["x_assay_judgement"].is_object()) read_judgement(object);
  }

  void add_name(const Json& object, std::set<std::string>& into) {
    const std::string name = text(object, "name");
    if (!name.empty()) {
      into.insert(name);
    } else {
      problem(object, "no name, not listed");
    }
  }

  void read_indicator(const Json& object) {
    AdvisoryIndicator out;
    out.id = id_of(object);
    out.name = text(object, "name");
    out.description = text(object, "description");
    out.pattern_type = lower(text(object, "pattern_type"));
    if (out.pattern_type.empty()) out.pattern_type = "stix";  // STIX 2.0 has no other
    out.pattern = text(object, "pattern", out.pattern_type == "stix" ? kTextBytes : kRulePatternBytes);
    if (out.pattern.empty()) return problem(object, "indicator without a pattern, not used");
    out.valid_from = time(object, "valid_from");
    out.valid_until = time(object, "valid_until");
    if (out.valid_from.known() && out.valid_until.known() && out.valid_until <= out.valid_from) {
      problem(object, "'valid_until' is not after 'valid_from', not used");
      out.valid_until = {};
    }
    out.revoked = object["revoked"].as_bool();
    out.confidence = confidence(object);
    for (const std::string& target : indicates_[out.id]) {
      std::string name = name_by_id(target);
      if (!name.empty()) out.indicates.push_back(std::move(name));
    }
    std::sort(out.indicates.begin(), out.indicates.end());
    out.indicates.erase(std::unique(out.indicates.begin(), out.indicates.end()), out.indicates.end());
    out.claims = list(object, "x_assay_claims");
    out.klass = text(object, "x_assay_class");
    if (!out.klass.empty() && !among(kClasses, out.klass)) {
      problem(object, "'x_assay_class' is none of ours, read as contact");
      out.klass = "contact";
    }
    out.family = text(object, "x_assay_family");
    out.stage = text(object, "x_assay_stage");
    out.weightless = object["x_assay_weightless"].as_bool();
    out.mark = text(object, "x_assay_mark");
    out.source = text(object, "x_assay_source");
    out.reliability = text(object, "x_assay_reliability");
    out_.indicators.push_back(std::move(out));
  }

  void read_technique(const Json& object) {
    AdvisoryTechnique out;
    for (const Json& reference : object["external_references"].items()) {
      const std::string& source = reference["source_name"].as_string();
      if (source == "mitre-attack" || source == "mitre-mobile-attack" || source == "mitre-ics-attack") {
        out.id = text(reference, "external_id");
        break;
      }
    }
    out.name = text(object, "name");
    if (!out.id.empty() || !out.name.empty()) out_.techniques.push_back(std::move(out));
  }

  void read_recommendation(const Json& object) {
    Recommendation out;
    out.id = text(object, "x_assay_id");
    if (out.id.empty()) out.id = id_of(object);
    const std::string name = text(object, "name"), description = text(object, "description");
    out.text = name.empty() || description.empty() ? name + description : name + ": " + description;
    out.source = text(object, "x_assay_source");
    out_.recommendations.push_back(std::move(out));
  }

  void read_claim(const Json& object) {
    Claim out;
    out.id = text(object, "claim_id");
    out.text = text(object, "text");
    if (out.id.empty() || out.text.empty()) return problem(object, "claim without 'claim_id' or 'text', not used");
    for (const std::string& question : list(object, "questions")) {
      if (among(kQuestions, question)) {
        out.questions.push_back(question);
      } else {
        problem(object, fmt::format("unknown question '{}' in {}, left out", shown(question), shown(out.id)));
      }
    }
    if (out.questions.empty())
      return problem(object, fmt::format("{} speaks for no question, not used", shown(out.id)));
    out.source_classes = list(object, "source_classes");
    out.fields = list(object, "fields");
    out.hosts = text(object, "hosts");
    if (!among(kHosts, out.hosts)) {
      if (!out.hosts.empty()) problem(object, fmt::format("unknown kind of hosts in {}, read as any", shown(out.id)));
      out.hosts = "any";
    }
    out.from = time(object, "window_from");
    out.until = time(object, "window_until");
    out.sensitivity = object["sensitivity"].as_double(0.5);
    if (!(out.sensitivity > 0 && out.sensitivity < 1)) {
      problem(object, fmt::format("'sensitivity' of {} is not between 0 and 1, read as 0.5", shown(out.id)));
      out.sensitivity = 0.5;
    }
    out.sensitivity_source = text(object, "sensitivity_source");
    out.klass = text(object, "evidence_class");
    if (!among(kClasses, out.klass)) {
      problem(object, fmt::format("'evidence_class' of {} is none of ours, read as generic", shown(out.id)));
      out.klass = "generic";
    }
    if (!claim_ids_.insert(out.id).second)
      return problem(object, fmt::format("claim {} stands twice, the second is not used", shown(out.id)));
    out_.claims.push_back(std::move(out));
  }

  void read_judgement(const Json& object) {
    const Json& said = object["x_assay_judgement"];
    Judgement out;
    out.id = text(said, "id");
    if (out.id.empty()) out.id = id_of(object);
    out.text = text(object, type_of(object) == "opinion" ? "explanation" : "content");
    out.term = text(said, "term");
    out.scale = lower(text(said, "scale"));
    out.publisher = name_by_id(object["created_by_ref"].as_string());
    const std::string by = text(said, "publisher");
    if (!by.empty()) out.publisher = by;
    out.source = text(object, "x_assay_source");
    out.confidence = confidence(object);
    const auto percent = [&](std::string_view key) -> std::optional<int> {
      if (!said.has(key)) return std::nullopt;
      const std::int64_t n = said[key].as_int(-1);
      if (n < 0 || n > 100) {
        problem(object, fmt::format("'{}' is no percentage, not used", key));
        return std::nullopt;
      }
      return static_cast<int>(n);
    };
    out.low = percent("low");
    out.high = percent("high");
    judgement_of_[id_of(object)] = out_.judgements.size();
    out_.judgements.push_back(std::move(out));
  }

  void read_report() {
    if (report_) {
      out_.id = id_of(*report_);
      out_.name = text(*report_, "name");
      out_.version = text(*report_, "x_assay_version");
      out_.published = time(*report_, "published");
      for (const std::string& ref : list(*report_, "x_assay_publisher_refs")) add_publisher(ref);
      if (out_.publishers.empty()) add_publisher((*report_)["created_by_ref"].as_string());
      out_.activity_from = time(*report_, "x_assay_activity_from");
      out_.activity_until = time(*report_, "x_assay_activity_until");
    } else {
      out_.id = out_.envelope["id"].as_string();
      creators_.erase("");
      if (creators_.size() == 1) add_publisher(*creators_.begin());
      out_.published = newest_indicator_;
    }
    if (!out_.activity_from.known() && !out_.activity_until.known()) read_window();
  }

  void add_publisher(std::string_view ref) {
    std::string name = name_by_id(ref);
    if (!name.empty()) out_.publishers.push_back(std::move(name));
  }

  // Activity is what campaigns say of themselves. Where the bundle holds many and no report chooses, it stays unknown.
  void read_window() {
    std::set<std::string, std::less<>> chosen;
    if (report_) {
      for (const std::string& ref : list(*report_, "object_refs")) chosen.insert(ref);
    }
    for (const Json* campaign : campaigns_) {
      const bool counts = report_ ? chosen.contains(id_of(*campaign)) : campaigns_.size() == 1;
      if (!counts) continue;
      const Time first = time(*campaign, "first_seen"), last = time(*campaign, "last_seen");
      if (first.known() && (!out_.activity_from.known() || first < out_.activity_from)) out_.activity_from = first;
      if (last.known() && (!out_.activity_until.known() || last > out_.activity_until)) out_.activity_until = last;
    }
    if (out_.activity_from.known() && out_.activity_until.known() && out_.activity_until < out_.activity_from) {
      out_.problems.push_back(
          "the campaign's 'last_seen' lies before its 'first_seen', the activity window is not used");
      out_.activity_from = out_.activity_until = Time{};
    }
  }

  // The one actor of the bundle; of several the one that a campaign is attributed to, the intrusion set first.
  void read_actor() {
    std::set<std::string, std::less<>> named;
    for (const auto& [source, targets] : attributed_) {
      if (std::string_view(source).starts_with("campaign--")) named.insert(targets.begin(), targets.end());
    }
    std::vector<const Json*> chosen;
    for (const Json* actor : actors_) {
      if (actors_.size() == 1 || named.contains(id_of(*actor))) chosen.push_back(actor);
    }
    if (chosen.empty()) chosen = actors_;
    std::stable_sort(chosen.begin(), chosen.end(),
                     [](const Json* a, const Json* b) { return type_of(*a) < type_of(*b); });
    if (chosen.empty() || (chosen.size() > 1 && type_of(*chosen[1]) == type_of(*chosen[0]))) return;
    out_.actor = text(*chosen[0], "name");
    for (std::string& alias : list(*chosen[0], "aliases")) {
      if (alias != out_.actor) out_.actor_aliases.push_back(std::move(alias));
    }
  }

  // What other publishers say of a judgement (STIX opinions on its note).
  void read_positions() {
    for (const Json* opinion : opinions_) {
      std::string who;
      for (const std::string& author : list(*opinion, "authors")) who += (who.empty() ? "" : ", ") + author;
      if (who.empty()) who = name_by_id((*opinion)["created_by_ref"].as_string());
      const std::string what = text(*opinion, "opinion"), why = text(*opinion, "explanation");
      std::string position = fmt::format("{}: {}", who.empty() ? "unnamed" : who, what);
      if (!why.empty()) position += fmt::format(" ({})", why);
      for (const std::string& ref : list(*opinion, "object_refs")) {
        const auto at = judgement_of_.find(ref);
        if (at != judgement_of_.end()) out_.judgements[at->second].positions.push_back(position);
      }
    }
  }

  void finish() {
    out_.malware.assign(malware_.begin(), malware_.end());
    out_.tools.assign(tools_.begin(), tools_.end());
    out_.vulnerabilities.assign(vulnerabilities_.begin(), vulnerabilities_.end());
    countries_.erase("");
    out_.sectors.assign(sectors_.begin(), sectors_.end());
    out_.countries.assign(countries_.begin(), countries_.end());
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    std::stable_sort(out_.claims.begin(), out_.claims.end(), by_id);
    std::stable_sort(out_.indicators.begin(), out_.indicators.end(), by_id);
    std::stable_sort(out_.judgements.begin(), out_.judgements.end(), by_id);
    std::stable_sort(out_.recommendations.begin(), out_.recommendations.end(), by_id);
    std::stable_sort(out_.techniques.begin(), out_.techniques.end(),
                     [](const AdvisoryTechnique& a, const AdvisoryTechnique& b) {
                       return std::tie(a.id, a.name) < std::tie(b.id, b.name);
                     });
    for (Judgement& judgement : out_.judgements) std::sort(judgement.positions.begin(), judgement.positions.end());
    for (const AdvisoryIndicator& indicator : out_.indicators) {
      for (const std::string& claim : indicator.claims) {
        if (!claim_ids_.contains(claim)) {
          ++problems_;
          if (out_.problems.size() < kProblems) {
            out_.problems.push_back(fmt::format("{}: names the unknown claim {}", shown(indicator.id), shown(claim)));
          }
        }
      }
    }
    if (problems_ > kProblems) out_.problems.push_back(fmt::format("{} more problems", problems_ - kProblems));
  }

  Advisory& out_;
  const Json kNothing;
  std::map<std::string, Place, std::less<>> by_id_;  // newest versions
  std::map<std::string, Json, std::less<>> kept_;    // parsed: what others refer to
  std::set<std::string> markings_, creators_, targets_;
  Time newest_indicator_;
  const Json* report_ = nullptr;
  bool marked_ = false;
  std::size_t problems_ = 0;
  std::map<std::string, std::set<std::string>, std::less<>> indicates_, attributed_;
  std::map<std::string, std::size_t, std::less<>> judgement_of_;  // id of the note -> place in judgements
  std::set<std::string, std::less<>> claim_ids_;
  std::vector<const Json*> actors_, campaigns_, opinions_;
  std::set<std::string> malware_, tools_, vulnerabilities_, sectors_, countries_;
};

}  // namespace

Result<Advisory> read_stix(std::string_view origin, std::string_view json) {
  if (json.size() > kBundleBytes) {
    return Error{ErrorCode::limit, fmt::format("a bundle larger than {} MiB", kBundleBytes >> 20), std::string(origin),
                 "split it"};
  }
  auto split = split_stix(origin, json, limits::kStixObjects);
  if (!split.ok()) return std::move(split).error();
  Advisory out;
  out.origin = origin;
  out.hash = sha256_hex(json);
  out.envelope = std::move(split->envelope);
  out.objects.reserve(split->objects.size());
  for (const std::string_view piece : split->objects) {
    if (const auto parsed = parse_json(piece); !parsed.ok()) {
      Error error = parsed.error();
      error.where = fmt::format("{}: {}{}", origin, error.where.empty() ? "" : error.where + " of the object at ",
                                fmt::format("byte {}", piece.data() - json.data()));
      return error;
    }
    out.objects.emplace_back(piece);
  }
  if (split->more != 0) {
    out.problems.push_back(
        fmt::format("{} objects, only the first {} are read", out.objects.size() + split->more, out.objects.size()));
  }
  StixReader(out).run();
  return out;
}

std::string write_stix(const Advisory& advisory) {
  // Sorted as canonical() sorts, one object in memory at a time.
  const Json envelope = canonical(advisory.envelope.is_object() ? advisory.envelope : Json::object());
  std::string out = "{";
  bool listed = false;
  const auto list_objects = [&] {
    out += out.size() > 1 ? ",\"objects\":[" : "\"objects\":[";
    bool first = true;
    for (const std::string& object : advisory.objects) {
      const auto parsed = parse_json(object);
      if (!first) out += ',';
      first = false;
      out += parsed.ok() ? dump_json(canonical(*parsed)) : "null";
    }
    out += ']';
    listed = true;
  };
  for (const auto& [key, value] : envelope.members()) {
    if (!listed && key > "objects") list_objects();
    if (out.size() > 1) out += ',';
    out += json_string(key) + ":" + dump_json(value);
  }
  if (!listed) list_objects();
  return out + "}";
}

}  // namespace assay
