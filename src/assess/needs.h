// Claims that rest on the silence of another kind of source (content/weights/needs.yaml).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace assay {

struct Need {
  std::string source_class;  // that must have records
  std::int64_t days = 0;     // before or after
  std::string reason;
};
using Needs = std::map<std::string, Need, std::less<>>;  // by claim

[[nodiscard]] Result<Needs> parse_needs(std::string_view yaml);
// The shipped ones; a test holds that they can be read.
[[nodiscard]] const Needs& shipped_needs();

}  // namespace assay
