// zip (PKWARE APPNOTE.TXT 6.3.10, WinZip AES): by its directory, compared with the members' own headers; what only one
// of the two names is read, and told.
#pragma once

#include <memory>

#include "evidence/stream.h"

namespace assay {

[[nodiscard]] std::unique_ptr<ArchiveReader> open_zip(const ByteSource& source, ExpansionGauge& gauge);

}  // namespace assay
