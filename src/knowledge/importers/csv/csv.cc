// Tables: a header in any order, either "type" and "value", or one column for each kind; without a header the columns
// are told by what they hold. Delimiters: comma, semicolon, tab, '|'. docs/importers/csv.md says which names are known.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"
#include "knowledge/importers/types.h"

namespace assay::csv_list {
namespace {

constexpr std::size_t kRows = 1'000'000;
constexpr std::size_t kCells = 200;
constexpr std::size_t kCellBytes = std::size_t{64} << 10;
constexpr std::size_t kSampled = 50;

using Row = std::vector<std::string>;

// RFC 4180 with any delimiter; a quote inside of a cell is a letter. False at the end.
class Reader {
 public:
  Reader(std::string_view bytes, char delimiter) : bytes_(bytes), delimiter_(delimiter) {}
  bool next(Row& row) {
    row.clear();
    if (at_ >= bytes_.size()) return false;
    ++number_;
    std::string cell;
    bool quoted = false, fresh = true;
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_++];
      if (quoted) {
        if (c == '"' && at_ < bytes_.size() && bytes_[at_] == '"') {
          cell += '"';
          ++at_;
        } else if (c == '"') {
          quoted = false;
        } else if (cell.size() < kCellBytes) {
          cell += c;
        }
        continue;
      }
      if (c == '"' && fresh) {
        quoted = true;
      } else if (c == delimiter_) {
        push(row, cell);
        fresh = true;
        continue;
      } else if (c == '\n') {
        break;
      } else if (c != '\r' && cell.size() < kCellBytes) {
        cell += c;
      }
      fresh = fresh && is_space(c);
    }
    push(row, cell);
    return true;
  }
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  static void push(Row& row, std::string& cell) {
    if (row.size() < kCells) row.emplace_back(trim(cell));
    cell.clear();
  }
  std::string_view bytes_;
  char delimiter_;
  std::size_t at_ = 0, number_ = 0;
};

bool comment(const Row& row) {
  return row.empty() || (row.size() == 1 && row[0].empty()) || row[0].starts_with('#') || row[0].starts_with("//");
}

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_alnum(c)) out += to_lower(c);
  }
  return out;
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), name) != words.end();
}

enum class Meaning : std::uint8_t {
  other,
  value,
  type,
  kind,
  description,
  malware,
  actor,
  first,
  until,
  confidence,
  tlp,
  tags,
  to_ids,
  name
};

Meaning meaning_of(std::string_view header) {
  const std::string name = squeezed(header);
  if (one_of(name, {"value", "indicator", "indicators", "ioc", "iocs", "observable", "indicatorvalue", "iocvalue",
                    "artifact", "artefact", "ioc1"}))
    return Meaning::value;
  if (one_of(name, {"type", "indicatortype", "ioctype", "kind", "datatype", "observabletype", "valuetype"}))
    return Meaning::type;
  if (one_of(name, {"description", "comment", "comments", "note", "notes", "context", "remark", "remarks", "info",
                    "details", "purpose", "role", "usage", "category"}))
    return Meaning::description;
  if (one_of(name, {"malware", "malwarefamily", "family", "threat", "signature", "malwareprintable", "threatname"}))
    return Meaning::malware;
  if (one_of(name, {"actor", "threatactor", "group", "apt", "adversary"})) return Meaning::actor;
  if (one_of(name, {"firstseen", "firstseenutc", "validfrom", "date", "dateadded", "created", "first", "firstobserved",
                    "seen", "timestamp", "publishedat", "published"}))
    return Meaning::first;
  if (one_of(name, {"validuntil", "expires", "expiration", "expiry", "validto"})) return Meaning::until;
  if (one_of(name, {"confidence", "score", "confidencelevel", "reliability"})) return Meaning::confidence;
  if (one_of(name, {"tlp", "marking"})) return Meaning::tlp;
  if (one_of(name, {"tags", "tag", "labels", "label", "mitre", "technique"})) return Meaning::tags;
  if (one_of(name, {"toids", "ids"})) return Meaning::to_ids;
  if (one_of(name, {"name", "title"})) return Meaning::name;
  if (is_kind_word(header)) return Meaning::kind;
  return Meaning::other;
}

