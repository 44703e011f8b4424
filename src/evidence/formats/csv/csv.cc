// The table room: delimited text with a header line, as exports and spreadsheets write it (docs/formats/csv.md). Header
// names are paths; a cell that holds JSON is opened below its column's name. One worker reads a table from its start:
// a line end inside quotes is none that a file may be cut at.
#include <algorithm>
#include <deque>
#include <optional>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/csv/damage.h"
#include "evidence/formats/csv/dates.h"
#include "evidence/formats/csv/table.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/json/opened_text.h"
#include "evidence/formats/line_bytes.h"

namespace assay {
namespace {

constexpr std::size_t kJsonColumns = 16;  // columns whose cells are opened
constexpr std::size_t kPrepared = 8;
constexpr std::size_t kTableHead = std::size_t{64} << 10;   // of another table inside: what is looked at
constexpr std::size_t kHeaderLine = std::size_t{32} << 10;  // its header
constexpr Slot kNoSlot = UINT32_MAX;
constexpr std::string_view kTime = "_time";
using Order = WrittenDate::Order;

// A column that a schema reads the time from, by a path that the reader makes: "_time.Date" (the order of day and month
// as the column tells), "_utc.Date" (the same, known to be UTC), "_mdy.Date" and "_dmy.Date" (a fixed order), or
// "_time" (the first column that holds times).
struct TimeColumn {
  std::string path;
  std::size_t column = 0;
  Order fixed = Order::open;
  ColumnOrder order;
  bool utc = false;    // the column's name says so
  bool local = false;  // the schema says so: whoever reads the time tells what it did
  std::string shown;
};

bool names_utc(std::string_view name) { return contains_icase(name, "utc") || contains_icase(name, "gmt"); }

class TableReader final : public RecordReader {
 public:
  TableReader(std::optional<TableHead> head, ShapeId shape, const SchemaSet& schemas) : schemas_(&schemas) {
    start(std::move(head), shape);
  }

  Frame next(std::string_view window, bool at_end) override {
    if (!found_) return nothing_found(window, at_end);
    if (header_left_ == SIZE_MAX) header_left_ = head_.header_end;
    if (header_left_ > 0 && !window.empty()) {
      const std::size_t size = std::min(header_left_, window.size());
      header_left_ -= size;
      return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
    }
    if (summary_ || summary_begins(window, at_end, summary_)) {
      if (!summary_) return {};
      const std::size_t newline = find_byte(window, '\n', 0);
      if (newline == std::string_view::npos && !at_end) return {};
      if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
      const std::size_t size = newline == std::string_view::npos ? window.size() : newline + 1;
      return {Frame::Kind::skip,
              0,
              size,
              size,
              NoticeKind::assumption,
              false,
              "the summary behind a table of flows (nfdump): sums of the rows above, no flow"};
    }
    if (header_begins(window)) {
      if (window.size() < kTableHead && !at_end) return {};
      std::optional<TableHead> other = find_table(window.substr(0, kTableHead), *schemas_);
      if (other && is_another(*other, window)) {
        const ShapeId shape = other->shape;
        const std::size_t size = other->header_end;
        start(std::move(other), shape);
        header_left_ = 0;
        another_ = true;
        for (TimeColumn& time : times_) learn(time);
        return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
      }
    }
    Frame frame = rows_.next(window, at_end);
    // Tables joined into one file repeat the header.
    if (frame.kind == Frame::Kind::record && window.substr(frame.begin, frame.end - frame.begin) == head_.header) {
      frame.kind = Frame::Kind::skip;
      frame.silent = true;
    }
    return frame;
  }

  [[nodiscard]] bool wants_survey() const override { return wants_survey_; }
  void survey(std::string_view raw) override {
    const std::string_view text = row_text(raw, head_.mark.encoding, text_);
    bool more = false;
    if (!split_row(text, head_.delimiter, limits::kFieldsPerRecord, cells_, more)) return;
    if (cells_.size() != head_.columns.size()) return;  // it may be of another table behind this one
    for (TimeColumn& time : times_) {
      if (time.column >= cells_.size()) continue;
      if (const auto date = parse_written_date(text.substr(cells_[time.column].begin, cells_[time.column].size)))
        time.order.add(*date);
    }
  }

