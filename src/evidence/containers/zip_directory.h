// The directory of a zip archive (PKWARE APPNOTE.TXT 6.3.10): end records, zip64, central and local headers.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/time.h"
#include "evidence/containers/little.h"
#include "evidence/containers/problems.h"
#include "evidence/stream.h"

namespace assay {

struct ZipEntry {
  static constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t local = 0;           // where its local header begins
  std::uint64_t central = kNowhere;  // where its entry of the directory begins; nowhere: found by its local header
  std::uint64_t packed = 0, size = 0;
  std::uint32_t crc = 0, attributes = 0;
  std::uint16_t method = 0, flags = 0, made_by = 0, dos_time = 0;
  [[nodiscard]] bool encrypted() const { return (flags & 1) != 0; }
  [[nodiscard]] bool listed() const { return central != kNowhere; }
  // Sizes and check sum stand behind the content.
  [[nodiscard]] bool described_behind() const { return (flags & 8) != 0; }
};

// What the variable part of a header says.
struct ZipNames {
  std::string raw;   // the name's bytes
  std::string path;  // as text
  Time modified;     // only from fields that are UTC
  std::uint64_t header_bytes = 0;
  // WinZip AES (extra field 0x9901): key bits by strength 1..3, the real method; strength 0: not so.
  std::uint8_t aes_strength = 0, aes_version = 0;
  std::uint16_t aes_method = 0;
};

// At `at`; false when no whole header stands there. Local sizes of zip64 are read from their extra field.
[[nodiscard]] bool read_central_header(SourceWindow& window, std::uint64_t at, ZipEntry& entry, ZipNames& names);
[[nodiscard]] bool read_local_header(SourceWindow& window, std::uint64_t at, ZipEntry& entry, ZipNames& names);

struct ZipDirectory {
  std::vector<ZipEntry> entries;  // by place of their local header, at most `most`
  std::uint64_t begin = 0;        // where the directory begins; the archive's end when there is none
  std::uint64_t behind = 0;       // where the archive ends
  bool found = false;
  bool whole = false;  // every entry is here: what the directory does not name is hidden or left over
};
[[nodiscard]] ZipDirectory read_zip_directory(const ByteSource& source, SourceWindow& window, std::size_t most,
                                              Problems& problems);

}  // namespace assay
