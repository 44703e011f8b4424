#include <algorithm>
#include <array>

#include "text/addresses.h"
#include "text/extract/finder.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kAgentBytes = 400;
constexpr std::size_t kMutexLead = 60;  // of the sentence that ends in ':' above a name

// "Mutex: `a`. Extension: `": another label stands behind the word.
bool other_label(std::string_view small) {
  const std::size_t said = std::max(small.rfind("mutex") == small.npos ? 0 : small.rfind("mutex"),
                                    small.rfind("mtx") == small.npos ? 0 : small.rfind("mtx"));
  const std::size_t stop = small.find(". ", said);
  return stop != small.npos && trim(small).ends_with(':');
}

// As the same is said elsewhere.
bool calls_mutex(std::string_view lead) {
  static constexpr auto kCalls = std::to_array<std::string_view>(
      {"mutex with the name", "mutex of the name", "mutex con el nombre", "mutex llamado", "mutex avec le nom",
       "mutex nomm\xc3\xa9", "mutex mit dem namen", "mutex namens", "mutex met de naam", "mutex o nazwie",
       "mutex chamado"});
  return std::any_of(kCalls.begin(), kCalls.end(), [&](std::string_view c) { return lead.ends_with(c); });
}

}  // namespace

// As it is written elsewhere: Polish, Japanese, Russian.
std::size_t Finder::last_mutex_word(std::string_view small) {
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"mutex", "muteks", "\xe3\x83\x9f\xe3\x83\xa5\xe3\x83\xbc\xe3\x83\x86\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9",
       "\xd0\xbc\xd1\x8c\xd1\x8e\xd1\x82\xd0\xb5\xd0\xba\xd1\x81"});
  std::size_t last = std::string::npos;
  for (const std::string_view word : kWords) {
    const std::size_t at = small.rfind(word);
    if (at != small.npos && (last == std::string::npos || at > last)) last = at;
  }
  return last;
}

bool Finder::speaks_of_mutex(std::string_view small) {
  const std::size_t at = last_mutex_word(small);
  return at != std::string::npos &&
         (is_high(small[at]) || has_word_start(small, "mutex") || small.substr(at, 6) == "muteks");
}