  bool begin(std::string_view raw, Notices& notices) override {
    kept_.clear();
    values_.clear();
    const std::string_view text = row_text(raw, head_.mark.encoding, text_);
    bool more = false;
    const bool good = found_ && split_row(text, head_.delimiter, limits::kFieldsPerRecord, cells_, more);
    const std::size_t columns = head_.columns.size();
    if (rows_.unfinished() && (!good || cells_.size() < columns || raw.size() % unit_size(head_.mark.encoding) != 0))
      notices.add({NoticeKind::truncated, "", 0, 1, "the table ends inside a row"});
    if (another_) {
      another_ = false;
      notices.add({NoticeKind::assumption, "", 0, 1,
                   "another table begins here, in the same file: its rows are read by its own header"});
    }
    if (!good) return false;
    if (cells_.size() * 2 < columns) return false;  // a title, a sum: no row of this table
    if (cells_.size() < columns)
      notices.add(
          {NoticeKind::bad_value, "", 0, 1, "rows with fewer cells than the header; the last columns are absent"});
    if (cells_.size() > columns)
      notices.add({NoticeKind::bad_value, "", 0, 1, "rows with more cells than the header; the others are column_N"});
    if (more) notices.add({NoticeKind::limit_other, "", 0, 1, "cells beyond the limit of one record were not read"});
    const bool ascii = is_ascii(text);
    std::uint64_t bad = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      std::string_view value = text.substr(cells_[i].begin, cells_[i].size);
      if (cells_[i].doubled) value = kept_.emplace_back(undoubled(value));
      if (!ascii && !is_utf8(value)) {
        ++bad;
        value = kept_.emplace_back(to_valid_utf8(value));
      }
      values_.push_back(value);
      if (const auto damage = damage_.look(i, value))
        notices.add({NoticeKind::bad_value, "", 0, 1, damage_detail(*damage, shown(i))});
    }
    if (bad > 0) notices.add({NoticeKind::not_utf8, "", 0, bad, "table cells with bytes that are not UTF-8"});
    for (std::size_t i = 0; i < opened_.size(); ++i) open_cell(i, notices);
    written_.clear();
    for (const TimeColumn& time : times_) written_.push_back(time_text(time, notices));
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    Prepared& prepared = prepare(projection);
    for (const auto& [time, slot] : prepared.times) {
      if (!written_[time].empty()) out.add(slot, {ValueKind::string, written_[time]});
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      Slot slot = i < prepared.columns.size() ? prepared.columns[i] : kNoSlot;
      if (i >= prepared.columns.size()) slot = projection.find(extra_name(i)).value_or(kNoSlot);
      if (slot != kNoSlot && !values_[i].empty()) out.add(slot, {ValueKind::string, values_[i]});
      if (i < opened_.size() && opened_[i] != nullptr) opened_[i]->read(projection, out);
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (std::size_t i = 0; i < times_.size(); ++i) {
      if (!written_[i].empty()) sink(times_[i].path, {ValueKind::string, written_[i]});
    }
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::string name = i < head_.columns.size() ? head_.columns[i] : extra_name(i);
      if (!values_[i].empty()) sink(name, {ValueKind::string, values_[i]});
      if (i < opened_.size() && opened_[i] != nullptr) opened_[i]->all_fields(sink);
    }
  }

 private:
  struct Prepared {
    std::uint64_t fingerprint = 0;
    std::vector<std::pair<std::size_t, Slot>> times;
    std::vector<Slot> columns;
  };

  // Makes the reader one of this table's rows.
  void start(std::optional<TableHead> head, ShapeId shape) {
    found_ = head.has_value();
    head_ = head ? std::move(*head) : TableHead{};
    shape_ = shape;
    rows_ = TableRows(head_.mark.encoding, head_.delimiter, head_.columns.size());
    damage_ = DamageFinder(head_.columns.size(), head_.delimiter, head_.rows);
    times_.clear();
    opened_.clear();
    xml_.clear();
    prepared_.clear();
    json_columns_ = 0;
    if (!found_) return;
    for (const TimeRule& rule : schemas_->at(shape_).times) add_time(rule);
    for (TimeColumn& time : times_) {
      for (const auto& row : head_.rows) {
        if (time.column >= row.size() || time.fixed != Order::open) continue;
        const auto date = parse_written_date(row[time.column]);
        wants_survey_ = wants_survey_ || (date && date->order == Order::open);
      }
    }
    opened_.resize(head_.columns.size());
    for (const std::string& column : head_.columns) {
      const std::vector<std::string>& opens = schemas_->at(shape_).opens;
      xml_.push_back(std::find(opens.begin(), opens.end(), column) != opens.end());
    }
  }

  // The order of day and month in a later table, by its first rows: only the first one is read twice.
  void learn(TimeColumn& time) const {
    for (const auto& row : head_.rows) {
      if (time.column >= row.size()) continue;
      if (const auto date = parse_written_date(row[time.column])) time.order.add(*date);
    }
  }

  // A line "Summary". True: it is, as `found` then says; or more must be read to tell.
  [[nodiscard]] bool summary_begins(std::string_view window, bool at_end, bool& found) const {
    constexpr std::string_view kWord = "Summary";
    if (window.empty() || window.front() != 'S' || schemas_->at(shape_).shape != "csv-netflow") return false;
    if (window.size() < kWord.size() + 2 && !at_end)
      return window.substr(0, kWord.size()) == kWord.substr(0, window.size());
    if (!window.starts_with(kWord)) return false;
    window.remove_prefix(kWord.size());
    found = window.empty() || window.starts_with('\n') || window.starts_with("\r\n");
    return found;
  }

