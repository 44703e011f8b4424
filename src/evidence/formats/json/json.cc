// The JSON room: two formats over one reader. "json-lines" is one record a line and may be cut anywhere between lines;
// "json-doc" is everything else that holds objects. What a record is, its shape says (content/schemas), record by
// record.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/json/framing.h"
#include "evidence/formats/json/opened_text.h"
#include "evidence/formats/json/scanner.h"
#include "evidence/formats/json/wrapper.h"
#include "evidence/formats/line_reader.h"
#include "evidence/messages.h"

namespace assay {
namespace {

constexpr std::string_view kRoom = "json";
constexpr std::size_t kHeadLines = 20;     // lines of the head that recognition parses
constexpr std::size_t kShapesKept = 4096;  // sets of telling paths whose shape is remembered
constexpr std::size_t kProjectionsKept = 1024;
constexpr std::size_t kOpened = 64;  // texts of one record that are opened

// Which shape a record has: of the JSON schemas whose required paths it holds, the one of highest rank.
class ShapeChooser {
 public:
  explicit ShapeChooser(const SchemaSet& schemas) {
    std::map<std::string, std::uint16_t> index;
    const auto number = [&](const std::string& path) {
      const auto [at, fresh] = index.emplace(path, static_cast<std::uint16_t>(paths_.size()));
      if (fresh) paths_.push_back(path);
      return at->second;
    };
    for (std::size_t i = 0; i < schemas.all().size(); ++i) {
      const Schema& schema = schemas.all()[i];
      if (schema.format != kRoom) continue;
      Candidate candidate{static_cast<ShapeId>(i), schema.rank, {}, {}};
      for (const std::string& path : schema.require_all) candidate.all.push_back(number(path));
      for (const std::string& path : schema.require_any) candidate.any.push_back(number(path));
      candidates_.push_back(std::move(candidate));
    }
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.rank > b.rank; });
  }
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] bool usable() const { return !candidates_.empty(); }

  [[nodiscard]] ShapeId choose(const std::vector<std::uint64_t>& present) {
    if (last_ && present == last_present_) return *last_;
    const auto known = known_.find(present);
    const ShapeId shape = known != known_.end() ? known->second : fit(present);
    if (known == known_.end()) {
      if (known_.size() >= kShapesKept) known_.clear();
      known_.emplace(present, shape);
    }
    last_present_ = present;
    last_ = shape;
    return shape;
  }

 private:
  struct Candidate {
    ShapeId shape;
    int rank;
    std::vector<std::uint16_t> all, any;
  };
  [[nodiscard]] ShapeId fit(const std::vector<std::uint64_t>& present) const {
    const auto has = [&](std::uint16_t r) { return (present[r / 64] >> (r % 64) & 1) != 0; };
    for (const Candidate& candidate : candidates_) {
      const bool all = std::all_of(candidate.all.begin(), candidate.all.end(), has);
      const bool any = candidate.any.empty() || std::any_of(candidate.any.begin(), candidate.any.end(), has);
      if (all && any) return candidate.shape;
    }
    return candidates_.empty() ? ShapeId{0} : candidates_.back().shape;
  }

  std::vector<std::string> paths_;
  std::vector<Candidate> candidates_;
  std::map<std::vector<std::uint64_t>, ShapeId> known_;
  std::vector<std::uint64_t> last_present_;
  std::optional<ShapeId> last_;
};

class JsonReader : public LineReader {
 public:
  JsonReader(const SchemaSet& schemas, bool lines)
      : schemas_(schemas), chooser_(schemas), scanner_(chooser_.paths()), lines_(lines) {}

