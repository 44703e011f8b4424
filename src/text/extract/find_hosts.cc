#include <algorithm>
#include <array>

#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/finder.h"
#include "text/extract/lists.h"
#include "text/extract/nature.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kUrlBytes = 4096;
constexpr std::size_t kSearches = 1000;          // of names that may be files or domains, in one report
constexpr std::size_t kTextForNames = 64 << 10;  // of a text in which the path of a name is looked for
constexpr auto kSchemes = std::to_array<std::string_view>(
    {"http",   "https", "ftp",         "ftps",        "sftp",    "ws",    "wss",    "tcp",  "udp",    "smb", "ldap",
     "ldaps",  "rmi",   "dns",         "ssh",         "socks5",  "tftp",  "webdav", "file", "telnet", "rdp", "irc",
     "ssl",    "tls",   "stratum+tcp", "stratum+ssl", "stratum", "mqtt",  "mqtts",  "ircs", "quic",   "h2",  "grpc",
     "socks4", "socks", "redis",       "mongodb",     "vless",   "vmess", "trojan", "git",  "svn",    "vnc"});

// "wget%20http://a.example/b%3B%20sh%20b": of a command that a request carries, to the end of its word.
std::size_t encoded_word(std::string_view url) {
  std::size_t end = url.size();
  for (const std::string_view mark :
       {";", "`", "%20", "%3B", "%3b", "%7C", "%7c", "%26", "%22", "%27", "%60", "%0A", "%0a"})
    end = std::min(end, url.find(mark));
  return end;
}

}  // namespace

// Behind a URL that begins at `from`: closing marks and brackets that were not opened in it are not part of it.
std::size_t Finder::url_end(std::size_t from) const {
  std::size_t end = from;
  std::size_t start = from;
  while (start > lines_[line_].begin && from - start < 12 &&
         (is_alnum(text_[start - 1]) || text_[start - 1] == ':' || text_[start - 1] == '/'))
    --start;
  const bool cells = before(start) == ';' || before(start) == ',';  // of a row without spaces
  while (end < limit_ && end - from < kUrlBytes) {
    const char c = text_[end];
    if (cells && c == before(start)) break;
    if (is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' || c == '^' ||
        static_cast<unsigned char>(c) < 0x20)
      break;
    if (c == '\\' || (c == '[' && end > from && text_[end - 1] == '=')) break;  // "?id=[host]" stands for any
    ++end;
  }
  while (end > from) {
    const char c = text_[end - 1];
    const std::string_view body = text_.substr(from, end - from);
    const char open = c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '\0';
    const bool mark = std::string_view(".,;:!?*").find(c) != std::string_view::npos;
    const bool closes =
        open != '\0' && std::count(body.begin(), body.end(), c) > std::count(body.begin(), body.end(), open);
    if (!mark && !closes) break;
    --end;
  }
  // Markdown: "(https://a.example)" ends at the bracket that closes what was opened before it.
  const std::string_view body = text_.substr(from, end - from);
  if (from > 0 && before(from) == '(') {
    if (const std::size_t close = body.find(')'); close != body.npos && body.substr(0, close).find('(') == body.npos)
      end = from + close;
  }
  if (const std::size_t comma = text_.substr(from, end - from).find(','); comma != std::string_view::npos) {
    const std::string_view rest = text_.substr(from + comma + 1, end - from - comma - 1);
    if (rest.find("://") != rest.npos || rest.starts_with("www.")) end = from + comma;  // a list without spaces
  }
  return end;
}

Finder::Host Finder::host_at(std::size_t at) const {
  Host host;
  if (here(at) == '[') {
    const std::size_t close = text_.substr(at, std::min<std::size_t>(limit_ - at, 50)).find(']');
    if (close == std::string_view::npos || !is_ipv6(text_.substr(at + 1, close - 1))) return host;
    return {at + close + 1, true, true};
  }
  host.end = at;
  while (host.end < limit_ && host.end - at < kWordBytes && (name_char(text_[host.end]) || text_[host.end] == '.'))
    ++host.end;
  while (host.end > at && text_[host.end - 1] == '.') --host.end;
  const std::string_view name = text_.substr(at, host.end - at);
  host.address = is_ipv4(name);
  host.ok = host.address || plausible_domain(name);
  return host;
}

