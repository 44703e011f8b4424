// Zeek's tab separated logs (docs.zeek.org, "Zeek TSV Format Logs"): header lines that begin with '#' name separator,
// columns and types; each other line is one record. A header may stand anywhere and holds until the next one (logs
// joined into one file).
//
// A column's values come out as Zeek's JSON writer would give them: unset is absent, sets and vectors are several
// values, an empty set is none, T and F are true and false, \xhh and \\ are undone (docs/formats/zeek.md).
#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"
#include "text/tokens.h"

namespace assay {
namespace {

constexpr std::size_t kHeaderLine = std::size_t{1} << 16;
constexpr std::string_view kShape = "zeek-tsv";
constexpr std::string_view kPathField = "_path";

struct Column {
  std::string name;
  enum class Kind : std::uint8_t { text, number, boolean } kind = Kind::text;
  bool list = false;
};

struct Header {
  std::string separator = "\t", set_separator = ",", empty_field = "(empty)", unset_field = "-", path;
  std::vector<Column> columns;
};

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "\x09" -> tab, "\\" -> "\". What would be another control character, or is not UTF-8 when undone, stays as it is
// written: so does Zeek's JSON writer show it, and nothing is lost.
void unescape(std::string_view text, std::string& out) {
  out.clear();
  const auto byte_at = [&](std::size_t i) {
    const bool escape =
        i + 3 < text.size() && text[i] == '\\' && text[i + 1] == 'x' && is_hex(text[i + 2]) && is_hex(text[i + 3]);
    return escape ? hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]) : -1;
  };
  for (std::size_t i = 0; i < text.size();) {
    const int byte = byte_at(i);
    if (byte >= 0x80) {
      // The escapes in a row may be one character each of several bytes.
      char bytes[4];
      std::size_t size = 0;
      for (std::size_t at = i; size < 4 && byte_at(at) >= 0x80; at += 4) bytes[size++] = static_cast<char>(byte_at(at));
      const std::size_t whole = utf8_sequence({bytes, size});
      if (whole == 0) {
        out += text.substr(i, 4);
        i += 4;
      } else {
        out.append(bytes, whole);
        i += 4 * whole;
      }
    } else if (byte >= 0x20 || (byte >= '\b' && byte <= '\r' && byte != '\v')) {
      out += static_cast<char>(byte);
      i += 4;
    } else if (byte >= 0) {
      out += text.substr(i, 4);
      i += 4;
    } else {
      out += text[i];
      i += text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\' ? 2U : 1U;
    }
  }
}

void set_type(Column& column, std::string_view type) {
  if (const std::size_t open = type.find('['); open != std::string_view::npos) {
    column.list = type.starts_with("set") || type.starts_with("vector") || type.starts_with("table");
    type = type.substr(open + 1, type.find(']') - open - 1);
  }
  column.kind = Column::Kind::text;
  if (type == "bool") column.kind = Column::Kind::boolean;
  for (const std::string_view number : {"count", "int", "port", "double", "interval", "time"}) {
    if (type == number) column.kind = Column::Kind::number;
  }
}

// One header line, after its '#'. Lines of other names (#open, #close) say nothing about the records.
void take_header_line(std::string_view line, Header& header) {
  line = without_return(line);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.find(header.separator));
  const std::string_view name = line.substr(0, end);
  std::string_view rest = end >= line.size() ? std::string_view() : line.substr(end + 1);
  const auto words = [&] {
    std::vector<std::string_view> out;
    while (out.size() <= limits::kFieldsPerRecord) {
      const std::size_t at = rest.find(header.separator);
      out.push_back(rest.substr(0, at));
      if (at == std::string_view::npos) break;
      rest.remove_prefix(at + header.separator.size());
    }
    return out;
  };
  if (name == "separator") {
    header = {};  // a new log begins
    std::string separator;
    unescape(rest, separator);
    if (!separator.empty()) header.separator = separator;
  } else if (name == "set_separator" && !rest.empty()) {
    unescape(rest, header.set_separator);
  } else if (name == "empty_field") {
    header.empty_field = rest;
  } else if (name == "unset_field") {
    header.unset_field = rest;
  } else if (name == "path") {
    header.path = to_valid_utf8(rest.substr(0, limits::kKeyBytes));
  } else if (name == "fields") {
    header.columns.clear();
    for (const std::string_view word : words()) {
      Column column;
      column.name = to_valid_utf8(word.substr(0, limits::kKeyBytes));
      header.columns.push_back(std::move(column));
      if (header.columns.size() == limits::kFieldsPerRecord) break;
    }
  } else if (name == "types") {
    const std::vector<std::string_view> types = words();
    for (std::size_t i = 0; i < types.size() && i < header.columns.size(); ++i) set_type(header.columns[i], types[i]);
  }
}

