#include "evidence/formats/mail/mime.h"

#include <algorithm>
#include <optional>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/formats/mail/header.h"

namespace assay::mail {
namespace {

constexpr std::size_t kBoundaryBytes = 1000;  // RFC 2046 allows 70; longer than a line never matches

// A field name is printable ASCII without ':' (RFC 5322 3.6.8); blanks before the colon are forgiven.
std::size_t field_name(std::string_view line) {
  std::size_t size = 0;
  while (size < line.size() && line[size] > ' ' && line[size] < 0x7f && line[size] != ':') ++size;
  std::size_t colon = size;
  while (colon < line.size() && (line[colon] == ' ' || line[colon] == '\t')) ++colon;
  return size != 0 && size <= limits::kKeyBytes && colon < line.size() && line[colon] == ':' ? size : 0;
}

class Parser {
 public:
  Parser(std::string_view bytes, std::size_t depth, Notices& notices)
      : bytes_(bytes), base_depth_(depth), notices_(&notices) {}

  Mime run() {
    begin_message(0);
    while (at_ < bytes_.size() && !stopped_) {
      if (!in_header_ && open_.empty()) break;  // one body up to the end
      const std::size_t newline = bytes_.find('\n', at_);
      next_ = newline == std::string_view::npos ? bytes_.size() : newline + 1;
      line();
      at_ = next_;
    }
    while (in_header_ && !stopped_) end_header(bytes_.size());
    end_part(bytes_.size());
    if (!stopped_ && std::any_of(open_.begin(), open_.end(), [](const Multipart& m) { return !m.closed; })) {
      tell(NoticeKind::truncated, "a multipart message without its closing boundary", bytes_.size());
    }
    return std::move(out_);
  }

 private:
  struct Multipart {
    std::string boundary;
    std::size_t message = 0;  // the message that it belongs to
    bool digest = false;      // parts are messages unless they say otherwise
    bool closed = false;      // what follows is its epilogue
  };

  void tell(NoticeKind kind, std::string_view detail, std::size_t offset) {
    notices_->add({.kind = kind, .item = {}, .offset = offset, .count = 1, .detail = std::string(detail)});
  }

  [[nodiscard]] std::string_view text() const {
    std::string_view line = bytes_.substr(at_, next_ - at_);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void begin_message(std::size_t depth) {
    message_ = out_.messages.size();
    out_.messages.push_back({.depth = depth, .header = {}});
    begin_header();
    is_message_ = true;
  }

  void begin_header() {
    in_header_ = true;
    is_message_ = false;
    header_begin_ = at_;
    header_ = {};
    over_ = false;
    field_ = nullptr;
  }

  void line() {
    const std::string_view line = text();
    if (line.starts_with("--") && !open_.empty() && boundary(line)) return;
    if (!in_header_) return;
    if (line.empty()) {
      end_header(next_);
      return;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (field_ != nullptr) field_->raw = bytes_.substr(field_start_, at_ + line.size() - field_start_);
      return;
    }
    field_ = nullptr;
    const std::size_t name = field_name(line);
    if (name == 0) {
      // The mark of a mailbox file, or of a program that quotes it.
      if (at_ == header_begin_ && (line.starts_with("From ") || line.starts_with(">From "))) return;
      tell(NoticeKind::bad_value, "a header ends at a line that is no field", at_);
      end_header(at_);
      return;
    }
    if (over_) return;
    auto& header = is_message_ ? out_.messages[message_].header : header_;
    if (at_ - header_begin_ > limits::kMimeHeaderBytes || header.size() >= limits::kFieldsPerRecord) {
      over_ = true;
      tell(NoticeKind::limit_other, "a header larger than the limit; its first fields were read", at_);
      return;
    }
    const std::size_t colon = line.find(':', name);
    header.push_back({.name = lower(line.substr(0, name)), .raw = line.substr(colon + 1), .offset = at_});
    field_ = &header.back();
    field_start_ = at_ + colon + 1;
  }

  // True when the line is a boundary of an open multipart.
  bool boundary(std::string_view line) {
    std::string_view name = line.substr(2);
    while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (open_[i].closed || !name.starts_with(open_[i].boundary)) continue;  // an epilogue may say what it likes
      const std::string_view rest = name.substr(open_[i].boundary.size());
      const bool closing = rest == "--";
      if (!rest.empty() && !closing) continue;
      while (in_header_ && !stopped_) end_header(at_);  // a message inside may begin here, with no field of its own
      // The line end before a boundary belongs to it.
      std::size_t end = at_;
      if (end > 0 && bytes_[end - 1] == '\n') --end;
      if (end > 0 && bytes_[end - 1] == '\r' && end != at_) --end;
      end_part(end);
      open_.resize(i + 1);
      message_ = open_[i].message;
      if (closing) {
        open_[i].closed = true;
      } else {
        at_ = next_;  // the header begins behind the line
        begin_header();
      }
      return true;
    }
    return false;
  }

