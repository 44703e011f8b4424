// The first step of prepare(): defanged forms undone, marks that nobody sees left out. For the files of this folder
// alone.
#pragma once

#include <string_view>

#include "text/extract/prepare.h"

namespace assay {

// `text`: any bytes. Linear. What was undone is marked in Prepared::undone.
[[nodiscard]] Prepared undo_defanging(std::string_view text);

}  // namespace assay
