#include "rules/indicator/benign.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/ascii.h"
#include "rules/indicator/normalise.h"

namespace assay {
namespace {

// Public resolvers: every network talks to them.
constexpr std::array<std::string_view, 14> kResolvers = {"8.8.8.8",
                                                         "8.8.4.4",
                                                         "1.1.1.1",
                                                         "1.0.0.1",
                                                         "9.9.9.9",
                                                         "149.112.112.112",
                                                         "208.67.222.222",
                                                         "208.67.220.220",
                                                         "2001:4860:4860::8888",
                                                         "2001:4860:4860::8844",
                                                         "2606:4700:4700::1111",
                                                         "2606:4700:4700::1001",
                                                         "2620:fe::fe",
                                                         "2620:fe::9"};

// Services of everybody; only the name itself, not what is hosted below it.
constexpr std::array<std::string_view, 25> kServices = {
    "microsoft.com", "windowsupdate.com", "office.com",     "office365.com", "outlook.com", "live.com",
    "google.com",    "googleapis.com",    "gstatic.com",    "gmail.com",     "apple.com",   "icloud.com",
    "amazon.com",    "amazonaws.com",     "cloudflare.com", "akamai.net",    "github.com",  "githubusercontent.com",
    "facebook.com",  "twitter.com",       "youtube.com",    "linkedin.com",  "mozilla.org", "wikipedia.org",
    "digicert.com"};

// File names that legitimate software has on many hosts.
constexpr std::array<std::string_view, 44> kFileNames = {
    "svchost.exe",  "conhost.exe", "explorer.exe",  "rundll32.exe", "regsvr32.exe", "cmd.exe",      "powershell.exe",
    "services.exe", "lsass.exe",   "winlogon.exe",  "csrss.exe",    "smss.exe",     "taskhost.exe", "taskhostw.exe",
    "dllhost.exe",  "spoolsv.exe", "wininit.exe",   "msiexec.exe",  "setup.exe",    "install.exe",  "installer.exe",
    "update.exe",   "updater.exe", "uninstall.exe", "avamar.exe",   "java.exe",     "python.exe",   "notepad.exe",
    "calc.exe",     "chrome.exe",  "firefox.exe",   "kernel32.dll", "ntdll.dll",    "user32.dll",   "version.dll",
    "readme.txt",   "index.html",  "index.php",     "desktop.ini",  "thumbs.db",    "favicon.ico",  "robots.txt",
    "watchdog",     "m.exe"};

template <std::size_t N>
bool listed(const std::array<std::string_view, N>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool below(std::string_view name, std::string_view domain) {
  return name == domain ||
         (name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

std::string address_reason(const Network& network, const std::string& value, const Profile& profile) {
  for (const std::string& own : profile.own_networks) {
    const auto range = parse_network(own);
    if (range && (contains(*range, network) || contains(network, *range))) return "our own network";
  }
  for (const ProfileHost& host : profile.hosts) {
    for (const std::string& address : host.addresses) {
      const auto one = parse_address(address);
      if (one && contains(network, *one)) return "our own host";
    }
  }
  if (is_private(network)) return "private address";
  if (listed(kResolvers, value)) return "public resolver";
  return {};
}

std::string host_reason(const std::string& host, const Profile& profile) {
  if (const auto address = parse_network(host)) return address_reason(*address, host, profile);
  for (const std::string& own : profile.own_domains) {
    const std::string domain = normalise_domain(own);
    if (!domain.empty() && below(host, domain)) return "our own domain";
  }
  if (host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local") || host.ends_with(".arpa"))
    return "not a public name";
  return {};
}

}  // namespace

std::string benign_reason(Indicator::Kind kind, const std::string& value, const Profile& profile) {
  switch (kind) {
    case Indicator::Kind::ipv4:
    case Indicator::Kind::ipv6:
    case Indicator::Kind::cidr: {
      const auto network = parse_network(value);
      return network ? address_reason(*network, value, profile) : std::string();
    }
    case Indicator::Kind::domain:
      if (value.find('.') == std::string::npos) return "not a public name";
      if (listed(kServices, value) ||
          (value.starts_with("www.") && listed(kServices, std::string_view(value).substr(4))))
        return "service of everybody";
      return host_reason(value, profile);
    case Indicator::Kind::url: {
      const std::string host(host_part(value));
      if (listed(kServices, host) && value.size() == host.size() + 1) return "service of everybody";
      return host_reason(host, profile);
    }
    case Indicator::Kind::mail_address:
      return host_reason(value.substr(value.rfind('@') + 1), profile);
    case Indicator::Kind::file_name:
      return listed(kFileNames, value) ? "name of legitimate software" : "";
    case Indicator::Kind::md5:
      return value == "d41d8cd98f00b204e9800998ecf8427e" ? "hash of the empty file" : "";
    case Indicator::Kind::sha1:
      return value == "da39a3ee5e6b4b0d3255bfef95601890afd80709" ? "hash of the empty file" : "";
    case Indicator::Kind::sha256:
      return value == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" ? "hash of the empty file"
                                                                                         : "";
    default:
      return {};
  }
}

}  // namespace assay
