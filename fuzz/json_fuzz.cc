// JSON: both formats keep what readers promise, and the scanner gives the verdict of simdjson's tree wherever that one
// has no limits of its own.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/ascii.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/json/scanner.h"

namespace {

using namespace assay;

const SchemaSet& schemas() {
  static const SchemaSet kSchemas = [] {
    Result<SchemaSet> loaded = SchemaSet::load({});
    if (!loaded.ok()) std::abort();
    return std::move(loaded).value();
  }();
  return kSchemas;
}

// The same records whole and in pieces; every projection agrees with all fields; every value is UTF-8.
void check(const Format& format, std::string_view bytes, std::string_view shape) {
  (void)format.recognise(bytes.substr(0, 65536), bytes.size() <= 65536, "x", schemas());
  const auto visit = [](RecordReader& reader, std::string&) {
    if (!drain::projection_agrees(reader)) std::abort();
    reader.all_fields([](std::string_view path, Value value) {
      if (!is_utf8(value.text) || !is_utf8(path)) std::abort();
    });
  };
  const drain::Result whole = drain::run(format, bytes, shape, schemas(), drain::whole(), visit);
  if (!whole.broken_promise.empty()) std::abort();
  std::size_t step = 0;
  const drain::Result cut = drain::run(format, bytes, shape, schemas(), [&] { return 1 + (step++ * 37) % 113; }, visit);
  if (drain::text(whole) != drain::text(cut)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(json_lines_format(), bytes, "");
  check(json_document_format(), bytes, "");

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
