// Byte streams and containers: compressed streams and archives in place, through one gate with caps on ratio, size,
// members, memory and depth. Members are named by path chain ("a.tar!b.log.gz!b.log"); their paths are text only and
// never reach the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/notice.h"
#include "core/time.h"

namespace assay {

struct StreamProblem {
  NoticeKind kind = NoticeKind::damaged_file;  // damaged_file, truncated, limit_output, encrypted, unreadable
  std::string detail;
  std::uint64_t count = 1;
};

// Sequential bytes. After a problem read() gives 0: what came before counts.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills the buffer as far as it can (short only at the end); 0 at the end.
  virtual std::size_t read(std::span<char> out) = 0;
  [[nodiscard]] virtual std::optional<StreamProblem> problem() const { return std::nullopt; }
};

// A range of an open descriptor, by pread.
[[nodiscard]] std::unique_ptr<ByteStream> open_range(int fd, std::uint64_t begin, std::uint64_t end);
[[nodiscard]] std::unique_ptr<ByteStream> open_memory(std::string_view bytes);

// Looks at the head without consuming it.
class PeekStream : public ByteStream {
 public:
  explicit PeekStream(ByteStream& below) : below_(&below) {}
  // The first `size` bytes, or fewer when the stream is shorter. Stays valid until the next call.
  [[nodiscard]] std::string_view peek(std::size_t size);
  std::size_t read(std::span<char> out) override;
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return below_->problem(); }

 private:
  ByteStream* below_;
  std::string head_;
  std::size_t used_ = 0;
};

// Bytes that can be read at any place: what an archive with its directory at the end needs.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills the buffer as far as there are bytes from `at` on.
  [[nodiscard]] virtual std::size_t read_at(std::uint64_t at, std::span<char> out) const = 0;
};
[[nodiscard]] std::unique_ptr<ByteSource> source_of_range(int fd, std::uint64_t begin, std::uint64_t end);
[[nodiscard]] std::unique_ptr<ByteSource> source_of_memory(std::string_view bytes);
// [begin, begin + size) of a source, which must live longer; also as a stream.
[[nodiscard]] std::unique_ptr<ByteSource> source_of_part(const ByteSource& whole, std::uint64_t begin,
                                                         std::uint64_t size);
[[nodiscard]] std::unique_ptr<ByteStream> open_part(const ByteSource& whole, std::uint64_t begin, std::uint64_t size);

enum class ContainerKind : std::uint8_t {
  none,
  gzip,
  zstd,
  xz,
  bzip2,
  lzip,
  lz4,
  compress,
  tar,
  zip,
  seven_zip,
  rar,
  cab,
  ar,
  cpio,
};
[[nodiscard]] ContainerKind recognise_container(std::string_view head);
// "gzip", "7z": how answers name it.
[[nodiscard]] std::string_view name_of(ContainerKind kind);
// One compressed stream with one content, no archive of members.
[[nodiscard]] bool is_compressed_stream(ContainerKind kind);

// Content that is known but not read, by magic: what it is, what it could answer, how to convert. Empty name: not
// known.
struct NotRead {
  std::string_view name;          // "packet capture (pcap)"
  std::string_view answers;       // "connections, names asked, bytes sent"
  std::string_view convert;       // "run Zeek over it and give its logs"
  std::string_view source_class;  // what it would have covered
};
[[nodiscard]] NotRead recognise_not_read(std::string_view head, std::string_view file_name);

// Memory of a chain: the windows of its decoders and the archives that stand inside another container, which are held
// because their directory is at their end. And what one decoder of them may take.
inline constexpr std::uint64_t kContainerMemory = std::uint64_t{256} << 20;
inline constexpr std::uint64_t kDecoderMemory = (std::uint64_t{128} << 20) + (std::uint64_t{1} << 20);

// A later volume of an archive that was split: nothing in it can be read by itself. By name; empty name: none.
[[nodiscard]] NotRead recognise_volume(std::string_view head, std::string_view file_name);

// Counts what a chain of containers has expanded to. One for each top-level file. The ratio holds for each stream by
// itself and for the chain as a whole, so nested bombs gain nothing.
struct ExpansionGauge {
  std::uint64_t output = 0;  // of every decompressed stream of the chain
  std::uint64_t members = 0;
  std::uint64_t input = 0;                 // compressed bytes that the outermost streams took
  std::uint32_t open = 0;                  // streams open now; the first one is the outermost
  std::uint64_t memory = 0;                // bytes that decoders and held archives take now, at most kContainerMemory
  std::uint64_t key_steps = 0;             // hash rounds spent on making keys of passwords
  std::span<const std::string> passwords;  // tried on encrypted members, in this order
};

// The whole of a stream in memory, so that it can be read at any place. Null when the chain's memory does not hold it;
// then `head` has what was read so far. The memory is given back with the source.
[[nodiscard]] std::unique_ptr<ByteSource> hold(ByteStream& stream, ExpansionGauge& gauge, std::string& head);

// The decompressed content of a compressed stream: every member, frame or stream of it, one after another; bytes after
// the last one are told as a problem.
[[nodiscard]] std::unique_ptr<ByteStream> open_compressed(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<ByteStream> open_gzip(ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<ByteStream> open_zstd(ByteStream& below, ExpansionGauge& gauge);
// Name of the single member of a compressed file: "b.log.gz" -> "b.log"; the gzip header's own name is not trusted.
[[nodiscard]] std::string inner_name(std::string_view file_name);

struct ArchiveMember {
  std::string path;  // as stored, valid UTF-8, control characters replaced
  enum class Kind : std::uint8_t { file, directory, link, special } kind = Kind::file;
  bool in_place = false;     // the content stands as it is in the archive's own bytes, at `offset`
  std::uint64_t offset = 0;  // of its content in the archive, when in place
  std::uint64_t size = 0;    // of the content, as the archive says
  std::uint32_t mode = 0;
  Time modified;
};
using TarMember = ArchiveMember;

// The members of an archive, one after another, each with its content. A damaged part costs its own member.
class ArchiveReader {
 public:
  virtual ~ArchiveReader() = default;
  // False at the end or after a problem that ends it. What is left of the last member is skipped.
  [[nodiscard]] virtual bool next(ArchiveMember& member) = 0;
  // The content of the current member.
  [[nodiscard]] virtual ByteStream& content() = 0;
  // What is wrong with the archive as a whole, equal ones counted; at most some twenty kinds.
  [[nodiscard]] virtual std::vector<StreamProblem> problems() const = 0;
};
// zip and 7z need `source`; the others read `below` from its start to its end.
[[nodiscard]] std::unique_ptr<ArchiveReader> open_archive(ContainerKind kind, ByteStream& below,
                                                          const ByteSource* source, ExpansionGauge& gauge);
// Whether a zip archive stands at the end of other bytes: a self-extracting program, a picture with more behind it.
[[nodiscard]] bool ends_as_zip(const ByteSource& source);
// Whether open_archive() needs a source for it.
[[nodiscard]] bool needs_source(ContainerKind kind);

// ustar, old tar, GNU long names, pax (path, size, mtime). Sparse members are listed and read as stored. A damaged
// header costs its own member: the reader looks for the next header and problem() tells. Archives written one after
// another are read on.
class TarReader final : public ArchiveReader {
 public:
  TarReader(ByteStream& below, ExpansionGauge& gauge);
  ~TarReader() override;
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;
  [[nodiscard]] bool next(ArchiveMember& member) override;
  [[nodiscard]] ByteStream& content() override;
  [[nodiscard]] std::vector<StreamProblem> problems() const override;
  [[nodiscard]] std::optional<StreamProblem> problem() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
