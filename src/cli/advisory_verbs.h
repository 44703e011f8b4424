// The parts of the verb advisory, one file each.
#pragma once

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

[[nodiscard]] int import_advisories(const AdvisoryArguments& args);
[[nodiscard]] int add_advisories(const AdvisoryArguments& args);
[[nodiscard]] int remove_advisories(const AdvisoryArguments& args);
[[nodiscard]] int list_advisories(const AdvisoryArguments& args);
[[nodiscard]] int show_advisory(const AdvisoryArguments& args);
[[nodiscard]] int diff_advisories(const AdvisoryArguments& args);
[[nodiscard]] int check_advisory(const AdvisoryArguments& args);

}  // namespace assay::cli
