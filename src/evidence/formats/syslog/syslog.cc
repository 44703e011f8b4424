// Syslog as files hold it: RFC 3164 with or without its priority, RFC 5424 with structured data, rsyslog's ISO 8601
// stamps, journalctl's short outputs, FreeBSD's and Citrix ADC's "<facility.level>", Cisco's "%FACILITY-SEVERITY-NAME".
// One line is one record, and a file may be cut between any two.
//
// RFC 3164 describes what was found, not what must be: only the stamp at the start is held to. A line without one is a
// record of its message alone, because programs write line ends into messages.
#include <algorithm>
#include <array>
#include <deque>

#include "core/ascii.h"
#include "core/time.h"
#include "evidence/clock.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"
#include "evidence/formats/syslog/head.h"
#include "evidence/messages.h"

namespace assay {
namespace {

constexpr std::size_t kHeadLines = 200;
constexpr std::size_t kPrepared = 8;      // projections remembered
constexpr std::size_t kTagBytes = 96;     // longest program name
constexpr std::size_t kStructured = 256;  // parameters of structured data in one record
constexpr std::string_view kShape = "syslog";

constexpr Slot kNoSlot = UINT32_MAX;

enum Part : std::size_t { pri, facility, severity, time, host, program, app, module, pid, msgid, message, kParts };
constexpr std::array<std::string_view, kParts> kNames = {"pri", "facility", "severity", "time",  "host",   "program",
                                                         "app", "module",   "pid",      "msgid", "message"};
// RFC 5424 6.2.1, as syslog.h names them.
constexpr std::array<std::string_view, 24> kFacilities = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                                          "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                                          "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                                          "local2", "local3", "local4", "local5", "local6",   "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

class Line {
 public:
  std::string_view structured;  // the elements with their brackets
  bool stamped = false;
  void set(Part part, std::string_view value) {
    text_[part] = value;
    has_ |= 1U << part;
  }
  [[nodiscard]] bool has(std::size_t part) const { return (has_ >> part & 1U) != 0; }
  [[nodiscard]] std::string_view get(std::size_t part) const { return has(part) ? text_[part] : std::string_view(); }
  // Texts stay where they are: what there is says `has_`.
  void clear() {
    structured = {};
    stamped = false;
    has_ = 0;
  }

 private:
  std::array<std::string_view, kParts> text_;
  std::uint32_t has_ = 0;
};

// Words are short: mostly one look, which is taken at its word (looking at the byte again cost a tenth of the whole);
// else a plain loop.
std::string_view word(std::string_view text) {
  std::size_t at = text.size() >= 16 ? near_byte(text, ' ') : 0;
  if (at > 0 && at < 16) return text.substr(0, at);
  while (at < text.size() && text[at] != ' ') ++at;
  return text.substr(0, at);
}
// "Jan  5 02:12:07 ", the stamp that nearly every line has; false: parse_stamp has the word.
bool is_plain_stamp(std::string_view t) {
  if (t.size() < 16 || t[3] != ' ' || t[6] != ' ' || t[9] != ':' || t[12] != ':' || t[15] != ' ') return false;
  const auto two = [&](std::size_t at) {
    const auto a = static_cast<unsigned>(t[at] - '0'), b = static_cast<unsigned>(t[at + 1] - '0');
    return a > 9 || b > 9 ? 99U : a * 10 + b;
  };
  const auto tens = static_cast<unsigned>(t[4] == ' ' ? 0 : t[4] - '0'), ones = static_cast<unsigned>(t[5] - '0');
  if (tens > 3 || ones > 9 || tens * 10 + ones < 1 || tens * 10 + ones > 31) return false;
  if (two(7) > 23 || two(10) > 59 || two(13) > 60) return false;
  constexpr auto month = [](char a, char b, char c) {
    return static_cast<unsigned>(static_cast<unsigned char>(a)) << 16 |
           static_cast<unsigned>(static_cast<unsigned char>(b)) << 8 | static_cast<unsigned char>(c);
  };
  switch (month(t[0], t[1], t[2])) {
    case month('J', 'a', 'n'):
    case month('F', 'e', 'b'):
    case month('M', 'a', 'r'):
    case month('A', 'p', 'r'):
    case month('M', 'a', 'y'):
    case month('J', 'u', 'n'):
    case month('J', 'u', 'l'):
    case month('A', 'u', 'g'):
    case month('S', 'e', 'p'):
    case month('O', 'c', 't'):
    case month('N', 'o', 'v'):
    case month('D', 'e', 'c'):
      return true;
    default:
      return false;
  }
}
inline void skip_blanks(std::string_view& text) {
  while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
}

// "<165>": its bytes, 0 when there is none.
std::size_t take_priority(std::string_view text, Line& out) {
  if (text.empty() || text[0] != '<') return 0;
  std::size_t at = 1;
  unsigned value = 0;
  while (at < text.size() && at < 4 && is_digit(text[at])) value = value * 10 + static_cast<unsigned>(text[at++] - '0');
  if (at == 1 || at >= text.size() || text[at] != '>' || value > 191) return 0;
  out.set(pri, text.substr(1, at - 1));
  out.set(facility, kFacilities[value >> 3]);
  out.set(severity, kSeverities[value & 7]);
  return at + 1;
}

// Bytes of an ISO 8601 stamp "2020-01-05T02:12:07.123+01:00" or with a blank for the T; 0 when there is none.
std::size_t iso_size(std::string_view text) {
  if (text.size() < 19 || !is_digit(text[0]) || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':' || !is_digit(text[18])) {
    return 0;
  }
  std::size_t at = 19;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1])) {
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
    }
  }
  if (at < text.size() && text[at] == 'Z') return at + 1;
  if (at + 5 <= text.size() && (text[at] == '+' || text[at] == '-') && is_digit(text[at + 1])) {
    const std::size_t from = at++;
    while (at < text.size() && at < from + 6 && (is_digit(text[at]) || text[at] == ':')) ++at;
  }
  return at;
}

