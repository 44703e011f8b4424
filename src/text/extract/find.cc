#include "text/extract/find.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kUrlBytes = 4096;
constexpr std::size_t kPathBytes = 400;
constexpr std::size_t kWordBytes = 300;
constexpr std::size_t kAgentBytes = 400;
constexpr std::size_t kLeadBytes = 160;  // before a value, where its label stands
constexpr std::size_t kRowBytes = 8192;  // of a row whose cells are counted

bool high(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool name_char(char c) { return is_alnum(c) || c == '-' || c == '_' || high(c); }
bool word_char(char c) { return is_alnum(c) || c == '_' || high(c); }

constexpr auto kSchemes = std::to_array<std::string_view>(
    {"http", "https", "ftp", "ftps",   "sftp", "ws",     "wss",  "tcp",    "udp", "smb", "ldap", "ldaps",
     "rmi",  "dns",   "ssh", "socks5", "tftp", "webdav", "file", "telnet", "rdp", "irc", "ssl",  "tls"});
constexpr auto kHives =
    std::to_array<std::string_view>({"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_USERS", "HKEY_CLASSES_ROOT",
                                     "HKEY_CURRENT_CONFIG", "HKLM", "HKCU", "HKU", "HKCR"});
constexpr auto kRoots = std::to_array<std::string_view>(
    {"/tmp/",       "/var/",       "/etc/",   "/usr/",      "/opt/",  "/home/",         "/root/", "/dev/shm", "/bin/",
     "/sbin/",      "/Library/",   "/Users/", "/private/",  "/srv/",  "/lib/",          "/boot/", "/run/",    "/mnt/",
     "/data/local", "/netscaler/", "/flash/", "/nsconfig/", "/proc/", "/Applications/", "~/"});

class Finder {
 public:
  Finder(const Prepared& in, const std::vector<ReportLine>& lines, std::size_t most)
      : in_(in), text_(in.text), lines_(lines), most_(most) {}

  std::vector<Found> run(std::size_t& left_out) {
    for (line_ = 0; line_ < lines_.size(); ++line_) one_line(lines_[line_]);
    left_out = left_out_;
    return std::move(out_);
  }

 private:
  void one_line(const ReportLine& line) {
    const std::string small = lower(text_.substr(line.begin, std::min<std::size_t>(line.end - line.begin, 4096)));
    context_ = lower(line.titled) + "\n" + lower(line.columns) + "\n" + small;
    mutex_ = has_word_start(context_, "mutex");
    file_name_ = trim(line.columns) == trim(text_.substr(line.begin, line.end - line.begin)) ? 0 : label_of_file(small);
    agent_ = has_word(context_, "user-agent") || has_word(context_, "user agent") || has_word(context_, "useragent") ||
             has_word(context_, "user-agents") || has_word(context_, "user agents");
    std::size_t at = line.begin;
    limit_ = line.end;
    if (agent_) user_agent(at);
    if (file_name_ > 0) named_file(at);
    cell_ = file_cell(line);
    while (at < limit_) {
      if (at == cell_.first && cell_.second > at && add(Observable::file_name, at, cell_.second)) {
        at = cell_.second;
        continue;
      }
      const std::size_t next = value(at);
      if (next > at) {
        at = next;
        continue;
      }
      // On to the next place where a value may begin.
      if (word_char(text_[at])) {
        while (at < limit_ && (name_char(text_[at]) || text_[at] == '.')) ++at;
      } else {
        ++at;
      }
    }
  }

  // "Filename      rootfs_cfg", "File name: x": where the name begins; 0: the line is no such label.
  static std::size_t label_of_file(std::string_view small) {
    std::size_t i = small.find_first_not_of(" \t-*|");
    if (i == small.npos) return 0;
    for (const std::string_view label :
         {"filename", "file name", "file names", "filenames", "name of file", "dateiname"}) {
      if (!small.substr(i).starts_with(label)) continue;
      std::size_t at = i + label.size();
      const std::size_t from = at;
      while (at < small.size() && (small[at] == ' ' || small[at] == ':' || small[at] == '\t' || small[at] == '|' ||
                                   small[at] == '`' || small[at] == '"' || small[at] == '*'))
        ++at;
      return at > from && at < small.size() ? at : 0;
    }
    return 0;
  }
  // A file's name that only its place tells: behind its hash as checksum programs write it ("HASH *NAME"), or in a row
  // with a hash below the head "File". [begin, end); empty: none.
  [[nodiscard]] std::pair<std::size_t, std::size_t> file_cell(const ReportLine& line) const {
    const std::size_t stop = std::min(line.end, line.begin + kRowBytes);
    const auto token_at = [&](std::size_t begin) {
      std::size_t end = begin;
      while (end < stop && (name_char(text_[end]) || text_[end] == '.')) ++end;
      return end;
    };
    const auto named = [&](std::size_t begin, std::size_t end) {
      const std::string_view word = text_.substr(begin, end - begin);
      return word.size() >= 3 && word.size() <= 120 && word.back() != '.' &&
             std::any_of(word.begin(), word.end(), is_alpha) &&
             !(word.size() >= 32 && std::all_of(word.begin(), word.end(), is_hex));
    };
    std::size_t i = line.begin;
    while (i < stop && (is_space(text_[i]) || text_[i] == '|' || text_[i] == '`' || text_[i] == '-')) ++i;
    std::size_t digits = i;
    while (digits < stop && is_hex(text_[digits])) ++digits;
    const auto hash_size = [](std::size_t n) { return n == 32 || n == 40 || n == 64 || n == 128; };
    if (hash_size(digits - i)) {
      const std::string_view gap = text_.substr(digits, std::min<std::size_t>(2, stop - digits));
      if (gap != " *" && gap != "  ") return {};
      const std::size_t begin = digits + 2, end = token_at(begin);
      const bool last = trim(text_.substr(end, line.end - end)).empty();
      if (!last || !named(begin, end) || (gap != " *" && !has_file_ending(text_.substr(begin, end - begin)))) return {};
      return {begin, end};
    }
    const std::string head = lower(trim(line.columns));
    if (head.empty() || trim(line.columns) == trim(text_.substr(line.begin, line.end - line.begin)) ||
        (head.find("md5") == head.npos && head.find("sha") == head.npos))
      return {};
    const std::size_t first = head.find_first_not_of("| \t");
    const std::string title(
        trim(std::string_view(head).substr(first, std::min(head.find_first_of("|,;\t", first), head.size()) - first)));
    const bool file = title == "file" || title == "files" || title == "name" || title.starts_with("file name") ||
                      title.starts_with("filename") || title.starts_with("file  ") || title.starts_with("name  ");
    const std::size_t end = token_at(i);
    const std::string_view word = text_.substr(i, end - i);
    // Others are found by their form.
    if (!file || !named(i, end) || (word.find('.') != word.npos && word.front() != '.')) return {};
    const std::size_t behind = text_.find_first_not_of(" `*", end);
    if (behind == text_.npos || (behind < stop && behind - end < 2 && is_alnum(text_[behind]))) return {};
    for (std::size_t at = end; at < stop; ++at) {
      std::size_t to = at;
      while (to < stop && is_hex(text_[to])) ++to;
      if (hash_size(to - at) && !word_char(text_[at - 1])) return {i, end};
      at = to;
    }
    return {};
  }
  void named_file(std::size_t& at) {
    const std::size_t begin = at + file_name_;
    std::size_t end = begin;
    while (end < limit_ && !is_space(text_[end]) &&
           std::string_view("|\"`,;*").find(text_[end]) == std::string_view::npos)
      ++end;
    const std::string_view word = text_.substr(begin, end - begin);
    const std::string_view rest = trim(text_.substr(end, limit_ - end));
    if (word.size() < 3 || word.size() > 120 || word.find('.') != word.npos || word.find_first_of("/\\") != word.npos)
      return;  // others are found by their form
    if (!rest.empty() && rest.front() != '|' && rest.front() != '(' && rest.front() != '`' && rest.front() != '"' &&
        rest.front() != ',')
      return;
    add(Observable::file_name, begin, end);
    at = end;
  }

  bool add(Observable kind, std::size_t begin, std::size_t end, bool doubtful = false) {
    std::string why;
    auto value = normalise_observable(kind, text_.substr(begin, end - begin), why);
    if (!value) return false;
    if (out_.size() >= most_) {
      ++left_out_;
      return true;
    }
    out_.push_back({kind, std::move(*value), begin, end, line_, in_.was_defanged(begin, end), doubtful});
    return true;
  }

  [[nodiscard]] char before(std::size_t at) const { return at == 0 ? '\n' : text_[at - 1]; }
  [[nodiscard]] char here(std::size_t at) const { return at < limit_ ? text_[at] : '\n'; }

  // A value that begins at `at`: behind it, or `at`.
  std::size_t value(std::size_t at) {
    const char c = text_[at];
    if (!word_char(c)) {
      if (c == '/' || c == '~') return unix_path(at);
      if (c == '%') return windows_path(at);
      if (c == '\\' && here(at + 1) == '\\') return windows_path(at);
      if (c == ':' && here(at + 1) == ':' && !word_char(before(at))) return address6(at);
      if (c == '[' && is_hex(here(at + 1))) return bracketed6(at);
      if ((c == '\'' || c == '"' || c == '`') && mutex_) return quoted_mutex(at);
      if (c == '{' && mutex_) return mutex(at);
      return at;
    }
    if (const char p = before(at); name_char(p) || p == '.') return at;
    if (const std::size_t end = url(at); end > at) return end;
    if (const std::size_t end = registry(at); end > at) return end;
    if (const std::size_t end = windows_path(at); end > at) return end;
    if (const std::size_t end = mutex(at); end > at) return end;
    if (const std::size_t end = hash(at); end > at) return end;
    if (const std::size_t end = address6(at); end > at) return end;
    if (const std::size_t end = mail(at); end > at) return end;
    return name(at);
  }

  // Behind a URL that begins at `from`: closing marks and brackets that were not opened in it are not part of it.
  [[nodiscard]] std::size_t url_end(std::size_t from) const {
    std::size_t end = from;
    while (end < limit_ && end - from < kUrlBytes) {
      const char c = text_[end];
      if (is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' || c == '^' ||
          static_cast<unsigned char>(c) < 0x20)
        break;
      if (c == '\\') break;
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

  struct Host {
    std::size_t end = 0;  // behind the host
    bool address = false, ok = false;
  };
  [[nodiscard]] Host host_at(std::size_t at) const {
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

  [[nodiscard]] static bool plausible_domain(std::string_view name) {
    std::string ascii;
    for (const char c : name) ascii += high(c) ? 'x' : c;
    return is_domain(ascii) && !is_ipv4(ascii);
  }

  std::size_t url(std::size_t at) {
    std::size_t colon = at;
    while (colon < limit_ && colon - at < 10 && is_alnum(text_[colon])) ++colon;
    if (!text_.substr(colon).starts_with("://")) return at;
    const std::string scheme = lower(text_.substr(at, colon - at));
    if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) return at;
    std::size_t authority = colon + 3;
    while (here(authority) == '/') ++authority;
    std::size_t end = url_end(authority);
    if (end <= authority) return at;
    std::size_t host_begin = authority;
    const std::string_view first = text_.substr(authority, end - authority);
    const std::size_t slash = first.find_first_of("/?#");
    if (const std::size_t user = first.substr(0, slash).rfind('@'); user != first.npos)
      host_begin = authority + user + 1;
    const Host host = host_at(host_begin);
    if (!host.ok) return end;  // a URL without a public host is none of ours, nor are its parts
    if (before(at) == '(' || before(at) == '[' || before(at) == '<') {
      // The bracket that was opened before the scheme closes it.
      const char close = before(at) == '(' ? ')' : before(at) == '[' ? ']' : '>';
      const std::string_view body = text_.substr(host.end, end > host.end ? end - host.end : 0);
      if (const std::size_t cut = body.find(close);
          cut != body.npos && body.substr(0, cut).find(before(at)) == body.npos)
        end = host.end + cut;
    }
    end = std::max(end, host.end);
    const bool web = scheme.starts_with("http") || scheme.starts_with("ftp") || scheme == "sftp" ||
                     scheme.starts_with("ws") || scheme == "webdav";
    if (web || text_.substr(host.end, end - host.end).find('/') != std::string_view::npos) {
      add(Observable::url, at, end);
    } else {
      bare_host(host_begin, host);
    }
    return end;
  }

  void bare_host(std::size_t begin, const Host& host) {
    if (here(begin) == '[') {
      add(Observable::ipv6, begin + 1, host.end - 1);
    } else {
      add(host.address ? Observable::ipv4 : Observable::domain, begin, host.end);
    }
  }

  // Steps of a path: the last one ends at a space unless the whole is in quotes or a later word ends as files do.
  [[nodiscard]] std::size_t path_end(std::size_t at, bool backslash) const {
    const char quote = before(at);
    if (quote == '"' || quote == '\'' || quote == '`') {
      const std::size_t close = text_.substr(at, std::min(kPathBytes, limit_ - at)).find(quote);
      if (close != std::string_view::npos) return at + close;
    }
    const char slash = backslash ? '\\' : '/';
    std::size_t end = at, last = at;
    while (end < limit_ && end - at < kPathBytes) {
      const char c = text_[end];
      if (c == '"' || c == '<' || c == '>' || c == '|' || c == '\t' || c == '`' || c == ';' ||
          (c == ',' && is_space(here(end + 1))))
        break;
      if (c == ':' && end > at + 1) break;
      if (c == ',' && has_file_ending(text_.substr(last, end - last))) break;  // "rundll32 x.dll,Start"
      if (c == ' ') {
        // A space inside of a step: another slash comes before anything that ends a phrase.
        std::size_t look = end + 1, spaces = 1;
        bool goes_on = false;
        if (here(look) == ' ') break;
        while (backslash && look < limit_ && look - end < 40 && spaces < 4) {
          const char d = text_[look];
          if (d == slash) {
            goes_on = here(look + 1) != ' ' && text_[look - 1] != ' ' && text_[look - 1] != '.' &&
                      text_[look - 1] != ':' && !(look >= 2 && text_[look - 1] == slash);
            break;
          }
          if (std::string_view(",;:\"|<>\t=").find(d) != std::string_view::npos) break;
          if (d == '.' && is_space(here(look + 1))) break;
          if (d == ' ') ++spaces;
          ++look;
        }
        if (text_.substr(at, end - at).find('.', text_.substr(at, end - at).rfind(slash)) != std::string_view::npos &&
            has_file_ending(text_.substr(last, end - last)))
          break;  // the file's name ended here
        if (!goes_on) break;
      }
      if (c == slash) last = end + 1;
      ++end;
    }
    while (end > at && std::string_view(".,;:!?)]'*").find(text_[end - 1]) != std::string_view::npos) {
      if (text_[end - 1] == ')' && text_.substr(at, end - at).find('(') != std::string_view::npos) break;
      --end;
    }
    return end;
  }

  std::size_t registry(std::size_t at) {
    for (const std::string_view hive : kHives) {
      if (!starts_with_icase(text_.substr(at, limit_ - at), hive)) continue;
      std::size_t step = at + hive.size();
      if (here(step) == ':') ++step;
      if (here(step) != '\\') continue;
      const std::size_t end = path_end(step, true);
      if (end < step + 3) return at;
      add(Observable::registry_key, at, end);
      return end;
    }
    return at;
  }

  std::size_t windows_path(std::size_t at) {
    const char c = text_[at];
    std::size_t body = at;
    if (is_alpha(c) && here(at + 1) == ':' && here(at + 2) == '\\') {
      body = at + 3;
    } else if (c == '%') {
      std::size_t close = at + 1;
      while (close < limit_ && close - at < 32 &&
             (is_alnum(text_[close]) || text_[close] == '_' || text_[close] == '(' || text_[close] == ')'))
        ++close;
      if (close == at + 1 || here(close) != '%' || here(close + 1) != '\\') return at;
      body = close + 2;
    } else if (c == '\\' && here(at + 1) == '\\' && here(at + 2) != '\\' && before(at) != '\\' &&
               name_char(here(at + 2))) {
      body = at + 2;
    } else {
      return at;
    }
    const std::size_t whole = path_end_of(at, body);
    if (whole <= body + 1) return at;
    const std::string_view path = text_.substr(at, whole - at);
    if (c == '\\') {
      if (path.substr(2).find('\\') == path.npos) return at;  // a server alone
      if (starts_with_icase(path, "\\\\.\\")) return whole;   // a device or pipe
    }
    add(Observable::file_path, at, whole);
    return whole;
  }
  [[nodiscard]] std::size_t path_end_of(std::size_t at, std::size_t body) const {
    const char quote = before(at);
    if (quote == '"' || quote == '\'' || quote == '`') {
      const std::size_t close = text_.substr(body, std::min(kPathBytes, limit_ - body)).find(quote);
      if (close != std::string_view::npos) return body + close;
    }
    return path_end(body, true);
  }

  std::size_t unix_path(std::size_t at) {
    const char p = before(at);
    if (word_char(p) || p == '.' || p == '/' || p == '~' || p == ':' || p == '-' || p == '?' || p == '=') return at;
    const std::string_view rest = text_.substr(at, std::min(kPathBytes, limit_ - at));
    const bool known = std::any_of(kRoots.begin(), kRoots.end(), [&](std::string_view root) {
      return rest.starts_with(root) && rest.size() > root.size() && !is_space(rest[root.size()]);
    });
    if (!known) {
      // A path of a request: not a file of ours, and its parts are no domains.
      std::size_t end = at;
      while (end < limit_ && end - at < kPathBytes &&
             (name_char(text_[end]) || text_[end] == '/' || text_[end] == '.' || text_[end] == '%'))
        ++end;
      return end > at + 1 && rest.find('/', 1) != rest.npos && rest.find('/', 1) < end - at ? end : at;
    }
    std::size_t end = path_end(at, false);
    if (end <= at + 4) return at;
    add(Observable::file_path, at, end);
    return end;
  }

  std::size_t mutex(std::size_t at) {
    for (const std::string_view space : {"Global\\", "Local\\", "BaseNamedObjects\\"}) {
      if (!text_.substr(at, limit_ - at).starts_with(space)) continue;
      std::size_t end = at + space.size();
      while (end < limit_ && end - at < 200 && !is_space(text_[end]) &&
             std::string_view("\"'`|,;)<>").find(text_[end]) == std::string_view::npos)
        ++end;
      while (end > at && (text_[end - 1] == '.' || text_[end - 1] == ':')) --end;
      if (end <= at + space.size()) return at;
      add(Observable::mutex, at, end);
      return end;
    }
    if (!mutex_) return at;
    // A cell or item of its own under a heading or column about mutexes, or behind "mutex:".
    std::size_t end = at;
    while (end < limit_ && !is_space(text_[end]) &&
           std::string_view("\"'`|,;)<>").find(text_[end]) == std::string_view::npos)
      ++end;
    while (end > at && (text_[end - 1] == '.' || text_[end - 1] == ':')) --end;
    const std::string_view word = text_.substr(at, end - at);
    if (word.size() < 5 || word.size() > 120) return at;
    const ReportLine& line = lines_[line_];
    const std::string_view lead = trim(text_.substr(line.begin, at - line.begin));
    std::string_view tail = trim(text_.substr(end, line.end - end));
    const bool alone = (lead.empty() || lead == "-" || lead == "*" || lead == "|") &&
                       (tail.empty() || tail.front() == '|' || tail.front() == '(' || tail.front() == '-');
    const std::string lead_small = lower(lead.substr(lead.size() > kLeadBytes ? lead.size() - kLeadBytes : 0));
    const std::size_t said = lead_small.rfind("mutex");
    const bool near_mutex = said != std::string::npos && lead_small.size() - said < 32 &&
                            lead_small.find_first_of(".;", said) == std::string::npos &&
                            (before(at) == '`' || lead_small.size() - said < 16);
    const bool labelled = near_mutex || lead_small.ends_with("mutex:") || lead_small.ends_with("mutex name:") ||
                          lead_small.ends_with("mutex |") || lead_small.ends_with("mutex") ||
                          lead_small.ends_with("mutex named") || lead_small.ends_with("mutex called") ||
                          lead_small.ends_with("mutexes:");
    const bool lowered = std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const bool odd =
        std::any_of(word.begin(), word.end(),
                    [](char c) { return is_digit(c) || c == '_' || c == '-' || c == '{' || c == '\\'; }) ||
        (lowered && std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    const bool heading_says = has_word_start(lower(line.titled), "mutex") && !line.heading;
    if (!odd || !((alone && heading_says) || labelled)) return at;
    if (looks_like_other(word)) return at;
    add(Observable::mutex, at, end);
    return end;
  }
  [[nodiscard]] static bool looks_like_other(std::string_view word) {
    return word.find("://") != word.npos || is_address(word) || has_file_ending(word) || word.find('@') != word.npos ||
           (std::all_of(word.begin(), word.end(), is_hex) && word.size() >= 32) ||
           (plausible_domain(word) && has_known_suffix(word));
  }
  std::size_t quoted_mutex(std::size_t at) {
    const std::size_t close = text_.substr(at + 1, std::min<std::size_t>(limit_ - at - 1, 160)).find(text_[at]);
    if (close == std::string_view::npos || close < 4) return at;
    const std::string_view lead = text_.substr(lines_[line_].begin, at - lines_[line_].begin);
    const std::string small = lower(lead.substr(lead.size() > 60 ? lead.size() - 60 : 0));
    const std::string_view word = text_.substr(at + 1, close);
    if (!has_word_start(small, "mutex") || word.find(' ') != word.npos || looks_like_other(word)) return at;
    add(Observable::mutex, at + 1, at + 1 + close);
    return at + close + 2;
  }

  // "User-Agent: ...", "User agent | Mozilla/5.0 (...)": to the end of the quotes, cell or line.
  void user_agent(std::size_t& at) {
    const std::string_view line = text_.substr(at, limit_ - at);
    const std::string small = lower(line.substr(0, 4096));
    std::size_t begin = std::string::npos;
    for (const std::string_view label : {"user-agent:", "user agent:", "useragent:", "user-agent string:",
                                         "user agent string:", "user-agent |", "user agent |"}) {
      if (const std::size_t found = small.find(label); found != std::string::npos) {
        begin = found + label.size();
        break;
      }
    }
    if (begin == std::string::npos) {
      begin = small.find("mozilla/");
      if (begin == std::string::npos) return;
    }
    while (begin < line.size() && (is_space(line[begin]) || line[begin] == '`' || line[begin] == '"' ||
                                   line[begin] == '\'' || line[begin] == '|' || line[begin] == '*'))
      ++begin;
    std::size_t end = begin;
    const char quote = begin > 0 ? line[begin - 1] : ' ';
    while (end < line.size() && end - begin < kAgentBytes && line[end] != '|' && line[end] != '\t' &&
           line[end] != '"' && line[end] != '`' && !((quote == '\'') && line[end] == '\'') &&
           !(line[end] == ' ' && end + 1 < line.size() && line[end + 1] == ' '))
      ++end;
    while (end > begin && (is_space(line[end - 1]) || line[end - 1] == '.' || line[end - 1] == '*')) --end;
    const std::string_view agent = line.substr(begin, end - begin);
    if (agent.size() < 6 || agent.find('/') == agent.npos) return;
    const std::size_t start = at;
    add(Observable::user_agent, start + begin, start + end);
    at = start + end;
  }

  std::size_t hash(std::size_t at) {
    std::size_t end = at;
    while (end < limit_ && is_hex(text_[end]) && end - at <= 130) ++end;
    const std::size_t n = end - at;
    // "1536:...:..." of ssdeep
    if (n >= 1 && n <= 9 && here(end) == ':' &&
        std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.begin() + static_cast<std::ptrdiff_t>(end),
                    is_digit)) {
      std::size_t stop = end + 1, colons = 1;
      while (stop < limit_ && stop - at < 200 &&
             (is_alnum(text_[stop]) || text_[stop] == '+' || text_[stop] == '/' || text_[stop] == ':'))
        colons += text_[stop++] == ':';
      if (colons == 2 && stop - at >= 24 && text_[stop - 1] != ':') {
        if (add(Observable::ssdeep, at, stop)) return stop;
      }
    }
    if (n < 32 || (end < limit_ && (word_char(text_[end]) || (text_[end] == '-' && is_hex(here(end + 1)))))) return at;
    const std::string_view digits = text_.substr(at, n);
    if (std::all_of(digits.begin(), digits.end(), [&](char c) { return c == digits[0]; })) return end;
    if (here(end) == '.' && name_char(here(end + 1))) {
      // A file that is named after its hash, or a label of a domain.
      return at;
    }
    const ReportLine& line = lines_[line_];
    const std::size_t from = std::max(line.begin, at > kLeadBytes ? at - kLeadBytes : 0);
    const std::string near = lower(text_.substr(from, at - from));
    const std::string column = column_of(line, at);
    const std::string titled = lower(line.titled);
    const auto said = [&](std::string_view word) {
      // The nearest word about kinds decides: the label, the column, the heading.
      const std::size_t here_ = near.rfind(word);
      if (here_ != std::string::npos) {
        for (const std::string_view other :
             {"md5", "sha-1", "sha1", "sha256", "sha-256", "imphash", "ja3", "thumbprint"}) {
          const std::size_t o = near.rfind(other);
          if (other != word && o != std::string::npos && o > here_ && !(word == "ja3" && other == "md5")) return false;
        }
        return true;
      }
      for (const std::string_view other : {"md5", "sha-1", "sha1", "sha256"}) {
        if (near.find(other) != std::string::npos) return false;
      }
      if (!column.empty()) return column.find(word) != std::string::npos;
      return titled.find(word) != std::string::npos;
    };
    switch (n) {
      case 32:
        add(said("imphash") || said("import hash") ? Observable::imphash
            : said("ja3")                          ? Observable::ja3
                                                   : Observable::md5,
            at, end);
        return end;
      case 40:
        if (said("commit")) return end;
        add(said("thumbprint") || said("certificate") || said("cert") ? Observable::certificate_sha1 : Observable::sha1,
            at, end);
        return end;
      case 64:
        add(Observable::sha256, at, end);
        return end;
      case 128:
        add(Observable::sha512, at, end);
        return end;
      default:
        return n > 20 ? end : at;
    }
  }

  // The head of the column that a place of a row with '|' stands in.
  [[nodiscard]] std::string column_of(const ReportLine& line, std::size_t at) const {
    if (line.columns.empty() || line.columns.find('|') == std::string_view::npos || at - line.begin > kRowBytes)
      return {};
    const std::string_view lead = text_.substr(line.begin, at - line.begin);
    const auto n = static_cast<std::size_t>(std::count(lead.begin(), lead.end(), '|'));
    std::string_view head = line.columns;
    const bool outer = trim(text_.substr(line.begin, line.end - line.begin)).starts_with('|');
    const bool head_outer = trim(head).starts_with('|');
    const std::size_t cell = n + (outer ? 0 : 1) - (head_outer ? 0 : 1);
    const auto cells = split(head, '|');
    return cell < cells.size() ? lower(trim(cells[cell])) : std::string();
  }

  std::size_t bracketed6(std::size_t at) {
    const std::size_t close = text_.substr(at, std::min<std::size_t>(limit_ - at, 50)).find(']');
    if (close == std::string_view::npos || !is_ipv6(text_.substr(at + 1, close - 1))) return at;
    add(Observable::ipv6, at + 1, at + close);
    return at + close + 1;
  }

  std::size_t address6(std::size_t at) {
    std::size_t end = at, colons = 0;
    while (end < limit_ && end - at < 46 && (is_hex(text_[end]) || text_[end] == ':' || text_[end] == '.'))
      colons += text_[end++] == ':';
    if (colons < 2 || (end < limit_ && name_char(text_[end]))) return at;
    while (end > at && (text_[end - 1] == '.' || (text_[end - 1] == ':' && !text_.substr(0, end).ends_with("::"))))
      --end;
    const std::string_view form = text_.substr(at, end - at);
    if (!is_ipv6(form) || form.size() < 4) return at;
    if (std::count(form.begin(), form.end(), ':') < 7 && form.find("::") == form.npos) return at;
    if (here(end) == '/' && is_digit(here(end + 1))) {
      std::size_t stop = end + 1;
      while (stop < limit_ && is_digit(text_[stop])) ++stop;
      if (add(Observable::cidr, at, stop)) return stop;
    }
    add(Observable::ipv6, at, end);
    return end;
  }

  std::size_t mail(std::size_t at) {
    std::size_t sign = at;
    while (sign < limit_ && sign - at < 65 &&
           (name_char(text_[sign]) || std::string_view(".+%'=").find(text_[sign]) != std::string_view::npos))
      ++sign;
    if (here(sign) != '@' || sign == at) return at;
    const Host host = host_at(sign + 1);
    if (!host.ok || host.address) return at;
    if (here(host.end) == '/' || here(host.end) == ':') {
      if (here(host.end) == '/') return at;
    }
    add(Observable::mail_address, at, host.end);
    return host.end;
  }

  std::size_t name(std::size_t at) {
    const Host host = host_at(at);
    if (host.end == at) return at;
    const std::string_view word = text_.substr(at, host.end - at);
    if (word.find('.') == word.npos) return at;
    if (host.address) {
      // "Agent/2.1.0.4": the version of a program.
      if (before(at) == '/' && at >= 2 && is_alpha(text_[at - 2]) && !in_.was_defanged(at, host.end)) return host.end;
      const char next = here(host.end);
      if (next == '/' && is_digit(here(host.end + 1))) {
        std::size_t stop = host.end + 1;
        while (stop < limit_ && is_digit(text_[stop])) ++stop;
        if (stop - host.end <= 3 && !name_char(here(stop)) && here(stop) != '/' && add(Observable::cidr, at, stop))
          return stop;
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
    if (!host.ok) return host.end;
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

  std::size_t path_behind(std::size_t at, std::size_t host_end) {
    const std::size_t end = std::max(url_end(at), host_end);
    add(Observable::url, at, end);
    return end;
  }

  // "setup.py" against "evil.sh": by the words around, else by how such names are mostly meant.
  [[nodiscard]] bool as_domain(std::size_t begin, std::size_t end, std::string_view word) const {
    const ReportLine& line = lines_[line_];
    const std::size_t from = std::max(line.begin, begin > 60 ? begin - 60 : 0);
    const std::string lead = lower(text_.substr(from, begin - from));
    const std::string tail = lower(text_.substr(end, std::min<std::size_t>(40, line.end - end)));
    const std::string head = column_of(line, begin);
    static constexpr auto kFile = std::to_array<std::string_view>(
        {"script", "file", "archive", "attachment", "named", "called", "run", "execut", "drop", "saved", "library",
         "module", "launch", "unpack", "payload", "python", "shell", "source", "readme"});
    static constexpr auto kHost =
        std::to_array<std::string_view>({"domain", "host", "server", "c2", "resolv", "site", "dns", "url", "connect",
                                         "beacon", "registered", "nameserver", "infrastructure", "contact"});
    if (head.find("file") != std::string::npos) return false;
    if (head.find("domain") != std::string::npos || head.find("host") != std::string::npos) return true;
    std::size_t file_at = 0, host_at_ = 0;
    for (const std::string_view w : kFile) {
      if (const std::size_t at = last_word_start(lead, w); at != std::string::npos) file_at = std::max(file_at, at + 1);
    }
    for (const std::string_view w : kHost) {
      if (const std::size_t at = last_word_start(lead, w); at != std::string::npos)
        host_at_ = std::max(host_at_, at + 1);
    }
    if (file_at != host_at_) return host_at_ > file_at;
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
    const std::size_t labels = static_cast<std::size_t>(std::count(word.begin(), word.end(), '.')) + 1;
    if (labels >= 3) return true;
    const std::string ending = lower(word.substr(word.rfind('.') + 1));
    return ending == "pl" || ending == "app" || ending == "la" || ending == "st" || ending == "vi" || ending == "ps";
  }

  const Prepared& in_;
  std::string_view text_;
  const std::vector<ReportLine>& lines_;
  std::size_t most_, left_out_ = 0;
  std::size_t line_ = 0, limit_ = 0;
  std::string context_;
  bool mutex_ = false, agent_ = false;
  std::pair<std::size_t, std::size_t> cell_;  // of the line, see file_cell
  std::size_t file_name_ = 0;                 // where a labelled file name begins in the line
  std::vector<Found> out_;
};

}  // namespace

std::vector<Found> find_values(const Prepared& text, const std::vector<ReportLine>& lines, std::size_t most,
                               std::size_t& left_out) {
  return Finder(text, lines, most).run(left_out);
}

}  // namespace assay
