#include "report/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/ascii.h"
#include "core/hash.h"

namespace assay::report {
namespace {

constexpr std::string_view kNumberMasked = "[number masked]";
constexpr std::string_view kNameMasked = "[name masked]";
constexpr std::size_t kPieces = 24;  // pieces of one token that are tried as parts of a name

constexpr std::array<std::string_view, 34> kImpersonal = {"",
                                                          "-",
                                                          "(null)",
                                                          "admin",
                                                          "administrator",
                                                          "anonymous",
                                                          "anonymous logon",
                                                          "apache",
                                                          "bin",
                                                          "daemon",
                                                          "dwm-1",
                                                          "guest",
                                                          "local service",
                                                          "local system",
                                                          "localsystem",
                                                          "network service",
                                                          "nginx",
                                                          "nobody",
                                                          "nologin",
                                                          "none",
                                                          "nsroot",
                                                          "ntp",
                                                          "null",
                                                          "postfix",
                                                          "postgres",
                                                          "root",
                                                          "sshd",
                                                          "syslog",
                                                          "system",
                                                          "systemd-network",
                                                          "umfd-0",
                                                          "unknown",
                                                          "www",
                                                          "www-data"};

// Words that our own sentences use: an account of that name is masked where an account stands, not inside prose.
constexpr std::array<std::string_view, 74> kProse = {
    "access",   "account",  "active",  "address",  "almost",   "and",      "archive",  "backup",   "before",
    "bytes",    "campaign", "cannot",  "certain",  "chance",   "claim",    "cluster",  "cookie",   "data",
    "days",     "domain",   "each",    "evidence", "exchange", "file",     "files",    "firewall", "for",
    "from",     "gateway",  "had",     "happened", "high",     "highly",   "host",     "hosts",    "ids",
    "into",     "job",      "likely",  "local",    "log",      "logs",     "low",      "mail",     "malware",
    "moderate", "names",    "network", "not",      "one",      "operator", "possible", "proxy",    "realistic",
    "record",   "records",  "remote",  "research", "say",      "seen",     "server",   "service",  "sessions",
    "share",    "shared",   "source",  "the",      "this",     "times",    "unlikely", "user",     "users",
    "was",      "with"};

template <std::size_t N>
bool listed(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::binary_search(list.begin(), list.end(), word);
}

bool is_name_byte(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_name_letter(char c) { return is_alpha(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_joiner(char c) { return c == '.' || c == '_' || c == '-' || c == '$' || c == '+'; }

// Modulus 11 check digit of an NHS number (NHS Data Dictionary, NHS NUMBER).
bool nhs_check(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (digits[i] - '0') * static_cast<int>(10 - i);
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == digits[9] - '0';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t n = 0;
  while (at + n < text.size() && is_digit(text[at + n])) ++n;
  return n;
}

constexpr std::array<std::string_view, 31> kPersonalParameters = {
    "birthdate", "casenote", "chi",       "dateofbirth", "dob",       "email",    "firstname", "fullname",
    "hospno",    "lastname", "login",     "mail",        "mrn",       "name",     "nhs",       "nhsno",
    "nhsnumber", "patient",  "patientid", "patientname", "patientno", "patname",  "pid",       "recipient",
    "ssn",       "surname",  "uid",       "user",        "userid",    "username", "who"};

// "patient_id=" and "NHS No: ": letters of the key without '_' and '-', lower case.
std::string parameter_key(std::string_view text, std::size_t equals) {
  std::size_t begin = equals;
  while (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '-') &&
         equals - begin < 24)
    --begin;
  std::string key;
  for (const char c : text.substr(begin, equals - begin)) {
    if (is_alnum(c)) key += to_lower(c);
  }
  return key;
}

// A value that can be no name: a number, or one or two letters.
bool is_plain_value(std::string_view value) {
  const auto letters = std::count_if(value.begin(), value.end(), is_name_letter);
  return letters < 3;
}

// The values of a query or form: "?user=x&mrn=1". Only after '?', '&' or ';', so that prose stays. Behind '?' and '&'
// any key may carry a name ("q=", "file="), so all values that could be one are masked; after ';', where cookies and
// directives stand, only those of personal keys.
std::string mask_parameters(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    out += c;
    ++at;
    if (c != '=') continue;
    const bool personal = listed(kPersonalParameters, parameter_key(text, at - 1));
    std::size_t begin = at - 1;
    while (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '-')) --begin;
    if (begin == 0 || (text[begin - 1] != '?' && text[begin - 1] != '&' && text[begin - 1] != ';')) continue;
    std::size_t end = at;
    while (end < text.size() && text[end] != '&' && text[end] != ';' && text[end] != ' ' && text[end] != '"' &&
           text[end] != '#')
      ++end;
    const std::string_view value = text.substr(at, end - at);
    if (!personal && (text[begin - 1] == ';' || is_plain_value(value))) continue;
    if (!value.empty()) out += kNameMasked;
    at = end;
  }
  return out;
}

// "Jane Doe", not "www.example.org", "ICA-7" or "GlobalSign Root CA": the common name of a person's certificate.
bool is_persons_common_name(std::string_view value) {
  static constexpr std::array<std::string_view, 20> kNoPerson = {
      "authority", "ca",     "cert",    "certificate", "certification", "class", "corp",
      "default",   "device", "gmbh",    "inc",         "intermediate",  "ltd",   "root",
      "server",    "sign",   "signing", "ssl",         "test",          "tls"};
  std::size_t words = 0;
  if (value.find('.') != std::string_view::npos && value.find('@') == std::string_view::npos) return false;
  for (const std::string_view word : split(value, ' ')) {
    if (word.empty()) continue;
    if (listed(kNoPerson, lower(word)) || std::any_of(word.begin(), word.end(), is_digit)) return false;
    ++words;
  }
  return words > 1 || value.find('@') != std::string_view::npos;
}

// The person's part of a directory name: "CN=Jane Doe,OU=Staff,DC=x" -> "CN=[name masked],OU=Staff,DC=x". When the name
// does not go on to DC=, it may be a certificate's: there only what looks like a person.
std::string mask_directory_names(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kParts = {
      "cn=", "uid=", "emailaddress=", "e=", "gn=", "givenname=", "sn="};
  if (text.find('=') == std::string_view::npos) return std::string(text);
  const bool directory = contains_icase(text, "dc=");
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool starts = at == 0 || !(is_alnum(text[at - 1]) || text[at - 1] == '_' || text[at - 1] == '-');
    if (starts && std::any_of(kParts.begin(), kParts.end(),
                              [&](std::string_view part) { return starts_with_icase(text.substr(at), part); })) {
      const std::size_t value = text.find('=', at) + 1;
      std::size_t end = value;
      while (end < text.size() && text[end] != ',' && text[end] != '"' && text[end] != ';' && text[end] != '/' &&
             text[end] != '\t' && text[end] != '|')
        end += text[end] == '\\' && end + 1 < text.size() ? std::size_t{2} : std::size_t{1};
      end = std::min(end, text.size());
      out += text.substr(at, value - at);
      const std::string_view name = text.substr(value, end - value);
      if (directory || is_persons_common_name(name)) {
        out += kNameMasked;
      } else {
        out += name;
      }
      at = end;
    } else {
      out += text[at++];
    }
  }
  return out;
}

// Whose folder or file a path is: the step behind home/, Users/, Profiles/ and a gateway's bookmark/, without its
// ending.
std::vector<std::string> home_owners(std::string_view path) {
  std::vector<std::string> out;
  for (const std::string_view home : {"home/", "users/", "profiles/", "bookmark/"}) {
    for (std::size_t at = 0; at < path.size(); ++at) {
      if (!starts_with_icase(path.substr(at), home) || (at > 0 && path[at - 1] != '/' && path[at - 1] != '!')) continue;
      std::string_view name = path.substr(at + home.size());
      const bool folder = name.find_first_of("/!") != std::string_view::npos;
      name = name.substr(0, name.find_first_of("/!"));
      if (!folder) name = name.substr(0, name.rfind('.'));
      if (!name.empty() && name.size() <= 64) out.emplace_back(name);
    }
  }
  return out;
}

// Endings of what people write, scan and send. Logs, programs and pages have others.
constexpr std::array<std::string_view, 44> kDocuments = {
    "avi",  "bmp",  "dcm", "doc", "docm", "docx", "dot", "dotx", "eml",  "gif", "heic", "hl7",  "ics",  "jpeg", "jpg",
    "key",  "m4a",  "mov", "mp3", "mp4",  "msg",  "odp", "ods",  "odt",  "one", "ost",  "pdf",  "png",  "pps",  "ppt",
    "pptm", "pptx", "pst", "rtf", "tif",  "tiff", "vcf", "vsd",  "vsdx", "wav", "xls",  "xlsb", "xlsm", "xlsx"};
constexpr std::size_t kDocumentName = 120;  // longest name that is looked at
constexpr std::size_t kDocumentWords = 5;   // of a name with spaces that no path leads to

// Where the name of a document begins whose ending is at `dot`: behind the path's last step; without a path at most a
// few words back.
std::size_t document_begin(std::string_view text, std::size_t dot) {
  std::size_t at = dot, words = 0, begin = dot;
  while (at > 0 && dot - at < kDocumentName) {
    const char c = text[at - 1];
    if (c == '/' || c == '\\' || c == '!') return at;
    if (c == ' ') {
      if (++words == kDocumentWords) break;
    } else if (is_name_byte(c) || is_joiner(c) || c == '%' || c == '\'' || c == '(' || c == ')' || c == ',' ||
               c == '&' || c == '~' || c == '#') {
      begin = at - 1;
    } else {
      break;
    }
    --at;
  }
  return begin;
}

// "person-07", and no more.
bool is_masked_account(std::string_view text) {
  for (const std::string_view kind : {"person-", "service-", "shared-"}) {
    if (text.starts_with(kind))
      return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(kind.size()), text.end(), is_digit);
  }
  return false;
}