// No two headers of a run have the same one.
std::uint64_t next_version() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

class ZeekReader final : public LineReader {
 public:
  [[nodiscard]] bool separated() const override { return separated_; }
  ZeekReader(std::string_view prologue, ShapeId shape) : shape_(shape) {
    if (prologue.starts_with(kUtf8Mark)) prologue.remove_prefix(kUtf8Mark.size());
    while (!prologue.empty()) {
      const std::size_t end = std::min(prologue.find('\n'), prologue.size());
      if (prologue.front() == '#') take_header_line(prologue.substr(1, end - 1), header_);
      prologue.remove_prefix(std::min(end + 1, prologue.size()));
    }
    version_ = next_version();
    look_at_separators();
  }

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*cut, window.size());
    const std::string_view line = window.substr(0, cut->end);
    if (line.starts_with('#')) {
      // A range may begin with the header that the prologue gave already: the same lines, the same header.
      if (line.size() <= kHeaderLine) take_header_line(line.substr(1), header_);
      version_ = next_version();
      if (line.starts_with("#separator") || line.starts_with("#set_separator")) look_at_separators();
      return {Frame::Kind::skip, 0, line.size(), cut->next, NoticeKind::damaged_record, true};
    }
    const bool blank = trim(line).empty() && line.find('\t') == std::string_view::npos;
    return {
        blank ? Frame::Kind::skip : Frame::Kind::record, 0, line.size(), cut->next, NoticeKind::damaged_record, blank};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    raw_ = raw;
    if (header_.columns.empty()) return false;
    // PERF NOTE (docs/performance.md, indicators): whether the last record's columns were asked for tells whether this
    // one's will be; counting them costs a fifth of cutting them.
    const bool asked = std::exchange(asked_, false);
    cut_ = false;
    if (asked || header_.separator.size() != 1) {
      if (!cut()) return false;
    } else {
      const ColumnPlaces seen = count_columns(raw, header_.separator[0]);
      if (seen.count != header_.columns.size() - 1) return false;
      escapes_ = seen.escapes;
      odd_ = !seen.ascii;
    }
    if (odd_) {
      if (!cut_) (void)cut();
      std::uint64_t bad = 0;
      for (std::size_t i = 0; i < header_.columns.size(); ++i) bad += is_utf8(cell(i)) ? 0U : 1U;
      if (bad > 0) notices.add({NoticeKind::not_utf8, "", 0, bad, "Zeek values with bytes that are not UTF-8"});
    }
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    const Prepared& prepared = prepare(projection);
    if (prepared.path) out.add(*prepared.path, {ValueKind::string, header_.path});
    if (prepared.wanted.empty()) return;
    asked_ = true;
    if (!cut_) (void)cut();
    // PERF NOTE (docs/performance.md, zeek.parse): nearly every value is one text or number as it stands; for the
    // others, and as the judge of these, there is values().
    const bool plain_line = !escapes_ && !odd_;
    for (const auto& [column, slot, plain, number] : prepared.wanted) {
      if (plain_line && plain) {
        std::string_view text = cell(column);
        if (is(text, header_.unset_field)) continue;
        if (is(text, header_.empty_field)) text = {};
        out.add(slot, {number ? kind_of_number(text) : ValueKind::string, text});
        continue;
      }
      values(column, [&](Value value, bool made) {
        if (made) value.text = out.keep(value.text);
        out.add(slot, value);
      });
    }
  }

  // What the header says, the records do not change.
  [[nodiscard]] std::uint64_t constant(const Projection& projection) override {
    return prepare(projection).wanted.empty() ? version_ : 0;
  }

  void all_fields(const FieldSink& sink) override {
    if (!cut_) (void)cut();
    if (!header_.path.empty()) sink(kPathField, {ValueKind::string, header_.path});
    for (std::size_t i = 0; i < header_.columns.size(); ++i) {
      values(i, [&](Value value, bool) { sink(header_.columns[i].name, value); });
    }
  }

 private:
  void look_at_separators() {
    // Anything can be set as a separator, also what a word may hold.
    const auto apart = [](const std::string& text) {
      return std::none_of(text.begin(), text.end(),
                          [](char c) { return is_word_char(c) || static_cast<unsigned char>(c) >= 0x80; });
    };
    separated_ = apart(header_.separator) && apart(header_.set_separator);
  }

  // Finds where the columns begin. False: they are not as many as the header names.
  [[nodiscard]] bool cut() {
    const std::string& separator = header_.separator;
    const std::size_t columns = header_.columns.size();
    starts_.resize(columns + kPlacesRoom);
    starts_[0] = 0;
    const std::span<std::size_t> inner = std::span(starts_).subspan(1);
    if (separator.size() == 1) {
      const ColumnPlaces seen = split_columns(raw_, separator[0], columns - 1, inner);
      if (seen.count != columns - 1) return false;
      escapes_ = seen.escapes;
      odd_ = !seen.ascii;
    } else {
      std::size_t found = 0;
      for (std::size_t at = raw_.find(separator); at != std::string_view::npos;
           at = raw_.find(separator, at + separator.size())) {
        if (found == columns - 1) return false;
        inner[found++] = at + separator.size();
      }
      if (found != columns - 1) return false;
      escapes_ = find_byte(raw_, '\\', 0) != std::string_view::npos;
      odd_ = !is_ascii(raw_);
    }
    starts_[columns] = raw_.size() + separator.size();  // where a further column would begin
    cut_ = true;
    return true;
  }

  struct Prepared {
    std::uint64_t fingerprint = 0, version = 0;
    std::optional<Slot> path;
    struct Wanted {
      std::size_t column = 0;
      Slot slot = 0;
      bool plain = false, number = false;  // one value, as it stands; a number if it looks like one
    };
    std::vector<Wanted> wanted;  // in column order
  };

  // What a projection wants of the columns in force. Two are in use at a time: that of the route, and that of the plan.
  const Prepared& prepare(const Projection& projection) {
    for (const Prepared& prepared : prepared_) {
      if (prepared.fingerprint == projection.fingerprint() && prepared.version == version_) return prepared;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    Prepared made;
    made.fingerprint = projection.fingerprint();
    made.version = version_;
    if (!header_.path.empty()) made.path = projection.find(kPathField);
    for (std::size_t i = 0; i < header_.columns.size(); ++i) {
      const Column& column = header_.columns[i];
      if (const auto slot = projection.find(column.name))
        made.wanted.push_back(
            {i, *slot, !column.list && column.kind != Column::Kind::boolean, column.kind == Column::Kind::number});
    }
    prepared_.push_front(std::move(made));
    return prepared_.front();
  }

  [[nodiscard]] std::string_view cell(std::size_t column) const {
    return raw_.substr(starts_[column], starts_[column + 1] - header_.separator.size() - starts_[column]);
  }

  // Compared in place: a call for one or seven bytes costs more than the bytes.
  [[nodiscard]] static bool is(std::string_view text, const std::string& word) {
    return text.size() == word.size() && (text.empty() || (text[0] == word[0] && text == word));
  }
  [[nodiscard]] static ValueKind kind_of_number(std::string_view text) {
    const bool number = !text.empty() && (is_digit(text.back()) || is_digit(text.front()));
    return number ? ValueKind::number : ValueKind::string;
  }

  // Calls f(value, made) for each value of a column; made: its text is scratch.
  template <class F>
  void values(std::size_t index, F&& f) {
    const Column& column = header_.columns[index];
    std::string_view text = cell(index);
    if (text == header_.unset_field) return;
    if (!column.list) {
      if (text == header_.empty_field) text = {};
      one(column, text, f);
      return;
    }
    if (text == header_.empty_field || text.empty()) return;
    while (true) {
      const std::size_t at = text.find(header_.set_separator);
      const std::string_view element = text.substr(0, at);
      if (element == header_.unset_field) {
        f(Value{ValueKind::null, {}}, false);
      } else {
        one(column, element == header_.empty_field ? std::string_view() : element, f);
      }
      if (at == std::string_view::npos) return;
      text.remove_prefix(at + header_.set_separator.size());
    }
  }
  template <class F>
  void one(const Column& column, std::string_view text, F&& f) {
    if (column.kind == Column::Kind::boolean && (text == "T" || text == "F")) {
      f(Value{ValueKind::boolean, text == "T" ? "true" : "false"}, false);
      return;
    }
    const ValueKind kind = column.kind == Column::Kind::number ? kind_of_number(text) : ValueKind::string;
    const bool escaped = escapes_ && find_byte(text, '\\', 0) != std::string_view::npos;
    if (!escaped && !(odd_ && !is_utf8(text))) {
      f(Value{kind, text}, false);
      return;
    }
    unescape(text, scratch_);
    if (!is_utf8(scratch_)) scratch_ = to_valid_utf8(scratch_);
    f(Value{kind, scratch_}, true);
  }

  static constexpr std::size_t kPrepared = 8;

  ShapeId shape_;
  Header header_;
  std::uint64_t version_ = 0;  // of header_
  bool separated_ = false;
  std::string_view raw_;
  bool cut_ = false;                    // its columns' places are known
  bool asked_ = true;                   // for them, of this record
  bool odd_ = false, escapes_ = false;  // the record has bytes above 0x7f, has backslashes
  std::vector<std::size_t> starts_;
  std::deque<Prepared> prepared_;
  std::string scratch_;
};

