#include <algorithm>
#include <array>

#include "text/extract/finder.h"
#include "text/extract/lists.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kNameBytes = 120;
constexpr std::size_t kNameWords = 7;

// "StealC": a name of malware, as hardly a file without an ending is written.
bool family(std::string_view word) {
  return word.front() >= 'A' && word.front() <= 'Z' && std::all_of(word.begin(), word.end(), is_alpha) &&
         std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

// "Filename      rootfs_cfg", "File name: x": where the name begins; 0: the line is no such label.
std::size_t Finder::label_of_file(std::string_view small) {
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
std::pair<std::size_t, std::size_t> Finder::file_cell(const ReportLine& line) const {
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
  if (is_hash_size(digits - i)) {
    const std::string_view gap = text_.substr(digits, std::min<std::size_t>(2, stop - digits));
    if (gap != " *" && gap != "  ") return cell_of_file(line);
    const std::size_t begin = digits + 2, end = token_at(begin);
    const bool last = trim(text_.substr(end, line.end - end)).empty();
    if (!last) return cell_of_file(line);
    const std::string_view word = text_.substr(begin, end - begin);
    // In a block of code, as checksum programs print it: "HASH  fjord-helper".
    const bool printed = line.code && word.find_first_of("-_") != word.npos &&
                         std::none_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
                         !(plausible_domain(word) && has_known_suffix(word));
    if (!named(begin, end) || (gap != " *" && !printed && !has_file_ending(word))) return {};
    return {begin, end};
  }
  return cell_of_file(line);
}

// Below a head that has "File" or "Name" and hashes: what stands in that cell of a row with a hash.
std::pair<std::size_t, std::size_t> Finder::cell_of_file(const ReportLine& line) const {
  if (const auto label = name_in_label(line); label.second > label.first) return label;
  const std::string head = lower(trim(line.columns));
  const std::string_view row = text_.substr(line.begin, std::min(line.end - line.begin, kRowBytes));
  if (head.empty() || trim(line.columns) == trim(row) ||
      (head.find("md5") == head.npos && head.find("sha") == head.npos && head.find("hash") == head.npos) ||
      head.find("entropy") != head.npos ||                                     // sections of a program
      head.find("version") != head.npos || head.find("package") != head.npos)  // packages, which are no files
    return {};
  const char* const marks = "|\t;,";
  const std::size_t mark = head.find_first_of(marks);
  const auto cells_of = [&](std::string_view of) {
    std::vector<std::pair<std::size_t, std::size_t>> out;  // trimmed
    for (std::size_t from = 0; from <= of.size();) {
      std::size_t to = mark == head.npos ? of.find("  ", from) : of.find(head[mark], from);
      to = std::min(to, of.size());
      std::size_t begin = from, end = to;
      while (begin < end && std::string_view(" `\"|").find(of[begin]) != std::string_view::npos) ++begin;
      while (end > begin && std::string_view(" `\"*").find(of[end - 1]) != std::string_view::npos) --end;
      out.emplace_back(begin, end);
      from = to + 1;
      while (mark == head.npos && from < of.size() && of[from] == ' ') ++from;
    }
    return out;
  };
  std::vector<std::pair<std::size_t, std::size_t>> heads = cells_of(head), cells = cells_of(row);
  const auto empty = [](const std::pair<std::size_t, std::size_t>& cell) { return cell.first == cell.second; };
  for (auto* list : {&heads, &cells}) {  // the outer bars of a row
    if (!list->empty() && empty(list->front())) list->erase(list->begin());
  }
  const bool hashed = std::any_of(cells.begin(), cells.end(), [&](const auto& cell) {
    const std::string_view of = row.substr(cell.first, cell.second - cell.first);
    return is_hash_size(of.size()) && std::all_of(of.begin(), of.end(), is_hex);
  });
  if (!hashed) return {};
  for (std::size_t i = 0; i < std::min(heads.size(), cells.size()); ++i) {
    const std::string_view title = std::string_view(head).substr(heads[i].first, heads[i].second - heads[i].first);
    if (title != "file" && title != "files" && title != "name" && title != "file name" && title != "filename" &&
        title != "file_name" && title != "file names")
      continue;
    const auto [begin, end] = cells[i];
    const std::string_view word = row.substr(begin, end - begin);
    // Others are found by their form.
    if (word.size() < 3 || word.size() > kNameBytes || !std::any_of(word.begin(), word.end(), is_alpha) ||
        !std::all_of(word.begin(), word.end(), [](char c) { return name_char(c) || c == '.'; }) ||
        std::all_of(word.begin(), word.end(), is_hex) || word.back() == '.' || family(word) ||
        (word.front() != '.' && has_file_ending(word)) || (plausible_domain(word) && has_known_suffix(word)))
      return {};
    return {line.begin + begin, line.begin + end};
  }
  return {};
}

// "| lc64, SHA-256 | HASH |", "| a1 = XMRig 6, SHA-256 | HASH |": the name that the label of a hash begins with.
std::pair<std::size_t, std::size_t> Finder::name_in_label(const ReportLine& line) const {
  const std::string_view row = text_.substr(line.begin, std::min(line.end - line.begin, kRowBytes));
  std::size_t begin = 0;
  while (begin < row.size() && std::string_view(" \t|`").find(row[begin]) != std::string_view::npos) ++begin;
  const std::size_t bar = row.find('|', begin);
  if (bar == row.npos) return {};
  std::string_view hash = row.substr(bar + 1);
  hash = hash.substr(0, hash.find('|'));
  while (!hash.empty() && (is_space(hash.front()) || hash.front() == '`')) hash.remove_prefix(1);
  while (!hash.empty() && (is_space(hash.back()) || hash.back() == '`')) hash.remove_suffix(1);
  if (!is_hash_size(hash.size()) || !std::all_of(hash.begin(), hash.end(), is_hex)) return {};
  const std::string label = lower(trim(row.substr(begin, bar - begin)));
  static constexpr auto kKinds =
      std::to_array<std::string_view>({", md5", ", sha1", ", sha-1", ", sha256", ", sha-256", ", sha512", ", sha-512"});
  if (std::none_of(kKinds.begin(), kKinds.end(), [&](std::string_view kind) { return label.ends_with(kind); }))
    return {};
  std::size_t end = begin;
  while (end < bar && (name_char(row[end]) || row[end] == '.')) ++end;
  const std::string_view name = row.substr(begin, end - begin);
  const std::string_view rest = row.substr(end, bar - end);
  if (name.size() < 3 || name.size() > kNameBytes || name.back() == '.' ||
      std::none_of(name.begin(), name.end(), is_alpha) || std::all_of(name.begin(), name.end(), is_hex) ||
      family(name) || is_unix_command(lower(name)) || has_file_ending(name) ||
      (plausible_domain(name) && has_known_suffix(name)) ||
      (!rest.starts_with(", ") && !rest.starts_with(" = ") && !rest.starts_with(" (")))
    return {};
  return {line.begin + begin, line.begin + end};
}

void Finder::named_file(std::size_t& at) {
  const std::size_t begin = at + file_name_;
  std::size_t end = begin;
  while (end < limit_ && !is_space(text_[end]) &&
         std::string_view("|\"`,;*").find(text_[end]) == std::string_view::npos)
    ++end;
  const std::string_view word = text_.substr(begin, end - begin);
  const std::string_view rest = trim(text_.substr(end, limit_ - end));
  if (word.size() < 3 || word.size() > 120 || word.find('.', 1) != word.npos || word.find_first_of("/\\") != word.npos)
    return;  // others are found by their form
  if (!rest.empty() && rest.front() != '|' && rest.front() != '(' && rest.front() != '`' && rest.front() != '"' &&
      rest.front() != ',')
    return;
  add(Observable::file_name, begin, end);
  at = end;
}

// "Order 17.vbs", ".thumbs.php": a name in quotes, in a cell or alone on its line holds what stands there, spaces and
// marks too. The whole ends as files do and its other words are no commands.
bool Finder::is_whole_name(std::string_view name) const {
  if (name.size() < 4 || name.size() > kNameBytes || !has_file_ending(name) || is_space(name.front())) return false;
  // Lines of a drawn tree, and bullets.
  if (!is_alnum(name.front()) && std::string_view("._!~#$@({[").find(name.front()) == std::string_view::npos &&
      (!is_high(name.front()) || static_cast<unsigned char>(name.front()) == 0xe2))
    return false;
  if (name.find_first_of("/\\|\"<>*?;=@") != name.npos || name.find("://") != name.npos) return false;
  const std::vector<std::string_view> words = split(name, ' ');
  if (words.size() > kNameWords) return false;
  // "imagename eq lsass.exe": what a filter of a command says.
  static constexpr auto kFilters =
      std::to_array<std::string_view>({"eq", "ne", "like", "-eq", "-like", "is", "contains", "and", "or", "not"});
  if (words.size() == 3 && std::find(kFilters.begin(), kFilters.end(), lower(words[1])) != kFilters.end()) return false;
  if (words.size() > 1 && (words[0] == "$" || words[0] == "#")) return false;  // a command as it is typed
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.empty() || (word.front() == '-' && word.size() > 1) || has_file_ending(word) || word.back() == ':' ||
        word.back() == ',' || (word.size() >= 32 && std::all_of(word.begin(), word.end(), is_hex)))
      return false;
  }
  return true;
}

