#include "evidence/formats/csv/rows.h"

#include <algorithm>

#include "evidence/formats/line_bytes.h"
#include "text/charset.h"

namespace assay {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

struct RowEnd {
  enum class Kind : std::uint8_t {
    line,   // the row ends at the line end `at`
    end,    // the row ends with the bytes
    open,   // a quote does not close in these bytes
    broken  // text after a closing quote, behind a line end
  } kind = Kind::end;
  std::size_t at = 0;  // line: the line end; broken: where that shows
  std::size_t cells = 1;
  bool several_lines = false;
};

// `sure`: no more bytes will follow.
template <class Unit>
RowEnd row_end(std::size_t size, std::size_t step, char delimiter, bool sure, Unit&& unit) {
  RowEnd out;
  std::size_t at = 0;
  bool cell_start = true;
  while (at < size) {
    const char c = unit(at);
    if (c == '\n') {
      out.kind = RowEnd::Kind::line;
      out.at = at;
      return out;
    }
    if (c == delimiter) {
      ++out.cells;
      cell_start = true;
      at += step;
      continue;
    }
    if (c != '"' || !cell_start) {
      cell_start = false;
      at += step;
      continue;
    }
    cell_start = false;
    at += step;
    bool line_ends = false;
    while (true) {
      if (at >= size) {
        out.kind = RowEnd::Kind::open;
        return out;
      }
      const char in = unit(at);
      if (in == '\n') line_ends = true;
      if (in != '"') {
        at += step;
        continue;
      }
      if (at + step >= size) {
        if (!sure) {
          out.kind = RowEnd::Kind::open;
          return out;
        }
        at += step;
        break;
      }
      const char after = unit(at + step);
      if (after == '"') {
        at += 2 * step;
        continue;
      }
      if (after == delimiter || after == '\n' || after == '\r') {
        at += step;
        break;
      }
      if (line_ends) {
        out.kind = RowEnd::Kind::broken;
        out.at = at;
        return out;
      }
      at += step;  // a quote that nobody doubled
    }
    out.several_lines = out.several_lines || line_ends;
  }
  return out;
}

RowEnd find_row_end(std::string_view view, TableEncoding encoding, char delimiter, bool sure) {
  switch (encoding) {
    case TableEncoding::utf8:
      return row_end(view.size(), 1, delimiter, sure, [&](std::size_t at) { return view[at]; });
    case TableEncoding::utf16_little:
    case TableEncoding::utf16_big:
      break;
  }
  return row_end(view.size(), 2, delimiter, sure, [&](std::size_t at) { return line_unit(view, encoding, at); });
}

}  // namespace

char line_unit(std::string_view bytes, TableEncoding encoding, std::size_t at) {
  if (encoding == TableEncoding::utf8) return bytes[at];
  const bool little = encoding == TableEncoding::utf16_little;
  const char low = bytes[at + (little ? 0 : 1)];
  const char high = bytes[at + (little ? 1 : 0)];
  return high == 0 && static_cast<unsigned char>(low) < 0x80 ? low : '\0';
}

TableMark table_mark(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) return {TableEncoding::utf8, 3};
  if (head.starts_with("\xFF\xFE")) return {TableEncoding::utf16_little, 2};
  if (head.starts_with("\xFE\xFF")) return {TableEncoding::utf16_big, 2};
  return {};
}

std::size_t unit_size(TableEncoding encoding) { return encoding == TableEncoding::utf8 ? 1 : 2; }

std::string_view row_text(std::string_view raw, TableEncoding encoding, std::string& store) {
  if (encoding == TableEncoding::utf8) return raw;
  store = to_utf8(raw, encoding == TableEncoding::utf16_little ? "utf-16le" : "utf-16be");
  return store;
}

std::size_t line_end(std::string_view bytes, TableEncoding encoding, std::size_t from) {
  if (encoding == TableEncoding::utf8) return find_byte(bytes, '\n', from);
  for (std::size_t at = from; at + 2 <= bytes.size(); at += 2) {
    if (line_unit(bytes, encoding, at) == '\n') return at;
  }
  return kNowhere;
}