// The header lines at the start.
std::size_t header_size(std::string_view head) {
  std::size_t at = head.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  while (at < head.size() && head[at] == '#') {
    const std::size_t newline = head.find('\n', at);
    if (newline == std::string_view::npos) break;
    at = newline + 1;
  }
  return at;
}

bool has_fields(std::string_view header) {
  return header.starts_with("#fields") || header.find("\n#fields") != std::string_view::npos;
}

class ZeekFormat final : public Format {
 public:
  explicit ZeekFormat(bool joined) : joined_(joined) {}
  [[nodiscard]] std::string_view name() const override { return joined_ ? "zeek-joined" : "zeek"; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return joined_ ? Split::none : Split::prologue; }
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override { return header_size(head); }

  [[nodiscard]] Recognition recognise(std::string_view head, bool, std::string_view,
                                      const SchemaSet& schemas) const override {
    const std::string_view header = head.substr(0, header_size(head));
    const bool zeek =
        header.starts_with("#separator ") || header.starts_with("#path") || header.starts_with("#fields\t");
    if (!zeek || !has_fields(header) || !schemas.find(kShape)) return {};
    const bool joined = head.find("\n#fields", header.size()) != std::string_view::npos;
    if (joined != joined_) return {};
    return {100, std::string(kShape), joined ? "several Zeek logs in one" : "Zeek log " + path_of(header)};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return line_reader<ZeekReader>(*this, schemas, prologue, schemas.find(kShape).value_or(0));
  }

 private:
  // The log's name, when it is one: it is shown.
  static std::string path_of(std::string_view header) {
    const std::size_t at = header.find("#path\t");
    if (at == std::string_view::npos) return "without a name";
    std::string_view name = header.substr(at + 6);
    name = trim(name.substr(0, name.find('\n')));
    const bool plain = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
      return is_alnum(c) || c == '_' || c == '-';
    });
    return plain ? std::string(name) : "with an odd name";
  }
  bool joined_;
};

}  // namespace

const Format& zeek_format() {
  static const ZeekFormat kFormat(false);
  return kFormat;
}

const Format& zeek_joined_format() {
  static const ZeekFormat kFormat(true);
  return kFormat;
}

}  // namespace assay
