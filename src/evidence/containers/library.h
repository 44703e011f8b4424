// rar (4 and 5) and cab through libarchive's streaming reader.
#pragma once

#include <memory>

#include "evidence/stream.h"

namespace assay {

[[nodiscard]] std::unique_ptr<ArchiveReader> open_library_archive(ContainerKind kind, ByteStream& below,
                                                                  ExpansionGauge& gauge);

}  // namespace assay
