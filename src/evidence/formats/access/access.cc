// Access logs: common, combined, either with a virtual host in front; Citrix ADC's httpaccess.log. One line is one
// record and a file may be cut between any two. Apache's "Log Files" page: LogFormat "%h %l %u %t \"%r\" %>s %b
// \"%{Referer}i\" \"%{User-agent}i\"". Behind these stand whatever fields an administrator adds; nginx's format "main"
// ends with "$http_x_forwarded_for". The first quoted one that is a list of addresses is taken for that.
//
// A record is a time in brackets with words before it, then a quoted request and a status. What clients send stands in
// it, so nothing is expected of the request: servers before 2004 did not escape quotes, probes send bytes that are no
// request at all.
#include <algorithm>
#include <array>
#include <deque>
#include <optional>

#include "core/ascii.h"
#include "core/time.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/line_reader.h"

namespace assay {
namespace {

constexpr std::size_t kHeadLines = 40;
constexpr std::size_t kPrepared = 8;      // projections remembered
constexpr std::size_t kForwarded = 4096;  // a longer text is no list of hops
constexpr std::size_t kFurther = 16;      // fields behind the usual ones that are looked at
constexpr std::size_t kTimeSize = 26;     // 16/Apr/2020:02:12:07 +0000
constexpr std::string_view kShape = "access-log";

enum Part : std::size_t {
  vhost,
  client,
  ident,
  user,
  time,
  request,
  method,
  target,
  protocol,
  status,
  bytes,
  referer,
  user_agent,
  forwarded_for,
  kParts
};
constexpr std::array<std::string_view, kParts> kNames = {"vhost",   "client",  "ident",      "user",         "time",
                                                         "request", "method",  "target",     "protocol",     "status",
                                                         "bytes",   "referer", "user_agent", "forwarded_for"};

// The parts of one line; one without data is absent.
struct Parts {
  std::array<std::string_view, kParts> text;
  void set(Part part, std::string_view value) { text[part] = value.data() == nullptr ? std::string_view("") : value; }
  [[nodiscard]] bool has(std::size_t part) const { return text[part].data() != nullptr; }
};

// Four decimal numbers with dots, or hexadecimal with at least two colons.
bool is_address(std::string_view text) {
  if (text.empty() || text.size() > 45) return false;
  std::size_t dots = 0;
  std::size_t colons = 0;
  bool decimal = true;
  for (const char c : text) {
    if (c == '.') {
      ++dots;
    } else if (c == ':') {
      ++colons;
    } else if (!is_digit(c)) {
      if (!is_hex(c)) return false;
      decimal = false;
    }
  }
  return (dots == 3 && decimal && colons == 0) || colons >= 2;
}

// Who sent a request on for whom: "203.0.113.7, 192.0.2.1:4711" (X-Forwarded-For, X-Real-IP) or `for=203.0.113.7;by=_x`
// (RFC 7239). The first part decides; "unknown" stands where a proxy does not say.
bool is_forwarded(std::string_view text) {
  if (text.empty() || text.size() > kForwarded) return false;
  const std::size_t comma = text.find(',');
  std::string_view first = trim(text.substr(0, comma));
  if (comma != std::string_view::npos && (first == "unknown" || first == "-"))
    return is_forwarded(trim(text.substr(comma + 1)));
  for (const std::string_view name : {"for=", "by=", "proto=", "host="}) {
    if (starts_with_icase(first, name)) return contains_icase(text, "for=");
  }
  if (first.starts_with('[')) return is_address(first.substr(1, first.find(']') - 1));
  if (is_address(first)) return true;
  return is_address(first.substr(0, first.rfind(':')));
}

bool is_time(std::string_view t) {
  return t[2] == '/' && t[6] == '/' && t[11] == ':' && t[14] == ':' && t[17] == ':' && t[20] == ' ' && is_digit(t[0]) &&
         is_digit(t[7]) && (t[21] == '+' || t[21] == '-');
}

bool is_escaped(std::string_view line, std::size_t quote, std::size_t begin) {
  std::size_t at = quote;
  while (at > begin && line[at - 1] == '\\') --at;
  return ((quote - at) & 1) != 0;
}

bool before_status(std::string_view line, std::size_t quote) {
  const std::string_view rest = line.substr(quote + 1, 5);
  if (rest.size() < 2 || rest[0] != ' ') return false;
  if (rest[1] == '-') return rest.size() == 2 || rest[2] == ' ';
  return rest.size() >= 4 && is_digit(rest[1]) && is_digit(rest[2]) && is_digit(rest[3]) &&
         (rest.size() == 4 || rest[4] == ' ');
}

// The end of the request: the first quote that is not escaped and has a status behind it; else one that looks escaped
// (servers that do not escape write a client's backslash as it is); else the first one.
std::size_t request_end(std::string_view line, std::size_t from) {
  std::size_t first = std::string_view::npos;
  std::size_t escaped = std::string_view::npos;
  for (std::size_t at = find_near_byte(line, '"', from); at != std::string_view::npos;
       at = find_near_byte(line, '"', at + 1)) {
    const bool plain = !is_escaped(line, at, from);
    if (before_status(line, at)) {
      if (plain) return at;
      if (escaped == std::string_view::npos) escaped = at;
    }
    if (plain && first == std::string_view::npos) first = at;
  }
  return escaped != std::string_view::npos ? escaped : first;
}

std::size_t value_end(std::string_view line, std::size_t from) {
  std::size_t at = find_byte(line, '"', from);
  while (at != std::string_view::npos && is_escaped(line, at, from)) at = find_byte(line, '"', at + 1);
  return at;
}

// The words before the time: [vhost] client ident user. A user may hold blanks. The line goes on behind them by the
// time.
void take_words(std::string_view words, Parts& out) {
  const auto word = [&words] {
    std::size_t end = near_byte({words.data(), 16}, ' ');
    if (end == 16 && words.size() > 16) end = words.find(' ');
    end = std::min(end, words.size());
    const std::string_view taken = words.substr(0, end);
    words.remove_prefix(end);
    while (words.starts_with(' ')) words.remove_prefix(1);
    return taken;
  };
  std::string_view first = word();
  // A client stands in front of nearly all: what follows it is no address, which is sooner seen than that it is one.
  if (!words.starts_with("- ") && !is_address(first) && is_address(words.substr(0, words.find(' '))) &&
      words.find(' ') != std::string_view::npos) {
    out.set(vhost, first);
    first = word();
  }
  out.set(client, first);
  if (!words.empty()) {
    if (const std::string_view taken = word(); taken != "-") out.set(ident, taken);
  }
  if (!words.empty() && words != "-") out.set(user, words);
}

void take_request(std::string_view line, Parts& out) {
  out.set(request, line);
  if (line.empty() || line == "-") return;
  std::size_t blank = line.size() >= 16 ? near_byte(line, ' ') : 16;
  if (blank == 16) blank = line.find(' ');
  if (blank == std::string_view::npos || blank == 0) {
    out.set(target, line);  // no request line: what was sent stands for the target
    return;
  }
  out.set(method, line.substr(0, blank));
  const std::size_t last = line.rfind(' ');
  const bool has_protocol = line.substr(last + 1).starts_with("HTTP/");
  if (has_protocol) out.set(protocol, line.substr(last + 1));
  const std::size_t end = has_protocol ? last : line.size();
  out.set(target, end > blank ? line.substr(blank + 1, end - blank - 1) : std::string_view(""));
}

// Where the parts of a line stand that make it a record: the time in brackets with words before it, the quoted request
// and a status.
struct Frontage {
  std::size_t time = 0, request = 0, request_end = 0;
};

std::optional<Frontage> frontage(std::string_view line) {
  std::size_t open = find_near_byte(line, '[', 0);
  while (open != std::string_view::npos && !(open + kTimeSize + 1 < line.size() && line[open + kTimeSize + 1] == ']' &&
                                             is_time(line.substr(open + 1, kTimeSize)))) {
    open = find_near_byte(line, '[', open + 1);
  }
  if (open == std::string_view::npos || trim(line.substr(0, open)).empty()) return std::nullopt;
  Frontage out;
  out.time = open + 1;
  out.request = open + kTimeSize + 4;
  if (!line.substr(out.request - 2).starts_with(" \"")) return std::nullopt;
  out.request_end = request_end(line, out.request);
  if (out.request_end == std::string_view::npos ||
      line.find_first_not_of(' ', out.request_end + 1) == std::string_view::npos)
    return std::nullopt;
  return out;
}

void take_parts(std::string_view line, const Frontage& front, Parts& out) {
  out = {};
  take_words(trim(line.substr(0, front.time - 1)), out);
  out.set(time, line.substr(front.time, kTimeSize));
  take_request(line.substr(front.request, front.request_end - front.request), out);

  std::size_t at = front.request_end + 1;
  const auto word = [&] {
    while (at < line.size() && line[at] == ' ') ++at;
    std::size_t end = at + 16;
    if (end <= line.size()) end = at + near_byte(line.substr(at), ' ');
    if (end >= at + 16) end = std::min(find_byte(line, ' ', at), line.size());
    const std::string_view taken = line.substr(at, end - at);
    at = end;
    return taken;
  };
  if (const std::string_view code = word(); code != "-") out.set(status, code);
  if (const std::string_view size = word(); !size.empty() && size != "-") out.set(bytes, size);
  for (const Part part : {referer, user_agent}) {
    while (at < line.size() && line[at] == ' ') ++at;
    if (at >= line.size() || line[at] != '"') break;
    const std::size_t end = std::min(value_end(line, at + 1), line.size());  // a line cut inside says what it says
    const std::string_view value = line.substr(at + 1, end - at - 1);
    if (value != "-") out.set(part, value);
    at = std::min(end + 1, line.size());
  }
  for (std::size_t n = 0; n < kFurther && at < line.size(); ++n) {
    while (at < line.size() && line[at] == ' ') ++at;
    if (at >= line.size()) break;
    if (line[at] != '"') {
      at = std::min(find_byte(line, ' ', at), line.size());
      continue;
    }
    const std::size_t end = std::min(value_end(line, at + 1), line.size());
    if (const std::string_view value = line.substr(at + 1, end - at - 1); is_forwarded(value)) {
      out.set(forwarded_for, value);
      break;
    }
    at = std::min(end + 1, line.size());
  }
}

// Apache writes \" \\ \b \n \r \t \v \xhh, nginx \xHH. What is then not UTF-8 becomes U+FFFD.
void unescape(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    if (text[i + 1] == 'x' && i + 3 < text.size() && is_hex(text[i + 2]) && is_hex(text[i + 3])) {
      out += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
      i += 3;
      continue;
    }
    constexpr std::string_view kFrom = "\"\\bnrtv";
    constexpr std::string_view kTo = "\"\\\b\n\r\t\v";
    const std::size_t known = kFrom.find(text[i + 1]);
    if (known == std::string_view::npos) {
      out += '\\';
    } else {
      out += kTo[known];
      ++i;
    }
  }
  if (!is_utf8(out)) out = to_valid_utf8(out);
}

class AccessReader final : public LineReader {
 public:
  explicit AccessReader(ShapeId shape) : shape_(shape) {}