// The stamp and what stands before the host, taken off `rest`. False: the line has none.
bool take_stamp(std::string_view& rest, Line& out) {
  std::size_t size = 0;
  if (is_plain_stamp(rest)) {
    size = 15;
  } else if (const auto stamp = rest.size() >= 15 ? parse_stamp(rest.substr(0, 64)) : std::nullopt) {
    size = stamp->size;
  } else if ((size = iso_size(rest)) == 0) {
    // journalctl -o short-unix, and short-full: "Sun 2020-01-05 02:12:07 UTC host ..."
    if (rest.size() > 30 && rest[3] == ' ' && is_alpha(rest[0]) && (size = iso_size(rest.substr(4))) != 0) {
      std::string_view after = rest.substr(4 + size);
      const std::string_view zone = after.starts_with(' ') ? word(after.substr(1)) : std::string_view();
      const bool utc = zone == "UTC";
      out.set(time, rest.substr(4, size + (utc ? 4U : 0U)));
      rest = after.substr(std::min(1 + zone.size(), after.size()));
      return rest.starts_with(' ');
    }
    const std::size_t dot = rest.find('.');
    if (dot != 10 && dot != 9) return false;
    const std::string_view number = word(rest);
    if (number.size() != dot + 7 || !parse_epoch(number)) return false;
    size = number.size();
  }
  // ':' behind the stamp is Cisco's, where no host follows.
  const char after = size < rest.size() ? rest[size] : ' ';
  if (after != ' ' && after != ':') return false;
  out.set(time, rest.substr(0, size));
  rest.remove_prefix(size);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  return true;
}

// "sshd[123]: ", "kernel: ", "/usr/sbin/cron[14451]: ", "su(pam_unix)[77]: ", "%ASA-6-302013: ". False: no tag here.
bool take_tag(std::string_view& rest, Line& out) {
  // PERF NOTE (docs/performance.md, syslog.parse): nearly all end within sixteen bytes and have neither path nor
  // module, which is seen at once; the searches are for the others.
  const std::size_t most = std::min(rest.size(), kTagBytes);
  std::size_t at = rest.size() < 16 ? 16 : std::min({near_byte(rest, ':'), near_byte(rest, '['), near_byte(rest, ' ')});
  const bool simple = at < 16 && std::min(near_byte(rest, '('), near_byte(rest, '/')) > at;
  if (at == 16) at = std::min(rest.substr(0, most).find_first_of(":[ "), most);
  if (at == 0 || at >= most || rest[at] == ' ') return false;
  std::size_t end = at;
  std::string_view id;
  if (rest[at] == '[') {
    std::size_t close = at + 16;
    if (rest.size() >= at + 16) close = at + near_byte(rest.substr(at), ']');
    if (close == at + 16) close = find_byte(rest.substr(0, std::min(rest.size(), at + 32)), ']', at);
    if (close == std::string_view::npos) return false;
    id = rest.substr(at + 1, close - at - 1);
    end = close + 1;
    if (end < rest.size() && rest[end] != ':' && rest[end] != ' ') return false;
  } else if (at + 1 < rest.size() && rest[at + 1] != ' ') {
    return false;  // "a:b", an address or a clock
  }
  std::string_view name = rest.substr(0, at);
  out.set(program, name);
  if (!id.empty()) out.set(pid, id);
  if (name.starts_with('%')) {  // %FACILITY-SEVERITY-NAME, %FACILITY-SUBFACILITY-SEVERITY-NAME
    const std::size_t last = name.rfind('-');
    const bool graded = last != std::string_view::npos && last >= 2 && name[last - 2] == '-' &&
                        is_digit(name[last - 1]) && name[last - 1] < '8';
    if (graded) {
      out.set(severity, kSeverities[static_cast<std::size_t>(name[last - 1] - '0')]);
      out.set(msgid, name.substr(last + 1));
      name = name.substr(0, last - 2);
    }
  }
  if (!simple) {
    if (const std::size_t open = name.find('('); open != std::string_view::npos && open > 0 && name.ends_with(')')) {
      out.set(module, name.substr(open + 1, name.size() - open - 2));
      name = name.substr(0, open);
    }
    if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos && slash + 1 < name.size())
      name.remove_prefix(slash + 1);
  }
  out.set(app, name);
  rest.remove_prefix(end);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  skip_blanks(rest);
  return true;
}

