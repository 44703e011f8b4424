// Containers, chained as a worker chains them: what gzip, zstd and tar give does not depend on how it is read, tar
// content is where its offset says, caps hold, and the streams stay within declared memory.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "evidence/file_record.h"
#include "evidence/stream.h"

namespace {

using namespace assay;

constexpr std::size_t kEnough = std::size_t{4} << 20;  // of one stream's output; bombs end by their cap or here

std::string drain(ByteStream& stream, std::size_t piece) {
  std::string out, buffer(piece, '\0');
  while (out.size() < kEnough) {
    const std::size_t got = stream.read(buffer);
    if (got > buffer.size()) std::abort();
    out.append(buffer, 0, got);
    if (got < buffer.size()) {
      if (stream.read(buffer) != 0) std::abort();
      break;
    }
  }
  out.resize(std::min(out.size(), kEnough));
  return out;
}

std::string expand(std::string_view bytes, ContainerKind kind, std::size_t piece, bool& whole) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  const auto stream = kind == ContainerKind::gzip ? open_gzip(*below, gauge) : open_zstd(*below, gauge);
  std::string out = drain(*stream, piece);
  const auto problem = stream->problem();
  whole = !problem;
  if (problem && problem->detail.empty()) std::abort();
  if (gauge.open != 1) std::abort();
  return out;
}

std::string list(std::string_view bytes, std::size_t piece) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  TarReader reader(*below, gauge);
  TarMember member;
  std::string out;
  while (reader.next(member)) {
    const std::string content = drain(reader.content(), piece);
    if (content.size() > member.size) std::abort();
    if (member.offset + content.size() > bytes.size() ||
        bytes.substr(static_cast<std::size_t>(member.offset), content.size()) != content)
      std::abort();
    for (const char c : member.path) {
      if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
    out += member.path + '|' + std::to_string(member.size) + '|' + std::to_string(content.size()) + '\n';
  }
  const auto problem = reader.problem();
  if (problem) out += problem->detail;
  return out;
}

void look(std::string_view bytes, int depth) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  if (blob_type(head).empty()) std::abort();
  const NotRead known = recognise_not_read(head, "name");
  if (!known.name.empty() && known.convert.empty()) std::abort();
  const ContainerKind kind = recognise_container(head);
  if (kind == ContainerKind::tar || depth == 0) {
    if (list(bytes, 4096) != list(bytes, 100)) std::abort();
  }
  if (kind == ContainerKind::gzip || kind == ContainerKind::zstd) {
    bool one = false, two = false;
    const std::string content = expand(bytes, kind, 65536, one);
    if (content != expand(bytes, kind, 999, two) || one != two) std::abort();
    if (depth < 3) look(content, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look(bytes, 0);
  bool whole = false;
  (void)expand(bytes, ContainerKind::gzip, 4096, whole);
  (void)expand(bytes, ContainerKind::zstd, 4096, whole);
  (void)inner_name(bytes.substr(0, 100));
  return 0;
}
