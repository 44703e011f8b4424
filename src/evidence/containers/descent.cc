#include "evidence/containers/descent.h"

namespace assay {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{64} << 10;

}  // namespace

Descent::Descent(int fd, std::uint64_t size, std::span<const std::string> passwords) {
  gauge_.passwords = passwords;
  streams_.push_back(open_range(fd, 0, size));
  stand_on(*streams_.back(), source_of_range(fd, 0, size));
}

void Descent::stand_on(ByteStream& stream, std::unique_ptr<ByteSource> source) {
  sources_.push_back(std::move(source));
  peeks_.push_back(std::make_unique<PeekStream>(stream));
}

ContainerKind Descent::kind() {
  const ContainerKind found = recognise_container(peeks_.back()->peek(kHeadBytes));
  const bool behind = found == ContainerKind::none && sources_.back() && ends_as_zip(*sources_.back());
  return behind ? ContainerKind::zip : found;
}

bool Descent::enter(const std::string& member) {
  ContainerKind found = kind();
  PeekStream& peek = *peeks_.back();
  if (found == ContainerKind::none && !sources_.back()) {  // perhaps an archive behind other bytes
    std::string head;
    sources_.back() = hold(peek, gauge_, head);
    if (sources_.back() && ends_as_zip(*sources_.back())) found = ContainerKind::zip;
  }
  if (found == ContainerKind::none) return false;
  if (is_compressed_stream(found)) {
    streams_.push_back(open_compressed(found, peek, gauge_));
    stand_on(*streams_.back(), nullptr);
    return true;
  }
  if (needs_source(found) && !sources_.back()) {
    std::string head;
    sources_.back() = hold(peek, gauge_, head);
    if (!sources_.back()) return false;
  }
  archives_.push_back(open_archive(found, peek, sources_.back().get(), gauge_));
  ArchiveReader& archive = *archives_.back();
  ArchiveMember at;
  MemberNames names;
  while (archive.next(at)) {
    if (at.kind != ArchiveMember::Kind::file || names.next(at.path) != member) continue;
    stand_on(archive.content(),
             at.in_place && sources_.back() ? source_of_part(*sources_.back(), at.offset, at.size) : nullptr);
    return true;
  }
  return false;
}

}  // namespace assay
