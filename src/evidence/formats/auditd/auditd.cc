// Linux audit logs: "type=SYSCALL msg=audit(1586995927.123:4567): key=value ...", several lines of one event with the
// same time and serial number. Lines of one event are one record, also where those of another stand between them,
// within a bounded reach. What syslog puts in front is taken off. Values that the kernel writes in hexadecimal because
// they hold odd bytes are decoded. Source: audit(8), ausearch(8), "Audit event fields" of the audit documentation;
// nested msg='...' of user space.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/time.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"
#include "evidence/formats/syslog/head.h"
#include "evidence/pairs.h"

namespace assay {
namespace {

constexpr std::string_view kShape = "auditd";
constexpr std::size_t kHeadLines = 100;
constexpr std::size_t kEventLines = 512;  // of one event; more become further records
constexpr std::size_t kAhead = 64;        // lines behind an event that are looked through for more of it
constexpr std::size_t kAheadBytes = std::size_t{1} << 20;
constexpr std::size_t kGiven = 64;  // events whose further lines are awaited
constexpr std::size_t kCommandBytes = 1U << 20;

// Fields that hold text: unquoted hexadecimal digits are that text. a0.. only in EXECVE; elsewhere they are numbers.
constexpr std::array<std::string_view, 17> kEncoded = {"acct",   "cmd",       "comm", "cwd",  "data", "dev",
                                                       "device", "dir",       "exe",  "file", "grp",  "key",
                                                       "name",   "proctitle", "path", "vm",   "watch"};

struct Head {
  std::string_view node, type, time, serial, rest;
  std::string_view id;            // "TIME:SERIAL", with the bracket behind it
  std::string_view sent, sender;  // stamp and host of a syslog head in front
};

// The kernel's own lines name types by number: linux/audit.h. Others keep theirs.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kTypes{{
    {"1100", "USER_AUTH"},  {"1101", "USER_ACCT"},     {"1103", "CRED_ACQ"},     {"1104", "CRED_DISP"},
    {"1105", "USER_START"}, {"1106", "USER_END"},      {"1112", "USER_LOGIN"},   {"1113", "USER_LOGOUT"},
    {"1123", "USER_CMD"},   {"1130", "SERVICE_START"}, {"1131", "SERVICE_STOP"}, {"1300", "SYSCALL"},
    {"1302", "PATH"},       {"1305", "CONFIG_CHANGE"}, {"1306", "SOCKADDR"},     {"1307", "CWD"},
    {"1309", "EXECVE"},     {"1318", "OBJ_PID"},       {"1320", "EOE"},          {"1325", "NETFILTER_CFG"},
    {"1326", "SECCOMP"},    {"1327", "PROCTITLE"},     {"1400", "AVC"},          {"1701", "ANOM_ABEND"},
}};

// [node=NAME ]type=TYPE msg=audit(TIME:SERIAL): rest
bool parse_own_head(std::string_view line, Head& out) {
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
  if (line.starts_with("msg=")) line.remove_prefix(4);
  constexpr std::string_view kMark = "audit(";
  if (!line.starts_with(kMark)) return false;
  line.remove_prefix(kMark.size());
  const std::size_t close = find_byte(line.substr(0, 64), ')', 0);
  if (close == std::string_view::npos) return false;
  const std::string_view id = line.substr(0, close);
  const std::size_t colon = id.find(':');
  if (colon == std::string_view::npos || !parse_epoch(id.substr(0, colon))) return false;
  out.time = id.substr(0, colon);
  out.serial = id.substr(colon + 1);
  out.id = line.substr(0, close + 1);
  line.remove_prefix(close + 1);
  if (line.starts_with(':')) line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  out.rest = line;
  return true;
}

// The same behind what syslog puts in front: "Mar 29 02:30:01 host audispd: ", "... kernel: [1.2] audit: ".
bool parse_head(std::string_view line, Head& out) {
  out = {};
  if (line.starts_with("type=") || line.starts_with("node=")) return parse_own_head(line, out);
  if (line.find("audit(") == std::string_view::npos) return false;
  const std::optional<SyslogHead> head = syslog_head(line);
  if (!head) return false;
  std::string_view text = head->message;
  if (text.starts_with('[')) text.remove_prefix(std::min(text.find(']'), text.size() - 1) + 1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("audit: ")) text.remove_prefix(7);
  if (!parse_own_head(text, out)) return false;
  for (const auto& [number, name] : kTypes) {
    if (out.type == number) out.type = name;
  }
  out.sent = head->time;
  out.sender = head->host;
  return true;
}

bool same_event(const Head& a, const Head& b) { return a.id == b.id && a.node == b.node; }

