#include "text/extract/layout.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/extract/document.h"
#include "text/extract/page.h"

namespace assay {
namespace {

constexpr std::size_t kGutter = 28;      // no column of prose is narrower
constexpr std::size_t kCandidates = 8;   // gutters that are tried
constexpr std::size_t kLinesBeside = 5;  // of a second column
constexpr std::size_t kProse = 4;        // words that make a line of prose
constexpr std::size_t kIndent = 4;       // in a second column
constexpr std::size_t kColumns = 12;
constexpr std::size_t kTableLines = 4000;  // of one table
constexpr std::size_t kCellWords = 9;      // in the mean, of the cells of a column

// Where a second column begins, and which lines are in it.
class Columns {
 public:
  explicit Columns(const Page& page) : page_(page) {}

  // Regions [first, last) of lines with the gutter of each, ascending, apart.
  std::vector<ColumnRegion> run() {
    std::unordered_map<std::size_t, std::size_t> starts;
    for (const PageLine& line : page_.lines) {
      for (const Segment& s : line.segments) {
        if (s.column >= kGutter) ++starts[s.column];
      }
    }
    std::vector<std::pair<std::size_t, std::size_t>> often;
    for (const auto& [column, n] : starts) {
      if (n >= kLinesBeside) often.emplace_back(n, column);
    }
    std::sort(often.begin(), often.end(), std::greater<>());
    if (often.size() > kCandidates) often.resize(kCandidates);
    taken_.assign(page_.lines.size(), false);
    for (const auto& [n, column] : often) try_gutter(column);
    std::sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool open(std::size_t i, std::size_t gutter) const {
    const PageLine& line = page_.lines[i];
    if (taken_[i] || line.tabs) return false;
    std::size_t left = 0;
    for (const Segment& s : line.segments) {
      if (s.column < gutter && s.column_end + 2 > gutter) return false;
      // The head or foot of a page, the row of a table.
      if (s.column >= gutter && left > 0 && (s.column > gutter + kIndent || left > 1)) return false;
      left += s.column < gutter;
    }
    return true;
  }
  // A gutter that parts prose somewhere parts what else stands on both of its sides.
  void try_gutter(std::size_t gutter) {
    const std::size_t before = out_.size();
    for (const bool known : {false, true}) {
      if (known && out_.size() == before) return;
      for (std::size_t i = 0; i < page_.lines.size();) {
        if (!open(i, gutter)) {
          ++i;
          continue;
        }
        std::size_t end = i;
        while (end < page_.lines.size() && open(end, gutter)) ++end;
        region(i, end, gutter, known);
        i = end;
      }
    }
  }
  [[nodiscard]] const Segment* right(std::size_t i, std::size_t gutter) const {
    for (const Segment& s : page_.lines[i].segments) {
      if (s.column >= gutter) return &s;
    }
    return nullptr;
  }
  void region(std::size_t begin, std::size_t end, std::size_t gutter, bool known) {
    std::size_t rights = 0, odd = 0, lefts = 0, both = 0, right_prose = 0, left_prose = 0, inner = 0;
    std::size_t first = end, last = begin;
    for (std::size_t i = begin; i < end; ++i) {
      const PageLine& line = page_.lines[i];
      const Segment* const r = right(i, gutter);
      const bool has_left = !line.segments.empty() && line.segments.front().column < gutter;
      if (r != nullptr && r->column == gutter) {
        first = std::min(first, i);
        last = i;
      }
      if (r != nullptr) (r->column == gutter ? rights : odd) += 1;
      lefts += has_left;
      both += has_left && r != nullptr && r->column == gutter;
      std::size_t left_words = 0, right_words = 0, left_parts = 0, right_parts = 0;
      for (const Segment& s : line.segments) {
        (s.column < gutter ? left_words : right_words) += s.words;
        (s.column < gutter ? left_parts : right_parts) += 1;
      }
      left_prose += left_words >= kProse;
      right_prose += right_words >= kProse;
      inner += left_parts > 1 || right_parts > 1;
    }
    const bool right_reads = right_prose * 5 >= rights * 2, left_reads = left_prose * 5 >= lefts * 2;
    if (rights < kLinesBeside || both + 1 < kLinesBeside || odd * 4 > rights || inner * 6 > rights + lefts) return;
    if (known ? !right_reads && !left_reads : !right_reads || !left_reads) return;
    // Paragraphs that began beside the second column are whole.
    while (first > begin && !page_.lines[first - 1].segments.empty()) --first;
    ++last;
    while (last < end && !page_.lines[last].segments.empty()) ++last;
    for (std::size_t i = first; i < last;) {  // two empty lines part what stands below each other
      std::size_t stop = i;
      while (stop < last &&
             !(page_.lines[stop].segments.empty() && stop + 1 < last && page_.lines[stop + 1].segments.empty()))
        ++stop;
      if (stop > i) out_.push_back({i, stop, gutter});
      std::fill(taken_.begin() + static_cast<std::ptrdiff_t>(i), taken_.begin() + static_cast<std::ptrdiff_t>(stop),
                true);
      i = stop;
      while (i < last && page_.lines[i].segments.empty()) ++i;
    }
  }

  const Page& page_;
  std::vector<bool> taken_;
  std::vector<ColumnRegion> out_;
};

// One table: its columns, and which lines go on with the row above.
class Table {
 public:
  Table(const Page& page, std::size_t begin, std::size_t end) : page_(page), begin_(begin), end_(end) {}