struct Layout {
  char delimiter = ',';
  bool header = false;
  std::vector<Meaning> columns;
  std::vector<std::string> names;
};

// The delimiter that cuts the first rows into the same number of cells, more than one; then what the columns are.
std::optional<Layout> layout_of(std::string_view bytes) {
  std::optional<Layout> best;
  std::size_t best_score = 0;
  for (const char delimiter : {',', ';', '\t', '|'}) {
    Reader reader(bytes, delimiter);
    Row row, first;
    std::vector<Row> sample;
    while (sample.size() < kSampled && reader.next(row)) {
      if (!comment(row)) sample.push_back(row);
    }
    if (sample.empty() || sample[0].size() < 2) continue;
    const std::size_t width = sample[0].size();
    const auto same = static_cast<std::size_t>(
        std::count_if(sample.begin(), sample.end(), [&](const Row& r) { return r.size() == width; }));
    if (same * 10 < sample.size() * 8) continue;
    Layout layout;
    layout.delimiter = delimiter;
    std::size_t values = 0, types = 0, kinds = 0;
    for (const std::string& cell : sample[0]) {
      const Meaning m = cell.size() < 60 && !guess_observable(cell, {}) ? meaning_of(cell) : Meaning::other;
      layout.columns.push_back(m);
      layout.names.push_back(cell);
      values += m == Meaning::value;
      types += m == Meaning::type;
      kinds += m == Meaning::kind;
    }
    layout.header = values > 0 || kinds > 0;
    // "name" and "file" beside hashes: the file's name.
    if (!layout.header) {
      bool any = false;
      const std::size_t from = 0;
      for (std::size_t c = 0; c < width; ++c) {
        std::size_t hits = 0, filled = 0;
        for (std::size_t r = from; r < sample.size(); ++r) {
          if (c >= sample[r].size() || sample[r][c].empty()) continue;
          ++filled;
          hits += guess_observable(sample[r][c], {}).has_value();
        }
        const bool column = filled > 0 && hits * 10 >= filled * 6;
        layout.columns[c] = column ? Meaning::value : Meaning::description;
        any = any || column;
      }
      if (!any) continue;
      // A type column: words of kinds.
      for (std::size_t c = 0; c < width; ++c) {
        const bool words =
            layout.columns[c] == Meaning::description && std::all_of(sample.begin(), sample.end(), [&](const Row& r) {
              return c < r.size() && is_kind_word(r[c].substr(0, r[c].find('|')));
            });
        if (words) layout.columns[c] = Meaning::type;
      }
    }
    const std::size_t score = width + (layout.header ? 1000 : 0) + same;
    if (score > best_score) {
      best_score = score;
      best = std::move(layout);
    }
  }
  return best;
}

}  // namespace

