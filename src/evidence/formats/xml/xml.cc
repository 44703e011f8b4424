// The XML room: Windows events (<Event>, one after another or in <Events>) and nmap's hosts (<host> in <nmaprun>). One
// such element is framed at a time and parsed by itself, so that a large file is never held whole; what stands between
// them
// (<?xml?>, the root, nmap's other remarks) is passed over.
//
// Names are those of the same events as JSON (content/schemas/evtx-json.yaml): Event.System.EventID,
// Event.EventData.NAME for <Data Name="NAME">, attributes below #attributes.
#include <algorithm>
#include <deque>
#include <optional>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/csv/rows.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/json/scanner.h"
#include "evidence/formats/xml/pull.h"

namespace assay {
namespace {

constexpr std::size_t kLongest = std::size_t{2} << 20;  // of an element; a longer one is skipped
constexpr std::size_t kDepth = 64;
constexpr std::size_t kProjections = 64;
constexpr std::size_t kNowhere = std::string_view::npos;
constexpr Slot kNoSlot = UINT32_MAX;
constexpr std::string_view kProvider = "Event.System.Provider.#attributes.Name";
constexpr std::string_view kEvents = "windows-xml", kLinuxEvents = "linux-sysmon-xml", kHosts = "nmap-xml";

// Text as the file writes it.
std::string encoded(std::string_view text, TableEncoding encoding) {
  if (encoding == TableEncoding::utf8) return std::string(text);
  std::string out;
  for (const char c : text) {
    out += encoding == TableEncoding::utf16_little ? c : '\0';
    out += encoding == TableEncoding::utf16_little ? '\0' : c;
  }
  return out;
}

// Finds elements of one name in the bytes of a file.
class Elements {
 public:
  Elements(std::string_view name, TableEncoding encoding)
      : step_(unit_size(encoding)),
        encoding_(encoding),
        open_(encoded("<" + std::string(name), encoding)),
        close_(encoded("</" + std::string(name) + ">", encoding)) {}

  // The start of an element at or after `from`: "<Event>", "<Event x", but not "<EventData>". The byte after the name
  // must be in view.
  [[nodiscard]] std::size_t start(std::string_view bytes, std::size_t from) const {
    for (std::size_t at = find(bytes, open_, from); at != kNowhere; at = find(bytes, open_, at + step_)) {
      const std::size_t after = at + open_.size();
      if (after + step_ > bytes.size()) return kNowhere;
      const char c = line_unit(bytes, encoding_, after);
      if (c == '>' || c == ' ' || c == '\t' || c == '\r' || c == '\n') return at;
    }
    return kNowhere;
  }
  // After the end tag.
  [[nodiscard]] std::size_t end(std::string_view bytes, std::size_t from) const {
    const std::size_t at = find(bytes, close_, from);
    return at == kNowhere ? kNowhere : at + close_.size();
  }
  [[nodiscard]] bool ends_in_start(std::string_view bytes) const { return bytes.ends_with(open_); }
  // Bytes at the end of a view that may be the beginning of a start.
  [[nodiscard]] std::size_t reach() const { return open_.size() + step_; }

 private:
  [[nodiscard]] std::size_t find(std::string_view bytes, const std::string& what, std::size_t from) const {
    std::size_t at = bytes.find(what, from);
    while (at != kNowhere && at % step_ != 0) at = bytes.find(what, at + 1);
    return at;
  }
  std::size_t step_;
  TableEncoding encoding_;
  std::string open_, close_;
};

class XmlReader final : public RecordReader {
 public:
  XmlReader(TableMark mark, std::string_view name, ShapeId shape, std::optional<ShapeId> linux_shape)
      : mark_(mark), elements_(name, mark.encoding), shape_(shape), linux_(linux_shape) {}

