// Cuts a stream into chunks, and each chunk into its records. Works window by window; a chunk is kept as a copy,
// because its records lean on names and templates that stand elsewhere in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/format.h"
#include "evidence/formats/evtx/layout.h"

namespace assay::evtx {

class Chunks {
 public:
  // `file_header`: its first 128 bytes, or empty.
  explicit Chunks(std::string_view file_header);
  // The stream starts at this offset of the file, where a chunk starts.
  void start_at(std::uint64_t offset);
  // Looks for records in the unused part of chunks, too.
  void carve() { carve_ = true; }
  [[nodiscard]] Frame next(std::string_view window, bool at_end);
  [[nodiscard]] bool inside() const { return inside_; }

  // Of the record that next() gave last.
  [[nodiscard]] std::string_view bytes() const { return chunk_; }
  [[nodiscard]] std::size_t record_begin() const { return record_begin_; }
  [[nodiscard]] std::size_t record_end() const { return record_end_; }
  [[nodiscard]] bool carved() const { return carved_; }
  // Rises with each chunk.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  // What is to be said of the file and of this chunk; given once, with its first record.
  [[nodiscard]] std::vector<Notice> take_notices() { return std::exchange(notices_, {}); }

 private:
  struct Span {
    std::size_t begin = 0, end = 0;
    bool record = false;
    NoticeKind why = NoticeKind::damaged_record;
    bool carved = false;
  };
  Frame file_header(std::string_view window, bool at_end);
  Frame between(std::string_view window, bool at_end);
  void open(std::string_view bytes, bool last);
  void find_records(std::string_view view, std::size_t limit);
  void find_unused(std::string_view view);
  [[nodiscard]] static std::size_t record_at(std::string_view view, std::size_t at, std::size_t limit, bool strict);

  bool header_ = true;    // the file's header comes next
  bool inside_ = false;   // a chunk has begun
  std::string chunk_;     // up to the end of its last record
  std::size_t size_ = 0;  // of the whole chunk
  std::vector<Span> spans_;
  std::size_t span_ = 0, at_ = 0;  // next span; offset in the chunk of the next byte
  std::size_t record_begin_ = 0, record_end_ = 0;
  bool carve_ = false, carved_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t declared_ = 0, seen_ = 0;  // chunks, by the file's header (0: it says nothing) and by count
  bool closed_ = false;                    // the file header is not marked as out of date
  std::vector<Notice> notices_;
};

}  // namespace assay::evtx
