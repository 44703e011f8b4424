#include "evidence/formats/evtx/chunks.h"

#include <fmt/format.h>
#include <isa-l/crc.h>

#include <algorithm>
#include <cstring>

namespace assay::evtx {
namespace {

std::uint32_t crc(std::string_view bytes, std::uint32_t before = 0) {
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

bool zeros(std::string_view bytes) {
  return bytes.empty() || (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

Frame skip(std::size_t size, NoticeKind why, bool silent) { return {Frame::Kind::skip, 0, size, size, why, silent}; }

}  // namespace

Chunks::Chunks(std::string_view file_header) {
  if (file_header.size() >= kFileFacts) {
    declared_ = little<std::uint16_t>(file_header, 42);
    closed_ = (little<std::uint32_t>(file_header, 120) & kDirty) == 0;
  }
}

void Chunks::start_at(std::uint64_t offset) {
  header_ = false;
  seen_ = offset <= kFileHeader ? 0 : (offset - kFileHeader) / kChunk;
}

Frame Chunks::next(std::string_view window, bool at_end) {
  if (window.empty()) return at_end ? Frame{Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true} : Frame{};
  if (header_) return file_header(window, at_end);
  if (!inside_) {
    const Frame frame = between(window, at_end);
    if (!inside_) return frame;
  }
  const std::size_t end = span_ < spans_.size() ? spans_[span_].end : size_;
  const bool filler = span_ == spans_.size() || spans_[span_].begin > at_;
  const std::size_t begin = span_ < spans_.size() ? spans_[span_].begin : size_;
  if (filler) {  // the chunk's header, or unused space
    const std::size_t size = std::min(begin - at_, window.size());
    at_ += size;
    inside_ = at_ < size_;
    return skip(size, NoticeKind::damaged_record, true);
  }
  if (window.size() < end - at_) return {};
  const Span& span = spans_[span_++];
  record_begin_ = span.begin;
  record_end_ = span.end;
  carved_ = span.carved;
  at_ = span.end;
  inside_ = at_ < size_;
  const std::size_t size = span.end - span.begin;
  return {span.record ? Frame::Kind::record : Frame::Kind::skip, 0, size, size, span.why, false};
}

Frame Chunks::file_header(std::string_view window, bool at_end) {
  const std::size_t known = std::min(window.size(), kFileMagic.size());
  if (window.substr(0, known) != kFileMagic.substr(0, known)) {
    header_ = false;  // a chunk by itself
    return next(window, at_end);
  }
  if (window.size() <= kFileHeader && !at_end) return {};  // one byte more tells whether any chunk follows
  if (window.size() < kFileHeader || (window.size() == kFileHeader && declared_ > 0)) {
    header_ = false;
    return skip(window.size(), NoticeKind::truncated, false);
  }
  header_ = false;
  const bool checked = (little<std::uint32_t>(window, 120) & kNoChecksums) == 0;
  if (checked && crc(window.substr(0, 120)) != little<std::uint32_t>(window, 124))
    notices_.push_back({NoticeKind::damaged_file, "", 0, 1, "the checksum of the file's header does not fit it"});
  return skip(kFileHeader, NoticeKind::damaged_record, true);
}

// Where a chunk should begin.
Frame Chunks::between(std::string_view window, bool at_end) {
  if (window.size() <= kChunk && !at_end) return {};  // one byte more tells whether this is the last chunk
  if (window.starts_with(kChunkMagic)) {
    open(window.substr(0, kChunk), at_end && window.size() <= kChunk);
    return {};
  }
  // Unused space is zeros. Else chunks may stand elsewhere: bytes are missing, or files were joined.
  const std::string_view block = window.substr(0, std::min(window.size(), kChunk));
  std::size_t size = std::min(window.substr(0, block.size() + kChunkMagic.size() - 1).find(kChunkMagic), block.size());
  // So is, in a log that was closed, what stands behind the chunks that its header counts: the file was made larger in
  // advance, over whatever the disk held.
  const bool unused =
      zeros(block.substr(0, size)) || (closed_ && declared_ > 0 && seen_ >= declared_ && size == kChunk);
  if (size == kChunk || (at_end && size == window.size())) {
    ++seen_;
  }
  return skip(size, at_end && size == window.size() && size < kChunk ? NoticeKind::truncated : NoticeKind::damaged_file,
              unused);
}

void Chunks::open(std::string_view bytes, bool last) {
  size_ = bytes.size();
  chunk_.clear();
  spans_.clear();
  span_ = at_ = 0;
  inside_ = true;
  ++number_;
  ++seen_;
  if (size_ < kChunkHeader) {
    spans_.push_back({0, size_, false, NoticeKind::truncated});
    return;
  }
  const std::string_view view = bytes;
  std::size_t used = little<std::uint32_t>(view, 48);
  const bool missing = used >= kChunkHeader && used <= kChunk && used > view.size();
  const bool checked = (little<std::uint32_t>(view, 120) & kNoChecksums) == 0;
  if (checked &&
      crc(view.substr(128, kChunkHeader - 128), crc(view.substr(0, 120))) != little<std::uint32_t>(view, 124))
    notices_.push_back({NoticeKind::damaged_file, "", 0, 1, "chunks whose header does not fit its checksum"});
  if (used < kChunkHeader || used > kChunk) {
    notices_.push_back(
        {NoticeKind::damaged_file, "", 0, 1, "chunks that do not say where their records end; all were looked for"});
    used = kChunk;
  } else if (!missing && checked &&
             crc(view.substr(kChunkHeader, used - kChunkHeader)) != little<std::uint32_t>(view, 52)) {
    notices_.push_back({NoticeKind::damaged_file, "", 0, 1,
                        "chunks whose records do not fit their checksum; what could be read of them was read"});
  }
  if (last && declared_ > seen_) {
    notices_.push_back({NoticeKind::truncated, "", 0, declared_ - seen_,
                        "chunks that the file's header counts and the file does not have"});
  }
  find_records(view, std::min(used, view.size()));
  if (carve_) find_unused(view);
  if (missing && (spans_.empty() || spans_.back().record))  // cut between two records
    notices_.push_back({NoticeKind::truncated, "", 0, 1, "a chunk that ends before its records do"});
  const auto is_record = [](const Span& span) { return span.record; };
  const bool any = std::any_of(spans_.begin(), spans_.end(), is_record);
  // What is behind the last record is never needed.
  if (any) chunk_.assign(view.substr(0, std::find_if(spans_.rbegin(), spans_.rend(), is_record)->end));
  if (!any && !notices_.empty()) {  // no record will carry them
    const NoticeKind why = notices_.front().kind;
    notices_.clear();
    spans_.insert(spans_.begin(), {0, kChunkHeader, false, why});
  }
}

// The size of the record at `at`, or 0. `strict`: where no record was expected, its end must prove it, too.
std::size_t Chunks::record_at(std::string_view view, std::size_t at, std::size_t limit, bool strict) {
  if (at > view.size() || view.size() - at < kRecordLeast || view.substr(at, 4) != kRecordMagic) return 0;
  const std::size_t size = little<std::uint32_t>(view, at + 4);
  if (size < kRecordLeast || size > view.size() - at) return 0;
  if (little<std::uint32_t>(view, at + size - 4) == size) return size;
  if (strict) return 0;
  const bool fits = at + size == limit || (at + size < limit && view.substr(at + size, 4) == kRecordMagic);
  return fits ? size : 0;
}

void Chunks::find_records(std::string_view view, std::size_t limit) {
  std::size_t at = kChunkHeader;
  std::uint64_t last = 0;
  const auto record = [&](std::size_t size) {
    spans_.push_back({at, at + size, true, NoticeKind::damaged_record});
    last = little<std::uint64_t>(view, at + 8);
    at += size;
  };
  while (at < limit) {
    if (const std::size_t size = record_at(view, at, limit, false); size > 0) {
      record(size);
      continue;
    }
    if (zeros(view.substr(at, limit - at))) break;  // some writers give the chunk's end as the end of its records
    std::size_t found = at;
    do {
      found = view.find(kRecordMagic, found + 1);
    } while (found < limit && record_at(view, found, limit, true) == 0);
    const std::size_t end = std::min(found, limit);
    const bool cut = end == view.size() && end < kChunk;
    spans_.push_back({at, end, false, cut ? NoticeKind::truncated : NoticeKind::damaged_record});
    at = end;
  }
  // A log that was copied while it was written: records that its chunk's header does not count yet.
  while (last != 0) {
    const std::size_t size = record_at(view, at, view.size(), true);
    if (size == 0 || little<std::uint64_t>(view, at + 8) != last + 1) return;
    record(size);
  }
}

// Records that a chunk no longer counts: it was begun anew over an old one. Without a place in a row there is only the
// record's own word, both copies of its size and a number that is one; what the new records have overwritten of its
// template is the reader's to find out.
void Chunks::find_unused(std::string_view view) {
  std::size_t at = spans_.empty() ? kChunkHeader : spans_.back().end;
  while ((at = view.find(kRecordMagic, at)) != std::string_view::npos) {
    const std::size_t size = record_at(view, at, view.size(), true);
    if (size == 0 || little<std::uint64_t>(view, at + 8) == 0) {
      at += kRecordMagic.size();
      continue;
    }
    spans_.push_back({at, at + size, true, NoticeKind::damaged_record, true});
    at += size;
  }
}

}  // namespace assay::evtx
