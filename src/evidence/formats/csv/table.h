// What the head of a file says about a table: how it is written, where its header line is, and which shape has such
// columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/formats/csv/rows.h"
#include "evidence/schema.h"

namespace assay {

inline constexpr std::string_view kTableFormat = "csv";
inline constexpr std::string_view kOtherTable = "csv-other";

struct TableHead {
  TableMark mark;
  char delimiter = ',';
  std::size_t header_end = 0;                  // bytes of the file up to the first row
  std::string header;                          // the header line's bytes, without its line end
  std::vector<std::string> columns;            // names as paths; one without a name is column_N, counted from 1
  ShapeId shape = 0;                           // by its columns
  bool known = false;                          // the shape asks for columns, and they are here
  std::vector<std::vector<std::string>> rows;  // the first ones, to learn from: cells as text
};

// Names that somebody gave to columns: not the values of a row, and not a line of another log.
[[nodiscard]] bool plausible_names(std::string_view line, char delimiter);

// The table of a head; nothing when it holds none. Lines before the header (a title, sep=;, #TYPE) are passed over only
// for shapes that are known by their columns.
[[nodiscard]] std::optional<TableHead> find_table(std::string_view head, const SchemaSet& schemas);

}  // namespace assay
