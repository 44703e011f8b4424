// Access logs: common, combined, with a virtual host in front, Citrix ADC's httpaccess.log. One line is one record; a file may be
// cut between any two lines. Format: Apache "Log Files" documentation, LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\"".
//
// A record is known by its time in brackets followed by a quoted request and a status; what stands before the bracket is client,
// identity and user, possibly with a virtual host in front. Servers of 2004 did not escape quotes in requests, so the request ends at the first
// quote that a status follows.
#include <array>

#include "core/ascii.h"
#include "core/time.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

constexpr std::size_t kHeadLines = 40;

// The parts of one line, views into it. Absent parts are empty with `has` unset.
struct Parts {
  enum Name : std::size_t { vhost, client, ident, user, time, request, method, target, protocol, status, bytes, referer, user_agent, count_ };
  std::array<std::string_view, count_> text;
  std::array<bool, count_> has{};
  void set(Name name, std::string_view value) {
    text[name] = value;
    has[name] = true;
  }
};
constexpr std::array<std::string_view, Parts::count_> kPaths = {"vhost",  "client",   "ident",  "user",  "time",    "request",   "method",
                                                                "target", "protocol", "status", "bytes", "referer", "user_agent"};

bool looks_like_address(std::string_view text) {
  bool digit = false, separator = false;
  for (const char c : text) {
    if (is_hex(c)) {
      digit = true;
    } else if (c == '.' || c == ':') {
      separator = true;
    } else {
      return false;
    }
  }
  return digit && separator;
}

// "16/Apr/2020:02:12:07 +0000" by its fixed places; the digits are read later.
bool looks_like_time(std::string_view text) {
  return text.size() == 26 && text[2] == '/' && text[6] == '/' && text[11] == ':' && text[14] == ':' && text[17] == ':' && text[20] == ' ' &&
         is_digit(text[0]) && is_digit(text[7]) && (text[21] == '+' || text[21] == '-');
}

// The quote that ends a quoted value starting at `from`: not escaped, and (for the request) followed by a status.
std::size_t closing_quote(std::string_view line, std::size_t from, bool before_status) {
  std::size_t first = std::string_view::npos;
  for (std::size_t i = from; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
      continue;
    }
    if (line[i] != '"') continue;
    if (!before_status) return i;
    if (first == std::string_view::npos) first = i;
    if (i + 2 < line.size() && line[i + 1] == ' ' &&
        (line[i + 2] == '-' || (i + 4 < line.size() && is_digit(line[i + 2]) && is_digit(line[i + 3]) && is_digit(line[i + 4])))) {
      return i;
    }
  }
  return first;
}

bool parse(std::string_view line, Parts& out) {
  out = {};
  // The time: the first bracket that holds one.
  std::size_t open = line.find('[');
  while (open != std::string_view::npos && !(open + 27 < line.size() && line[open + 27] == ']' && looks_like_time(line.substr(open + 1, 26)))) {
    open = line.find('[', open + 1);
  }
  if (open == std::string_view::npos || open == 0) return false;
  out.set(Parts::time, line.substr(open + 1, 26));
  std::string_view before = trim(line.substr(0, open));
  const auto word = [&before] {
    const std::size_t end = before.find(' ');
    const std::string_view w = before.substr(0, end);
    before = end == std::string_view::npos ? std::string_view() : trim(before.substr(end + 1));
    return w;
  };
  const std::string_view first = word();
  if (first.empty()) return false;
  const std::size_t end = before.find(' ');
  const std::string_view second = before.substr(0, end);
  if (!looks_like_address(first) && looks_like_address(second) && end != std::string_view::npos) {
    out.set(Parts::vhost, first);
    out.set(Parts::client, word());
  } else {
    out.set(Parts::client, first);
  }
  if (!before.empty()) out.set(Parts::ident, word());
  if (!before.empty()) out.set(Parts::user, before);

  std::size_t at = open + 28;
  if (at + 1 >= line.size() || line[at] != ' ' || line[at + 1] != '"') return false;
  at += 2;
  const std::size_t quote = closing_quote(line, at, true);
  if (quote == std::string_view::npos) return false;
  const std::string_view request = line.substr(at, quote - at);
  out.set(Parts::request, request);
  if (!request.empty() && request != "-") {
    const std::size_t method_end = request.find(' ');
    const std::size_t protocol_at = request.rfind(" HTTP/");
    if (method_end != std::string_view::npos && method_end > 0) {
      out.set(Parts::method, request.substr(0, method_end));
      const bool has_protocol = protocol_at != std::string_view::npos && protocol_at >= method_end;
      const std::size_t target_end = has_protocol ? protocol_at : request.size();
      if (has_protocol) out.set(Parts::protocol, request.substr(protocol_at + 1));
      out.set(Parts::target, target_end > method_end ? request.substr(method_end + 1, target_end - method_end - 1) : std::string_view());
    } else {
      out.set(Parts::target, request);  // no request line at all: what was sent stands for the target
    }
  }
  at = quote + 1;
  const auto field = [&] {
    while (at < line.size() && line[at] == ' ') ++at;
    const std::size_t stop = line.find(' ', at);
    const std::string_view value = line.substr(at, stop == std::string_view::npos ? std::string_view::npos : stop - at);
    at = stop == std::string_view::npos ? line.size() : stop;
    return value;
  };
  const std::string_view status = field();
  if (status.empty()) return false;
  if (status != "-") out.set(Parts::status, status);
  const std::string_view bytes = field();
  if (!bytes.empty() && bytes != "-") out.set(Parts::bytes, bytes);
  for (const Parts::Name name : {Parts::referer, Parts::user_agent}) {
    while (at < line.size() && line[at] == ' ') ++at;
    if (at >= line.size() || line[at] != '"') break;
    const std::size_t close = closing_quote(line, at + 1, false);
    // A line cut inside its last value still says what it says.
    out.set(name, line.substr(at + 1, close == std::string_view::npos ? std::string_view::npos : close - at - 1));
    at = close == std::string_view::npos ? line.size() : close + 1;
  }
  return true;
}

