// Mail: the same records however the stream is cut, every projection agrees with all fields, blobs stand inside their
// record, and every value is valid UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(mail_format(), bytes, "mail", [&](RecordReader& reader, std::string& text) {
    reader.blobs([&](const Blob& blob) {
      if (blob.ref.offset + blob.ref.length > size || blob.sha256.size() != 64) std::abort();
      text += std::to_string(blob.ref.offset) + "+" + std::to_string(blob.ref.length) + std::string(blob.sha256) + "\n";
    });
  });
  return 0;
}
