// For tests of this folder: files, the folder of public data, and an advisory as text for goldens.
#pragma once

#include <string>

#include "knowledge/advisory.h"

namespace assay {

// Empty when the file cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);
// ASSAY_DATA, else ../shared/data beside the sources when it is unpacked, else "".
[[nodiscard]] std::string data_folder();
// One line a fact, sorted as the advisory is.
[[nodiscard]] std::string describe(const Advisory& advisory);

}  // namespace assay
