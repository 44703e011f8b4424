#include <algorithm>
#include <array>

#include "text/extract/finder.h"

namespace assay {
namespace {

constexpr auto kHives =
    std::to_array<std::string_view>({"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_USERS", "HKEY_CLASSES_ROOT",
                                     "HKEY_CURRENT_CONFIG", "HKLM", "HKCU", "HKU", "HKCR"});
constexpr std::size_t kStepBytes = 24;  // of the second word of a step

constexpr auto kRoots = std::to_array<std::string_view>({"/tmp/",
                                                         "/var/",
                                                         "/etc/",
                                                         "/usr/",
                                                         "/opt/",
                                                         "/home/",
                                                         "/root/",
                                                         "/dev/shm",
                                                         "/bin/",
                                                         "/sbin/",
                                                         "/Library/",
                                                         "/Users/",
                                                         "/private/",
                                                         "/srv/",
                                                         "/lib/",
                                                         "/boot/",
                                                         "/run/",
                                                         "/mnt/",
                                                         "/data/local",
                                                         "/netscaler/",
                                                         "/flash/",
                                                         "/nsconfig/",
                                                         "/proc/",
                                                         "/Applications/",
                                                         "~/",
                                                         "/data/data/",
                                                         "/data/app/",
                                                         "/sdcard/",
                                                         "/storage/emulated/",
                                                         "/vmfs/",
                                                         "/jffs/",
                                                         "/volume1/",
                                                         "/System/",
                                                         "/sys/",
                                                         "/u01/"});
// Below these a web server's files lie: a path to its files, not one of a request.
constexpr auto kWebRoots = std::to_array<std::string_view>(
    {"/htdocs/", "/webroot/", "/wwwroot/", "/public_html/", "/webapps/", "/httpdocs/", "/docroot/", "/html/"});

// What a web server is asked for: such a path alone is a request's.
bool web_ending(std::string_view name) {
  static constexpr auto kEndings = std::to_array<std::string_view>(
      {"php", "asp",  "aspx", "ashx", "asmx", "jsp", "jspx", "html", "htm", "js",  "css", "png",
       "jpg", "jpeg", "gif",  "svg",  "ico",  "cgi", "axd",  "json", "xml", "txt", "map", "do"});
  const std::string ending = lower(name.substr(name.rfind('.') + 1));
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

// "/data/.cache/mond": a folder that is hidden is none of a web server's.
bool hidden_step(std::string_view path) {
  for (std::size_t at = path.find("/."); at != path.npos; at = path.find("/.", at + 1)) {
    if (at + 2 < path.size() && is_alpha(path[at + 2]) && !path.substr(at).starts_with("/.well-known") &&
        !path.substr(at).starts_with("/.git") && path.find('/', at + 2) != path.npos)
      return true;
  }
  return false;
}

// How much of a command in quotes is the program: "C:\\a b.exe /s" ends before the blank.
std::size_t without_arguments(std::string_view command) {
  for (std::size_t blank = command.find(' '); blank != command.npos; blank = command.find(' ', blank + 1)) {
    const std::string_view head = command.substr(0, blank);
    const std::size_t step = head.find_last_of("\\/");
    const std::string_view rest = command.substr(blank + 1);
    if (rest.empty()) continue;
    // "/bin/bash -c ...": programs of Unix have no ending.
    if (step != head.npos && head.front() == '/' && rest.front() == '-' && rest.size() > 1 && is_alpha(rest[1]))
      return blank;
    if (!has_file_ending(head.substr(step == head.npos ? 0 : step + 1))) continue;
    const bool option = rest.front() == '/' || rest.front() == '-' || rest.front() == '%' || rest.front() == '&' ||
                        rest.front() == '>' || (rest.size() > 2 && rest[1] == ':' && rest[2] == '\\');
    if (option || rest.find_first_of("\\/.") == rest.npos) return blank;
  }
  return command.size();
}

// Folders of macOS and keys of Windows whose names hold a blank: what stands before it, and behind.
bool spaced_folder(std::string_view step, std::string_view rest) {
  static constexpr auto kFolders =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"Application", "Support"},
                                                                    {"Group", "Containers"},
                                                                    {"Internet", "Plug-Ins"},
                                                                    {"Mobile", "Documents"},
                                                                    {"Input", "Methods"},
                                                                    {"Saved", "Application"},
                                                                    {"Internet", "Settings"},
                                                                    {"Session", "Manager"},
                                                                    {"Active", "Setup"},
                                                                    {"Terminal", "Server"},
                                                                    {"Shell", "Folders"},
                                                                    {"Saved Application", "State"}});
  return std::any_of(kFolders.begin(), kFolders.end(), [&](const auto& f) {
    return step == f.first && rest.starts_with(f.second) &&
           (rest.size() == f.second.size() || !is_alnum(rest[f.second.size()]));
  });
}

