// Tables: any bytes, whatever shape they are taken for.
#include <cstdint>
#include <string_view>

#include "evidence/formats/csv/dates.h"
#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(table_format(), bytes, "csv-other");
  fuzzing::hold_promise_of_any(bytes);
  (void)parse_written_date(bytes);
  return 0;
}
