// Text lines and blocks of lines that a schema file describes (docs/adding-a-format.md): patterns with named parts,
// key=value pairs, delimited fields. Which shape an item has is decided by its lines: four fifths of the head's must
// fit.
//
// lines: one line is one record; an item may be cut between any two. blocks: a record begins at a line that fits
// `begin` and ends before the next such, or with a line that fits `end`; one reader reads all of it.
#include <algorithm>
#include <deque>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"
#include "evidence/lines_rule.h"

namespace assay {
namespace {

constexpr std::size_t kPrepared = 8;  // projections remembered
constexpr int kBaseScore = 70;        // a schema's rank is added, so that the particular beats the general

// What both readers do with a record's fields.
class FieldsReader : public LineReader {
 public:
  FieldsReader(ShapeId shape, const Schema& schema)
      : shape_(shape), rule_(*schema.lines), messages_(schema.messages.get()) {}

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    for (const auto& [name, text] : fields_) {
      if (const auto slot = projection.find(name)) out.add(*slot, {ValueKind::string, shown(text, out)});
    }
    if (messages_ == nullptr || !wants_messages(projection)) return;
    for (const auto& [name, text] : message()) {
      if (const auto slot = projection.find(name)) out.add(*slot, {ValueKind::string, shown(text, out)});
    }
  }

  void all_fields(const FieldSink& sink) override {
    FieldTable store;
    store.reset(0);
    for (const auto& [name, text] : fields_) sink(name, {ValueKind::string, shown(text, store)});
    if (messages_ == nullptr) return;
    for (const auto& [name, text] : message()) sink(name, {ValueKind::string, shown(text, store)});
  }

 protected:
  void tell(std::string_view raw, Notices& notices) {
    started_ = false;
    plain_ = is_ascii(raw);
    if (!plain_ && !is_utf8(raw)) notices.add({NoticeKind::not_utf8, "", 0, 1, "lines with bytes that are not UTF-8"});
  }

  ShapeId shape_;
  const LinesRule& rule_;
  LinePattern::Sink fields_;

 private:
  std::string_view shown(std::string_view text, FieldTable& store) const {
    return plain_ || is_utf8(text) ? text : store.keep(to_valid_utf8(text));
  }
  std::string_view field(std::string_view name) const {
    for (const auto& [known, text] : fields_) {
      if (known == name) return text;
    }
    return {};
  }
  const LinePattern::Sink& message() {
    if (!started_) {
      started_ = true;
      message_.start(messages_->find(field(messages_->by)), field(messages_->field));
    }
    return message_.get();
  }
  bool wants_messages(const Projection& projection) {
    for (const auto& [fingerprint, wanted] : prepared_) {
      if (fingerprint == projection.fingerprint()) return wanted;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    const bool wanted = std::any_of(projection.paths().begin(), projection.paths().end(),
                                    [&](const std::string& path) { return messages_->gives(path); });
    return prepared_.emplace_front(projection.fingerprint(), wanted).second;
  }

  const MessageSet* messages_;
  bool plain_ = true, started_ = false;
  MessageFields message_;
  std::deque<std::pair<std::uint64_t, bool>> prepared_;
};

class LinesReader final : public FieldsReader {
 public:
  using FieldsReader::FieldsReader;

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*cut, window.size());
    const bool nothing = rule_.passes_over(window.substr(0, cut->end), store_);
    return {
        nothing ? Frame::Kind::skip : Frame::Kind::record, 0, cut->end, cut->next, NoticeKind::damaged_record, nothing};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    tell(raw, notices);
    if (!rule_.untimed.empty()) notices.add({NoticeKind::no_time, "", 0, 1, rule_.untimed});
    const bool fits = rule_.read(raw, fields_, store_);
    if (store_.pairs.cut) {
      notices.add(
          {NoticeKind::limit_other, "", 0, 1, "key=value pairs of one line beyond the limit were not looked at"});
    }
    if (fits || rule_.otherwise.empty()) return fits;
    fields_.clear();
    fields_.emplace_back(rule_.otherwise, raw);
    return true;
  }

 private:
  LinesRule::Store store_;
};

