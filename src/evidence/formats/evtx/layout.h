// Windows event log files as they stand on disk: a header of 4 KiB, then chunks of 64 KiB, each with its own records,
// names and templates. Little-endian throughout. Facts from MS-EVEN6 (2.2.12 BinXml) and the documentation of the
// libevtx project; every offset of names and templates counts from the start of its chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace assay::evtx {

inline constexpr std::size_t kFileHeader = 4096;
inline constexpr std::size_t kFileFacts = 128;  // of it, what says something
inline constexpr std::size_t kChunk = 65536;
inline constexpr std::size_t kChunkHeader = 512;
inline constexpr std::size_t kRecordHeader = 24;  // signature, size, number, time; the size stands again at the end
inline constexpr std::size_t kRecordLeast = kRecordHeader + 4;
inline constexpr std::string_view kFileMagic{"ElfFile\0", 8};
inline constexpr std::string_view kChunkMagic{"ElfChnk\0", 8};
inline constexpr std::string_view kRecordMagic{"**\0\0", 4};
inline constexpr std::uint32_t kNoChecksums = 4;  // flag of file and chunk headers
inline constexpr std::uint32_t kDirty = 1;        // flag of the file header: it was not closed, its counts may be old

// Limits: what is beyond them is counted, never read. Those of a chunk are many times what a chunk without tricks
// needs; they bound what templates that use one another can cost.
inline constexpr std::uint32_t kTemplateDepth = 16;  // templates and fragments inside one another -> limit_depth
inline constexpr std::uint32_t kElementDepth = 64;   // elements inside one another -> limit_depth
inline constexpr std::size_t kInstances = 64;        // templates and fragments of one record -> limit_other
inline constexpr std::size_t kItems = 4096;          // values that one template can give -> limit_other
inline constexpr std::size_t kArrayItems = 1024;     // elements of one array -> limit_other
inline constexpr std::size_t kPathBytes = 1024;      // -> limit_other
inline constexpr std::size_t kChunkCompiled = std::size_t{256} << 10;  // bytes of templates compiled -> limit_other
inline constexpr std::size_t kChunkPaths = std::size_t{8} << 20;       // bytes of the paths they name -> limit_other
inline constexpr std::size_t kChunkItems = std::size_t{1} << 18;       // values of all its records -> limit_other
inline constexpr std::size_t kChunkText = std::size_t{16} << 20;       // bytes of those values -> limit_other
// Beyond these what was learned is thrown away between two chunks.
inline constexpr std::size_t kPathsKept = std::size_t{1} << 14;
inline constexpr std::size_t kItemsKept = std::size_t{1} << 18;

// The number at `at`, which must lie inside.
template <class T>
[[nodiscard]] inline T little(std::string_view bytes, std::size_t at) {
  T out = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out = static_cast<T>(out | static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i)));
  }
  return out;
}

// Reads forward; after a short read `good` is false and every number is 0.
struct Cursor {
  std::string_view bytes;
  std::size_t at = 0, end = 0;
  bool good = true;

  [[nodiscard]] bool has(std::size_t size) {
    if (good && at <= end && end - at >= size) return true;
    good = false;
    return false;
  }
  template <class T>
  T take() {
    if (!has(sizeof(T))) return 0;
    const T out = little<T>(bytes, at);
    at += sizeof(T);
    return out;
  }
  void skip(std::size_t size) {
    if (has(size)) at += size;
  }
  // The next byte without taking it; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const {
    return good && at < end ? static_cast<std::uint8_t>(bytes[at]) : std::uint8_t{0};
  }
};

}  // namespace assay::evtx
