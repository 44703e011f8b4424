#include "text/extract/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/judge_cues.h"
#include "text/extract/judge_words.h"
#include "text/extract/lists.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kAroundBytes = 300;  // of a sentence on each side of the value
constexpr std::size_t kReach = 1500;       // how far a sentence is looked for

struct Around {
  std::string before, after;  // of the sentence, lower case
};

bool network_kind(Observable kind) {
  return kind == Observable::ipv4 || kind == Observable::ipv6 || kind == Observable::cidr ||
         kind == Observable::domain || kind == Observable::url || kind == Observable::mail_address;
}

std::string host_of_value(const Found& found) {
  std::string_view value = found.value;
  if (found.kind == Observable::mail_address) return std::string(value.substr(value.rfind('@') + 1));
  if (found.kind != Observable::url) return std::string(value);
  if (const std::size_t scheme = value.find("://"); scheme != value.npos) value.remove_prefix(scheme + 3);
  value = value.substr(0, value.find_first_of("/?#"));
  if (const std::size_t user = value.rfind('@'); user != value.npos) value.remove_prefix(user + 1);
  if (value.starts_with('['))
    return std::string(value.substr(1, value.find(']') == value.npos ? value.npos : value.find(']') - 1));
  return lower(value.substr(0, value.find(':')));
}

std::string site_of(const Found& found) {
  const std::string host = host_of_value(found);
  std::string site = registrable_domain(host);
  return site.empty() ? host : site;
}

bool url_has_path(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == url.npos ? 0 : scheme + 3);
  return slash != url.npos && slash + 1 < url.size();
}

bool footnote(std::string_view line) {
  line = trim(line);
  if (line.starts_with('[')) {
    const std::size_t close = line.find(']');
    return close != line.npos && close < 6 && close > 1 &&
           std::all_of(line.begin() + 1, line.begin() + static_cast<std::ptrdiff_t>(close), is_digit);
  }
  return line.starts_with('^');
}

bool version_number(const Around& a, std::string_view after_raw, bool found_exe) {
  const auto words = last_words(a.before, 3);
  const std::string_view tail =
      std::string_view(a.before).substr(a.before.size() - std::min<std::size_t>(a.before.size(), 40));
  if (tail.ends_with("\x01 ") && found_exe) return true;
  if (tail.ends_with('v') && (tail.size() == 1 || !is_alnum(tail[tail.size() - 2]))) return true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const std::string_view word : kVersion) {
      if (words[i] == word && !(i > 0 && (words[0] == "to" || words[0] == "from" || words[0] == "at"))) return true;
      if (words[i] == word && i > 0 &&
          (words[1] == "update" || words[1] == "upgrade" || words[1] == "updated" || words[1] == "upgraded"))
        return true;
    }
  }
  for (const std::string_view behind :
       {" and earlier", " and later", " or later", " or earlier", " and prior", " and below", " or newer", " or older",
        " and older", " and newer", " and above", " or above", " or below"}) {
    if (after_raw.substr(0, 16).starts_with(behind)) return true;
  }
  return false;
}

Verdict make(ReportRole role, int confidence, int strength, std::string reason) {
  return {role, confidence, strength, std::move(reason)};
}

class Judge {
 public:
  Judge(const Prepared& text, const std::vector<ReportLine>& lines, const Found& found, const ReportHabits& habits)
      : text_(text), line_(lines[found.line]), found_(found), habits_(habits) {
    const auto [begin, end] = sentence_at(text, lines, found);
    const std::size_t from = std::max(begin, found.begin > kAroundBytes ? found.begin - kAroundBytes : 0);
    const std::size_t to = std::min(end, found.end + kAroundBytes);
    around_.before = habits.cues.substr(from, found.begin - from);
    around_.after = habits.cues.substr(found.end, to - found.end);
    std::replace(around_.before.begin(), around_.before.end(), '\n', ' ');
    std::replace(around_.after.begin(), around_.after.end(), '\n', ' ');
    if (network_kind(found.kind)) {
      host_ = host_of_value(found);
      site_ = site_of(found);
    }
  }

