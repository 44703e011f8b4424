#include "text/extract/extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "core/ascii.h"
#include "core/time.h"
#include "text/extract/document.h"
#include "text/extract/embedded.h"
#include "text/extract/find.h"
#include "text/extract/layout.h"
#include "text/extract/places.h"
#include "text/extract/roles.h"
#include "text/extract/signs.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kNameWords = 6;  // of one known name
constexpr std::size_t kForms = 20;     // written forms kept of one name
constexpr int kLeastConfidence = 20;
constexpr std::size_t kReasonBytes = 200;  // of a value that is quoted in one
constexpr std::size_t kFlaws = 5000;
constexpr std::size_t kHeadLines = 60;  // where a title and a date are looked for

bool letter(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

// "CVE-2019-19781".
void find_flaws(std::string_view text, std::set<std::string>& out) {
  for (std::size_t at = 0; at + 12 < text.size() && out.size() < kFlaws; ++at) {
    if ((text[at] != 'C' && text[at] != 'c') || !starts_with_icase(text.substr(at), "cve") ||
        (at > 0 && letter(text[at - 1])))
      continue;
    std::size_t i = at + 3;
    if (text[i] != '-' && text[i] != ' ' && text[i] != '_') continue;
    ++i;
    const std::size_t year = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i - year != 4 || i >= text.size() || text[i] != '-') continue;
    const std::size_t number = ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i - number < 4 || i - number > 8) continue;
    out.insert(fmt::format("CVE-{}-{}", text.substr(year, 4), text.substr(number, i - number)));
  }
}

// "T1190", "T1059.001".
void find_techniques(std::string_view text, std::set<std::string>& out) {
  for (std::size_t at = 0; at + 5 <= text.size() && out.size() < kFlaws; ++at) {
    if (text[at] != 'T' || (at > 0 && (letter(text[at - 1]) || text[at - 1] == '-' || text[at - 1] == '_'))) continue;
    std::size_t i = at + 1;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i - at != 5 || text[at + 1] == '0' + 9) continue;
    std::size_t end = i;
    if (i + 3 < text.size() && (text[i] == '.' || text[i] == '/') && is_digit(text[i + 1]) && is_digit(text[i + 2]) &&
        is_digit(text[i + 3]) && (i + 4 >= text.size() || !is_digit(text[i + 4])))
      end = i + 4;
    if (end < text.size() && (letter(text[end]) || text[end] == '_')) continue;
    std::string id(text.substr(at, end - at));
    std::replace(id.begin(), id.end(), '/', '.');
    out.insert(std::move(id));
    at = end - 1;
  }
}

// A name as it is looked up: lower case, what is no letter or digit is one space.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (letter(c)) {
      out += to_lower(c);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// Known names in the text, word by word through a table of their folded forms.