  [[nodiscard]] const HeaderField* find(std::string_view name) const {
    const auto& header = is_message_ ? out_.messages[message_].header : header_;
    const auto at =
        std::find_if(header.begin(), header.end(), [&](const HeaderField& field) { return field.name == name; });
    return at == header.end() ? nullptr : &*at;
  }

  // The header is over; its content begins at `content`.
  void end_header(std::size_t content) {
    in_header_ = false;
    field_ = nullptr;
    Part part;
    part.message = message_;
    part.begin = content;
    Parameterised type;
    if (const HeaderField* field = find("content-type")) type = parse_parameterised(field->raw);
    const bool in_digest = !is_message_ && !open_.empty() && open_.back().digest;
    part.type = type.value.empty() ? (in_digest ? "message/rfc822" : "text/plain") : type.value;
    part.charset = std::string(type.get("charset"));
    part.file_name = std::string(type.get("name"));
    part.smime_type = lower(type.get("smime-type"));
    if (const HeaderField* field = find("content-transfer-encoding")) {
      const std::string value = unfold(field->raw);
      part.encoding = lower(trim(std::string_view(value).substr(0, std::min(value.find(';'), value.find('(')))));
    }
    if (const HeaderField* field = find("content-disposition")) {
      const Parameterised disposition = parse_parameterised(field->raw);
      part.disposition_attachment = disposition.value == "attachment";
      if (!disposition.get("filename").empty()) part.file_name = std::string(disposition.get("filename"));
    }
    if (const HeaderField* field = find("content-id")) {
      const auto ids = parse_ids(field->raw);
      if (!ids.empty()) part.content_id = ids.front();
    }
    const bool plain =
        part.encoding.empty() || part.encoding == "7bit" || part.encoding == "8bit" || part.encoding == "binary";
    if (part.type.starts_with("multipart/")) {
      std::string_view name = type.get("boundary");
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (name.empty() || name.size() > kBoundaryBytes) {
        tell(NoticeKind::bad_value, "a multipart without a usable boundary", at_);
      } else if (too_deep()) {
        return begin_part(std::move(part));
      } else {
        open_.push_back({.boundary = std::string(name),
                         .message = message_,
                         .digest = part.type == "multipart/digest",
                         .closed = false});
        return;
      }
    } else if ((part.type == "message/rfc822" || part.type == "message/global" || part.type == "text/rfc822-headers") &&
               plain && !too_deep()) {
      // The fields of the message inside begin where the content begins.
      const std::size_t depth = out_.messages[message_].depth + 1;
      const std::size_t resume = at_;
      at_ = content;
      begin_message(depth);
      at_ = resume;
      return;
    }
    begin_part(std::move(part));
  }

  bool too_deep() {
    std::size_t depth = base_depth_ + out_.messages[message_].depth + open_.size();
    if (depth < limits::kMimeDepth) return false;
    tell(NoticeKind::limit_depth, "parts nested deeper than the limit were looked at as plain bytes", at_);
    return true;
  }

  void begin_part(Part part) {
    if (out_.parts.size() >= limits::kMimeParts) {
      tell(NoticeKind::limit_other, "more parts than the limit; the others were not looked at", at_);
      stopped_ = true;
      return;
    }
    out_.parts.push_back(std::move(part));
    part_open_ = true;
  }

  void end_part(std::size_t end) {
    if (!part_open_) return;
    part_open_ = false;
    Part& part = out_.parts.back();
    part.end = std::max(part.begin, end);
  }

  std::string_view bytes_;
  std::size_t base_depth_;
  Notices* notices_;
  Mime out_;
  std::size_t at_ = 0, next_ = 0;
  std::vector<Multipart> open_;
  std::size_t message_ = 0;
  bool in_header_ = false;
  bool is_message_ = false;  // the header is that of a message, not of a part
  bool over_ = false;
  bool part_open_ = false;
  bool stopped_ = false;
  std::size_t header_begin_ = 0;
  std::vector<HeaderField> header_;  // of a part
  HeaderField* field_ = nullptr;     // the field that a folded line goes on
  std::size_t field_start_ = 0;
};

}  // namespace

const HeaderField* Message::find(std::string_view name) const {
  for (const HeaderField& field : header) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Mime parse_mime(std::string_view bytes, std::size_t depth, Notices& notices) {
  return Parser(bytes, depth, notices).run();
}

}  // namespace assay::mail