  Verdict run() {
    if (auto v = by_nature(); v.strength > 0) return v;
    if (auto v = by_words(); v.strength > 0) return v;
    return by_place();
  }

 private:
  [[nodiscard]] bool defanged() const { return found_.defanged; }
  [[nodiscard]] bool in(Section section) const { return line_.section == section; }

  // What it is, whoever says what of it.
  Verdict by_nature() {
    const Observable kind = found_.kind;
    if (kind == Observable::ipv4 || kind == Observable::ipv6 || kind == Observable::cidr) return address_nature();
    if (kind == Observable::md5 || kind == Observable::sha1 || kind == Observable::sha256 ||
        kind == Observable::sha512) {
      if (is_empty_hash(found_.value))
        return make(ReportRole::benign, 95, 4, "hash of the empty file or of the EICAR test file");
      // A hash of a word, of a key, or of what is in order.
      for (const std::string_view word : {"password", "pgp", "gpg", "clean", "public key", "commit"}) {
        const std::size_t at = last_word_start(around_.before, word);
        if (at != std::string::npos && around_.before.size() - at < 70 &&
            !contains_icase(around_.before.substr(at), "archive"))
          return make(
              word == "pgp" || word == "gpg" || word == "public key" ? ReportRole::reference : ReportRole::benign, 70,
              3, fmt::format("the sentence speaks of a {}", word));
      }
      if (has_word(around_.before, "fingerprint") && found_.kind == Observable::sha1 &&
          !has_word(around_.before, "certificate") && around_.before.find("x509") == std::string::npos)
        return make(ReportRole::reference, 70, 3, "the fingerprint of a key");
      if (has_word(around_.after.substr(0, around_.after.find('.')), "clean"))
        return make(ReportRole::benign, 70, 3, "the row says that it is benign");
      return tool_row();
    }
    if (kind == Observable::file_name && (is_ordinary_file(found_.value) || is_dual_use_tool(found_.value)))
      return make(ReportRole::benign, 85, 4, "a name that ordinary software has");
    if (kind == Observable::file_path) {
      const std::string small = lower(found_.value);
      if (small.find_first_of("*<?") != small.npos) return make(ReportRole::benign, 70, 4, "a path with wildcards");
      static constexpr auto kSystem =
          std::to_array<std::string_view>({"/bin/", "/sbin/", "/usr/sbin/", "/usr/lib/postfix", "/proc/"});
      static constexpr auto kPlain = std::to_array<std::string_view>(
          {"/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/group", "/etc/ld.so.preload", "/etc/crontab",
           "/etc/rc.local", "/etc/resolv.conf", "/dev/shm", "/var/log", "/var/run", "/etc/init.d", "/var/tmp",
           "/usr/bin", "/tmp"});
      if (std::any_of(kSystem.begin(), kSystem.end(), [&](std::string_view p) { return small.starts_with(p); }) ||
          std::find(kPlain.begin(), kPlain.end(), small) != kPlain.end() || small.starts_with("/var/log/"))
        return make(ReportRole::benign, 75, 4, "a file or folder of the system");
      const std::size_t slash = small.find_last_of("/\\");
      static constexpr auto kParts = std::to_array<std::string_view>(
          {"gpupdate.exe", "dllhost.exe", "werfault.exe", "searchindexer.exe", "wusa.exe"});
      const bool part =
          std::find(kParts.begin(), kParts.end(), std::string_view(small).substr(slash + 1)) != kParts.end();
      if (part && small.find("\\sysnative\\") != small.npos)
        return make(ReportRole::benign, 85, 4, "a file of the system in its own folder");
      if ((part || is_ordinary_file(small.substr(slash + 1))) &&
          (small.find("\\windows\\system32\\") != small.npos || small.find("\\windows\\syswow64\\") != small.npos ||
           small.starts_with("/usr/bin/") || small.starts_with("/bin/")))
        return make(ReportRole::benign, 85, 4, "a file of the system in its own folder");
      return {};
    }
    if (kind == Observable::domain || kind == Observable::url || kind == Observable::mail_address) return host_nature();
    return {};
  }