// Citrix ADC's own stamp: "01/11/2020:10:02:11 GMT ns 0-PPE-0 : ...".
bool is_citrix(std::string_view text) {
  return text.size() > 24 && is_digit(text[0]) && text[2] == '/' && text[5] == '/' && is_digit(text[6]) &&
         text[10] == ':' && text[13] == ':' && text[16] == ':' && text[19] == ' ';
}

// A format of its own that syslog carries, whatever sent it: what a message begins with names it.
std::string_view carried(std::string_view text) {
  if (text.size() < 8) return {};
  switch (text[0]) {
    case 'C':
    case 'L': {
      const std::size_t size = text.starts_with("CEF:") ? 3 : text.starts_with("LEEF:") ? 4 : 0;
      std::size_t at = size + 1;
      if (size == 0) return {};
      while (at < text.size() && text[at] == ' ') ++at;
      return at < text.size() && is_digit(text[at]) ? text.substr(0, size) : std::string_view();
    }
    case 'n':
    case 't': {
      if (!text.starts_with("node=") && !text.starts_with("type=")) return {};
      const std::size_t mark = text.substr(0, 256).find(" msg=audit(");
      return mark == std::string_view::npos ? std::string_view() : "audit";
    }
    default:
      return {};
  }
}

// What follows the stamp in RFC 3164 and its relations: [<facility.level>] [host] [tag] message.
void take_old(std::string_view rest, Line& out) {
  skip_blanks(rest);
  if (rest.starts_with('<')) {  // "<cron.info>"; Linux's "<6>" of the kernel is left in the message
    const std::size_t end = rest.substr(0, 32).find('>');
    const std::size_t dot = rest.substr(0, 32).find('.');
    if (end != std::string_view::npos && dot < end) {
      out.set(facility, rest.substr(1, dot - 1));
      out.set(severity, rest.substr(dot + 1, end - dot - 1));
      rest.remove_prefix(end + 1);
      skip_blanks(rest);
    }
  }
  const std::string_view first = word(rest);
  const bool is_tag =
      first.starts_with('%') || first.ends_with("]:") || (first.ends_with(':') && !first.ends_with("::"));
  if (!is_tag && !first.empty() && first.size() < rest.size()) {
    out.set(host, first);
    rest.remove_prefix(first.size());
    skip_blanks(rest);
    if (rest.starts_with(": ")) rest.remove_prefix(2);  // Cisco: "host : %ASA-..."
  }
  if (!take_tag(rest, out) && is_citrix(rest)) out.set(app, "netscaler");
  out.set(message, rest);
  if (const std::string_view inner = carried(rest); !inner.empty()) out.set(app, inner);
}

