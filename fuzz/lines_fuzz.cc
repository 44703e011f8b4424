// Described lines and blocks keep what readers promise, in every shipped shape; and any YAML is read as a schema of
// lines or refused.
#include <cstdint>
#include <string>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t nth = data[0];
  std::vector<const Schema*> shapes;
  for (const Schema& schema : fuzzing::schemas().all()) {
    if (schema.lines != nullptr) shapes.push_back(&schema);
  }
  if (nth >= 200) {
    const std::string yaml = "shape: x\nformat: lines\nlines:\n  " + std::string(bytes);
    (void)SchemaSet::parse("fuzz.yaml", yaml);
    return 0;
  }
  const Schema& schema = *shapes[nth % shapes.size()];
  fuzzing::hold_promise(schema.format == "blocks" ? blocks_format() : lines_format(), bytes, schema.shape);
  return 0;
}
