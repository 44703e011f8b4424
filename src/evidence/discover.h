// Finds the files of the evidence given on the command line. Nothing is opened that is not a regular file; loops and
// special files are listed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/notice.h"
#include "core/time.h"

namespace assay {

struct FoundFile {
  std::string open_path;  // how to open it
  std::string
      name;  // how the evidence names it: the argument as given (without trailing '/'), then '/' and the path below
  std::uint64_t size = 0;
  Time modified;
  std::uint32_t mode = 0;
};

// Sorted by name; the same file by two arguments stands once. Missing arguments and unreadable folders become notices.
[[nodiscard]] std::vector<FoundFile> discover(std::span<const std::string> arguments, Notices& notices);

}  // namespace assay
