// A bundle cut into the bytes of its objects, without a tree of the whole: one object at a time is parsed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace assay {

struct StixPieces {
  Json envelope;                          // the bundle's own properties, without its objects
  std::vector<std::string_view> objects;  // items of "objects" as they stand there, at most `most`
  std::size_t more = 0;                   // items beyond `most`
};

// Errors: not JSON (the whole is checked before), no bundle.
[[nodiscard]] Result<StixPieces> split_stix(std::string_view origin, std::string_view json, std::size_t most);

}  // namespace assay
