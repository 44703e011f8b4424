// Mail files: .eml (one message a file) and mbox. One message is one record; its bytes are the whole message, in an
// mbox with its "From " line. Paths, limits and what is not read: docs/formats/mail.md.
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "evidence/file_record.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/mail/header.h"
#include "evidence/formats/mail/mbox.h"
#include "evidence/formats/mail/mime.h"
#include "evidence/formats/mail/transfer.h"
#include "text/addresses.h"
#include "text/charset.h"
#include "text/domains.h"
#include "text/html.h"
#include "text/urls.h"

namespace assay {
namespace {

using mail::HeaderField;
using mail::Mailbox;
using mail::Message;
using mail::Mime;
using mail::Part;

constexpr std::size_t kTextBytes = std::size_t{256} << 10;  // of one text part that body.text gives
constexpr std::size_t kHtmlBytes = std::size_t{8} << 20;    // of one HTML part that is looked at
constexpr std::size_t kHops = 100;                          // Received fields that are given
constexpr std::size_t kOriginals = 100;                     // messages inside whose fields are given
constexpr std::size_t kLookahead = 4096;  // behind a message of the largest size, for the next one's first line

struct Field {
  std::string path;
  std::string text;
  ValueKind kind = ValueKind::string;
};

struct Attachment {
  std::string prefix;  // "" or "original."
  const Part* part = nullptr;
  std::string_view encoded;
  std::size_t offset = 0, length = 0;  // of its encoded content in the record
  std::string name;                    // without directories
  bool decoded_yet = false;
  std::string decoded;
  std::string_view kind;  // by content
  std::string sha256, sha1, md5;
};

bool is_html_name(std::string_view name) {
  for (const std::string_view ending : {".html", ".htm", ".shtml", ".xhtml", ".xht", ".svg"}) {
    if (ends_with_icase(name, ending)) return true;
  }
  return false;
}

// ">From " at the start of a line was "From " before it went into a mailbox file (any number of '>' lost one).
std::string without_from_quotes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string_view line = text.substr(at, end - at);
    const std::size_t marks = std::min(line.find_first_not_of('>'), line.size());
    if (marks != 0 && line.substr(marks).starts_with("From ")) line.remove_prefix(1);
    out += line;
    at = end;
  }
  return out;
}

// Where the word "by" of a Received field stands, outside comments; its end when there is none.
std::size_t by_clause(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && depth != 0) --depth;
    if (depth == 0 && (i == 0 || is_space(text[i - 1])) && starts_with_icase(text.substr(i), "by ")) return i;
  }
  return text.size();
}

// The server that wrote the field, as it names itself; "" when it does not.
std::string hop_receiver(std::string_view text) {
  const std::size_t by = by_clause(text);
  if (by == text.size()) return {};
  const std::string_view rest = trim(text.substr(by + 3));
  return lower(rest.substr(0, rest.find_first_of(" \t(;")));
}

// Only the part of a Received field that the writing server itself knows: what stands before "by", and what stands in
// brackets after it. The rest holds version numbers and ids that look like addresses.
std::vector<std::string> hop_addresses(std::string_view text) {
  const std::size_t by = by_clause(text);
  std::vector<std::string> out;
  for (const std::string_view address : find_addresses(text.substr(0, by))) out.push_back(canonical_address(address));
  const std::string_view rest = text.substr(by);
  for (const std::string_view address : find_addresses(rest)) {
    const auto at = static_cast<std::size_t>(address.data() - rest.data());
    const bool v6 = at >= 6 && equals_icase(rest.substr(at - 5, 5), "IPv6:");
    const std::size_t before = v6 ? at - 6 : at - 1;
    if (at != 0 && (rest[before] == '[' || rest[before] == '(')) out.push_back(canonical_address(address));
  }
  return out;
}