// RFC 5424, behind "1 ": TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]. False: not of that form.
bool take_new(std::string_view rest, Line& out) {
  const auto next = [&rest] {
    const std::string_view taken = word(rest);
    rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
    return taken;
  };
  const std::string_view stamp = next();
  if (stamp != "-") {
    if (iso_size(stamp) != stamp.size()) return false;
    out.set(time, stamp);
  }
  for (const Part part : {host, program, pid, msgid}) {
    const std::string_view value = next();
    if (value.empty()) return false;
    if (value != "-") out.set(part, value);
  }
  if (out.has(program)) {
    const std::string_view name = out.get(program);
    const std::size_t slash = name.rfind('/');
    out.set(app, slash != std::string_view::npos && slash + 1 < name.size() ? name.substr(slash + 1) : name);
  }
  if (rest.starts_with('[')) {
    std::size_t at = 0;
    bool quoted = false;
    for (; at < rest.size(); ++at) {
      const char c = rest[at];
      if (quoted && c == '\\') {
        ++at;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == ']' && (at + 1 >= rest.size() || rest[at + 1] != '[')) {
        break;
      }
    }
    at = std::min(at + 1, rest.size());
    out.structured = rest.substr(0, at);
    rest.remove_prefix(at);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
  } else if (rest.starts_with('-')) {
    rest.remove_prefix(std::min<std::size_t>(2, rest.size()));
  }
  if (rest.starts_with(kUtf8Mark)) rest.remove_prefix(kUtf8Mark.size());
  out.set(message, rest);
  if (const std::string_view inner = carried(rest); !inner.empty()) out.set(app, inner);
  return true;
}

void parse(std::string_view line, Line& out) {
  out.clear();
  std::string_view rest = line;
  rest.remove_prefix(take_priority(rest, out));
  if (rest.starts_with("1 ") && out.has(pri)) {
    Line fresh = out;
    if (take_new(rest.substr(2), fresh)) {
      out = fresh;
      out.stamped = true;
      return;
    }
  }
  if (!take_stamp(rest, out)) {
    out.set(message, rest);
    return;
  }
  out.stamped = true;
  take_old(rest, out);
}

// sink(name, value) for every parameter "sd.id.name"; the value with its escapes.
template <class F>
void each_parameter(std::string_view text, F&& sink) {
  std::size_t count = 0;
  while (text.starts_with('[')) {
    text.remove_prefix(1);
    std::size_t at = 0;
    while (at < text.size() && text[at] != ' ' && text[at] != ']') ++at;
    const std::string_view id = text.substr(0, at);
    while (at < text.size() && text[at] == ' ') {
      const std::size_t from = ++at;
      while (at < text.size() && text[at] != '=' && text[at] != ' ' && text[at] != ']') ++at;
      const std::string_view name = text.substr(from, at - from);
      if (at + 1 >= text.size() || text[at] != '=' || text[at + 1] != '"') break;
      const std::size_t begin = at += 2;
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
      at = std::min(at, text.size());
      if (++count > kStructured) return;
      if (is_ascii(id) && is_ascii(name)) sink(id, name, text.substr(begin, at - begin));
      if (at < text.size()) ++at;
    }
    while (at < text.size() && text[at] != ']') ++at;
    text.remove_prefix(std::min(at + 1, text.size()));
  }
}