  Frame next(std::string_view window, bool at_end) override {
    if (!lines_) return framing_.next(window, at_end);
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const std::size_t newline = window.find('\n');
    if (newline == std::string_view::npos && !at_end) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    std::size_t end = std::min(newline, window.size());
    const std::size_t next = newline == std::string_view::npos ? end : newline + 1;
    took({end, next}, window.size());
    std::size_t begin = 0;
    while (begin < end && blank(window[begin])) ++begin;
    while (end > begin && blank(window[end - 1])) --end;
    const bool nothing = begin == end;
    return {nothing ? Frame::Kind::skip : Frame::Kind::record, begin, end, next, NoticeKind::damaged_record, nothing};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    raw_ = raw;
    kept_.clear();
    const JsonVerdict verdict = scanner_.scan(raw);
    if (scanner_.generation() != generation_) {
      generation_ = scanner_.generation();
      prepared_.clear();
      last_ = nullptr;
    }
    if (!scanner_.faults().none()) tell(scanner_.faults(), notices);
    framing_.parsed(verdict == JsonVerdict::whole);
    shape_ = chooser_.choose(scanner_.present());
    open_texts(notices);
    message_ready_ = false;
    // A record that the driver cut at the limit: what its head holds counts.
    return verdict == JsonVerdict::whole || (verdict == JsonVerdict::cut && raw.size() >= limits::kRecordBytes);
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    const std::vector<Slot>& slots = prepare(projection);
    for (const JsonEntry& entry : scanner_.entries()) {
      const Slot slot = slots[entry.node];
      if (slot == kNoSlot) continue;
      const std::string_view text = raw_.substr(entry.begin, entry.size);
      if (!entry.decode) {
        out.add(slot, {entry.kind, entry.kind == ValueKind::null ? std::string_view() : text});
      } else {
        out.add_encoded(slot, entry.kind, text, json_unescape);  // decoded when somebody asks for it
      }
    }
    for (std::size_t i = 0; i < opened_count_; ++i) opened_[i].second->read(projection, out);
    if (!wants_message(projection)) return;
    for (const auto& [name, value] : message()) {
      if (const auto slot = projection.find(name)) out.add(*slot, {ValueKind::string, value});
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (const JsonEntry& entry : scanner_.entries()) {
      std::string_view text = raw_.substr(entry.begin, entry.size);
      if (entry.kind == ValueKind::null) text = {};
      if (entry.decode) {
        json_unescape(text, scratch_);
        text = scratch_;
      }
      sink(scanner_.paths().at(entry.node).path, {entry.kind, text});
    }
    for (std::size_t i = 0; i < opened_count_; ++i) opened_[i].second->all_fields(sink);
    if (!chooser_.usable() || schemas_.at(shape_).messages == nullptr) return;
    for (const auto& [name, value] : message()) sink(name, {ValueKind::string, value});
  }

 private:
  static constexpr Slot kNoSlot = UINT32_MAX;
  static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\x1e'; }

  // The slot of every path of the tree: made once for each projection, continued when the tree has grown.
  const std::vector<Slot>& prepare(const Projection& projection) {
    const std::size_t size = scanner_.paths().size();
    if (last_ == nullptr || last_fingerprint_ != projection.fingerprint()) {
      if (prepared_.size() >= kProjectionsKept) prepared_.clear();
      last_ = &prepared_[projection.fingerprint()];
      last_fingerprint_ = projection.fingerprint();
    }
    while (last_->size() < size) {
      const auto node = static_cast<std::uint32_t>(last_->size());
      const std::optional<Slot> slot = node == 0 ? std::nullopt : projection.find(scanner_.paths().at(node).path);
      last_->push_back(slot.value_or(kNoSlot));
    }
    return *last_;
  }

  // Opens the texts that the shape says are documents. One reader for each path and turn: what it has learned of the
  // paths below serves the next record.
  void open_texts(Notices& notices) {
    opened_count_ = 0;
    if (!chooser_.usable()) return;
    const std::vector<std::string>& opens = schemas_.at(shape_).opens;
    if (opens.empty()) return;
    for (const JsonEntry& entry : scanner_.entries()) {
      if (entry.kind != ValueKind::string || entry.size < 2) continue;
      const std::string& path = scanner_.paths().at(entry.node).path;
      if (std::find(opens.begin(), opens.end(), path) == opens.end()) continue;
      if (opened_count_ == kOpened) {
        notices.add({NoticeKind::limit_other, "", 0, 1, "documents in more than 64 texts of a record were not opened"});
        return;
      }
      std::string_view text = raw_.substr(entry.begin, entry.size);
      if (entry.decode) {
        json_unescape(text, scratch_);
        text = kept_.emplace_back(scratch_);
      }
      // The place in the list goes to a reader of this path; it stays there for the next record.
      std::size_t at = opened_count_;
      while (at < opened_.size() && opened_[at].first != path) ++at;
      if (at == opened_.size()) opened_.emplace_back(path, std::make_unique<OpenedText>(path));
      std::swap(opened_[opened_count_], opened_[at]);
      const OpenedText::Answer answer = opened_[opened_count_].second->open(text, true);
      const auto add = [&](NoticeKind kind, std::string detail) { notices.add({kind, "", 0, 1, std::move(detail)}); };
      if (answer == OpenedText::Answer::too_long)
        add(NoticeKind::limit_other, "documents longer than 1 MiB inside a text were not opened");
      if (answer == OpenedText::Answer::cut) add(NoticeKind::bad_value, "JSON that is cut inside the text of " + path);
      if (answer == OpenedText::Answer::faulty)
        add(NoticeKind::bad_value, "JSON with faults inside the text of " + path);
      if (answer != OpenedText::Answer::closed && answer != OpenedText::Answer::too_long) ++opened_count_;
    }
  }

  // What the message of a record says, where its shape knows how its writers write.
  [[nodiscard]] bool wants_message(const Projection& projection) {
    if (!chooser_.usable()) return false;
    const MessageSet* messages = schemas_.at(shape_).messages.get();
    if (messages == nullptr) return false;
    if (wants_message_.size() >= kProjectionsKept) wants_message_.clear();
    const auto [at, fresh] = wants_message_.try_emplace({shape_, projection.fingerprint()}, false);
    if (fresh) {
      at->second = std::any_of(projection.paths().begin(), projection.paths().end(),
                               [&](const std::string& path) { return messages->gives(path); });
    }
    return at->second;
  }
  [[nodiscard]] const LinePattern::Sink& message() {
    if (!message_ready_) {
      message_ready_ = true;
      const MessageSet& messages = *schemas_.at(shape_).messages;
      const std::string by = text_at(messages.by);
      std::string_view writer = by;
      const MessageRule* rule = messages.find(writer);
      if (const std::size_t cut = writer.rfind('/'); cut != std::string_view::npos)  // postfix/smtpd
        rule = messages.find(writer.substr(cut + 1));
      message_text_ = text_at(messages.field);
      message_.start(rule, message_text_);
    }
    return message_.get();
  }
  // The first text at a path.
  [[nodiscard]] std::string text_at(std::string_view path) const {
    for (const JsonEntry& entry : scanner_.entries()) {
      if (entry.kind != ValueKind::string || scanner_.paths().at(entry.node).path != path) continue;
      std::string out(raw_.substr(entry.begin, entry.size));
      if (entry.decode) json_unescape(raw_.substr(entry.begin, entry.size), out);
      return out;
    }
    return {};
  }

  static void tell(const JsonFaults& faults, Notices& notices) {
    const auto add = [&](NoticeKind kind, std::uint32_t count, const char* detail) {
      if (count > 0) notices.add({kind, "", 0, count, detail});
    };
    add(NoticeKind::bad_value, faults.bad_values, "JSON values with a bad escape, a control character or a bare word");
    add(NoticeKind::not_utf8, faults.not_utf8, "JSON values with bytes that are not UTF-8");
    add(NoticeKind::duplicate_key, faults.duplicate_keys, "keys that stand twice in one object; every value counts");
    add(NoticeKind::limit_depth, faults.too_deep, "JSON nested deeper than the limit; what is below was not read");
    add(NoticeKind::limit_other, faults.too_many, "JSON fields beyond the limit of one record were not read");
    add(NoticeKind::limit_other, faults.long_keys, "JSON keys longer than the limit; their values were not read");
  }

  const SchemaSet& schemas_;
  ShapeChooser chooser_;
  ShapeId shape_ = 0;  // of the current record
  JsonScanner scanner_;
  JsonFraming framing_;
  bool lines_;
  std::string_view raw_;
  std::string scratch_;
  std::deque<std::string> kept_;  // texts that were decoded, for as long as the record lives
  std::vector<std::pair<std::string, std::unique_ptr<OpenedText>>> opened_;  // by path; the first opened_count_ are of
  std::size_t opened_count_ = 0;                                             // the current record
  MessageFields message_;
  std::string message_text_;
  bool message_ready_ = false;
  std::map<std::pair<ShapeId, std::uint64_t>, bool> wants_message_;  // by projection
  std::uint64_t generation_ = 0, last_fingerprint_ = 0;
  std::map<std::uint64_t, std::vector<Slot>> prepared_;
  std::vector<Slot>* last_ = nullptr;
};

// What the head's lines say. A line that the head cuts off is not looked at.
struct HeadLines {
  std::size_t objects = 0, others = 0;
};
HeadLines look_at_lines(std::string_view head, bool whole) {
  HeadLines out;
  JsonScanner scanner({});
  for (std::size_t looked = 0; !head.empty() && looked < kHeadLines;) {
    const std::size_t newline = head.find('\n');
    if (newline == std::string_view::npos && !whole) break;
    std::string_view line = trim(head.substr(0, newline));
    head.remove_prefix(newline == std::string_view::npos ? head.size() : newline + 1);
    while (line.starts_with('\x1e')) line.remove_prefix(1);
    if (line.empty()) continue;
    ++looked;
    ++(scanner.scan(line) == JsonVerdict::whole ? out.objects : out.others);
  }
  return out;
}

struct HeadDocument {
  std::size_t objects = 0, others = 0;
  bool begins = false;  // the first object is JSON as far as the head goes
};
HeadDocument look_at_document(std::string_view head, bool whole) {
  HeadDocument out;
  JsonScanner scanner({});
  JsonFraming framing;
  while (out.objects + out.others < kHeadLines) {
    const Frame frame = framing.next(head, whole);
    if (frame.kind == Frame::Kind::done) break;
    if (frame.kind == Frame::Kind::more) {
      const std::size_t begin = head.find_first_not_of(" \t\r\n,[]\x1e");
      if (begin == std::string_view::npos) break;
      const std::string_view rest = head.substr(begin);
      if (out.objects == 0 && rest.front() == '{' && rest.size() > 1) {
        out.begins = scanner.scan(rest) == JsonVerdict::cut && !scanner.entries().empty();
      }
      break;
    }
    if (frame.kind == Frame::Kind::record) {
      const bool whole_object = scanner.scan(head.substr(frame.begin, frame.end - frame.begin)) == JsonVerdict::whole;
      framing.parsed(whole_object);
      ++(whole_object ? out.objects : out.others);
    } else if (!frame.silent) {
      ++out.others;
    }
    head.remove_prefix(frame.next);
  }
  return out;
}

// JSON text begins, after a mark and blanks, with a bracket; prose and other logs that do are told apart by parsing.
bool may_be_json(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t at = head.find_first_not_of(" \t\r\n\x1e");
  return at != std::string_view::npos && (head[at] == '{' || head[at] == '[');
}

class JsonLines : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "json-lines"; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] std::string_view room() const override { return kRoom; }
  [[nodiscard]] RawForm raw_form() const override { return RawForm::json; }
  [[nodiscard]] Split split() const override { return Split::freely; }
  [[nodiscard]] bool rows_of_an_export() const override { return true; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet&) const override {
    if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
    const std::string_view start = trim(head.substr(0, head.find('\n')));
    const HeadLines lines = may_be_json(head) || start.ends_with('}') ? look_at_lines(head, whole) : HeadLines{};
    if (lines.objects == 0 || lines.objects < lines.others) return {};
    return {lines.objects > 1 ? 85 : 65, "", "JSON, one record a line"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return line_reader<JsonReader>(*this, schemas, schemas, true);
  }
};

class JsonDocument : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "json-doc"; }
  [[nodiscard]] std::string_view room() const override { return kRoom; }
  [[nodiscard]] RawForm raw_form() const override { return RawForm::json; }
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] bool rows_of_an_export() const override { return true; }
  [[nodiscard]] std::size_t frame_limit() const override { return limits::kDocumentBytes; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet&) const override {
    if (!may_be_json(head)) return {};
    const std::size_t first = head.find('{');
    const bool wrapper = first != std::string_view::npos && trim(head.substr(0, first)).size() <= 3 &&
                         json_wrapper(head.substr(first)).kind == JsonWrapper::Kind::yes;
    const HeadDocument document = look_at_document(head, whole);
    if (document.objects == 0 && !document.begins) return {};
    if (document.objects < document.others) return {};
    if (wrapper) return {90, "", "JSON document, an object around a list of records"};
    return {document.objects > 1 ? 80 : document.objects == 1 ? 60 : 55, "", "JSON document"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return std::make_unique<JsonReader>(schemas, false);
  }
};

}  // namespace

const Format& json_lines_format() {
  static const JsonLines kFormat;
  return kFormat;
}

const Format& json_document_format() {
  static const JsonDocument kFormat;
  return kFormat;
}

}  // namespace assay