// What a gateway's own field says became of the message. "" when it says nothing.
std::string_view disposition_of(std::string_view name, std::string_view value) {
  static constexpr std::array<std::string_view, 6> kNo = {"no", "false", "0", "none", "not", "never"};
  const std::string small = lower(trim(value));
  const std::string_view first = std::string_view(small).substr(0, small.find_first_of(" ;,\t"));
  const bool denied = std::find(kNo.begin(), kNo.end(), first) != kNo.end();
  if (name.find("quarantine") != std::string_view::npos) return denied ? "" : "quarantined";
  if (!name.ends_with("disposition") && !name.ends_with("action") && !name.ends_with("verdict")) return {};
  if (denied) return {};
  if (small.find("quarantin") != std::string::npos) return "quarantined";
  for (const std::string_view word : {"block", "reject", "discard", "drop", "delete", "held"}) {
    if (small.find(word) != std::string::npos) return word == "held" ? "quarantined" : "blocked";
  }
  for (const std::string_view word : {"deliver", "allow", "accept", "release", "pass"}) {
    if (small.find(word) != std::string::npos) return "allowed";
  }
  return {};
}

bool is_disposition_field(std::string_view name) {
  if (name == "content-disposition" || name == "disposition-notification-to" || name == "original-recipient")
    return false;
  if (name.find("quarantine") != std::string_view::npos || name.ends_with("disposition")) return true;
  static constexpr std::array<std::string_view, 11> kKnown = {"x-spam-flag",
                                                              "x-spam-status",
                                                              "x-spam-action",
                                                              "x-spam-level",
                                                              "x-virus-status",
                                                              "x-barracuda-spam-status",
                                                              "x-forefront-antispam-report",
                                                              "x-ms-exchange-organization-scl",
                                                              "x-mail-gateway-action",
                                                              "x-gateway-action",
                                                              "x-gateway-verdict"};
  return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

// Every value is UTF-8, whatever way its bytes came in.
std::string valid(std::string text) { return is_utf8(text) ? text : to_valid_utf8(text); }

class MailReader final : public RecordReader {
 public:
  explicit MailReader(const SchemaSet& schemas) : shape_(schemas.find("mail").value_or(0)) {}

  [[nodiscard]] Frame next(std::string_view window, bool at_end) override {
    if (kind_ == Kind::unknown) {
      const std::string_view text = mail::without_mark(window);
      if (text.size() < 5 && !at_end) return {.kind = Frame::Kind::more};
      kind_ = text.starts_with("From ") ? Kind::mbox : Kind::eml;
    }
    if (window.empty()) return {.kind = at_end ? Frame::Kind::done : Frame::Kind::more};
    const std::size_t limit = limits::kDocumentBytes;
    const bool enough = at_end || window.size() >= limit + kLookahead;
    std::size_t end = 0;
    bool found = false;
    if (kind_ == Kind::mbox) {
      const mail::Next mark = mail::find_from_line(window, std::min(looked_, window.size()), at_end);
      if (mark.kind == mail::Next::Kind::found && (resting_ || mark.at <= limit)) {
        end = mark.at;
        found = true;
      } else {
        looked_ = mark.at;
      }
    }
    if (resting_) {
      // The rest of a message of which the head was a record.
      if (found || at_end) {
        const std::size_t all = found ? end : window.size();
        resting_ = false;
        looked_ = 0;
        return {.kind = Frame::Kind::skip,
                .begin = 0,
                .end = all,
                .next = all,
                .why = NoticeKind::limit_record,
                .silent = true};
      }
      // Keep what the next line's mark may begin with.
      const std::size_t all =
          kind_ == Kind::mbox ? std::min(window.size(), looked_ > 1 ? looked_ - 2 : 0) : window.size();
      if (all == 0) return {.kind = Frame::Kind::more};
      looked_ -= std::min(looked_, all);
      return {.kind = Frame::Kind::skip,
              .begin = 0,
              .end = all,
              .next = all,
              .why = NoticeKind::limit_record,
              .silent = true};
    }
    if (found) {
      looked_ = 0;
      return {.kind = Frame::Kind::record, .begin = 0, .end = end, .next = end};
    }
    if (!enough) return {.kind = Frame::Kind::more};
    if (window.size() > limit) {
      resting_ = true;
      looked_ = 0;
      return {.kind = Frame::Kind::record, .begin = 0, .end = limit, .next = limit};
    }
    looked_ = 0;
    return {.kind = Frame::Kind::record, .begin = 0, .end = window.size(), .next = window.size()};
  }

  [[nodiscard]] bool begin(std::string_view raw, Notices& notices) override {
    fields_.clear();
    attachments_.clear();
    sources_.clear();
    links_ = originals_ = 0;
    report_ = attachments_told_ = links_cut_ = false;
    result_.clear();
    notices_ = &notices;
    std::string_view message = mail::without_mark(raw);
    if (message.starts_with("From ")) {
      message.remove_prefix(std::min(message.find('\n'), message.size() - 1) + 1);
      in_mbox_ = true;
    } else {
      in_mbox_ = false;
    }
    const auto offset = static_cast<std::size_t>(message.data() - raw.data());
    if (raw.size() >= limits::kDocumentBytes)
      tell(NoticeKind::limit_record, "a message of more than 64 MiB: its head was looked at");
    Source& outer = sources_.emplace_back();
    outer.bytes = message;
    outer.offset = offset;
    parse_source(sources_.front());
    if (sources_.front().mime.messages.front().header.empty()) return false;
    describe(sources_.front());
    if (report_) add("report", "true", ValueKind::boolean);
    if (!result_.empty()) add("disposition.result", result_);
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    for (const Field& field : fields_) {
      if (const auto slot = projection.find(field.path)) out.add(*slot, {field.kind, field.text});
    }
    if (attachments_.empty()) return;
    for (const std::string_view path : {"size", "kind", "sha256", "sha1", "md5"}) {
      for (const std::string_view prefix : {"attachment.", "original.attachment."}) {
        if (projection.find(std::string(prefix) + std::string(path))) {
          describe_attachments();
          for (const Field& field : facts_) {
            if (const auto slot = projection.find(field.path)) out.add(*slot, {field.kind, field.text});
          }
          return;
        }
      }
    }
  }

  void all_fields(const FieldSink& sink) override {
    for (const Field& field : fields_) sink(field.path, {field.kind, field.text});
    describe_attachments();
    for (const Field& field : facts_) sink(field.path, {field.kind, field.text});
  }

  void blobs(const BlobSink& sink) override {
    for (Attachment& attachment : attachments_) {
      decode(attachment);
      Blob blob;
      blob.ref = {.item = 0, .offset = attachment.offset, .length = attachment.length};
      blob.bytes = attachment.decoded;
      blob.name = attachment.name;
      blob.path = attachment.name;
      blob.type = attachment.kind;
      blob.sha256 = attachment.sha256;
      blob.sha1 = attachment.sha1;
      blob.md5 = attachment.md5;
      blob.attachment = true;
      sink(blob);
    }
  }

 private:
  enum class Kind { unknown, eml, mbox };

  // The message, or an attached message that was itself encoded.
  struct Source {
    std::string_view bytes;
    std::size_t offset = 0;  // of its bytes in the record
    std::size_t length =
        0;  // encoded: the span that all of it is cited by; 0: its bytes stand in the record as they are
    std::size_t depth = 0;
    std::string own;  // decoded
    Mime mime;
  };

  void tell(NoticeKind kind, std::string_view detail, std::size_t offset = 0) {
    notices_->add({.kind = kind, .item = {}, .offset = offset, .count = 1, .detail = std::string(detail)});
  }

  void add(std::string_view path, std::string text, ValueKind kind = ValueKind::string) {
    fields_.push_back({prefix_ + std::string(path), valid(std::move(text)), kind});
  }
  // For paths that hold what stands in the message and in originals together.
  void add_joined(std::string_view path, std::string text) {
    fields_.push_back({std::string(path), valid(std::move(text))});
  }

  void parse_source(Source& source) {
    Notices inner;
    source.mime = mail::parse_mime(source.bytes, source.depth, inner);
    for (Notice notice : inner.sorted()) {
      notice.offset = source.length == 0 ? notice.offset + source.offset : source.offset;
      notices_->add(std::move(notice));
    }
  }

  void describe(Source& source) {
    const std::size_t messages = source.mime.messages.size();
    for (std::size_t i = 0; i < messages; ++i) {
      const bool original = source.length != 0 || i != 0;
      if (original) {
        if (source.mime.messages[i].header.empty()) continue;
        report_ = true;
        if (++originals_ > kOriginals) {
          if (originals_ == kOriginals + 1)
            tell(NoticeKind::limit_other, "more messages inside a message than the limit");
          break;
        }
      }
      prefix_ = original ? "original." : "";
      describe_header(source.mime.messages[i]);
      std::set<std::pair<std::string, std::string>> known;
      for (const Part& part : source.mime.parts) {
        if (part.message == i) describe_part(source, part, known);
      }
      prefix_.clear();
    }
  }

  // ---- header
  // ----------------------------------------------------------------------------------------------------------

  void describe_header(const Message& message) {
    for (const HeaderField& field : message.header) {
      const std::string_view name = field.name;
      if (name == "from") {
        mailboxes("from", field.raw, true);
      } else if (name == "sender") {
        mailboxes("sender", field.raw, true);
      } else if (name == "to" || name == "cc" || name == "bcc" || name == "reply-to" || name == "return-path" ||
                 name == "delivered-to" || name == "x-original-to" || name == "envelope-to" || name == "resent-to") {
        std::string path(name);
        std::replace(path.begin(), path.end(), '-', '_');
        mailboxes(path, field.raw, false);
      } else if (name == "subject") {
        add("subject", mail::decode_text(field.raw));
      } else if (name == "message-id") {
        ids("message_id", field.raw);
      } else if (name == "in-reply-to") {
        ids("in_reply_to", field.raw);
      } else if (name == "references") {
        ids("references", field.raw);
      } else if (name == "date") {
        add("date", mail::decode_text(field.raw));
      } else if (name == "list-id") {
        add("list_id", mail::decode_text(field.raw));
      } else if (name == "user-agent") {
        add("user_agent", mail::decode_text(field.raw));
      } else if (name == "x-mailer") {
        add("x_mailer", mail::decode_text(field.raw));
      } else if (name == "x-originating-ip" || name == "x-sender-ip" || name == "x-client-ip") {
        for (const std::string_view address : find_addresses(mail::unfold(field.raw)))
          add("originating_ip", canonical_address(address));
      }
    }
    received(message);
    authentication(message);
    disposition(message);
    for (const HeaderField& field : message.header) add("header." + field.name, mail::decode_text(field.raw));
  }

  void mailboxes(std::string_view path, std::string_view raw, bool parts) {
    bool more = false;
    const bool recipient = path == "to" || path == "cc" || path == "bcc" || path == "delivered_to" ||
                           path == "x_original_to" || path == "envelope_to" || path == "resent_to";
    std::set<std::string> seen;
    for (Mailbox& mailbox : mail::parse_mailboxes(raw, more)) {
      if (parts) {
        if (!mailbox.address.empty()) add(std::string(path) + ".address", mailbox.address);
        if (!mailbox.name.empty()) add(std::string(path) + ".name", mailbox.name);
        if (!mailbox.domain().empty()) add(std::string(path) + ".domain", lower(mailbox.domain()));
        if (!mailbox.address.empty()) add_joined("senders", mailbox.address);
      } else if (!mailbox.address.empty()) {
        add(path, mailbox.address);
        if (!mailbox.name.empty() && (path == "to" || path == "cc" || path == "reply_to"))
          add(std::string(path) + ".name", mailbox.name);
      }
      if (recipient && !mailbox.address.empty() && seen.insert(lower(mailbox.address)).second)
        add("recipient", mailbox.address);
    }
    if (more) tell(NoticeKind::limit_other, "more addresses in a field than the limit");
  }

  void ids(std::string_view path, std::string_view raw) {
    for (std::string& id : mail::parse_ids(raw)) add(path, std::move(id));
  }

  void received(const Message& message) {
    std::size_t hops = 0;
    for (const HeaderField& field : message.header) {
      if (field.name != "received") continue;
      if (++hops > kHops) {
        tell(NoticeKind::limit_other, "more Received fields than the limit", field.offset);
        break;
      }
      const std::string text = mail::decode_text(field.raw);
      const std::size_t semicolon = text.rfind(';');
      add("received", text.substr(0, semicolon));
      if (semicolon != std::string::npos)
        add("received.date", std::string(trim(std::string_view(text).substr(semicolon + 1))));
      if (std::string by = hop_receiver(std::string_view(text).substr(0, semicolon)); !by.empty())
        add("received.by", std::move(by));
      for (std::string& address : hop_addresses(std::string_view(text).substr(0, semicolon)))
        add("received.ip", std::move(address));
    }
  }

  // Only the topmost counts: it is ours, or nobody's; those below come with the message.
  void authentication(const Message& message) {
    if (const HeaderField* field = message.find("authentication-results")) {
      for (mail::AuthResult& result : mail::parse_auth_results(field->raw)) {
        if (result.method == "spf" || result.method == "dkim" || result.method == "dmarc" || result.method == "arc" ||
            result.method == "compauth") {
          add("auth." + result.method, std::move(result.result));
        }
      }
    } else if (const HeaderField* spf = message.find("received-spf")) {
      const std::string text = lower(mail::unfold(spf->raw));
      add("auth.spf", text.substr(0, text.find_first_of(" (;")));
    }
  }

  void disposition(const Message& message) {
    for (const HeaderField& field : message.header) {
      if (!is_disposition_field(field.name)) continue;
      std::string text = mail::decode_text(field.raw);
      const std::string_view result = disposition_of(field.name, text);
      if (result_.empty()) result_ = result;  // the topmost counts, the message's own before an original's
      add("disposition." + field.name, std::move(text));
    }
  }

  // ---- parts
  // -----------------------------------------------------------------------------------------------------------

  void describe_part(Source& source, const Part& part, std::set<std::pair<std::string, std::string>>& known) {
    const std::string_view encoded = source.bytes.substr(part.begin, part.end - part.begin);
    const std::size_t offset = source.length == 0 ? source.offset + part.begin : source.offset;
    const std::size_t length = source.length == 0 ? encoded.size() : source.length;
    if (part.type == "application/pgp-encrypted" ||
        (part.type.ends_with("pkcs7-mime") && part.smime_type != "signed-data" && part.smime_type != "certs-only")) {
      tell(NoticeKind::encrypted, "an encrypted message", offset);
    }
    const bool text = part.type.starts_with("text/") || part.type == "message/delivery-status" ||
                      part.type == "message/disposition-notification" || part.type == "message/feedback-report" ||
                      part.type.starts_with("multipart/");
    if (text && !part.disposition_attachment && part.file_name.empty()) {
      body(part, encoded, known);
      return;
    }
    const bool message =
        part.type == "message/rfc822" || part.type == "message/global" || ends_with_icase(part.file_name, ".eml");
    if (message && source.depth < limits::kMimeDepth && message_inside(source, part, encoded, offset, length)) return;
    Attachment attachment;
    attachment.prefix = prefix_;
    attachment.part = &part;
    attachment.encoded = encoded;
    attachment.offset = offset;
    attachment.length = length;
    attachment.name = valid(std::string(last_step(part.file_name)));
    add("attachment.name", attachment.name);
    add("attachment.type", part.type);
    if (!attachment.name.empty()) add_joined("attachments", attachment.name);
    if (part.type == "text/html" || part.type == "application/xhtml+xml" || part.type == "image/svg+xml" ||
        is_html_name(attachment.name)) {
      const HtmlText html = html_to_text(decoded_text(part, encoded).substr(0, kHtmlBytes), link_room() + 1);
      html_links(html, known);
    }
    attachments_.push_back(std::move(attachment));
  }

  // An attached message that was itself encoded is read like one that was not. False: it is no message.
  bool message_inside(const Source& source, const Part& part, std::string_view encoded, std::size_t offset,
                      std::size_t length) {
    Source inside;
    inside.own = mail::decode_transfer(encoded, part.encoding);
    if (mail::mail_score(inside.own, true) < 70 || originals_ >= kOriginals) return false;
    inside.offset = offset;
    inside.length = std::max<std::size_t>(length, 1);
    inside.depth = source.depth + source.mime.messages[part.message].depth + 1;
    if (inside.depth >= limits::kMimeDepth) {
      tell(NoticeKind::limit_depth, "parts nested deeper than the limit were looked at as plain bytes", offset);
      return false;
    }
    sources_.push_back(std::move(inside));
    Source& kept = sources_.back();
    kept.bytes = kept.own;
    parse_source(kept);
    const std::string outer = prefix_;
    describe(kept);
    prefix_ = outer;
    return true;
  }

  std::string decoded_text(const Part& part, std::string_view encoded) {
    std::string bytes = mail::decode_transfer(encoded, part.encoding);
    if (in_mbox_ && part.encoding != "base64") bytes = without_from_quotes(bytes);
    bool charset_known = true;
    std::string out = to_utf8(bytes, part.charset, &charset_known);
    if (!charset_known) tell(NoticeKind::bad_value, "a text in a charset that is not converted");
    return out;
  }

  void body(const Part& part, std::string_view encoded, std::set<std::pair<std::string, std::string>>& known) {
    std::string text = decoded_text(part, encoded);
    if (part.type == "text/html" || part.type == "text/x-amp-html") {
      if (text.size() > kHtmlBytes)
        tell(NoticeKind::limit_other, "a text part larger than the limit; its head was looked at");
      HtmlText html = html_to_text(std::string_view(text).substr(0, kHtmlBytes), link_room() + 1);
      html_links(html, known);
      text = std::move(html.text);
    } else {
      const std::vector<std::string_view> urls = find_urls(text, link_room() + 1);
      if (urls.size() > link_room()) too_many_links();
      for (const std::string_view url : urls) link(std::string(url), "", "text", known);
    }
    if (text.size() > kTextBytes) {
      text.resize(kTextBytes);
      text = to_valid_utf8(text);
    }
    if (!trim(text).empty()) add("body.text", std::move(text));
  }

  [[nodiscard]] std::size_t link_room() const { return limits::kUrlsPerMail - std::min(links_, limits::kUrlsPerMail); }

  // Told once, also when repeated links used up the room: others may stand behind them.
  void too_many_links() {
    if (!std::exchange(links_cut_, true)) tell(NoticeKind::limit_other, "more links in a message than the limit");
  }

  void html_links(const HtmlText& html, std::set<std::pair<std::string, std::string>>& known) {
    if (html.more_links || html.links.size() > link_room()) too_many_links();
    for (const HtmlLink& one : html.links) link(one.url, one.text, one.tag, known);
  }

  void link(std::string raw, std::string text, std::string_view tag,
            std::set<std::pair<std::string, std::string>>& known) {
    auto url = parse_url(raw);
    if (!url) {
      // Without a scheme: mail programs make a link of a name that could be a host.
      const std::string_view target = trim(raw);
      const std::string_view host = target.substr(0, target.find_first_of("/?#:"));
      if (host.empty() || registrable_domain(host).empty() || (!starts_with_icase(host, "www.") && tag != "a")) return;
      url = parse_url("http://" + std::string(target));
      if (!url) return;
      raw = "http://" + std::string(target);
    }
    if (url->scheme == "mailto" || url->scheme == "cid" || url->scheme == "mid" || url->scheme == "tel" ||
        url->scheme == "sms")
      return;
    if (!known.emplace(raw, text).second) return;
    if (links_ >= limits::kUrlsPerMail) return too_many_links();
    ++links_;
    if (url->scheme == "data" && raw.size() > limits::kCarriedFieldBytes) raw.resize(limits::kCarriedFieldBytes);
    const Unwrapped target = unwrap_url(raw);
    if (target.opaque)
      tell(NoticeKind::recognised_not_read, "a rewritten link whose target only the mail gateway knows");
    if (target.broken) tell(NoticeKind::bad_value, "a rewritten link that could not be undone");
    const auto aim = parse_url(target.url);
    std::string clean = to_valid_utf8(target.url);
    add_joined("links", clean);
    add("link.url", std::move(clean));
    add("link.raw", to_valid_utf8(raw));
    // Always given, so that the values of these paths stand side by side.
    add("link.domain", aim && (is_domain(aim->host) || is_address(aim->host)) ? aim->host : std::string());
    add("link.text", std::move(text));
    add("link.tag", std::string(tag));
  }

  // ---- attachments
  // -----------------------------------------------------------------------------------------------------

  static void decode(Attachment& attachment) {
    if (attachment.decoded_yet) return;
    attachment.decoded_yet = true;
    attachment.decoded = mail::decode_transfer(attachment.encoded, attachment.part->encoding);
    attachment.kind = blob_type(attachment.decoded);
    attachment.sha256 = hash_hex(HashKind::sha256, attachment.decoded);
    attachment.sha1 = hash_hex(HashKind::sha1, attachment.decoded);
    attachment.md5 = hash_hex(HashKind::md5, attachment.decoded);
  }

  void describe_attachments() {
    if (attachments_told_) return;
    attachments_told_ = true;
    facts_.clear();
    for (Attachment& attachment : attachments_) {
      decode(attachment);
      const auto fact = [&](std::string_view path, std::string text, ValueKind kind = ValueKind::string) {
        facts_.push_back({attachment.prefix + "attachment." + std::string(path), std::move(text), kind});
      };
      fact("size", std::to_string(attachment.decoded.size()), ValueKind::number);
      fact("kind", std::string(attachment.kind));
      fact("sha256", attachment.sha256);
      fact("sha1", attachment.sha1);
      fact("md5", attachment.md5);
    }
  }

  ShapeId shape_;
  Kind kind_ = Kind::unknown;
  std::size_t looked_ = 0;  // of the window, up to where no next message begins
  bool resting_ = false;    // behind the head of a message that is too long

  Notices* notices_ = nullptr;
  bool in_mbox_ = false;
  std::deque<Source> sources_;
  std::vector<Field> fields_, facts_;
  std::vector<Attachment> attachments_;
  std::string prefix_;
  std::string result_;
  std::size_t links_ = 0, originals_ = 0;
  bool report_ = false;
  bool links_cut_ = false;
  bool attachments_told_ = false;
};

class MailFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "mail"; }
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] std::size_t frame_limit() const override { return limits::kDocumentBytes + kLookahead; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view,
                                      const SchemaSet& schemas) const override {
    const int score = schemas.find("mail") ? mail::mail_score(head, whole) : 0;
    if (score == 0) return {};
    return {score, "mail", mail::without_mark(head).starts_with("From ") ? "mailbox file (mbox)" : "one message"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view,
                                                   const SchemaSet& schemas) const override {
    return std::make_unique<MailReader>(schemas);
  }
};

}  // namespace

const Format& mail_format() {
  static const MailFormat kFormat;
  return kFormat;
}

}  // namespace assay
