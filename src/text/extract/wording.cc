#include "text/extract/wording.h"

#include <algorithm>
#include <array>
#include <vector>

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

bool called_sinkhole(std::string_view lead) {
  constexpr std::size_t kLead = 80;
  lead = lead.substr(lead.size() > kLead ? lead.size() - kLead : 0);
  while (!lead.empty() && std::string_view(" `\"'(:").find(lead.back()) != std::string_view::npos)
    lead.remove_suffix(1);
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"sinkhole", "sinkhole at", "sinkhole on", "sinkhole server", "sinkhole address", "sinkhole ip", "sinkholed to",
       "sinkholed at", "to a sinkhole at", "sinkhole-server", "sinkholed by us"});
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return lead.ends_with(w); });
}

bool refers_a_rule(std::string_view lead) {
  constexpr std::string_view kReference = "reference:url,";
  const std::size_t reach = kReference.size() + 9;
  return lead.size() >= reach && lead.substr(lead.size() - reach).find(kReference) != lead.npos;
}

bool heads_mended_versions(std::string_view columns) {
  static constexpr auto kWords = std::to_array<std::string_view>({"fixed", "hotfix", "hot fix", "hot patch",
                                                                  "patched version", "fix version", "behoben",
                                                                  "corrig\xc3\xa9"
                                                                  "e",
                                                                  "corregida", "corretta", "poprawion"});
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return has_word_start(columns, w); });
}

bool called_ones_own(std::string_view lead) {
  constexpr std::size_t kLead = 120, kWords = 4;  // bytes and words
  lead = lead.substr(lead.size() > kLead ? lead.size() - kLead : 0);
  // The values before it in the same list.
  while (!lead.empty()) {
    if (lead.ends_with(" and") || lead.ends_with(" or")) {
      lead.remove_suffix(lead.ends_with(" or") ? 3 : 4);
    } else if (is_space(lead.back()) || std::string_view(",(`\x01").find(lead.back()) != std::string_view::npos) {
      lead.remove_suffix(1);
    } else {
      break;
    }
  }
  const std::size_t our = lead.rfind("our own "), whose = lead.rfind("'s own ");
  const std::size_t own = our == lead.npos || (whose != lead.npos && whose > our) ? whose : our;
  if (own == lead.npos || (own == our && own > 0 && is_alpha(lead[own - 1])) || lead.find("\n\n", own) != lead.npos)
    return false;
  // "The group's own server is ...".
  static constexpr auto kAttackers = std::to_array<std::string_view>(
      {"attack",   "actor",   "group",   "gang",   "operat", "advers", "malw",      "kit",    "intrud",  "botnet",
       "affil",    "hacker",  "crimin",  "thie",   "crew",   "author", "developer", "loader", "stealer", "implant",
       "backdoor", "phisher", "scammer", "seller", "spy",    "ransom", "trojan",    "worm",   "apt"});
  const std::size_t name = own == 0 ? lead.npos : lead.rfind(' ', own - 1);
  const std::size_t from = name == lead.npos ? 0 : name + 1;
  const std::string_view who = own == whose ? lead.substr(from, own - from) : std::string_view();
  if (std::any_of(kAttackers.begin(), kAttackers.end(), [&](std::string_view w) { return who.find(w) != who.npos; }))
    return false;
  std::vector<std::string_view> words = split(lead.substr(lead.find("own ", own) + 4), ' ');
  if (words.size() > 1 && (words.back() == "is" || words.back() == "are")) words.pop_back();
  static constexpr auto kThings = std::to_array<std::string_view>(
      {"node",    "nodes",     "server",  "servers",  "host",     "hosts",    "address",  "addresses",
       "network", "networks",  "range",   "ranges",   "gateway",  "gateways", "scanner",  "scanners",
       "relay",   "relays",    "machine", "machines", "site",     "sites",    "domain",   "domains",
       "mailbox", "mailboxes", "crawler", "crawlers", "sinkhole", "sensors",  "resolvers"});
  return words.size() <= kWords && std::find(kThings.begin(), kThings.end(), words.back()) != kThings.end();
}

bool begins_footnote(std::string_view line) {
  if (line.starts_with('^')) return true;
  const std::size_t close = line.starts_with('[') ? line.find(']') : line.npos;
  return close != line.npos && close > 1 && close < 6 &&
         std::all_of(line.begin() + 1, line.begin() + static_cast<std::ptrdiff_t>(close), is_digit);
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
       "these domains", "this site",   "this file",    "if you see",      "if you find", "these files",
       "all are",       "none of",     "neither",      "dies ist",        "diese sind",  "es handelt sich",
       "il s'agit",     "ce sont",     "se trata",     "es un",           "dit is",      "dit zijn"});
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
