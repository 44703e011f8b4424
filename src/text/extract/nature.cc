#include "text/extract/nature.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/domains.h"
#include "text/extract/lists.h"
#include "text/extract/nature_lists.h"
#include "text/extract/neighbours.h"
#include "text/extract/sign_ids.h"

namespace assay {
namespace {

bool among(const auto& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view ending_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

// "_a1", "x86d": letters and figures mixed as people do not name things.
bool mixed(std::string_view text) {
  std::size_t changes = 0, figures = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    figures += is_digit(text[i]);
    if (i > 0 && is_alnum(text[i]) && is_alnum(text[i - 1]) && is_digit(text[i]) != is_digit(text[i - 1])) ++changes;
  }
  return figures > 0 && changes >= 2;
}

// "HOW_TO_RESTORE_FILES.txt", "!!!READ_ME!!!.html": as such notes are called, and longer than "readme.txt".
bool ransom_note(std::string_view name, std::string_view ending) {
  static constexpr auto kEndings = std::to_array<std::string_view>({"txt", "html", "htm", "hta", "rtf", "md", "png"});
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"readme", "read_me", "read-me", "restore", "recover", "decrypt", "how_to", "howto", "how-to", "instruction",
       "ransom", "your_files", "files_back", "unlock", "lisez", "leeme", "liesmich", "lies_mich", "przeczytaj"});
  if (!among(kEndings, ending) || name.size() < 13) return false;
  return name.starts_with("!") || name.starts_with("_") ||
         std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return name.find(w) != name.npos; });
}

class Natural {
 public:
  Natural(Observable kind, std::string_view value, const ReportHabits& habits, std::vector<SignId>& out)
      : kind_(kind), value_(value), small_(lower(value)), habits_(habits), out_(out) {}

  void run() {
    switch (kind_) {
      case Observable::ipv4:
      case Observable::ipv6:
      case Observable::cidr: {
        if (kind_ == Observable::ipv4) put(Sign::kind_ipv4);
        if (kind_ == Observable::cidr) put(Sign::kind_cidr);
        bool documentation = false;
        (void)special_address(value_, documentation);
        if (documentation) put(Sign::documentation_address);
        if (kind_ == Observable::ipv4 &&
            (small_.ends_with(".0") || small_.starts_with("1.") || small_.starts_with("2.") ||
             small_.starts_with("3.") || small_.starts_with("4.")))
          put(Sign::round_version);
        if (kind_ == Observable::ipv4 && small_octets() >= 3) put(Sign::small_figures);
        break;
      }
      case Observable::domain:
      case Observable::mail_address:
      case Observable::url:
        host();
        break;
      case Observable::file_name:
        put(Sign::kind_file_name);
        // "Day.js" in prose.
        if (value_.size() >= 4 && value_.size() <= 12 && value_.ends_with(".js") && value_[0] >= 'A' &&
            value_[0] <= 'Z' &&
            std::all_of(value_.begin() + 1, value_.end() - 3, [](char c) { return c >= 'a' && c <= 'z'; }))
          put(Sign::of_product);
        file(small_);
        break;
      case Observable::file_path:
        path();
        break;
      case Observable::registry_key:
        put(Sign::kind_registry);
        if (of_maker()) put(Sign::makers_folder);
        if (small_.find("\\currentversion\\run") != small_.npos) put(Sign::run_key);
        if (small_.find("\\services\\") != small_.npos) put(Sign::service_key);
        if (small_.ends_with("\\run") || small_.ends_with("\\runonce") || small_.ends_with("\\services") ||
            small_.ends_with("\\currentversion"))
          put(Sign::folder);
        break;
      case Observable::mutex:
        put(Sign::kind_mutex);
        break;
      case Observable::md5:
      case Observable::sha1:
      case Observable::sha256:
      case Observable::sha512:
        break;
      default:
        put(Sign::kind_other);
    }
  }

 private:
  void put(Sign sign) { out_.push_back(static_cast<SignId>(sign)); }

  // How many of the four figures are as small as those of versions.
  [[nodiscard]] std::size_t small_octets() const {
    std::size_t n = 0;
    for (const std::string_view part : split(small_, '.')) n += part.size() == 1 || (part.size() == 2 && part < "25");
    return n;
  }

