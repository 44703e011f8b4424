#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "core/limits.h"
#include "hunt/worker_state.h"

namespace assay {

void Worker::State::records(RecordReader& reader, const Format& format, ByteStream& stream, ItemState& item,
                            std::uint64_t start, std::uint64_t stop) {
  std::string buffer;
  std::size_t used = 0;
  std::uint64_t base = start;  // offset of buffer[0]
  bool at_end = false;
  const std::size_t limit = format.frame_limit();
  Notices record_notices;
  // Records stand in the buffer until it is filled again.
  struct Expected {
    Matcher& matcher;
    explicit Expected(Matcher& of) : matcher(of) {}
    Expected(const Expected&) = delete;
    Expected& operator=(const Expected&) = delete;
    ~Expected() { matcher.expect({}); }
  } const expected(*matcher);
  const auto fill = [&] {
    matcher->expect({});
    if (used > 0) {
      buffer.erase(0, used);
      base += used;
      used = 0;
    }
    const std::size_t old = buffer.size();
    buffer.resize(old + kReadBytes);
    const std::size_t n = stream.read(std::span(buffer).subspan(old));
    buffer.resize(old + n);
    at_end = n == 0;
    matcher->expect(buffer);
    tell(n, 0);
  };
  bool resyncing = false;  // after an over-long record: up to the next line end
  while (true) {
    if (used == buffer.size() && !at_end) {
      fill();
      continue;
    }
    const std::string_view window = std::string_view(buffer).substr(used);
    if (window.empty() && at_end) break;
    if (base + used >= stop && !resyncing && !reader.inside_block()) break;
    if (resyncing) {
      const std::size_t line_end = window.find('\n');
      const std::size_t skip = line_end == std::string_view::npos ? window.size() : line_end + 1;
      result.items[item.index].skipped_bytes += skip;
      used += skip;
      resyncing = line_end == std::string_view::npos;
      continue;
    }
    Frame frame = reader.next(window, at_end);
    if (frame.kind == Frame::Kind::more) {
      if (!at_end && window.size() < limit) {
        fill();
        continue;
      }
      if (window.size() >= limit) {
        const std::uint64_t offset = base + used;
        notice(NoticeKind::limit_record, item.chain, offset,
               fmt::format("a record longer than {} MiB was skipped", limit >> 20));
        ++result.items[item.index].damaged;
        resyncing = true;
        continue;
      }
      // At the end a reader must decide; one that does not loses the rest, counted.
      notice(NoticeKind::truncated, item.chain, base + used, "ends inside a record");
      result.items[item.index].skipped_bytes += window.size();
      used += window.size();
      break;
    }
    if (frame.kind == Frame::Kind::done) break;
    frame.next = std::clamp<std::size_t>(frame.next, 1, window.size());  // progress, whatever a reader answers
    frame.end = std::min(frame.end, frame.next);
    frame.begin = std::min(frame.begin, frame.end);
    std::uint64_t taken = frame.end - frame.begin;  // the rest of the frame stands between records
    if (frame.kind == Frame::Kind::skip) {
      if (!frame.silent) {
        notice(frame.why, item.chain, base + used + frame.begin,
               frame.what.empty() ? "a span that is no record was skipped" : std::string(frame.what));
        result.items[item.index].skipped_bytes += taken;
      } else {
        taken = 0;
      }
    } else {
      const std::string_view raw = window.substr(frame.begin, frame.end - frame.begin);
      const std::uint64_t offset = base + used + frame.begin;
      record_notices.clear();
      const bool good = reader.begin(raw, record_notices);
      for (Notice n : record_notices.sorted()) {
        n.item = item.chain;
        n.offset += offset;
        result.notices.add(std::move(n));
      }
      if (good) {
        result.items[item.index].record_bytes += taken;
        record(reader, item, raw, offset, reader.shape());
      } else {
        ++result.items[item.index].damaged;
        result.items[item.index].damaged_bytes += taken;
        notice(NoticeKind::damaged_record, item.chain, offset, "records that their format cannot parse");
      }
    }
    result.items[item.index].between_bytes += frame.next - taken;
    used += frame.next;
  }
#ifdef ASSAY_CHAOS
  // Conservation: what was read is a record, damaged, skipped or between records.
  assert(result.items[item.index].accounted() == base + used - start);
#endif
  if (used < buffer.size() && base + used < stop) {
    // The reader took the rest for no part of the log.
    notice(NoticeKind::damaged_record, item.chain, base + used, "a span that is no record was skipped");
    result.items[item.index].skipped_bytes += buffer.size() - used;
  }
}

}  // namespace assay
