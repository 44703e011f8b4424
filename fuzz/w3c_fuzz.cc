// W3C extended logs: any bytes, with and without a header in front.
#include <cstdint>
#include <string>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(w3c_format(), bytes, "");
  fuzzing::hold_promise(w3c_undated_format(),
                        "#Version: 1.0\n#Date: 2020-12-31\n#Fields: time c-ip\n" + std::string(bytes), "");
  fuzzing::hold_promise_of_any(bytes);
  fuzzing::hold_promise(w3c_format(),
                        "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem cs-method\n" + std::string(bytes), "");
  return 0;
}