// "Doe_Jane_biopsy.pdf" -> "[name masked].pdf". A name without letters ("0001.eml"), and one that an advisory lists,
// stays.
std::string mask_documents(std::string_view text, const std::set<std::string, std::less<>>& kept) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
    std::size_t end = dot + 1;
    while (end < text.size() && is_alnum(text[end]) && end - dot <= 5) ++end;
    if (end == dot + 1 || (end < text.size() && (is_name_byte(text[end]) || text[end] == '_')) ||
        !listed(kDocuments, lower(text.substr(dot + 1, end - dot - 1))))
      continue;
    const std::size_t begin = std::max(document_begin(text, dot), done);
    const std::string_view stem = text.substr(begin, dot - begin);
    if (is_plain_value(stem) || is_masked_account(stem) || kept.contains(lower(text.substr(begin, end - begin))))
      continue;
    out += text.substr(done, begin - done);
    out += kNameMasked;
    done = dot;
  }
  out += text.substr(done);
  return out;
}

}  // namespace

std::string canonical_account(std::string_view account) {
  account = trim(account);
  if (const std::size_t slash = account.rfind('\\'); slash != std::string_view::npos) account.remove_prefix(slash + 1);
  if (const std::size_t at = account.find('@'); at != std::string_view::npos && at > 0) account = account.substr(0, at);
  return lower(account);
}

