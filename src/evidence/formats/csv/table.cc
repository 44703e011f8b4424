#include "evidence/formats/csv/table.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/column_shapes.h"

namespace assay {
namespace {

constexpr std::array<char, 4> kDelimiters = {',', '\t', ';', '|'};
constexpr std::size_t kHeaderLines = 60;  // lines of the head that may be the header
constexpr std::size_t kHeaderBytes = std::size_t{32} << 10;
constexpr std::size_t kSureNames = 3;
constexpr std::size_t kTitleLines = 12;  // before a header whose columns nobody knows for sure
constexpr std::size_t kFirstRows = 200;  // rows of the head that are learned from
constexpr std::size_t kNowhere = std::string_view::npos;

std::vector<std::string> names_of(std::string_view line, char delimiter) {
  std::vector<TableCell> cells;
  bool more = false;
  std::vector<std::string> out;
  if (!split_row(line, delimiter, limits::kFieldsPerRecord, cells, more)) return out;
  for (const TableCell& cell : cells) {
    std::string_view text = trim(line.substr(cell.begin, cell.size));
    std::string name = cell.doubled ? undoubled(text) : std::string(text);
    if (name.size() > limits::kKeyBytes) name.resize(limits::kKeyBytes);
    name = to_valid_utf8(name);
    if (name.empty()) name = "column_" + std::to_string(out.size() + 1);
    out.push_back(std::move(name));
  }
  return out;
}

// The complete rows after the header.
void first_rows(std::string_view head, TableHead& table) {
  TableRows rows(table.mark.encoding, table.delimiter, table.columns.size());
  std::string_view rest = head.substr(table.header_end);
  std::vector<TableCell> cells;
  std::string store;
  bool more = false;
  while (table.rows.size() < kFirstRows) {
    const Frame frame = rows.next(rest, false);
    if (frame.kind != Frame::Kind::record && frame.kind != Frame::Kind::skip) break;
    if (frame.kind == Frame::Kind::record) {
      const std::string_view text =
          row_text(rest.substr(frame.begin, frame.end - frame.begin), table.mark.encoding, store);
      std::vector<std::string>& row = table.rows.emplace_back();
      if (split_row(text, table.delimiter, limits::kFieldsPerRecord, cells, more)) {
        for (const TableCell& cell : cells) row.emplace_back(text.substr(cell.begin, cell.size));
      }
      // The header of another table behind this one.
      if (table.rows.size() > 1 && row.size() != table.columns.size() && plausible_names(text, table.delimiter)) {
        table.rows.pop_back();
        break;
      }
    }
    rest.remove_prefix(frame.next);
  }
  // A last column that the header does not name.
  std::size_t wider = 0;
  for (const auto& row : table.rows) wider += row.size() == table.columns.size() + 1 ? 1U : 0U;
  if (wider > 0 && wider * 4 >= table.rows.size() * 3)
    table.columns.push_back("column_" + std::to_string(table.columns.size() + 1));
}

std::size_t fitting(const TableHead& table) {
  std::size_t good = 0;
  for (const auto& row : table.rows) good += row.size() == table.columns.size() ? 1U : 0U;
  return good;
}

// Lines before the header speak of the table: they have less than half of its cells, as no row has.
bool are_titles(const std::vector<std::string>& lines, char delimiter, std::size_t columns) {
  return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
    std::vector<TableCell> cells;
    bool more = false;
    const bool split = split_row(line, delimiter, limits::kFieldsPerRecord, cells, more);
    return !split || cells.size() * 2 < columns;
  });
}

// Three rows of four have as many cells as the header.
bool consistent(const TableHead& table) {
  const std::size_t good = fitting(table);
  const std::size_t least = table.columns.size() == 2 ? 5 : 2;
  return good >= least && good * 4 >= table.rows.size() * 3;
}

}  // namespace

