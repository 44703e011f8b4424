// The words that detectors are printed with, beyond those of ir.h.
#pragma once

#include <string_view>

#include "rules/ir/ir.h"

namespace assay::ir {

[[nodiscard]] std::string_view name_of(Window::Kind kind);
// ">="
[[nodiscard]] std::string_view symbol_of(Window::Compare compare);

}  // namespace assay::ir
