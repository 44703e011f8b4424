// rar (4 and 5), cab, ar and cpio through libarchive's streaming reader.
#pragma once

#include <memory>

#include "evidence/stream.h"

namespace assay {

[[nodiscard]] std::unique_ptr<ArchiveReader> open_library_archive(ContainerKind kind, ByteStream& below,
                                                                  ExpansionGauge& gauge);

}  // namespace assay