  void host() {
    const std::string host = host_of(kind_, value_), site = site_of(kind_, value_);
    if (is_address(host)) {
      put(Sign::host_is_address);
      bool documentation = false;
      (void)special_address(host, documentation);
      if (documentation) put(Sign::documentation_address);
    } else {
      name(host, site);
    }
    if (kind_ == Observable::url) url();
    if (kind_ == Observable::mail_address) {
      const std::string box = small_.substr(0, small_.rfind('@'));
      if (among(kFreeMail, std::string_view(site)) || among(kFreeMail, std::string_view(host))) put(Sign::free_mail);
      if (among(kServiceBoxes, std::string_view(box).substr(0, box.find_first_of("-_.+")))) put(Sign::service_mailbox);
      if (mixed(box)) put(Sign::mixed_name);
    }
  }
  void name(const std::string& host, const std::string& site) {
    const bool cited = is_cited_site(site) || is_cited_site(host);
    const bool tenant = is_tenant_host(host);
    const bool shared = !tenant && (is_shared_service(site) || is_shared_service(host));
    if (tenant) put(Sign::tenant);
    if (utility_host(kind_, value_)) put(Sign::utility_site);
    if (cited) put(Sign::cited_site);
    if (shared) put(Sign::shared_service);
    const bool path = kind_ == Observable::mail_address || (kind_ == Observable::url && has_path());
    if ((cited || shared) && !path && (host == site || host == "www." + site)) put(Sign::service_itself);
    if (!habits_.publisher.empty() && site == habits_.publisher) put(Sign::publisher);
    const std::string top = host.substr(host.rfind('.') + 1);
    if (top == "gov" || top == "mil" || top == "edu" || top == "int" || host.find(".gov.") != host.npos ||
        host.find(".ac.") != host.npos || host.find(".edu.") != host.npos || host.find(".gob.") != host.npos ||
        host.find(".gouv.") != host.npos || host.find(".go.") != host.npos)
      put(Sign::government);
    if (top == "example" || top == "test" || top == "invalid" || site == "example.com" || site == "example.org" ||
        site == "example.net" || site == "contoso.com")
      put(Sign::reserved_name);
    if (among(kCheap, std::string_view(top))) put(Sign::cheap_suffix);
    if (top == "onion") put(Sign::onion);
    if (top.size() == 2) put(Sign::country_name);
    if (std::count(host.begin(), host.end(), '.') >= 3) put(Sign::many_labels);
    const std::string label = site.substr(0, site.find('.'));
    if (std::any_of(label.begin(), label.end(), is_digit)) put(Sign::figures_in_label);
    if (label.find('-') != label.npos) put(Sign::hyphen_in_label);
    if (label.size() <= 4) put(Sign::short_label);
    if (label.size() >= 14) put(Sign::long_label);
  }
  [[nodiscard]] bool has_path() const {
    const std::size_t scheme = value_.find("://");
    const std::size_t slash = value_.find('/', scheme == value_.npos ? 0 : scheme + 3);
    return slash != value_.npos && slash + 1 < value_.size();
  }
  void url() {
    if (has_path()) put(Sign::has_path);
    // Not what is loaded from there.
    if (among(kCodeHosts, std::string_view(site_of(kind_, value_))) && small_.find("/raw/") == small_.npos &&
        small_.find("/releases/download/") == small_.npos && small_.find("/archive/") == small_.npos &&
        small_.find("//gist.") == small_.npos)
      put(Sign::code_host);
    if (value_.find('?') != value_.npos) put(Sign::has_query);
    if (!starts_with_icase(value_, "https")) put(Sign::no_tls);
    const std::size_t scheme = small_.find("://");
    std::string_view rest = std::string_view(small_).substr(scheme == small_.npos ? 0 : scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t colon = authority.rfind(':'); colon != authority.npos && authority.back() != ']') {
      const std::string_view port = authority.substr(colon + 1);
      put(port == "80" || port == "443" || port == "8080" || port == "8443" ? Sign::web_port : Sign::odd_port);
    }
    rest = rest.substr(0, rest.find_first_of("?#"));
    const std::size_t slash = rest.rfind('/');
    if (slash == rest.npos) return;
    const std::string_view ending = ending_of(rest.substr(slash + 1));
    if (among(kPrograms, ending) || among(kLibraries, ending)) put(Sign::loads_program);
    if (among(kScripts, ending)) put(Sign::loads_script);
    if (among(kArchives, ending)) put(Sign::loads_archive);
    if (among(kPages, ending) || among(kDocuments, ending)) put(Sign::page);
    if (among(kPictures, ending)) put(Sign::picture);
  }

