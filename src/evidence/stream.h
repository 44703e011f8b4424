// Byte streams and containers: gzip, zstd and tar in place, through one gate with caps on ratio, size, members and
// depth. Members are named by path chain ("a.tar!b.log.gz!b.log"); their paths are text only and never reach the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/notice.h"
#include "core/time.h"

namespace assay {

struct StreamProblem {
  NoticeKind kind = NoticeKind::damaged_file;  // damaged_file, truncated, limit_output, encrypted, unreadable
  std::string detail;
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

enum class ContainerKind : std::uint8_t { none, gzip, zstd, tar };
[[nodiscard]] ContainerKind recognise_container(std::string_view head);

// Content that is known but not read, by magic: what it is, what it could answer, how to convert. Empty name: not
// known.
struct NotRead {
  std::string_view name;          // "packet capture (pcap)"
  std::string_view answers;       // "connections, names asked, bytes sent"
  std::string_view convert;       // "run Zeek over it and give its logs"
  std::string_view source_class;  // what it would have covered
};
[[nodiscard]] NotRead recognise_not_read(std::string_view head, std::string_view file_name);

// Counts what a chain of containers has expanded to. One for each top-level file. The ratio holds for each stream by
// itself and for the chain as a whole, so nested bombs gain nothing.
struct ExpansionGauge {
  std::uint64_t output = 0;  // of every decompressed stream of the chain
  std::uint64_t members = 0;
  std::uint64_t input = 0;  // compressed bytes that the outermost streams took
  std::uint32_t open = 0;   // streams open now; the first one is the outermost
};

// The decompressed stream of a gzip (all members, trailing garbage tolerated with a problem) or zstd (all frames)
// stream.
[[nodiscard]] std::unique_ptr<ByteStream> open_gzip(ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<ByteStream> open_zstd(ByteStream& below, ExpansionGauge& gauge);
// Name of the single member of a compressed file: "b.log.gz" -> "b.log"; the gzip header's own name is not trusted.
[[nodiscard]] std::string inner_name(std::string_view file_name);

struct TarMember {
  std::string path;  // as stored, valid UTF-8, control characters replaced
  enum class Kind : std::uint8_t { file, directory, link, special } kind = Kind::file;
  std::uint64_t offset = 0;  // of its content in the tar stream
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  Time modified;
};

// ustar, old tar, GNU long names, pax (path, size, mtime). Sparse members are listed and read as stored. A damaged
// header costs its own member: the reader looks for the next header and problem() tells. Archives written one after
// another are read on.
class TarReader {
 public:
  TarReader(ByteStream& below, ExpansionGauge& gauge);
  ~TarReader();
  // False at the end or after a problem that ends it. What is left of the last member is skipped.
  [[nodiscard]] bool next(TarMember& member);
  // The content of the current member.
  [[nodiscard]] ByteStream& content();
  [[nodiscard]] std::optional<StreamProblem> problem() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