int recognise(std::string_view file_name, std::string_view bytes) {
  if (bytes.find('\0') != bytes.npos) return 0;
  const char first = trim(bytes.substr(0, 256)).empty() ? '\0' : trim(bytes.substr(0, 256)).front();
  if (first == '{' || first == '[' || first == '<') return 0;
  const auto layout = layout_of(bytes.substr(0, std::size_t{256} << 10));
  if (!layout) return 0;
  const bool named = ends_with_icase(file_name, ".csv") || ends_with_icase(file_name, ".tsv");
  if (layout->delimiter == '|' && first == '|') return 0;  // a table of Markdown
  return layout->header ? (named ? 95 : 80) : (named ? 80 : 55);
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  const auto layout = layout_of(bytes);
  if (!layout) {
    return Error{ErrorCode::bad_input, "no column of it holds indicators", std::string(file_name),
                 "a header with \"type\" and \"value\", or with names such as md5, domain, ip"};
  }
  Reader reader(bytes, layout->delimiter);
  Row row;
  bool header = layout->header;
  std::string header_text;
  for (const std::string& name : layout->names) header_text += name + ", ";
  while (reader.next(row)) {
    if (reader.number() > kRows) {
      out.problem(fmt::format("more than {} rows, the rest is not read", kRows));
      break;
    }
    if (comment(row)) {
      if (!row.empty() && !row[0].empty()) out.count("comment");
      continue;
    }
    if (header) {
      header = false;
      continue;
    }
    const std::string where = fmt::format("row {}", reader.number());
    Listed what;
    std::string type;
    bool to_ids = true;
    std::vector<std::size_t> values;
    for (std::size_t c = 0; c < row.size() && c < layout->columns.size(); ++c) {
      const std::string& cell = row[c];
      if (cell.empty()) continue;
      switch (layout->columns[c]) {
        case Meaning::value:
        case Meaning::kind:
          values.push_back(c);
          break;
        case Meaning::type:
          type = cell;
          break;
        case Meaning::description:
        case Meaning::other:
          what.description +=
              (what.description.empty() ? "" : "; ") +
              (layout->header && layout->columns[c] == Meaning::other ? layout->names[c] + ": " : std::string()) + cell;
          break;
        case Meaning::name:
          what.name = cell;
          break;
        case Meaning::malware:
          what.indicates.insert(out.name("malware", cell));
          break;
        case Meaning::actor:
          what.indicates.insert(out.name("intrusion-set", cell));
          break;
        case Meaning::first:
          what.valid_from = parse_iso8601(cell).value_or(Time{});
          if (!what.valid_from.known())
            out.problem(fmt::format("{}: '{}' is no date in the form 2020-07-16, not used", where,
                                    to_valid_utf8(cell.substr(0, 60))));
          break;
        case Meaning::until:
          what.valid_until = parse_iso8601(cell).value_or(Time{});
          if (!what.valid_until.known())
            out.problem(fmt::format("{}: '{}' is no date in the form 2020-07-16, not used", where,
                                    to_valid_utf8(cell.substr(0, 60))));
          break;
        case Meaning::confidence: {
          const auto n = parse_double(cell.ends_with('%') ? std::string_view(cell).substr(0, cell.size() - 1)
                                                          : std::string_view(cell));
          if (n && *n >= 0 && *n <= 100) {
            what.confidence = static_cast<int>(*n);
          } else if (equals_icase(cell, "high")) {
            what.confidence = 85;  // STIX 2.1, appendix A: None / Low / Med / High
          } else if (equals_icase(cell, "medium") || equals_icase(cell, "med") || equals_icase(cell, "moderate")) {
            what.confidence = 50;
          } else if (equals_icase(cell, "low")) {
            what.confidence = 15;
          } else {
            out.problem(fmt::format("{}: '{}' is no confidence from 0 to 100, not used", where,
                                    to_valid_utf8(cell.substr(0, 60))));
          }
          break;
        }
        case Meaning::tlp:
          what.tlp = tlp_from(cell);
          if (!what.tlp)
            out.problem(fmt::format("{}: '{}' is no TLP marking, not used", where, to_valid_utf8(cell.substr(0, 60))));
          break;
        case Meaning::tags:
          for (const std::string_view tag : split(cell, ',')) {
            if (!trim(tag).empty()) what.labels.emplace_back(trim(tag));
          }
          break;
        case Meaning::to_ids:
          to_ids = !(cell == "0" || equals_icase(cell, "false") || equals_icase(cell, "no"));
          break;
      }
    }
    if (!to_ids) {
      what.weightless = true;
      what.mark = "not for detection, says the list (to_ids is off)";
    }
    if (values.empty()) {
      out.count("row without a value");
      out.problem(where + ": no value");
      continue;
    }
    for (const std::size_t c : values) {
      std::vector<ValuePart> parts;
      if (layout->columns[c] == Meaning::kind) {
        parts = parts_of(layout->names[c], row[c]);
      } else if (!type.empty()) {
        parts = parts_of(type, row[c]);
      }
      if (parts.empty()) {
        if (const auto kind = guess_observable(row[c], type.empty() ? header_text : type))
          parts.push_back({*kind, row[c]});
      }
      if (parts.empty()) {
        out.count("unusable value");
        out.problem(fmt::format("{}: '{}' is not used: {}", where, to_valid_utf8(row[c].substr(0, 80)),
                                type.empty()
                                    ? "no value of a known kind"
                                    : "values of type '" + to_valid_utf8(type.substr(0, 40)) + "' are not known"));
      }
      for (const ValuePart& part : parts) out.indicator(part.kind, part.value, what, where);
    }
  }
  return Ok{};
}

}  // namespace assay::csv_list