// "process.parent.name": a field that queries of logs name.
bool Finder::field_of_query(std::string_view name) {
  static constexpr auto kFirst = std::to_array<std::string_view>(
      {"process", "file", "dll",  "registry", "event",    "winlog",    "source", "destination", "dns",
       "url",     "user", "host", "network",  "observer", "agent",     "server", "client",      "threat",
       "rule",    "log",  "tls",  "http",     "email",    "container", "device", "target",      "initiatingprocess",
       "actor",   "src",  "dst"});
  static constexpr auto kLast =
      std::to_array<std::string_view>({"name", "id", "ip", "domain", "address", "path", "pid", "code", "action",
                                       "category", "port", "sni", "type", "host", "method", "uri"});
  const std::size_t first = name.find('.'), last = name.rfind('.');
  if (first == name.npos) return false;
  return std::find(kFirst.begin(), kFirst.end(), lower(name.substr(0, first))) != kFirst.end() &&
         std::find(kLast.begin(), kLast.end(), lower(name.substr(last + 1))) != kLast.end();
}

bool Finder::plausible_domain(std::string_view name) {
  std::string ascii;
  for (const char c : name) ascii += is_high(c) ? 'x' : c;
  // Keywords of rules and names of classes: "http.host", "System.Net".
  static constexpr auto kRuleWords = std::to_array<std::string_view>(
      {"http.host", "file.name", "host.name", "user.name", "wscript.shell", "adodb.stream", "shell.application",
       "system.net", "system.io", "schedule.service", "outlook.application", "excel.application", "word.application",
       "vb.net", "ado.net", "microsoft.net"});
  if (std::find(kRuleWords.begin(), kRuleWords.end(), lower(name)) != kRuleWords.end()) return false;
  if (field_of_query(name)) return false;
  return is_domain(ascii) && !is_ipv4(ascii);
}

std::size_t Finder::url(std::size_t at) {
  std::size_t colon = at;
  while (colon < limit_ && colon - at < 12 && (is_alnum(text_[colon]) || text_[colon] == '+')) ++colon;
  if (!text_.substr(colon).starts_with("://")) return at;
  const std::string scheme = lower(text_.substr(at, colon - at));
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) return at;
  std::size_t authority = colon + 3;
  while (here(authority) == '/') ++authority;
  std::size_t end = url_end(authority);
  if (at == fresh_) end = authority + encoded_word(text_.substr(authority, end - authority));
  if (end <= authority) return at;
  std::size_t host_begin = authority;
  const std::string_view first = text_.substr(authority, end - authority);
  const std::size_t slash = first.find_first_of("/?#");
  if (const std::size_t user = first.substr(0, slash).rfind('@'); user != first.npos) host_begin = authority + user + 1;
  const Host host = host_at(host_begin);
  if (!host.ok) return end;  // a URL without a public host is none of ours, nor are its parts
  if (before(at) == '(' || before(at) == '[' || before(at) == '<') {
    // The bracket that was opened before the scheme closes it.
    const char close = before(at) == '(' ? ')' : before(at) == '[' ? ']' : '>';
    const std::string_view body = text_.substr(host.end, end > host.end ? end - host.end : 0);
    if (const std::size_t cut = body.find(close); cut != body.npos && body.substr(0, cut).find(before(at)) == body.npos)
      end = host.end + cut;
  }
  end = std::max(end, host.end);
  const bool web = scheme.starts_with("http") || scheme.starts_with("ftp") || scheme == "sftp" ||
                   scheme.starts_with("ws") || scheme == "webdav";
  if (web || text_.substr(host.end, end - host.end).find('/') != std::string_view::npos) {
    add(Observable::url, at, end);
    hash_in(text_.substr(host.end, end - host.end), host.end);
  } else {
    bare_host(host_begin, host);
  }
  return end;
}

