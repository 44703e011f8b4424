#include "text/extract/observable.h"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/defang.h"
#include "text/domains.h"

namespace assay {
namespace {

constexpr std::size_t kValueBytes = 8192;

constexpr std::array<std::string_view, kObservables> kNames = {
    "ipv4",        "ipv6",      "cidr",         "domain",  "url",        "mail_address", "md5",
    "sha1",        "sha256",    "sha512",       "imphash", "ssdeep",     "ja3",          "certificate_sha1",
    "file_name",   "file_path", "registry_key", "mutex",   "user_agent", "mail_subject", "command_line",
    "user_account"};

// Endings of files that reports speak of; those that are top-level domains too stand in the second list.
constexpr std::string_view kFileEndings =
    " exe dll sys ps1 psm1 bat cmd vbs vbe js jse wsf wsh hta lnk doc docx docm dot dotm xls xlsx xlsm xlsb ppt pptx "
    "pptm pdf rtf rar 7z iso img vhd vhdx gz tgz tar bz2 xz php asp aspx ashx jsp jspx jar war class apk elf bin "
    "dat tmp log txt scr cpl msi msp job html htm chm xml json yml yaml ini cfg conf config plist dylib swf dmg deb "
    "rpm service one url ico png jpg jpeg gif bmp csv db sqlite dmp reg inf ocx drv cab pif ttf key pem crt cer pfx "
    "lock pyc pyd py3 lua vba eml msg ics mdb accdb wll xll sct mof tlb node ko axd cgi shtml asmx svg mht rdp "
    "theme library-ms settingcontent-ms pub css mipsel mips mpsl arm arm5 arm6 arm7 x86 x86_64 x64 sh4 ppc m68k pdb "
    "vmdk ova evtx ps vsix whl crx xpi asar map mjs cjs ts hwp lzh ace cpp a3x msix appx msixbundle ipa au3 xla efi "
    "mp4 mp3 avi mkv wmv kext scpt jnlp toml properties rst tsv odt ods odp bak sql nupkg aar wasm psd1 ps1xml "
    "vbproj csproj sln iqy slk diagcab msc search-ms appref-ms vhds zst lz cpio squashfs img4 bpl wim mui idx ovf "
    "hiv yar yara rules diff patch orig timer snap pax etl pak woff woff2 asar dex odex xsl xslt ldb xlam docb potm "
    "ppam pyw msh tcl pid vcrd lic phtml php3 php5 php7 phar aarch64 arm64 armv4 armv5 armv6 armv7 armv7l armhf i386 "
    "i486 i586 i686 amd64 "
    "riscv64 mips64 sparc powerpc x32 kdbx ovpn rdb ps1x vcf mht mpp vsd vsdx xsd dotx potx ppa xlt xltm wbk dqy oft "
    "ost pst term pkg inetloc fileloc webloc desktop mobileconfig provisionprofile asc appinstaller pyz dotm cdxml "
    "r00 r01 z01 ppsm ppsx sldm rpy pkl jsonl ndjson har pcap pcapng zipx uue xxe arc ";
// Of roots beside ICANN's: OpenNIC, Namecoin, EmerDNS, hidden services.
constexpr auto kOtherRoots =
    std::to_array<std::string_view>({"libre", "geek", "pirate", "indy", "gopher", "parody", "bbs", "chan", "oss", "bit",
                                     "bazar", "emc", "coin", "i2p", "onion"});
constexpr std::string_view kBothEndings = " py sh md zip pl so rs cc ps app mov cpp rb go ml vi la st ";

bool ends_among(std::string_view ending, std::string_view list) {
  return ending.find(' ') == ending.npos && list.find(" " + lower(ending) + " ") != list.npos;
}

bool all_hex(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_hex); }

// IDN in its own letters: is_domain takes ASCII alone.
bool is_name(std::string_view text) {
  std::string ascii;
  for (const char c : text) ascii += static_cast<unsigned char>(c) >= 0x80 ? 'x' : c;
  return is_domain(ascii);
}

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::size_t digits_of(Observable kind) {
  switch (kind) {
    case Observable::md5:
    case Observable::imphash:
    case Observable::ja3:
      return 32;
    case Observable::sha1:
    case Observable::certificate_sha1:
      return 40;
    case Observable::sha256:
      return 64;
    case Observable::sha512:
      return 128;
    default:
      return 0;
  }
}

// "1536:aBc/x+:def": RFC-less, as ssdeep prints it.
bool is_ssdeep(std::string_view text) {
  const std::size_t first = text.find(':'), second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second == text.npos || first == 0 || text.size() < 20) return false;
  if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), is_digit)) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(first), text.end(),
                     [](char c) { return is_alnum(c) || c == ':' || c == '+' || c == '/'; });
}

}  // namespace

std::string_view name_of(Observable kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<Observable> observable_from(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Observable>(i);
  }
  return std::nullopt;
}