bool is_impersonal_account(std::string_view canonical) {
  return listed(kImpersonal, canonical) || (!canonical.empty() && canonical.back() == '$');
}

NameMask::NameMask(const CaseData& data, const Assessment* assessment, bool show_names) : show_names_(show_names) {
  // What an advisory lists is no secret of ours, and must be found again.
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const AdvisoryIndicator& indicator : advisory.indicators) {
      const std::size_t name = indicator.pattern.find("file:name");
      if (name == std::string::npos) continue;
      std::string_view rest = std::string_view(indicator.pattern).substr(name);
      for (std::size_t at = rest.find('\''); at != std::string_view::npos; at = rest.find('\'')) {
        const std::size_t end = rest.find('\'', at + 1);
        if (end == std::string_view::npos) break;
        listed_files_.insert(lower(rest.substr(at + 1, end - at - 1)));
        rest.remove_prefix(end + 1);
      }
    }
  }
  std::map<std::string, std::string> kinds;  // canonical -> kind
  // A log may put a host where an account stands; hosts are not masked.
  std::set<std::string, std::less<>> hosts;
  for (const ProfileHost& h : data.profile.hosts) hosts.insert(lower(h.name));
  for (const EvidenceItem& item : data.evidence) {
    for (const std::string& h : item.hosts) hosts.insert(lower(h));
  }
  for (const Sighting& s : data.sightings) hosts.insert(lower(s.host));
  const auto add = [&](std::string_view account, std::string_view kind) {
    const std::string name = canonical_account(account);
    if (is_impersonal_account(name) || masked_.contains(name) || hosts.contains(name)) return;
    std::string& slot = kinds[name];
    if (slot.empty() || slot == "person") slot = kind;
  };
  // Addresses of own domains name staff as well.
  const auto add_addresses = [&](std::string_view text) {
    for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
      for (const std::string& domain : data.profile.own_domains) {
        const std::string_view after = text.substr(at + 1);
        if (domain.empty() || !starts_with_icase(after, domain)) continue;
        if (after.size() > domain.size() && (is_alnum(after[domain.size()]) || after[domain.size()] == '-')) continue;
        std::size_t begin = at;
        while (begin > 0 && at - begin < 64 && (is_name_byte(text[begin - 1]) || is_joiner(text[begin - 1]))) --begin;
        if (begin < at) add(text.substr(begin, at - begin), "person");
      }
    }
  };
  for (const std::string& name : data.profile.service_accounts) add(name, "service");
  for (const std::string& name : data.profile.shared_accounts) add(name, "shared");
  for (const Sighting& s : data.sightings) {
    add(s.account, "person");
    for (const auto& [name, value] : s.fields) add_addresses(value);
    add_addresses(s.why);
  }
  // Accounts that no finding names still stand in paths. One that is a bare word is left out: anybody can try to log on
  // as "certificate", and our sentences would suffer.
  const auto add_account_only = [&](std::string_view account) {
    const std::string name = canonical_account(account);
    if (!std::all_of(name.begin(), name.end(), is_alpha)) add(name, "person");
  };
  for (const Table& table : data.tables) {
    const auto& keys = table.spec().keys;
    const auto column = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "account") - keys.begin());
    if (column == keys.size()) continue;
    for (const auto& [key, row] : table.rows()) {
      if (key.size() == keys.size()) add_account_only(key[column]);
    }
  }
  for (const EvidenceItem& item : data.evidence) {
    add_addresses(item.path);
    for (const std::string& name : home_owners(item.path)) add_account_only(name);
  }
  give_numbers(kinds);
  if (assessment != nullptr) {
    kinds.clear();
    for (const Credential& c : assessment->credentials) {
      if (c.kind != "machine" && c.kind != "key")
        add(c.account, c.kind == "service" || c.kind == "shared" ? c.kind : "person");
    }
    for (const std::string& name : assessment->scope.accounts) add(name, "person");
    for (const Question& q : assessment->questions) {
      add_addresses(q.why);
      for (const Because& b : q.because) add_addresses(b.reason);
      for (const Because& b : q.against) add_addresses(b.reason);
    }
    for (const Action& a : assessment->actions) {
      add_addresses(a.what);
      add_addresses(a.because);
    }
    for (const Explained& e : assessment->explained) add_addresses(e.text);
    give_numbers(kinds);
  }
}

