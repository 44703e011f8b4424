// rules check --kind stix-pattern: one pattern a line, checked against the standard.
#pragma once

#include <string>
#include <vector>

namespace assay::cli {

// Files, or "-" for standard input; one JSON object a line, or text for people. Returns the exit code: 0; with `strict`
// 1 when a pattern is not valid; 2 when a file cannot be read or the schemas are broken.
[[nodiscard]] int check_stix_patterns(const std::vector<std::string>& paths, const std::vector<std::string>& schemas,
                                      bool json, bool strict);

}  // namespace assay::cli