std::size_t Finder::mutex(std::size_t at) {
  // The object manager's folder is no part of the name.
  constexpr std::string_view kObjects = "BaseNamedObjects\\";
  if (text_.substr(at, limit_ - at).starts_with(kObjects)) {
    const std::size_t begin = at + kObjects.size();
    std::size_t end = begin;
    while (end < limit_ && end - at < 200 && !is_space(text_[end]) &&
           std::string_view("\"'`|,;)<>").find(text_[end]) == std::string_view::npos)
      ++end;
    while (end > begin && (text_[end - 1] == '.' || text_[end - 1] == ':')) --end;
    return end > begin && add(Observable::mutex, begin, end) ? end : at;
  }
  for (const std::string_view space : {"Global\\", "Local\\"}) {
    if (!text_.substr(at, limit_ - at).starts_with(space)) continue;
    std::size_t end = at + space.size();
    while (end < limit_ && end - at < 200 && !is_space(text_[end]) &&
           std::string_view("\"'`|,;)<>").find(text_[end]) == std::string_view::npos)
      ++end;
    // "Local\\LF...", "`Local\\LF.`": how it begins.
    const bool open = end > at + 1 && text_[end - 1] == '.' && (text_[end - 2] == '.' || here(end) == '`');
    while (end > at && (text_[end - 1] == '.' || text_[end - 1] == ':')) --end;
    if (open) return end;
    if (end <= at + space.size()) return at;
    add(Observable::mutex, at, end);
    return end;
  }
  if (!mutex_) return at;
  // "\\Sessions\\1\\BaseNamedObjects\\name": the folders alone.
  if (const std::size_t objects = text_.substr(at, std::min<std::size_t>(limit_ - at, 40)).find(kObjects);
      objects != std::string_view::npos && objects > 0 &&
      text_.substr(at, objects).find_first_of(" \t|,\"") == std::string_view::npos)
    return mutex(at + objects);
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
  const std::size_t said = last_mutex_word(lead_small);
  const bool near_mutex = said != std::string::npos && lead_small.size() - said < 32 &&
                          lead_small.find_first_of(".;,\"", said) == std::string::npos &&
                          (before(at) == '`' || lead_small.size() - said < 16);
  // "It creates the mutex" at the end of the line above; "| NAME | mutex |" in a row.
  bool above = false;
  if (lead.empty() && line_ > 0) {
    std::size_t k = line_ - 1;
    std::string_view over = trim(text_.substr(lines_[k].begin, lines_[k].end - lines_[k].begin));
    if (over.empty() && k > 0) {
      --k;
      over = trim(text_.substr(lines_[k].begin, lines_[k].end - lines_[k].begin));
    }
    above = !lines_[k].listed &&
            (ends_with_icase(over, "mutex") ||
             ((over.ends_with(':') || contains_icase(over, "follow")) &&
              contains_icase(over.substr(over.size() > kMutexLead ? over.size() - kMutexLead : 0), "mutex")));
  }
  const bool kind_behind =
      (tail.starts_with('|') && starts_with_icase(trim(tail.substr(1)), "mutex")) || starts_with_icase(tail, "(mutex)");
  const bool given =
      lead_small.ends_with("\xe3\x83\x9f\xe3\x83\xa5\xe3\x83\xbc\xe3\x83\x86\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9:") ||
      lead_small.ends_with("mutex:") || lead_small.ends_with("mutexes:") || lead_small.ends_with("mutex |");
  const bool labelled = given || near_mutex || above || kind_behind || lead_small.ends_with("mutex:") ||
                        lead_small.ends_with("mutex name:") || lead_small.ends_with("mutex |") ||
                        lead_small.ends_with("mutex") || lead_small.ends_with("mutex named") ||
                        lead_small.ends_with("mutex called") || calls_mutex(lead_small) ||
                        lead_small.ends_with("mutexes:");
  const bool lowered = std::any_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool odd = std::any_of(word.begin(), word.end(),
                               [](char c) { return is_digit(c) || c == '_' || c == '-' || c == '{' || c == '\\'; }) ||
                   (lowered && std::any_of(word.begin() + 1, word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  const bool heading_says = has_word_start(lower(line.titled), "mutex") && !line.heading;
  if (!(odd || given) || !((alone && heading_says) || labelled)) return at;
  if (looks_like_other(word)) return at;
  add(Observable::mutex, at, end);
  return end;
}

bool Finder::looks_like_other(std::string_view word) {
  if (word == "HKCU" || word == "HKLM" || word.starts_with("HKEY_")) return true;
  if (word.front() == '%' || word.starts_with("$env:") || word.find(":\\") != word.npos || word.ends_with('\\'))
    return true;  // a path
  return word.find("://") != word.npos || is_address(word) || has_file_ending(word) || word.find('@') != word.npos ||
         (std::all_of(word.begin(), word.end(), is_hex) && word.size() >= 32) ||
         (plausible_domain(word) && has_known_suffix(word));
}

std::size_t Finder::quoted_mutex(std::size_t at) {
  const std::size_t close = text_.substr(at + 1, std::min<std::size_t>(limit_ - at - 1, 160)).find(text_[at]);
  if (close == std::string_view::npos || close < 4) return at;
  const std::string_view lead = text_.substr(lines_[line_].begin, at - lines_[line_].begin);
  std::string small = lower(lead.substr(lead.size() > 60 ? lead.size() - 60 : 0));
  if (lead.size() < 40 && line_ > 0 && !lines_[line_].listed && !lines_[line_ - 1].listed) {
    const std::string_view above =
        text_.substr(lines_[line_ - 1].begin, lines_[line_ - 1].end - lines_[line_ - 1].begin);
    small.insert(0, lower(above.substr(above.size() > 40 ? above.size() - 40 : 0)) + " ");
  }
  const std::string_view word = text_.substr(at + 1, close);
  if ((!speaks_of_mutex(small) && !has_word(small, "mtx")) || word.find(' ') != word.npos || looks_like_other(word) ||
      other_label(small))
    return at;
  if (word.ends_with("..") || (text_[at] == '`' && word.ends_with('.')) || word.ends_with("\xe2\x80\xa6"))
    return at + close + 2;  // how it begins
  // "name": "value": a key, or the value of another key.
  if (here(at + close + 2) == ':') return at;
  if (const std::size_t colon = small.rfind(':'); colon != std::string::npos && trim(small.substr(colon + 1)).empty()) {
    const std::size_t key = small.find_last_of(",{", colon);
    if (!has_word_start(std::string_view(small).substr(key == std::string::npos ? 0 : key), "mutex") &&
        !has_word(std::string_view(small).substr(key == std::string::npos ? 0 : key), "mtx") &&
        small.find("_mutex", key == std::string::npos ? 0 : key) == std::string::npos)
      return at;
  }
  add(Observable::mutex, at + 1, at + 1 + close);
  return at + close + 2;
}

// "User-Agent: ...", "User agent | Mozilla/5.0 (...)": to the end of the quotes, cell or line.
void Finder::user_agent(std::size_t& at) {
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
  while (end < line.size() && end - begin < kAgentBytes && line[end] != '|' && line[end] != '\t' && line[end] != '"' &&
         line[end] != '`' && !((quote == '\'') && line[end] == '\'') &&
         !(line[end] == ' ' && end + 1 < line.size() && line[end + 1] == ' '))
    ++end;
  while (end > begin && (is_space(line[end - 1]) || line[end - 1] == '.' || line[end - 1] == '*')) --end;
  const std::string_view agent = line.substr(begin, end - begin);
  if (agent.size() < 6 || agent.find('/') == agent.npos) return;
  const std::size_t start = at;
  add(Observable::user_agent, start + begin, start + end);
  at = start + end;
}

// "E3:D0:64:...": 20 pairs are the fingerprint of a certificate, as browsers and openssl write it.
std::size_t Finder::fingerprint(std::size_t at) {
  std::size_t end = at, pairs = 0;
  while (end + 1 < limit_ && pairs <= 40 && is_hex(text_[end]) && is_hex(text_[end + 1])) {
    ++pairs;
    end += 2;
    if (here(end) != ':' || !is_hex(here(end + 1))) break;
    ++end;
  }
  if (pairs < 16 || word_char(here(end)) || here(end) == ':') return at;
  if (pairs == 20) add(Observable::certificate_sha1, at, end);
  return end;
}

std::size_t Finder::hash(std::size_t at) {
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
  std::string near = lower(text_.substr(from, at - from));
  if (at - line.begin < 6 && line_ > 0 && !line.listed && !lines_[line_ - 1].listed) {  // "the JA3S", and it below
    const std::string_view above =
        text_.substr(lines_[line_ - 1].begin, lines_[line_ - 1].end - lines_[line_ - 1].begin);
    near.insert(0, lower(above.substr(above.size() > 24 ? above.size() - 24 : 0)) + " ");
  }
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

std::string Finder::column_of(const ReportLine& line, std::size_t at) const {
  return lower(column_at(text_, line, at));
}

}  // namespace assay
