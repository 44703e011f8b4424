// The parts of the verb advisory, one file each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/common.h"

namespace assay::cli {

struct AdvisoryArguments {
  std::vector<std::string> what;
  std::string format, out, kind, publisher, published, tlp, name, store, attack, warninglists;
  std::vector<std::string> evidence;
  std::string profile, as_of;
};

// Text of an advisory for a terminal: an advisory is a stranger's file.
[[nodiscard]] std::string shown(std::string_view text);

// A STIX 2.1 file, a built-in advisory or one of the store; complains when there is none.
[[nodiscard]] std::optional<Advisory> read_named(const std::string& name, const std::string& store);

[[nodiscard]] int import_advisories(const AdvisoryArguments& args);
[[nodiscard]] int add_advisories(const AdvisoryArguments& args);
[[nodiscard]] int remove_advisories(const AdvisoryArguments& args);
[[nodiscard]] int list_advisories(const AdvisoryArguments& args);
[[nodiscard]] int show_advisory(const AdvisoryArguments& args);
[[nodiscard]] int diff_advisories(const AdvisoryArguments& args);
[[nodiscard]] int check_advisory(const AdvisoryArguments& args);

}  // namespace assay::cli
