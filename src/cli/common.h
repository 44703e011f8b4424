// What several verbs share: loading schemas, advisories, profile and rules, choosing the case file, messages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casefile/case.h"
#include "evidence/schema.h"
#include "knowledge/advisory.h"
#include "knowledge/attack.h"
#include "knowledge/estimative.h"
#include "knowledge/profile.h"
#include "report/report.h"
#include "rules/rule_set.h"

namespace assay::cli {

[[nodiscard]] const char* version();
// "assay: " and the text, on stderr.
void complain(std::string_view text);
void complain(const Error& error);
// Evidence that is not there is said before anything is read; what is there is read all the same.
void complain_of_missing(const std::vector<std::string>& evidence);

// A folder for temporary files that nobody else may read, gone with all that is in it. TMPDIR, else /tmp. Says on
// stderr when it cannot be made.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }  // "" when it could not be made

 private:
  std::string path_;
};
// Writes all of it to stdout.
void print(std::string_view text);

struct LoadOptions {
  std::vector<std::string> advisories;  // files or names; empty: every one in force (built in, and the store's)
  std::string store;                    // folder of the user's advisories; "": the usual one (cli/store.h)
  std::vector<std::string> rules;
  std::vector<std::string> schemas;
  std::vector<std::string> placeholders;  // NAME=VALUE,... or a YAML file of names and values
  std::vector<std::string> pipelines;     // pySigma's processing pipelines
  std::string profile;
};

// Gives the rules of the user what --placeholder and --pipeline say. Complains and is false when one cannot be used.
[[nodiscard]] bool prepare_rules(const LoadOptions& options, RuleSet& rules);

struct Loaded {
  SchemaSet schemas;
  Knowledge knowledge;
  Profile profile;
  std::string profile_yaml;
  RuleSet rules;
  std::vector<std::string> bundles;  // as read, in the order of knowledge.advisories
  std::string detector_set;          // hash over all of it
};

// Complains and gives no value (exit code 2) when something named cannot be used at all.
[[nodiscard]] std::optional<Profile> load_profile(const std::string& path, std::string& yaml);
// ATT&CK's bundle that --attack names; null without it. Complains and gives no value when it cannot be used.
[[nodiscard]] std::optional<std::shared_ptr<const Attack>> load_attack(const std::string& path);
[[nodiscard]] std::optional<Loaded> load(const LoadOptions& options);
[[nodiscard]] std::vector<std::string> built_in_advisories();

// "assay-N.case" with the next free N.
[[nodiscard]] std::string next_case();
// The newest assay-N.case of the working directory; empty when there is none.
[[nodiscard]] std::string newest_case();
// Opens the named or newest case; complains when there is none.
[[nodiscard]] std::unique_ptr<Case> open_case(const std::string& path, bool read_only);

// What the case holds; complains when it cannot be read.
[[nodiscard]] std::optional<CaseData> load_case(Case& file);

[[nodiscard]] std::optional<Scale> scale_from(const std::string& name);
[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] std::size_t terminal_width();
[[nodiscard]] bool want_color(bool no_color);
// Complains when no file could be written there; leaves nothing behind.
[[nodiscard]] bool can_be_written(const std::string& path);
[[nodiscard]] bool write_file(const std::string& path, std::string_view bytes);
[[nodiscard]] std::string now_utc();
[[nodiscard]] Time today();  // wall clock: judgements expire by it

// Writes the return as FILE and, for people, as FILE.txt. Complains when that cannot be.
[[nodiscard]] bool write_return(const std::string& file, const CaseData& data, const Assessment& assessment,
                                const std::string& pseudonym);
// Complains when it is none of the answer's forms.
[[nodiscard]] bool is_format(const std::string& format);
// The answer in the chosen form; format "" means page on a terminal, JSON elsewhere.
[[nodiscard]] std::optional<std::string> render(const CaseData& data, const Assessment& assessment,
                                                const ReportOptions& options, std::string format);

}  // namespace assay::cli
