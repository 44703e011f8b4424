// Access logs keep what readers promise.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/ascii.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

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
  check(access_format(), {reinterpret_cast<const char*>(data), size}, "access-log");
  return 0;
}
