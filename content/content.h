// The data that Assay ships (advisories, rules, schemas, weights, yardsticks), embedded into the program.
// Names are paths below content/, with '/'; the bytes live as long as the program.
#pragma once

#include <span>
#include <string_view>

namespace assay::content {

struct File {
  std::string_view name;
  std::string_view bytes;
};

// Every embedded file, sorted by name.
[[nodiscard]] std::span<const File> files();

// The bytes of one file; empty when there is none of that name.
[[nodiscard]] std::string_view find(std::string_view name);

}  // namespace assay::content
