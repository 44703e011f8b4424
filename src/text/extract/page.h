// A page of text by lines and the segments of each: what two spaces or more part. For layout.cc alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/extract/layout.h"

namespace assay {

inline constexpr std::size_t kPageWidth = 400;  // longer lines have no layout

struct Segment {
  std::size_t begin = 0, end = 0;          // in the text
  std::size_t column = 0, column_end = 0;  // in characters from the line's begin
  std::size_t words = 0;
};
struct PageLine {
  std::size_t begin = 0, end = 0;
  bool tabs = false;  // or longer than a page: not looked at
  std::vector<Segment> segments;
};
struct ColumnRegion {
  std::size_t first = 0, last = 0, gutter = 0;  // lines [first, last)
};

struct Page {
  explicit Page(std::string_view given);
  [[nodiscard]] std::string_view text_of(std::size_t line) const {
    return text.substr(lines[line].begin, lines[line].end - lines[line].begin);
  }

  std::string_view text;
  std::vector<PageLine> lines;
};

[[nodiscard]] std::string_view first_word(std::string_view text);
[[nodiscard]] std::string_view last_word(std::string_view text);

// Writes parts of a text in another order, and keeps whence they came.
class PageWriter {
 public:
  explicit PageWriter(std::string_view text) : text_(text) {}
  void copy(std::size_t begin, std::size_t end);
  void mark(std::string_view written);  // what did not stand there
  void spaces(std::size_t n) { mark(std::string(n, ' ')); }
  void line(const Page& page, std::size_t i);
  void changed() { changed_ = true; }
  [[nodiscard]] LaidOut take();  // the text as it was when nothing changed

 private:
  std::string_view text_;
  LaidOut out_;
  bool changed_ = false;
};

}  // namespace assay