  // False: it is none, or nothing of it would change.
  bool read() {
    if (!find_columns()) return false;
    cut_rows();
    if (rows_.size() < 2) return false;
    std::vector<std::size_t> words(columns_.size(), 0), cells(columns_.size(), 0);
    for (const Row& row : rows_) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        cells[c] += !row.cells[c].empty();
        for (const Segment* s : row.cells[c]) words[c] += s->words;
      }
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (cells[c] == 0 || words[c] > kCellWords * cells[c]) return false;
    }
    return columns_.size() >= 3 || table_head(page_.text_of(begin_)) || cut_;
  }

  void write(PageWriter& out) const {
    for (const Row& row : rows_) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        out.mark(c == 0 ? "| " : " | ");
        const Segment* above = nullptr;
        for (const Segment* s : row.cells[c]) {
          if (above != nullptr && !is_cut(c, *above, *s) && !halves(*above, *s)) out.mark(" ");
          out.copy(s->begin, s->end);
          above = s;
        }
      }
      out.mark("\n");
    }
  }

 private:
  struct Row {
    std::vector<std::vector<const Segment*>> cells;
  };

  // Columns begin where many lines have a cell and none has text across.
  bool find_columns() {
    const std::size_t lines = end_ - begin_;
    if (lines < 3 || lines > kTableLines) return false;
    std::map<std::size_t, std::size_t> starts;
    std::size_t several = 0;
    for (std::size_t i = begin_; i < end_; ++i) {
      const PageLine& line = page_.lines[i];
      if (line.tabs || line.segments.empty() || page_.text_of(i).find('|') != std::string_view::npos) return false;
      several += line.segments.size() > 1;
      for (const Segment& s : line.segments) ++starts[s.column];
    }
    if (several * 3 < lines) return false;
    std::vector<std::size_t> across(1, 0);
    for (std::size_t i = begin_; i < end_; ++i) {
      for (const Segment& s : page_.lines[i].segments) {
        if (s.column_end + 1 >= across.size())
          across.resize(std::min<std::size_t>(s.column_end + 2, kPageWidth + 2), 0);
        // Text in [column, column_end): a column that begins inside is crossed.
        if (s.column + 1 < across.size()) ++across[s.column + 1];
        if (s.column_end + 1 < across.size()) --across[s.column_end + 1];
      }
    }
    std::size_t crossed = 0, at = 0, least = kPageWidth;
    for (const auto& [column, n] : starts) least = std::min(least, column);
    for (const auto& [column, n] : starts) {
      while (at <= column && at < across.size()) crossed += across[at++];
      if (column == least || (crossed == 0 ? n >= 2 && n * 5 >= lines : crossed * 6 <= lines && n * 2 >= lines))
        columns_.push_back(column);
    }
    return columns_.size() >= 2 && columns_.size() <= kColumns;
  }
  [[nodiscard]] std::size_t column_of(const Segment& s) const {
    const auto next = std::upper_bound(columns_.begin(), columns_.end(), s.column);
    return static_cast<std::size_t>(next - columns_.begin()) - 1;
  }
  [[nodiscard]] std::string_view of(const Segment& s) const { return page_.text.substr(s.begin, s.end - s.begin); }

  // The end of a line cut a value: it goes on in the next.
  [[nodiscard]] bool is_cut(std::size_t column, const Segment& above, const Segment& below) const {
    const std::string_view a = last_word(of(above)), all = of(below), b = first_word(all);
    if (a.empty() || b.empty()) return false;
    const auto hex = [](std::string_view text) { return std::all_of(text.begin(), text.end(), is_hex); };
    if (hex(a) && hex(b) && a.size() >= 16) return !whole_hash(a.size()) || !whole_hash(b.size()) || longer_hash(a, b);
    if (is_ipv4(a) && b.front() != '.' && b.front() != '/' && b.front() != ':' && !is_digit(b.front())) return false;
    const char end = a.back();
    const bool valueish = a.find_first_of(".:\\/_@[0123456789") != a.npos;
    if (b.find("://") != b.npos || b.front() == '(') return false;
    if ((end == '\\' || end == '/' || end == '_' || end == '=' || end == '&' || end == '?') && a.size() > 3)
      return true;
    if (end == '-' && a.size() > 2 && valueish && is_alnum(a[a.size() - 2])) return true;
    if (end == '-' && a.size() > 2 && b.find('.') != b.npos && is_alnum(a[a.size() - 2])) return true;
    const std::size_t next = column + 1 < columns_.size() ? columns_[column + 1] : 0;
    const bool full = next != 0 && above.column_end + 3 >= next && above.words == 1;
    return full && valueish && below.words == 1 && end != '.' && end != ',' && end != ';' &&
           (b.size() < a.size() || b.find_first_of("./\\") != b.npos) && !has_whole_ending(a);
  }
  [[nodiscard]] static bool whole_hash(std::size_t n) { return n == 32 || n == 40 || n == 64 || n == 128; }
  // Two halves of a SHA-256 or SHA-512: the head of the table names it.
  [[nodiscard]] bool longer_hash(std::string_view a, std::string_view b) const {
    const std::string_view head = page_.text_of(begin_);
    if (a.size() != b.size()) return false;
    return (a.size() == 32 && head.find("256") != head.npos && !contains_icase(head, "md5")) ||
           (a.size() == 64 && head.find("512") != head.npos && head.find("256") == head.npos);
  }
  [[nodiscard]] bool halves(const Segment& above, const Segment& below) const {
    return std::find(joined_.begin(), joined_.end(), std::pair(above.begin, below.begin)) != joined_.end();
  }
  // A file name that needs no rest.
  [[nodiscard]] static bool has_whole_ending(std::string_view word) {
    const std::size_t dot = word.rfind('.');
    return dot != word.npos && word.size() - dot > 3 && word.size() - dot < 6 &&
           std::all_of(word.begin() + static_cast<std::ptrdiff_t>(dot) + 1, word.end(), is_alpha);
  }

  void cut_rows() {
    std::size_t filled = 0;  // cells of the first line of the row
    for (std::size_t i = begin_; i < end_; ++i) {
      std::vector<std::vector<const Segment*>> cells(columns_.size());
      std::size_t n = 0;
      for (const Segment& s : page_.lines[i].segments) {
        auto& cell = cells[column_of(s)];
        n += cell.empty();
        cell.push_back(&s);
      }
      if (rest_of_hash(page_.lines[i])) {
        joined_.emplace_back(rows_.back().cells[last_cell()].front()->begin, page_.lines[i].segments.front().begin);
        rows_.back().cells[last_cell()].push_back(&page_.lines[i].segments.front());
        cut_ = true;
        continue;
      }
      bool goes_on = false, cut = false;
      std::size_t cuts = 0;
      if (!rows_.empty()) {
        for (std::size_t c = 0; c < columns_.size(); ++c) {
          const auto& above = rows_.back().cells[c];
          cuts += !cells[c].empty() && !above.empty() && is_cut(c, *above.back(), *cells[c].front());
        }
        cut = cuts > 0;
        goes_on = cells[0].empty() ? (cut || n + 1 < filled) : first_is_cut(cells) && (n < filled || cuts > 1);
      }
      if (!goes_on) {
        rows_.push_back({std::move(cells)});
        filled = n;
        continue;
      }
      cut_ = true;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        auto& row = rows_.back().cells[c];
        row.insert(row.end(), cells[c].begin(), cells[c].end());
      }
    }
  }
  // "SHA512  HALF" and the other half below, wherever it begins: the label of the row names the kind.
  [[nodiscard]] bool rest_of_hash(const PageLine& line) const {
    if (rows_.empty() || line.segments.size() != 1) return false;
    const auto& cells = rows_.back().cells;
    const std::size_t last = last_cell();
    if (last == 0 || cells[last].size() != 1) return false;
    const std::string_view a = of(*cells[last].front()), b = of(line.segments.front());
    const auto hex = [](std::string_view text) { return std::all_of(text.begin(), text.end(), is_hex); };
    if (a.size() != b.size() || (a.size() != 32 && a.size() != 64) || !hex(a) || !hex(b)) return false;
    const std::string_view kind = a.size() == 32 ? "256" : "512";
    return std::any_of(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(last), [&](const auto& cell) {
      return !cell.empty() && contains_icase(of(*cell.front()), "sha") && of(*cell.front()).size() < 16 &&
             of(*cell.front()).find(kind) != std::string_view::npos;
    });
  }
  [[nodiscard]] std::size_t last_cell() const {
    std::size_t last = columns_.size() - 1;
    while (last > 0 && rows_.back().cells[last].empty()) --last;
    return last;
  }
  [[nodiscard]] bool first_is_cut(const std::vector<std::vector<const Segment*>>& cells) const {
    const auto& above = rows_.back().cells[0];
    return !cells[0].empty() && !above.empty() && is_cut(0, *above.back(), *cells[0].front());
  }

  const Page& page_;
  std::size_t begin_, end_;
  std::vector<std::size_t> columns_;
  std::vector<Row> rows_;
  std::vector<std::pair<std::size_t, std::size_t>> joined_;  // halves of hashes: where they begin
  bool cut_ = false;
};

