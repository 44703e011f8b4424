// OpenIOC 1.0 and 1.1 (Mandiant, XML): trees of Indicator (OR, AND) over IndicatorItem become STIX patterns; a single
// term that has a kind becomes an indicator. Terms without a counterpart are listed. docs/importers/openioc.md has the
// table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/ascii.h"
#include "evidence/formats/xml/pull.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"

namespace assay::openioc {
namespace {

constexpr std::size_t kDepth = 32;
constexpr std::size_t kItems = 100'000;
constexpr std::size_t kPatternBytes = std::size_t{60} << 10;  // what the reader of bundles takes
constexpr std::size_t kTextBytes = std::size_t{64} << 10;

struct Term {
  std::string_view search;
  Observable kind;
};
constexpr auto kTerms = std::to_array<Term>({
    {"FileItem/Md5sum", Observable::md5},
    {"FileItem/Sha1sum", Observable::sha1},
    {"FileItem/Sha256sum", Observable::sha256},
    {"FileItem/FileName", Observable::file_name},
    {"FileItem/FullPath", Observable::file_path},
    {"FileItem/FilePath", Observable::file_path},
    {"FileItem/PEInfo/ImportsHash", Observable::imphash},
    {"FileItem/PEInfo/DigitalSignature/CertificateThumbprint", Observable::certificate_sha1},
    {"DnsEntryItem/RecordName", Observable::domain},
    {"DnsEntryItem/Host", Observable::domain},
    {"DnsEntryItem/RecordData/Host", Observable::domain},
    {"DnsEntryItem/RecordData/IPv4Address", Observable::ipv4},
    {"Network/DNS", Observable::domain},
    {"Network/URI", Observable::url},
    {"Network/UserAgent", Observable::user_agent},
    {"Network/String", Observable::url},
    {"PortItem/remoteIP", Observable::ipv4},
    {"RouteEntryItem/Destination", Observable::ipv4},
    {"ArpEntryItem/IPv4Address", Observable::ipv4},
    {"UrlHistoryItem/URL", Observable::url},
    {"UrlHistoryItem/HostName", Observable::domain},
    {"FileDownloadHistoryItem/SourceURL", Observable::url},
    {"FileDownloadHistoryItem/FileName", Observable::file_name},
    {"Email/From", Observable::mail_address},
    {"Email/ReplyTo", Observable::mail_address},
    {"Email/Subject", Observable::mail_subject},
    {"Email/Attachment/Name", Observable::file_name},
    {"Email/Attachment/MD5", Observable::md5},
    {"RegistryItem/KeyPath", Observable::registry_key},
    {"RegistryItem/Path", Observable::registry_key},
    {"ProcessItem/name", Observable::file_name},
    {"ProcessItem/path", Observable::file_path},
    {"ProcessItem/arguments", Observable::command_line},
    {"ProcessItem/HandleList/Handle/Name", Observable::mutex},
    {"ServiceItem/path", Observable::file_path},
    {"ServiceItem/serviceDLL", Observable::file_path},
    {"ServiceItem/pathmd5sum", Observable::md5},
    {"ServiceItem/serviceDLLmd5sum", Observable::md5},
    {"UserItem/Username", Observable::user_account},
    {"HookItem/HookedModule", Observable::file_name},
    {"DriverItem/DriverName", Observable::file_name},
    {"TaskItem/ExeName", Observable::file_name},
});

struct Node {
  bool leaf = false, all = false;  // all: AND
  std::string search, content, condition, id;
  bool negate = false;
  std::vector<Node> children;
};

std::string local(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return std::string(colon == name.npos ? name : name.substr(colon + 1));
}

std::string attribute(const XmlPull& xml, std::string_view wanted) {
  for (const XmlPull::Attribute& one : xml.attributes()) {
    if (!equals_icase(one.name, wanted)) continue;
    std::string out;
    bool bad = false;
    xml_text(one.value, out, bad);
    return out;
  }
  return {};
}

// Without a prologue, comments and a document type (whose entities are never read).
Result<std::string_view> body_of(std::string_view file_name, std::string_view bytes) {
  while (true) {
    bytes = trim(bytes);
    if (bytes.starts_with("<?")) {
      const std::size_t end = bytes.find("?>");
      if (end == bytes.npos) break;
      bytes.remove_prefix(end + 2);
    } else if (bytes.starts_with("<!--")) {
      const std::size_t end = bytes.find("-->");
      if (end == bytes.npos) break;
      bytes.remove_prefix(end + 3);
    } else if (bytes.starts_with("<!")) {
      return Error{ErrorCode::unsupported, "it declares a document type, which is not read", std::string(file_name),
                   "remove the <!DOCTYPE ...> and its entities"};
    } else {
      return bytes;
    }
  }
  return Error{ErrorCode::bad_input, "the XML ends before its first element", std::string(file_name),
               "check that the file is whole"};
}

class Reader {
 public:
  Reader(std::string_view file_name, std::string_view body, Build& out) : file_(file_name), xml_(body), out_(out) {}

