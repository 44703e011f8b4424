// What a value is whatever a report says of it.
#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/lists.h"
#include "text/extract/nature.h"

namespace assay {
std::string host_of(Observable kind, std::string_view value) {
  switch (group_of(kind)) {
    case ValueGroup::mail:
      return lower(value.substr(value.rfind('@') + 1));
    case ValueGroup::url:
      break;
    case ValueGroup::address:
    case ValueGroup::domain:
      return lower(value);
    default:
      return {};
  }
  if (const std::size_t scheme = value.find("://"); scheme != value.npos) value.remove_prefix(scheme + 3);
  value = value.substr(0, value.find_first_of("/?#"));
  if (const std::size_t user = value.rfind('@'); user != value.npos) value.remove_prefix(user + 1);
  if (value.starts_with('[')) {
    const std::size_t close = value.find(']');
    return lower(value.substr(1, close == value.npos ? value.npos : close - 1));
  }
  return lower(value.substr(0, value.find(':')));
}

std::string site_of(Observable kind, std::string_view value) {
  const std::string host = host_of(kind, value);
  std::string site = host.empty() ? std::string() : registrable_domain(host);
  return site.empty() ? host : site;
}

bool utility_host(Observable kind, std::string_view value) {
  const ValueGroup group = group_of(kind);
  if (group != ValueGroup::domain && group != ValueGroup::url) return false;
  const std::string host = host_of(kind, value);
  return is_utility_site(host) || is_utility_site(site_of(kind, value));
}

bool anybody_publishes(Observable kind, std::string_view value) {
  if (kind != Observable::url) return false;
  const std::string host = host_of(kind, value);
  return is_registry_site(host) || is_registry_site(site_of(kind, value));
}

namespace {

// Where browsers, wallets and mail programs keep what is stolen.
bool holds_secrets(std::string_view path) {
  static constexpr auto kStores = std::to_array<std::string_view>({"\\google\\chrome\\user data",
                                                                   "/google/chrome/",
                                                                   "\\microsoft\\edge\\user data",
                                                                   "\\mozilla\\firefox\\",
                                                                   "/firefox/profiles",
                                                                   "\\bravesoftware\\",
                                                                   "/bravesoftware/",
                                                                   "\\opera software\\",
                                                                   "/com.operasoftware",
                                                                   "group.com.apple.",
                                                                   "/keychains/",
                                                                   "\\ethereum\\keystore",
                                                                   "\\electrum\\wallets",
                                                                   "\\exodus\\",
                                                                   "/exodus/",
                                                                   "\\telegram desktop\\tdata",
                                                                   "/telegram desktop/",
                                                                   "\\thunderbird\\profiles",
                                                                   "\\microsoft\\credentials",
                                                                   "\\microsoft\\protect\\"});
  if (std::none_of(kStores.begin(), kStores.end(), [&](std::string_view s) { return path.find(s) != path.npos; }))
    return false;
  return !runs(last_step(path));
}

// Keys that all systems have, of which only the values tell something.
bool ordinary_mutex(std::string_view name) {
  static constexpr auto kOwn = std::to_array<std::string_view>(
      {"wilstaging", "zonescachecountermutex", "zonescountermutex", "zoneattributecachecountermutex",
       "zoneslockedcachecountermutex", "\\sm0:", "msctf.", "rasppbfile", "raspbfile", "dbwinmutex", "_msiexecute",
       "!ietld!mutex", "shimcachemutex", "wininetconnectionmutex", "!privacie", "wininetstartupmutex",
       "cicmarshalmutex"});
  return std::any_of(kOwn.begin(), kOwn.end(), [&](std::string_view k) { return name.find(k) != name.npos; });
}

bool ordinary_key(std::string_view key) {
  for (const std::string_view whole :
       {"hklm\\sam", "hklm\\system", "hklm\\security", "hklm\\software", "hkcu\\software"}) {
    if (key == whole) return true;
  }
  if (key.find("\\control panel\\desktop") != key.npos) return true;
  if (key.find("\\software\\policies\\") != key.npos || key.find("\\resiliency\\") != key.npos ||
      key.find("\\microsoft\\tracing\\") != key.npos)
    return true;
  static constexpr auto kKeys = std::to_array<std::string_view>({"\\explorer\\runmru",
                                                                 "\\explorer\\userassist",
                                                                 "\\currentversion\\run",
                                                                 "\\currentversion\\runonce",
                                                                 "\\currentversion\\run\\",
                                                                 "\\currentversion\\runonce\\",
                                                                 "\\currentversion\\policies\\explorer\\run",
                                                                 "\\control\\print\\monitors",
                                                                 "\\currentcontrolset\\services",
                                                                 "\\explorer\\shell folders",
                                                                 "\\explorer\\user shell folders",
                                                                 "\\active setup\\installed components",
                                                                 "\\currentversion\\app paths",
                                                                 "\\schedule\\taskcache\\tree",
                                                                 "\\schedule\\taskcache\\tasks",
                                                                 "\\explorer\\recentdocs",
                                                                 "\\explorer\\typedpaths",
                                                                 "\\control\\lsa",
                                                                 "\\terminal server client\\servers",
                                                                 "\\terminal server client\\default",
                                                                 "\\appcompatcache",
                                                                 "\\control\\terminal server",
                                                                 "\\currentversion\\uninstall",
                                                                 "\\enum\\usbstor",
                                                                 "\\sam\\domains",
                                                                 "\\policies\\system",
                                                                 "\\cryptography\\machineguid",
                                                                 "\\lsa\\runasppl",
                                                                 "hkcu\\environment",
                                                                 "\\microsoft\\office",
                                                                 "\\microsoft\\cryptography",
                                                                 "\\currentversion\\winlogon",
                                                                 "\\image file execution options",
                                                                 "\\securityproviders\\wdigest",
                                                                 "\\lanmanserver\\parameters",
                                                                 "\\control\\session manager",
                                                                 "\\control\\safeboot",
                                                                 "\\currentversion\\internet settings",
                                                                 "\\windows defender\\exclusions",
                                                                 "\\windows defender\\exclusions\\paths",
                                                                 "\\tcpip\\parameters",
                                                                 "\\services\\eventlog",
                                                                 "\\control\\computername",
                                                                 "\\windows nt\\currentversion",
                                                                 "\\certsvc\\configuration"});
  return std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view k) { return key.ends_with(k); });
}

}  // namespace