// "...\\.gravel and HKLM\\...": the word before a backslash begins another key or path.
bool begins_another(std::string_view gap) {
  const std::string_view word = gap.substr(gap.rfind(' ') + 1);
  return word.ends_with('%') ||
         std::any_of(kHives.begin(), kHives.end(), [&](std::string_view hive) { return equals_icase(word, hive); });
}

}  // namespace

// Steps of a path: the last one ends at a space unless the whole is in quotes or a later word ends as files do.
std::size_t Finder::path_end(std::size_t at, bool backslash) const {
  const char quote = before(at);
  if (quote == '"' || quote == '\'' || quote == '`') {
    const std::size_t close = text_.substr(at, std::min(kPathBytes, limit_ - at)).find(quote);
    if (close != std::string_view::npos) return at + without_arguments(text_.substr(at, close));
  }
  const char slash = backslash ? '\\' : '/';
  std::size_t end = at, last = at;
  while (end < limit_ && end - at < kPathBytes) {
    const char c = text_[end];
    if (c == '<') {  // "C:\\Users\\<user>\\a.exe": a step that stands for any
      const std::size_t close = text_.substr(end, std::min<std::size_t>(40, limit_ - end)).find('>');
      if (end == last && close != std::string_view::npos && close > 1 && here(end + close + 1) == slash) {
        end += close + 1;
        continue;
      }
      break;
    }
    if (c == '"' || c == '>' || c == '|' || c == '\t' || c == '`' || c == ';' || (c == ',' && is_space(here(end + 1))))
      break;
    if (c == ':' && end > at + 1) break;
    if (c == ',' && has_file_ending(text_.substr(last, end - last))) break;         // "rundll32 x.dll,Start"
    if (c == '\\' && !backslash && here(end + 1) == ' ' && here(end + 2) != ' ') {  // as a shell has blanks
      end += 2;
      continue;
    }
    if (c == ' ' && spaced_folder(text_.substr(last, end - last), text_.substr(end + 1, limit_ - end - 1))) {
      ++end;
      continue;
    }
    if (c == ' ') {
      // A space inside of a step: another slash comes before anything that ends a phrase.
      std::size_t look = end + 1, spaces = 1;
      bool goes_on = false;
      if (here(look) == ' ' || text_[end - 1] == slash) break;
      while (backslash && look < limit_ && look - end < 40 && spaces < 4) {
        const char d = text_[look];
        if (d == slash) {
          goes_on = !begins_another(text_.substr(end, look - end)) && here(look + 1) != ' ' && text_[look - 1] != ' ' &&
                    text_[look - 1] != '.' && text_[look - 1] != ':' && !(look >= 2 && text_[look - 1] == slash);
          break;
        }
        if (std::string_view(",;:\"|<>\t=").find(d) != std::string_view::npos) break;
        if (d == '.' && is_space(here(look + 1))) break;
        if (d == ' ') ++spaces;
        ++look;
      }
      if (has_file_ending(text_.substr(last, end - last))) break;  // the file's name ended here
      if (!goes_on && !(backslash && name_goes_on(last, end))) break;
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

// "...\\Desktop\\Order 17.exe" at the end of a line or cell: a blank inside of the last step, which ends as files do.
bool Finder::name_goes_on(std::size_t last, std::size_t blank) const {
  if (!lines_[line_].listed || blank <= last || text_.substr(last, blank - last).find('.') != std::string_view::npos)
    return false;
  std::size_t end = blank + 1, words = 1;
  while (end < limit_ && end - blank < 60 && (name_char(text_[end]) || text_[end] == '.' || text_[end] == ' ')) {
    if (text_[end] == ' ') {
      if (here(end + 1) == ' ' || has_file_ending(text_.substr(blank + 1, end - blank - 1)) || ++words > 3) break;
    }
    ++end;
  }
  const std::string_view rest = trim(text_.substr(blank + 1, end - blank - 1));
  const char next = here(end);
  return has_file_ending(rest) && (next == '\n' || next == '|' || next == '"' || next == ' ') &&
         trim(text_.substr(end, limit_ - end)).find_first_not_of("|\" ") == std::string_view::npos;
}

std::size_t Finder::registry(std::size_t at) {
  for (const std::string_view hive : kHives) {
    if (!starts_with_icase(text_.substr(at, limit_ - at), hive)) continue;
    std::size_t step = at + hive.size();
    if (here(step) == ':') ++step;
    if (here(step) != '\\') continue;
    std::size_t end = path_end(step, true);
    if (const char quote = before(at); quote == '"' || quote == '`' || quote == '\'') {
      const std::size_t close = text_.substr(step, std::min(kPathBytes, limit_ - step)).find(quote);
      if (close != std::string_view::npos) end = step + close;
    }
    // Alone on a line a key's last step may hold a blank: "...\\Monitors\\WinPrt Monitor".
    const std::string_view rest = text_.substr(end, limit_ - end);
    const std::string_view more = trim(rest);
    if ((lines_[line_].code || !lines_[line_].listed) && rest.size() > 1 && rest[0] == ' ' && rest[1] >= 'A' &&
        rest[1] <= 'Z' && more.size() <= kStepBytes && std::all_of(more.begin(), more.end(), is_alpha) &&
        trim(text_.substr(lines_[line_].begin, at - lines_[line_].begin)).empty())
      end += 1 + more.size();
    if (end < step + 3) return at;
    add(Observable::registry_key, at, end);
    return end;
  }
  return at;
}

// "'*/a", "("*\\a": behind a star that a quote opens, not one of Markdown.
bool Finder::in_pattern(std::size_t at) const {
  return before(at) == '*' && at >= 2 && std::string_view("\"'`").find(text_[at - 2]) != std::string_view::npos;
}

std::size_t Finder::windows_path(std::size_t at) {
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
  } else if (c == '$' && starts_with_icase(text_.substr(at, limit_ - at), "$env:")) {
    std::size_t step = at + 5;
    while (step < limit_ && step - at < 32 && is_alnum(text_[step])) ++step;
    if (step == at + 5 || here(step) != '\\') return at;
    body = step + 1;
  } else if (c == '\\' && in_pattern(at)) {
    return path_end(at + 1, true);  // "*\\AppData\\*": of a query, below any folder
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

std::size_t Finder::path_end_of(std::size_t at, std::size_t body) const {
  const char quote = before(at);
  if (quote == '"' || quote == '\'' || quote == '`') {
    const std::size_t close = text_.substr(body, std::min(kPathBytes, limit_ - body)).find(quote);
    if (close != std::string_view::npos) return body + without_arguments(text_.substr(body, close));
  }
  return path_end(body, true);
}

std::size_t Finder::unix_path(std::size_t at) {
  const char p = before(at);
  if (in_pattern(at)) return path_end(at, false);  // "*/bin/x": of a query, below any folder
  if (word_char(p) || p == '.' || p == '/' || p == '~' || p == ':' || p == '-' || p == '?' || p == '=') return at;
  const std::string_view rest = text_.substr(at, std::min(kPathBytes, limit_ - at));
  const bool known = std::any_of(kRoots.begin(), kRoots.end(), [&](std::string_view root) {
    return rest.starts_with(root) && rest.size() > root.size() && !is_space(rest[root.size()]);
  });
  if (!known) {
    // Below a root of its own, when its end is not what a web server is asked for.
    if (const std::size_t end = path_end(at, false); end > at) {
      const std::string_view path = text_.substr(at, end - at);
      const std::string_view last = path.substr(path.rfind('/') + 1);
      // "`/entry.sh`": of one step in quotes.
      const bool quoted = (p == '`' || p == '"' || p == '\'') && here(end) == p;
      const bool served = std::any_of(kWebRoots.begin(), kWebRoots.end(), [&](std::string_view root) {
        return path.find(root) != path.npos && path.find(root) > 0;
      });
      // "/portal/themes/fnt.php    web shell": what is put there.
      const std::string_view behind = trim(text_.substr(end, limit_ - end));
      const bool put = starts_with_icase(behind, "web shell") || starts_with_icase(behind, "webshell") ||
                       starts_with_icase(behind, "| web shell") || starts_with_icase(behind, "| webshell");
      // "`/overlay/upper/usr/sbin/fjordd`": a system below another root.
      const bool system = quoted && !last.empty() &&
                          (path.find("/usr/", 1) != path.npos || path.find("/sbin/", 1) != path.npos ||
                           path.find("/bin/", 1) != path.npos || path.find("/etc/", 1) != path.npos);
      if ((path.find('/', 1) != path.npos || quoted) && path.find(' ') == path.npos &&
          (system || (has_file_ending(last) && (served || put || !web_ending(last))) ||
           (last.size() > 2 && last.front() == '.' && last[1] != '.') || hidden_step(path)) &&
          add(Observable::file_path, at, end))
        return end;
    }
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

// "pub/media/a.php", ".github/workflows/a.yml": steps that end in a file.
std::size_t Finder::relative_path(std::size_t at) {
  if (const char p = before(at); p == '/' || p == '\\' || p == ':' || p == '@') return at;
  std::size_t end = at, slashes = 0;
  while (end < limit_ && end - at < kPathBytes && (name_char(text_[end]) || text_[end] == '.' || text_[end] == '/')) {
    if (text_[end] == '/') {
      if (here(end + 1) == '/') return at;
      ++slashes;
    }
    ++end;
  }
  while (end > at && (text_[end - 1] == '.' || text_[end - 1] == '/')) --end;
  if (slashes == 0 || here(end) == '(' || here(end) == '@' || here(end) == '?') return at;
  const std::string_view path = text_.substr(at, end - at);
  const std::string_view first = path.substr(0, path.find('/')), last = path.substr(path.rfind('/') + 1);
  bool both = false;
  if (first.empty() || first.size() == path.size() || !has_file_ending(last, &both) ||
      (both && last.find('-') == last.npos && last.find('_') == last.npos))
    return at;
  if (in_.was_defanged(at, end) || (first.find('.', 1) != first.npos)) return at;  // a host, or another file
  return add(Observable::file_path, at, end) ? end : at;
}

// "\\EFI\\Boot\\a.efi": without its drive.
std::size_t Finder::rootless_path(std::size_t at) {
  const std::size_t end = path_end(at + 1, true);
  const std::string_view path = text_.substr(at, end - at);
  const std::size_t slash = path.rfind('\\');
  if (before(at) == '%' || before(at) == '}' || slash == 0 || path.find('\\', 1) == path.npos ||
      path.find(' ') != path.npos || !has_file_ending(path.substr(slash + 1)))
    return at;
  return add(Observable::file_path, at, end) ? end : at;
}

}  // namespace assay
