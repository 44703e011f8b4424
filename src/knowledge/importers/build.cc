#include "knowledge/importers/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/hash.h"

namespace assay {
namespace {

constexpr std::string_view kExtension = "extension-definition--a6ddfdab-5bbb-5386-b993-557c8612663e";
constexpr std::string_view kTlp2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
constexpr std::size_t kTextBytes = std::size_t{16} << 10;  // of a description that is taken over
constexpr std::size_t kListItems = 200;

struct TlpForm {
  Tlp tlp;
  std::string_view word, id;
};
// OASIS, "TLP 2.0 extension": the fixed marking definitions.
constexpr auto kTlp = std::to_array<TlpForm>(
    {{Tlp::clear, "clear", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"},
     {Tlp::green, "green", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
     {Tlp::amber, "amber", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
     {Tlp::amber_strict, "amber+strict", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"},
     {Tlp::red, "red", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}});

std::string stamp(Time at) { return at.known() ? format_utc(at) : "1970-01-01T00:00:00Z"; }

// Valid, bounded, without control characters: the JSON writer escapes the rest.
std::string text_of(std::string_view text) {
  std::string out = to_valid_utf8(text.substr(0, kTextBytes));
  if (text.size() > kTextBytes) out += " ...";
  return out;
}

std::string hex_bytes(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(hex_value(hex[i]) << 4 | hex_value(hex[i + 1]));
  return out;
}

std::string id_for(std::string_view type, std::initializer_list<std::string_view> parts) {
  std::string key(type);
  for (const std::string_view part : parts) {
    key += '\x1f';
    key += part;
  }
  return fmt::format("{}--{}", type, uuid5(kImportNamespace, key));
}

Json strings(const std::vector<std::string>& list) {
  Json out = Json::array();
  for (const std::string& item : list) {
    if (out.items().size() == kListItems) break;
    out.push(text_of(item));
  }
  return out;
}

Json ours(std::string_view type) {
  return Json::object({{std::string(kExtension), Json::object({{"extension_type", Json(type)}})}});
}

}  // namespace

std::string uuid5(std::string_view name_space, std::string_view name) {
  std::string plain;
  for (const char c : name_space) {
    if (c != '-') plain += c;
  }
  std::string hash = hash_hex(HashKind::sha1, hex_bytes(plain) + std::string(name)).substr(0, 32);
  hash[12] = '5';
  hash[16] = "89ab"[hex_value(hash[16]) & 3];
  return fmt::format("{}-{}-{}-{}-{}", hash.substr(0, 8), hash.substr(8, 4), hash.substr(12, 4), hash.substr(16, 4),
                     hash.substr(20));
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i]) || (text[i] >= 'A' && text[i] <= 'F')) return false;
  }
  return true;
}

std::optional<Tlp> tlp_from(std::string_view word) {
  word = trim(word);
  if (starts_with_icase(word, "tlp")) {
    word.remove_prefix(3);
    while (!word.empty() && (word.front() == ':' || word.front() == ' ' || word.front() == '-' || word.front() == '_'))
      word.remove_prefix(1);
  }
  if (equals_icase(word, "white")) return Tlp::clear;
  if (equals_icase(word, "amber-strict") || equals_icase(word, "amber strict")) return Tlp::amber_strict;
  for (const TlpForm& form : kTlp) {
    if (equals_icase(word, form.word)) return form.tlp;
  }
  return std::nullopt;
}

std::string_view tlp_marking_id(Tlp tlp) {
  for (const TlpForm& form : kTlp) {
    if (form.tlp == tlp) return form.id;
  }
  return {};
}

Build::Build(std::string_view kind, std::string_view file_name, std::string_view bytes, const ImportOptions& options)
    : kind_(kind),
      file_(file_name),
      hash_(sha256_hex(bytes)),
      options_(options),
      publisher_(options.publisher),
      published_(options.published),
      tlp_(options.tlp) {}

void Build::problem(std::string text) {
  ++problems_;
  if (problem_lines_.size() < kImportProblems) problem_lines_.push_back(std::move(text));
}
void Build::title(std::string_view text) {
  if (title_.empty()) title_ = text_of(trim(text));
}
void Build::publisher(std::string_view name) {
  if (publisher_.empty()) publisher_ = text_of(trim(name));
}
void Build::published(Time at) {
  if (!published_.known()) published_ = at;
}
void Build::mark(Tlp tlp) {
  if (options_.tlp) return;
  tlp_ = tlp_ ? most_restrictive(*tlp_, tlp) : tlp;
}
void Build::pap(std::string_view pap) {
  if (pap_.empty()) pap_ = pap;
}

Json Build::head(std::string_view type, std::string id, Time at) const {
  Json out = Json::object();
  out.add("type", type);
  out.add("spec_version", "2.1");
  out.add("id", std::move(id));
  if (!publisher_.empty() && type != "identity") out.add("created_by_ref", id_for("identity", {publisher_}));
  out.add("created", stamp(at));
  out.add("modified", stamp(at));
  return out;
}

bool Build::indicator(Observable kind, std::string_view value, Listed what, std::string_view where) {
  std::string why;
  const auto normal = normalise_observable(kind, value, why);
  if (!normal) {
    count("unusable value");
    problem(fmt::format("{}: '{}' is not used: {}", where, text_of(value.substr(0, 80)), why));
    return false;
  }
  if (what.name.empty()) what.name = fmt::format("{} {}", name_of(kind), *normal);
  const std::size_t before = indicators_.size();
  add_indicator(fmt::format("{}\x1f{}", name_of(kind), *normal), "stix", stix_pattern_of(kind, *normal),
                std::move(what));
  count(indicators_.size() > before ? fmt::format("indicator {}", name_of(kind)) : std::string("repeated value"));
  return true;
}

void Build::pattern(std::string_view type, std::string_view pattern, Listed what) {
  const std::size_t before = indicators_.size();
  add_indicator(fmt::format("{}\x1f{}", type, pattern), type, std::string(pattern), std::move(what));
  count(indicators_.size() > before ? fmt::format("indicator {} pattern", type) : std::string("repeated value"));
}

void Build::add_indicator(std::string_view key, std::string_view type, std::string pattern, Listed what) {
  std::string id = is_uuid(what.source_uuid) ? "indicator--" + what.source_uuid
                                             : id_for("indicator", {publisher_.empty() ? title_ : publisher_, key});
  const auto at = indicators_.find(id);
  if (at == indicators_.end()) {
    std::string place = id;
    indicators_.emplace(std::move(place),
                        Pending{std::move(id), std::string(type), std::move(pattern), std::move(what)});
    return;
  }
  Pending& other = at->second;
  other.what.indicates.insert(what.indicates.begin(), what.indicates.end());
  if (!what.description.empty() && what.description != other.what.description &&
      other.what.description.size() < kTextBytes)
    other.what.description += (other.what.description.empty() ? "" : "; ") + what.description;
}

void Build::candidate(const Candidate& what) {
  count(fmt::format("candidate {}", name_of(what.role)));
  candidates_.push_back(what);
}

std::string Build::name(std::string_view type, std::string_view name, std::string_view external_id,
                        const std::vector<std::string>& aliases) {
  const std::string text = text_of(trim(name));
  std::string id = id_for(type, {external_id.empty() ? lower(text) : std::string(external_id)});
  if (names_.contains(id)) return id;
  Json out = Json::object();
  out.add("name", text);
  if (type == "malware") out.add("is_family", true);
  if (!aliases.empty() && (type == "malware" || type == "tool" || type == "intrusion-set" || type == "attack-pattern" ||
                           type == "threat-actor" || type == "campaign"))
    out.add("aliases", strings(aliases));
  if (!external_id.empty()) {
    const bool flaw = type == "vulnerability";
    out.add("external_references", Json::array());
    Json reference = Json::object({{"source_name", flaw ? "cve" : "mitre-attack"}, {"external_id", Json(external_id)}});
    Json list = Json::array();
    list.push(std::move(reference));
    out.set("external_references", std::move(list));
  }
  names_.emplace(id, std::move(out));
  count(fmt::format("name {}", type));
  return id;
}

void Build::object(Json object) {
  const std::string id = object["id"].as_string();
  if (objects_.emplace(id, std::move(object)).second) count("object");
}

Imported Build::finish() {
  Imported out;
  out.kind = kind_;
  if (title_.empty())
    title_ = text_of(file_.substr(file_.find_last_of('/') == std::string::npos ? 0 : file_.find_last_of('/') + 1));
  if (!published_.known()) published_ = values_date_;
  std::vector<Json> objects;
  std::set<std::string> refs;
  std::set<Tlp> used;
  Json markings = Json::array();
  if (tlp_ && *tlp_ != Tlp::unmarked) {
    used.insert(*tlp_);
    markings.push(std::string(tlp_marking_id(*tlp_)));
  }
  std::string pap_id;
  if (!pap_.empty()) {
    pap_id = id_for("marking-definition", {pap_});
    markings.push(pap_id);
  }
  const auto finish_object = [&](Json object, const std::optional<Tlp>& own) {
    Json marks = markings;
    if (own && *own != Tlp::unmarked && (!tlp_ || *own != *tlp_)) {
      used.insert(*own);
      marks = Json::array();
      marks.push(std::string(tlp_marking_id(*own)));
      if (!pap_id.empty()) marks.push(pap_id);
    }
    if (!marks.items().empty()) object.add("object_marking_refs", std::move(marks));
    objects.push_back(std::move(object));
  };
  if (!publisher_.empty() && !only_objects_) {
    Json identity = head("identity", id_for("identity", {publisher_}), published_);
    identity.add("name", publisher_);
    identity.add("identity_class", "organization");
    finish_object(std::move(identity), std::nullopt);
  }
  std::set<std::string> relations;
  for (auto& [id, pending] : indicators_) {
    Listed& what = pending.what;
    const Time from = what.valid_from.known() ? what.valid_from : published_;
    Json object = head("indicator", id, published_);
    object.add("name", text_of(what.name));
    if (!what.description.empty()) object.add("description", text_of(what.description));
    object.add("pattern", pending.pattern);
    object.add("pattern_type", pending.type);
    if (pending.type == "stix") object.add("pattern_version", "2.1");
    object.add("valid_from", stamp(from));
    if (what.valid_until.known()) {
      if (!from.known() || what.valid_until > from) {
        object.add("valid_until", stamp(what.valid_until));
      } else {
        problem(fmt::format("{}: the last day is not after the first, not used", text_of(what.name)));
      }
    }
    if (what.confidence >= 0) object.add("confidence", std::min(what.confidence, 100));
    if (!what.labels.empty()) object.add("labels", strings(what.labels));
    if (what.revoked) object.add("revoked", true);
    if (what.weightless) object.add("x_assay_weightless", true);
    if (!what.mark.empty()) object.add("x_assay_mark", text_of(what.mark));
    bool own = what.weightless || !what.mark.empty();
    for (const auto& [key, value] : what.extra.members()) {
      object.set(key, value);
      own = own || key.starts_with("x_assay_");
    }
    if (own && !object.has("extensions")) object.add("extensions", ours("toplevel-property-extension"));
    refs.insert(id);
    for (const std::string& target : what.indicates) {
      const std::string relation = id_for("relationship", {"indicates", id, target});
      if (!relations.insert(relation).second) continue;
      Json link = head("relationship", relation, published_);
      link.add("relationship_type", "indicates");
      link.add("source_ref", id);
      link.add("target_ref", target);
      finish_object(std::move(link), what.tlp);
    }
    finish_object(std::move(object), what.tlp);
  }
  for (const Candidate& found : candidates_) {
    const std::string id =
        id_for("x-assay-candidate", {publisher_.empty() ? title_ : publisher_, name_of(found.kind), found.value});
    if (!refs.insert(id).second) continue;
    Json object = head("x-assay-candidate", id, published_);
    object.add("name", fmt::format("{} {}", name_of(found.kind), text_of(found.value)));
    object.add("promote", false);
    object.add("role", std::string(name_of(found.role)));
    object.add("pattern", stix_pattern_of(found.kind, found.value));
    object.add("pattern_type", "stix");
    object.add("valid_from", stamp(published_));
    object.add("confidence", found.confidence);
    object.add("x_assay_reason", text_of(found.reason));
    object.add("x_assay_sentence", text_of(found.sentence));
    object.add("extensions", ours("new-sdo"));
    finish_object(std::move(object), std::nullopt);
  }
  for (auto& [id, extra] : names_) {
    Json object = head(id.substr(0, id.find("--")), id, published_);
    for (const auto& [key, value] : extra.members()) object.add(key, value);
    refs.insert(id);
    finish_object(std::move(object), std::nullopt);
  }
  for (auto& [id, object] : objects_) {
    refs.insert(id);
    objects.push_back(object);
  }
  if (!refs.empty() && !only_objects_) {
    Json report =
        head("report", is_uuid(source_uuid_) ? "report--" + source_uuid_ : id_for("report", {publisher_, title_}),
             published_);
    report.add("name", title_);
    if (!description_.empty()) report.add("description", text_of(description_));
    report.add("published", stamp(published_));
    Json list = Json::array();
    for (const std::string& ref : refs) list.push(ref);
    report.add("object_refs", std::move(list));
    report.add("x_assay_imported", Json::object({{"kind", kind_}, {"sha256", hash_}}));
    for (const auto& [key, value] : report_extra_.members()) report.add(key, value);
    report.add("extensions", ours("toplevel-property-extension"));
    finish_object(std::move(report), std::nullopt);
  }
  for (const Tlp tlp : used) {
    Json marking = Json::object();
    marking.add("type", "marking-definition");
    marking.add("spec_version", "2.1");
    marking.add("id", std::string(tlp_marking_id(tlp)));
    marking.add("created", "2022-10-01T00:00:00.000Z");
    marking.add("name", std::string(name_of(tlp)));
    std::string word = lower(name_of(tlp).substr(4));
    marking.add("extensions", Json::object({{std::string(kTlp2), Json::object({{"extension_type", "property-extension"},
                                                                               {"tlp_2_0", word}})}}));
    objects.push_back(std::move(marking));
  }
  if (!pap_id.empty()) {
    Json marking = Json::object();
    marking.add("type", "marking-definition");
    marking.add("spec_version", "2.1");
    marking.add("id", pap_id);
    marking.add("created", "1970-01-01T00:00:00Z");
    marking.add("definition_type", "statement");
    marking.add("definition", Json::object({{"statement", pap_}}));
    marking.add("name", pap_);
    objects.push_back(std::move(marking));
  }
  std::sort(objects.begin(), objects.end(),
            [](const Json& a, const Json& b) { return a["id"].as_string() < b["id"].as_string(); });
  std::string body;
  for (const Json& object : objects) {
    if (!body.empty()) body += ",\n";
    body += "    " + dump_json(object);
  }
  out.bundle = fmt::format("{{\n  \"type\": \"bundle\",\n  \"id\": \"bundle--{}\",\n  \"objects\": [\n{}\n  ]\n}}\n",
                           uuid5(kImportNamespace, "bundle\x1f" + sha256_hex(body)), body);
  out.counts = counts_;
  out.problems = std::move(problem_lines_);
  if (problems_ > kImportProblems) out.problems.push_back(fmt::format("{} more problems", problems_ - kImportProblems));
  return out;
}

}  // namespace assay
