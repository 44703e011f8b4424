// The header of a 7z archive (7zFormat.txt of the LZMA SDK, public domain): packed streams, the coders of each folder,
// and the files in them. Every count is bounded before anything is allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace assay {

struct SevenZipCoder {
  std::string method, properties;
  std::uint64_t size = 0;  // of its output
};

struct SevenZipFolder {
  std::vector<SevenZipCoder> coders;  // from the packed bytes to the content
  bool branched = false;              // coders with several inputs or outputs (BCJ2): not a chain
  std::uint64_t packed_at = 0, packed_size = 0;
  std::optional<std::uint32_t> crc;  // of the whole content
  std::uint64_t size = 0;            // of the whole content
  std::uint64_t streams = 1;         // files in it
};

struct SevenZipStream {
  std::uint32_t folder = 0;
  std::uint64_t size = 0;
  std::optional<std::uint32_t> crc;
};

struct SevenZipFile {
  std::string name;  // UTF-8
  bool has_stream = false, folder = false, anti = false;
  std::uint32_t attributes = 0;
  Time modified;
};

struct SevenZipHeader {
  std::vector<SevenZipFolder> folders;
  std::vector<SevenZipStream> streams;
  std::vector<SevenZipFile> files;
  bool encoded = false;  // this is only where the real header stands: the content of the first folder
  bool damaged = false;  // what was read before the damage counts
  bool more = false;     // holds more files or folders than `most`
};

// `most`: files, folders and streams that are kept.
[[nodiscard]] SevenZipHeader parse_seven_zip_header(std::string_view bytes, std::size_t most);

}  // namespace assay