class NameFinder {
 public:
  explicit NameFinder(const std::vector<KnownName>& names) : names_(names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      add(names[i].name, i);
      for (const std::string& alias : names[i].aliases) add(alias, i);
    }
  }

  std::vector<NamedThing> run(std::string_view text) {
    std::vector<std::pair<std::size_t, std::size_t>> words;  // spans
    for (std::size_t i = 0; i < text.size();) {
      if (!letter(text[i])) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < text.size() && letter(text[end])) ++end;
      words.emplace_back(i, end);
      i = end;
    }
    std::map<std::size_t, std::set<std::string>> hits;
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string key;
      for (std::size_t n = 0; n < kNameWords && i + n < words.size(); ++n) {
        if (n > 0) {
          if (words[i + n].first - words[i + n - 1].second > 2) break;  // a gap of more than " -"
          key += ' ';
        }
        key += lower(text.substr(words[i + n].first, words[i + n].second - words[i + n].first));
        const auto at = forms_.find(key);
        if (at == forms_.end()) {
          if (!starts_.contains(key)) break;
          continue;
        }
        const std::string_view written = text.substr(words[i].first, words[i + n].second - words[i].first);
        for (const std::size_t which : at->second) {
          if (!fits(names_[which], written)) continue;
          auto& forms = hits[which];
          if (forms.size() < kForms) forms.insert(std::string(written));
        }
      }
    }
    std::vector<NamedThing> out;
    for (const auto& [which, forms] : hits) {
      const KnownName& name = names_[which];
      out.push_back({name.kind, name.name, name.id, {forms.begin(), forms.end()}});
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return std::tie(a.kind, a.name, a.id) < std::tie(b.kind, b.name, b.id);
    });
    return out;
  }

 private:
  void add(std::string_view form, std::size_t which) {
    const std::string key = folded(form);
    if (key.size() < 3 || std::count(key.begin(), key.end(), ' ') >= static_cast<std::ptrdiff_t>(kNameWords)) return;
    auto& list = forms_[key];
    if (list.empty() || list.back() != which) list.push_back(which);
    for (std::size_t space = key.find(' '); space != key.npos; space = key.find(' ', space + 1))
      starts_.insert(key.substr(0, space));
  }
  // Names that are plain words too ("Net", "Play", "Royal", "Cozy Bear") count only with capitals; ids stand apart.
  static bool fits(const KnownName& name, std::string_view written) {
    const auto same = [&](std::string_view form) { return folded(form) == folded(written); };
    const auto exact = [&](std::string_view form) {
      if (!same(form)) return false;
      const bool plain = std::all_of(form.begin(), form.end(), [](char c) { return is_alpha(c); });
      const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
      if (!plain) {
        const bool words = std::all_of(form.begin(), form.end(), [](char c) { return is_alpha(c) || c == ' '; });
        return !words || std::none_of(form.begin(), form.end(), capital) ||
               std::any_of(written.begin(), written.end(), capital);
      }
      const bool inner = std::any_of(form.begin() + 1, form.end(), capital);
      if (written == form) return inner || form.size() >= 6 || name.kind == "intrusion-set";
      return inner && form.size() >= 6;  // "wellmess" for "WellMess"
    };
    return exact(name.name) || std::any_of(name.aliases.begin(), name.aliases.end(), exact);
  }

  const std::vector<KnownName>& names_;
  std::unordered_map<std::string, std::vector<std::size_t>> forms_;
  std::set<std::string> starts_;
};

// "lists 51 domains", "49 IP addresses": counts that can be compared with what was found.
void find_counts(std::string_view text, std::vector<std::pair<std::string, std::size_t>>& out) {
  static constexpr auto kWhat =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"ip addresses", "ipv4"},
                                                                    {"ipv4 addresses", "ipv4"},
                                                                    {"domains", "domain"},
                                                                    {"domain names", "domain"},
                                                                    {"urls", "url"},
                                                                    {"sha-256 hashes", "sha256"},
                                                                    {"sha256 hashes", "sha256"},
                                                                    {"md5 hashes", "md5"},
                                                                    {"sha-1 hashes", "sha1"},
                                                                    {"hashes", "hash"},
                                                                    {"file hashes", "hash"},
                                                                    {"indicators", "indicator"},
                                                                    {"iocs", "indicator"},
                                                                    {"email addresses", "mail_address"},
                                                                    {"e-mail addresses", "mail_address"}});
  for (std::size_t i = 0; i < text.size() && out.size() < 100;) {
    if (!is_digit(text[i]) || (i > 0 && (letter(text[i - 1]) || text[i - 1] == '.' || text[i - 1] == '-'))) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const auto n = parse_int(text.substr(i, end - i));
    std::string rest = lower(text.substr(end, 60));
    std::replace(rest.begin(), rest.end(), '\n', ' ');
    i = end;
    if (!n || *n < 2 || *n > 1'000'000 || rest.empty() || rest[0] != ' ') continue;
    std::string_view tail = std::string_view(rest).substr(1);
    for (const std::string_view adjective : {"malicious ", "unique ", "distinct ", "attacker-controlled ", "file ",
                                             "different ", "c2 ", "new ", "associated "}) {
      if (tail.starts_with(adjective) && adjective != "file ") tail.remove_prefix(adjective.size());
    }
    for (const auto& [words, kind] : kWhat) {
      if (tail.starts_with(words) && (tail.size() == words.size() || !is_alnum(tail[words.size()]))) {
        out.emplace_back(std::string(kind), static_cast<std::size_t>(*n));
        break;
      }
    }
  }
}

