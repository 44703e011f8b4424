// What libarchive reads for us as a plain stream: rar and cab archives, LZ4 frames and compress (.Z). It is
// given bytes, never a path, and writes nothing.
#include "evidence/containers/library.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/limits.h"
#include "evidence/containers/expander.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/problems.h"
#include "text/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kPathBytes = 4096;
constexpr int kRetries = 1000;  // headers that could not be used, in a row

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;

StreamProblem problem_of(archive* reader) {
  const char* text = archive_error_string(reader);
  const std::string_view why = text == nullptr ? std::string_view() : std::string_view(text);
  // The library has no codes for these; its words are fixed and come from no evidence.
  const auto says = [&](std::string_view part) { return why.find(part) != std::string_view::npos; };
  if (says("ncrypt"))
    return {NoticeKind::encrypted, "encrypted in a way that is not read: unpack it and give the folder"};
  if (says("runcated")) return {NoticeKind::truncated, "ends inside a member or header"};
  if (says("nsupported") || says("not supported") || says("ulti-volume") || says("ultivolume"))
    return {NoticeKind::recognised_not_read,
            "packed with a method, or over several volumes, that is not read: unpack it and give the folder"};
  return {NoticeKind::damaged_file, "damaged, or its check sum does not fit"};
}

class DecodedStream final : public Expander {
 public:
  DecodedStream(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge) : Expander(below, gauge) {
    reader_.reset(archive_read_new());
    if (!reader_) return;
    archive_read_support_format_raw(reader_.get());
    // Anything but OK: a build that would start another program for it.
    const int status = kind == ContainerKind::lz4 ? archive_read_support_filter_lz4(reader_.get())
                                                  : archive_read_support_filter_compress(reader_.get());
    if (status != ARCHIVE_OK) reader_.reset();
  }