LaidOut tables_of(std::string_view text) {
  const Page page(text);
  PageWriter out(text);
  for (std::size_t i = 0; i < page.lines.size();) {
    if (page.lines[i].segments.empty()) {
      out.line(page, i++);
      continue;
    }
    std::size_t end = i;
    while (end < page.lines.size() && !page.lines[end].segments.empty()) ++end;
    // What stands above a table in one piece is none of its lines.
    while (i < end && page.lines[i].segments.size() < 2) out.line(page, i++);
    if (i == end) continue;
    Table table(page, i, end);
    if (table.read()) {
      table.write(out);
      out.changed();
    } else {
      for (std::size_t k = i; k < end; ++k) out.line(page, k);
    }
    i = end;
  }
  return out.take();
}

LaidOut columns_of(std::string_view text) {
  const Page page(text);
  PageWriter out(text);
  std::size_t next = 0;
  for (const ColumnRegion& region : Columns(page).run()) {
    for (; next < region.first; ++next) out.line(page, next);
    for (const bool right : {false, true}) {
      for (std::size_t i = region.first; i < region.last; ++i) {
        const auto& all = page.lines[i].segments;
        const auto first_right =
            std::find_if(all.begin(), all.end(), [&](const Segment& s) { return s.column >= region.gutter; });
        const auto from = right ? first_right : all.begin();
        const auto to = right ? all.end() : first_right;
        if (from != to) {
          out.spaces(from->column - (right ? std::min(region.gutter, from->column) : 0));
          out.copy(from->begin, std::prev(to)->end);
        }
        out.mark("\n");
      }
      out.mark("\n");
    }
    out.changed();
    next = region.last;
  }
  for (; next < page.lines.size(); ++next) out.line(page, next);
  return out.take();
}

}  // namespace

