// Containers, chained as a worker chains them: what each kind gives does not depend on how it is read, content in place
// is where its offset says, caps hold, and streams give back the memory and the places they took.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/file_record.h"
#include "evidence/stream.h"

namespace {

using namespace assay;

constexpr std::size_t kEnough = std::size_t{4} << 20;  // of one stream's output; bombs end by their cap or here
constexpr std::size_t kMembers = 200;                  // of one archive
constexpr int kDepth = 3;

const std::vector<std::string>& passwords() {
  static const std::vector<std::string> kPasswords = {"opensesame", ""};
  return kPasswords;
}

void require(bool fine) {
  if (!fine) std::abort();
}

std::string drain(ByteStream& stream, std::size_t piece) {
  std::string out, buffer(piece, '\0');
  while (out.size() < kEnough) {
    const std::size_t got = stream.read(buffer);
    require(got <= buffer.size());
    out.append(buffer, 0, got);
    if (got < buffer.size()) {
      require(stream.read(buffer) == 0);
      break;
    }
  }
  out.resize(std::min(out.size(), kEnough));
  return out;
}

std::string expand(std::string_view bytes, ContainerKind kind, std::size_t piece, bool& whole) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  std::string out;
  {
    const auto stream = open_compressed(kind, *below, gauge);
    out = drain(*stream, piece);
    const auto problem = stream->problem();
    whole = !problem;
    require(!problem || !problem->detail.empty());
    require(gauge.open == 1 && gauge.memory <= kContainerMemory + (std::uint64_t{8} << 20));
  }
  require(gauge.open == 0 && gauge.memory == 0);
  return out;
}

// One line for each member; the contents of the first few go to `inside`.
std::string list(std::string_view bytes, ContainerKind kind, std::size_t piece, std::vector<std::string>* inside) {
  const auto below = open_memory(bytes);
  const auto source = source_of_memory(bytes);
  ExpansionGauge gauge;
  gauge.key_steps = std::uint64_t{1} << 26;  // no time for keys made of half a million hashes
  gauge.passwords = passwords();
  std::string out;
  {
    const auto reader = open_archive(kind, *below, source.get(), gauge);
    ArchiveMember member;
    for (std::size_t n = 0; n < kMembers && reader->next(member); ++n) {
      const std::string content = drain(reader->content(), piece);
      if (member.in_place) {
        require(content.size() <= member.size);
        if (content.size() < kEnough && !reader->content().problem())
          require(bytes.substr(static_cast<std::size_t>(member.offset), content.size()) == content);
      }
      for (const char c : member.path) require(static_cast<unsigned char>(c) >= 0x20);
      out += member.path + '|' + std::to_string(member.size) + '|' + std::to_string(content.size()) + '|';
      if (const auto problem = reader->content().problem()) out += problem->detail;
      out += '\n';
      if (inside != nullptr && inside->size() < 4) inside->push_back(content);
    }
    require(reader->problems().size() <= 32);
    for (const StreamProblem& problem : reader->problems()) {
      require(!problem.detail.empty() && problem.count > 0);
      out += problem.detail;
    }
  }
  require(gauge.open == 0 && gauge.memory == 0);
  return out;
}

void look(std::string_view bytes, int depth) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  require(!blob_type(head).empty());
  for (const NotRead& known : {recognise_not_read(head, "name"), recognise_volume(head, "name.7z.002")})
    require(known.name.empty() || !known.convert.empty());
  const ContainerKind kind = recognise_container(head);
  require((kind == ContainerKind::none) == name_of(kind).empty());
  if (kind == ContainerKind::none) return;
  if (is_compressed_stream(kind)) {
    bool one = false, two = false;
    const std::string content = expand(bytes, kind, 65536, one);
    require(content == expand(bytes, kind, 999, two) && one == two);
    if (depth < kDepth) look(content, depth + 1);
    return;
  }
  std::vector<std::string> inside;
  require(list(bytes, kind, 4096, &inside) == list(bytes, kind, 100, nullptr));
  for (const std::string& content : inside) {
    if (depth < kDepth) look(content, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look(bytes, 0);
  // Also what is not recognised: a reader must hold against anything. The first byte chooses.
  if (!bytes.empty()) {
    constexpr int kKinds = static_cast<int>(ContainerKind::cpio);
    const auto kind = static_cast<ContainerKind>(1 + static_cast<unsigned char>(bytes[0]) % kKinds);
    bool whole = false;
    if (is_compressed_stream(kind)) {
      (void)expand(bytes, kind, 4096, whole);
    } else {
      (void)list(bytes, kind, 4096, nullptr);
    }
  }
  (void)ends_as_zip(*source_of_memory(bytes));
  (void)inner_name(bytes.substr(0, 100));
  return 0;
}