  Status run() {
    std::vector<Node*> open;
    std::vector<std::string> path;
    Node root;
    root.all = false;
    while (true) {
      const XmlPull::Part part = xml_.next();
      if (part == XmlPull::Part::done) break;
      if (part == XmlPull::Part::damaged) {
        out_.problem("the XML is damaged; what stands before the damage was read");
        break;
      }
      if (part == XmlPull::Part::text) {
        text(path, open);
        continue;
      }
      if (part == XmlPull::Part::end) {
        const std::string name = local(xml_.name());
        if ((name == "Indicator" || name == "IndicatorItem") && !open.empty()) open.pop_back();
        if (!path.empty()) path.pop_back();
        continue;
      }
      const std::string name = local(xml_.name());
      path.push_back(name);
      if (path.size() > 4 * kDepth)
        return Error{ErrorCode::limit, fmt::format("elements deeper than {}", 4 * kDepth), file_, "no OpenIOC file is"};
      if (name == "Indicator" || name == "IndicatorItem") {
        Node* const parent = open.empty() ? &root : open.back();
        if (++items_ > kItems)
          return Error{ErrorCode::limit, fmt::format("more than {} terms", kItems), file_, "split it"};
        if (open.size() > kDepth)
          return Error{ErrorCode::limit, fmt::format("terms nested deeper than {}", kDepth), file_,
                       "no OpenIOC file is"};
        // The children of a parent grow only while it is the innermost, so its place stays.
        parent->children.emplace_back();
        Node& node = parent->children.back();
        node.leaf = name == "IndicatorItem";
        node.all = equals_icase(attribute(xml_, "operator"), "AND");
        node.condition = lower(attribute(xml_, "condition"));
        node.id = attribute(xml_, "id");
        const std::string negate = attribute(xml_, "negate");
        node.negate = equals_icase(negate, "true") || node.condition == "isnot" || node.condition == "containsnot";
        open.push_back(&node);
      } else if (name == "Context" && !open.empty()) {
        open.back()->search = attribute(xml_, "search");
      } else if ((name == "ioc" || name == "OpenIOC") && path.size() == 1) {
        const std::string id = lower(attribute(xml_, "id"));
        if (is_uuid(id)) out_.source_id(id);
        for (const char* const key : {"published-date", "last-modified"}) {
          if (const auto at = parse_iso8601(attribute(xml_, key)); at && at->known() && to_civil(*at).year > 1990)
            out_.published(*at);
        }
      } else if (name == "link") {
        rel_ = attribute(xml_, "rel");
      }
    }
    write(root, true);
    return Ok{};
  }