void Finder::bare_host(std::size_t begin, const Host& host) {
  if (here(begin) == '[') {
    add(Observable::ipv6, begin + 1, host.end - 1);
  } else {
    add(host.address ? Observable::ipv4 : Observable::domain, begin, host.end);
  }
}

std::size_t Finder::bracketed6(std::size_t at) {
  const std::size_t close = text_.substr(at, std::min<std::size_t>(limit_ - at, 50)).find(']');
  if (close == std::string_view::npos || !is_ipv6(text_.substr(at + 1, close - 1))) return at;
  add(Observable::ipv6, at + 1, at + close);
  return at + close + 1;
}

std::size_t Finder::address6(std::size_t at) {
  std::size_t end = at, colons = 0;
  while (end < limit_ && end - at < 46 && (is_hex(text_[end]) || text_[end] == ':' || text_[end] == '.'))
    colons += text_[end++] == ':';
  if (colons < 2 || (end < limit_ && name_char(text_[end]))) return at;
  while (end > at && (text_[end - 1] == '.' || (text_[end - 1] == ':' && !text_.substr(0, end).ends_with("::")))) --end;
  const std::string_view form = text_.substr(at, end - at);
  if (!is_ipv6(form) || form.size() < 4) return at;
  if (std::count(form.begin(), form.end(), ':') < 7 && form.find("::") == form.npos) return at;
  if (here(end) == '/' && is_digit(here(end + 1))) {
    if (const std::size_t stop = network(at, end, Observable::ipv6, "/128"); stop > at) return stop;
  }
  add(Observable::ipv6, at, end);
  return end;
}

std::size_t Finder::mail(std::size_t at) {
  std::size_t sign = at;
  while (sign < limit_ && sign - at < 65 &&
         (name_char(text_[sign]) || std::string_view(".+%'=").find(text_[sign]) != std::string_view::npos))
    ++sign;
  if (here(sign) != '@' || sign == at) return at;
  // "from=a@b.example": the field of a log.
  if (const std::size_t equals = text_.substr(at, sign - at).find('=');
      equals != std::string_view::npos && equals > 0) {
    const std::string_view key = text_.substr(at, equals);
    if (equals + 1 < sign - at &&
        std::all_of(key.begin(), key.end(), [](char c) { return is_alpha(c) || c == '_' || c == '-'; }))
      return fresh_ = at + equals + 1;
  }
  const Host host = host_at(sign + 1);
  if (!host.ok || host.address) return at;
  if (here(host.end) == '/') return at;
  // "smtp://user:word@host": who logs in where, no mailbox.
  if (before(at) == ':' && at >= 2 && name_char(text_[at - 2])) {
    const std::size_t back = std::min<std::size_t>(at - lines_[line_].begin, 80);
    const std::string_view told = text_.substr(at - back, back);
    const std::size_t scheme = told.rfind("://");
    if (scheme != told.npos && told.find_first_of(" \t/", scheme + 3) == told.npos) {
      add(Observable::domain, sign + 1, host.end);
      return host.end;
    }
  }
  // The number of a message has the form of an address.
  const std::size_t from = std::max(lines_[line_].begin, at > 24 ? at - 24 : 0);
  const std::string lead = lower(text_.substr(from, at - from));
  if (lead.find("message-id") != lead.npos || lead.find("in-reply-to") != lead.npos ||
      lead.find("message id") != lead.npos)
    return host.end;
  add(Observable::mail_address, at, host.end);
  return host.end;
}