  // The hash of a public tool beside the tool's own name.
  Verdict tool_row() {
    if (!line_.listed || any_of_words(kMask, around_.before + around_.after) || line_.end - line_.begin > 600)
      return {};
    const std::string row = lower(std::string_view(text_.text).substr(line_.begin, line_.end - line_.begin));
    for (std::size_t at = row.find(".exe"); at != row.npos; at = row.find(".exe", at + 1)) {
      std::size_t begin = at;
      while (begin > 0 &&
             (is_alnum(row[begin - 1]) || row[begin - 1] == '_' || row[begin - 1] == '-' || row[begin - 1] == '.'))
        --begin;
      if (is_dual_use_tool(row.substr(begin, at + 4 - begin)))
        return make(ReportRole::benign, 65, 3, "the hash of a public tool");
    }
    return {};
  }

  Verdict address_nature() {
    bool documentation = false;
    const std::string special = special_address(found_.value, documentation);
    if (!special.empty() && !documentation) {
      const bool victim = victim_attached(around_.before) || in(Section::victims) ||
                          any_of_words(kVictim, around_.before + around_.after);
      return make(victim ? ReportRole::victim : ReportRole::benign, 90, 4, special);
    }
    if (is_public_resolver(found_.value)) return make(ReportRole::benign, 90, 4, "public resolver");
    if (!defanged() && found_.kind == Observable::ipv4 &&
        (found_.value.ends_with(".0.0.0") ||
         (version_number(
              around_, around_.after,
              found_.begin >= 5 &&
                  lower(std::string_view(text_.text).substr(found_.begin - 5, 5)).find("exe") != std::string::npos) &&
          !(line_.listed && in(Section::indicators) && bare_line()))))
      return make(ReportRole::benign, 80, 4, "a version number");
    if (documentation && !defanged() && !in(Section::indicators) && !line_.listed) {
      const std::size_t attack =
          std::min(nearest_before(kAttack, around_.before), nearest_after(kAttack, around_.after));
      if (attack == std::string::npos) return make(ReportRole::benign, 60, 2, special);
    }
    return {};
  }

  Verdict host_nature() {
    if (host_.empty()) return make(ReportRole::benign, 50, 4, "no host");
    bool documentation = false;
    if (is_address(host_)) {
      const std::string special = special_address(host_, documentation);
      if (!special.empty() && !documentation) return make(ReportRole::benign, 90, 4, special);
      return {};
    }
    if (host_ == "localhost" || host_.ends_with(".local") || host_.ends_with(".localhost") || host_.ends_with(".lan") ||
        host_.ends_with(".arpa") || host_.ends_with(".internal") || host_.ends_with(".corp"))
      return make(in(Section::victims) || victim_attached(around_.before) ? ReportRole::victim : ReportRole::benign, 85,
                  4, "not a public name");
    if (!habits_.publisher.empty() && site_ == habits_.publisher && !defanged())
      return make(ReportRole::reference, 85, 4, "the publisher's own");
    const bool cited = is_cited_site(site_) || is_cited_site(host_) || host_.ends_with(".gov") ||
                       host_.ends_with(".mil") || host_.ends_with(".gov.uk");
    const bool shared = is_shared_service(site_);
    if (site_ == "example.com" || site_ == "example.org" || site_ == "example.net")
      return make(ReportRole::benign, 80, 4, "a name of documentation");
    if (found_.kind == Observable::mail_address) {
      if (cited && !shared && !defanged()) return make(ReportRole::reference, 85, 4, "an address of a known publisher");
      return {};
    }
    const bool service_itself =
        found_.kind == Observable::domain && (cited || shared) && (host_ == site_ || host_ == "www." + site_);
    if (service_itself) {
      return defanged() || in(Section::benign) ? make(ReportRole::benign, 85, 4, "a service of everybody")
                                               : make(ReportRole::reference, 80, 4, "a site that reports cite");
    }
    if (cited && !defanged()) {
      if (shared && found_.kind == Observable::url && url_has_path(found_.value)) {
        if (in(Section::indicators)) return {};
        // A payload on a file host, written out in full.
        const bool loads = contains_icase(found_.value, "download") || contains_icase(found_.value, "/raw/");
        if (loads && !in(Section::references) && nearest_before(kAttack, around_.before) < 80)
          return make(ReportRole::attacker, 35, 2, "a download that the sentence ascribes to the attacker");
      }
      return make(ReportRole::reference, 85, 4, "a site that reports cite");
    }
    if (cited && !shared) return make(ReportRole::reference, 70, 4, "a site that reports cite");
    if (found_.kind == Observable::url && shared && !url_has_path(found_.value))
      return make(ReportRole::benign, 85, 4, "a service of everybody");
    if (!defanged() && (host_.ends_with(".example") || host_.ends_with(".test") || host_.ends_with(".invalid"))) {
      const bool victim = victim_attached(around_.before) || in(Section::victims);
      return make(victim ? ReportRole::victim : ReportRole::reference, 70, 4, "a name that nobody can register");
    }
    return {};
  }

