// LZMA and LZMA2 without a frame, with the filters that 7z puts behind them, by liblzma's raw decoder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evidence/containers/expander.h"

namespace assay {

enum class LzmaFilter : std::uint8_t { lzma1, lzma2, x86, powerpc, ia64, arm, arm_thumb, arm64, sparc, delta };
struct LzmaStep {
  LzmaFilter filter = LzmaFilter::lzma2;
  std::string properties;  // as the archive stores them
};
// `steps` as the encoder ran them: the filters, then LZMA or LZMA2. `size` of the output; none: up to its end mark.
[[nodiscard]] std::unique_ptr<Expander> open_lzma_raw(ByteStream& below, ExpansionGauge& gauge,
                                                      std::vector<LzmaStep> steps, std::optional<std::uint64_t> size);

}  // namespace assay
