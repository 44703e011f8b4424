// Reads rule files into a RuleSet. A file or rule that cannot be used is listed with its reason; the others load.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "knowledge/advisory.h"
#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

// A Sigma file (one or several documents, our own extension keys under `assay:` for claims, class, family, stage,
// carry).
void load_sigma(std::string_view path, std::string_view text, std::string_view advisory, RuleSet& out);
// A YARA file.
void load_yara(std::string_view path, std::string_view text, std::string_view advisory, const ir::Meaning& meaning,
               RuleSet& out);
// A file or a folder (recursively, sorted), by content and extension: .yml/.yaml Sigma, .yar/.yara YARA.
// not_found when the path does not exist.
[[nodiscard]] Status load_rules_path(const std::string& path, RuleSet& out);
// The indicators of an advisory (STIX patterns of comparisons joined by OR become indicators; AND inside one
// observation becomes a detector; patterns that are not evaluated yet are listed in not_loaded), and its embedded YARA
// and Sigma patterns. Values that must never weigh (private and documentation addresses, our own networks, very common
// file names) are kept and marked.
void lower_advisory(const Advisory& advisory, const Profile& profile, RuleSet& out);

}  // namespace assay