  Frame next(std::string_view window, bool at_end) override {
    if (window.empty())
      return {at_end ? Frame::Kind::done : Frame::Kind::more, 0, 0, 0, NoticeKind::damaged_record, true};
    if (!marked_) {  // places are even from the mark on
      if (window.size() < mark_.size && !at_end) return {};
      marked_ = true;
      const std::size_t size = std::min(mark_.size, window.size());
      if (size > 0) return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
    }
    const std::size_t begin = elements_.start(window, 0);
    if (begin != 0) {
      std::size_t size = begin;
      if (begin == kNowhere && at_end && elements_.ends_in_start(window)) {
        const std::size_t from = window.size() - elements_.reach() + unit_size(mark_.encoding);
        return {Frame::Kind::skip, from, window.size(), window.size(), NoticeKind::truncated, false};
      }
      if (begin == kNowhere) {
        // What may become a start stays in view.
        size = at_end ? window.size() : window.size() - std::min(window.size(), elements_.reach());
        size -= at_end ? 0 : size % unit_size(mark_.encoding);
      }
      if (size == 0) return {};
      return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
    }
    const std::string_view view = window.substr(0, kLongest);
    // One that another one follows before it ends is damaged. The next start is looked for first, so that bytes are
    // looked at twice at most.
    const std::size_t other = elements_.start(view, elements_.reach() - unit_size(mark_.encoding));
    const std::size_t end = elements_.end(view.substr(0, other), 0);
    if (end == kNowhere && other != kNowhere)
      return {Frame::Kind::skip, 0, other, other, NoticeKind::damaged_record, false};
    if (end != kNowhere) return {Frame::Kind::record, 0, end, end, NoticeKind::damaged_record, false};
    if (view.size() >= kLongest) return {Frame::Kind::skip, 0, kLongest, kLongest, NoticeKind::limit_record, false};
    if (!at_end) return {};
    return {Frame::Kind::skip, 0, window.size(), window.size(), NoticeKind::truncated, false};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    if (paths_.size() > JsonPaths::kMost || paths_.bytes() > JsonPaths::kMostBytes) {
      paths_.clear();
      prepared_.clear();
    }
    fields_.clear();
    store_.clear();
    faults_ = {};
    std::string decoded;
    const bool good = parse(row_text(raw, mark_.encoding, decoded));
    from_linux_ = false;
    for (const Field& field : fields_) {
      if (paths_.at(field.node).path != kProvider) continue;
      from_linux_ = value(field).text == "Linux-Sysmon";
      break;
    }
    const auto tell = [&](NoticeKind kind, std::uint64_t count, const char* detail) {
      if (count > 0) notices.add({kind, "", 0, count, detail});
    };
    tell(NoticeKind::bad_value, faults_.references, "XML values with a reference that is none");
    tell(NoticeKind::not_utf8, faults_.not_utf8, "XML values with bytes that are not UTF-8");
    tell(NoticeKind::limit_depth, faults_.deep, "XML nested deeper than the limit; what is below was not read");
    tell(NoticeKind::limit_other, faults_.many, "XML values beyond the limit of one record were not read");
    tell(NoticeKind::limit_other, faults_.long_names, "XML names longer than the limit; their values were not read");
    return good && !fields_.empty();
  }

  [[nodiscard]] ShapeId shape() const override { return from_linux_ && linux_ ? *linux_ : shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    std::vector<Slot>& slots = prepare(projection);
    for (const Field& field : fields_) {
      if (slots[field.node] != kNoSlot) out.add(slots[field.node], value(field));
    }
  }
  void all_fields(const FieldSink& sink) override {
    for (const Field& field : fields_) sink(paths_.at(field.node).path, value(field));
  }

 private:
  struct Field {
    std::uint32_t node;
    std::size_t begin, size;  // in store_
  };
  struct Faults {
    std::uint64_t references = 0, not_utf8 = 0, deep = 0, many = 0, long_names = 0;
  };
  struct Level {
    std::uint32_t node;
    std::string_view name;
    bool told = false;    // attributes hold values
    bool parent = false;  // elements stand inside
    std::string text = {};
  };

  [[nodiscard]] Value value(const Field& field) const {
    return {ValueKind::string, std::string_view(store_).substr(field.begin, field.size)};
  }

  void add(std::uint32_t node, std::string_view text) {
    if (node == JsonPaths::kNone) return;
    if (fields_.size() == limits::kFieldsPerRecord) {
      ++faults_.many;
      return;
    }
    fields_.push_back({node, store_.size(), text.size()});
    store_ += text;
  }
  void undo(std::string_view written, bool literal, std::string& out) {
    bool bad = false;
    if (literal) {
      bad = !is_utf8(written);
      out += bad ? to_valid_utf8(written) : std::string(written);
    } else if (!xml_text(written, out, bad)) {
      ++faults_.references;
    }
    faults_.not_utf8 += bad ? 1U : 0U;
  }
  std::uint32_t child(std::uint32_t parent, std::string_view name) {
    if (parent == JsonPaths::kNone) return parent;
    std::string key;
    bool bad = false;
    xml_text(name, key, bad);
    if (key.empty() || paths_.at(parent).path.size() + key.size() > limits::kKeyBytes) {
      ++faults_.long_names;
      return JsonPaths::kNone;
    }
    if (paths_.size() > JsonPaths::kMost + limits::kFieldsPerRecord) {
      ++faults_.many;
      return JsonPaths::kNone;
    }
    return paths_.child(parent, key);
  }

