// W3C extended logs (www.w3.org/TR/WD-logfile): lines "#Fields: ..." name the columns of the lines that follow, and may
// change in the middle. IIS, Windows firewall (pfirewall.log), AWS CloudFront (tabs between values), and the logs of
// Exchange, which part names and values by commas. A file may be cut between lines; each part gets the header in force.
#include <algorithm>
#include <deque>
#include <optional>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/time.h"
#include "evidence/formats/column_shapes.h"
#include "evidence/formats/csv/rows.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"

namespace assay {
namespace {

constexpr std::string_view kFormat = "w3c";
constexpr std::size_t kHeaderLine = std::size_t{1} << 16;
constexpr std::size_t kPrepared = 8;
constexpr std::size_t kNone = SIZE_MAX;
constexpr int kLate = 300;           // seconds
constexpr int kHalfDay = 12 * 3600;  // a time that goes back further is of the next day
// Paths that the reader makes: date and time of a line as RFC 3339, UTC as the format has it; or local time, where the
// header says so.
constexpr std::string_view kTime = "_time", kLocalTime = "_local_time";

struct Header {
  std::vector<std::string> columns;
  std::size_t date = kNone, time = kNone;  // columns
  std::string day;                         // of "#Date:", for lines that have a time only; later that of the last line
  int last = -1;                           // second of that day, of the last such line
  bool over = false;                       // midnight has passed since "#Date:"
  bool commas = false, local = false;
};

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "#Fields: a b c" -> value of the directive, when it is that one.
std::optional<std::string_view> directive(std::string_view line, std::string_view name) {
  if (!line.starts_with('#') || !starts_with_icase(line.substr(1), name)) return std::nullopt;
  line.remove_prefix(1 + name.size());
  if (!line.starts_with(':')) return std::nullopt;
  return trim(line.substr(1));
}

std::vector<std::string> column_names(std::string_view value, bool commas) {
  std::vector<std::string> out;
  while (!value.empty() && out.size() < limits::kFieldsPerRecord) {
    const std::size_t end = std::min(value.find_first_of(commas ? "," : " \t"), value.size());
    const std::string_view name = trim(value.substr(0, end));
    if (!name.empty() || commas) {
      out.push_back(to_valid_utf8(name.substr(0, limits::kKeyBytes)));
      if (out.back().empty()) out.back() = "column_" + std::to_string(out.size());
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return out;
}

void take_header_line(std::string_view line, Header& header) {
  line = without_return(line);
  if (const auto fields = directive(line, "Fields")) {
    header.commas = fields->find(',') != std::string_view::npos;
    header.columns = column_names(*fields, header.commas);
    header.date = header.time = kNone;
    for (std::size_t i = 0; i < header.columns.size(); ++i) {
      if (header.columns[i] == "date") header.date = i;
      if (header.columns[i] == "time") header.time = i;
    }
  } else if (const auto date = directive(line, "Date")) {
    header.day = to_valid_utf8(date->substr(0, 10));
    header.last = -1;
    header.over = false;
  } else if (const auto format = directive(line, "Time Format")) {
    header.local = equals_icase(*format, "local");
  } else if (directive(line, "Software") || directive(line, "Version")) {
    header.local = false;  // another log begins
  }
}

class W3cReader final : public LineReader {
 public:
  W3cReader(std::string_view prologue, const SchemaSet& schemas) : shapes_(schemas, kFormat) {
    if (prologue.starts_with(kUtf8Mark)) prologue.remove_prefix(kUtf8Mark.size());
    while (!prologue.empty()) {
      const std::size_t end = std::min(prologue.find('\n'), prologue.size());
      take_header_line(prologue.substr(0, end), header_);
      prologue.remove_prefix(std::min(end + 1, prologue.size()));
    }
    choose();
  }

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (auto frame = lead(window, at_end)) {
        frame->silent = true;  // the space that a server set aside for a log which it has not closed yet
        return *frame;
      }
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*cut, window.size());
    const std::string_view line = window.substr(0, cut->end);
    if (line.starts_with('#')) {
      // A range may begin with the header that the prologue gave already: the same lines, the same header.
      if (line.size() <= kHeaderLine) {
        take_header_line(line, header_);
        choose();
      }
      return {Frame::Kind::skip, 0, cut->end, cut->next, NoticeKind::damaged_record, true};
    }
    // Preallocated space of a log that was not closed is zeros.
    const bool blank = line.find_first_not_of(std::string_view("\0 \t\r", 4)) == std::string_view::npos;
    return {blank ? Frame::Kind::skip : Frame::Kind::record, 0, cut->end, cut->next, NoticeKind::damaged_record, blank};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    kept_.clear();
    values_.clear();
    if (header_.columns.empty()) {
      notices.add(
          {NoticeKind::damaged_record, "", 0, 1,
           "lines before the first #Fields, whose columns are not known: put the header lines of another log of "
           "that server in front"});
      return false;
    }
    if (!split_line(raw)) return false;
    std::uint64_t bad = 0;
    const bool ascii = is_ascii(raw);
    for (const TableCell& cell : cells_) {
      std::string_view value = raw.substr(cell.begin, cell.size);
      if (cell.doubled) value = kept_.emplace_back(undoubled(value));
      if (!ascii && !is_utf8(value)) {
        ++bad;
        value = kept_.emplace_back(to_valid_utf8(value));
      }
      values_.push_back(value == "-" ? std::string_view() : value);
    }
    if (bad > 0) notices.add({NoticeKind::not_utf8, "", 0, bad, "W3C log values with bytes that are not UTF-8"});
    make_time();
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    const Wanted& wanted = prepare(projection);
    const auto& made = header_.local ? wanted.local_time : wanted.time;
    if (made && !time_.empty()) out.add(*made, {ValueKind::string, time_});
    for (const auto& [column, slot] : wanted.columns) {
      if (!values_[column].empty()) out.add(slot, value(column));
    }
  }

  void all_fields(const FieldSink& sink) override {
    if (!time_.empty()) sink(header_.local ? kLocalTime : kTime, {ValueKind::string, time_});
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].empty()) sink(header_.columns[i], value(i));
    }
  }

 private:
  struct Wanted {
    std::uint64_t fingerprint = 0, version = 0;
    std::optional<Slot> time, local_time;
    std::vector<std::pair<std::size_t, Slot>> columns;
  };

  void choose() {
    ++version_;
    shape_ = shapes_.known(header_.columns).value_or(shapes_.other().value_or(0));
  }

  [[nodiscard]] bool plain_split(std::string_view raw, char separator) {
    const std::size_t columns = header_.columns.size();
    starts_.resize(columns + kPlacesRoom);
    starts_[0] = 0;
    if (split_columns(raw, separator, columns - 1, std::span(starts_).subspan(1)).count != columns - 1) return false;
    cells_.clear();
    for (std::size_t i = 0; i < columns; ++i) {
      const std::size_t end = i + 1 < columns ? starts_[i + 1] - 1 : raw.size();
      cells_.push_back({starts_[i], end - starts_[i], false});
    }
    return true;
  }
  // Values hold no separator, or stand in quotes. Clients write some of them, so quotes count only where the plain
  // split does not fit.
  [[nodiscard]] bool split_line(std::string_view raw) {
    bool more = false;
    const std::size_t columns = header_.columns.size();
    if (header_.commas) return split_row(raw, ',', columns, cells_, more) && !more && cells_.size() == columns;
    if (plain_split(raw, ' ') || plain_split(raw, '\t')) return true;
    if (raw.ends_with(' ') && plain_split(raw.substr(0, raw.size() - 1), ' ')) return true;
    return split_row(raw, ' ', columns, cells_, more) && !more && cells_.size() == columns;
  }

  [[nodiscard]] Value value(std::size_t column) const {
    const std::string_view text = values_[column];
    const bool number = text.size() < 20 && std::all_of(text.begin(), text.end(), is_digit);
    return {number ? ValueKind::number : ValueKind::string, text};
  }

  void make_time() {
    time_.clear();
    if (header_.time >= values_.size() || values_[header_.time].empty()) return;
    const std::string day =
        header_.date < values_.size() ? std::string(values_[header_.date]) : day_of(values_[header_.time]);
    std::string text;
    text.append(day).append(" ").append(values_[header_.time]);
    const std::optional<Time> time = parse_iso8601(text);
    time_ = time ? format_utc(*time) : text;      // unreadable: the schema's time rule says so
    if (time && header_.local) time_.pop_back();  // its zone is not known: whoever reads the time tells what it did
  }

  // The day of a line that has a time only: midnight is where the time goes back by more than half a day.
  std::string day_of(std::string_view clock) {
    const auto day = parse_iso8601(header_.day + " 00:00:00");
    const auto time = parse_iso8601(header_.day + " " + std::string(clock));
    if (!day || !time) return header_.day;
    const int second = static_cast<int>((time->ns - day->ns) / kSecond);
    const auto beside = [&](std::int64_t days) { return format_utc(Time{day->ns + days * kDay}).substr(0, 10); };
    // Written a little late: of the evening before.
    if (header_.over && header_.last <= kLate && second >= 24 * 3600 - kLate) return beside(-1);
    if (header_.last - second > kHalfDay) {
      header_.day = beside(1);
      header_.over = true;
    }
    header_.last = second;
    return header_.day;
  }

  // Two projections are in use at a time: that of the route, and that of the plan.
  const Wanted& prepare(const Projection& projection) {
    for (const Wanted& wanted : prepared_) {
      if (wanted.fingerprint == projection.fingerprint() && wanted.version == version_) return wanted;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    Wanted made;
    made.fingerprint = projection.fingerprint();
    made.version = version_;
    made.time = projection.find(kTime);
    made.local_time = projection.find(kLocalTime);
    for (std::size_t i = 0; i < header_.columns.size(); ++i) {
      if (const auto slot = projection.find(header_.columns[i])) made.columns.emplace_back(i, *slot);
    }
    prepared_.push_front(std::move(made));
    return prepared_.front();
  }

  ColumnShapes shapes_;
  Header header_;
  std::uint64_t version_ = 0;  // of header_
  ShapeId shape_ = 0;
  std::vector<std::size_t> starts_;
  std::vector<TableCell> cells_;
  std::vector<std::string_view> values_;
  std::string time_;
  std::deque<std::string> kept_;
  std::deque<Wanted> prepared_;
};