void NameMask::give_numbers(const std::map<std::string, std::string>& kinds) {
  std::vector<std::tuple<std::string, std::string, std::string>> order;  // kind, hash, name
  for (const auto& [name, kind] : kinds) order.emplace_back(kind, sha256_hex(name), name);
  std::sort(order.begin(), order.end());
  for (const auto& [kind, hash, name] : order) {
    masked_[name] = fmt::format("{}-{:02}", kind, ++used_[kind]);
    longest_ = std::max(longest_, name.size());
    const bool all_digits = std::all_of(name.begin(), name.end(), is_digit);
    if (listed(kProse, name) || name.size() < 3 || (all_digits && name.size() < 5)) not_in_prose_.insert(name);
    if (name.find(' ') != std::string::npos) spaced_.push_back(name);
  }
  std::sort(spaced_.begin(), spaced_.end(),
            [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
}

std::string NameMask::account(std::string_view account) const {
  if (!show_names_) {
    const std::string name = canonical_account(account);
    if (const auto at = masked_.find(name); at != masked_.end()) return at->second;
    if (is_impersonal_account(name)) return mask_personal_numbers(account);
    return text(account);
  }
  return mask_personal_numbers(account);
}

std::string NameMask::text(std::string_view text) const {
  if (show_names_) return mask_personal_numbers(text);
  return mask_documents(mask_accounts(mask_personal_numbers(mask_directory_names(mask_parameters(text)))),
                        listed_files_);
}

std::string NameMask::mask_accounts(std::string_view text) const {
  if (masked_.empty()) return std::string(text);
  std::string spaced_out;
  if (!spaced_.empty()) {
    spaced_out = text;
    for (const std::string& name : spaced_) {
      for (std::size_t at = 0; at + name.size() <= spaced_out.size();) {
        const bool here = equals_icase(std::string_view(spaced_out).substr(at, name.size()), name) &&
                          (at == 0 || !is_name_byte(spaced_out[at - 1])) &&
                          (at + name.size() == spaced_out.size() || !is_name_byte(spaced_out[at + name.size()]));
        if (!here) {
          ++at;
          continue;
        }
        const std::string& to = masked_.find(name)->second;
        spaced_out.replace(at, name.size(), to);
        at += to.size();
      }
    }
    text = spaced_out;
  }
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_name_byte(text[at])) {
      out += text[at++];
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_name_byte(text[end]) || is_joiner(text[end]))) ++end;
    const std::string_view token = text.substr(at, end - at);
    at = end;
    // Any run of whole pieces of the token may be a name: "m.okafor" in "m.okafor.pst".
    std::vector<std::size_t> starts, ends;
    for (std::size_t i = 0; i < token.size() && starts.size() < kPieces; ++i) {
      if (is_name_byte(token[i]) && (i == 0 || !is_name_byte(token[i - 1]))) starts.push_back(i);
      if (is_name_byte(token[i]) && (i + 1 == token.size() || !is_name_byte(token[i + 1]))) ends.push_back(i + 1);
    }
    std::size_t done = 0;
    for (std::size_t s = 0; s < starts.size(); ++s) {
      if (starts[s] < done) continue;
      for (std::size_t e = ends.size(); e-- > 0;) {
        if (ends[e] <= starts[s] || ends[e] - starts[s] > longest_) continue;
        const std::string name = lower(token.substr(starts[s], ends[e] - starts[s]));
        const auto found = masked_.find(name);
        if (found == masked_.end() || not_in_prose_.contains(name)) continue;
        out += token.substr(done, starts[s] - done);
        out += found->second;
        done = ends[e];
        break;
      }
    }
    out += token.substr(done);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> NameMask::key() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, masked] : masked_) out.emplace_back(masked, name);
  std::sort(out.begin(), out.end());
  return out;
}