  // Whether the line at the start of the window may be the header of another table: names, no values. Most rows tell by
  // their first cells that they are none.
  [[nodiscard]] bool header_begins(std::string_view window) const {
    if (head_.mark.encoding != TableEncoding::utf8) return false;
    std::size_t at = 0;
    for (std::size_t cells = 0; cells < 2; ++at) {
      if (at >= window.size() || window[at] == '\n') break;
      if (is_digit(window[at])) return false;
      if (window[at] == head_.delimiter) ++cells;
    }
    const std::size_t end = find_byte(window.substr(0, kHeaderLine), '\n', at);
    if (end == std::string_view::npos) return false;
    std::string_view line = window.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line != head_.header && plausible_names(line, head_.delimiter);
  }
  // A shape that a schema knows by its columns; or as nobody knows them another number of columns, in three rows too.
  [[nodiscard]] bool is_another(const TableHead& other, std::string_view window) const {
    const std::size_t line = find_byte(window, '\n', 0);
    if (line == std::string_view::npos || other.header_end != line + 1 || other.columns == head_.columns) return false;
    if (other.known) return true;
    return other.columns.size() != head_.columns.size() && other.rows.size() > 2 &&
           std::all_of(other.rows.begin(), other.rows.begin() + 3,
                       [&](const auto& row) { return row.size() == other.columns.size(); });
  }

  // A stream whose head was no table: all of it is one damaged record, however it arrives.
  static Frame nothing_found(std::string_view window, bool at_end) {
    if (window.empty())
      return {at_end ? Frame::Kind::done : Frame::Kind::more, 0, 0, 0, NoticeKind::damaged_record, true};
    if (at_end && window.size() == 1) return {Frame::Kind::record, 0, 1, 1, NoticeKind::damaged_record, false};
    if (window.size() == 1) return {};
    return {Frame::Kind::skip, 0, window.size() - 1, window.size() - 1, NoticeKind::damaged_record, true};
  }

  static std::string extra_name(std::size_t column) { return "column_" + std::to_string(column + 1); }
  [[nodiscard]] std::string shown(std::size_t column) const {
    return column < head_.columns.size() ? shown_column(head_.columns[column], column) : shown_column({}, column);
  }

  void add_time(const TimeRule& rule) {
    const std::string& path = rule.path;
    TimeColumn time;
    time.path = path;
    time.local = rule.local;
    std::string_view name = path;
    if (path == kTime) {
      const auto column = first_time_column();
      if (!column) return;
      time.column = *column;
    } else {
      if (name.starts_with("_mdy.")) time.fixed = Order::month_first;
      if (name.starts_with("_dmy.")) time.fixed = Order::day_first;
      time.utc = name.starts_with("_utc.");
      if (time.fixed == Order::open && !time.utc && !name.starts_with("_time.")) return;
      name.remove_prefix(name.find('.') + 1);
      const auto at = std::find(head_.columns.begin(), head_.columns.end(), name);
      if (at == head_.columns.end()) return;
      time.column = static_cast<std::size_t>(at - head_.columns.begin());
    }
    time.utc = time.utc || names_utc(head_.columns[time.column]);
    time.shown = shown(time.column);
    times_.push_back(std::move(time));
  }

  // The first column of which most of the first values are times with a clock, its own or the next column's.
  [[nodiscard]] std::optional<std::size_t> first_time_column() const {
    for (std::size_t column = 0; column < head_.columns.size(); ++column) {
      std::size_t values = 0;
      std::size_t good = 0;
      for (const auto& row : head_.rows) {
        if (column >= row.size() || row[column].empty()) continue;
        ++values;
        auto date = parse_written_date(row[column]);
        if (date && !date->has_clock && column + 1 < row.size()) (void)parse_written_clock(row[column + 1], *date);
        good += date && date->has_clock ? 1U : 0U;
      }
      if (good > 0 && good * 2 > values) return column;
    }
    return std::nullopt;
  }

