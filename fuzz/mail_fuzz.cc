// Mail: the same records however the stream is cut, every projection agrees with all fields, blobs stand inside their
// record, and every value is valid UTF-8.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)mail_format().recognise(bytes.substr(0, 65536), size <= 65536, "x", schemas());
  const auto visit = [&](RecordReader& reader, std::string& text) {
    if (!drain::projection_agrees(reader)) std::abort();
    reader.all_fields([](std::string_view, Value value) {
      if (!is_utf8(value.text)) std::abort();
    });
    reader.blobs([&](const Blob& blob) {
      if (blob.ref.offset + blob.ref.length > size || blob.sha256.size() != 64) std::abort();
      text += std::to_string(blob.ref.offset) + "+" + std::to_string(blob.ref.length) + std::string(blob.sha256) + "\n";
    });
  };
  const drain::Result whole = drain::run(mail_format(), bytes, "mail", schemas(), drain::whole(), visit);
  if (!whole.broken_promise.empty()) std::abort();
  std::size_t step = 0;
  const drain::Result cut =
      drain::run(mail_format(), bytes, "mail", schemas(), [&] { return 1 + (step++ * 37) % 113; }, visit);
  if (drain::text(whole) != drain::text(cut)) std::abort();
  return 0;
}