  void file(std::string_view name) {
    if (is_ordinary_file(name)) put(Sign::ordinary_file);
    if (is_dual_use_tool(name)) put(Sign::dual_use_tool);
    if (is_tool_release(name)) put(Sign::tool_release);
    if (is_runtime_file(name)) put(Sign::runtime_file);
    const std::string_view ending = ending_of(name);
    if (among(kSources, ending)) put(Sign::source_code);
    if (ending.empty()) put(Sign::no_ending);
    if (among(kPrograms, ending)) put(Sign::program);
    if (among(kScripts, ending)) put(Sign::script);
    if (among(kLibraries, ending)) put(Sign::library);
    if (among(kDocuments, ending)) put(Sign::document);
    if (among(kArchives, ending)) put(Sign::archive);
    if (among(kPictures, ending)) put(Sign::picture);
    if (among(kData, ending)) put(Sign::data_file);
    if (among(kPages, ending)) put(Sign::page);
    if (!name.empty() && name.front() == '.') put(Sign::hidden_name);
    const std::string_view stem = name.substr(0, name.size() - ending.size());
    if (std::count(name.begin(), name.end(), '.') >= 2 &&
        !ending_of(stem.substr(0, stem.empty() ? 0 : stem.size() - 1)).empty())
      put(Sign::two_endings);
    // "minutes.docx.exe": made to be taken for the document.
    const std::string_view inner = ending_of(stem.substr(0, stem.empty() ? 0 : stem.size() - 1));
    const bool starts = ending != "sys" && ending != "bin" && ending != "class" && ending != "js" && ending != "py";
    if (starts && (among(kPrograms, ending) || among(kScripts, ending)) &&
        (among(kDocuments, inner) || among(kPictures, inner) || inner == "txt" || inner == "mp4" || inner == "zip"))
      put(Sign::lure_ending);
    for (const std::string_view word : {"crack", "keygen", "activator", "_full.", "_full_", "patcher"}) {
      if (name.find(word) != name.npos) {
        put(Sign::cracked);
        break;
      }
    }
    if (mixed(stem)) put(Sign::mixed_name);
    if (ransom_note(name, ending)) put(Sign::ransom_note);
    if (name.size() > 28) put(Sign::long_name);
    if (name.find(' ') != name.npos) put(Sign::with_space);
    if (is_analyst_file(name) || in_repository(small_)) put(Sign::analyst_file);
    const bool runs = among(kPrograms, ending) || among(kScripts, ending) || among(kLibraries, ending);
    if (runs && !is_ordinary_file(name) && !is_dual_use_tool(name) && !is_runtime_file(name) &&
        !is_analyst_file(name) && !is_tool_release(name))
      put(Sign::known_nowhere);
  }

  // Some step before the last is a maker's: "AnyDesk", "JWrapper-Remote Access", "ATERA Networks".
  [[nodiscard]] bool of_maker() const {
    std::size_t from = 0;
    for (std::size_t at = small_.find_first_of("\\/"); at != small_.npos; at = small_.find_first_of("\\/", from)) {
      if (maker_step(std::string_view(small_).substr(from, at - from))) return true;
      from = at + 1;
    }
    return kind_ == Observable::registry_key && maker_step(std::string_view(small_).substr(from));
  }
  [[nodiscard]] static bool maker_step(std::string_view step) {
    std::string whole(step);
    std::erase(whole, ' ');
    return is_makers_folder(step.substr(0, step.find_first_of(" -("))) || is_makers_folder(whole);
  }

