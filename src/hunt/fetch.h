// Reads cited bytes again: from an evidence item of a case, through its containers, to the span of a record.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "casefile/case_data.h"

namespace assay {

// `evidence` is an item's id or its path chain. At most `limit` bytes of [offset, offset + length) of the item; no
// value when the evidence is not there or has changed shape.
[[nodiscard]] std::optional<std::string> fetch_bytes(const CaseData& data, const std::string& evidence,
                                                     std::uint64_t offset, std::uint64_t length, std::uint64_t limit,
                                                     std::span<const std::string> passwords = {});

}  // namespace assay
