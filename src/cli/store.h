// The user's advisories in force: STIX 2.1 files NAME.json in one folder, beside those that are built in.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assay::cli {

// --store, else $XDG_DATA_HOME/assay/advisories, else ~/.local/share/assay/advisories; "" when none of them is known.
[[nodiscard]] std::string store_folder(const std::string& given);
// Names without ".json", sorted; empty when there is no such folder.
[[nodiscard]] std::vector<std::string> stored_advisories(const std::string& folder);
[[nodiscard]] std::string stored_path(const std::string& folder, const std::string& name);
// Letters, digits, '-', '_' and '.', not at the start; complains otherwise.
[[nodiscard]] bool is_stored_name(const std::string& name);
// Makes the folder when it is missing. Complains.
[[nodiscard]] bool make_store(const std::string& folder);
[[nodiscard]] std::optional<std::string> read_whole_file(const std::string& path);

}  // namespace assay::cli