bool plausible_names(std::string_view line, char delimiter) {
  std::vector<TableCell> cells;
  bool more = false;
  if (!split_row(line, delimiter, limits::kFieldsPerRecord, cells, more) || cells.size() < 2) return false;
  std::set<std::string_view> seen;
  for (const TableCell& cell : cells) {
    const std::string_view name = trim(line.substr(cell.begin, cell.size));
    if (name.empty() || name.size() > 80 || !seen.insert(name).second) return false;
    if (std::none_of(name.begin(), name.end(),
                     [](char c) { return is_alpha(c) || static_cast<unsigned char>(c) >= 0x80; }))
      return false;
    if (is_digit(name.front()) || name.find_first_of("=<>{}") != kNowhere) return false;
    for (std::size_t i = 0; i + 1 < name.size(); ++i) {  // a clock
      if (name[i] == ':' && i > 0 && is_digit(name[i - 1]) && is_digit(name[i + 1])) return false;
    }
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return false;
  }
  return true;
}

std::optional<TableHead> find_table(std::string_view head, const SchemaSet& schemas) {
  TableHead table;
  table.mark = table_mark(head);
  const TableEncoding encoding = table.mark.encoding;
  const std::size_t step = unit_size(encoding);
  const ColumnShapes shapes(schemas, kTableFormat);

  std::size_t begin = table.mark.size;
  std::vector<std::string> titles;  // lines so far, unless they speak of the file
  std::string store;
  for (std::size_t lines = 0; lines < kHeaderLines && begin + step <= head.size(); ++lines) {
    std::size_t end = line_end(head, encoding, begin);
    const std::size_t next = end == kNowhere ? head.size() : end + step;
    if (end == kNowhere) end = head.size() - (head.size() - begin) % step;
    if (end - begin >= step && line_unit(head, encoding, end - step) == '\r') end -= step;
    const std::string_view bytes = head.substr(begin, end - begin);
    const std::string_view line = row_text(bytes, encoding, store);
    begin = next;
    if (line.size() > kHeaderBytes || trim(line).empty()) continue;
    const bool first = titles.empty();
    // A list, an object, markup: other rooms'.
    if (first && (trim(line).front() == '{' || trim(line).front() == '<')) return std::nullopt;
    table.header_end = next;
    table.header = bytes;
    for (const char delimiter : kDelimiters) {
      if (line.find(delimiter) == kNowhere) continue;
      std::vector<std::string> names = names_of(line, delimiter);
      const std::optional<ShapeId> shape = shapes.known(names);
      if (!shape) continue;
      // One or two common names tell a table only where rows follow that fit them.
      const bool sure = schemas.at(*shape).require_all.size() >= kSureNames;
      if (!sure && !are_titles(titles, delimiter, names.size())) continue;
      table.delimiter = delimiter;
      table.columns = std::move(names);
      table.shape = *shape;
      table.known = true;
      first_rows(head, table);
      if (sure || (first ? fitting(table) > 0 : consistent(table))) return table;
      table.rows.clear();
      table.known = false;
    }
    const bool about_the_file = line.starts_with("sep=") || line.starts_with("#TYPE");
    if (about_the_file) continue;
    if (titles.size() >= kTitleLines || !shapes.other()) {
      titles.resize(kTitleLines);
      continue;
    }
    std::optional<TableHead> best;
    for (const char delimiter : kDelimiters) {
      if (!plausible_names(line, delimiter)) continue;
      TableHead attempt = table;
      attempt.delimiter = delimiter;
      attempt.columns = names_of(line, delimiter);
      // Behind a title three columns at least: prose has commas too.
      if (!first && (attempt.columns.size() < 3 || !are_titles(titles, delimiter, attempt.columns.size()))) continue;
      attempt.shape = *shapes.other();
      first_rows(head, attempt);
      const bool fits =
          first ? consistent(attempt) : attempt.rows.size() > 2 && fitting(attempt) == attempt.rows.size();
      if (fits && (!best || attempt.columns.size() > best->columns.size())) best = std::move(attempt);
    }
    if (best) return best;
    titles.emplace_back(line);
  }
  return std::nullopt;
}

}  // namespace assay