std::size_t Finder::name(std::size_t at) {
  const Host host = host_at(at);
  if (host.end == at) return at;
  const std::string_view word = text_.substr(at, host.end - at);
  if (word.find('.') == word.npos) return at;
  if (before(at) == '+' && at >= 2 && (text_[at - 2] == '+' || name_char(text_[at - 2])))
    return host.end;  // the end of "libc++_shared.so"
  if (host.address) return address(at, host);
  if (!host.ok) {
    // "a.so.2", "a.x86_64"
    if ((word.find(".so.") != word.npos || word.find('_', word.rfind('.')) != word.npos) && has_file_ending(word))
      add(Observable::file_name, at, host.end);
    return host.end;
  }
  const bool defanged = in_.was_defanged(at, host.end);
  bool both = false;
  const bool file = has_file_ending(word, &both);
  const bool known = has_known_suffix(word);
  // "evil.example/path": a URL without its scheme.
  if (here(host.end) == '/' && (known || defanged) && !(file && !both && !defanged) &&
      (name_char(here(host.end + 1)) || here(host.end + 1) == '?' || here(host.end + 1) == '~'))
    return path_behind(at, host.end);
  if (here(host.end) == ':' && is_digit(here(host.end + 1)) && (known || defanged)) {
    std::size_t stop = host.end + 1;
    while (stop < limit_ && is_digit(text_[stop])) ++stop;
    if (here(stop) == '/' && name_char(here(stop + 1))) return path_behind(at, stop);
    add(Observable::domain, at, host.end);
    return stop;
  }
  // "Ledger Live.app": a program of macOS, as its maker writes it.
  if (!defanged && word.ends_with(".app") && word[0] >= 'A' && word[0] <= 'Z' && word.find('.') == word.size() - 4)
    return host.end;
  if (file && !(defanged && known)) {
    const bool is_file = !both || !as_domain(at, host.end, word);
    if (here(host.end) == '(' && here(host.end + 1) == ')') return host.end;  // a function
    add(is_file ? Observable::file_name : Observable::domain, at, host.end, both);
    return host.end;
  }
  if (known || defanged) {
    if (!known && word.size() < 4) return host.end;
    if (here(host.end) == '(') return host.end;  // a call: "os.name("
    add(Observable::domain, at, host.end, !defanged);
    return host.end;
  }
  return host.end;
}

// ".../file/HASH/detection": what a page of analysis is about.
void Finder::hash_in(std::string_view url, std::size_t begin) {
  if (out_.empty() || !is_cited_site(site_of(out_.back()))) return;
  for (std::size_t i = 0; i < url.size();) {
    std::size_t to = i;
    while (to < url.size() && is_hex(url[to])) ++to;
    const bool alone = (i == 0 || !word_char(url[i - 1])) && (to == url.size() || !word_char(url[to]));
    if (to - i == 64 && alone) add(Observable::sha256, begin + i, begin + to);
    i = std::max(to, i + 1);
  }
}

std::size_t Finder::address(std::size_t at, const Host& host) {
  // "Agent/2.1.0.4": the version of a program.
  if (before(at) == '/' && at >= 2 && is_alpha(text_[at - 2]) && !in_.was_defanged(at, host.end)) return host.end;
  const char next = here(host.end);
  if (next == '/' && is_digit(here(host.end + 1))) {
    if (const std::size_t end = network(at, host.end, Observable::ipv4, "/32"); end > at) return end;
  }
  if (next == '/' && name_char(here(host.end + 1))) return path_behind(at, host.end);
  if (next == ':' && is_digit(here(host.end + 1))) {
    std::size_t stop = host.end + 1;
    while (stop < limit_ && is_digit(text_[stop])) ++stop;
    const std::string protocol = lower(text_.substr(std::min(stop, limit_), 4));
    const bool transport = (protocol == "/tcp" || protocol == "/udp") && !name_char(here(stop + 4));
    if (here(stop) == '/' && name_char(here(stop + 1)) && !transport) return path_behind(at, stop);
    add(Observable::ipv4, at, host.end);
    return transport ? stop + 4 : stop;
  }
  add(Observable::ipv4, at, host.end);
  return host.end;
}

// "ADDRESS/24"; with all its bits (`whole`) it is the one address.
std::size_t Finder::network(std::size_t at, std::size_t end, Observable kind, std::string_view whole) {
  std::size_t stop = end + 1;
  while (stop < limit_ && is_digit(text_[stop])) ++stop;
  if (stop - end > 4 || name_char(here(stop)) || here(stop) == '/') return at;
  if (text_.substr(end, stop - end) == whole) return add(kind, at, end) ? stop : at;
  return add(Observable::cidr, at, stop) ? stop : at;
}

