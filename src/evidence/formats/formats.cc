#include "evidence/formats/formats.h"

#include <vector>

namespace assay {

// One line a room. Of equal scores the first wins, so the order never changes: new rooms go to the end.
std::span<const Format* const> formats() {
  static const std::vector<const Format*> kFormats{};
  return kFormats;
}

}  // namespace assay
