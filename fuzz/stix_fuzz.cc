// The STIX reader: any bytes give an advisory or an error, and what it wrote reads back as the same bundle.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "knowledge/advisory.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = assay::read_stix("fuzz", text);
  if (!first.ok()) return 0;
  const std::string written = assay::write_stix(*first);
  const auto second = assay::read_stix("fuzz", written);
  if (!second.ok()) std::abort();
  if (second->objects.size() != first->objects.size() || second->indicators.size() != first->indicators.size() ||
      second->tlp != first->tlp)
    std::abort();
  if (assay::write_stix(*second) != written) std::abort();
  return 0;
}
