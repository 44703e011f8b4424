// 7z (7zFormat.txt of the LZMA SDK): copy, LZMA, LZMA2, deflate, bzip2 and zstd, the branch filters behind LZMA, delta,
// AES-256. Not BCJ2 and not PPMd.
#pragma once

#include <memory>

#include "evidence/stream.h"

namespace assay {

[[nodiscard]] std::unique_ptr<ArchiveReader> open_seven_zip(const ByteSource& source, ExpansionGauge& gauge);

}  // namespace assay
