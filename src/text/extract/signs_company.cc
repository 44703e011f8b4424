#include "text/extract/signs_company.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "core/ascii.h"
#include "text/domains.h"
#include "text/extract/fetches.h"
#include "text/extract/imitations.h"
#include "text/extract/lists.h"
#include "text/extract/nature.h"
#include "text/extract/neighbours.h"
#include "text/extract/sign_ids.h"
#include "text/extract/vocabulary.h"

namespace assay {
namespace {

constexpr std::size_t kNear = 40;       // bytes between two values that belong to each other
constexpr std::size_t kAround = 200;    // of the line before a value, in which its command stands
constexpr std::size_t kValuesNear = 8;  // before and behind a value
constexpr std::size_t kSteps = 40;      // of a path

void put(ValueSigns& value, Sign sign) { value.signs.push_back(static_cast<SignId>(sign)); }

bool hash_kind(Observable kind) { return group_of(kind) == ValueGroup::hash; }
bool host_like(Observable kind) {
  const ValueGroup group = group_of(kind);
  return group == ValueGroup::address || group == ValueGroup::domain || group == ValueGroup::url ||
         group == ValueGroup::mail;
}

std::string end_of(std::string_view value) {
  value = value.substr(0, value.find_first_of("?#"));
  const std::size_t slash = value.find_last_of("/\\");
  return slash == value.npos ? std::string() : lower(value.substr(slash + 1));
}

// "time.fjord.org", "time1.fjord.com", "2.pool.ntp.org".
bool tells_time(std::string_view host) {
  std::string_view first = host.substr(0, host.find('.'));
  while (!first.empty() && is_digit(first.back())) first.remove_suffix(1);
  return equals_icase(first, "time") || equals_icase(first, "ntp") || ends_with_icase(host, ".ntp.org");
}

// What is said of a file wherever it stands is said of the hash in its row too.
void calls_of_files(std::vector<ValueSigns>& out, const std::vector<ReportLine>& lines,
                    const std::vector<Found>& found) {
  const Vocabulary& vocabulary = Vocabulary::shipped();
  std::unordered_map<std::string, std::pair<bool, bool>> called;  // name: good, bad
  const std::uint32_t good = vocabulary.bit("benign"), bad = vocabulary.bit("attack") | vocabulary.bit("mask");
  const auto said = [&](const ValueSigns& value, std::uint32_t kinds) {
    for (std::size_t kind = 0; kinds != 0; ++kind, kinds >>= 1) {
      if ((kinds & 1U) == 0) continue;
      for (const WordPlace place : {WordPlace::next_before, WordPlace::next_after, WordPlace::sentence_after,
                                    WordPlace::cell, WordPlace::after}) {
        if (std::find(value.signs.begin(), value.signs.end(), word_sign(place, kind)) != value.signs.end()) return true;
      }
    }
    return false;
  };
  for (const ValueSigns& value : out) {
    if (value.kind != Observable::file_name && value.kind != Observable::file_path) continue;
    auto& is = called[lower(last_step(value.value))];
    is.first = is.first || said(value, good);
    is.second = is.second || said(value, bad);
  }
  for (ValueSigns& value : out) {
    if (!hash_kind(value.kind)) continue;
    for (const std::size_t place : value.places) {
      const std::size_t line = found[place].line;
      if (!lines[line].listed) continue;
      std::string name;
      std::size_t names = 0;
      const auto look = [&](std::size_t k) {
        if (found[k].line != line) return false;
        if (group_of(found[k].kind) == ValueGroup::file || found[k].kind == Observable::file_path) {
          name = lower(last_step(found[k].value));
          ++names;
        }
        return true;
      };
      for (std::size_t k = place; k-- > 0 && place - k < kValuesNear && look(k);) {
      }
      for (std::size_t k = place + 1; k < found.size() && k - place < kValuesNear && look(k); ++k) {
      }
      // "Name  x.exe" and "SHA256  ..." some rows below it.
      for (std::size_t k = place; names == 0 && k-- > 0 && place - k < kValuesNear && found[k].line + 6 > line;) {
        if (found[k].kind != Observable::file_name && found[k].kind != Observable::file_path) continue;
        name = lower(last_step(found[k].value));
        ++names;
      }
      if (names != 1) continue;
      const auto at = called.find(name);
      if (at == called.end()) continue;
      if (at->second.first) put(value, Sign::file_called_good);
      if (at->second.second) put(value, Sign::file_called_bad);
    }
  }
}

}  // namespace

// What other values stand in its row.
void neighbour_signs(ValueSigns& value, const Found& f, const ReportLine& line, const std::vector<Found>& found,
                     std::string_view text, std::string_view cues) {
  const std::size_t i = static_cast<std::size_t>(&f - found.data());
  const auto beside = [&](std::size_t other) {
    const Found& o = found[other];
    if (std::max(o.begin, f.begin) - std::min(o.end, f.end) > 60) return;
    if (o.kind == Observable::file_name && (is_ordinary_file(o.value) || is_dual_use_tool(o.value)) &&
        !host_like(f.kind))
      put(value, Sign::beside_ordinary);
    if (hash_kind(o.kind)) put(value, Sign::beside_hash);
  };
  if (i > 0) beside(i - 1);
  if (i > 0 && group_of(f.kind) == ValueGroup::address && !f.defanged) {
    // "checkip.dyndns.com 193.0.2.6", "time.windows.com. -> 40.0.2.8": only marks between them.
    const Found& o = found[i - 1];
    const std::string_view gap =
        o.line == f.line && o.end < f.begin ? cues.substr(o.end, std::min(f.begin - o.end, kNear)) : "x";
    const auto mark = [](char c) {
      return is_space(c) || std::string_view("|:.->(=").find(c) != std::string_view::npos;
    };
    const bool service = utility_host(o.kind, o.value) || (o.kind == Observable::domain && !o.defanged &&
                                                           (is_cited_site(site_of(o)) || tells_time(o.value)));
    if (std::all_of(gap.begin(), gap.end(), mark) && service) put(value, Sign::of_service);
  }
  if (i + 1 < found.size() && group_of(f.kind) == ValueGroup::address && !f.defanged) {
    // "peer 193.0.2.6 (time.fjord.org)": who answers there stands behind it.
    const Found& o = found[i + 1];
    const std::string_view gap = o.line == f.line && o.begin > f.end ? trim(cues.substr(f.end, o.begin - f.end)) : "x";
    const bool service = utility_host(o.kind, o.value) || (o.kind == Observable::domain && tells_time(o.value));
    if (gap.ends_with('(') && gap.size() < kNear && gap.find('\x01') == gap.npos && !o.defanged && service)
      put(value, Sign::of_service);
  }
  if (i + 1 < found.size()) beside(i + 1);
  if (f.kind == Observable::file_name || f.kind == Observable::file_path) {
    const NamesBeside names = names_beside(text, found, i);
    if (names.known > 0) put(value, Sign::list_has_known);
    if (names.known > 1 && names.known >= names.unknown) put(value, Sign::list_mostly_known);
    if (names.known == 0 && names.unknown > 1) put(value, Sign::list_of_unknown);
    if (names.known + names.unknown > 5) put(value, Sign::long_list);
    const std::size_t from = std::max(line.begin, f.begin > kAround ? f.begin - kAround : 0);
    const CommandUse use = command_use(cues.substr(from, f.begin - from));
    if (use == CommandUse::writes) put(value, Sign::command_writes);
    if (use == CommandUse::looks) put(value, Sign::command_looks);
  }
  const auto name_of_file = [&](const Found& o) {
    if (o.kind == Observable::file_name) return std::string_view(o.value);
    return o.kind == Observable::file_path ? last_step(o.value) : std::string_view();
  };
  const auto known = [](std::string_view name) { return is_known_name(name) || is_analyst_file(name); };
  if (hash_kind(f.kind)) {  // whose it is: the last file that was named
    for (std::size_t k = i; k-- > 0 && i - k < 8 && found[k].line + 4 > f.line;) {
      const std::string_view name = name_of_file(found[k]);
      if (name.empty()) continue;
      put(value, known(name) ? Sign::below_known : Sign::below_unknown);
      break;
    }
  }
  if (!line.listed) return;
  const auto look = [&](std::size_t other) {
    const Found& o = found[other];
    if (o.line != f.line) return false;
    if (hash_kind(o.kind)) put(value, Sign::row_has_hash);
    if (o.kind == Observable::file_name || o.kind == Observable::file_path) {
      put(value, Sign::row_has_file);
      if (!host_like(f.kind)) put(value, known(name_of_file(o)) ? Sign::row_has_known : Sign::row_has_unknown);
    }
    if (o.defanged) put(value, Sign::row_has_defanged);
    if (o.kind == Observable::ipv4 && host_like(f.kind)) {
      bool documentation = false;
      if (!special_address(o.value, documentation).empty() && !documentation) put(value, Sign::row_has_private);
    }
    if (utility_host(o.kind, o.value)) put(value, Sign::row_has_service);
    return true;
  };
  for (std::size_t k = i; k-- > 0 && i - k < 8 && look(k);) {
  }
  for (std::size_t k = i + 1; k < found.size() && k - i < 8 && look(k); ++k) {
  }
}

// What a command gets from there, and whose name its sentence says it is.
void got_signs(ValueSigns& value, const Found& f, const ReportLine& line, std::pair<std::size_t, std::size_t> sentence,
               std::string_view cues) {
  const std::size_t from = std::max(line.begin, f.begin > kAround ? f.begin - kAround : 0);
  const std::string_view lead = cues.substr(from, f.begin - from);
  if (hash_kind(f.kind) && names_commit(lead)) put(value, Sign::commit_number);
  if (f.kind == Observable::sha1 || f.kind == Observable::certificate_sha1) {
    const std::string_view near = lead.substr(lead.size() > kNear ? lead.size() - kNear : 0);
    if (near.find("certificate") != near.npos || near.find("zertifikat") != near.npos) put(value, Sign::of_certificate);
  }
  if ((f.kind == Observable::file_name || f.kind == Observable::file_path) &&
      says_renamed(lead, cues.substr(f.end, std::min(line.end, f.end + kAround) - f.end)))
    put(value, Sign::renamed);
  const bool link = f.kind == Observable::url || f.kind == Observable::domain;
  if (!link && f.kind != Observable::mail_address) return;
  const Fetch fetch = link ? fetch_of(lead) : Fetch::none;
  if (fetch == Fetch::repository) put(value, Sign::from_repository);
  if (fetch == Fetch::package) put(value, Sign::from_packages);
  if (runs_what_it_gets(cues.substr(f.end, std::min(line.end, f.end + kAround) - f.end)))
    put(value, Sign::run_from_there);
  const std::string site = site_of(f);
  const std::size_t begin = std::max(sentence.first, f.begin > kAround ? f.begin - kAround : 0);
  const std::string_view near = cues.substr(begin, std::min(sentence.second, f.end + kAround) - begin);
  if (named_in(near, site.substr(0, site.find('.')))) put(value, Sign::named_beside);
}

// Values that belong to each other: hosts of one site, the file of a path.
void company_signs(std::vector<ValueSigns>& out, const std::vector<ReportLine>& lines,
                   const std::vector<Found>& found) {
  struct Site {
    std::size_t defanged = 0, listed = 0, all = 0, references = 0;
  };
  const auto id = [](Sign sign) { return static_cast<SignId>(sign); };
  const auto has = [&](const ValueSigns& value, Sign sign) {
    return std::find(value.signs.begin(), value.signs.end(), id(sign)) != value.signs.end();
  };
  std::unordered_map<std::string, Site> sites;
  std::unordered_map<std::string, std::uint8_t> names;  // 1: ends a path, 2: ends a URL
  for (const ValueSigns& value : out) {
    if (!value.site.empty()) {
      Site& site = sites[value.site];
      ++site.all;
      site.defanged += value.defanged;
      site.listed += has(value, Sign::listed_as_indicator);
      site.references += has(value, Sign::under_references);
    }
    if (value.kind == Observable::file_path || value.kind == Observable::url) {
      const std::string name = end_of(value.value);
      if (!name.empty()) names[name] |= value.kind == Observable::file_path ? 1 : 2;
    }
  }
  calls_of_files(out, lines, found);
  const Imitations imitations(out);
  for (ValueSigns& value : out) {
    if (imitations.imitates(value.site)) put(value, Sign::imitates);
    if (imitations.imitated(value.site)) put(value, Sign::imitated);
    if (!value.site.empty()) {
      const Site& site = sites[value.site];
      if (site.all > 1) put(value, Sign::site_again);
      if (site.defanged > (value.defanged ? 1U : 0U)) put(value, Sign::site_defanged);
      if (site.listed > (has(value, Sign::listed_as_indicator) ? 1U : 0U)) put(value, Sign::site_listed);
      if (site.references > (has(value, Sign::under_references) ? 1U : 0U)) put(value, Sign::site_referred);
    }
    if (value.kind == Observable::file_name) {
      if (const auto at = names.find(lower(value.value)); at != names.end()) {
        if ((at->second & 1U) != 0) put(value, Sign::ends_path);
        if ((at->second & 2U) != 0) put(value, Sign::ends_url);
      }
    }
  }
}

// Whether the sentences speak of what it bears the name of: "BrixVault" and "C:\\Program Files\\Brix Vault\\a.exe".
void spoken_of(ValueSigns& value, const ProseWords& prose) {
  constexpr std::size_t kTimes = 2;
  const std::string_view text = value.value;
  const ValueGroup group = group_of(value.kind);
  if (group == ValueGroup::domain || group == ValueGroup::url || group == ValueGroup::mail) {
    if (prose.names(value.site.substr(0, value.site.find('.')), kTimes)) put(value, Sign::named_in_prose);
    return;
  }
  if (group != ValueGroup::file && group != ValueGroup::path && value.kind != Observable::registry_key) return;
  const std::vector<std::string_view> steps = split(text, text.find('\\') == text.npos ? '/' : '\\');
  if (prose.names(steps.back(), kTimes)) put(value, Sign::named_in_prose);
  static constexpr auto kPlain = std::to_array<std::string_view>({"users",
                                                                  "user",
                                                                  "public",
                                                                  "temp",
                                                                  "windows",
                                                                  "program files",
                                                                  "program files (x86)",
                                                                  "programdata",
                                                                  "appdata",
                                                                  "local",
                                                                  "roaming",
                                                                  "system",
                                                                  "software",
                                                                  "microsoft",
                                                                  "library",
                                                                  "home",
                                                                  "root",
                                                                  "data",
                                                                  "image",
                                                                  "images",
                                                                  "startup",
                                                                  "start menu",
                                                                  "programs",
                                                                  "services",
                                                                  "currentversion",
                                                                  "application support",
                                                                  "downloads",
                                                                  "opt"});
  for (std::size_t k = 0; k + 1 < steps.size() && k < kSteps; ++k) {
    if (std::find(kPlain.begin(), kPlain.end(), lower(steps[k])) == kPlain.end() && prose.names(steps[k], kTimes)) {
      put(value, Sign::folder_named_in_prose);
      break;
    }
  }
}

}  // namespace assay
