// ar archives: static libraries and Debian packages.
#pragma once

#include <memory>

#include "evidence/stream.h"

namespace assay {

[[nodiscard]] std::unique_ptr<ArchiveReader> open_ar(ByteStream& below, ExpansionGauge& gauge);

}  // namespace assay