std::optional<Nature> nature_of(Observable kind, std::string_view value) {
  const ValueGroup group = group_of(kind);
  // The hash of what a program imports, and of how a library greets: many others have the same.
  if (kind == Observable::imphash || kind == Observable::ja3)
    return Nature{ReportRole::benign, 60, "a fingerprint that programs of others share"};
  if (group == ValueGroup::hash) {
    if (is_empty_hash(value)) return Nature{ReportRole::benign, 95, "hash of the empty file or of the EICAR test file"};
    return std::nullopt;
  }
  if (kind == Observable::file_path) {
    const std::string_view name = last_step(value);
    const std::string small = lower(value);
    if (is_ordinary_path(value) || holds_secrets(small))
      return Nature{ReportRole::benign, 80, "a place or file that all systems have"};
    const bool system = small.find("\\windows\\system32\\") != small.npos ||
                        small.find("\\windows\\syswow64\\") != small.npos || small.starts_with("%windir%\\sys") ||
                        small.starts_with("%systemroot%\\sys") ||
                        small.find("\\microsoft.net\\framework") != small.npos;
    if (system && is_ordinary_file(name)) return Nature{ReportRole::benign, 80, "a file of the system in its place"};
    const std::string_view folder = std::string_view(small).substr(0, small.size() - name.size());
    if ((folder == "/bin/" || folder == "/sbin/" || folder == "/usr/bin/" || folder == "/usr/sbin/") &&
        is_unix_command(name))
      return Nature{ReportRole::benign, 80, "a program of the system in its place"};
    return std::nullopt;
  }
  if (kind == Observable::file_name && is_core_library(value))
    return Nature{ReportRole::benign, 80, "a library of the system"};
  if (kind == Observable::mutex && ordinary_mutex(lower(value)))
    return Nature{ReportRole::benign, 80, "a mutex of the system"};
  if (kind == Observable::registry_key && ordinary_key(lower(value)))
    return Nature{ReportRole::benign, 75, "a key that all systems have"};
  const std::string host = host_of(kind, value);
  if (host.empty()) return std::nullopt;
  bool documentation = false;
  if (is_address(host.substr(0, host.find('/')))) {
    std::string special = special_address(host, documentation);
    if (!special.empty() && !documentation) return Nature{ReportRole::benign, 90, std::move(special)};
    if (group == ValueGroup::address && is_public_resolver(value))
      return Nature{ReportRole::benign, 90, "public resolver"};
    return std::nullopt;
  }
  for (const std::string_view top :
       {".local", ".localhost", ".lan", ".arpa", ".internal", ".corp", ".home", ".intra"}) {
    if (host.ends_with(top)) return Nature{ReportRole::benign, 85, "not a public name"};
  }
  // RFC 2606: nobody can register these.
  for (const std::string_view top : {".example", ".test", ".invalid", "example.com", "example.net", "example.org"}) {
    if (host.ends_with(top) &&
        (top.front() == '.' || host.size() == top.size() || host[host.size() - top.size() - 1] == '.'))
      return Nature{ReportRole::reference, 70, "a name that nobody can register"};
  }
  for (const std::string_view word : {"yourcompany", "yourdomain", "your-company", "your-domain", "yourorg",
                                      "mycompany", "contoso", "fabrikam", "your-org"}) {
    const std::string site = registrable_domain(host);
    if (site.starts_with(word) && site.size() > word.size() && site[word.size()] == '.')
      return Nature{ReportRole::reference, 70, "a name that stands for anybody's"};
  }
  if (host == "localhost") return Nature{ReportRole::benign, 85, "not a public name"};
  return std::nullopt;
}

}  // namespace assay
