#include "text/extract/finder.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kMutexAbove = 60;  // bytes of the line above a name, in which a name may be called a mutex

}  // namespace

std::vector<Found> Finder::run(std::size_t& left_out) {
  for (line_ = 0; line_ < lines_.size(); ++line_) one_line(lines_[line_]);
  left_out = left_out_;
  return std::move(out_);
}

void Finder::one_line(const ReportLine& line) {
  const std::string small = lower(text_.substr(line.begin, std::min<std::size_t>(line.end - line.begin, 4096)));
  context_ = lower(line.titled) + "\n" + lower(line.columns) + "\n" + small;
  std::string_view above;
  if (line_ > 0) above = trim(text_.substr(lines_[line_ - 1].begin, lines_[line_ - 1].end - lines_[line_ - 1].begin));
  if (line_ > 1 && above.empty())
    above = trim(text_.substr(lines_[line_ - 2].begin, lines_[line_ - 2].end - lines_[line_ - 2].begin));
  mutex_ = speaks_of_mutex(context_) || has_word(small, "mtx") ||
           contains_icase(above.substr(above.size() > kMutexAbove ? above.size() - kMutexAbove : 0), "mutex");
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

bool Finder::add(Observable kind, std::size_t begin, std::size_t end, bool doubtful) {
  std::string why;
  auto value = normalise_observable(kind, text_.substr(begin, end - begin), why);
  // Written for JSON or a program: each backslash several times.
  if (value && (kind == Observable::registry_key || kind == Observable::file_path || kind == Observable::mutex)) {
    for (std::size_t at = value->find("\\\\", 1); at != value->npos; at = value->find("\\\\", at)) value->erase(at, 1);
  }
  if (value && kind == Observable::file_path && (value->front() == '/' || value->front() == '~')) {
    for (std::size_t at = value->find("\\ "); at != value->npos; at = value->find("\\ ", at)) value->erase(at, 1);
  }
  if (!value) return false;
  if (out_.size() >= most_) {
    ++left_out_;
    return true;
  }
  out_.push_back({kind, std::move(*value), begin, end, line_, in_.was_defanged(begin, end), doubtful});
  return true;
}

// A value that begins at `at`: behind it, or `at`.
std::size_t Finder::value(std::size_t at) {
  const char c = text_[at];
  if (c == '"' || c == '`' || c == '\'' || lines_[line_].listed) {
    if (const std::size_t end = whole_name(at); end > at) return end;
  }
  if (!word_char(c)) {
    if (c == '.' && name_char(here(at + 1)) && !name_char(before(at))) {
      if (const std::size_t end = relative_path(at); end > at) return end;
      return hidden_file(at);
    }
    if (c == '/' || c == '~') return unix_path(at);
    if (c == '%' || c == '$') return windows_path(at);
    if (c == '\\' && here(at + 1) == '\\') return windows_path(at);
    if (c == '\\' && name_char(here(at + 1)) && !word_char(before(at)) && before(at) != '\\' &&
        before(at) != '.')  // "..\\a\\b.exe": below a folder that only the command knows
      return rootless_path(at);
    if (c == ':' && here(at + 1) == ':' && !word_char(before(at))) return address6(at);
    if (c == '[' && is_hex(here(at + 1))) return bracketed6(at);
    if ((c == '\'' || c == '"' || c == '`') && mutex_) return quoted_mutex(at);
    if (c == '{' && mutex_) return mutex(at);
    if (c == '!' && !name_char(before(at))) return marked_file(at);
    return at;
  }
  // "..%2f..%2fa.aspx": the figures belong to an encoded mark.
  if (before(at) == '%' && is_hex(c) && is_hex(here(at + 1)) && (is_alnum(here(at + 2)) || here(at + 2) == '.')) {
    fresh_ = at + 2;
    return at + 2;
  }
  if (const char p = before(at); at != fresh_ && name_char(p)) return at;
  if (const char p = before(at); (p == '.' && !(at >= 2 && text_[at - 2] == '*'))) return at;
  if (const std::size_t end = url(at); end > at) return end;
  if (const std::size_t end = registry(at); end > at) return end;
  if (const std::size_t end = windows_path(at); end > at) return end;
  if (const std::size_t end = mutex(at); end > at) return end;
  if (const std::size_t end = fingerprint(at); end > at) return end;
  if (const std::size_t end = hash(at); end > at) return end;
  if (const std::size_t end = address6(at); end > at) return end;
  if (const std::size_t end = mail(at); end > at) return end;
  if (const std::size_t end = relative_path(at); end > at) return end;
  return name(at);
}

std::vector<Found> find_values(const Prepared& text, const std::vector<ReportLine>& lines, std::size_t most,
                               std::size_t& left_out) {
  return Finder(text, lines, most).run(left_out);
}

}  // namespace assay