  // What the sentence, row or item says.
  Verdict by_words() {
    const bool mail = found_.kind == Observable::mail_address, network = network_kind(found_.kind);
    const std::string row = around_.before + " " + around_.after;
    const bool masked = any_of_words(kMask, row);
    // A row of cells speaks of all that stands in it; an item in words is a sentence.
    const bool cells = line_.listed && (row.find('|') != row.npos || row.find("  ") != row.npos ||
                                        row.find('\t') != row.npos || row.find(',') != row.npos);
    const bool whole = cells && around_.before.size() + around_.after.size() < kAroundBytes;
    if (in(Section::benign) && !masked)
      return make(ReportRole::benign, 80, 3, said("under a heading that says benign"));
    const std::size_t benign_before =
        whole ? nearest_before(kBenign, around_.before) : reaching_before(kBenign, around_.before);
    const std::size_t benign_after =
        whole ? nearest_after(kBenign, around_.after) : reaching_after(kBenign, around_.after);
    const std::size_t attack_before = nearest_before(kAttack, around_.before),
                      attack_after = nearest_after(kAttack, around_.after);
    if (whole) {
      // "phishing; the courts' own site is VALUE": the word is about the value behind it.
      const bool other =
          benign_after != std::string::npos && around_.after.substr(benign_after, 48).find('\x01') != std::string::npos;
      if ((benign_before != std::string::npos || (benign_after != std::string::npos && !other)) && !masked)
        return make(ReportRole::benign, 75, 3, "the row says that it is benign");
      if (!network &&
          std::any_of(
              kPeSections.begin(), kPeSections.end(),
              [&](std::string_view name) { return has_word(row, name.substr(1)) && row.find(name) != row.npos; }) &&
          found_.kind == Observable::md5)
        return make(ReportRole::benign, 75, 3, "the hash of a section of a program");
    } else {
      const std::size_t mask_before = nearest_before(kMask, around_.before);
      if (benign_before != std::string::npos && benign_before <= (defanged() ? 40U : 140U) &&
          (benign_before < attack_before || !defanged()) && !(defanged() ? masked : mask_before < benign_before))
        return make(ReportRole::benign, 75, 3, "the sentence says that it is benign");
      if (benign_after != std::string::npos && benign_after <= (defanged() ? 50U : 110U) &&
          (benign_after < attack_after || benign_after < 40) && !masked)
        return make(ReportRole::benign, 70, 3, "the sentence says that it is benign");
    }
    if (!defanged() && network && footnote(std::string_view(text_.text).substr(line_.begin, line_.end - line_.begin)))
      return make(ReportRole::reference, 85, 3, "a footnote");
    if (!defanged() && !(in(Section::indicators) && line_.listed)) {
      const std::size_t soft = std::min(reaching_before(kSoft, around_.before), reaching_after(kSoft, around_.after));
      if (soft <= 60 && soft < std::min(attack_before, attack_after) && !masked)
        return make(ReportRole::benign, 60, 2, "the sentence says that it is no indicator");
    }
    if (!network) return {};
    if (mail && !defanged()) {
      const auto words = last_words(around_.before, 2);
      if (!words.empty() &&
          (words[0] == "to" || words[0] == "recipient" || words[0] == "targeting" || words[0] == "targeted") &&
          !in(Section::indicators)) {
        const bool ours = any_of_words(std::to_array<std::string_view>({"report", "question", "please", "feedback",
                                                                        "suspicious activity", "incident"}),
                                       row);
        return make(ours ? ReportRole::reference : ReportRole::victim, 70, 3, "the sentence names a recipient");
      }
    }
    if ((victim_attached(around_.before) || victim_behind(around_.after)) &&
        !(defanged() && (masked || in(Section::indicators))))
      return make(ReportRole::victim, 70, 3, "the sentence says that it is a victim's");
    if (whole && attack_before == std::string::npos && attack_after == std::string::npos &&
        any_of_words(kVictim, row) && !defanged())
      return make(ReportRole::victim, 65, 3, "the row says that it is a victim's");
    return {};
  }