// Nothing of the event can follow: its last line, or a line of a program, which is an event by itself.
bool is_last(const Head& head) {
  return head.type == "EOE" || head.type == "PROCTITLE" || head.rest.find(" msg='") != std::string_view::npos;
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

class AuditReader final : public LineReader {
 public:
  explicit AuditReader(ShapeId shape) : shape_(shape) {}

  Frame next(std::string_view window, bool at_end) override {
    const Frame frame = look(window, at_end);
    if (frame.kind != Frame::Kind::more) position_ += frame.next;
    return frame;
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    fields_.clear();
    made_.clear();
    made_bytes_ = 0;
    std::string command;
    bool first = true;
    if (!take_lines(raw, first, command, notices)) return false;
    if (!further_.empty()) {
      notices.add({NoticeKind::assumption, "", 0, 1,
                   "audit events whose lines stand among those of others were put together by their serial number: the "
                   "record cites the first of them, also_at names the places of the others"});
      add("also_at", also_at_);
      (void)take_lines(further_, first, command, notices);
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
  // Lines of an event that was given already, further on.
  struct Given {
    std::string node, id;
    std::size_t left = 0;
  };

  Frame look(std::string_view window, bool at_end) {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    const std::string_view line = window.substr(0, cut->end);
    if (cut->end < 64 && trim(line).empty()) {
      took(*cut, window.size());
      return {Frame::Kind::skip, 0, cut->end, cut->next, NoticeKind::damaged_record, true};
    }
    Head head;
    if (!parse_head(line, head)) {
      took(*cut, window.size());
      further_.clear();
      return {Frame::Kind::record, 0, cut->end, cut->next};
    }
    for (auto given = given_.begin(); given != given_.end(); ++given) {
      if (given->node != head.node || given->id != head.id) continue;
      took(*cut, window.size());
      if (--given->left == 0) given_.erase(given);
      return {Frame::Kind::skip, 0, cut->end, cut->next, NoticeKind::damaged_record, true};
    }
    LineCut last = *cut;
    bool whole = is_last(head);
    std::size_t lines = 1;
    for (; lines < kEventLines; ++lines) {
      const auto further = cut_line(window, last.next, at_end);
      if (!further) return {};
      if (last.next >= window.size()) break;
      Head other;
      if (!parse_head(window.substr(last.next, further->end - last.next), other) || !same_event(other, head)) break;
      last = *further;
      whole = is_last(other);
    }
    std::string found, places;
    std::size_t count = 0;
    if (!whole && lines < kEventLines && !find_further(window, last.next, at_end, head, found, places, count))
      return {};
    took(last, window.size());
    further_ = std::move(found);
    also_at_ = std::move(places);
    if (count > 0) given_.push_back({std::string(head.node), std::string(head.id), count});
    if (given_.size() > kGiven) given_.pop_front();
    return {Frame::Kind::record, 0, last.end, last.next};
  }

  // Lines of the event in the next kAhead lines, which are of others. False: more must be read to tell.
  bool find_further(std::string_view window, std::size_t from, bool at_end, const Head& head, std::string& found,
                    std::string& places, std::size_t& count) const {
    for (std::size_t lines = 0; lines < kAhead; ++lines) {
      if (from >= window.size()) return at_end;
      const auto cut = cut_line(window, from, at_end);
      if (!cut) return window.size() - from > kAheadBytes;
      if (cut->end - from > kAheadBytes || (cut->next == cut->end && cut->next < window.size()))
        return true;  // no line of a log; zeros
      const std::string_view line = window.substr(from, cut->end - from);
      Head other;
      if (line.find(head.id) != std::string_view::npos && parse_head(line, other) && same_event(other, head)) {
        found.append(line).append("\n");
        places += fmt::format("{}{}+{}", places.empty() ? "" : " ", position_ + from, line.size());
        ++count;
        if (is_last(other)) return true;
      }
      from = cut->next;
    }
    return true;
  }

  // The fields of each line of a text.
  bool take_lines(std::string_view rest, bool& first, std::string& command, Notices& notices) {
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
        if (!head.sent.empty()) add("syslog_time", head.sent);
        if (!head.sender.empty()) add("syslog_host", head.sender);
        first = false;
      }
      add("type", head.type);
      take(head.type, head.rest, command, notices);
    }
    return true;
  }

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
  std::uint64_t position_ = 0;     // of the window in the stream
  std::string further_, also_at_;  // lines of the current event among those of others, and where they stand
  std::deque<Given> given_;
};

class AuditFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "auditd"; }
  [[nodiscard]] bool of_lines() const override { return true; }
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
    return line_reader<AuditReader>(*this, schemas, schemas.find(kShape).value_or(0));
  }
};

}  // namespace

const Format& auditd_format() {
  static const AuditFormat kFormat;
  return kFormat;
}

}  // namespace assay