 private:
  void text(const std::vector<std::string>& path, const std::vector<Node*>& open) {
    if (path.empty()) return;
    std::string value;
    if (xml_.literal()) {
      value = to_valid_utf8(xml_.text());
    } else {
      bool bad = false;
      xml_text(xml_.text(), value, bad);
    }
    if (trim(value).empty()) return;
    if (value.size() > kTextBytes) {
      out_.problem(fmt::format("a text longer than {} bytes, not used", kTextBytes));
      return;
    }
    const std::string& name = path.back();
    if (name == "Content" && !open.empty()) {
      open.back()->content += value;
    } else if (name == "short_description") {
      out_.title(value);
    } else if (name == "description" && open.empty()) {
      out_.about(value);
    } else if (name == "authored_by") {
      out_.publisher(value);
    } else if (name == "authored_date") {
      if (const auto at = parse_iso8601(trim(value))) out_.published(*at);
    } else if (name == "link") {
      const std::string rel = lower(rel_);
      if (rel == "threatgroup" || rel == "actor" || rel == "threat-actor") out_.name("intrusion-set", value);
      if (rel == "family" || rel == "malware") out_.name("malware", value);
    }
  }

  static const Term* term_of(const Node& node) {
    for (const Term& term : kTerms) {
      if (equals_icase(term.search, trim(node.search))) return &term;
    }
    return nullptr;
  }

