// What a heading says of the values below it.
#include <algorithm>
#include <string>

#include "core/ascii.h"
#include "text/extract/document.h"
#include "text/extract/words.h"

namespace assay {
namespace {

std::size_t words_of(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) n += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
  return n;
}

}  // namespace

Section section_of(std::string_view heading, bool& inherit) {
  inherit = false;
  std::string h = lower(heading);
  std::erase(h, '*');  // "What is *not* an indicator"
  const auto any = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return has_word_start(h, w); });
  };
  if (any({"not an indicator", "not an ioc"})) return Section::benign;
  if (any({"false positive",
           "legitimate",
           "benign",
           "do not block",
           "not malicious",
           "allow list",
           "allowlist",
           "known good",
           "known-good",
           "whitelist",
           "exclusion",
           "excluded",
           "not indicator",
           "non-malicious",
           "unrelated",
           "not to block",
           "must not be blocked",
           "should not be blocked",
           "legitim",
           "legit",
           "not hostile",
           "nicht b",
           "ignore",
           "not involved",
           "good",
           "clean",
           "not blocked",
           "no bloquear",
           "ne pas bloquer",
           "niet blokkeren",
           "removed",
           "removal",
           "withdrawn",
           "retract",
           "correction",
           "what is not",
           "not part of",
           "genuine",
           "fausses alertes",
           "falsos positivos",
           "fehlalarm",
           "l\xc3\xa9gitim"}))
    return Section::benign;
  if (any({"victim",
           "affected organi",
           "affected part",
           "affected entit",
           "affected system",
           "affected host",
           "targeted organi",
           "targeted entit",
           "targeted mailbox",
           "compromised account",
           "compromised organi",
           "impacted",
           "opfer",
           "betroffen",
           "afectad",
           "of target",
           "targets",
           "were targeted",
           "recipients",
           "victime",
           "v\xc3\xad"
           "ctima",
           "slachtoffer"}))
    return Section::victims;
  if (any({"reference",
           "further reading",
           "related reading",
           "more information",
           "additional information",
           "additional resources",
           "external links",
           "referenz",
           "quellen",
           "kontakt",
           "impressum",
           "fuentes",
           "referencias",
           "contacto",
           "r\xc3\xa9"
           "f\xc3\xa9rences",
           "imprint",
           "about us",
           "about the",
           "about this",
           "acknowledg",
           "disclaimer",
           "bibliography",
           "footnote",
           "endnote",
           "works cited",
           "revision",
           "change log",
           "changelog",
           "version history",
           "document history",
           "copyright",
           "credits",
           "external links",
           "see also",
           "how to report",
           "read more",
           "traffic light",
           "get help",
           "further help",
           "further information",
           "citations"}))
    return Section::references;
  // "First contact: the honeypots" is no section of addresses to write to.
  if (words_of(h) <= 3 && any({"contact", "resources", "legal", "handling", "distribution", "publication", "reporting",
                               "about", "sources", "feedback", "links:"}))
    return Section::references;
  if (h.find("evasion") != h.npos) return Section::neutral;  // "Defense evasion": of the attacker
  if (any({"how to read", "how to use", "example"})) return Section::neutral;
  if (any({"indicator",
           "ioc",
           "iocs",
           "observables",
           "artifacts",
           "artefacts",
           "c2",
           "c&c",
           "command and control",
           "command-and-control",
           "infrastructure",
           "malicious",
           "attacker",
           "adversary",
           "actor-controlled",
           "threat actor",
           "network signature",
           "host signature",
           "blocklist",
           "block list",
           "samples",
           "phishing domains",
           "hashes of",
           "malware hashes",
           "payload",
           "staging",
           "exfiltration server",
           "indikator",
           "indicador",
           "indicateur",
           "marqueur",
           "wska\xc5\xbanik",
           "observation",
           "kompromitt",
           "traces"}))
    return Section::indicators;
  if (any({"mitigation", "recommend",      "hardening",  "remediation", "guidance",      "what to do",
           "response",   "detection",      "patch",      "prevent",     "best practice", "recommand",
           "empfehl",    "ma\xc3\x9fnahm", "medidas",    "aanbevel",    "zalecen",       "recomend",
           "next steps", "actions",        "workaround", "defen"}))
    return Section::advice;
  inherit =
      any({"domain",      "ip address", "ip",         "ips",         "ipv4",     "ipv6",     "url",      "hash",
           "md5",         "sha",        "sha1",       "sha256",      "sha-256",  "file",     "email",    "e-mail",
           "mail",        "registry",   "mutex",      "path",        "host",     "network",  "address",  "sender",
           "certificate", "user agent", "user-agent", "yara",        "sigma",    "table",    "ja3",      "imphash",
           "ssdeep",      "type",       "list",       "servers",     "names",    "accounts", "on disk",  "endpoint",
           "subject",     "attachment", "binar",      "scripts",     "tools",    "loader",   "backdoor", "implant",
           "stage",       "dropper",    "malware",    "persistence", "phishing", "delivery", "command",  "process"});
  return Section::neutral;
}

}  // namespace assay
