// Linux audit logs: "type=SYSCALL msg=audit(1586995927.123:4567): key=value ...", several lines of one event with the
// same time and serial number. Neighbouring lines of one event are one record; an event whose lines stand among those
// of another becomes several. Values that the kernel writes in hexadecimal because they hold odd bytes are decoded.
// Source: audit(8), ausearch(8), "Audit event fields" of the audit documentation; nested msg='...' of user space.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/time.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_bytes.h"
#include "evidence/pairs.h"

namespace assay {
namespace {

constexpr std::string_view kShape = "auditd";
constexpr std::size_t kHeadLines = 100;
constexpr std::size_t kEventLines = 512;  // of one event; more become further records
constexpr std::size_t kCommandBytes = 1U << 20;

// Fields that hold text: unquoted hexadecimal digits are that text. a0.. only in EXECVE; elsewhere they are numbers.
constexpr std::array<std::string_view, 17> kEncoded = {"acct",   "cmd",       "comm", "cwd",  "data", "dev",
                                                       "device", "dir",       "exe",  "file", "grp",  "key",
                                                       "name",   "proctitle", "path", "vm",   "watch"};

struct Head {
  std::string_view node, type, time, serial, rest;
};

// [node=NAME ]type=TYPE msg=audit(TIME:SERIAL): rest
bool parse_head(std::string_view line, Head& out) {
  out = {};
  const auto word = [&line] {
    const std::size_t end = std::min(find_byte(line, ' ', 0), line.size());
    const std::string_view taken = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return taken;
  };
  std::string_view first = word();
  if (first.starts_with("node=")) {
    out.node = first.substr(5);
    first = word();
  }
  if (!first.starts_with("type=") || first.size() == 5) return false;
  out.type = first.substr(5);
  constexpr std::string_view kMark = "msg=audit(";
  if (!line.starts_with(kMark)) return false;
  line.remove_prefix(kMark.size());
  const std::size_t close = find_byte(line.substr(0, 64), ')', 0);
  if (close == std::string_view::npos) return false;
  const std::string_view id = line.substr(0, close);
  const std::size_t colon = id.find(':');
  if (colon == std::string_view::npos || !parse_epoch(id.substr(0, colon))) return false;
  out.time = id.substr(0, colon);
  out.serial = id.substr(colon + 1);
  line.remove_prefix(close + 1);
  if (line.starts_with(':')) line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  out.rest = line;
  return true;
}

bool is_argument(std::string_view key) {
  return key.size() > 1 && key[0] == 'a' && std::all_of(key.begin() + 1, key.end(), is_digit);
}

bool is_hex_text(std::string_view text) {
  return text.size() >= 2 && text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), is_hex);
}

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const char c = static_cast<char>(hex_value(text[i]) * 16 + hex_value(text[i + 1]));
    out += c == '\0' ? ' ' : c;  // proctitle parts its arguments so
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

class AuditReader final : public RecordReader {
 public:
  explicit AuditReader(ShapeId shape) : shape_(shape) {}

