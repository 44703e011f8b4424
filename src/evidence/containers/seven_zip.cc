#include "evidence/containers/seven_zip.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "core/limits.h"
#include "evidence/containers/checked.h"
#include "evidence/containers/little.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/problems.h"
#include "evidence/containers/seven_zip_folder.h"
#include "evidence/containers/seven_zip_header.h"
#include "evidence/containers/zip_member.h"

namespace assay {
namespace {

constexpr std::size_t kSignatureBytes = 32;
constexpr std::uint64_t kHeaderBytes = std::uint64_t{32} << 20;
constexpr int kHeaderLayers = 4;  // a header that is packed, in a header that is packed ...

std::uint32_t crc_of(std::string_view bytes) {
  return crc32_gzip_refl(0, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

// The next `size` bytes of a folder's content.
class FileOfFolder final : public ByteStream {
 public:
  FileOfFolder(ByteStream& folder, std::uint64_t size) : folder_(&folder), left_(size) {}
  std::size_t read(std::span<char> out) override {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    const std::size_t got = want == 0 ? 0 : folder_->read(out.first(want));
    left_ -= got;
    short_ = short_ || got < want;
    return got;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override {
    if (!short_) return std::nullopt;
    if (auto below = folder_->problem()) return below;
    return StreamProblem{NoticeKind::truncated, "ends before its recorded size"};
  }
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  ByteStream* folder_;
  std::uint64_t left_;
  bool short_ = false;
};

class SevenZipReader final : public ArchiveReader {
 public:
  SevenZipReader(const ByteSource& source, ExpansionGauge& gauge) : source_(&source), gauge_(&gauge), keys_(gauge) {
    read_header();
  }

  bool next(ArchiveMember& member) override {
    finish_member();
    while (nth_file_ < header_.files.size()) {
      const SevenZipFile& file = header_.files[nth_file_++];
      if (file.anti) {
        problems_.add(NoticeKind::special_file, "entries that delete a file when unpacked are listed, not followed");
        continue;
      }
      if (++gauge_->members > limits::kContainerMembers) {
        problems_.add(NoticeKind::limit_members, "more members than the limit");
        break;
      }
      describe(member, file);
      if (!file.has_stream) {
        content_ = open_memory({});
      } else if (nth_stream_ < header_.streams.size()) {
        open_content(header_.streams[nth_stream_++], member);
      } else {
        content_ = std::make_unique<NoContent>(
            StreamProblem{NoticeKind::damaged_file, "the directory names no content for it"});
      }
      return true;
    }
    nth_file_ = header_.files.size();
    if (header_.more) {
      problems_.add(NoticeKind::limit_members, "more members than the limit");
      header_.more = false;
    }
    return false;
  }
  ByteStream& content() override { return *content_; }
  [[nodiscard]] std::vector<StreamProblem> problems() const override { return problems_.list(); }

 private:
  void read_header() {
    char head[kSignatureBytes];
    if (source_->read_at(0, head) < kSignatureBytes) {
      problems_.add(NoticeKind::truncated, "ends inside its first header");
      return;
    }
    const std::string_view first(head, kSignatureBytes);
    const std::uint64_t offset = little(first, 12, 8), size = little(first, 20, 8);
    if (little(first, 8, 4) != crc_of(first.substr(12)))
      problems_.add(NoticeKind::damaged_file, "damaged first header");
    if (size == 0) return;  // an empty archive
    if (size > kHeaderBytes) {
      problems_.add(NoticeKind::limit_other, "a directory larger than 32 MiB");
      return;
    }
    const std::uint64_t room = source_->size() - kSignatureBytes;
    if (offset > room || size > room - offset) {
      problems_.add(
          NoticeKind::truncated,
          "its directory, which stands at the end, is missing: join the volumes (cat NAME.7z.* > WHOLE.7z), or "
          "take a new copy");
      return;
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    bytes.resize(source_->read_at(kSignatureBytes + offset, bytes));
    if (crc_of(bytes) != little(first, 28, 4)) problems_.add(NoticeKind::damaged_file, "damaged directory");
    for (int layer = 0; layer < kHeaderLayers; ++layer) {
      header_ = parse_seven_zip_header(bytes, limits::kContainerMembers);
      if (!header_.encoded) break;
      if (header_.folders.empty() || header_.folders.front().size > kHeaderBytes) {
        problems_.add(header_.folders.empty() ? NoticeKind::damaged_file : NoticeKind::limit_other,
                      header_.folders.empty() ? "damaged directory" : "a directory larger than 32 MiB");
        header_ = {};
        return;
      }
      const SevenZipFolder folder = header_.folders.front();
      const auto content = open_folder(*source_, folder, {folder.size, folder.crc}, *gauge_, keys_);
      CheckedStream checked(*content, {folder.size, folder.crc});
      bytes.assign(static_cast<std::size_t>(folder.size), '\0');
      bytes.resize(checked.read(bytes));
      if (const auto problem = checked.problem()) {
        problems_.add(*problem);
        header_ = {};
        return;
      }
    }
    if (header_.encoded) header_ = {};
    if (header_.damaged && !header_.more) problems_.add(NoticeKind::damaged_file, "damaged directory");
  }

  void finish_member() {
    content_.reset();
    if (!in_folder_ || in_folder_->left() == 0) return;
    const std::unique_ptr<char[]> rest(new char[Expander::kOutputBytes]);
    while (in_folder_->read(std::span<char>(rest.get(), Expander::kOutputBytes)) > 0) {
    }
  }

  void open_content(const SevenZipStream& stream, const ArchiveMember&) {
    if (!folder_ || folder_nth_ != stream.folder) {
      folder_nth_ = stream.folder;
      in_folder_.reset();
      folder_.reset();
      const SevenZipFolder& folder = header_.folders[stream.folder];
      folder_ = open_folder(*source_, folder, {stream.size, stream.crc}, *gauge_, keys_);
    }
    if (const auto problem = folder_->problem()) {
      in_folder_.reset();
      content_ = std::make_unique<NoContent>(*problem);
      return;
    }
    in_folder_ = std::make_unique<FileOfFolder>(*folder_, stream.size);
    content_ = std::make_unique<CheckedStream>(*in_folder_, Expected{stream.size, stream.crc});
  }

  void describe(ArchiveMember& member, const SevenZipFile& file) {
    constexpr std::uint32_t kUnix = 0x8000;
    member = {};
    member.path = clean_member_name(file.name);
    member.modified = file.modified;
    if (file.has_stream && nth_stream_ < header_.streams.size()) member.size = header_.streams[nth_stream_].size;
    const std::uint32_t mode = (file.attributes & kUnix) != 0 ? file.attributes >> 16 : 0;
    member.mode = mode & 07777;
    if (file.folder) {
      member.kind = ArchiveMember::Kind::directory;
    } else {
      member.kind = kind_by_mode(mode, member.size);
    }
  }

  const ByteSource* source_;
  ExpansionGauge* gauge_;
  SevenZipKeys keys_;
  SevenZipHeader header_;
  Problems problems_;
  std::unique_ptr<ByteStream> folder_;
  std::unique_ptr<FileOfFolder> in_folder_;
  std::unique_ptr<ByteStream> content_;
  std::uint32_t folder_nth_ = 0;
  std::size_t nth_file_ = 0, nth_stream_ = 0;
};

}  // namespace

std::unique_ptr<ArchiveReader> open_seven_zip(const ByteSource& source, ExpansionGauge& gauge) {
  return std::make_unique<SevenZipReader>(source, gauge);
}

}  // namespace assay