  [[nodiscard]] std::string said(std::string_view what) const {
    std::string out(what);
    if (!line_.titled.empty()) out += " (" + std::string(line_.titled.substr(0, 60)) + ")";
    return out;
  }

  // Files that a repository or report has too.
  [[nodiscard]] bool weak_ending() const {
    static constexpr auto kEndings = std::to_array<std::string_view>(
        {"md",  "csv",  "txt", "json", "yml", "yaml", "log", "ini", "conf", "cfg", "xml", "svg", "png",
         "jpg", "jpeg", "gif", "map",  "css", "html", "key", "pem", "crt",  "pl",  "ics", "db"});
    const std::string ending = lower(found_.value.substr(found_.value.rfind('.') + 1));
    return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
  }

  // Alone on its line, or with other values only.
  [[nodiscard]] bool bare_line() const {
    if (!line_.listed) return false;
    const std::string_view line =
        std::string_view(habits_.cues).substr(line_.begin, std::min<std::size_t>(line_.end - line_.begin, 2000));
    return std::none_of(line.begin(), line.end(), [](char c) { return is_alnum(c); });
  }

  Verdict by_place() {
    const std::size_t attack = std::min(nearest_before(kAttack, around_.before), nearest_after(kAttack, around_.after));
    const bool attacks = attack != std::string::npos;
    const bool network = network_kind(found_.kind);
    if (in(Section::victims) && !(defanged() && attacks))
      return make(ReportRole::victim, 75, 3, said("under a heading about victims"));
    if (network && defanged()) {
      if (in(Section::references)) return make(ReportRole::attacker, 45, 2, "written defanged");
      return make(ReportRole::attacker,
                  in(Section::indicators) ? 65
                  : attacks               ? 60
                                          : 50,
                  in(Section::indicators) || attacks ? 3 : 2,
                  in(Section::indicators) ? said("written defanged, listed as an indicator") : "written defanged");
    }
    if (in(Section::references) && network)
      return make(ReportRole::reference, 80, 3, said("under a heading of references"));
    const bool mail = found_.kind == Observable::mail_address;
    if (mail && !bare_line() && any_of_words(kContact, around_.before + around_.after))
      return make(ReportRole::reference, 70, 3, "an address to write to");
    if (in(Section::indicators)) {
      if (mail && habits_.defangs && !line_.listed)
        return make(ReportRole::reference, 55, 2, "not defanged where others are");
      if (line_.listed || !network || !habits_.defangs) {
        return make(ReportRole::attacker, line_.listed ? 60 : 45, line_.listed ? 2 : 1, said("listed as an indicator"));
      }
    }
    if (!network) return file_or_hash(attacks);
    const std::size_t cite = std::min(nearest_before(kCite, around_.before), nearest_after(kCite, around_.after));
    const bool address =
        found_.kind == Observable::ipv4 || found_.kind == Observable::ipv6 || found_.kind == Observable::cidr;
    if (habits_.values && (bare_line() || line_.code) && !in(Section::advice))
      return make(ReportRole::attacker, 45, 1, line_.code ? "in a block of values or commands" : "alone on its line");
    if (in(Section::advice) && !address) return make(ReportRole::reference, 60, 1, said("under a heading of advice"));
    const bool command =
        any_of_words(std::to_array<std::string_view>({"downloadstring", "iex", "irm", "invoke-webrequest", "wget",
                                                      "curl -", "certutil", "powershell"}),
                     around_.before);
    if (command && habits_.values) return make(ReportRole::attacker, 45, 1, "in a command");
    if (habits_.defangs && !address) return make(ReportRole::reference, 60, 1, "not defanged where others are");
    if (attacks && (address || attack <= cite))
      return make(ReportRole::attacker, 40, 1, "the sentence speaks of the attacker");
    if (cite != std::string::npos || !address) return make(ReportRole::reference, 55, 1, std::string(kUnsaid));
    return make(ReportRole::benign, 50, 1, std::string(kUnsaid));
  }

