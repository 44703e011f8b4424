// Audit logs keep what readers promise.
#include <cstdint>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  fuzzing::hold_promise(auditd_format(), {reinterpret_cast<const char*>(data), size}, "auditd");
  return 0;
}