constexpr auto kMonths =
    std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july", "august",
                                     "september", "october", "november", "december"});

// The first date in the head of a report: "2020-07-16", "16 July 2020", "July 16, 2020".
std::string find_date(std::string_view head) {
  const std::string small = lower(head);
  const auto number = [&](std::size_t& i) -> int {
    const std::size_t begin = i;
    while (i < small.size() && is_digit(small[i]) && i - begin < 4) ++i;
    return i == begin ? -1 : static_cast<int>(parse_int(std::string_view(small).substr(begin, i - begin)).value_or(-1));
  };
  const auto valid = [](int y, int m, int d) -> std::string {
    Civil civil;
    civil.year = y;
    civil.month = m;
    civil.day = d;
    if (y < 1995 || y > 2100 || !from_civil(civil)) return {};
    return fmt::format("{:04}-{:02}-{:02}", y, m, d);
  };
  for (std::size_t i = 0; i < small.size(); ++i) {
    if (i > 0 && is_alnum(small[i - 1])) continue;
    if (is_digit(small[i])) {
      std::size_t k = i;
      const int first = number(k);
      if (first > 1900 && k + 5 < small.size() && (small[k] == '-' || small[k] == '/') && k - i == 4) {
        std::size_t m = k + 1;
        const int month = number(m);
        if (m < small.size() && small[m] == small[k]) {
          std::size_t d = m + 1;
          const int day = number(d);
          if (std::string out = valid(first, month, day); !out.empty()) return out;
        }
      }
      for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
        if (small.compare(k, 2, suffix) == 0) k += 2;
      }
      if (k < small.size() && small[k] == ' ') {
        for (std::size_t m = 0; m < kMonths.size(); ++m) {
          for (const std::string_view form : {kMonths[m], kMonths[m].substr(0, 3)}) {
            if (small.compare(k + 1, form.size(), form) != 0) continue;
            std::size_t y = k + 1 + form.size();
            while (y < small.size() && (small[y] == ' ' || small[y] == ',' || small[y] == '.')) ++y;
            const int year = number(y);
            if (std::string out = valid(year, static_cast<int>(m) + 1, first); !out.empty()) return out;
          }
        }
      }
    } else {
      for (std::size_t m = 0; m < kMonths.size(); ++m) {
        for (const std::string_view form : {kMonths[m], kMonths[m].substr(0, 3)}) {
          if (small.compare(i, form.size(), form) != 0) continue;
          std::size_t d = i + form.size();
          if (d < small.size() && small[d] == '.') ++d;
          if (d >= small.size() || small[d] != ' ') continue;
          ++d;
          const int day = number(d);
          while (d < small.size() && (small[d] == ' ' || small[d] == ',' || is_alpha(small[d])) && d < small.size())
            ++d;
          const int year = number(d);
          if (std::string out = valid(year, static_cast<int>(m) + 1, day); !out.empty()) return out;
        }
      }
    }
  }
  return {};
}

// "TLP:AMBER+STRICT", "PAP: RED": the most restrictive that is written.
std::string find_marking(std::string_view text, std::string_view label, std::initializer_list<std::string_view> words) {
  std::size_t best = 0;
  std::string out;
  for (std::size_t at = text.find(label); at != text.npos; at = text.find(label, at + 1)) {
    std::size_t i = at + label.size();
    while (i < text.size() && (text[i] == ':' || text[i] == ' ' || text[i] == '-')) ++i;
    std::size_t rank = 0;
    for (const std::string_view word : words) {
      ++rank;
      if (starts_with_icase(text.substr(i), word) && rank >= best) {
        best = rank;
        out = std::string(label) + ":" + std::string(word);
      }
    }
  }
  return out;
}

}  // namespace

