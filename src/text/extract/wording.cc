#include "text/extract/wording.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/extract/words.h"

namespace assay {

bool letter_header(std::string_view line) {
  static constexpr auto kHeaders = std::to_array<std::string_view>(
      {"from:", "to:", "cc:", "reply-to:", "subject:", "date:", "sent:", "von:", "an:", "betreff:", "de:", "para:",
       "objet:", "asunto:", "datum:", "fecha:", "message-id:"});
  return std::any_of(kHeaders.begin(), kHeaders.end(),
                     [&](std::string_view header) { return starts_with_icase(line, header); });
}

bool filtered_out(std::string_view lead) {
  // "!contains 'x'", "!= x", "content:!"x"": a mark and at most a word of the language.
  if (const std::size_t mark = lead.rfind('!'); mark != lead.npos && mark + 1 < lead.size()) {
    const std::string_view gap = lead.substr(mark + 1);
    if (gap.size() < 20 && gap.find_first_of("\"'`=") != gap.npos && std::all_of(gap.begin(), gap.end(), [](char c) {
          return is_alpha(c) || std::string_view(" _=~\"'`(").find(c) != std::string_view::npos;
        }))
      return true;
  }
  // "and not value_data: ("a.dll", "b.dll"": a list that was opened behind the denial.
  if (const std::size_t small = lead.rfind("not "); small != lead.npos) {
    const std::string_view gap = lead.substr(small + 4);
    const std::size_t open = std::min(gap.find_first_of(":=( "), gap.size());
    const std::string_view field = gap.substr(0, open);
    if (open > 0 && open < 40 && field.find_first_of("_.") != field.npos && gap.find(')') == gap.npos &&
        gap.find_first_of("\"'", open) != gap.npos &&
        std::all_of(field.begin(), field.end(), [](char c) { return is_alnum(c) || c == '_' || c == '.'; }))
      return true;
  }
  const std::size_t no = lead.rfind("NOT ");
  return no != lead.npos && lead.find_first_of("\"'`", no) != lead.npos && lead.find(" AND ", no) == lead.npos &&
         lead.find(" OR ", no) == lead.npos;
}

bool shorter_version_in(std::string_view row, std::string_view value) {
  for (std::size_t i = 0; i < row.size();) {
    if (!is_digit(row[i]) || (i > 0 && (row[i - 1] == '.' || is_digit(row[i - 1])))) {
      ++i;
      continue;
    }
    std::size_t end = i, dots = 0;
    while (end < row.size() &&
           (is_digit(row[end]) || (row[end] == '.' && end + 1 < row.size() && is_digit(row[end + 1]))))
      dots += row[end++] == '.';
    const std::string_view version = row.substr(i, end - i);
    if (dots >= 1 && dots <= 2 && value.starts_with(version) && value[version.size()] == '.') return true;
    i = end;
  }
  return false;
}

bool names_recipient(std::string_view line) {
  static constexpr auto kHeaders =
      std::to_array<std::string_view>({"to:", "cc:", "bcc:", "delivered-to:", "an:", "x-original-to:", "envelope-to:",
                                       "recipient:", "destinataire :", "para:"});
  return std::any_of(kHeaders.begin(), kHeaders.end(), [&](std::string_view h) { return starts_with_icase(line, h); });
}

bool names_sender(std::string_view line) {
  static constexpr auto kHeaders = std::to_array<std::string_view>(
      {"from:", "reply-to:", "return-path:", "sender:", "von:", "envelope-from:", "x-sender:", "smtp.mailfrom",
       "absender:", "van:"});
  return std::any_of(kHeaders.begin(), kHeaders.end(), [&](std::string_view h) { return starts_with_icase(line, h); });
}

bool sensor_rule(std::string_view line) {
  return line.find("sid:") != line.npos && (line.find("alert ") != line.npos || line.find("msg:") != line.npos ||
                                            line.find("content:") != line.npos || line.find("drop ") != line.npos);
}

bool log_query(std::string_view line) {
  static constexpr auto kMarks = std::to_array<std::string_view>(
      {"| where ",     "|where ", " has_any", " in~ (",    " in~(",      "index=",      "sourcetype=", " has \"",
       " contains \"", "SELECT ", "select ",  "| search ", "| stats ",   " == \"",      " =~ \"",      " : \"",
       ":(\"",         " in (\"", " IN (\"",  "where url", "event.code", "process.name"});
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view m) { return line.find(m) != line.npos; });
}

bool goes_on(std::string_view sentence) {
  static constexpr auto kGoesOn = std::to_array<std::string_view>(
      {"it belongs",    "they belong", "both belong",  "it was",          "these were",  "this is",
       "these are",     "it is",       "they are",     "both are",        "the file is", "the program is",
       "the former is", "these need",  "this address", "these addresses", "the address", "this domain",
       "these domains", "this site",   "this file",    "these files",     "all are",     "none of",
       "neither",       "dies ist",    "diese sind",   "es handelt sich", "il s'agit",   "ce sont",
       "se trata",      "es un",       "dit is",       "dit zijn"});
  return std::any_of(kGoesOn.begin(), kGoesOn.end(), [&](std::string_view w) { return sentence.starts_with(w); });
}

int answer(std::string_view cell, std::string_view head) {
  const bool no = cell == "false" || cell == "no" || cell == "0" || cell == "nein" || cell == "non" || cell == "nie";
  const bool yes = cell == "true" || cell == "yes" || cell == "ja" || cell == "oui" || cell == "tak";
  if (!no && !yes) return 0;
  for (const std::string_view asks : {"malicious", "hostile", "suspicious", "to_ids", "ids", "block", "ioc"}) {
    if (has_word_start(head, asks)) return no ? -1 : 1;
  }
  return 0;
}

bool judges(std::string_view cell) {
  // "original packer" and "normal start" say nothing.
  static constexpr auto kSays = std::to_array<std::string_view>(
      {"legit",          "benign",         "clean",    "genuine",   "harmless", "not ",      "non-",
       "safe",           "known",          "good,",    "good;",     "vendor's", "bereinigt", "unver\xc3\xa4ndert",
       "l\xc3\xa9gitim", "leg\xc3\xadtim", "original", "signed by", "part of",  "belongs to"});
  return std::any_of(kSays.begin(), kSays.end(), [&](std::string_view w) { return cell.starts_with(w); });
}

}  // namespace assay
