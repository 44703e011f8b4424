// Zeek logs: single and joined keep what readers promise.
#include <cstdint>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(zeek_format(), bytes, "zeek-tsv");
  fuzzing::hold_promise(zeek_joined_format(), bytes, "zeek-tsv");
  return 0;
}
