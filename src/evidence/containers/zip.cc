#include "evidence/containers/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/limits.h"
#include "evidence/containers/checked.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/zip_directory.h"
#include "evidence/containers/zip_member.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadBack = 8;  // what a deflate decoder may have taken beyond the end

class ZipReader final : public ArchiveReader {
 public:
  ZipReader(const ByteSource& source, ExpansionGauge& gauge)
      : source_(&source), gauge_(&gauge), central_(source), local_(source) {
    const std::size_t left =
        limits::kContainerMembers - std::min<std::size_t>(limits::kContainerMembers, gauge.members);
    directory_ = read_zip_directory(source, central_, left, problems_);
  }

  bool next(ArchiveMember& member) override {
    finish_member();
    while (true) {
      const bool more = nth_ < directory_.entries.size();
      const std::uint64_t gap_end = more ? directory_.entries[nth_].local : directory_.begin;
      ZipEntry entry;
      ZipNames names;
      std::uint64_t data = 0;
      if ((directory_.whole || !directory_.found) && pos_ < gap_end) {
        if (!find_unlisted(std::min(gap_end, source_->size()), entry, names)) {
          pos_ = gap_end;
          continue;
        }
        data = entry.local + names.header_bytes;
        take_unlisted(entry, data, std::min(gap_end, source_->size()));
      } else if (more) {
        if (!take_listed(directory_.entries[nth_++], entry, names, data)) continue;
      } else {
        return false;
      }
      if (++gauge_->members > limits::kContainerMembers) {
        problems_.add(NoticeKind::limit_members, "more members than the limit");
        directory_.entries.clear();
        nth_ = 0;
        pos_ = directory_.begin = source_->size();
        return false;
      }
      describe(member, entry, names, data);
      content_ = open_zip_member(*source_, {entry, names, data, unknown_size_}, *gauge_);
      return true;
    }
  }
  ByteStream& content() override { return content_.top(); }
  [[nodiscard]] std::vector<StreamProblem> problems() const override { return problems_.list(); }

 private:
  void finish_member() {
    if (unknown_size_ && content_.decoder() != nullptr) {  // its end is where its decoder found it
      std::array<char, 65536> rest;
      while (content_.top().read(rest) > 0) {
      }
      pos_ = data_ + std::max<std::uint64_t>(content_.decoder()->consumed(), kReadBack) - kReadBack;
    }
    unknown_size_ = false;
    content_ = {};
  }

  // An entry of the directory, compared with its member's own header.
  bool take_listed(const ZipEntry& listed, ZipEntry& entry, ZipNames& names, std::uint64_t& data) {
    if (listed.local == last_local_) {
      problems_.add(NoticeKind::damaged_file, "several entries of the directory for one member: it is read once");
      return false;
    }
    last_local_ = listed.local;
    ZipEntry own;
    ZipNames own_names;
    if (!read_central_header(central_, listed.central, entry, names)) return false;
    entry.local = listed.local;
    if (!read_local_header(local_, listed.local, own, own_names)) {
      problems_.add(NoticeKind::damaged_file, "no member where the directory says");
      return false;
    }
    data = listed.local + own_names.header_bytes;
    if (listed.local < pos_) {
      // Bytes that serve several members multiply what an archive expands to.
      overlapping_ += listed.packed;
      if (overlapping_ > source_->size()) {
        problems_.add(NoticeKind::limit_output, "members that share bytes with others, beyond the archive's own size");
        return false;
      }
      problems_.add(NoticeKind::damaged_file, "members that share bytes with others");
    }
    if (own_names.raw != names.raw)
      problems_.add(NoticeKind::damaged_file, "a member's own header gives another name: the directory's is used");
    const bool sizes =
        own.described_behind() || entry.described_behind() || (own.packed == listed.packed && own.crc == entry.crc);
    if (own.method != entry.method || own.encrypted() != entry.encrypted() || !sizes)
      problems_.add(NoticeKind::damaged_file,
                    "a member's own header gives another method, size or check sum: the directory's are used");
    if (names.aes_strength == 0) {
      names.aes_strength = own_names.aes_strength;
      names.aes_version = own_names.aes_version;
      names.aes_method = own_names.aes_method;
    }
    if (!names.modified.known()) names.modified = own_names.modified;
    if (listed.packed <= source_->size() - std::min(data, source_->size())) pos_ = std::max(pos_, data + listed.packed);
    return true;
  }