  // RFC 3339, without a zone where none is known; or empty.
  std::string time_text(const TimeColumn& time, Notices& notices) const {
    if (time.column >= values_.size()) return {};
    const std::string_view cell = values_[time.column];
    if (cell.empty() || cell == "-") return {};
    auto date = parse_written_date(cell);
    if (!date) return std::string(cell);  // the schema's time rule says what it makes of it
    if (!date->has_clock && time.column + 1 < values_.size())
      (void)parse_written_clock(values_[time.column + 1], *date);
    const Order order = time.fixed != Order::open ? time.fixed : time.order.decided();
    // Where both orders stand in the column, a value may still tell its own.
    const auto made = time_of(*date, order == Order::open ? order_of(*date) : order);
    if (!made) {
      if (date->order == Order::open && order == Order::open) {
        notices.add({NoticeKind::bad_value, "", 0, 1,
                     (time.order.day_first > 0 && time.order.month_first > 0
                          ? "dates that may be day/month or month/day, where both occur, in "
                          : "dates that may be day/month or month/day in ") +
                         time.shown + "; no time was taken from them"});
        return {};
      }
      return std::string(cell);
    }
    if (date->local_form && !date->has_zone && !time.utc && !time.local)
      notices.add({NoticeKind::assumption, "", 0, 1, "times without a zone in " + time.shown + " are read as UTC"});
    std::string text = format_utc(*made);
    if (!date->has_zone && !time.utc) text.pop_back();  // no zone was written: the time rule says which it is
    return text;
  }

  void open_cell(std::size_t column, Notices& notices) {
    if (opened_[column] != nullptr) opened_[column]->close();
    if (column >= values_.size()) return;
    const std::string_view cell = values_[column];
    if (cell.size() < 2 || (cell.front() != '{' && cell.front() != '[' && !xml_[column])) return;
    if (opened_[column] == nullptr) {
      if (json_columns_ == kJsonColumns) {
        notices.add({NoticeKind::limit_other, "", 0, 1, "cells with JSON in more than 16 columns were not opened"});
        return;
      }
      ++json_columns_;
      opened_[column] = std::make_unique<OpenedText>(head_.columns[column]);
    }
    const OpenedText::Answer answer = opened_[column]->open(cell, xml_[column]);
    if (answer == OpenedText::Answer::too_long)
      notices.add({NoticeKind::limit_other, "", 0, 1, "cells with JSON longer than 1 MiB were not opened"});
    if (answer == OpenedText::Answer::cut)
      notices.add({NoticeKind::bad_value, "", 0, 1, "JSON that is cut inside its cell in " + shown(column)});
    if (answer == OpenedText::Answer::faulty)
      notices.add({NoticeKind::bad_value, "", 0, 1, "JSON with faults inside a cell of " + shown(column)});
  }

  Prepared& prepare(const Projection& projection) {
    for (Prepared& prepared : prepared_) {
      if (prepared.fingerprint == projection.fingerprint()) return prepared;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    Prepared made;
    made.fingerprint = projection.fingerprint();
    for (std::size_t i = 0; i < times_.size(); ++i) {
      if (const auto slot = projection.find(times_[i].path)) made.times.emplace_back(i, *slot);
    }
    for (const std::string& column : head_.columns) made.columns.push_back(projection.find(column).value_or(kNoSlot));
    prepared_.push_front(std::move(made));
    return prepared_.front();
  }

  const SchemaSet* schemas_;
  TableHead head_;
  bool found_ = false;
  bool summary_ = false;  // what follows sums up the rows
  bool another_ = false;  // the next row is the first of another table
  ShapeId shape_ = 0;
  TableRows rows_{TableEncoding::utf8, ',', 0};
  DamageFinder damage_{0, ',', {}};
  std::vector<TimeColumn> times_;
  bool wants_survey_ = false;
  std::size_t header_left_ = SIZE_MAX;
  std::string text_;  // of the current row, when it is not written in UTF-8
  std::vector<TableCell> cells_;
  std::vector<std::string_view> values_;
  std::vector<std::string> written_;  // times, by times_
  std::deque<std::string> kept_;
  std::vector<std::unique_ptr<OpenedText>> opened_;  // by column, where cells held JSON
  std::vector<bool> xml_;                            // by column: the schema says that it may hold XML
  std::size_t json_columns_ = 0;
  std::deque<Prepared> prepared_;
};

class TableFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return kTableFormat; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] bool rows_of_an_export() const override { return true; }
  // The reader learns from the first rows too.
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override { return head.size(); }

  [[nodiscard]] Recognition recognise(std::string_view head, bool, std::string_view,
                                      const SchemaSet& schemas) const override {
    const std::optional<TableHead> table = find_table(head, schemas);
    if (!table) return {};
    const Schema& schema = schemas.at(table->shape);
    if (table->known) return {92, schema.shape, schema.title};
    return {45, schema.shape, "table of " + std::to_string(table->columns.size()) + " columns"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    std::optional<TableHead> table = find_table(prologue, schemas);
    ShapeId id = schemas.find(kOtherTable).value_or(0);
    if (table) id = table->shape;
    if (const auto named = schemas.find(shape); named && schemas.at(*named).format == kTableFormat) id = *named;
    return std::make_unique<TableReader>(std::move(table), id, schemas);
  }
};

}  // namespace

const Format& table_format() {
  static const TableFormat kFormat;
  return kFormat;
}

}  // namespace assay