// ".fwx.phtml": a hidden file; an ending alone (".crypted") is none.
std::size_t Finder::hidden_file(std::size_t at) {
  std::size_t end = at + 1;
  while (end < limit_ && (name_char(text_[end]) || text_[end] == '.')) ++end;
  while (end > at && text_[end - 1] == '.') --end;
  const std::string_view name = text_.substr(at, end - at);
  bool both = false;
  if (name.find('.', 1) == name.npos || !has_file_ending(name, &both) || both || here(end) == '/' ||
      in_.was_defanged(at, end) || before(at) == '*' || before(at) == ')' || before(at) == '>' || before(at) == '}')
    return at;
  return add(Observable::file_name, at, end) ? end : at;
}

// "!!!READ_ME!!!.txt": as notes are called that are to stand first in a folder.
std::size_t Finder::marked_file(std::size_t at) {
  std::size_t end = at;
  while (end < limit_ && end - at < kNameBytes && (name_char(text_[end]) || text_[end] == '!' || text_[end] == '.'))
    ++end;
  while (end > at && (text_[end - 1] == '.' || text_[end - 1] == '!')) --end;
  const std::string_view name = text_.substr(at, end - at);
  const std::size_t word = name.find_first_not_of('!');
  bool both = false;
  if (word == name.npos || name.find('.', word) == name.npos || !has_file_ending(name, &both) || both ||
      std::none_of(name.begin(), name.end(), is_alpha))
    return at;
  return add(Observable::file_name, at, end) ? end : at;
}

