#include "text/extract/document.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kHeadingBytes = 120;
constexpr std::size_t kHeadingWords = 12;

std::size_t words_of(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) n += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
  return n;
}

// "2.1 Title", "A. Title", "Appendix B": the text without its number; empty when there is none.
std::string_view numbered(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && (is_digit(text[i]) || (text[i] == '.' && i > 0))) ++i;
  if (i == 0 && text.size() > 2 && is_alpha(text[0]) && (text[1] == '.' || text[1] == ')' || is_digit(text[1]))) {
    // "A.", "B.2", "A2.1"
    i = 2;
    while (i < text.size() &&
           (is_digit(text[i]) || (text[i] == '.' && (i + 1 == text.size() || is_digit(text[i + 1])))))
      ++i;
  }
  if (i == 0 || i > 8 || i >= text.size() || !is_space(text[i])) return {};
  return trim(text.substr(i));
}

bool upper_case(std::string_view text) {
  std::size_t upper = 0, lowered = 0;
  for (const char c : text) {
    upper += c >= 'A' && c <= 'Z';
    lowered += c >= 'a' && c <= 'z';
  }
  return upper >= 3 && lowered * 8 <= upper;
}

// A line under a heading: "=====", "-----".
bool is_rule(std::string_view text) {
  text = trim(text);
  return text.size() >= 3 &&
         (text.front() == '=' || text.front() == '-' || text.front() == '~' || text.front() == '*') &&
         std::all_of(text.begin(), text.end(), [&](char c) { return c == text.front(); });
}

std::string_view bare(std::string_view text) {
  text = trim(text);
  while (!text.empty() && (text.front() == '*' || text.front() == '_')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '*' || text.back() == '_')) text.remove_suffix(1);
  return trim(text);
}

bool holds_value(std::string_view text) {
  // A heading names kinds, it holds no value: no dot inside a word, no long hexadecimal run, no slash pair.
  std::size_t hex = 0, dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    hex = is_hex(text[i]) ? hex + 1 : 0;
    if (hex >= 16) return true;
    if (text[i] == '.' && i > 0 && i + 1 < text.size() && is_alnum(text[i - 1]) && is_alnum(text[i + 1]) &&
        !(is_digit(text[i - 1]) && is_digit(text[i + 1])))
      return true;
    if (text[i] == '@' || text[i] == '\\') return true;
    dots = is_digit(text[i]) ? dots : text[i] == '.' ? dots + 1 : 0;
    if (dots == 3 && is_digit(text[i])) return true;  // an address
  }
  return false;
}

// The line ends inside of a sentence: with a small word that another must follow, or the next one goes on in small
// letters.
bool ends_open(std::string_view title, std::string_view after) {
  static constexpr auto kOpen = std::to_array<std::string_view>(
      {"the",  "a",    "an",   "of",  "and", "or",  "to",    "in",  "on",  "at",  "by",  "for",
       "with", "from", "that", "is",  "are", "was", "which", "der", "die", "das", "und", "von",
       "le",   "la",   "les",  "des", "de",  "et",  "el",    "los", "het", "een", "en",  "than"});
  const std::size_t blank = title.rfind(' ');
  const std::string word = lower(blank == title.npos ? title : title.substr(blank + 1));
  if (blank != title.npos && std::find(kOpen.begin(), kOpen.end(), word) != kOpen.end()) return true;
  after = trim(after);
  return !after.empty() && after.front() >= 'a' && after.front() <= 'z' && words_of(after) >= 3 &&
         after.find("  ") == after.npos;
}

struct Heading {
  int level = 0;  // 0: none; 1 to 6 as in Markdown; 8: a weak one (a line that ends in ':')
  std::string_view text;
};