bool split_row(std::string_view text, char delimiter, std::size_t most, std::vector<TableCell>& cells, bool& more) {
  cells.clear();
  more = false;
  std::size_t at = 0;
  while (true) {
    TableCell cell;
    if (at < text.size() && text[at] == '"') {
      cell.begin = ++at;
      bool line_ends = false;
      while (true) {
        const std::size_t quote = find_byte(text, '"', at);
        if (quote == kNowhere) return false;
        line_ends = line_ends || find_byte(text.substr(0, quote), '\n', at) != kNowhere;
        if (quote + 1 == text.size() || text[quote + 1] == delimiter) {
          cell.size = quote - cell.begin;
          at = quote + 1;
          break;
        }
        if (text[quote + 1] == '"') {
          cell.doubled = true;
          at = quote + 2;
          continue;
        }
        if (line_ends) return false;
        at = quote + 1;
      }
    } else {
      cell.begin = at;
      at = std::min(find_byte(text, delimiter, at), text.size());
      cell.size = at - cell.begin;
    }
    if (cells.size() == most) {
      more = true;
      return true;
    }
    cells.push_back(cell);
    if (at >= text.size()) return true;
    ++at;
  }
}

std::string undoubled(std::string_view cell) {
  std::string out;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    out += cell[i];
    if (cell[i] == '"' && i + 1 < cell.size() && cell[i + 1] == '"') ++i;
  }
  return out;
}

Frame TableRows::take(std::string_view window, std::size_t newline, std::size_t end_of_view) {
  const std::size_t step = unit_size(encoding_);
  std::size_t end = newline == kNowhere ? end_of_view : newline;
  const std::size_t next = newline == kNowhere ? end_of_view : newline + step;
  unfinished_ = newline == kNowhere;
  if (end % step == 0 && end >= step && line_unit(window, encoding_, end - step) == '\r') end -= step;
  at_ += next;
  return {end == 0 ? Frame::Kind::skip : Frame::Kind::record, 0, end, next, NoticeKind::damaged_record, end == 0};
}

// Whether a line after the first has the header's number of cells.
bool TableRows::holds_row(std::string_view view) const {
  const std::size_t step = unit_size(encoding_);
  for (std::size_t at = line_end(view, encoding_, 0); at != kNowhere;) {
    const std::size_t begin = at + step;
    at = line_end(view, encoding_, begin);
    const std::string_view line = view.substr(begin, at == kNowhere ? at : at - begin);
    const RowEnd row = find_row_end(line, encoding_, delimiter_, true);
    if (row.kind == RowEnd::Kind::end && row.cells == columns_) return true;
  }
  return false;
}

Frame TableRows::next(std::string_view window, bool at_end) {
  const std::size_t step = unit_size(encoding_);
  const std::string_view whole = window;
  const std::size_t odd = window.size() % step;
  window.remove_suffix(odd);
  if (window.empty()) {
    if (!at_end) return {};
    if (odd == 0) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    at_ += odd;
    return {Frame::Kind::skip, 0, odd, odd, NoticeKind::truncated, false};  // half a character
  }
  const std::string_view view = window.substr(0, kLongestRow);
  if (too_long_) {
    const std::size_t newline = line_end(view, encoding_, 0);
    if (newline == kNowhere && !at_end && view.size() < kLongestRow) return {};
    const std::size_t next = newline == kNowhere ? view.size() : newline + step;
    too_long_ = newline == kNowhere;
    at_ += next;
    return {Frame::Kind::skip, 0, next, next, NoticeKind::limit_record, false};
  }
  const bool sure = at_end && odd == 0 && view.size() == whole.size();
  if (at_ >= lines_until_) {
    const RowEnd row = find_row_end(view, encoding_, delimiter_, sure);
    const bool fits = !row.several_lines || row.cells == columns_ || row.cells == columns_ + 1;
    if (row.kind == RowEnd::Kind::line && fits) return take(window, row.at, view.size());
    if (view.size() < kLongestRow && !at_end && (row.kind == RowEnd::Kind::end || row.kind == RowEnd::Kind::open))
      return {};
    if (row.kind == RowEnd::Kind::end && at_end && view.size() == window.size() && fits)
      return take(whole, kNowhere, whole.size());
    // The file ends inside quotes. When no later line is a row by itself, it was cut inside this one.
    const bool cut =
        row.kind == RowEnd::Kind::open || (row.kind == RowEnd::Kind::end && row.several_lines && row.cells < columns_);
    if (cut && at_end && view.size() == window.size() && !holds_row(view)) return take(whole, kNowhere, whole.size());
    // What looked like a row over several lines is none.
    const bool placed = row.kind == RowEnd::Kind::line || row.kind == RowEnd::Kind::broken;
    lines_until_ = at_ + (placed ? row.at : view.size());
  }
  const std::size_t newline = line_end(view, encoding_, 0);
  if (newline != kNowhere) return take(window, newline, view.size());
  if (view.size() >= kLongestRow) {
    too_long_ = true;
    at_ += view.size();
    return {Frame::Kind::skip, 0, view.size(), view.size(), NoticeKind::limit_record, false};
  }
  if (!at_end) return {};
  return take(whole, kNowhere, whole.size());  // with half a character, if that is how it ends
}

}  // namespace assay
