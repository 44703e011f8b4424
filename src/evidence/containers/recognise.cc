#include <array>
#include <string>

#include "core/ascii.h"
#include "evidence/containers/cpio.h"
#include "evidence/containers/tar.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd"sv;

std::uint32_t little32(std::string_view bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return out;
}

// Skippable frames open LZ4 files too; they count as zstd only when a zstd frame follows within the head.
bool is_zstd(std::string_view head) {
  while (head.size() >= 8) {
    if (head.starts_with(kZstd)) return true;
    if ((little32(head) & 0xfffffff0U) != 0x184d2a50U) return false;
    const std::size_t size = std::size_t{8} + little32(head.substr(4));
    if (size >= head.size()) return false;
    head.remove_prefix(size);
  }
  return head.starts_with(kZstd);
}

// "BZh", a level, and the mark of a block or of the end (of an empty stream).
bool is_bzip2(std::string_view head) {
  return head.size() >= 10 && head.starts_with("BZh"sv) && head[3] >= '1' && head[3] <= '9' &&
         (head.substr(4, 6) == "1AY&SY"sv || head.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv);
}

// A frame, or the form before there were frames; skippable frames in front of it.
bool is_lz4(std::string_view head) {
  while (head.size() >= 8 && (little32(head) & 0xfffffff0U) == 0x184d2a50U) {
    const std::size_t size = std::size_t{8} + little32(head.substr(4));
    if (size >= head.size()) return false;
    head.remove_prefix(size);
  }
  return head.starts_with("\x04\x22\x4d\x18"sv) || head.starts_with("\x02\x21\x4c\x18"sv);
}

}  // namespace

ContainerKind recognise_container(std::string_view head) {
  if (head.size() >= 3 && head.starts_with("\x1f\x8b\x08"sv)) return ContainerKind::gzip;
  if (is_zstd(head)) return ContainerKind::zstd;
  if (head.starts_with("\xfd"
                       "7zXZ\0"sv))
    return ContainerKind::xz;
  if (is_bzip2(head)) return ContainerKind::bzip2;
  if (head.starts_with("LZIP\1"sv)) return ContainerKind::lzip;
  if (is_lz4(head)) return ContainerKind::lz4;
  if (head.size() >= 3 && head.starts_with("\x1f\x9d"sv) && (head[2] & 0x1f) >= 9 && (head[2] & 0x1f) <= 16)
    return ContainerKind::compress;
  if (head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv) ||
      head.starts_with("PK\x07\x08PK\x03\x04"sv) || head.starts_with("PK00PK\x03\x04"sv))
    return ContainerKind::zip;
  if (head.starts_with("7z\xbc\xaf\x27\x1c"sv)) return ContainerKind::seven_zip;
  if (head.starts_with("Rar!\x1a\x07\0"sv) || head.starts_with("Rar!\x1a\x07\x01\0"sv)) return ContainerKind::rar;
  if (head.starts_with("MSCF\0\0\0\0"sv)) return ContainerKind::cab;
  if (head.starts_with("!<arch>\n"sv)) return ContainerKind::ar;
  if (is_cpio(head)) return ContainerKind::cpio;
  if (is_tar_header(head)) return ContainerKind::tar;
  return ContainerKind::none;
}

std::string inner_name(std::string_view file_name) {
  file_name = last_step(file_name, "/!");
  struct Ending {
    std::string_view outer, inner;
  };
  static constexpr std::array<Ending, 20> kEndings = {{
      {".tbz2", ".tar"}, {".tbz", ".tar"}, {".tb2", ".tar"},  {".txz", ".tar"}, {".tlz", ".tar"},
      {".bzip2", ""},    {".bz2", ""},     {".xz", ""},       {".lz4", ""},     {".lzip", ""},
      {".lz", ""},       {".tgz", ".tar"}, {".tzst", ".tar"}, {".taz", ".tar"}, {".svgz", ".svg"},
      {".gzip", ""},     {".gz", ""},      {".zstd", ""},     {".zst", ""},     {".z", ""},
  }};
  for (const Ending& ending : kEndings) {
    if (file_name.size() > ending.outer.size() && ends_with_icase(file_name, ending.outer)) {
      return std::string(file_name.substr(0, file_name.size() - ending.outer.size())) + std::string(ending.inner);
    }
  }
  return std::string(file_name) + ".content";
}

}  // namespace assay
