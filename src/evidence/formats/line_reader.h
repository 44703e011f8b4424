// What stands in a file of lines and belongs to none of them: the mark of UTF-8 in front, and the zeros that are left
// where a log was emptied while it was written to (copytruncate), or where its machine fell over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/format.h"
#include "evidence/formats/line_bytes.h"

namespace assay {

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// Zeros inside a line are no part of it when there are so many of them, in a line that is longer than kPlainLine (a
// shorter one is not looked at: nothing is lost by it).
inline constexpr std::size_t kZeroRun = 64;
// Fewer than these before a line are characters of it (UTF-16, UTF-32).
inline constexpr std::size_t kLeadingZeros = 16;
inline constexpr std::size_t kPlainLine = 512;

// Whether something may stand before the line: one look at a byte that is read anyway.
[[nodiscard]] inline bool is_led(std::string_view window) {
  return !window.empty() && (window.front() == '\0' || window.front() == kUtf8Mark.front());
}
// What stands before the line, as a frame that is skipped; or that more must be read to tell; or nothing. The same
// frames come out however the stream is cut. `inside`: the window begins in the middle of such zeros.
[[nodiscard]] std::optional<Frame> led_by(std::string_view window, bool at_end, bool inside);

// Where the zeros in the middle of a line begin; npos: none. `whole`: the text is the line, else more of it follows.
// `more`: that cannot be told yet.
[[nodiscard]] std::size_t zeros_inside(std::string_view text, bool whole, bool& more);

// A line at the start of a window, without its line end; and where the next one begins. No value: more must be read.
struct LineCut {
  std::size_t end = 0, next = 0;
};
[[nodiscard]] inline std::optional<LineCut> cut_line(std::string_view window, std::size_t from, bool at_end) {
  const std::size_t newline = find_byte(window, '\n', from);
  if (newline == std::string_view::npos && !at_end && window.size() - from <= kPlainLine) return std::nullopt;
  LineCut cut;
  cut.end = std::min(newline, window.size());
  cut.next = newline == std::string_view::npos ? cut.end : newline + 1;
  if (cut.end - from > kPlainLine) [[unlikely]] {
    bool more = false;
    const bool whole = newline != std::string_view::npos || at_end;
    if (const std::size_t zeros = zeros_inside(window.substr(from, cut.end - from), whole, more);
        zeros != std::string_view::npos) {
      return LineCut{from + zeros, from + zeros};
    }
    if (more || !whole) return std::nullopt;
  }
  if (cut.end > from && window[cut.end - 1] == '\r') --cut.end;
  return cut;
}

// A reader of lines. Its next() begins with: if (is_led(window)) if (const auto frame = lead(window, at_end)) return
// *frame;
class LineReader : public RecordReader {
 public:
  // Zeros and the line behind them are of one range.
  [[nodiscard]] bool inside_block() const override { return led_; }
  // Whose lines these are; without it no other format is looked for.
  void belongs_to(const Format& format, const SchemaSet& schemas) {
    format_ = &format;
    schemas_ = &schemas;
  }

 protected:
  [[nodiscard]] std::optional<Frame> lead(std::string_view window, bool at_end) {
    std::optional<Frame> frame = led_by(window, at_end, led_);
    if (!frame || frame->kind == Frame::Kind::skip) led_ = frame.has_value();
    return frame;
  }
  // A line has been cut off the window: what was led by ends, or begins where zeros cut it.
  void took(const LineCut& cut, std::size_t window) {
    led_ = cut.next == cut.end && cut.next < window;
    ++lines_;
  }

  // A line that does not fit the format. Several in a row may be of another one, that somebody appended: then a notice
  // says so, once. Always false.
  bool misfit(std::string_view raw, Notices& notices);

 private:
  bool led_ = false, told_ = false;
  std::uint64_t lines_ = 0, last_misfit_ = 0;
  std::size_t in_a_row_ = 0, tries_ = 0;
  std::string misfits_;
  const Format* format_ = nullptr;
  const SchemaSet* schemas_ = nullptr;
};

// Makes a reader of lines for Format::open().
template <class Reader, class... Args>
[[nodiscard]] std::unique_ptr<RecordReader> line_reader(const Format& format, const SchemaSet& schemas,
                                                        Args&&... args) {
  auto reader = std::make_unique<Reader>(std::forward<Args>(args)...);
  reader->belongs_to(format, schemas);
  return reader;
}

// A head as readers of lines get it: without mark and zeros, and with line feeds where all its line ends are carriage
// returns. Empty: the head is so already.
[[nodiscard]] std::string plain_head(std::string_view head);
// The first bytes behind the zeros that a stream begins with, at most `size`.
[[nodiscard]] std::string head_behind_zeros(ByteStream& stream, std::size_t size);
// Lines that end in carriage returns alone, as old Macs wrote them.
[[nodiscard]] bool ends_in_returns(std::string_view head);

}  // namespace assay