// "`agent_lin`: HASH", "| `agent_lin` | SHA-256 HASH |": a name without an ending, and what it is the name of.
bool Finder::names_hash(std::string_view name, std::size_t behind) const {
  if (name.size() < 3 || name.size() > 60 || name.find('.', 1) != name.npos || looks_like_other(name) ||
      !std::all_of(name.begin(), name.end(), [](char c) { return name_char(c) || c == '.'; }) ||
      std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; }) ||
      std::all_of(name.begin(), name.end(), is_hex))
    return false;
  const std::string small = lower(name);
  if (small.starts_with("sha") || small.starts_with("md5") || small == "hash") return false;
  constexpr std::size_t kLabel = 24;  // marks and "SHA-256"
  std::size_t i = behind;
  while (i < limit_ && i - behind < kLabel) {
    if (is_hex(text_[i]) && !name_char(before(i))) {
      std::size_t end = i;
      while (end < limit_ && is_hex(text_[end])) ++end;
      if (is_hash_size(end - i) && !name_char(here(end))) return true;
    }
    const char c = to_lower(text_[i]);
    if (std::string_view(" \t|:=()`-,\"'sham512346").find(c) == std::string_view::npos && c != 'd') return false;
    ++i;
  }
  return false;
}

std::size_t Finder::whole_name(std::size_t at) {
  const char open = text_[at];
  if (is_space(open)) return at;
  const ReportLine& line = lines_[line_];
  std::size_t begin = at, end = at;
  if (open == '"' || open == '`' || open == '\'') {
    if (name_char(before(at))) return at;
    begin = at + 1;
    const std::size_t close = text_.substr(begin, std::min(limit_ - begin, kNameBytes + 1)).find(open);
    if (close == std::string_view::npos || name_char(here(begin + close + 1))) return at;
    end = begin + close;
  } else {
    // A cell, or an item of a list: from its begin to its end.
    if (!line.listed) return at;
    const char left = before(at);
    std::size_t back = at;
    while (back > line.begin && at - back < 64 &&
           (text_[back - 1] == ' ' || text_[back - 1] == '-' || text_[back - 1] == '*'))
      --back;
    const bool commas = line.columns.find(',') != line.columns.npos && line.columns.find('|') == line.columns.npos;
    const bool starts = back == line.begin || (commas && text_[back - 1] == ',') || text_[back - 1] == '|' ||
                        text_[back - 1] == '\t' || at - back >= 2;
    if (!starts || name_char(left)) return at;
    end = begin;
    while (end < limit_ && end - begin <= kNameBytes && text_[end] != '|' && text_[end] != '\t' && text_[end] != '(' &&
           !(commas && text_[end] == ',') && !(text_[end] == ' ' && here(end + 1) == ' '))
      ++end;
    while (end > begin && is_space(text_[end - 1])) --end;
    const std::string_view cell = text_.substr(begin, end - begin);
    if (cell.find(' ') == std::string_view::npos) return at;  // found by its form
    // In a cell alone a phrase may end in a file's name: then the column says that these are files.
    const std::string head = column_of(line, at);
    // "| Sample name | Order 17.exe |": the cell before it names what it is.
    std::string label;
    bool hashed = false;  // the cell before it is its hash
    if (back > line.begin && text_[back - 1] == '|' && back >= 2) {
      const std::size_t bar = text_.rfind('|', back - 2);
      const std::size_t from = std::max(bar == std::string_view::npos ? 0 : bar + 1, line.begin);
      if (from < back - 1 && back - from < 40) label = lower(trim(text_.substr(from, back - 1 - from)));
      std::string_view hash = trim(text_.substr(from, back - 1 - from));
      while (hash.starts_with('`') || hash.starts_with('*')) hash.remove_prefix(1);
      while (hash.ends_with('`') || hash.ends_with('*')) hash.remove_suffix(1);
      hashed = is_hash_size(hash.size()) && std::all_of(hash.begin(), hash.end(), is_hex);
    } else if (back >= line.begin + 32 && at - back >= 2) {
      std::size_t digits = back;
      while (digits > line.begin && is_hex(text_[digits - 1])) --digits;
      hashed = is_hash_size(back - digits) && trim(text_.substr(line.begin, digits - line.begin)).empty();
    }
    const bool said = hashed || head.find("installer") != std::string::npos || head.find("file") != std::string::npos ||
                      head == "name" || head.find("sample") != std::string::npos ||
                      label.find("name") != std::string::npos || has_word_start(label, "file") ||
                      has_word_start(label, "attachment");
    if (!said && !(back == line.begin && end == limit_)) return at;
    // An item or line of few words that is the name and nothing else.
    const bool few = std::count(cell.begin(), cell.end(), ' ') <= 2 &&
                     std::any_of(cell.begin(), cell.end(), [](char c) { return is_digit(c) || c == '_' || c == '-'; });
    if (!said && !few && !has_word_start(lower(line.titled), "file")) return at;
  }
  const std::string_view name = text_.substr(begin, end - begin);
  if (open == '`' && names_hash(name, end + 1)) return add(Observable::file_name, begin, end) ? end : at;
  bool both = false;
  (void)has_file_ending(name, &both);
  if (!is_whole_name(name) || (both && name.find(' ') == name.npos)) return at;
  return add(Observable::file_name, begin, end) ? end : at;
}

}  // namespace assay
