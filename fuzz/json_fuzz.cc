// JSON: both formats keep what readers promise, and the scanner gives the verdict of simdjson's tree wherever that one
// has no limits of its own.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "evidence/formats/json/scanner.h"
#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(json_lines_format(), bytes, "");
  fuzzing::hold_promise(json_document_format(), bytes, "");

  static JsonScanner scanner({});
  const bool ours = scanner.scan(bytes, true) == JsonVerdict::whole && scanner.faults().bad_values == 0 &&
                    scanner.faults().not_utf8 == 0;
  const bool limited = scanner.faults().too_deep + scanner.faults().too_many + scanner.faults().long_keys >
                       0;  // skipped parts are not judged
  static simdjson::dom::parser parser;
  simdjson::dom::element root;
  const simdjson::error_code error = parser.parse(simdjson::padded_string(bytes)).get(root);
  // Numbers beyond 64 bits are text to us; a byte order mark is skipped by us alone.
  if (limited || error == simdjson::NUMBER_ERROR || bytes.starts_with("\xEF\xBB\xBF")) return 0;
  if (ours != (error == simdjson::SUCCESS)) std::abort();
  return 0;
}
