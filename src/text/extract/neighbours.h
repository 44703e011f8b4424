// What stands right around a file's name: other names in one list with it, and the command whose argument it is. For
// the files of this folder alone.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/extract/find.h"

namespace assay {

// A name that everybody's software has, or that of a tool or runtime.
[[nodiscard]] bool is_known_name(std::string_view name);

struct NamesBeside {
  std::size_t known = 0, unknown = 0;  // of the others in the list
};
// The names of files that are listed together with found[i]: "a.exe, b.dll and `c.dll`", or one below the other. Only
// marks and "and" stand between them. At most kListed on each side.
inline constexpr std::size_t kListed = 24;
[[nodiscard]] NamesBeside names_beside(std::string_view text, const std::vector<Found>& found, std::size_t i);

// What the command in front of a value does with it; `lead` is what stands before it in its line, in lower case.
enum class CommandUse { none, writes, looks };
[[nodiscard]] CommandUse command_use(std::string_view lead);

}  // namespace assay