  bool parse(std::string_view text) {
    XmlPull pull(text);
    std::vector<Level> levels;
    std::size_t skipped = 0;  // elements open below the deepest level
    std::string scratch;
    while (true) {
      switch (pull.next()) {
        case XmlPull::Part::done:
          return levels.empty();
        case XmlPull::Part::damaged:
          return false;
        case XmlPull::Part::text:
          if (!levels.empty() && skipped == 0) undo(pull.text(), pull.literal(), levels.back().text);
          break;
        case XmlPull::Part::start:
          if (levels.size() == kDepth) {
            ++faults_.deep;
            ++skipped;
            break;
          }
          start(pull, levels, scratch);
          break;
        case XmlPull::Part::end:
          if (skipped > 0) {
            --skipped;
            break;
          }
          if (levels.empty() || levels.back().name != pull.name()) return false;
          close(levels.back());
          levels.pop_back();
          break;
      }
    }
  }

  // A leaf's text is its value, also an empty one where no attribute says more. Line ends alone are layout, and so are
  // blanks beside elements or attributes.
  void close(const Level& level) {
    const bool blank = trim(level.text).empty();
    if (blank && (level.parent || level.told)) return;
    const bool layout = blank && level.text.find('\n') != kNowhere;
    add(level.node, layout ? std::string_view() : std::string_view(level.text));
  }

  // Attributes become values; <Data Name="x"> has the path of x.
  void start(const XmlPull& pull, std::vector<Level>& levels, std::string& scratch) {
    if (!levels.empty()) levels.back().parent = true;
    const std::uint32_t above = levels.empty() ? 0 : levels.back().node;
    std::string_view name = pull.name();
    const bool data = name == "Data" || name == "ComplexData";
    for (const XmlPull::Attribute& attribute : pull.attributes()) {
      if (data && attribute.name == "Name" && !attribute.value.empty()) name = attribute.value;
    }
    const std::uint32_t node = child(above, name);
    bool told = false;
    for (const XmlPull::Attribute& attribute : pull.attributes()) {
      if (attribute.name.starts_with("xmlns") || (data && attribute.name == "Name")) continue;
      scratch.clear();
      undo(attribute.value, false, scratch);
      add(child(child(node, "#attributes"), attribute.name), scratch);
      told = true;
    }
    levels.push_back({node, pull.name(), told});
  }

  std::vector<Slot>& prepare(const Projection& projection) {
    if (prepared_.size() >= kProjections && !prepared_.contains(projection.fingerprint())) prepared_.clear();
    std::vector<Slot>& slots = prepared_[projection.fingerprint()];
    while (slots.size() < paths_.size()) {
      const auto node = static_cast<std::uint32_t>(slots.size());
      slots.push_back(node == 0 ? kNoSlot : projection.find(paths_.at(node).path).value_or(kNoSlot));
    }
    return slots;
  }

  TableMark mark_;
  Elements elements_;
  ShapeId shape_;
  std::optional<ShapeId> linux_;
  bool marked_ = false, from_linux_ = false;
  JsonPaths paths_{{}};
  std::vector<Field> fields_;
  std::string store_;
  Faults faults_;
  std::map<std::uint64_t, std::vector<Slot>> prepared_;
};

class XmlFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "xml"; }
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] bool rows_of_an_export() const override { return true; }
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override { return table_mark(head).size; }

  [[nodiscard]] Recognition recognise(std::string_view head, bool, std::string_view,
                                      const SchemaSet& schemas) const override {
    const TableMark mark = table_mark(head);
    std::string store;
    const std::size_t odd = (head.size() - mark.size) % unit_size(mark.encoding);
    const std::string_view text = row_text(head.substr(mark.size, head.size() - mark.size - odd), mark.encoding, store);
    const std::string_view start = trim(text);
    if (!start.starts_with('<')) return {};
    const Elements events("Event", TableEncoding::utf8);
    const std::size_t root = text.find("<nmaprun");
    const std::size_t event = events.start(text, 0);
    if (root != kNowhere && root < event && text.substr(0, root).find("<html") == kNowhere) {
      if (!schemas.find(kHosts)) return {};
      return {92, std::string(kHosts), "nmap scan"};
    }
    // The first element is an event or the list of them, and has the parts of one.
    if (event == kNowhere || !schemas.find(kEvents)) return {};
    std::string_view before = text.substr(0, event);
    while (!before.empty()) {  // <?xml ...?>, comments, <Events ...>
      const std::size_t open = before.find('<');
      if (open == kNowhere) break;
      before.remove_prefix(open);
      if (!before.starts_with("<?") && !before.starts_with("<!--") && !before.starts_with("<Events")) return {};
      before.remove_prefix(std::min(before.find('>'), before.size() - 1) + 1);
    }
    if (text.find("<System>", event) == kNowhere) return {};
    return {92, std::string(kEvents), "Windows events as XML"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    const bool hosts = shape == kHosts;
    return std::make_unique<XmlReader>(table_mark(prologue), hosts ? "host" : "Event",
                                       schemas.find(hosts ? kHosts : kEvents).value_or(0),
                                       hosts ? std::nullopt : schemas.find(kLinuxEvents));
  }
};

}  // namespace

const Format& xml_format() {
  static const XmlFormat kFormat;
  return kFormat;
}

}  // namespace assay