// Apache writes \" \\ \n \t \xhh; other bytes stand as they are, and what is not UTF-8 becomes U+FFFD.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[i + 1] == 'x' && i + 3 < text.size() && is_hex(text[i + 2]) && is_hex(text[i + 3])) {
      out += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
      i += 3;
    } else {
      const char c = text[++i];
      if (c == 'n') {
        out += '\n';
      } else if (c == 't') {
        out += '\t';
      } else if (c == '"' || c == '\\') {
        out += c;
      } else {
        out += '\\';
        out += c;
      }
    }
  }
  return to_valid_utf8(out);
}

bool plain(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) {
    all |= static_cast<unsigned char>(c) & 0x80;
    if (c == '\\') return false;
  }
  return all == 0;
}

class AccessReader final : public RecordReader {
 public:
  explicit AccessReader(ShapeId shape) : shape_(shape) {}

  Frame next(std::string_view window, bool at_end) override {
    const std::size_t line_end = window.find('\n');
    if (line_end == std::string_view::npos && !at_end) return {};
    Frame frame;
    frame.end = line_end == std::string_view::npos ? window.size() : line_end;
    frame.next = line_end == std::string_view::npos ? window.size() : line_end + 1;
    if (frame.end > 0 && window[frame.end - 1] == '\r') --frame.end;
    const std::string_view line = trim(window.substr(0, frame.end));
    frame.kind = line.empty() || line.front() == '#' ? Frame::Kind::skip : Frame::Kind::record;
    frame.silent = true;
    return frame;
  }

  bool begin(std::string_view raw, Notices& notices) override {
    if (!parse(raw, parts_)) return false;
    if (!plain(raw) && !is_utf8(raw)) notices.add({NoticeKind::not_utf8, "", 0, 1, "bytes that are not UTF-8 were replaced"});
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    if (projection.fingerprint() != stamp_) {
      stamp_ = projection.fingerprint();
      for (std::size_t i = 0; i < kPaths.size(); ++i) slots_[i] = projection.find(kPaths[i]);
    }
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      if (slots_[i] && parts_.has[i]) out.add(*slots_[i], value(i, &out));
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (std::size_t i = 0; i < kPaths.size(); ++i) {
      if (parts_.has[i]) sink(kPaths[i], value(i, nullptr));
    }
  }

 private:
  Value value(std::size_t i, FieldTable* store) {
    Value v{i == Parts::status || i == Parts::bytes ? ValueKind::number : ValueKind::string, parts_.text[i]};
    if (v.kind == ValueKind::number && !parse_int(v.text)) v.kind = ValueKind::string;
    if (plain(v.text)) return v;
    kept_ = unescape(v.text);
    v.text = store != nullptr ? store->keep(kept_) : std::string_view(kept_);
    return v;
  }

  ShapeId shape_;
  Parts parts_;
  std::uint64_t stamp_ = 0;  // of the projection that slots_ belong to
  std::array<std::optional<Slot>, Parts::count_> slots_;
  std::string kept_;
};

class AccessFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "access"; }
  [[nodiscard]] Split split() const override { return Split::freely; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view, const SchemaSet& schemas) const override {
    if (!schemas.find("access-log")) return {};
    std::size_t lines = 0, good = 0;
    Parts parts;
    while (!head.empty() && lines < kHeadLines) {
      const std::size_t end = head.find('\n');
      if (end == std::string_view::npos && !whole) break;  // cut by the head
      const std::string_view line = trim(head.substr(0, end));
      head = end == std::string_view::npos ? std::string_view() : head.substr(end + 1);
      if (line.empty() || line.front() == '#') continue;
      ++lines;
      good += parse(line, parts) && parse_clf(parts.text[Parts::time]).has_value();
    }
    if (good == 0 || good * 2 < lines) return {};
    return {good == lines && good > 2 ? 95 : 85, "access-log", ""};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view, const SchemaSet& schemas) const override {
    return std::make_unique<AccessReader>(schemas.find("access-log").value_or(0));
  }
};

}  // namespace

const Format& access_format() {
  static const AccessFormat kFormat;
  return kFormat;
}

}  // namespace assay
