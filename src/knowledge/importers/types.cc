#include "knowledge/importers/types.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace assay {
namespace {

// "FileHash-SHA256", "IP Address:" -> "filehashsha256", "ipaddress".
std::string squeezed(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (is_alnum(c)) out += to_lower(c);
  }
  return out;
}

struct Word {
  std::string_view word, kind;  // kind: an Observable's name, or "ip", "hash", "host"
};
constexpr auto kWords = std::to_array<Word>({
    {"ip", "ip"},
    {"ipaddress", "ip"},
    {"ipaddr", "ip"},
    {"ips", "ip"},
    {"ipaddresses", "ip"},
    {"ipsrc", "ip"},
    {"ipdst", "ip"},
    {"srcip", "ip"},
    {"dstip", "ip"},
    {"sourceip", "ip"},
    {"destinationip", "ip"},
    {"address", "ip"},
    {"c2ip", "ip"},
    {"dsthost", "host"},
    {"ipv4", "ip"},
    {"ipv4addr", "ip"},
    {"ipv4address", "ip"},
    {"ipv6", "ip"},
    {"ipv6addr", "ip"},
    {"ipv6address", "ip"},
    {"cidr", "ip"},
    {"subnet", "ip"},
    {"network", "ip"},
    {"netblock", "ip"},
    {"iprange", "ip"},
    {"remoteip", "ip"},
    {"domain", "domain"},
    {"domainname", "domain"},
    {"domains", "domain"},
    {"fqdn", "domain"},
    {"hostname", "domain"},
    {"host", "host"},
    {"c2", "host"},
    {"domaindst", "domain"},
    {"c2domain", "domain"},
    {"dnsname", "domain"},
    {"dnsquery", "domain"},
    {"site", "host"},
    {"url", "url"},
    {"uri", "url"},
    {"urls", "url"},
    {"link", "url"},
    {"payloadurl", "url"},
    {"c2url", "url"},
    {"downloadurl", "url"},
    {"email", "mail_address"},
    {"emails", "mail_address"},
    {"emailaddress", "mail_address"},
    {"emailaddr", "mail_address"},
    {"emailsrc", "mail_address"},
    {"emaildst", "mail_address"},
    {"mail", "mail_address"},
    {"sender", "mail_address"},
    {"mailaddress", "mail_address"},
    {"from", "mail_address"},
    {"emailreplyto", "mail_address"},
    {"whoisregistrantemail", "mail_address"},
    {"emailsubject", "mail_subject"},
    {"subject", "mail_subject"},
    {"mailsubject", "mail_subject"},
    {"hash", "hash"},
    {"filehash", "hash"},
    {"hashes", "hash"},
    {"checksum", "hash"},
    {"file hash", "hash"},
    {"md5", "md5"},
    {"filehashmd5", "md5"},
    {"md5hash", "md5"},
    {"filemd5", "md5"},
    {"hashmd5", "md5"},
    {"sha1", "sha1"},
    {"filehashsha1", "sha1"},
    {"sha1hash", "sha1"},
    {"filesha1", "sha1"},
    {"hashsha1", "sha1"},
    {"sha256", "sha256"},
    {"filehashsha256", "sha256"},
    {"sha256hash", "sha256"},
    {"filesha256", "sha256"},
    {"hashsha256", "sha256"},
    {"sha512", "sha512"},
    {"filehashsha512", "sha512"},
    {"sha512hash", "sha512"},
    {"hashsha512", "sha512"},
    {"imphash", "imphash"},
    {"filehashimphash", "imphash"},
    {"ssdeep", "ssdeep"},
    {"fuzzyhash", "ssdeep"},
    {"ja3", "ja3"},
    {"ja3fingerprintmd5", "ja3"},
    {"ja3hash", "ja3"},
    {"x509fingerprintsha1", "certificate_sha1"},
    {"certificatesha1", "certificate_sha1"},
    {"sslcertfingerprint", "certificate_sha1"},
    {"certsha1", "certificate_sha1"},
    {"thumbprint", "certificate_sha1"},
    {"certificatefingerprint", "certificate_sha1"},
    {"filename", "file_name"},
    {"filenames", "file_name"},
    {"file", "file_name"},
    {"attachment", "file_name"},
    {"emailattachment", "file_name"},
    {"filepath", "file_path"},
    {"path", "file_path"},
    {"fullpath", "file_path"},
    {"filefullpath", "file_path"},
    {"regkey", "registry_key"},
    {"registrykey", "registry_key"},
    {"registry", "registry_key"},
    {"windowsregistrykey", "registry_key"},
    {"mutex", "mutex"},
    {"mutexname", "mutex"},
    {"useragent", "user_agent"},
    {"httpuseragent", "user_agent"},
    {"commandline", "command_line"},
    {"cmdline", "command_line"},
    {"processcommandline", "command_line"},
    {"targetuser", "user_account"},
    {"username", "user_account"},
    {"useraccount", "user_account"},
});

const Word* find_word(std::string_view word) {
  const std::string key = squeezed(word);
  for (const Word& known : kWords) {
    if (known.word == key) return &known;
  }
  return nullptr;
}

}  // namespace

bool is_kind_word(std::string_view word) { return find_word(word) != nullptr; }

std::optional<Observable> observable_from_word(std::string_view word, std::string_view value) {
  const Word* const known = find_word(word);
  if (known == nullptr) return std::nullopt;
  if (known->kind == "ip" || known->kind == "hash" || known->kind == "host") {
    const auto guess = guess_observable(value, known->kind == "host" ? "domain" : known->word);
    if (known->kind == "host") return guess ? guess : std::optional(Observable::domain);
    if (known->kind == "ip") {
      if (guess == Observable::ipv4 || guess == Observable::ipv6 || guess == Observable::cidr ||
          guess == Observable::domain || guess == Observable::url)
        return guess;
      return value.find('/') != value.npos ? Observable::cidr : Observable::ipv4;
    }
    if (guess == Observable::md5 || guess == Observable::sha1 || guess == Observable::sha256 ||
        guess == Observable::sha512 || guess == Observable::ssdeep)
      return guess;
    return Observable::sha256;
  }
  const auto kind = observable_from(known->kind);
  if (kind == Observable::file_name && value.find_first_of("/\\") != value.npos) return Observable::file_path;
  return kind;
}

std::vector<ValuePart> parts_of(std::string_view type, std::string_view value) {
  std::vector<ValuePart> out;
  const std::string small = lower(trim(type));
  if (small == "malware-sample") return parts_of("filename|md5", value);
  const std::size_t bar = small.find('|');
  if (bar == small.npos) {
    if (const auto kind = observable_from_word(small, value)) out.push_back({*kind, std::string(value)});
    return out;
  }
  const std::size_t cut = value.rfind('|');
  const std::string first = small.substr(0, bar), second = small.substr(bar + 1);
  const std::string_view left = cut == value.npos ? value : value.substr(0, cut);
  if (const auto kind = observable_from_word(first, left)) out.push_back({*kind, std::string(trim(left))});
  if (cut != value.npos && second != "port" && second != "value") {
    const std::string_view right = value.substr(cut + 1);
    if (const auto kind = observable_from_word(second, right)) out.push_back({*kind, std::string(trim(right))});
  }
  return out;
}

}  // namespace assay