  Frame next(std::string_view window, bool at_end) override {
    std::size_t newline = find_byte(window, '\n', 0);
    if (newline == std::string_view::npos && !at_end) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    std::size_t end = std::min(newline, window.size());
    std::size_t next = newline == std::string_view::npos ? end : newline + 1;
    if (end < 64 && trim(window.substr(0, end)).empty())
      return {Frame::Kind::skip, 0, end, next, NoticeKind::damaged_record, true};
    Head head;
    if (!parse_head(window.substr(0, end), head)) return {Frame::Kind::record, 0, end, next};
    for (std::size_t lines = 1; lines < kEventLines; ++lines) {
      newline = find_byte(window, '\n', next);
      if (newline == std::string_view::npos && !at_end) return {};
      if (next >= window.size()) break;
      const std::size_t line_end = std::min(newline, window.size());
      Head other;
      if (!parse_head(window.substr(next, line_end - next), other) || other.serial != head.serial ||
          other.time != head.time || other.node != head.node)
        break;
      end = line_end;
      next = newline == std::string_view::npos ? line_end : newline + 1;
    }
    return {Frame::Kind::record, 0, end, next};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    fields_.clear();
    made_.clear();
    made_bytes_ = 0;
    std::string command;
    std::string_view rest = raw;
    bool first = true;
    while (!rest.empty()) {
      const std::size_t end = std::min(find_byte(rest, '\n', 0), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      Head head;
      if (!parse_head(line, head)) return false;
      if (first) {
        if (!head.node.empty()) add("node", head.node);
        add("time", head.time);
        add("serial", head.serial);
        first = false;
      }
      add("type", head.type);
      take(head.type, head.rest, command, notices);
    }
    if (!command.empty()) add("command_line", keep(std::move(command)));
    if (cut_) {
      notices.add({NoticeKind::limit_other, "", 0, 1, "fields of one audit event beyond the limit were not looked at"});
      cut_ = false;
    }
    if (!is_ascii(raw) && !is_utf8(raw))
      notices.add({NoticeKind::not_utf8, "", 0, 1, "audit events with bytes that are not UTF-8"});
    return !fields_.empty();
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    for (const auto& [name, text] : fields_) {
      if (const auto slot = projection.find(name)) out.add(*slot, {ValueKind::string, text});
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (const auto& [name, text] : fields_) sink(name, {ValueKind::string, text});
  }

 private:
  std::string_view keep(std::string text) {
    made_bytes_ += text.size();
    return made_.emplace_back(std::move(text));
  }
  void add(std::string_view name, std::string_view text) {
    if (fields_.size() >= limits::kFieldsPerRecord || made_bytes_ > 4 * limits::kRecordBytes) {
      cut_ = true;
      return;
    }
    if (!is_ascii(text) && !is_utf8(text)) text = keep(to_valid_utf8(text));
    fields_.emplace_back(name, text);
  }

  // Family, port and address of a socket address as the kernel lays it out.
  void socket_address(std::string_view hex) {
    if (hex.size() < 8 || !is_hex_text(hex)) return;
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size() && bytes.size() < 32; i += 2)
      bytes += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
    const bool v4 = byte(0) == 2 && byte(1) == 0 && bytes.size() >= 8;
    const bool v6 = byte(0) == 10 && byte(1) == 0 && bytes.size() >= 24;
    if (!v4 && !v6) return;
    add("saddr.port", keep(std::to_string(byte(2) * 256 + byte(3))));
    if (v4) {
      add("saddr.addr", keep(fmt::format("{}.{}.{}.{}", byte(4), byte(5), byte(6), byte(7))));
      return;
    }
    std::string text;
    for (std::size_t i = 8; i < 24; i += 2)
      text += fmt::format("{}{:x}", i == 8 ? "" : ":", byte(i) * 256 + byte(i + 1));
    add("saddr.addr", keep(std::move(text)));
  }

  void take(std::string_view type, std::string_view text, std::string& command, Notices& notices) {
    pairs_.clear();
    read_pairs(text, PairStyle::words, ' ', pairs_);
    for (const Pairs::One& one : pairs_.list) {
      if (one.key == "msg" && one.quoted) {  // what a program of user space says
        Pairs inner;
        read_pairs(one.value, PairStyle::words, ' ', inner);
        for (const Pairs::One& said : inner.list) add(said.key, decoded(said, false));
        continue;
      }
      const bool argument = type == "EXECVE" && is_argument(one.key);
      const std::string_view value = decoded(one, argument);
      add(one.key, value);
      if (argument && command.size() + value.size() < kCommandBytes) {
        if (!command.empty()) command += ' ';
        command += value;
      }
      if (one.key == "saddr") socket_address(one.value);
    }
    if (pairs_.cut) notices.add({NoticeKind::limit_other, "", 0, 1, "pairs of one audit line beyond the limit"});
  }

  // The pair's value, kept when it stands nowhere in the record's bytes.
  std::string_view decoded(const Pairs::One& one, bool argument) {
    const bool encoded = argument || std::find(kEncoded.begin(), kEncoded.end(), one.key) != kEncoded.end();
    if (!one.quoted && encoded && is_hex_text(one.value) && one.value != "(null)") return keep(from_hex(one.value));
    // A quoted value that had escapes stands in the pairs' own store, which the next line takes.
    return one.quoted && one.made ? keep(std::string(one.value)) : one.value;
  }

  ShapeId shape_;
  Pairs pairs_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  std::deque<std::string> made_;
  std::size_t made_bytes_ = 0;
  bool cut_ = false;
};

class AuditFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "auditd"; }
  // A cut could part the lines of one event.
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] bool also_file() const override { return true; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet& schemas) const override {
    if (!schemas.find(kShape)) return {};
    std::size_t lines = 0;
    std::size_t good = 0;
    Head parts;
    each_head_line(head, whole, kHeadLines, [&](std::string_view line) {
      if (trim(line).empty()) return false;
      ++lines;
      good += parse_head(line, parts) ? 1U : 0U;
      return true;
    });
    if (good == 0 || good * 5 < lines * 4) return {};
    return {95, std::string(kShape), "Linux audit log"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return std::make_unique<AuditReader>(schemas.find(kShape).value_or(0));
  }
};

}  // namespace

const Format& auditd_format() {
  static const AuditFormat kFormat;
  return kFormat;
}

}  // namespace assay