bool has_file_ending(std::string_view name, bool* also_domain) {
  const std::size_t dot = name.rfind('.');
  if (also_domain != nullptr) *also_domain = false;
  if (dot == name.npos || dot == 0 || dot + 1 == name.size()) return false;
  const std::string_view ending = name.substr(dot + 1);
  // "libx.so.2.4": the version of a library.
  if (std::all_of(ending.begin(), ending.end(), is_digit) && ending.size() <= 3) {
    const std::size_t so = name.rfind(".so.");
    return so != name.npos && so != 0 &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(so) + 4, name.end(),
                       [](char c) { return is_digit(c) || c == '.'; });
  }
  if (ends_among(ending, kBothEndings)) {
    if (also_domain != nullptr) *also_domain = true;
    return true;
  }
  if (ends_among(ending, kFileEndings)) return true;
  // "viewer.dll.ui": an ending of somebody's own behind a usual one.
  const std::size_t other = dot == 0 ? name.npos : name.rfind('.', dot - 1);
  if (other == name.npos || other == 0 || ending.size() > 5 || !std::all_of(ending.begin(), ending.end(), is_alnum))
    return false;
  return ends_among(name.substr(other + 1, dot - other - 1), kFileEndings) && !has_known_suffix(name);
}

bool has_known_suffix(std::string_view domain) {
  while (domain.ends_with('.')) domain.remove_suffix(1);
  const std::size_t dot = domain.rfind('.');
  if (dot == domain.npos) return false;
  const std::string top = lower(domain.substr(dot + 1));
  const psl_ctx_t* const list = psl_builtin();
  if (list == nullptr || top.empty()) return false;
  if (std::find(kOtherRoots.begin(), kOtherRoots.end(), top) != kOtherRoots.end()) return true;
  return psl_is_public_suffix2(list, top.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

std::optional<std::string> normalise_observable(Observable kind, std::string_view text, std::string& why) {
  why.clear();
  // In paths and keys a backslash before a dot is their own.
  const bool own = kind == Observable::file_path || kind == Observable::registry_key || kind == Observable::mutex ||
                   kind == Observable::user_agent || kind == Observable::command_line ||
                   kind == Observable::mail_subject;
  const std::string undone = own ? std::string(trim(text)) : refang(trim(text)).text;
  std::string_view value = trim(undone);
  while (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    value = trim(value.substr(1, value.size() - 2));
  if (value.empty()) return why = "empty", std::nullopt;
  if (value.size() > kValueBytes) return why = fmt::format("longer than {} bytes", kValueBytes), std::nullopt;
  if (!is_utf8(value) ||
      std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 32; }))
    return why = "holds control characters or bytes that are no text", std::nullopt;
  if (const std::size_t digits = digits_of(kind); digits != 0) {
    std::string hex;
    for (const char c : value) {
      if (c != ':' && c != ' ' && c != '-') hex += to_lower(c);
    }
    if (!all_hex(hex) || hex.size() != digits)
      return why =
                 fmt::format("{} has {} hexadecimal digits, this has {} characters", name_of(kind), digits, hex.size()),
             std::nullopt;
    return hex;
  }
  switch (kind) {
    case Observable::ipv4:
    case Observable::ipv6: {
      std::string address = canonical_address(value);
      if (address.empty() || (address.find(':') == std::string::npos) != (kind == Observable::ipv4))
        return why = fmt::format("no {} address", kind == Observable::ipv4 ? "IPv4" : "IPv6"), std::nullopt;
      return address;
    }
    case Observable::cidr: {
      const std::size_t slash = value.find('/');
      const std::string address = canonical_address(value.substr(0, slash));
      const auto prefix = slash == value.npos ? std::nullopt : parse_int(value.substr(slash + 1));
      if (address.empty() || !prefix || *prefix < 0 || *prefix > (address.find(':') == std::string::npos ? 32 : 128))
        return why = "no network in the form address/prefix", std::nullopt;
      return fmt::format("{}/{}", address, *prefix);
    }
    case Observable::domain: {
      while (value.starts_with("*.")) value.remove_prefix(2);
      while (value.ends_with('.')) value.remove_suffix(1);
      if (!is_name(value)) return why = "no domain name", std::nullopt;
      return lower(value);
    }
    case Observable::url: {
      const std::size_t scheme = value.find("://");
      const std::string_view rest = scheme == value.npos ? value : value.substr(scheme + 3);
      if (rest.empty() || rest.front() == '/' || rest.find(' ') != rest.npos)
        return why = "no URL with a host", std::nullopt;
      return std::string(value);
    }
    case Observable::mail_address: {
      if (starts_with_icase(value, "mailto:")) value.remove_prefix(7);
      const std::size_t at = value.rfind('@');
      if (at == value.npos || at == 0 || value.find(' ') != value.npos || !is_name(value.substr(at + 1)))
        return why = "no mail address", std::nullopt;
      return lower(value);
    }
    case Observable::ssdeep:
      if (!is_ssdeep(value)) return why = "no ssdeep hash", std::nullopt;
      return std::string(value);
    default:
      return std::string(value);
  }
}

std::string stix_pattern_of(Observable kind, std::string_view value) {
  const std::string v = quoted(value);
  switch (kind) {
    case Observable::ipv4:
      return fmt::format("[ipv4-addr:value = {}]", v);
    case Observable::ipv6:
      return fmt::format("[ipv6-addr:value = {}]", v);
    case Observable::cidr:
      return fmt::format("[{}:value ISSUBSET {}]", value.find(':') == value.npos ? "ipv4-addr" : "ipv6-addr", v);
    case Observable::domain:
      return fmt::format("[domain-name:value = {}]", v);
    case Observable::url:
      return fmt::format("[url:value = {}]", v);
    case Observable::mail_address:
      return fmt::format("[email-addr:value = {}]", v);
    case Observable::md5:
      return fmt::format("[file:hashes.MD5 = {}]", v);
    case Observable::sha1:
      return fmt::format("[file:hashes.'SHA-1' = {}]", v);
    case Observable::sha256:
      return fmt::format("[file:hashes.'SHA-256' = {}]", v);
    case Observable::sha512:
      return fmt::format("[file:hashes.'SHA-512' = {}]", v);
    case Observable::imphash:
      return fmt::format("[file:extensions.'windows-pebinary-ext'.imphash = {}]", v);
    case Observable::ssdeep:
      return fmt::format("[file:hashes.SSDEEP = {}]", v);
    case Observable::ja3:
      return fmt::format("[network-traffic:x_ja3 = {}]", v);
    case Observable::certificate_sha1:
      return fmt::format("[x509-certificate:hashes.'SHA-1' = {}]", v);
    case Observable::file_name:
    case Observable::file_path:
      return fmt::format("[file:name = {}]", v);
    case Observable::registry_key:
      return fmt::format("[windows-registry-key:key = {}]", v);
    case Observable::mutex:
      return fmt::format("[mutex:name = {}]", v);
    case Observable::user_agent:
      return fmt::format("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = {}]", v);
    case Observable::mail_subject:
      return fmt::format("[email-message:subject = {}]", v);
    case Observable::command_line:
      return fmt::format("[process:command_line = {}]", v);
    case Observable::user_account:
      return fmt::format("[user-account:account_login = {}]", v);
  }
  return {};
}

std::optional<Observable> guess_observable(std::string_view text, std::string_view hint) {
  const std::string undone = refang(trim(text)).text;
  const std::string_view value = trim(undone);
  if (value.empty()) return std::nullopt;
  const bool defanged = undone != trim(text);
  if (is_ipv4(value)) return Observable::ipv4;
  if (is_ipv6(value)) return Observable::ipv6;
  if (const std::size_t slash = value.find('/');
      slash != value.npos && is_address(value.substr(0, slash)) && parse_int(value.substr(slash + 1)))
    return Observable::cidr;
  if (all_hex(value)) {
    switch (value.size()) {
      case 32:
        if (contains_icase(hint, "imphash")) return Observable::imphash;
        return contains_icase(hint, "ja3") ? Observable::ja3 : Observable::md5;
      case 40:
        return contains_icase(hint, "cert") || contains_icase(hint, "thumbprint") ? Observable::certificate_sha1
                                                                                  : Observable::sha1;
      case 64:
        return Observable::sha256;
      case 128:
        return Observable::sha512;
      default:
        break;
    }
  }
  if (value.find("://") != value.npos) return Observable::url;
  if (is_ssdeep(value)) return Observable::ssdeep;
  const std::size_t at = value.find('@');
  if (at != value.npos && at != 0 && value.find(' ') == value.npos && is_name(value.substr(at + 1)))
    return Observable::mail_address;
  for (const std::string_view hive : {"HKLM\\", "HKCU\\", "HKU\\", "HKCR\\", "HKEY_"}) {
    if (starts_with_icase(value, hive)) return Observable::registry_key;
  }
  if (contains_icase(hint, "mutex")) return Observable::mutex;
  if (contains_icase(hint, "agent")) return Observable::user_agent;
  const std::size_t slash = value.find('/');
  if (slash != value.npos && slash != 0 && is_name(value.substr(0, slash)) && has_known_suffix(value.substr(0, slash)))
    return Observable::url;
  if (value.find('\\') != value.npos || (value.starts_with('/') && value.size() > 1) || value.starts_with('%'))
    return Observable::file_path;
  const bool name_like = value.find(' ') == value.npos;
  bool both = false;
  const bool file = has_file_ending(value, &both);
  const bool says_domain = contains_icase(hint, "domain") || contains_icase(hint, "host");
  const bool says_file = contains_icase(hint, "file");
  if (file && (!both || (!defanged && !says_domain) || says_file)) return Observable::file_name;
  if (name_like && is_name(value) && (has_known_suffix(value) || says_domain || defanged)) return Observable::domain;
  if (says_file) return Observable::file_name;
  return std::nullopt;
}

}  // namespace assay
