#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "text/extract/sign_ids.h"
#include "text/extract/vocabulary.h"

namespace assay {
namespace {

// In the order of Sign.
constexpr auto kSigns = std::to_array<std::string_view>({"defanged",
                                                         "plain among defanged",
                                                         "plain",
                                                         "quoted",
                                                         "in brackets",
                                                         "at slash",
                                                         "with port",
                                                         "at equals",
                                                         "linked",
                                                         "page link",
                                                         "after capital",
                                                         "key of value",
                                                         "doubtful",
                                                         "under nothing",
                                                         "listed as indicator",
                                                         "prose of indicators",
                                                         "under victims",
                                                         "under benign",
                                                         "under advice",
                                                         "under references",
                                                         "in code",
                                                         "in heading",
                                                         "in prose",
                                                         "alone",
                                                         "in row",
                                                         "in table",
                                                         "at top",
                                                         "at bottom",
                                                         "in quotation",
                                                         "footnote",
                                                         "twice",
                                                         "often",
                                                         "never under indicators",
                                                         "never listed",
                                                         "only under references",
                                                         "report defangs",
                                                         "report lists",
                                                         "row has hash",
                                                         "row has file",
                                                         "row has defanged",
                                                         "row has service",
                                                         "beside ordinary",
                                                         "beside hash",
                                                         "log line",
                                                         "site again",
                                                         "site defanged",
                                                         "site listed",
                                                         "site referred",
                                                         "ends path",
                                                         "ends url",
                                                         "kind ipv4",
                                                         "kind cidr",
                                                         "kind file name",
                                                         "kind registry",
                                                         "kind mutex",
                                                         "kind other",
                                                         "cited site",
                                                         "shared service",
                                                         "service itself",
                                                         "publisher",
                                                         "government",
                                                         "reserved name",
                                                         "documentation address",
                                                         "cheap suffix",
                                                         "onion",
                                                         "country name",
                                                         "many labels",
                                                         "figures in label",
                                                         "hyphen in label",
                                                         "short label",
                                                         "long label",
                                                         "host is address",
                                                         "odd port",
                                                         "web port",
                                                         "has path",
                                                         "has query",
                                                         "no tls",
                                                         "loads program",
                                                         "loads script",
                                                         "loads archive",
                                                         "ordinary file",
                                                         "dual use tool",
                                                         "program",
                                                         "script",
                                                         "document",
                                                         "archive",
                                                         "picture",
                                                         "data file",
                                                         "page",
                                                         "no ending",
                                                         "library",
                                                         "two endings",
                                                         "mixed name",
                                                         "long name",
                                                         "with space",
                                                         "hidden name",
                                                         "folder",
                                                         "wildcard",
                                                         "system folder",
                                                         "program folder",
                                                         "user folder",
                                                         "temporary folder",
                                                         "web folder",
                                                         "etc folder",
                                                         "home folder",
                                                         "share",
                                                         "run key",
                                                         "service key",
                                                         "free mail",
                                                         "round version",
                                                         "small figures",
                                                         "utility site",
                                                         "relative",
                                                         "path steps",
                                                         "service mailbox",
                                                         "ordinary path",
                                                         "analyst's file",
                                                         "known, in its place",
                                                         "known nowhere",
                                                         "row has known file",
                                                         "row has unknown file",
                                                         "below known file",
                                                         "below unknown file",
                                                         "nobody else spoken of",
                                                         "address of a service",
                                                         "imitates another",
                                                         "is imitated",
                                                         "filtered out",
                                                         "version beside",
                                                         "row has private",
                                                         "letterhead",
                                                         "of a product",
                                                         "release of a tool",
                                                         "name at a service",
                                                         "name of a ransom note",
                                                         "reference of a rule",
                                                         "in a sensor rule",
                                                         "in a query",
                                                         "from of a mail",
                                                         "to of a mail",
                                                         "known, out of place",
                                                         "in a maker's folder",
                                                         "written with a capital",
                                                         "list has known names",
                                                         "list mostly known",
                                                         "list of unknown names",
                                                         "written by a command",
                                                         "looked at by a command",
                                                         "in a source tree",
                                                         "in a library's folder",
                                                         "source code",
                                                         "file of a runtime",
                                                         "program of unix",
                                                         "its file is called good",
                                                         "its file is called bad",
                                                         "cut at a placeholder",
                                                         "in a long list of names",
                                                         "its name is spoken of",
                                                         "its folder is spoken of",
                                                         "a program behind a document's ending",
                                                         "in a hidden folder",
                                                         "unknown in the system's folder",
                                                         "named as a crack",
                                                         "got as a tool",
                                                         "got as packages",
                                                         "run from there",
                                                         "number of a commit",
                                                         "named beside",
                                                         "where anybody may write",
                                                         "where programs are started from",
                                                         "below a signature",
                                                         "behind a link's words",
                                                         "renamed",
                                                         "of a certificate",
                                                         "source kept in public"});
static_assert(kSigns.size() == static_cast<std::size_t>(Sign::count));
constexpr auto kPlacesOfWords = std::to_array<std::string_view>(
    {"next before", "before", "next after", "after", "row", "cell", "lead", "column", "title", "line before",
     "line after", "sentence before", "heads", "behind", "sentence after"});
static_assert(kPlacesOfWords.size() == static_cast<std::size_t>(WordPlace::count));
constexpr auto kGroups =
    std::to_array<std::string_view>({"address", "domain", "url", "mail", "hash", "file", "path", "other"});
static_assert(kGroups.size() == kValueGroups);

// Signs by which a value may be somebody else's than the attacker's.
const std::vector<bool>& signs_against() {
  static const std::vector<bool> against = [] {
    constexpr std::array<std::string_view, 9> kPlaces = {"under victims",  "under benign",   "under references",
                                                         "publisher",      "cited site",     "government",
                                                         "shared service", "service itself", "documentation address"};
    constexpr std::array<std::string_view, 12> kWords = {"leave",   "benign",  "service", "sinkhole", "victim", "cite",
                                                         "contact", "product", "id",      "not",      "heart",  "good"};
    constexpr std::array<std::string_view, 2> kWhole = {"next before: genuine", "next after: genuine"};
    std::vector<bool> out;
    for (const std::string& name : sign_names()) {
      const std::size_t colon = name.find(": ");
      const bool earlier = name.starts_with("sentence before") || name.starts_with("heads");
      const bool genuine = std::find(kWhole.begin(), kWhole.end(), name) != kWhole.end();
      out.push_back(genuine ||
                    (!earlier && (colon == std::string::npos
                                      ? std::find(kPlaces.begin(), kPlaces.end(), name) != kPlaces.end()
                                      : std::find(kWords.begin(), kWords.end(),
                                                  std::string_view(name).substr(colon + 2)) != kWords.end())));
    }
    return out;
  }();
  return against;
}

}  // namespace

ValueGroup group_of(Observable kind) {
  switch (kind) {
    case Observable::ipv4:
    case Observable::ipv6:
    case Observable::cidr:
      return ValueGroup::address;
    case Observable::domain:
      return ValueGroup::domain;
    case Observable::url:
      return ValueGroup::url;
    case Observable::mail_address:
      return ValueGroup::mail;
    case Observable::md5:
    case Observable::sha1:
    case Observable::sha256:
    case Observable::sha512:
    case Observable::imphash:
    case Observable::ssdeep:
    case Observable::ja3:
    case Observable::certificate_sha1:
      return ValueGroup::hash;
    case Observable::file_name:
      return ValueGroup::file;
    case Observable::file_path:
      return ValueGroup::path;
    default:
      return ValueGroup::other;
  }
}

std::string_view name_of(ValueGroup group) { return kGroups[static_cast<std::size_t>(group)]; }

SignId word_sign(WordPlace place, std::size_t kind) {
  return static_cast<SignId>(kSigns.size() + static_cast<std::size_t>(place) * Vocabulary::shipped().kinds().size() +
                             kind);
}

const std::vector<std::string>& sign_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out(kSigns.begin(), kSigns.end());
    for (const std::string_view place : kPlacesOfWords) {
      for (const std::string& kind : Vocabulary::shipped().kinds()) out.push_back(fmt::format("{}: {}", place, kind));
    }
    return out;
  }();
  return names;
}

bool spoken_for(const ValueSigns& value) {
  return std::any_of(value.signs.begin(), value.signs.end(), [](SignId sign) { return signs_against()[sign]; });
}

}  // namespace assay
