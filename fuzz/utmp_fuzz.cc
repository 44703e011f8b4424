// utmp, wtmp, btmp: any bytes.
#include <cstdint>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(utmp_format(), bytes, "wtmp");
  fuzzing::hold_promise(utmp_format(), bytes, "btmp");
  return 0;
}