  // "tools/decode.py": of what the authors publish.
  [[nodiscard]] static bool in_repository(std::string_view path) {
    static constexpr auto kFolders =
        std::to_array<std::string_view>({"tools/", "rules/", "iocs/", "ioc/", "yara/", "sigma/", "suricata/", "snort/",
                                         "docs/", "detections/", "indicators/", "./tools/"});
    return std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view f) { return path.starts_with(f); });
  }

  void path() {
    const std::string_view name = last_step(small_);
    // Programs of Unix have no ending.
    const bool unix_like = value_.front() == '/' || value_.front() == '~';
    if (name.empty() || (!unix_like && ending_of(name).empty())) put(Sign::folder);
    file(name);
    if (value_.front() != '/' && value_.front() != '~' && value_.front() != '%' && value_.find(':') == value_.npos &&
        !small_.starts_with("\\\\"))
      put(Sign::relative);
    if (std::count_if(small_.begin(), small_.end(), [](char c) { return c == '/' || c == '\\'; }) >= 4)
      put(Sign::path_steps);
    const std::string_view below = std::string_view(small_).substr(small_.starts_with("./") ? 2 : 0);
    if (std::any_of(kSourceFolders.begin(), kSourceFolders.end(), [&](auto f) { return below.starts_with(f); }))
      put(Sign::source_tree);
    if (std::any_of(kLibraryFolders.begin(), kLibraryFolders.end(),
                    [&](auto f) { return small_.find(f) != small_.npos; }))
      put(Sign::library_folder);
    if (unix_like && is_unix_command(name)) put(Sign::unix_command);
    if (small_.find_first_of("*<?{") != small_.npos) put(Sign::wildcard);
    const auto in = [&](std::initializer_list<std::string_view> parts) {
      return std::any_of(parts.begin(), parts.end(),
                         [&](std::string_view part) { return small_.find(part) != small_.npos; });
    };
    const auto begins = [&](std::initializer_list<std::string_view> parts) {
      return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return small_.starts_with(part); });
    };
    if (in({"\\windows\\system32", "\\windows\\syswow64", "\\sysnative", "%systemroot%", "%windir%",
            "\\microsoft.net\\"}) ||
        begins(
            {"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib", "/lib/", "/boot/", "/proc/", "/sys/", "/dev/"}))
      put(Sign::system_folder);
    const bool system = !out_.empty() && out_.back() == static_cast<SignId>(Sign::system_folder);
    if (system && is_ordinary_file(name)) put(Sign::in_its_place);
    const std::string_view folder = std::string_view(small_).substr(0, small_.size() - name.size());
    if (system && !name.empty() && !is_known_name(name) && !is_unix_command(name) &&
        (folder.ends_with("\\system32\\") || folder.ends_with("\\syswow64\\") || folder == "/bin/" ||
         folder == "/sbin/" || folder == "/usr/bin/" || folder == "/usr/sbin/" ||
         folder.ends_with("\\system32\\drivers\\")))
      put(Sign::strange_in_system);
    for (std::size_t at = small_.find("/."); at != small_.npos; at = small_.find("/.", at + 1)) {
      const std::string_view step = std::string_view(small_).substr(at + 1);
      if (step.starts_with(".git/") || step.starts_with(".github/") || step.starts_with(".vscode/")) continue;
      if (at + 2 < small_.size() && small_[at + 2] != '.' && small_[at + 2] != '/' &&
          small_.find('/', at + 2) != small_.npos) {
        put(Sign::hidden_folder);
        break;
      }
    }
    if (is_ordinary_path(small_)) put(Sign::ordinary_path);
    if (of_maker()) put(Sign::makers_folder);
    if (in({"\\program files", "%programfiles"}) || begins({"/opt/", "/applications/", "/usr/share/", "/usr/local/"}))
      put(Sign::program_folder);
    if (in({"\\appdata\\", "%appdata%", "%localappdata%", "\\programdata\\", "%programdata%", "%userprofile%",
            "\\users\\public", "%public%", "\\startup\\", "\\downloads\\", "\\perflogs", "/library/launch"}))
      put(Sign::user_folder);
    if (in({"\\temp\\", "%temp%", "%tmp%", "\\tmp\\"}) || begins({"/tmp/", "/var/tmp/", "/dev/shm/", "/private/tmp/"}))
      put(Sign::temporary_folder);
    if (in({"\\inetpub\\", "wwwroot", "/www/", "htdocs", "public_html", "\\webapps\\", "/webapps/", "httpdocs"}))
      put(Sign::web_folder);
    if (begins({"/etc/", "/var/spool/cron", "/var/log/", "/var/run/", "/run/"})) put(Sign::etc_folder);
    if (begins({"/home/", "/root/", "/users/", "~/"})) put(Sign::home_folder);
    if (begins({"\\\\"})) put(Sign::share);
    // "C:\\ProgramData\\x\\ssh.exe": a known name where its maker does not put it.
    const bool anybody =
        in({"\\programdata\\", "%programdata%", "\\users\\public", "%public%", "\\perflogs", "\\windows\\temp",
            "\\spool\\", "\\windows\\tasks", "\\music\\", "\\pictures\\", "\\videos\\", "\\intel\\", "\\recycle"}) ||
        begins({"/tmp/", "/var/tmp/", "/dev/shm/"});
    if (anybody) put(Sign::put_anywhere);
    if (begins({"/etc/cron", "/etc/init.d/", "/etc/rc", "/etc/systemd/system/", "/lib/systemd/system/",
                "/usr/lib/systemd/system/", "/etc/profile.d/", "/etc/xdg/autostart/", "/var/spool/cron"}) ||
        in({"/launchagents/", "/launchdaemons/", "\\startup\\", "/.config/autostart/", "/.config/systemd/"}))
      put(Sign::kept_alive);
    const bool odd = anybody || in({"%appdata%", "%temp%", "\\appdata\\roaming\\"}) ||
                     std::count(small_.begin(), small_.end(), '\\') == 1;
    const bool runs = std::find(out_.begin(), out_.end(), static_cast<SignId>(Sign::program)) != out_.end();
    if (odd && runs && (is_ordinary_file(name) || is_dual_use_tool(name))) put(Sign::out_of_place);
  }

  Observable kind_;
  std::string_view value_;
  std::string small_;
  const ReportHabits& habits_;
  std::vector<SignId>& out_;
};

}  // namespace

bool runs(std::string_view file_name) {
  const std::string_view ending = ending_of(file_name);
  return among(kPrograms, ending) || among(kScripts, ending) || among(kLibraries, ending);
}

void nature_signs(Observable kind, std::string_view value, const ReportHabits& habits, std::vector<SignId>& out) {
  Natural(kind, value, habits, out).run();
}

}  // namespace assay
