// From a kind to its reader: one line for each.
#include "evidence/containers/ar.h"
#include "evidence/containers/cpio.h"
#include "evidence/containers/expander.h"
#include "evidence/containers/library.h"
#include "evidence/containers/seven_zip.h"
#include "evidence/containers/zip.h"
#include "evidence/stream.h"

namespace assay {

std::string_view name_of(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::none:
      return "";
    case ContainerKind::gzip:
      return "gzip";
    case ContainerKind::zstd:
      return "zstd";
    case ContainerKind::xz:
      return "xz";
    case ContainerKind::bzip2:
      return "bzip2";
    case ContainerKind::lzip:
      return "lzip";
    case ContainerKind::lz4:
      return "lz4";
    case ContainerKind::compress:
      return "compress";
    case ContainerKind::tar:
      return "tar";
    case ContainerKind::zip:
      return "zip";
    case ContainerKind::seven_zip:
      return "7z";
    case ContainerKind::rar:
      return "rar";
    case ContainerKind::cab:
      return "cab";
    case ContainerKind::ar:
      return "ar";
    case ContainerKind::cpio:
      return "cpio";
  }
  return "";
}

bool is_compressed_stream(ContainerKind kind) { return kind != ContainerKind::none && kind < ContainerKind::tar; }

bool needs_source(ContainerKind kind) { return kind == ContainerKind::zip || kind == ContainerKind::seven_zip; }

std::unique_ptr<ByteStream> open_compressed(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge) {
  switch (kind) {
    case ContainerKind::zstd:
      return open_zstd(below, gauge);
    case ContainerKind::xz:
      return open_xz(below, gauge);
    case ContainerKind::bzip2:
      return open_bzip2(below, gauge);
    case ContainerKind::lzip:
      return open_lzip(below, gauge);
    case ContainerKind::lz4:
    case ContainerKind::compress:
      return open_by_library(kind, below, gauge);
    default:
      return open_gzip(below, gauge);
  }
}

namespace {

// An archive of which nothing is listed and nothing is wrong says at least that.
class ToldArchive final : public ArchiveReader {
 public:
  ToldArchive(ContainerKind kind, std::unique_ptr<ArchiveReader> inner) : kind_(kind), inner_(std::move(inner)) {}
  bool next(ArchiveMember& member) override {
    const bool one = inner_->next(member);
    any_ = any_ || one;
    ended_ = ended_ || !one;
    return one;
  }
  ByteStream& content() override { return inner_->content(); }
  [[nodiscard]] std::vector<StreamProblem> problems() const override {
    std::vector<StreamProblem> out = inner_->problems();
    if (ended_ && !any_ && out.empty()) {
      // RAR says where it ends, but its reader takes a header that is cut for that.
      const bool may_be_cut = kind_ == ContainerKind::rar;
      out.push_back({may_be_cut ? NoticeKind::truncated : NoticeKind::empty,
                     may_be_cut ? "an archive without members: it was cut inside its header, or is empty"
                                : "an archive without members",
                     1});
    }
    return out;
  }

 private:
  ContainerKind kind_;
  std::unique_ptr<ArchiveReader> inner_;
  bool any_ = false, ended_ = false;
};

std::unique_ptr<ArchiveReader> reader_of(ContainerKind kind, ByteStream& below, const ByteSource* source,
                                         ExpansionGauge& gauge) {
  if (kind == ContainerKind::tar) return std::make_unique<TarReader>(below, gauge);
  if (kind == ContainerKind::zip && source != nullptr) return open_zip(*source, gauge);
  if (kind == ContainerKind::seven_zip && source != nullptr) return open_seven_zip(*source, gauge);
  if (kind == ContainerKind::ar) return open_ar(below, gauge);
  if (kind == ContainerKind::cpio) return open_cpio(below, gauge);
  return open_library_archive(kind, below, gauge);
}

}  // namespace

std::unique_ptr<ArchiveReader> open_archive(ContainerKind kind, ByteStream& below, const ByteSource* source,
                                            ExpansionGauge& gauge) {
  return std::make_unique<ToldArchive>(kind, reader_of(kind, below, source, gauge));
}

}  // namespace assay