class SyslogReader final : public LineReader {
 public:
  SyslogReader(ShapeId shape, const MessageSet* messages) : shape_(shape), messages_(messages) {}

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*cut, window.size());
    const std::size_t end = cut->end;
    const std::string_view line = window.substr(0, end);
    // "-- Reboot --" and "-- Logs begin at ... --" are journalctl's.
    // Nearly every line begins with a letter, a digit or "<".
    const bool odd = end == 0 || line[0] <= '-';
    const bool nothing =
        odd && ((end < 64 && trim(line).empty()) || (line.starts_with("-- ") && line.ends_with(" --")));
    return {nothing ? Frame::Kind::skip : Frame::Kind::record, 0, end, cut->next, NoticeKind::damaged_record, nothing};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    parse(raw, line_);
    if (!line_.stamped) [[unlikely]]
      (void)misfit(raw, notices);
    plain_ = is_ascii(raw);
    started_ = false;
    if (!plain_ && !is_utf8(raw)) {
      notices.add({NoticeKind::not_utf8, "", 0, 1, "syslog lines with bytes that are not UTF-8"});
    }
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    const Wanted& wanted = prepare(projection);
    for (const auto& [part, slot] : wanted.parts) {
      if (line_.has(part)) out.add(slot, value(part, out));
    }
    if (wanted.structured && !line_.structured.empty()) {
      each_parameter(line_.structured, [&](std::string_view id, std::string_view name, std::string_view text) {
        path_.assign("sd.").append(id).append(".").append(name);
        if (const auto slot = projection.find(path_)) out.add(*slot, {ValueKind::string, parameter(text, out)});
      });
    }
    if (wanted.messages) {
      for (const auto& [name, text] : fields()) {
        const Slot slot = wanted.slot_of(name, projection);
        if (slot != kNoSlot) out.add(slot, {ValueKind::string, shown(text, out)});
      }
    }
  }

  void all_fields(const FieldSink& sink) override {
    FieldTable store;
    store.reset(0);
    for (std::size_t i = 0; i < kParts; ++i) {
      if (line_.has(i)) sink(kNames[i], value(i, store));
    }
    each_parameter(line_.structured, [&](std::string_view id, std::string_view name, std::string_view text) {
      sink(std::string("sd.").append(id).append(".").append(name), {ValueKind::string, parameter(text, store)});
    });
    for (const auto& [name, text] : fields()) sink(name, {ValueKind::string, shown(text, store)});
  }

 private:
  struct Wanted {
    std::vector<std::pair<std::size_t, Slot>> parts;
    bool structured = false, messages = false;
    // Names that messages gave before, by where they stand: those of patterns always stand in the same place.
    struct Known {
      std::string name;
      Slot slot = kNoSlot;
    };
    mutable std::array<Known, 256> known;
    [[nodiscard]] Slot slot_of(std::string_view name, const Projection& projection) const {
      Known& one = known[(reinterpret_cast<std::uintptr_t>(name.data()) >> 5) % known.size()];
      if (one.name != name) one = {std::string(name), projection.find(name).value_or(kNoSlot)};
      return one.slot;
    }
  };

  const Wanted& prepare(const Projection& projection) {
    for (const auto& [fingerprint, wanted] : prepared_) {
      if (fingerprint == projection.fingerprint()) return wanted;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    Wanted wanted;
    for (std::size_t i = 0; i < kParts; ++i) {
      if (const auto slot = projection.find(kNames[i])) wanted.parts.emplace_back(i, *slot);
    }
    for (const std::string& path : projection.paths()) {
      wanted.structured = wanted.structured || path.starts_with("sd.");
      wanted.messages = wanted.messages || (messages_ != nullptr && messages_->gives(path));
    }
    return prepared_.emplace_front(projection.fingerprint(), std::move(wanted)).second;
  }

  const LinePattern::Sink& fields() {
    if (!started_) {
      started_ = true;
      const MessageRule* rule = messages_ == nullptr ? nullptr : messages_->find(line_.get(app));
      fields_.start(rule, line_.get(message));
    }
    return fields_.get();
  }

  std::string_view shown(std::string_view text, FieldTable& store) const {
    return plain_ || is_utf8(text) ? text : store.keep(to_valid_utf8(text));
  }
  Value value(std::size_t part, FieldTable& store) const {
    const std::string_view text = line_.get(part);
    return {part == pri ? ValueKind::number : ValueKind::string, shown(text, store)};
  }
  // RFC 5424 6.3.3: '"', '\' and ']' are escaped.
  std::string_view parameter(std::string_view text, FieldTable& store) const {
    if (find_byte(text, '\\', 0) == std::string_view::npos) return shown(text, store);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() &&
          std::string_view("\"\\]").find(text[i + 1]) != std::string_view::npos)
        ++i;
      out += text[i];
    }
    return store.keep(is_utf8(out) ? out : to_valid_utf8(out));
  }

  ShapeId shape_;
  const MessageSet* messages_;
  Line line_;
  bool plain_ = true, started_ = false;
  MessageFields fields_;
  std::string path_;
  std::deque<std::pair<std::uint64_t, Wanted>> prepared_;
};

class SyslogFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "syslog"; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return Split::freely; }
  [[nodiscard]] bool also_file() const override { return true; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet& schemas) const override {
    if (!schemas.find(kShape)) return {};
    std::size_t lines = 0;
    std::size_t good = 0;
    Line line;
    each_head_line(head, whole, kHeadLines, [&](std::string_view text) {
      if (trim(text).empty() || (text.starts_with("-- ") && text.ends_with(" --"))) return false;
      ++lines;
      parse(text, line);
      // A stamp alone is anybody's: a host and a program, a priority or a level make it syslog's, or a text that only
      // one does.
      good += line.stamped && (line.has(program) || line.has(facility) || line.has(app)) ? 1U : 0U;
      return true;
    });
    if (good == 0 || good * 5 < lines * 3) return {};
    return {good == lines && good > 2 ? 88 : 82, std::string(kShape), "syslog"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    const ShapeId shape = schemas.find(kShape).value_or(0);
    return line_reader<SyslogReader>(*this, schemas, shape, schemas.at(shape).messages.get());
  }
};

}  // namespace

std::optional<SyslogHead> syslog_head(std::string_view line) {
  Line out;
  parse(line, out);
  if (!out.stamped) return std::nullopt;
  return SyslogHead{out.get(time), out.get(host), out.get(message)};
}

const Format& syslog_format() {
  static const SyslogFormat kFormat;
  return kFormat;
}

}  // namespace assay
