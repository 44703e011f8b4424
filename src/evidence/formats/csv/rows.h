// Delimited text (RFC 4180 and what programs make of it): where a row ends and where its cells are. Rows are cut in the
// bytes as they stand, also in UTF-16, so that a row's place is a place in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/format.h"

namespace assay {

// By the byte order mark; without one, bytes are UTF-8.
enum class TableEncoding : std::uint8_t { utf8, utf16_little, utf16_big };
struct TableMark {
  TableEncoding encoding = TableEncoding::utf8;
  std::size_t size = 0;  // bytes of the mark
};
[[nodiscard]] TableMark table_mark(std::string_view head);
[[nodiscard]] std::size_t unit_size(TableEncoding encoding);
// The row's text; UTF-8 stays as it is, valid or not.
[[nodiscard]] std::string_view row_text(std::string_view raw, TableEncoding encoding, std::string& store);

// One cell of a row's text, without its quotes. `doubled`: holds "" that stands for ".
struct TableCell {
  std::size_t begin = 0, size = 0;
  bool doubled = false;
};
// Splits a row's text; at most `most` cells (then `more` tells of others). False: a quote does not close, or text
// follows a closing quote in a cell that has line ends.
[[nodiscard]] bool split_row(std::string_view text, char delimiter, std::size_t most, std::vector<TableCell>& cells,
                             bool& more);
[[nodiscard]] std::string undoubled(std::string_view cell);

// The character whose first byte stands at a place; 0 when it is not ASCII.
[[nodiscard]] char line_unit(std::string_view bytes, TableEncoding encoding, std::size_t at);
// The end of the line that begins at `from`: place of its '\n' in bytes, or npos.
[[nodiscard]] std::size_t line_end(std::string_view bytes, TableEncoding encoding, std::size_t from);

// Cuts rows. A cell in quotes may hold line ends; a row over several lines must have the header's number of columns, or
// one more (Event Viewer does not name its last one). Where a quote does not close, or the row does not fit, the row is
// its first line, and so is every row up to the place where that was found out: damage costs a row, and no byte is
// looked at more than twice.
class TableRows {
 public:
  // A longer row is skipped up to its line end (limit_record).
  static constexpr std::size_t kLongestRow = std::size_t{2} << 20;

  TableRows(TableEncoding encoding, char delimiter, std::size_t columns)
      : encoding_(encoding), delimiter_(delimiter), columns_(columns) {}
  [[nodiscard]] Frame next(std::string_view window, bool at_end);
  // The last row has no line end.
  [[nodiscard]] bool unfinished() const { return unfinished_; }

 private:
  [[nodiscard]] bool holds_row(std::string_view view) const;
  Frame take(std::string_view window, std::size_t newline, std::size_t end_of_view);
  TableEncoding encoding_;
  char delimiter_;
  std::size_t columns_;
  std::uint64_t at_ = 0;           // bytes of frames handed out
  std::uint64_t lines_until_ = 0;  // up to here every line is a row
  bool too_long_ = false;          // inside a row that is skipped
  bool unfinished_ = false;
};

}  // namespace assay