Heading heading_of(std::string_view line, std::string_view before, std::string_view after, bool code) {
  const std::string_view text = trim(line);
  if (text.empty() || code) return {};
  if (text.front() == '#') {
    std::size_t level = 0;
    while (level < text.size() && text[level] == '#') ++level;
    if (level > 6 || level == text.size() || !is_space(text[level])) return {};
    std::string_view title = trim(text.substr(level));
    while (title.ends_with('#')) title.remove_suffix(1);
    return {static_cast<int>(level), bare(title)};
  }
  if (text.size() > kHeadingBytes || text.front() == '|' || text.front() == '-' || text.front() == '>' ||
      words_of(text) > kHeadingWords)
    return {};
  const bool bold = text.starts_with("**") && (text.ends_with("**") || text.ends_with("**:"));
  if (text.front() == '*' && !bold) return {};
  const std::string_view title = bare(text);
  if (title.empty() || holds_value(title)) return {};
  if (is_rule(after) && trim(after).size() + 3 >= std::min<std::size_t>(text.size(), 8)) {
    return {trim(after).front() == '=' ? 1 : 2, title};
  }
  const std::string_view behind = numbered(title);  // "B.2  Servers": the gap behind a number parts no cells
  if ((behind.empty() ? text : behind).find("  ") != text.npos || text.find('\t') != text.npos ||
      text.find('|') != text.npos)
    return {};
  const char last = title.back();
  if (starts_with_icase(title, "appendix") || starts_with_icase(title, "annex")) {
    if (last != '.' && last != ',') return {1, title};
  }
  const bool alone = trim(before).empty();
  if (last == ':') {
    if (words_of(title) > 9) return {};
    return {upper_case(title) && alone ? 2 : 8, title};
  }
  if (last == '.' || last == ',' || last == ';' || last == '?' || last == '!') return {};
  if (upper_case(title) && (alone || trim(after).empty())) return {2, title};
  if (const std::string_view rest = numbered(title);
      !rest.empty() && alone && rest.front() >= 'A' && rest.front() <= 'Z') {
    return {
        static_cast<int>(2 + std::count(title.begin(), title.begin() + (rest.data() - title.data()), '.')) > 3 ? 3 : 2,
        rest};
  }
  if (bold) return {4, title};
  const bool first_upper = title.front() >= 'A' && title.front() <= 'Z';
  if (alone && first_upper && words_of(title) <= 9 && title.size() <= 80 && title.size() >= 3 &&
      !ends_open(title, after))
    return {7, title};
  return {};
}

bool list_item(std::string_view text) {
  if (text.size() < 2) return false;
  if ((text[0] == '-' || text[0] == '*' || text[0] == '+' || text[0] == 'o') && is_space(text[1])) return true;
  if (text[0] == '|') return true;
  std::size_t i = 0;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i > 0 && i < 4 && i + 1 < text.size() && (text[i] == '.' || text[i] == ')') && is_space(text[i + 1]);
}

// Cells: by '|', tabs or two spaces.
bool has_cells(std::string_view text) {
  text = trim(text);
  if (text.find('\t') != text.npos) return true;
  if (std::count(text.begin(), text.end(), '|') >= 1) return true;
  const std::size_t gap = text.find("  ");
  return gap != text.npos && gap > 0;
}

// How many cells a line has, as has_cells parts them.
std::size_t cells_of(std::string_view text) {
  text = trim(text);
  for (const char mark : {'|', '\t'}) {
    const auto n = static_cast<std::size_t>(std::count(text.begin(), text.end(), mark));
    if (n > 0) return n + 1;
  }
  std::size_t n = 1;
  for (std::size_t at = text.find("  "); at != text.npos; at = text.find("  ", at)) {
    ++n;
    while (at < text.size() && text[at] == ' ') ++at;
  }
  return n;
}

// "| --- | :-: |": what stands above is the head of a table in Markdown.
bool head_rule(std::string_view line) {
  line = trim(line);
  return line.find('|') != line.npos && line.find("--") != line.npos && line.find_first_not_of("|-: \t") == line.npos;
}

// "sha256,name,family": the head of a list of values that commas or semicolons separate.
bool comma_head(std::string_view line, std::string_view next) {
  const char mark = line.find(';') != line.npos ? ';' : ',';
  const auto marks = std::count(line.begin(), line.end(), mark);
  if (marks < 1 || line.size() > 200 || line.find(". ") != line.npos ||
      marks > std::count(next.begin(), next.end(), mark))
    return false;
  for (const std::string_view cell : split(line, mark)) {
    if (trim(cell).empty() || words_of(trim(cell)) > 3) return false;
  }
  return holds_value(next) && table_head(line);
}

}  // namespace

bool table_head(std::string_view text) {
  if (holds_value(text) || text.size() > 200) return false;
  // "Type   DOS batch file, ASCII text, with ...": a label and what it says.
  for (std::size_t from = 0; from < text.size();) {
    std::size_t to = from;
    while (to < text.size() && text[to] != '|' && text[to] != '\t' &&
           !(text[to] == ' ' && to + 1 < text.size() && text[to + 1] == ' '))
      ++to;
    if (words_of(text.substr(from, to - from)) > 4 && text.find_first_of("|\t") == text.npos) return false;
    from = to + 1;
  }
  static constexpr auto kHeads = std::to_array<std::string_view>(
      {"type",       "value",  "indicator", "ioc",        "description", "md5",       "sha",
       "hash",       "domain", "address",   "ip",         "url",         "file",      "name",
       "comment",    "note",   "role",      "context",    "first seen",  "last seen", "purpose",
       "kind",       "remark", "category",  "observable", "artifact",    "artefact",  "email",
       "confidence", "status", "sha256",    "sha-256",    "sha1",        "sha-1",     "family",
       "seen",       "host",   "mutex",     "filename",   "hostname",    "server"});
  std::size_t hits = 0;
  const std::string small = lower(text);
  for (const std::string_view head : kHeads) hits += has_word(small, head);
  return hits >= 2;
}