std::string mask_personal_numbers(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  const auto separator = [](char c) { return c == ' ' || c == '-'; };
  while (at < text.size()) {
    const bool starts = at == 0 || !(is_alnum(text[at - 1]) || text[at - 1] == '.');
    const bool free_before = starts && (at == 0 || text[at - 1] != '-');
    if (starts && is_digit(text[at])) {
      const std::size_t n = digits_at(text, at);
      const auto free_after = [&](std::size_t end) {
        if (end >= text.size()) return true;
        if (is_alnum(text[end]) || text[end] == '-') return false;
        return !(text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1]));
      };
      // 943 476 5919 and 943-476-5919
      if (free_before && n == 3 && at + 12 <= text.size() && separator(text[at + 3]) && text[at + 7] == text[at + 3] &&
          digits_at(text, at + 4) == 3 && digits_at(text, at + 8) == 4 && free_after(at + 12)) {
        out += kNumberMasked;
        at += 12;
        continue;
      }
      // 123-45-6789
      if (free_before && n == 3 && at + 11 <= text.size() && text[at + 3] == '-' && text[at + 6] == '-' &&
          digits_at(text, at + 4) == 2 && digits_at(text, at + 7) == 4 && free_after(at + 11)) {
        out += kNumberMasked;
        at += 11;
        continue;
      }
      // Ten digits with a right check digit; those that begin with 1 or 2 are epoch seconds far more often than
      // patients.
      if (n == 10 && text[at] >= '3' && free_after(at + 10) && nhs_check(text.substr(at, 10))) {
        out += kNumberMasked;
        at += 10;
        continue;
      }
      out += text.substr(at, n);
      at += n;
      continue;
    }
    // mrn=123456, "patient id: 123456": the digits behind a patient's key
    if (is_alpha(text[at]) && (at == 0 || !is_alnum(text[at - 1]))) {
      static constexpr std::array<std::string_view, 9> kKeys = {
          "mrn", "nhs", "nhsno", "nhsnumber", "patientid", "patientno", "hospno", "ssn", "chi"};
      std::string key;
      std::size_t end = at;
      while (end < text.size() && end - at < 24 && (is_alpha(text[end]) || text[end] == '_' || text[end] == '-')) {
        if (is_alpha(text[end])) key += to_lower(text[end]);
        ++end;
      }
      std::size_t value = end;
      while (value < text.size() && value - end < 3 &&
             (text[value] == '=' || text[value] == ':' || text[value] == ' ' || text[value] == '/' ||
              text[value] == '-' || text[value] == '#'))
        ++value;
      std::size_t stop = value;
      while (stop < text.size() && (is_digit(text[stop]) || (stop > value && text[stop] == '-'))) ++stop;
      if (stop - value >= 5 && std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) {
        out += text.substr(at, value - at);
        out += kNumberMasked;
        at = stop;
        continue;
      }
      // HL7 and DICOM person names: DOE^JANE
      std::size_t caret = at;
      while (caret < text.size() && is_name_byte(text[caret])) ++caret;
      if (caret < text.size() && text[caret] == '^' && caret + 1 < text.size() && is_alpha(text[caret + 1]) &&
          caret - at >= 2) {
        while (caret < text.size() && (is_name_byte(text[caret]) || text[caret] == '^')) ++caret;
        out += kNameMasked;
        at = caret;
        continue;
      }
      out += text.substr(at, caret - at);
      at = caret;
      continue;
    }
    out += text[at++];
  }
  return out;
}

bool is_body_field(std::string_view name) {
  const std::size_t dot = name.find_last_of(".@/");
  std::string last = lower(dot == std::string_view::npos ? name : name.substr(dot + 1));
  for (const std::string_view body :
       {"body", "subject", "html", "text_body", "mail_text", "message_body", "snippet", "preview"}) {
    if (last == body) return true;
  }
  return false;
}

}  // namespace assay::report