std::size_t LaidOut::origin(std::size_t at) const {
  const auto next = std::upper_bound(pieces.begin(), pieces.end(), at,
                                     [](std::size_t place, const auto& piece) { return place < piece.first; });
  if (next == pieces.begin()) return at;
  const auto& piece = *std::prev(next);
  return piece.second + (at - piece.first);
}

LaidOut lay_out(std::string_view text) {
  if (text.size() > kLaidOutBytes) return {std::string(text), {{0, 0}}};
  LaidOut columns = columns_of(text);
  LaidOut out = tables_of(columns.text);
  // Places in the text between become places in what was given.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pieces;
  for (std::size_t i = 0; i < out.pieces.size(); ++i) {
    const auto [at, from] = out.pieces[i];
    const std::size_t end = i + 1 < out.pieces.size() ? out.pieces[i + 1].first : out.text.size();
    pieces.emplace_back(at, static_cast<std::uint32_t>(columns.origin(from)));
    auto next = std::upper_bound(columns.pieces.begin(), columns.pieces.end(), from,
                                 [](std::size_t place, const auto& piece) { return place < piece.first; });
    for (; next != columns.pieces.end() && next->first - from + at < end; ++next)
      pieces.emplace_back(next->first - from + at, next->second);
  }
  out.pieces = std::move(pieces);
  return out;
}

}  // namespace assay