std::string_view column_at(std::string_view text, const ReportLine& line, std::size_t at) {
  constexpr std::size_t kRow = 8192;
  char cut = ' ';
  for (const char mark : {',', ';', '\t', '|'}) cut = line.columns.find(mark) != line.columns.npos ? mark : cut;
  if (line.columns.empty() || cut == ' ' || at < line.begin || at - line.begin > kRow) return {};
  const std::string_view row = text.substr(line.begin, line.end - line.begin);
  if (row.data() == line.columns.data()) return {};
  const std::string_view before = row.substr(0, at - line.begin);
  const auto n = static_cast<std::size_t>(std::count(before.begin(), before.end(), cut));
  const bool outer = trim(row).starts_with('|'), head_outer = trim(line.columns).starts_with('|');
  const std::size_t cell = n + (outer ? 0 : 1) - (head_outer ? 0 : 1);
  const auto heads = split(line.columns, cut);
  return cell < heads.size() ? trim(heads[cell]) : std::string_view();
}

std::vector<ReportLine> outline(const Prepared& prepared) {
  const std::string_view text = prepared.text;
  std::vector<ReportLine> out;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ReportLine line;
    line.begin = begin;
    line.end = end;
    out.push_back(line);
    begin = end + 1;
  }
  const auto at = [&](std::size_t i) {
    return i < out.size() ? text.substr(out[i].begin, out[i].end - out[i].begin) : std::string_view();
  };
  struct Open {
    int level;
    Section section;
  };
  std::vector<Open> stack = {{0, Section::neutral}};
  std::string_view titled, columns;
  bool code = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view line = at(i), plain = trim(line);
    if (plain.starts_with("```") || plain.starts_with("~~~")) {
      code = !code;
      out[i].section = stack.back().section;
      continue;
    }
    const Heading heading = heading_of(line, i > 0 ? at(i - 1) : std::string_view(), at(i + 1), code);
    if (heading.level != 0) {
      bool inherit = false;
      Section section = section_of(heading.text, inherit);
      // A weak heading that says nothing leaves the section as it is; one that names a kind goes below the one above.
      const bool weak = heading.level >= 7;
      if (!(weak && section == Section::neutral && (inherit || heading.level == 8))) {
        while (stack.size() > 1 && stack.back().level >= heading.level) stack.pop_back();
        if (section == Section::neutral && inherit) section = stack.back().section;
        if (section == Section::neutral && heading.level >= 3 && heading.level <= 6) section = stack.back().section;
        if (section == Section::advice && stack.back().section == Section::indicators && weak)
          section = Section::indicators;
        stack.push_back({heading.level, section});
      } else if (inherit) {
        // "Domains:" after "Legitimate services:" of the same rank ends what that said.
        while (stack.size() > 1 && stack.back().level >= heading.level) stack.pop_back();
        stack.push_back({heading.level, stack.back().section});
      }
      titled = heading.text;
      out[i].heading = true;
      columns = {};
    }
    const bool commas = columns.find(',') != columns.npos && columns.find('|') == columns.npos;
    if (!plain.empty() && !columns.empty() && !has_cells(line) && plain.find(' ') != plain.npos &&
        !(commas && plain.find(',') != plain.npos && holds_value(plain)))
      columns = {};
    if (plain.empty() && !columns.empty() && (trim(at(i + 1)).empty() || cells_of(at(i + 1)) + 1 < cells_of(columns)))
      columns = {};
    if (!plain.empty() && has_cells(line) && (table_head(plain) || head_rule(at(i + 1)))) columns = plain;
    if (!plain.empty() && comma_head(plain, trim(at(i + 1)))) columns = plain;
    const std::string_view above = i > 0 ? trim(at(i - 1)) : std::string_view();
    const bool prose_before =
        i > 0 && !out[i - 1].listed && !out[i - 1].heading && !above.empty() && above.back() != ':';
    const bool in_list = !out[i].heading && !plain.empty() &&
                         (list_item(plain) || has_cells(line) || code ||
                          (plain.find(' ') == plain.npos && !(prose_before && plain.back() == '.')));
    // A weak heading holds for its list; prose after an empty line ends it.
    if (!plain.empty() && !in_list && heading.level == 0 && i > 0 && trim(at(i - 1)).empty()) {
      while (stack.size() > 1 && stack.back().level == 8) stack.pop_back();
    }
    out[i].section = stack.back().section;
    out[i].titled = titled;
    out[i].columns = columns;
    out[i].listed = in_list;
    out[i].code = code;
  }
  return out;
}

}  // namespace assay