  Verdict file_or_hash(bool attacks) {
    switch (found_.kind) {
      case Observable::md5:
      case Observable::sha1:
      case Observable::sha256:
      case Observable::sha512:
      case Observable::imphash:
      case Observable::ssdeep:
      case Observable::ja3:
      case Observable::certificate_sha1:
        return make(ReportRole::attacker, attacks ? 55 : 45, 2, "a hash that the report gives");
      default:
        break;
    }
    if (in(Section::references) && found_.kind == Observable::file_name)
      return make(ReportRole::reference, 60, 1, said("under a heading of references"));
    if (found_.kind == Observable::file_name && !attacks && weak_ending())
      return make(ReportRole::benign, 50, 1, "a document that the sentence says nothing bad of");
    if (in(Section::advice) && !attacks) return make(ReportRole::benign, 60, 1, said("under a heading of advice"));
    // A report with hashes or defanged hosts speaks of files because the attacker has to do with them.
    if (habits_.values)
      return make(ReportRole::attacker, attacks ? 40 : 30, 1,
                  attacks ? "the sentence speaks of the attacker" : "named in a report that lists indicators");
    return make(ReportRole::benign, 50, 1, "named in a report that lists no indicators");
  }

  const Prepared& text_;
  const ReportLine& line_;
  const Found& found_;
  const ReportHabits& habits_;
  Around around_;
  std::string host_, site_;
};

}  // namespace

