// The ASCII forms of cpio: "newc" and "crc" (hexadecimal) and POSIX.1's "odc" (octal).
#pragma once

#include <memory>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

// A header of one of these forms stands at the begin.
[[nodiscard]] bool is_cpio(std::string_view head);
[[nodiscard]] std::unique_ptr<ArchiveReader> open_cpio(ByteStream& below, ExpansionGauge& gauge);

}  // namespace assay