std::size_t Finder::path_behind(std::size_t at, std::size_t host_end) {
  const std::size_t end = std::max(url_end(at), host_end);
  add(Observable::url, at, end);
  return end;
}

// "/tmp/l.sh" stands there too: "l.sh" is that file.
bool Finder::ends_path_elsewhere(std::string_view word) {
  if (++searches_ > kSearches) return false;
  const std::string_view text = text_.substr(0, kTextForNames);
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    if (at < 2 || (text[at - 1] != '/' && text[at - 1] != '\\') || text[at - 2] == '/') continue;
    const std::size_t end = at + word.size();
    if (end >= text.size() || (!name_char(text[end]) && text[end] != '/' && text[end] != '.')) return true;
  }
  return false;
}

// "setup.py" against "evil.sh": by the words around, else by how such names are mostly meant.
bool Finder::as_domain(std::size_t begin, std::size_t end, std::string_view word) {
  const ReportLine& line = lines_[line_];
  const std::size_t from = std::max(line.begin, begin > 60 ? begin - 60 : 0);
  const std::string lead = lower(text_.substr(from, begin - from));
  const std::string tail = lower(text_.substr(end, std::min<std::size_t>(40, line.end - end)));
  const std::string head = column_of(line, begin);
  static constexpr auto kFile = std::to_array<std::string_view>(
      {"script", "file",    "archive", "attachment", "named",   "called",  "run",     "execut", "drop",
       "saved",  "library", "module",  "launch",     "unpack",  "payload", "python",  "shell",  "source",
       "readme", "program", "binary",  "datei",      "fichier", "archivo", "document"});
  static constexpr auto kHost =
      std::to_array<std::string_view>({"domain", "host", "server", "c2", "resolv", "site", "dns", "url", "connect",
                                       "beacon", "registered", "nameserver", "infrastructure", "contact"});
  if (head.find("file") != std::string::npos) return false;
  if (word.find('_') != word.npos) return false;  // no host of the web has one
  if (is_utility_site(lower(word)) || is_cited_site(lower(word)) || is_shared_service(lower(word))) return true;
  if (head.find("domain") != std::string::npos || head.find("host") != std::string::npos) return true;
  std::size_t file_at = 0, host_at_ = 0;
  for (const std::string_view w : kFile) {
    if (const std::size_t at = last_word_start(lead, w); at != std::string::npos) file_at = std::max(file_at, at + 1);
  }
  for (const std::string_view w : kHost) {
    if (const std::size_t at = last_word_start(lead, w); at != std::string::npos) host_at_ = std::max(host_at_, at + 1);
  }
  if (file_at != host_at_) return host_at_ > file_at;
  if (!in_.was_defanged(begin, end) &&
      (ends_path_elsewhere(word) || tail.find("sha-256") < 24 || tail.find("sha256") < 24 || tail.find("md5") < 24))
    return false;
  const std::string titled = lower(line.titled);
  if (line.listed) {
    if (titled.find("domain") != std::string::npos || titled.find("host") != std::string::npos) return true;
    if (titled.find("file") != std::string::npos) return false;
  }
  for (const std::string_view w : kFile) {
    if (has_word_start(tail, w)) return false;
  }
  for (const std::string_view w : kHost) {
    if (has_word_start(tail, w)) return true;
  }
  // Beside others whose kind is plain: in the same row, or in the lines above of one list.
  if (!out_.empty() && !out_.back().doubtful &&
      (out_.back().line == line_ || (line.listed && line_ - out_.back().line <= 2))) {
    const Found& last = out_.back();
    const bool near = last.line != line_ || begin - last.end <= 12;
    if (near && last.kind == Observable::file_name) return false;
    if (near && last.kind == Observable::domain) return true;
  }
  const std::size_t labels = static_cast<std::size_t>(std::count(word.begin(), word.end(), '.')) + 1;
  if (labels >= 3) return true;
  const std::string ending = lower(word.substr(word.rfind('.') + 1));
  return ending == "pl" || ending == "app" || ending == "la" || ending == "st" || ending == "vi" || ending == "ps" ||
         ending == "cc";
}

}  // namespace assay