class BlocksReader final : public FieldsReader {
 public:
  using FieldsReader::FieldsReader;

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto first = cut_line(window, 0, at_end);
    if (!first) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*first, window.size());
    const std::string_view line = window.substr(0, first->end);
    if (!fits(rule_.first.get(), line)) {  // before the first block, or behind the end of one
      const bool silent = rule_.passes_over(line, store_);
      return {Frame::Kind::skip, 0, first->end, first->next, NoticeKind::damaged_record, silent};
    }
    LineCut last = *first;
    if (fits(rule_.last.get(), line)) return {Frame::Kind::record, 0, last.end, last.next};
    while (last.next < window.size() || !at_end) {
      const auto cut = cut_line(window, last.next, at_end);
      if (!cut) return {};
      const std::string_view text = window.substr(last.next, cut->end - last.next);
      if (fits(rule_.first.get(), text)) break;
      last = *cut;
      if (fits(rule_.last.get(), text)) break;
    }
    return {Frame::Kind::record, 0, last.end, last.next};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    tell(raw, notices);
    fields_.clear();
    std::size_t at = 0;
    while (at < raw.size() && fields_.size() < limits::kFieldsPerRecord) {
      const auto cut = cut_line(raw, at, true);
      const std::string_view line = raw.substr(at, cut->end - at);
      at = cut->next;
      if (at == cut->end && at < raw.size()) ++at;
      LinePattern::Sink& parts = parts_;
      parts.clear();
      if (rule_.first->match(line, parts)) {
        fields_.insert(fields_.end(), parts.begin(), parts.end());
        continue;
      }
      for (const LinePattern& pattern : rule_.patterns) {
        parts.clear();
        if (!pattern.match(line, parts)) continue;
        fields_.insert(fields_.end(), parts.begin(), parts.end());
        break;
      }
    }
    if (fields_.size() >= limits::kFieldsPerRecord)
      notices.add({NoticeKind::limit_other, "", 0, 1, "fields of one block beyond the limit were not looked at"});
    return !fields_.empty();
  }

 private:
  [[nodiscard]] bool fits(const LinePattern* pattern, std::string_view line) {
    parts_.clear();
    return pattern != nullptr && pattern->match(line, parts_);
  }
  LinePattern::Sink parts_;
  LinesRule::Store store_;
};

// No control characters but those that stand in text.
bool is_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && !is_space(c) && c != '\x1b') || byte == 0x7f;
  });
}

// Do four fifths of the head's lines, and one at least, fit?
bool head_fits(const LinesRule& rule, std::string_view head, bool whole) {
  if (!whole) {
    const std::size_t last = head.rfind('\n');
    if (last == std::string_view::npos) return false;
    head = head.substr(0, last + 1);
  }
  // Most shapes are ruled out by their first lines.
  const auto most = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n')) + 1;
  std::size_t lines = 0, bad = 0;
  bool begun = rule.first == nullptr;
  LinePattern::Sink parts;
  LinesRule::Store store;
  std::vector<std::string_view> needs(rule.needs.begin(), rule.needs.end());
  for (std::size_t at = 0; at < head.size() && bad * 5 <= most;) {
    const auto cut = cut_line(head, at, true);
    const std::string_view line = head.substr(at, cut->end - at);
    at = cut->next;
    if (rule.passes_over(line, store)) continue;
    ++lines;
    parts.clear();
    if (rule.first != nullptr && rule.first->match(line, parts)) {
      begun = true;
      continue;
    }
    parts.clear();
    if (rule.last != nullptr && rule.last->match(line, parts)) continue;
    if (!rule.read(line, parts, store)) {
      ++bad;
      continue;
    }
    std::erase_if(needs, [&](std::string_view name) {
      return std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.first == name; });
    });
  }
  return begun && needs.empty() && lines > 0 && bad * 5 <= lines;
}

class DescribedFormat final : public Format {
 public:
  explicit DescribedFormat(bool blocks) : blocks_(blocks) {}
  [[nodiscard]] std::string_view name() const override { return blocks_ ? "blocks" : "lines"; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return blocks_ ? Split::none : Split::freely; }
  [[nodiscard]] bool also_file() const override { return true; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view file_name,
                                      const SchemaSet& schemas) const override {
    Recognition best;
    if (head.find('\0') != std::string_view::npos) return best;  // text has none
    for (const Schema& schema : schemas.all()) {
      if (schema.format != name() || schema.lines == nullptr) continue;
      const int score = std::clamp(kBaseScore + schema.rank, 30, 94);
      if (score <= best.score || !schema.lines->may_be_named(file_name)) continue;
      if (!schema.lines->names.empty() && !is_text(head)) continue;
      if (!head_fits(*schema.lines, head, whole)) continue;
      best = {score, schema.shape, schema.title};
    }
    return best;
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    const auto id = schemas.find(shape);
    if (!id || schemas.at(*id).lines == nullptr || (blocks_ && schemas.at(*id).lines->first == nullptr))
      return find_format("syslog")->open({}, {}, schemas);  // a unit that names a shape that is not there
    if (blocks_) return std::make_unique<BlocksReader>(*id, schemas.at(*id));
    return line_reader<LinesReader>(*this, schemas, *id, schemas.at(*id));
  }

 private:
  bool blocks_;
};

}  // namespace

const Format& lines_format() {
  static const DescribedFormat kFormat(false);
  return kFormat;
}
const Format& blocks_format() {
  static const DescribedFormat kFormat(true);
  return kFormat;
}

}  // namespace assay