 protected:
  std::size_t produce(std::span<char> out) override {
    if (!open_ && !start()) return 0;
    std::size_t done = 0;
    while (done < out.size()) {
      const la_ssize_t got = archive_read_data(reader_.get(), out.data() + done, out.size() - done);
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) {
        const StreamProblem problem = problem_of(reader_.get());
        fail(problem.kind, problem.detail);
        break;
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  bool start() {
    open_ = true;
    archive_entry* entry = nullptr;
    if (!reader_ || archive_read_open(reader_.get(), this, nullptr, more, nullptr) != ARCHIVE_OK ||
        archive_read_next_header(reader_.get(), &entry) != ARCHIVE_OK) {
      fail(NoticeKind::damaged_file, "damaged header");
      return false;
    }
    // Only the outer layer is asked for; without it the bytes would come back as they are.
    if (archive_filter_count(reader_.get()) < 2) {
      fail(NoticeKind::damaged_file, "damaged header");
      return false;
    }
    return true;
  }
  static la_ssize_t more(archive*, void* self, const void** buffer) {
    auto* stream = static_cast<DecodedStream*>(self);
    const std::string_view bytes = stream->input();
    stream->consume(bytes.size());
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  }

  Archive reader_;
  bool open_ = false;
};

class LibraryReader final : public ArchiveReader {
 public:
  LibraryReader(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge)
      : below_(&below), gauge_(&gauge), meter_(gauge), buffer_(new char[Expander::kInputBytes]) {
    reader_.reset(archive_read_new());
    if (!reader_) return;
    archive* reader = reader_.get();
    if (kind == ContainerKind::rar) {
      archive_read_support_format_rar(reader);
      archive_read_support_format_rar5(reader);
    } else {
      archive_read_support_format_cab(reader);
    }
    for (const std::string& password : gauge.passwords) archive_read_add_passphrase(reader, password.c_str());
    ended_ = archive_read_open(reader, this, nullptr, more, nullptr) != ARCHIVE_OK;
    if (ended_) problems_.add(problem_of(reader));
  }

  bool next(ArchiveMember& member) override {
    content_.reset();
    if (!reader_) return false;
    int tries = 0;
    while (!ended_) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status == ARCHIVE_RETRY || status == ARCHIVE_FAILED) {
        problems_.add(problem_of(reader_.get()));
        if (++tries > kRetries) break;
        continue;
      }
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
        problems_.add(problem_of(reader_.get()));
        break;
      }
      if (++gauge_->members > limits::kContainerMembers) {
        problems_.add(NoticeKind::limit_members, "more members than the limit");
        break;
      }
      describe(entry, member);
      content_ = std::make_unique<Content>(*this);
      return true;
    }
    ended_ = true;
    return false;
  }
  ByteStream& content() override { return *content_; }
  [[nodiscard]] std::vector<StreamProblem> problems() const override {
    if (auto lower = below_->problem()) return {*lower};
    return problems_.list();
  }

 private:
  class Content final : public MeteredStream {
   public:
    explicit Content(LibraryReader& of) : MeteredStream(of.meter_), of_(&of) {}

   protected:
    std::size_t produce(std::span<char> out) override {
      std::size_t done = 0;
      while (done < out.size()) {
        const la_ssize_t got = archive_read_data(of_->reader_.get(), out.data() + done, out.size() - done);
        if (got == 0) break;
        if (got < 0) {
          const StreamProblem problem = problem_of(of_->reader_.get());
          of_->ended_ = of_->ended_ || got == ARCHIVE_FATAL;
          fail(problem.kind, problem.detail);
          break;
        }
        done += static_cast<std::size_t>(got);
      }
      return done;
    }
    [[nodiscard]] std::optional<StreamProblem> problem_below() const override { return of_->below_->problem(); }

   private:
    LibraryReader* of_;
  };

  void describe(archive_entry* entry, ArchiveMember& member) {
    member = {};
    std::string raw;
    if (const char* utf8 = archive_entry_pathname_utf8(entry); utf8 != nullptr) {
      raw = utf8;
    } else if (const char* bytes = archive_entry_pathname(entry); bytes != nullptr) {
      raw = bytes;
    } else if (const wchar_t* wide = archive_entry_pathname_w(entry); wide != nullptr) {
      for (; *wide != L'\0' && raw.size() < 2 * kPathBytes; ++wide) append_utf8(raw, static_cast<std::uint32_t>(*wide));
    } else {
      raw = fmt::format("member {}", gauge_->members);
      problems_.add(NoticeKind::damaged_file, "a member without a readable name");
    }
    if (raw.size() > kPathBytes) {
      raw.resize(kPathBytes);
      problems_.add(NoticeKind::limit_other, "a member name longer than 4096 bytes was cut");
    }
    member.path = clean_member_name(raw);
    member.size = archive_entry_size_is_set(entry) != 0 ? static_cast<std::uint64_t>(archive_entry_size(entry)) : 0;
    member.mode = static_cast<std::uint32_t>(archive_entry_perm(entry));
    if (archive_entry_mtime_is_set(entry) != 0) {
      const std::int64_t seconds = archive_entry_mtime(entry);
      if (seconds > 0 && seconds < std::int64_t{1} << 33)
        member.modified = {seconds * kSecond + archive_entry_mtime_nsec(entry)};
    }
    const auto type = archive_entry_filetype(entry);
    member.kind = type == AE_IFDIR                                                    ? ArchiveMember::Kind::directory
                  : type == AE_IFLNK || archive_entry_hardlink_utf8(entry) != nullptr ? ArchiveMember::Kind::link
                  : type == AE_IFREG || type == 0                                     ? ArchiveMember::Kind::file
                                                                                      : ArchiveMember::Kind::special;
  }

  static la_ssize_t more(archive*, void* self, const void** buffer) {
    auto* reader = static_cast<LibraryReader*>(self);
    const std::size_t got = reader->below_->read(std::span<char>(reader->buffer_.get(), Expander::kInputBytes));
    reader->meter_.took(got);
    *buffer = reader->buffer_.get();
    return static_cast<la_ssize_t>(got);
  }

  ByteStream* below_;
  ExpansionGauge* gauge_;
  ExpansionMeter meter_;
  std::unique_ptr<char[]> buffer_;
  Archive reader_;
  std::unique_ptr<Content> content_;
  Problems problems_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Expander> open_by_library(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<DecodedStream>(kind, below, gauge);
}

std::unique_ptr<ArchiveReader> open_library_archive(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<LibraryReader>(kind, below, gauge);
}

}  // namespace assay