// The header lines at the start.
std::size_t header_size(std::string_view head) {
  std::size_t at = head.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  while (at < head.size() && (head[at] == '#' || head[at] == '\n' || head[at] == '\r')) {
    const std::size_t newline = head.find('\n', at);
    if (newline == std::string_view::npos) break;
    at = newline + 1;
  }
  return at;
}

// Logs whose lines have a time and no date are a format of their own, which is not cut: their day is that of the lines
// before.
class W3cFormat final : public Format {
 public:
  explicit W3cFormat(bool undated) : undated_(undated) {}
  [[nodiscard]] std::string_view name() const override { return undated_ ? "w3c-undated" : kFormat; }
  [[nodiscard]] std::string_view room() const override { return kFormat; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return undated_ ? Split::none : Split::prologue; }
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override { return header_size(head); }

  [[nodiscard]] Recognition recognise(std::string_view head, bool, std::string_view,
                                      const SchemaSet& schemas) const override {
    const ColumnShapes shapes(schemas, kFormat);
    if (!shapes.other()) return {};
    // Where the log was cut before its header, one further on tells.
    const bool cut =
        header_size(head) == 0 || head.substr(0, header_size(head)).find("#Fields") == std::string_view::npos;
    if (cut && !head.starts_with('#')) {
      const std::size_t later = std::min(head.find("\n#Software:"), head.find("\n#Version:"));
      if (later == std::string_view::npos) return {};
      head.remove_prefix(later + 1);
    }
    if (cut && head.find("\n#Fields:") == std::string_view::npos) return {};
    Header found;
    bool known = false;
    std::string_view header = cut ? head : head.substr(0, header_size(head));
    if (header.starts_with(kUtf8Mark)) header.remove_prefix(kUtf8Mark.size());
    while (!header.empty() && (!cut || found.columns.empty())) {
      const std::size_t end = std::min(header.find('\n'), header.size());
      const std::string_view line = without_return(header.substr(0, end));
      known = known || directive(line, "Version") || directive(line, "Software");
      take_header_line(line, found);
      header.remove_prefix(std::min(end + 1, header.size()));
    }
    if (!known || found.columns.size() < 2) return {};
    if (undated_ != (found.time != kNone && found.date == kNone)) return {};
    const ShapeId shape = shapes.known(found.columns).value_or(*shapes.other());
    return {96, "", schemas.at(shape).title};  // a header inside may change the shape
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return line_reader<W3cReader>(*this, schemas, prologue, schemas);
  }

 private:
  bool undated_;
};

}  // namespace

const Format& w3c_format() {
  static const W3cFormat kRoom(false);
  return kRoom;
}

const Format& w3c_undated_format() {
  static const W3cFormat kRoom(true);
  return kRoom;
}

}  // namespace assay
