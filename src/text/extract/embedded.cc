#include "text/extract/embedded.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kRules = 1000;
constexpr std::size_t kRuleBytes = std::size_t{1} << 20;

struct Span {
  std::size_t begin = 0, end = 0;
};

// Behind the '}' that closes the rule whose '{' stands at `open`; strings, regular expressions, hexadecimal strings and
// comments may hold brackets. npos: it never closes.
std::size_t yara_end(std::string_view text, std::size_t open) {
  const std::size_t limit = std::min(text.size(), open + kRuleBytes);
  int depth = 0;
  for (std::size_t i = open; i < limit; ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < limit && text[i] != '"' && text[i] != '\n'; ++i)
        i += text[i] == '\\' ? std::size_t{1} : std::size_t{0};
    } else if (c == '/' && i + 1 < limit && text[i + 1] == '/') {
      while (i < limit && text[i] != '\n') ++i;
    } else if (c == '/' && i + 1 < limit && text[i + 1] == '*') {
      const std::size_t close = text.find("*/", i + 2);
      if (close == text.npos) return text.npos;
      i = close + 1;
    } else if (c == '/') {  // a regular expression when it closes in the line
      std::size_t k = i + 1;
      while (k < limit && text[k] != '/' && text[k] != '\n') k += text[k] == '\\' ? std::size_t{2} : std::size_t{1};
      if (k < limit && text[k] == '/') i = k;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i + 1;
    }
  }
  return text.npos;
}

// "rule NAME : tags {" at `at`, where a line begins; the place of its '{', or npos.
std::size_t yara_open(std::string_view text, std::size_t at, std::string& name) {
  std::string_view rest = text.substr(at, 400);
  std::size_t i = 0;
  const auto spaces = [&] {
    while (i < rest.size() && is_space(rest[i])) ++i;
  };
  const auto word = [&] {
    const std::size_t begin = i;
    while (i < rest.size() && (is_alnum(rest[i]) || rest[i] == '_')) ++i;
    return rest.substr(begin, i - begin);
  };
  spaces();
  std::string_view first = word();
  while (first == "private" || first == "global") {
    spaces();
    first = word();
  }
  if (first != "rule") return text.npos;
  const std::size_t gap = i;
  spaces();
  if (i == gap) return text.npos;
  name = word();
  if (name.empty() || is_digit(name.front())) return text.npos;
  while (i < rest.size() && (is_space(rest[i]) || rest[i] == ':' || is_alnum(rest[i]) || rest[i] == '_')) {
    if (is_alnum(rest[i]) && rest.substr(gap, i - gap).find(':') == rest.npos) return text.npos;
    ++i;
  }
  if (i >= rest.size() || rest[i] != '{') return text.npos;
  return at + i;
}

// A Sigma rule from a line "title:": its lines to the first that is neither indented, empty nor a key of a map. It must
// have logsource and detection.
std::size_t sigma_end(std::string_view text, std::size_t at, std::size_t indent, std::string& name) {
  bool logsource = false, detection = false;
  std::size_t end = at, line = at;
  const std::size_t limit = std::min(text.size(), at + kRuleBytes);
  while (line < limit) {
    const std::size_t stop = std::min(text.find('\n', line), text.size());
    const std::string_view raw = text.substr(line, stop - line);
    std::string_view plain = raw;
    std::size_t here = 0;
    while (here < plain.size() && (plain[here] == ' ' || plain[here] == '\t')) ++here;
    plain.remove_prefix(here);
    while (!plain.empty() && is_space(plain.back())) plain.remove_suffix(1);
    if (plain.starts_with("```") || plain == "---") break;
    if (!plain.empty()) {
      const std::size_t colon = plain.find(':');
      const bool key = colon != plain.npos && colon > 0 && colon < 40 &&
                       plain.substr(0, colon).find(' ') == plain.npos &&
                       (colon + 1 == plain.size() || plain[colon + 1] == ' ');
      const bool item = plain.front() == '-' && plain.size() > 1 && plain[1] == ' ';
      if (here < indent || (here == indent && !key && !item && plain.front() != '#')) break;
      if (here == indent && key) {
        const std::string_view word = plain.substr(0, colon);
        if (word == "title" && line != at) break;
        if (word == "title") name = trim(plain.substr(colon + 1));
        logsource = logsource || word == "logsource";
        detection = detection || word == "detection";
      }
      end = stop;
    } else if (detection) {
      // After an empty line only a key of the map goes on.
      const std::size_t next = text.find_first_not_of(" \t\r\n", stop);
      if (next == text.npos) break;
      const std::size_t next_line = text.rfind('\n', next) + 1;
      const std::string_view word = text.substr(next, text.find_first_of(" \n", next) - next);
      if (next - next_line < indent || word.starts_with('|') || word.starts_with('#') ||
          (next - next_line == indent && !word.ends_with(':')))
        break;
    }
    line = stop + 1;
  }
  return logsource && detection ? end : at;
}

