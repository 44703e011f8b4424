// Collects what an importer read and writes the bundle: identities, markings, indicators, names, relationships, report.
// Ids (docs/advisories.md): an id that the source gives is kept; else UUIDv5 in the namespace of this program over the
// type and the parts that make the thing what it is, so that a second import gives the same ones.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/importers/import.h"

namespace assay {

struct Listed {
  std::string source_uuid;  // of the source, "" when it has none
  std::string name, description, mark;
  Time valid_from, valid_until;
  int confidence = -1;
  bool weightless = false, revoked = false;
  std::vector<std::string> labels;
  std::optional<Tlp> tlp;
  Json extra = Json::object();      // further properties, taken over as they are
  std::set<std::string> indicates;  // ids of names, from name()
};

class Build {
 public:
  Build(std::string_view kind, std::string_view file_name, std::string_view bytes, const ImportOptions& options);

  // The value as an indicator; false and a problem line when it is none of its kind.
  bool indicator(Observable kind, std::string_view value, Listed what, std::string_view where);
  // A pattern of type stix, yara, sigma, snort ...
  void pattern(std::string_view type, std::string_view pattern, Listed what);
  // What was found and is no indicator until the user says so ("promote": true).
  void candidate(const Candidate& what);
  // A named thing (malware, tool, intrusion-set, attack-pattern, vulnerability, campaign ...): its id.
  std::string name(std::string_view type, std::string_view name, std::string_view external_id = {},
                   const std::vector<std::string>& aliases = {});
  // An object that the source has in STIX already; kept with its id.
  void object(Json object);
  // The source is a bundle of its own: no report is made around what object() gave.
  void only_objects() { only_objects_ = true; }

  void problem(std::string text);
  void count(std::string_view what, std::size_t n = 1) { counts_[std::string(what)] += n; }
  // What the document says of itself; the options win.
  void title(std::string_view text);
  void about(std::string_view text) { description_ = text; }
  void publisher(std::string_view name);
  void published(Time at);
  void mark(Tlp tlp);
  void pap(std::string_view pap);  // "PAP:AMBER"
  void source_id(std::string_view uuid) { source_uuid_ = uuid; }
  void date_of_values(Time at) { values_date_ = at; }  // when values carry no date of their own
  void report_property(std::string_view key, Json value) { report_extra_.set(key, std::move(value)); }

  [[nodiscard]] std::size_t values() const {
    return indicators_.size() + candidates_.size() + objects_.size() + names_.size();
  }
  [[nodiscard]] const ImportOptions& options() const { return options_; }
  [[nodiscard]] Imported finish();

 private:
  void add_indicator(std::string_view key, std::string_view type, std::string pattern, Listed what);
  Json head(std::string_view type, std::string id, Time at) const;

  std::string kind_, file_, hash_;
  const ImportOptions& options_;
  std::string title_, description_, publisher_, source_uuid_, pap_;
  Time published_, values_date_;
  std::optional<Tlp> tlp_;
  struct Pending {
    std::string id, type, pattern;
    Listed what;
  };
  std::map<std::string, Pending> indicators_;  // by id
  std::vector<Candidate> candidates_;
  std::map<std::string, Json> names_;  // by id, without times
  std::map<std::string, Json> objects_;
  std::size_t problems_ = 0;
  bool only_objects_ = false;
  std::map<std::string, std::size_t> counts_;
  std::vector<std::string> problem_lines_;
  Json report_extra_ = Json::object();
};

// UUIDv5 (RFC 9562, 5.5) of a name in a namespace "00abedb4-aa42-...".
[[nodiscard]] std::string uuid5(std::string_view name_space, std::string_view name);
// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", lower case.
[[nodiscard]] bool is_uuid(std::string_view text);
inline constexpr std::string_view kScoNamespace = "00abedb4-aa42-466c-9c01-fed23315a9b7";  // STIX 2.1, 2.9
inline constexpr std::string_view kImportNamespace = "6a3f2c1e-5b0d-5e8a-9c47-1d2b7f08e6a4";

// "TLP:AMBER" and its other spellings; also "tlp:white".
[[nodiscard]] std::optional<Tlp> tlp_from(std::string_view word);
[[nodiscard]] std::string_view tlp_marking_id(Tlp tlp);  // TLP 2.0; "" for unmarked

}  // namespace assay
