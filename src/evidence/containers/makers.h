// Archives for the tests, written byte by byte, so that a test can break any field of them.
#pragma once

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/stream.h"

namespace assay::makers {

inline std::string number(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i)) : '\0';
  return out;
}
inline std::uint32_t crc(std::string_view text) {
  return crc32_gzip_refl(0, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}
inline std::string deflate(std::string_view text) {
  std::string out(text.size() + text.size() / 100 + 1024, '\0');
  std::string levels(ISAL_DEF_LVL3_DEFAULT, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.end_of_stream = 1;
  stream.level = 3;
  stream.level_buf = reinterpret_cast<std::uint8_t*>(levels.data());
  stream.level_buf_size = static_cast<std::uint32_t>(levels.size());
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  isal_deflate_stateless(&stream);
  out.resize(out.size() - stream.avail_out);
  return out;
}

struct ZipPart {
  std::string name, packed;
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0, flags = 0;
  std::string extra, local_name;  // the local name when it differs
  std::uint16_t made_by = 0;
  std::uint32_t attributes = 0;
  bool listed = true, local = true;
};
inline ZipPart stored(std::string name, std::string_view text) {
  ZipPart out;
  out.name = std::move(name);
  out.packed = text;
  out.size = text.size();
  out.crc = makers::crc(text);
  return out;
}
inline ZipPart deflated(std::string name, std::string_view text) {
  ZipPart out = stored(std::move(name), text);
  out.packed = deflate(text);
  out.method = 8;
  return out;
}

inline std::string zip_local(const ZipPart& part) {
  const std::string& name = part.local_name.empty() ? part.name : part.local_name;
  const bool behind = (part.flags & 8) != 0;
  return "PK\x03\x04" + number(20, 2) + number(part.flags, 2) + number(part.method, 2) + number(0, 4) +
         number(behind ? 0 : part.crc, 4) + number(behind ? 0 : part.packed.size(), 4) +
         number(behind ? 0 : part.size, 4) + number(name.size(), 2) + number(part.extra.size(), 2) + name + part.extra;
}
inline std::string zip_central(const ZipPart& part, std::uint64_t at) {
  return "PK\x01\x02" + number(part.made_by, 2) + number(20, 2) + number(part.flags, 2) + number(part.method, 2) +
         number(0, 4) + number(part.crc, 4) + number(part.packed.size(), 4) + number(part.size, 4) +
         number(part.name.size(), 2) + number(part.extra.size(), 2) + number(0, 2) + number(0, 4) +
         number(part.attributes, 4) + number(at, 4) + part.name + part.extra;
}
inline std::string zip_end(std::uint64_t count, std::uint64_t bytes, std::uint64_t at, std::string_view comment = {}) {
  return "PK\x05\x06" + number(0, 4) + number(count & 0xffff, 2) + number(count & 0xffff, 2) + number(bytes, 4) +
         number(at, 4) + number(comment.size(), 2) + std::string(comment);
}
inline std::string zip(const std::vector<ZipPart>& parts, std::string_view comment = {}) {
  std::string out, central;
  std::size_t count = 0;
  for (const ZipPart& part : parts) {
    if (part.listed) {
      central += zip_central(part, out.size());
      ++count;
    }
    if (!part.local) continue;
    out += zip_local(part) + part.packed;
    if ((part.flags & 8) != 0)
      out += "PK\x07\x08" + number(part.crc, 4) + number(part.packed.size(), 4) + number(part.size, 4);
  }
  const std::size_t at = out.size();
  return out + central + zip_end(count, central.size(), at, comment);
}

// ---- how the tests show an archive

inline std::string drained(ByteStream& stream, std::size_t piece) {
  std::string out, buffer(piece, '\0');
  while (true) {
    const std::size_t got = stream.read(buffer);
    out.append(buffer, 0, got);
    if (got < buffer.size()) return out;
  }
}

inline std::string list(ArchiveReader& reader, std::size_t piece = 4096) {
  ArchiveMember member;
  std::string out;
  while (reader.next(member)) {
    static constexpr std::string_view kKinds[] = {"file", "directory", "link", "special"};
    out += std::string(kKinds[static_cast<std::size_t>(member.kind)]) + " " + member.path + " ";
    const std::string text = drained(reader.content(), piece);
    out += text.size() > 40 ? "[" + std::to_string(text.size()) + " bytes]" : "[" + text + "]";
    if (const auto problem = reader.content().problem())
      out += " " + std::string(name_of(problem->kind)) + ": " + problem->detail;
    out += "\n";
  }
  for (const StreamProblem& problem : reader.problems())
    out += std::string(name_of(problem.kind)) + " " + std::to_string(problem.count) + ": " + problem.detail + "\n";
  return out;
}
inline std::string list(ContainerKind kind, std::string_view bytes, std::span<const std::string> passwords = {},
                        std::size_t piece = 4096) {
  const auto below = open_memory(bytes);
  const auto source = source_of_memory(bytes);
  ExpansionGauge gauge;
  gauge.passwords = passwords;
  const auto reader = open_archive(kind, *below, source.get(), gauge);
  return list(*reader, piece);
}

}  // namespace assay::makers
