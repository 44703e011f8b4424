#include <array>
#include <string>

#include "core/ascii.h"
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

}  // namespace

ContainerKind recognise_container(std::string_view head) {
  if (head.size() >= 3 && head.starts_with("\x1f\x8b\x08"sv)) return ContainerKind::gzip;
  if (is_zstd(head)) return ContainerKind::zstd;
  if (is_tar_header(head)) return ContainerKind::tar;
  return ContainerKind::none;
}

std::string inner_name(std::string_view file_name) {
  const std::size_t slash = file_name.find_last_of("/!");
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  struct Ending {
    std::string_view outer, inner;
  };
  static constexpr std::array<Ending, 9> kEndings = {{
      {".tgz", ".tar"},
      {".tzst", ".tar"},
      {".taz", ".tar"},
      {".svgz", ".svg"},
      {".gzip", ""},
      {".gz", ""},
      {".zstd", ""},
      {".zst", ""},
      {".z", ""},
  }};
  for (const Ending& ending : kEndings) {
    if (file_name.size() > ending.outer.size() && ends_with_icase(file_name, ending.outer)) {
      return std::string(file_name.substr(0, file_name.size() - ending.outer.size())) + std::string(ending.inner);
    }
  }
  return std::string(file_name) + ".content";
}

}  // namespace assay