  [[nodiscard]] bool separated() const override { return true; }

  Frame next(std::string_view window, bool at_end) override {
    if (is_led(window)) {
      if (const auto frame = lead(window, at_end)) return *frame;
    }
    const auto cut = cut_line(window, 0, at_end);
    if (!cut) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    took(*cut, window.size());
    std::string_view line = window.substr(0, cut->end);
    if (line.empty() || line.front() <= ' ') line = trim(line);
    const bool nothing = line.empty() || line.front() == '#';
    return {
        nothing ? Frame::Kind::skip : Frame::Kind::record, 0, cut->end, cut->next, NoticeKind::damaged_record, nothing};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    return take_record(raw, notices) || misfit(raw, notices);
  }

  bool take_record(std::string_view raw, Notices& notices) {
    const auto front = frontage(raw);
    if (!front) return false;
    raw_ = raw;
    front_ = *front;
    cut_ = false;
    plain_ = is_plain(raw);
    if (!plain_ && !is_ascii(raw)) {
      std::uint64_t bad = 0;
      for (const Part part : {vhost, client, ident, user, request, referer, user_agent})
        bad += is_utf8(parts().text[part]) ? 0U : 1U;
      if (bad > 0) notices.add({NoticeKind::not_utf8, "", 0, bad, "access log values with bytes that are not UTF-8"});
    }
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    const Wanted& wanted = prepare(projection);
    if (wanted.empty()) return;
    const Parts& has = parts();
    for (const auto& [part, slot] : wanted) {
      if (!has.has(part)) continue;
      Value found = value(part);
      if (found.text.data() == scratch_.data()) found.text = out.keep(found.text);
      out.add(slot, found);
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (std::size_t i = 0; i < kParts; ++i) {
      if (parts().has(i)) sink(kNames[i], value(i));
    }
  }

 private:
  // PERF NOTE (docs/performance.md, indicators): cutting a line into its parts costs half of reading it, and of most
  // lines nobody asks for any.
  const Parts& parts() {
    if (!cut_) take_parts(raw_, front_, parts_);
    cut_ = true;
    return parts_;
  }

  using Wanted = std::vector<std::pair<std::size_t, Slot>>;

  // Two projections are in use at a time: that of the route, and that of the plan.
  const Wanted& prepare(const Projection& projection) {
    for (const auto& [fingerprint, wanted] : prepared_) {
      if (fingerprint == projection.fingerprint()) return wanted;
    }
    if (prepared_.size() >= kPrepared) prepared_.pop_back();
    Wanted wanted;
    for (std::size_t i = 0; i < kParts; ++i) {
      if (const auto slot = projection.find(kNames[i])) wanted.emplace_back(i, *slot);
    }
    return prepared_.emplace_front(projection.fingerprint(), std::move(wanted)).second;
  }

  Value value(std::size_t part) {
    const std::string_view text = parts().text[part];
    const bool number =
        (part == status || part == bytes) && !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    if (plain_ || is_plain(text)) {
      return {number ? ValueKind::number : ValueKind::string, text};
    }
    unescape(text, scratch_);
    return {ValueKind::string, scratch_};
  }

  ShapeId shape_;
  std::string_view raw_;
  Frontage front_;
  bool cut_ = false;
  Parts parts_;
  bool plain_ = true;  // the record has neither backslashes nor bytes above 0x7f
  std::deque<std::pair<std::uint64_t, Wanted>> prepared_;
  std::string scratch_;
};

class AccessFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "access"; }
  [[nodiscard]] bool of_lines() const override { return true; }
  [[nodiscard]] Split split() const override { return Split::freely; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet& schemas) const override {
    if (!schemas.find(kShape)) return {};
    std::size_t lines = 0;
    std::size_t good = 0;
    each_head_line(head, whole, kHeadLines, [&](std::string_view text) {
      const std::string_view line = trim(text);
      if (line.empty() || line.front() == '#') return false;
      ++lines;
      const auto front = frontage(line);
      good += front && parse_clf(line.substr(front->time, kTimeSize)).has_value() ? 1U : 0U;
      return true;
    });
    if (good == 0 || good * 2 < lines) return {};
    return {good == lines && good > 2 ? 95 : 85, std::string(kShape), "access log"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return line_reader<AccessReader>(*this, schemas, schemas.find(kShape).value_or(0));
  }
};

}  // namespace

const Format& access_format() {
  static const AccessFormat kFormat;
  return kFormat;
}

}  // namespace assay
