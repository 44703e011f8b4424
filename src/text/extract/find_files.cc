#include <algorithm>

#include "text/extract/finder.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kNameBytes = 120;
constexpr std::size_t kNameWords = 7;

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
    if (is_hash_size(to - at) && !word_char(text_[at - 1])) return {i, end};
    at = to;
  }
  return {};
}

void Finder::named_file(std::size_t& at) {
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
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.empty() || word.front() == '-' || has_file_ending(word) || word.back() == ':' || word.back() == ',' ||
        (word.size() >= 32 && std::all_of(word.begin(), word.end(), is_hex)))
      return false;
  }
  return true;
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
    if (cell.find_first_of(" .") == std::string_view::npos) {
      // Without an ending: only in a column of files beside hashes.
      const std::string column = column_of(line, at), columns = lower(line.columns);
      const bool hashes = columns.find("sha") != columns.npos || columns.find("md5") != columns.npos;
      const bool files = column == "file" || column == "name" || column == "filename" || column == "file name";
      if (!hashes || !files || cell.size() < 3 || !std::any_of(cell.begin(), cell.end(), is_alpha) ||
          !std::all_of(cell.begin(), cell.end(), name_char) || std::all_of(cell.begin(), cell.end(), is_hex))
        return at;
      return add(Observable::file_name, begin, end) ? end : at;
    }
    if (cell.find(' ') == std::string_view::npos) return at;  // found by its form
    // In a cell alone a phrase may end in a file's name: then the column says that these are files.
    const std::string head = column_of(line, at);
    const bool said =
        head.find("file") != std::string::npos || head == "name" || head.find("sample") != std::string::npos;
    if (!said && !(back == line.begin && end == limit_)) return at;
    if (!said && !has_word_start(lower(line.titled), "file")) return at;
  }
  const std::string_view name = text_.substr(begin, end - begin);
  bool both = false;
  (void)has_file_ending(name, &both);
  if (!is_whole_name(name) || (both && name.find(' ') == name.npos)) return at;
  return add(Observable::file_name, begin, end) ? end : at;
}

}  // namespace assay
