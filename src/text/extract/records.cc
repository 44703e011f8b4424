#include "text/extract/records.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kRows = 16;         // of one record
constexpr std::size_t kRowBytes = 400;    // of a row that are looked at
constexpr std::size_t kBelowBytes = 300;  // of the paragraph below one
constexpr std::size_t kGapLines = 2;      // empty ones above that paragraph

std::string_view without_marks(std::string_view line) {
  while (!line.empty() && (is_space(line.front()) || std::string_view("|*-#>`").find(line.front()) != line.npos))
    line.remove_prefix(1);
  return line;
}

bool any_in(std::string_view text, const auto& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; });
}

}  // namespace

bool speaks_of_bad(std::string_view text) {
  static constexpr auto kBad = std::to_array<std::string_view>(
      {"trojan",    "backdoor",   "modified", "patched", "tampered", "imitat", "impersonat",
       "pretend",   "pose",       "posing",   "disguis", "mimic",    "fake",   "lookalike",
       "look like", "looks like", "loader",   "implant", "malware",  "ransom", "stealer",
       "payload",   "attacker",   "infect",   "hijack",  "weaponi",  "inject", "compromised"});
  std::string plain(text);
  for (const std::string_view good : {"unmodified", "not modified", "no malware", "not malware"}) {
    for (std::size_t at = plain.find(good); at != plain.npos; at = plain.find(good)) plain.erase(at, good.size());
  }
  return any_in(plain, kBad);
}

namespace {

// "tags        benign signed", "| verdict | clean |".
bool verdict_row(std::string_view line) {
  static constexpr auto kLabels =
      std::to_array<std::string_view>({"tags", "tag", "verdict", "classification", "assessment", "disposition",
                                       "determination", "conclusion", "rating", "result"});
  static constexpr auto kGood = std::to_array<std::string_view>(
      {"benign", "clean", "legitimate", "goodware", "harmless", "not malicious", "non-malicious", "known good"});
  line = without_marks(line);
  for (const std::string_view label : kLabels) {
    if (!line.starts_with(label)) continue;
    const std::string_view rest = line.substr(label.size());
    if (!rest.starts_with(":") && !rest.starts_with(" |") && !rest.starts_with("|") && !rest.starts_with("\t") &&
        !rest.starts_with("  ") && !rest.starts_with("**"))
      continue;
    return any_in(rest, kGood) && !speaks_of_bad(rest) && rest.find("unclean") == rest.npos &&
           (rest.find("malicious") == rest.npos || rest.find("not malicious") != rest.npos ||
            rest.find("non-malicious") != rest.npos);
  }
  return false;
}

// "an unmodified, signed driver of a disk tool": what a description of a good file begins with.
bool describes_good(std::string_view text) {
  static constexpr auto kArticles =
      std::to_array<std::string_view>({"this file is ", "this is ", "it is ", "a ", "an ", "the ", "signed, "});
  static constexpr auto kGood =
      std::to_array<std::string_view>({"unmodified", "legitimate", "genuine", "benign", "clean ", "harmless"});
  for (const std::string_view article : kArticles) {
    if (text.starts_with(article)) text.remove_prefix(article.size());
  }
  const std::size_t stop = std::min(text.find(". "), text.size());
  return std::any_of(kGood.begin(), kGood.end(), [&](std::string_view word) { return text.starts_with(word); }) &&
         !speaks_of_bad(text.substr(0, stop));
}

bool names_hash(std::string_view line) {
  return line.find("md5") != line.npos || line.find("sha1") != line.npos || line.find("sha-1") != line.npos ||
         line.find("sha256") != line.npos || line.find("sha-256") != line.npos;
}

}  // namespace

bool heads_good_ones(std::string_view line) {
  static constexpr auto kOpens = std::to_array<std::string_view>({"good ",
                                                                  "known good ",
                                                                  "known-good ",
                                                                  "clean ",
                                                                  "legitimate ",
                                                                  "benign ",
                                                                  "genuine ",
                                                                  "unmodified ",
                                                                  "harmless ",
                                                                  "not malicious",
                                                                  "non-malicious ",
                                                                  "the genuine ",
                                                                  "the legitimate ",
                                                                  "the clean ",
                                                                  "the good ",
                                                                  "hashes of the genuine ",
                                                                  "hashes of the clean ",
                                                                  "hashes of legitimate ",
                                                                  "legitime ",
                                                                  "saubere ",
                                                                  "unver\xc3\xa4nderte ",
                                                                  "fichiers l\xc3\xa9gitimes",
                                                                  "archivos leg\xc3\xadtimos",
                                                                  "legalne pliki",
                                                                  "legitieme bestanden",
                                                                  "\xe6\xad\xa3\xe8\xa6\x8f",
                                                                  "\xe6\xad\xa3\xe5\xb8\xb8",
                                                                  "\xe5\x90\x88\xe6\xb3\x95"});
  line = trim(without_marks(line));
  while (line.ends_with('*')) line.remove_suffix(1);
  return line.ends_with(':') && line.size() < 160 && !speaks_of_bad(line) && line.find(" and ") == line.npos &&
         std::any_of(kOpens.begin(), kOpens.end(), [&](std::string_view word) { return line.starts_with(word); });
}

std::vector<RecordLine> records_of(std::string_view cues, const std::vector<ReportLine>& lines) {
  std::vector<RecordLine> out(lines.size());
  const auto text = [&](std::size_t i) {
    return trim(cues.substr(lines[i].begin, std::min(lines[i].end - lines[i].begin, kRowBytes)));
  };
  for (std::size_t i = 0; i < lines.size();) {
    if (text(i).empty()) {
      ++i;
      continue;
    }
    std::size_t end = i, hashes = 0;
    bool verdict = false, listed = false;
    while (end < lines.size() && !text(end).empty()) {
      if (names_hash(text(end))) ++hashes;
      verdict = verdict || verdict_row(text(end));
      listed = listed || lines[end].listed;
      ++end;
      // The table ends and prose goes on right below it.
      if (end < lines.size() && listed && !lines[end].listed) break;
    }
    if (end - i <= kRows && hashes > 0 && hashes <= 4) {
      RecordSays says = verdict ? RecordSays::called_good : RecordSays::nothing;
      std::size_t below = end;
      while (below < lines.size() && below - end < kGapLines && text(below).empty()) ++below;
      if (!verdict && hashes > 1 && below < lines.size() && !lines[below].listed && !lines[below].heading &&
          describes_good(cues.substr(lines[below].begin, std::min(cues.size() - lines[below].begin, kBelowBytes))))
        says = RecordSays::described_good;
      std::size_t first = i;
      while (first > 0 && i - first < kGapLines && !lines[i].heading && text(first - 1).empty()) --first;
      if (first > 0 && !lines[i].heading && lines[first - 1].heading) --first;
      out[first].heads = lines[first].heading;
      for (std::size_t k = first; k < end; ++k) out[k].says = says;
    }
    i = end;
  }
  return out;
}

}  // namespace assay
