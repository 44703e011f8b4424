// Windows event logs: what readers promise, over files that our writer made and the input changes, and over chunks
// whose records are the input.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/formats/evtx/samples.h"
#include "reader_promise.h"

namespace {

namespace w = assay::evtx_writer;

// The used part of a chunk: what is behind it is zeros.
std::string used_part(const std::string& file) {
  std::size_t end = file.size();
  while (end > 0 && file[end - 1] == '\0') --end;
  return file.substr(0, end);
}

// Patches: two bytes of place, one of length, the bytes. A length of 0 cuts the file there.
std::string patched(std::string file, std::string_view patches) {
  while (patches.size() >= 3) {
    const std::size_t at =
        4096 + static_cast<unsigned char>(patches[0]) + std::size_t{256} * static_cast<unsigned char>(patches[1]);
    const std::size_t size = static_cast<unsigned char>(patches[2]) % 16;
    patches.remove_prefix(3);
    if (at >= file.size()) continue;
    if (size == 0) {
      file.resize(at);
      continue;
    }
    const std::string_view bytes = patches.substr(0, std::min(size, file.size() - at));
    file.replace(at, bytes.size(), bytes);
    patches.remove_prefix(std::min(size, patches.size()));
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  static const std::array<std::string, 5> kFiles = {
      used_part(w::every_type(false)), used_part(w::every_type(true)), used_part(w::every_markup()),
      used_part(w::SysmonLog().file_of(1, 6)), used_part(w::SysmonLog().begun_anew(8, 3))};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const unsigned kind = static_cast<unsigned char>(bytes[0]) % 8;
  const bool carve = static_cast<unsigned char>(bytes[0]) >= 128;
  std::string file;
  if (kind < kFiles.size()) {
    file = patched(kFiles[kind], bytes.substr(1));
  } else if (kind < 6) {
    file = std::string(bytes.substr(1));
  } else {
    std::string chunk("ElfChnk\0", 8);
    chunk.resize(512, '\0');
    chunk += bytes.substr(1, 60000);
    w::put(chunk, 48, chunk.size(), 4);
    w::Chunk::seal(chunk);
    file = w::file({chunk});
  }
  // Each run of ASCII of a value stands in the text that keywords are looked for in first.
  fuzzing::hold_promise(
      evtx_format(), file, "windows-evtx",
      [](RecordReader& reader, std::string&) {
        const std::string words(reader.words(true));
        reader.all_fields([&](std::string_view, Value value) {
          for (std::size_t at = 0, end = 0; at < value.text.size(); at = end + 1) {
            end = at;
            while (end < value.text.size() && value.text[end] >= ' ' && value.text[end] <= '~') ++end;
            if (words.find(value.text.substr(at, end - at)) == std::string::npos) std::abort();
          }
        });
      },
      carve);
  return 0;
}
