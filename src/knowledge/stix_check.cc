#include "knowledge/stix_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/time.h"
#include "knowledge/importers/build.h"

namespace assay {
namespace {

using Words = std::vector<std::string_view>;

struct Type {
  std::string_view name, category;
  Words required;
  Words contributing;  // observables: what their id is made of (STIX 2.1, chapter 6); empty: a random id
};

// STIX 2.1, chapters 4 to 7. Required properties beyond type, spec_version, id, created, modified.
const std::vector<Type>& types() {
  static const std::vector<Type> kTypes = {
      {"attack-pattern", "sdo", {"name"}, {}},
      {"campaign", "sdo", {"name"}, {}},
      {"course-of-action", "sdo", {"name"}, {}},
      {"grouping", "sdo", {"context", "object_refs"}, {}},
      {"identity", "sdo", {"name"}, {}},
      {"incident", "sdo", {"name"}, {}},
      {"indicator", "sdo", {"pattern", "pattern_type", "valid_from"}, {}},
      {"infrastructure", "sdo", {"name"}, {}},
      {"intrusion-set", "sdo", {"name"}, {}},
      {"location", "sdo", {}, {}},
      {"malware", "sdo", {"is_family"}, {}},
      {"malware-analysis", "sdo", {"product"}, {}},
      {"note", "sdo", {"content", "object_refs"}, {}},
      {"observed-data", "sdo", {"first_observed", "last_observed", "number_observed"}, {}},
      {"opinion", "sdo", {"opinion", "object_refs"}, {}},
      {"report", "sdo", {"name", "published", "object_refs"}, {}},
      {"threat-actor", "sdo", {"name"}, {}},
      {"tool", "sdo", {"name"}, {}},
      {"vulnerability", "sdo", {"name"}, {}},
      {"relationship", "sro", {"relationship_type", "source_ref", "target_ref"}, {}},
      {"sighting", "sro", {"sighting_of_ref"}, {}},
      {"artifact", "sco", {}, {"hashes", "payload_bin"}},
      {"autonomous-system", "sco", {"number"}, {"number"}},
      {"directory", "sco", {"path"}, {"path"}},
      {"domain-name", "sco", {"value"}, {"value"}},
      {"email-addr", "sco", {"value"}, {"value"}},
      {"email-message", "sco", {"is_multipart"}, {"from_ref", "subject", "body"}},
      {"file", "sco", {}, {"hashes", "name", "extensions", "parent_directory_ref"}},
      {"ipv4-addr", "sco", {"value"}, {"value"}},
      {"ipv6-addr", "sco", {"value"}, {"value"}},
      {"mac-addr", "sco", {"value"}, {"value"}},
      {"mutex", "sco", {"name"}, {"name"}},
      {"network-traffic",
       "sco",
       {"protocols"},
       {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"}},
      {"process", "sco", {}, {}},
      {"software", "sco", {"name"}, {"name", "cpe", "swid", "vendor", "version"}},
      {"url", "sco", {"value"}, {"value"}},
      {"user-account", "sco", {}, {"account_type", "user_id", "account_login"}},
      {"windows-registry-key", "sco", {}, {"key", "values"}},
      {"x509-certificate", "sco", {}, {"hashes", "serial_number"}},
      {"extension-definition", "meta", {"name", "schema", "version", "extension_types"}, {}},
      {"language-content", "meta", {"object_ref", "contents"}, {}},
      {"marking-definition", "meta", {}, {}},
  };
  return kTypes;
}

const Type* find_type(std::string_view name) {
  for (const Type& type : types()) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

// Closed vocabularies (chapter 10 and the objects' own).
struct Vocabulary {
  std::string_view type, property;
  Words values;
};
const std::vector<Vocabulary>& vocabularies() {
  static const std::vector<Vocabulary> kVocabularies = {
      {"opinion", "opinion", {"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"}},
      {"extension-definition",
       "extension_types",
       {"new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"}},
      {"artifact", "encryption_algorithm", {"AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"}},
      {"windows-registry-key",
       "data_type",
       {"REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN",
        "REG_DWORD_LITTLE_ENDIAN", "REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION",
        "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD", "REG_INVALID_TYPE"}},
  };
  return kVocabularies;
}

// Which types a reference may name; a property that ends in "_ref" or "_refs" and is not here may name any.
struct Reference {
  std::string_view type, property;
  Words targets;
};
const std::vector<Reference>& references() {
  static const std::vector<Reference> kReferences = {
      {"", "created_by_ref", {"identity"}},
      {"", "object_marking_refs", {"marking-definition"}},
      {"observed-data", "object_refs", {}},
      {"sighting", "observed_data_refs", {"observed-data"}},
      {"sighting", "where_sighted_refs", {"identity", "location"}},
      {"malware", "operating_system_refs", {"software"}},
      {"malware", "sample_refs", {"artifact", "file"}},
      {"malware-analysis", "host_vm_ref", {"software"}},
      {"malware-analysis", "operating_system_ref", {"software"}},
      {"malware-analysis", "installed_software_refs", {"software"}},
      {"malware-analysis", "sample_ref", {"artifact", "file", "network-traffic"}},
      {"directory", "contains_refs", {"file", "directory"}},
      {"domain-name", "resolves_to_refs", {"ipv4-addr", "ipv6-addr", "domain-name"}},
      {"email-addr", "belongs_to_ref", {"user-account"}},
      {"email-message", "from_ref", {"email-addr"}},
      {"email-message", "sender_ref", {"email-addr"}},
      {"email-message", "to_refs", {"email-addr"}},
      {"email-message", "cc_refs", {"email-addr"}},
      {"email-message", "bcc_refs", {"email-addr"}},
      {"email-message", "raw_email_ref", {"artifact"}},
      {"file", "parent_directory_ref", {"directory"}},
      {"file", "content_ref", {"artifact"}},
      {"ipv4-addr", "resolves_to_refs", {"mac-addr"}},
      {"ipv6-addr", "resolves_to_refs", {"mac-addr"}},
      {"ipv4-addr", "belongs_to_refs", {"autonomous-system"}},
      {"ipv6-addr", "belongs_to_refs", {"autonomous-system"}},
      {"network-traffic", "src_ref", {"ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"}},
      {"network-traffic", "dst_ref", {"ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"}},
      {"network-traffic", "src_payload_ref", {"artifact"}},
      {"network-traffic", "dst_payload_ref", {"artifact"}},
      {"network-traffic", "encapsulates_refs", {"network-traffic"}},
      {"network-traffic", "encapsulated_by_ref", {"network-traffic"}},
      {"process", "opened_connection_refs", {"network-traffic"}},
      {"process", "creator_user_ref", {"user-account"}},
      {"process", "image_ref", {"file"}},
      {"process", "parent_ref", {"process"}},
      {"process", "child_refs", {"process"}},
      {"windows-registry-key", "creator_user_ref", {"user-account"}},
  };
  return kReferences;
}

struct Order {
  std::string_view first, last;
  bool equal;  // may be the same instant
};
constexpr auto kOrders = std::to_array<Order>({{"created", "modified", true},
                                               {"valid_from", "valid_until", false},
                                               {"first_seen", "last_seen", true},
                                               {"first_observed", "last_observed", true},
                                               {"start_time", "stop_time", false},
                                               {"start", "end", true},
                                               {"analysis_started", "analysis_ended", true},
                                               {"submitted", "analysis_ended", true}});
constexpr auto kTimes = std::to_array<std::string_view>({"created",
                                                         "modified",
                                                         "valid_from",
                                                         "valid_until",
                                                         "first_seen",
                                                         "last_seen",
                                                         "first_observed",
                                                         "last_observed",
                                                         "published",
                                                         "start_time",
                                                         "stop_time",
                                                         "start",
                                                         "end",
                                                         "ctime",
                                                         "mtime",
                                                         "atime",
                                                         "created_time",
                                                         "account_created",
                                                         "account_expires",
                                                         "validity_not_before",
                                                         "validity_not_after",
                                                         "analysis_started",
                                                         "analysis_ended",
                                                         "submitted",
                                                         "date"});

class Checker {
 public:
  Checker(const Json& object, std::vector<StixMessage>& out) : object_(object), out_(out), first_(out.size()) {}

  void run() {
    if (!object_.is_object()) return say("", "is no object");
    type_ = object_["type"].as_string();
    if (type_.empty()) return say("type", "is missing");
    known_ = find_type(type_);
    id();
    if (known_ == nullptr) {
      const bool custom = object_["extensions"].is_object() || type_.starts_with("x-");
      if (!custom)
        say("type", fmt::format("'{}' is no type of STIX 2.1 and no extension of the object defines it", shown(type_)));
    }
    common();
    if (known_ != nullptr) {
      for (const std::string_view property : known_->required) {
        if (!object_.has(property) && !(type_ == "observed-data" && property == "object_refs"))
          say(property, "is required and missing");
      }
      special();
    }
    times();
    references_of(object_);
    markings();
    vocabulary();
  }

 private:
  static std::string shown(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 60)) out += c >= ' ' && c <= '~' ? c : '?';
    return out;
  }
  void say(std::string_view property, std::string what) {
    if (out_.size() - first_ >= kStixMessagesPerObject) return;
    out_.push_back({shown(object_["id"].as_string()), std::string(property), std::move(what)});
  }
  [[nodiscard]] bool is(std::string_view category) const { return known_ != nullptr && known_->category == category; }

  void id() {
    const std::string& id = object_["id"].as_string();
    if (id.empty()) return say("id", "is required and missing");
    const std::size_t dashes = id.find("--");
    if (dashes == id.npos || std::string_view(id).substr(0, dashes) != type_)
      return say("id", "does not begin with the object's type and \"--\"");
    if (!is_uuid(std::string_view(id).substr(dashes + 2))) return say("id", "does not end in a UUID in lower case");
    if (is("sco")) {
      const std::string wanted = deterministic_id(object_);
      const bool version5 = id[dashes + 2 + 14] == '5';
      if (!wanted.empty() && version5 && wanted != id)
        say("id", fmt::format("is not the one that its properties give ({})", wanted));
    }
  }

  void common() {
    if (is("sco")) return;
    const bool marking = type_ == "marking-definition";
    if (object_["spec_version"].as_string() != "2.1")
      say("spec_version", object_.has("spec_version")
                              ? "is not 2.1"
                              : "is required and missing (STIX 2.0 has none: assay advisory import)");
    for (const std::string_view property : {"created", "modified"}) {
      if (!object_.has(property) && !(marking && property == "modified")) say(property, "is required and missing");
    }
    const Json& confidence = object_["confidence"];
    if (!confidence.is_null() &&
        (confidence.type() != Json::Type::integer || confidence.as_int() < 0 || confidence.as_int() > 100))
      say("confidence", "is no whole number from 0 to 100");
    if (object_.has("revoked") && object_["revoked"].type() != Json::Type::boolean)
      say("revoked", "is neither true nor false");
    for (const std::string_view property :
         {"labels", "external_references", "object_marking_refs", "granular_markings"}) {
      if (object_.has(property) && (!object_[property].is_array() || object_[property].items().empty()))
        say(property, "is no list, or an empty one");
    }
    std::size_t n = 0;
    for (const Json& reference : object_["external_references"].items()) {
      const std::string place = fmt::format("external_references[{}]", n++);
      if (reference["source_name"].as_string().empty())
        say(place + ".source_name", "is required and missing");
      else if (!reference.has("description") && !reference.has("url") && !reference.has("external_id"))
        say(place, "has neither description, url nor external_id");
    }
  }

  void special() {
    if (type_ == "malware" && object_["is_family"].as_bool() && object_["name"].as_string().empty())
      say("name", "is required for a family and missing");
    if (type_ == "location") {
      const bool place =
          object_.has("region") || object_.has("country") || (object_.has("latitude") && object_.has("longitude"));
      if (!place) say("", "has neither region, country nor latitude and longitude");
      if (object_.has("latitude") != object_.has("longitude"))
        say("latitude", "stands without longitude, or the other way round");
      const double latitude = object_["latitude"].as_double(), longitude = object_["longitude"].as_double();
      if (latitude < -90 || latitude > 90) say("latitude", "is not from -90 to 90");
      if (longitude < -180 || longitude > 180) say("longitude", "is not from -180 to 180");
    }
    if (type_ == "observed-data") {
      const bool objects = object_["objects"].is_object(), refs = object_["object_refs"].is_array();
      if (objects == refs) say("object_refs", "exactly one of object_refs and objects is required");
      const std::int64_t n = object_["number_observed"].as_int(-1);
      if (object_.has("number_observed") && (n < 1 || n > 999'999'999))
        say("number_observed", "is not from 1 to 999,999,999");
    }
    if (type_ == "sighting" && object_.has("count")) {
      const std::int64_t n = object_["count"].as_int(-1);
      if (n < 0 || n > 999'999'999) say("count", "is not from 0 to 999,999,999");
    }
    if (type_ == "malware-analysis" && !object_.has("result") && !object_.has("analysis_sco_refs"))
      say("result", "either result or analysis_sco_refs is required");
    if (type_ == "marking-definition") {
      const bool definition = object_.has("definition_type") && object_["definition"].is_object();
      if (!definition && !object_["extensions"].is_object())
        say("definition", "has neither a definition nor an extension");
      if (object_["definition_type"].as_string() == "tlp") {
        const std::string& tlp = object_["definition"]["tlp"].as_string();
        if (tlp != "white" && tlp != "green" && tlp != "amber" && tlp != "red")
          say("definition.tlp", "is none of white, green, amber, red");
      }
    }
    if (type_ == "artifact" && object_.has("payload_bin") == object_.has("url"))
      say("payload_bin", "exactly one of payload_bin and url is required");
    if (type_ == "artifact" && object_.has("url") && !object_["hashes"].is_object())
      say("hashes", "is required with url and missing");
    if (type_ == "file" && !object_.has("hashes") && !object_.has("name"))
      say("name", "either hashes or name is required");
    if (type_ == "user-account" && !object_.has("user_id") && !object_.has("account_login") &&
        !object_.has("account_type") && !object_.has("display_name"))
      say("", "has none of its properties");
    if (type_ == "network-traffic" && !object_.has("src_ref") && !object_.has("dst_ref"))
      say("src_ref", "either src_ref or dst_ref is required");
    if (type_ == "network-traffic" && object_["is_active"].as_bool() && object_.has("end"))
      say("end", "stands although the traffic is active");
    if (type_ == "email-message" && object_["is_multipart"].as_bool() && object_.has("body"))
      say("body", "stands although the message has parts");
    if (type_ == "language-content" && object_["contents"].is_object()) {
      for (const auto& [language, content] : object_["contents"].members()) {
        if (!content.is_object()) say("contents." + shown(language), "is no object");
      }
    }
    if (type_ == "indicator" && object_["pattern"].as_string().empty() && object_.has("pattern"))
      say("pattern", "is empty");
    hashes(object_["hashes"], "hashes");
  }

  void hashes(const Json& list, std::string_view place) {
    static constexpr auto kSizes = std::to_array<std::pair<std::string_view, std::size_t>>(
        {{"MD5", 32}, {"SHA-1", 40}, {"SHA-256", 64}, {"SHA-512", 128}, {"SHA3-256", 64}, {"SHA3-512", 128}});
    for (const auto& [algorithm, value] : list.members()) {
      for (const auto& [name, size] : kSizes) {
        if (name != algorithm) continue;
        const std::string& digits = value.as_string();
        if (digits.size() != size || !std::all_of(digits.begin(), digits.end(), is_hex))
          say(fmt::format("{}.{}", place, algorithm), fmt::format("is no {} of {} digits", algorithm, size));
      }
    }
  }

  void times() {
    for (const std::string_view property : kTimes) {
      const Json& value = object_[property];
      if (value.is_null()) continue;
      if (property == "date" && type_ != "email-message") continue;
      const std::string& text = value.as_string();
      const bool form = text.size() >= 20 && text.ends_with('Z') && text[4] == '-' && text[10] == 'T' &&
                        parse_iso8601(text, 0, true).has_value();
      if (!form) say(property, "is no timestamp in the form 2020-07-16T00:00:00Z");
    }
    for (const Order& order : kOrders) {
      const auto a = parse_iso8601(object_[order.first].as_string(), 0, true),
                 b = parse_iso8601(object_[order.last].as_string(), 0, true);
      if (!a || !b) continue;
      if (*b < *a || (!order.equal && *a == *b))
        say(order.last, fmt::format("is {} than {}", order.equal ? "earlier" : "not later", order.first));
    }
  }

  void one_reference(const std::string& property, const Json& value) {
    const std::string& id = value.as_string();
    const std::size_t dashes = id.find("--");
    if (!value.is_string() || dashes == id.npos || dashes == 0) {
      // Objects inside of observed-data of STIX 2.0 refer to one another by number.
      return say(property, "is no id of an object");
    }
    if (!is_uuid(lower(std::string_view(id).substr(dashes + 2)))) say(property, "names an id without a UUID");
    const std::string_view target = std::string_view(id).substr(0, dashes);
    for (const Reference& known : references()) {
      if (known.property != property || (!known.type.empty() && known.type != type_) || known.targets.empty()) continue;
      if (std::find(known.targets.begin(), known.targets.end(), target) == known.targets.end())
        say(property, fmt::format("names a {}, allowed is {}", shown(target), fmt::join(known.targets, ", ")));
    }
    if (type_ == "relationship" && (property == "source_ref" || property == "target_ref")) {
      const auto category = stix_category(target);
      if (category == "sro" || category == "meta")
        say(property, fmt::format("names a {}, which no relationship may join", shown(target)));
    }
    if (type_ == "sighting" && property == "sighting_of_ref" && stix_category(target) != "sdo" &&
        stix_category(target) != "")
      say(property, "does not name a domain object");
  }

  void references_of(const Json& object) {
    for (const auto& [property, value] : object.members()) {
      if (property.ends_with("_ref")) one_reference(property, value);
      if (property.ends_with("_refs") && !property.starts_with("x_")) {
        if (!value.is_array()) {
          say(property, "is no list");
          continue;
        }
        for (const Json& item : value.items()) one_reference(property, item);
      }
    }
  }

  void markings() {
    std::size_t n = 0;
    for (const Json& granular : object_["granular_markings"].items()) {
      const std::string place = fmt::format("granular_markings[{}]", n++);
      const bool language = granular.has("lang"), marking = granular.has("marking_ref");
      if (language == marking) say(place, "has not exactly one of lang and marking_ref");
      if (!granular["selectors"].is_array() || granular["selectors"].items().empty()) {
        say(place + ".selectors", "is required and missing");
        continue;
      }
      for (const Json& selector : granular["selectors"].items()) {
        if (!selects(selector.as_string()))
          say(place + ".selectors", fmt::format("'{}' selects nothing of the object", shown(selector.as_string())));
      }
    }
  }

  // "name", "labels.[0]", "external_references.[1].url"
  [[nodiscard]] bool selects(std::string_view selector) const {
    const Json* at = &object_;
    for (const std::string_view step : split(selector, '.')) {
      if (step.size() > 2 && step.front() == '[' && step.back() == ']') {
        const auto index = parse_int(step.substr(1, step.size() - 2));
        if (!index || *index < 0 || static_cast<std::size_t>(*index) >= at->items().size()) return false;
        at = &at->items()[static_cast<std::size_t>(*index)];
      } else {
        if (!at->has(step)) return false;
        at = &(*at)[step];
      }
    }
    return true;
  }

  void vocabulary() {
    for (const Vocabulary& closed : vocabularies()) {
      if (closed.type != type_) continue;
      const auto one = [&](const Json& value) {
        if (value.is_string() &&
            std::find(closed.values.begin(), closed.values.end(), value.as_string()) == closed.values.end())
          say(closed.property,
              fmt::format("'{}' is none of {}", shown(value.as_string()), fmt::join(closed.values, ", ")));
      };
      const Json& value = object_[closed.property];
      one(value);
      for (const Json& item : value.items()) one(item);
      for (const Json& inner : object_["values"].items()) one(inner[closed.property]);
    }
    if (const Json& extensions = object_["extensions"]; extensions.is_object()) {
      for (const auto& [key, extension] : extensions.members()) {
        if (!key.starts_with("extension-definition--")) continue;
        const std::string& kind = extension["extension_type"].as_string();
        static constexpr auto kKinds = std::to_array<std::string_view>(
            {"new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"});
        if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end())
          say("extensions." + shown(key), "has no extension_type of the standard");
      }
    }
  }

  const Json& object_;
  std::vector<StixMessage>& out_;
  std::size_t first_;
  std::string type_;
  const Type* known_ = nullptr;
};

}  // namespace

std::string_view stix_category(std::string_view type) {
  const Type* const known = find_type(type);
  return known == nullptr ? std::string_view() : known->category;
}

std::string deterministic_id(const Json& observable) {
  const Type* const known = find_type(observable["type"].as_string());
  if (known == nullptr || known->category != "sco" || known->contributing.empty()) return {};
  Json parts = Json::object();
  for (const std::string_view property : known->contributing) {
    const Json& value = observable[property];
    if (value.is_null()) continue;
    if (property == "hashes") {
      // One hash contributes: the first of MD5, SHA-1, SHA-256, SHA-512 that is there, else the first by name (2.9).
      Json one = Json::object();
      for (const std::string_view algorithm : {"MD5", "SHA-1", "SHA-256", "SHA-512"}) {
        if (one.members().empty() && value.has(algorithm)) one.add(algorithm, value[algorithm]);
      }
      if (one.members().empty() && !value.members().empty()) {
        const auto least = std::min_element(value.members().begin(), value.members().end(),
                                            [](const auto& a, const auto& b) { return a.first < b.first; });
        one.add(least->first, least->second);
      }
      if (!one.members().empty()) parts.add(property, std::move(one));
    } else {
      parts.add(property, value);
    }
  }
  if (parts.members().empty()) return {};
  return fmt::format("{}--{}", known->name, uuid5(kScoNamespace, dump_json(canonical(parts))));
}

void check_stix_object(const Json& object, std::vector<StixMessage>& out) { Checker(object, out).run(); }

}  // namespace assay
