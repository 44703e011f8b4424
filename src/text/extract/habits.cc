#include <algorithm>
#include <array>
#include <map>

#include "core/ascii.h"
#include "text/domains.h"
#include "text/extract/lists.h"
#include "text/extract/nature.h"
#include "text/extract/places.h"
#include "text/extract/signs.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kLast = 10;          // lines, in which he does so again
constexpr std::size_t kBesideBytes = 200;  // bytes beside a value that may be alone
constexpr std::size_t kTop = 4096;         // where a publisher names itself

constexpr auto kOwnWords = std::to_array<std::string_view>({"contact",     "report to",    "report incidents",
                                                            "feedback",    "questions",    "e-mail us",
                                                            "email us",    "write to",     "our website",
                                                            "visit us",    "published by", "copyright",
                                                            "(c)",         "homepage",     "web:",
                                                            "e-mail:",     "website:",     "inquiries",
                                                            "enquiries",   "reach us",     "get in touch",
                                                            "portal",      "feed",         "taxii",
                                                            "tabletop",    "mailing list", "subscribe",
                                                            "newsletter",  "members",      "our site",
                                                            "full report", "rss",          "press",
                                                            "kontakt",     "impressum",    "contacto",
                                                            "contactez",   "read more",    "related"});

bool network(Observable kind) {
  const ValueGroup group = group_of(kind);
  return group == ValueGroup::address || group == ValueGroup::domain || group == ValueGroup::url ||
         group == ValueGroup::mail;
}

// Letters and figures alone, in lower case.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alnum(c)) out += to_lower(c);
  }
  return out;
}

enum class Alone : std::uint8_t { no, bare, in_angles, with_number };
// Nothing else stands in its line, or only "<" and ">" around it, or the number of the page behind it.
Alone alone_on_line(std::string_view text, const ReportLine& line, const Found& f) {
  if (f.begin < line.begin || f.end > line.end || f.begin - line.begin > kBesideBytes ||
      line.end - f.end > kBesideBytes)
    return Alone::no;
  const std::string_view lead = trim(text.substr(line.begin, f.begin - line.begin));
  const std::string_view rest = trim(text.substr(f.end, line.end - f.end));
  if (lead.empty() && rest.empty()) return Alone::bare;
  if (lead.empty() && rest.size() <= 4 && std::all_of(rest.begin(), rest.end(), is_digit)) return Alone::with_number;
  return lead == "<" && rest == ">" ? Alone::in_angles : Alone::no;
}

}  // namespace

ReportHabits habits_of(const Prepared& text, const std::vector<ReportLine>& lines, const std::vector<Found>& found) {
  ReportHabits out;
  std::size_t defanged = 0, plain = 0;
  struct Site {
    int votes = 0;
    bool defanged = false;
  };
  std::map<std::string, Site> sites;
  // Its name in words: not the one in the address itself.
  std::string words = text.text.substr(0, kTop);
  for (const Found& f : found) {
    if (f.begin < words.size())
      std::fill(words.begin() + static_cast<std::ptrdiff_t>(f.begin),
                words.begin() + static_cast<std::ptrdiff_t>(std::min(f.end, words.size())), ' ');
  }
  const std::string top = squeezed(words);
  const std::size_t signature = signature_of(text, lines);
  for (const Found& f : found) {
    out.values = out.values || f.defanged || f.kind == Observable::md5 || f.kind == Observable::sha1 ||
                 f.kind == Observable::sha256 || f.kind == Observable::sha512 ||
                 lines[f.line].section == Section::indicators;
    if (!network(f.kind)) continue;
    if (f.kind != Observable::cidr) (f.defanged ? defanged : plain) += 1;
    if (group_of(f.kind) == ValueGroup::address) continue;
    const ReportLine& line = lines[f.line];
    const std::string site = registrable_domain(host_of(f.kind, f.value));
    if (site.empty() || is_cited_site(site) || is_shared_service(site)) continue;
    if (f.defanged) {
      sites[site].defanged = true;
      continue;
    }
    const std::size_t from = f.begin > 120 ? std::max(line.begin, f.begin - 120) : line.begin;
    const std::string lead =
        lower(std::string_view(text.text).substr(std::min(from, f.begin), f.begin - std::min(from, f.begin)));
    int vote = 0;
    if (line.section == Section::references) vote += f.kind == Observable::mail_address ? 3 : 1;
    if (std::any_of(kOwnWords.begin(), kOwnWords.end(), [&](std::string_view w) { return has_word_start(lead, w); }))
      vote += 3;
    if (f.line < 8 && line.section != Section::indicators && !line.listed) vote += 1;
    // Alone on a line of the head: where the text itself stands.
    const Alone alone = alone_on_line(text.text, line, f);
    const bool early = f.line < 6 && f.kind == Observable::url;
    const bool head =
        early && (alone == Alone::in_angles || (alone == Alone::bare && line.section != Section::indicators));
    const bool foot = alone == Alone::with_number && f.kind == Observable::domain && line.columns.empty();
    if (head) vote += 3;
    if (foot) vote += 2;  // of a page
    if (f.line > signature) vote += 3;
    if (f.line + kLast > lines.size() && lines.size() > 2 * kLast && line.section != Section::indicators) vote += 1;
    if (line.section == Section::indicators && line.listed && !head && !foot) vote = -2;
    sites[site].votes += vote;
  }
  out.defangs = defanged >= 2 || (defanged == 1 && plain <= 6);
  // It names itself at the top: "Lindholm & Rowe" and lindholm-rowe.example.
  int best = 2;
  for (auto& [site, is] : sites) {
    if (is.defanged) continue;
    const std::string label = squeezed(site.substr(0, site.find('.')));
    if (is.votes > 0 && label.size() >= 4 && top.find(label) != top.npos) is.votes += 2;
    if (is.votes > best) {
      best = is.votes;
      out.publisher = site;
    }
  }
  return out;
}

}  // namespace assay