std::pair<std::size_t, std::size_t> sentence_at(const Prepared& prepared, const std::vector<ReportLine>& lines,
                                                const Found& found) {
  const std::string_view text = prepared.text;
  const ReportLine& line = lines[found.line];
  if (line.listed || line.heading) {
    return {std::max(line.begin, found.begin > kReach ? found.begin - kReach : 0),
            std::min(line.end, found.end + kReach)};
  }
  const auto prose = [&](std::size_t i) {
    return !lines[i].listed && !lines[i].heading &&
           !trim(text.substr(lines[i].begin, lines[i].end - lines[i].begin)).empty();
  };
  std::size_t first = found.line, last = found.line;
  while (first > 0 && found.line - first < 12 && prose(first - 1)) --first;
  while (last + 1 < lines.size() && last - found.line < 12 && prose(last + 1)) ++last;
  std::size_t begin = std::max(lines[first].begin, found.begin > kReach ? found.begin - kReach : 0);
  std::size_t end = std::min(lines[last].end, found.end + kReach);
  const auto stop = [&](std::size_t i) {  // a sentence ends at text[i]
    const char c = text[i];
    if (c != '.' && c != '!' && c != '?') return false;
    if (i + 1 < text.size() && !is_space(text[i + 1]) && text[i + 1] != '"' && text[i + 1] != ')') return false;
    if (prepared.undone[i] != 0) return false;
    std::size_t next = i + 1;
    while (next < text.size() && (is_space(text[next]) || text[next] == '"' || text[next] == ')')) ++next;
    if (next < text.size() && text[next] >= 'a' && text[next] <= 'z' && !is_alnum(c)) {
      // "e.g. evil": a small letter goes on, unless a name begins the sentence.
      const std::size_t word = text.find_last_of(" \n\t(", i);
      const std::string before =
          lower(text.substr(word == text.npos ? 0 : word + 1, i - (word == text.npos ? 0 : word + 1)));
      if (before == "e.g" || before == "i.e" || before == "etc" || before == "no" || before == "vs" ||
          before == "approx")
        return false;
    }
    return true;
  };
  for (std::size_t i = found.begin; i-- > begin;) {
    if (stop(i)) {
      begin = i + 1;
      break;
    }
  }
  for (std::size_t i = found.end; i < end; ++i) {
    if (stop(i)) {
      end = i + 1;
      break;
    }
  }
  while (begin < end && is_space(text[begin])) ++begin;
  return {std::min(begin, found.begin), std::max(end, found.end)};
}

ReportHabits habits_of(const Prepared& text, const std::vector<ReportLine>& lines, const std::vector<Found>& found) {
  ReportHabits out;
  std::size_t defanged = 0, plain = 0;
  std::map<std::string, int> votes;
  for (const Found& f : found) {
    if (!network_kind(f.kind)) continue;
    if (f.kind != Observable::cidr) (f.defanged ? defanged : plain) += 1;
    if (f.defanged || f.kind == Observable::ipv4 || f.kind == Observable::ipv6 || f.kind == Observable::cidr) continue;
    const ReportLine& line = lines[f.line];
    const std::string site = registrable_domain(host_of_value(f));
    if (site.empty() || is_cited_site(site) || is_shared_service(site)) continue;
    const std::size_t from = f.begin > 120 ? std::max(line.begin, f.begin - 120) : line.begin;
    const std::string lead =
        lower(std::string_view(text.text).substr(std::min(from, f.begin), f.begin - std::min(from, f.begin)));
    int vote = 0;
    if (line.section == Section::references) vote += f.kind == Observable::mail_address ? 3 : 1;
    if (any_of_words(std::to_array<std::string_view>(
                         {"contact",   "report to", "report incidents", "feedback",     "questions",    "e-mail us",
                          "email us",  "write to",  "our website",      "visit us",     "published by", "copyright",
                          "(c)",       "soc@",      "homepage",         "web:",         "e-mail:",      "website:",
                          "inquiries", "enquiries", "reach us",         "get in touch", "press"}),
                     lead))
      vote += 3;
    if (f.line < 8 && line.section != Section::indicators && !line.listed) vote += 1;
    if (vote > 0 && !(line.section == Section::indicators && line.listed)) votes[site] += vote;
  }
  out.defangs = defanged >= 2 || (defanged == 1 && plain <= 6);
  out.values = defanged > 0;
  out.cues = lower(text.text);
  for (const Found& f : found) {
    std::fill(out.cues.begin() + static_cast<std::ptrdiff_t>(f.begin),
              out.cues.begin() + static_cast<std::ptrdiff_t>(f.end), '\x01');
    out.values = out.values || f.kind == Observable::md5 || f.kind == Observable::sha1 ||
                 f.kind == Observable::sha256 || f.kind == Observable::sha512 ||
                 lines[f.line].section == Section::indicators;
  }
  int best = 2;
  for (const auto& [site, n] : votes) {
    if (n > best) {
      best = n;
      out.publisher = site;
    }
  }
  return out;
}

Verdict judge(const Prepared& text, const std::vector<ReportLine>& lines, const Found& found,
              const ReportHabits& habits) {
  return Judge(text, lines, found, habits).run();
}

}  // namespace assay