  void unknown(const Node& node) {
    out_.count("term without a counterpart");
    out_.problem(fmt::format("the term '{}' ({}) has no counterpart in STIX patterns that are read: left out",
                             printable(node.search), node.condition));
  }
  static std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 80)) out += c >= ' ' && c <= '~' ? c : '?';
    return out;
  }

  // "[...]" without its brackets; empty: the term cannot be written.
  std::string comparison(const Node& node) {
    const Term* const term = term_of(node);
    std::string why;
    if (term == nullptr) return unknown(node), std::string();
    const bool part = node.condition.starts_with("contains") || node.condition == "starts-with" ||
                      node.condition == "ends-with" || node.condition == "matches";
    Observable kind = term->kind;
    if (kind == Observable::ipv4 && !part) {
      const auto guess = guess_observable(node.content, "");
      if (guess == Observable::ipv6 || guess == Observable::cidr) kind = *guess;
    }
    std::string value;
    if (part) {
      value = trim(node.content);
    } else {
      const auto normal = normalise_observable(kind, node.content, why);
      if (!normal) {
        out_.count("unusable value");
        out_.problem(fmt::format("'{}' is not used: {}", printable(node.content), why));
        return {};
      }
      value = *normal;
    }
    std::string pattern = stix_pattern_of(kind, value);
    std::string inside = pattern.substr(1, pattern.size() - 2);
    if (part) {
      const std::size_t equals = inside.find(" = '");
      if (equals == inside.npos) return unknown(node), std::string();
      std::string like;
      for (const char c : value) {
        if (node.condition != "matches" && (c == '%' || c == '_')) {
          // LIKE has no way to write these two as themselves: '_' meets any one character.
          like += '_';
        } else if (c == '\'' || c == '\\') {
          like += '\\';
          like += c;
        } else {
          like += c;
        }
      }
      if (node.condition == "matches") {
        inside = inside.substr(0, equals) + " MATCHES '" + like + "'";
      } else {
        const bool front = node.condition != "starts-with", back = node.condition != "ends-with";
        inside = inside.substr(0, equals) + " LIKE '" + (front ? "%" : "") + like + (back ? "%" : "") + "'";
      }
    }
    return node.negate ? "NOT " + inside : inside;
  }

  // Inside one pair of brackets; empty when nothing of it can be written. An AND that lost a term is no longer what its
  // author meant: it would match more, so all of it is left out.
  std::string inner(const Node& node) {
    if (node.leaf) return comparison(node);
    std::string out;
    for (const Node& child : node.children) {
      std::string one = inner(child);
      if (one.empty()) {
        if (node.all) return {};
        continue;
      }
      if (!child.leaf && child.children.size() > 1) one = "(" + one + ")";
      out += (out.empty() ? "" : node.all ? " AND " : " OR ") + one;
      if (out.size() > kPatternBytes) break;
    }
    return out;
  }

  // Terms about different objects cannot stand in one pair of brackets: STIX compares one object's properties... a
  // pattern of an AND over several kinds joins observations.
  void write(const Node& node, bool top) {
    for (const Node& child : node.children) {
      if (child.leaf) {
        leaf(child);
      } else if (child.all) {
        conjunction(child);
      } else {
        write(child, false);
      }
    }
    (void)top;
  }

  void leaf(const Node& node) {
    const Term* const term = term_of(node);
    if (term == nullptr) return unknown(node);
    if (!node.negate && (node.condition == "is" || node.condition.empty())) {
      Observable kind = term->kind;
      if (kind == Observable::ipv4 || kind == Observable::url) {
        const auto guess = guess_observable(node.content, "");
        if (kind == Observable::ipv4 && (guess == Observable::ipv6 || guess == Observable::cidr)) kind = *guess;
      }
      Listed what;
      what.source_uuid = lower(node.id);
      out_.indicator(kind, node.content, std::move(what), fmt::format("term {}", printable(node.search)));
      return;
    }
    if (node.negate) {
      out_.count("term without a counterpart");
      out_.problem(fmt::format("the term '{}' stands alone and negated: it would meet everything else, left out",
                               printable(node.search)));
      return;
    }
    const std::string inside = comparison(node);
    if (inside.empty()) return;
    Listed what;
    what.name = fmt::format("{} {} {}", printable(node.search), node.condition, printable(node.content));
    what.source_uuid = lower(node.id);
    out_.pattern("stix", "[" + inside + "]", std::move(what));
  }

  static std::string object_of(const std::string& inside) {
    std::size_t begin = inside.find_first_not_of('(');
    if (begin == inside.npos) return {};
    if (inside.compare(begin, 4, "NOT ") == 0) begin += 4;
    return inside.substr(begin, inside.find(':', begin) - begin);
  }
  static bool one_object(const std::string& inside, const std::string& object) {
    // Every comparison of it is about that object.
    for (std::size_t at = inside.find(':'); at != inside.npos; at = inside.find(':', at + 1)) {
      std::size_t begin = at;
      while (begin > 0 && (is_alnum(inside[begin - 1]) || inside[begin - 1] == '-')) --begin;
      if (inside.compare(begin, at - begin, object) == 0) continue;
      if (std::count(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(at), '\'') % 2 == 0) return false;
    }
    return true;
  }

  void conjunction(const Node& node) {
    std::map<std::string, std::string> by_object;
    std::size_t kept = 0;
    for (const Node& child : node.children) {
      std::string one = inner(child);
      const std::string object = object_of(one);
      if (one.empty() || !one_object(one, object)) {
        out_.count("condition left out");
        out_.problem(fmt::format(
            "an AND of {} terms is left out: one of them cannot be written, and without it more would match",
            node.children.size()));
        return;
      }
      if (!child.leaf && child.children.size() > 1) one = "(" + one + ")";
      std::string& into = by_object[object];
      into += (into.empty() ? "" : " AND ") + one;
      ++kept;
    }
    if (kept == 0) return;
    std::string pattern;
    for (const auto& [object, inside] : by_object) pattern += (pattern.empty() ? "[" : " AND [") + inside + "]";
    if (by_object.size() > 1) pattern = "(" + pattern + ") WITHIN 86400 SECONDS";
    if (pattern.size() > kPatternBytes) {
      out_.problem(
          fmt::format("an AND of {} terms is longer than {} bytes, left out", node.children.size(), kPatternBytes));
      return;
    }
    Listed what;
    what.name = fmt::format("OpenIOC condition of {} terms", kept);
    what.source_uuid = lower(node.id);
    if (by_object.size() > 1) what.mark = "OpenIOC asks that one host has all of it; read as: within one day";
    out_.pattern("stix", pattern, std::move(what));
  }

  std::string file_;
  XmlPull xml_;
  Build& out_;
  std::string rel_;
  std::size_t items_ = 0;
};

}  // namespace

int recognise(std::string_view, std::string_view bytes) {
  const std::string_view head = trim(bytes.substr(0, 8192));
  if (!head.starts_with('<')) return 0;
  return head.find("openioc.org") != head.npos || head.find("schemas.mandiant.com") != head.npos ||
                 (head.find("<ioc") != head.npos && bytes.find("IndicatorItem") != bytes.npos)
             ? 95
             : 0;
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  TRY(const std::string_view body, body_of(file_name, bytes));
  return Reader(file_name, body, out).run();
}

}  // namespace assay::openioc