  // The next member's header in [pos_, end) that no entry of the directory points to.
  bool find_unlisted(std::uint64_t end, ZipEntry& entry, ZipNames& names) {
    while (pos_ < end) {
      pos_ = find(pos_, end, {"PK\x03\x04"sv});
      if (pos_ >= end) return false;
      if (read_local_header(local_, pos_, entry, names) && is_zip_method(entry.method) && !names.raw.empty() &&
          pos_ + names.header_bytes <= end) {
        if (directory_.found)
          problems_.add(NoticeKind::damaged_file,
                        "members that the directory does not list: they are read all the same");
        return true;
      }
      pos_ += 4;
    }
    return false;
  }

  void take_unlisted(ZipEntry& entry, std::uint64_t data, std::uint64_t end) {
    constexpr std::uint64_t kIn64 = 0xffffffff;
    const bool unknown = entry.described_behind() && (entry.packed == 0 || entry.packed == kIn64);
    if (unknown && entry.method == 8 && !entry.encrypted()) {
      entry.packed = end - data;
      unknown_size_ = true;
      data_ = data;
      return;
    }
    if (unknown) {
      entry.packed = end_by_descriptor(data, end, entry) - data;
    }
    pos_ = std::max(data, std::min(end, data + std::min(entry.packed, end - data)));
  }

  // Where content of unknown size ends: at a descriptor that names this very distance, or at the next header.
  std::uint64_t end_by_descriptor(std::uint64_t data, std::uint64_t end, ZipEntry& entry) {
    std::uint64_t at = data;
    while ((at = find(at, end, {"PK\x07\x08"sv, "PK\x03\x04"sv, "PK\x01\x02"sv})) < end) {
      const std::string_view behind = local_.at(at, 24);
      if (!behind.starts_with("PK\x07\x08"sv)) return at;
      for (const std::size_t width : {4UL, 8UL}) {
        if (behind.size() < 8 + 2 * width || little(behind, 8, width) != at - data) continue;
        entry.crc = static_cast<std::uint32_t>(little(behind, 4, 4));
        entry.size = little(behind, 8 + width, width);
        entry.flags = static_cast<std::uint16_t>(entry.flags & ~8U);
        return at;
      }
      at += 4;
    }
    return end;
  }

  std::uint64_t find(std::uint64_t at, std::uint64_t end, std::initializer_list<std::string_view> marks) {
    constexpr std::size_t kStep = std::size_t{64} << 10;
    while (at + 4 <= end) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, end - at));
      const std::string_view bytes = local_.at(at, want);
      std::size_t first = std::string_view::npos;
      for (const std::string_view mark : marks) first = std::min(first, bytes.find(mark));
      if (first != std::string_view::npos) return at + first;
      if (bytes.size() < want || want < kStep) break;
      at += kStep - 3;
    }
    return end;
  }

  void describe(ArchiveMember& member, const ZipEntry& entry, const ZipNames& names, std::uint64_t data) {
    constexpr std::uint32_t kFolder = 0x10, kTypes = 0170000, kDirectory = 0040000;
    member = {};
    member.path = names.path;
    member.size = unknown_size_ ? 0 : entry.size;
    member.modified = names.modified;
    member.offset = data;
    member.in_place = entry.method == 0 && !entry.encrypted() && entry.packed == entry.size;
    const std::uint32_t unix_mode = entry.made_by >> 8 == 3 ? entry.attributes >> 16 : 0;
    member.mode = unix_mode & 07777;
    const std::uint32_t type = unix_mode & kTypes;
    const bool named_folder = !names.raw.empty() && (names.raw.back() == '/' || names.raw.back() == '\\');
    // A folder with content would be a way to hide it.
    if (entry.size == 0 && entry.packed == 0 &&
        (named_folder || (entry.attributes & kFolder) != 0 || type == kDirectory)) {
      member.kind = ArchiveMember::Kind::directory;
    } else {
      member.kind = kind_by_mode(unix_mode, entry.size);
    }
  }

  const ByteSource* source_;
  ExpansionGauge* gauge_;
  SourceWindow central_, local_;
  ZipDirectory directory_;
  Problems problems_;
  ZipContent content_;
  std::uint64_t pos_ = 0, data_ = 0, overlapping_ = 0, last_local_ = ZipEntry::kNowhere;
  std::size_t nth_ = 0;
  bool unknown_size_ = false;
};

}  // namespace

std::unique_ptr<ArchiveReader> open_zip(const ByteSource& source, ExpansionGauge& gauge) {
  return std::make_unique<ZipReader>(source, gauge);
}

}  // namespace assay