// `sha256 = "..."`: the sample that a rule was made for; `$a = "Global\\x"`: a mutex. [begin, end) of the value, empty:
// none is in the line.
std::pair<std::size_t, std::size_t> kept_of_rule(std::string_view line) {
  const std::size_t open = line.find('"'), equals = line.find('=');
  if (open == line.npos || equals == line.npos || equals > open) return {0, 0};
  const std::size_t close = line.find('"', open + 1);
  if (close == line.npos) return {0, 0};
  const std::string key = lower(trim(line.substr(0, equals)));
  const std::string_view value = line.substr(open + 1, close - open - 1);
  const bool digits = value.size() == 32 || value.size() == 40 || value.size() == 64;
  if (digits && std::all_of(value.begin(), value.end(), is_hex) &&
      (key.starts_with("hash") || key.starts_with("md5") || key.starts_with("sha") || key.starts_with("sample")))
    return {open + 1, close};
  if (key.starts_with('$') && value.size() > 9 && value.find(' ') == value.npos &&
      (value.starts_with("Global\\") || value.starts_with("Local\\")))
    return {open, close + 1};
  return {0, 0};
}

}  // namespace

std::vector<EmbeddedRule> take_rules(std::string& text) {
  std::vector<EmbeddedRule> out;
  std::vector<Span> spans;
  const std::string_view all = text;
  std::size_t at = 0;
  while (at < all.size() && out.size() < kRules) {
    std::size_t begin = at;
    while (begin < all.size() && (all[begin] == ' ' || all[begin] == '\t' || all[begin] == '>')) ++begin;
    const std::size_t line_end = std::min(all.find('\n', at), all.size());
    const std::string_view rest = all.substr(begin, 60);
    std::string name;
    std::size_t end = all.npos;
    EmbeddedRule rule;
    if (rest.starts_with("rule ") || rest.starts_with("private ") || rest.starts_with("global ")) {
      const std::size_t open = yara_open(all, begin, name);
      if (open != all.npos) end = yara_end(all, open);
      if (end != all.npos) {
        const std::string_view body = all.substr(begin, end - begin);
        if (body.find("condition") == body.npos) end = all.npos;
      }
      rule.type = "yara";
    } else if (rest.starts_with("title:")) {
      const std::size_t stop = sigma_end(all, begin, begin - at, name);
      if (stop > begin) end = stop;
      rule.type = "sigma";
    }
    if (end == all.npos) {
      at = line_end + 1;
      continue;
    }
    rule.name = name;
    if (rule.type == "yara") {
      rule.text = all.substr(begin, end - begin);
    } else {  // its indentation in the report goes
      const std::size_t indent = begin - at;
      std::size_t line = at;
      while (line < end) {
        const std::size_t stop = std::min(all.find('\n', line), end);
        const std::string_view raw = all.substr(line, stop - line);
        rule.text += raw.substr(std::min(indent, raw.size()));
        rule.text += '\n';
        line = stop + 1;
      }
    }
    spans.push_back({begin, end});
    out.push_back(std::move(rule));
    at = std::min(all.find('\n', end), all.size()) + 1;
  }
  for (const Span& span : spans) {
    std::size_t line = span.begin;
    while (line < span.end) {
      const std::size_t stop = std::min(text.find('\n', line), span.end);
      const auto [from, to] = kept_of_rule(std::string_view(text).substr(line, stop - line));
      for (std::size_t i = line; i < stop; ++i) {
        if (i - line < from || i - line >= to) text[i] = ' ';
      }
      line = stop + 1;
    }
  }
  return out;
}

}  // namespace assay
