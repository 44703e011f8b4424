// XML events and hosts: any bytes, also as UTF-16.
#include <cstdint>
#include <string>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(xml_format(), bytes, "windows-xml");
  fuzzing::hold_promise(xml_format(), bytes, "nmap-xml");
  fuzzing::hold_promise_of_any(bytes);
  std::string wide = "\xff\xfe";
  for (const char c : bytes.substr(0, 4096)) wide += {c, '\0'};
  fuzzing::hold_promise(xml_format(), wide, "windows-xml");
  return 0;
}