ReportFacts extract_report(std::string_view given, const std::vector<KnownName>& names) {
  ReportFacts out;
  const std::string_view original = given.substr(0, kReportBytes);
  std::string text(original);
  out.rules = take_rules(text);
  const LaidOut laid = lay_out(text);
  const Prepared prepared = prepare(laid.text);
  const std::vector<ReportLine> lines = outline(prepared);
  const std::vector<Found> found = find_values(prepared, lines, kCandidates, out.left_out);
  const ReportHabits habits = habits_of(prepared, lines, found);
  out.publisher_domain = habits.publisher;
  const std::vector<ValueSigns> values = signs_of(prepared, lines, found, habits);
  std::vector<Verdict> verdicts = roles_of(values, RoleWeights::shipped());
  std::set<std::pair<Observable, std::string>> known;
  for (const ValueSigns& value : values) known.emplace(value.kind, value.value);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Found& first = found[values[i].places.front()];
    Candidate made;
    made.kind = values[i].kind;
    made.value = values[i].value;
    made.role = verdicts[i].role;
    made.confidence = verdicts[i].confidence;
    made.reason = std::move(verdicts[i].reason);
    made.times = values[i].times;
    auto [begin, end] = sentence_at(prepared, lines, first);
    if (end - begin > kSentenceBytes) {
      begin = std::max(begin, first.begin > kSentenceBytes / 2 ? first.begin - kSentenceBytes / 2 : 0);
      end = std::min(end, begin + kSentenceBytes);
    }
    const std::size_t from = prepared.from[begin], to = prepared.from[end];
    std::string sentence(
        trim(std::string_view(laid.text).substr(from, std::min(to > from ? to - from : 0, 2 * kSentenceBytes))));
    for (char& c : sentence) {
      if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
    made.sentence = to_valid_utf8(sentence);
    made.offset = laid.origin(prepared.from[first.begin]);
    out.candidates.push_back(std::move(made));
    if (out.candidates.back().role != ReportRole::attacker) continue;
    // Once for each host: behind the first value that names it.
    if (auto host = own_host(values[i]); host && known.emplace(host->kind, host->value).second) {
      Candidate of = out.candidates.back();
      of.reason = fmt::format("the host of {}", of.value.substr(0, kReasonBytes));
      of.kind = host->kind;
      of.value = std::move(host->value);
      of.confidence = std::max(of.confidence - 10, kLeastConfidence);
      out.candidates.push_back(std::move(of));
    }
  }

  std::set<std::string> flaws, techniques;
  find_flaws(prepared.text, flaws);
  find_techniques(prepared.text, techniques);
  out.vulnerabilities.assign(flaws.begin(), flaws.end());
  out.techniques.assign(techniques.begin(), techniques.end());
  out.names = NameFinder(names).run(prepared.text);
  find_counts(prepared.text, out.stated);
  std::size_t head_end = 0;
  for (std::size_t i = 0; i < lines.size() && i < kHeadLines; ++i) {
    const std::string_view line =
        trim(std::string_view(prepared.text).substr(lines[i].begin, lines[i].end - lines[i].begin));
    const std::string_view plain = trim(line.substr(std::min(line.find_first_not_of("#*=_-| "), line.size())));
    if (out.title.empty() && plain.size() > 5 && !starts_with_icase(plain, "tlp")) out.title = plain.substr(0, 200);
    head_end = std::min(lines[i].end, std::size_t{16} << 10);
  }
  out.title = to_valid_utf8(out.title);
  out.date = find_date(std::string_view(prepared.text).substr(0, head_end));
  out.tlp = find_marking(prepared.text, "TLP", {"CLEAR", "WHITE", "GREEN", "AMBER", "AMBER+STRICT", "RED"});
  out.pap = find_marking(prepared.text, "PAP", {"CLEAR", "WHITE", "GREEN", "AMBER", "RED"});
  return out;
}

}  // namespace assay
