// Schema: a data file per shape (content/schemas/*.yaml, docs/schemas.md). It says how to know a shape's records, which
// route (logsource) each has, where time, host and account stand, and lays the names of rules over the shape's own
// paths.
//
// Three vocabularies meet in the overlay, all resolved by resolve():
//   Sigma's field names            Image, CommandLine, cs-uri-query, c-ip ...
//   STIX object paths              network-traffic:dst_ref.value, file:hashes.'SHA-256' ...
//   roles, Assay's own, with '@'   @src_ip @src_port @dst_ip @dst_port @host @account @method @url @path @query @domain
//                                  @status @bytes_out @bytes_in @served_bytes @user_agent @cookie @content_type
//                                  @referer @outcome
//                                  @uid @file_path @file_name @sha256 @sha1 @md5 @process @command_line @parent
//                                  @event_id @channel @provider @subject @issuer @serial @ja3 @server_name @version
//                                  @answers @sender @recipient @mail_subject @message_id @link @attachment_name
//                                  @share @object @logon_type @orig_pkts @resp_pkts @orig_ip_bytes @resp_ip_bytes
//                                  @missed_bytes @history @duration @service @protocol
// A name the overlay does not know means the field of that very path, below one of the shape's prefixes or at the top.
// bytes_out is what the inside, or the requesting side, sent; in logs of our own servers (access logs) it is what was
// served to the client. docs/schemas.md has every name, rule and key.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/notice.h"
#include "core/record.h"
#include "core/result.h"
#include "core/sighting.h"
#include "core/yaml.h"

namespace assay {

// The closed list of rules applied when a value is read.
enum class ValueRule : std::uint8_t {
  none,
  unpad_hex,  // "0x0000000000000010" -> "0x10"
  hash_of,    // one algorithm out of "SHA1=..,MD5=..,SHA256=.."; argument: the algorithm
  epoch,      // number -> RFC 3339
  number,     // text of a number without thousands marks or leading zeros
  sid,        // "{S-1-5-..}" and blanks cut
  basename,   // after the last '/' or '\'
  folder,     // before it; with it where nothing else is left ("/x", "C:\x")
  url_host,
  url_path,
  url_query,  // parts of a URL or of a request target
  before,
  after,   // part before / after the first occurrence of the argument
  concat,  // argument: a template, "http://{host}{uri}"; absent when one part is
  // argument: such a template, whose last part is a request's target: the URL that was asked for (RFC 9112, 7.1). No
  // word of letters and digits reaches from one part into the next.
  request_url,
  address,   // an IP address without port, brackets and the prefix of a mapped one
  unplus,    // '+' to a blank, as IIS writes one
  map,       // argument: "from=to,from=to,*=other"; to "*" keeps the value, to "" drops it; no match: absent
  constant,  // argument is the value
};

// Its paths stand in its argument.
[[nodiscard]] constexpr bool is_template(ValueRule rule) {
  return rule == ValueRule::concat || rule == ValueRule::request_url;
}
// It has no path of its own: PathRule::path is empty.
[[nodiscard]] constexpr bool is_pathless(ValueRule rule) { return is_template(rule) || rule == ValueRule::constant; }

struct PathRule {
  std::string path;  // empty for constants and templates
  ValueRule rule = ValueRule::none;
  std::string argument;
};

// Sigma's three-part logsource, plus what coverage and claims call this kind of source.
struct Route {
  std::string name;     // unique inside the shape, "conn"
  std::string product;  // "" where none
  std::string service;
  std::vector<std::string> categories;
  std::string source_class;  // "network_flow", "web_access", "proxy", "tls", "certificate", "dns", "smtp", "mail",
                             // "windows_security", "process", "file_audit", "file", "other" ...
  struct Condition {
    std::string path;
    std::vector<std::string> any_of;  // compared without case; empty: the path must be present
  };
  std::vector<Condition> when;  // all must hold; the first route of the schema that fits is taken
};

struct TimeRule {
  std::string path;
  std::vector<std::string> more;  // further paths, joined to the first with blanks (a date and its clock)
  // stamp: "Jan  5 02:12:07", a year where there is one, or ISO 8601; pattern: as `pattern` says (evidence/clock.h)
  enum class Kind : std::uint8_t { iso8601, epoch, clf, rfc5322, windows, stamp, pattern } kind = Kind::iso8601;
  std::string pattern;
  bool local = false;  // without a zone it is the host's local time (profile: zones), not UTC
  std::string source;  // "event" or "transport": the event's own clock is preferred, a conflict is a notice
  std::vector<std::string> unless;  // not looked at where one of these paths has a value: it is of no clock of its own
  std::vector<std::string> routes;  // empty: all
};

// Where a value that an indicator may equal stands, and what it then was.
struct IndicatorPath {
  std::string path;  // or a name of any vocabulary; "*" is every string of the record
  enum class Kind : std::uint8_t {
    address,
    domain,
    url,
    hash,
    mail_address,
    file_name,
    file_path,
    certificate,
    text
  } kind = Kind::text;
  Role role = Role::text_only;
  std::vector<std::string> routes;  // empty: all
};

class MessageSet;  // evidence/messages.h
struct LinesRule;  // evidence/lines_rule.h

struct Schema {
  std::string shape;                     // "zeek-tsv"
  std::string format;                    // reader room, "zeek"
  std::string title;                     // "Zeek log, tab separated"
  std::vector<std::string> require_all;  // JSON shapes: paths a record of this shape has
  std::vector<std::string> require_any;
  int rank = 0;               // higher wins when several shapes fit
  std::vector<Route> routes;  // never empty after loading: the last one has no condition
  std::vector<TimeRule> times;
  std::vector<std::string> host;  // first present wins
  std::vector<std::string> account;
  std::string host_from_path;  // "archive": the item's place names the host (gateway logs, file trees); "" : never
  std::vector<std::string>
      prefixes;  // "winlog.event_data.": a name that the overlay does not know is looked up below each
  std::map<std::string, std::vector<PathRule>, std::less<>> overlay;
  // The text at each of these paths is a document of its own, JSON or XML; its fields stand below the path.
  std::vector<std::string> opens;
  std::vector<IndicatorPath> indicators;
  std::optional<PathRule> outcome;             // gives allowed | blocked | quarantined | unknown
  std::shared_ptr<const MessageSet> messages;  // null: none
  std::shared_ptr<const LinesRule> lines;      // formats lines and blocks

  // Every path that a name may stand for, in order of preference; never empty.
  [[nodiscard]] std::vector<PathRule> resolve(std::string_view name) const;
  // Whether the overlay or a plain path is known to stand for the name (an unknown '@' name is not).
  [[nodiscard]] bool knows(std::string_view name) const;
};

using ShapeId = std::uint16_t;
using RouteId = std::uint16_t;

class SchemaSet {
 public:
  // The shipped schemas; `extra_folders` add or replace by shape name. Errors name the file and place.
  [[nodiscard]] static Result<SchemaSet> load(std::span<const std::string> extra_folders);
  [[nodiscard]] static Result<Schema> parse(std::string_view file_name, std::string_view yaml);

  [[nodiscard]] const std::vector<Schema>& all() const { return schemas_; }  // sorted by shape name
  [[nodiscard]] const Schema& at(ShapeId id) const { return schemas_[id]; }
  [[nodiscard]] std::optional<ShapeId> find(std::string_view shape) const;

 private:
  std::vector<Schema> schemas_;
};

}  // namespace assay
