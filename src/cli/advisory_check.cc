// assay advisory check NAME|FILE: what an advisory holds, what of it is stale, generic, wrong or ours, and which of its
// claims the evidence of a case could show at all.
#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cli/advisory_verbs.h"
#include "cli/store.h"
#include "core/ascii.h"
#include "knowledge/stix_check.h"
#include "knowledge/warninglists.h"
#include "rules/indicator/normalise.h"
#include "text/domains.h"
#include "text/extract/lists.h"

namespace assay::cli {
namespace {

constexpr std::size_t kShown = 50;  // findings of one kind that the page prints; JSON has up to kKept
constexpr std::size_t kKept = 10'000;
constexpr std::int64_t kOldDays = 365;  // an indicator without an end is called old
constexpr std::size_t kCopyValues = 5;  // fewer shared values say nothing
constexpr double kCopyShare = 0.8;

struct Finding {
  std::string kind, id, value, text;
};

struct Range {
  std::string_view network, owner;
};
// Large ranges of two providers: an advisory that lists one of them whole is no block list.
constexpr auto kProviders = std::to_array<Range>({{"13.64.0.0/11", "Microsoft"},
                                                  {"13.104.0.0/14", "Microsoft"},
                                                  {"20.33.0.0/16", "Microsoft"},
                                                  {"40.64.0.0/10", "Microsoft"},
                                                  {"52.96.0.0/12", "Microsoft"},
                                                  {"104.40.0.0/13", "Microsoft"},
                                                  {"131.253.0.0/16", "Microsoft"},
                                                  {"204.79.195.0/24", "Microsoft"},
                                                  {"8.8.8.0/24", "Google"},
                                                  {"64.233.160.0/19", "Google"},
                                                  {"74.125.0.0/16", "Google"},
                                                  {"142.250.0.0/15", "Google"},
                                                  {"172.217.0.0/16", "Google"},
                                                  {"216.58.192.0/19", "Google"},
                                                  {"216.239.32.0/19", "Google"}});
// Names whose loss breaks the trust in everything else: certificate authorities and their revocation services.
constexpr auto kRoots = std::to_array<std::string_view>(
    {"digicert.com", "letsencrypt.org", "lencr.org", "globalsign.com", "sectigo.com", "entrust.net", "verisign.com",
     "identrust.com", "amazontrust.com", "pki.goog", "usertrust.com", "comodoca.com", "godaddy.com"});

class Check {
 public:
  Check(const Loaded& loaded, const AdvisoryArguments& args, Time as_of)
      : loaded_(loaded), advisory_(loaded.knowledge.advisories.front()), args_(args), as_of_(as_of) {}

  bool run() {
    if (!args_.warninglists.empty() && !load_lists()) return false;
    age();
    values();
    lowering();
    counts();
    stix();
    copies();
    if (!args_.evidence.empty() && !evidence()) return false;
    return true;
  }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Json json() const;
  [[nodiscard]] bool poisoned() const { return !poison_.empty(); }
  [[nodiscard]] const std::vector<std::string>& poison() const { return poison_; }

 private:
  void find(std::string kind, std::string id, std::string value, std::string text) {
    ++counts_[kind];
    if (counts_[kind] <= kKept)
      findings_.push_back({std::move(kind), std::move(id), std::move(value), std::move(text)});
  }

  bool load_lists() {
    std::vector<std::string> names;
    DIR* const dir = ::opendir(args_.warninglists.c_str());
    if (dir == nullptr) {
      complain(Error{ErrorCode::not_found, "the folder of warning lists cannot be read", args_.warninglists,
                     "name the folder lists/ of MISP's warning lists"});
      return false;
    }
    while (const dirent* const entry = ::readdir(dir)) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    ::closedir(dir);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      auto bytes = read_whole_file(args_.warninglists + "/" + name + "/list.json");
      if (!bytes && name.ends_with(".json")) bytes = read_whole_file(args_.warninglists + "/" + name);
      if (!bytes) continue;
      if (bytes->size() > kWarningFileBytes) {
        find("not_read", "", name, fmt::format("a warning list larger than {} MiB", kWarningFileBytes >> 20));
        continue;
      }
      if (const Status status = lists_.add(name, *bytes); !status.ok())
        find("not_read", "", name, status.error().text());
    }
    if (lists_.lists() == 0) {
      complain(Error{ErrorCode::bad_input, "no warning list in this folder", args_.warninglists,
                     "name the folder lists/ of MISP's warning lists"});
      return false;
    }
    return true;
  }

  void age() {
    for (const AdvisoryIndicator& one : advisory_.indicators) {
      const std::string name = one.name.empty() ? one.pattern.substr(0, 80) : one.name;
      if (one.revoked) {
        find("stale", one.id, name, "revoked by its publisher");
      } else if (one.valid_until.known() && one.valid_until < as_of_) {
        find("stale", one.id, name, "no longer valid since " + format_date(one.valid_until));
      } else if (!one.valid_until.known() && one.valid_from.known() && as_of_.day() - one.valid_from.day() > kOldDays) {
        ++old_;
      }
    }
  }

  static bool is_host(Indicator::Kind kind) {
    return kind == Indicator::Kind::domain || kind == Indicator::Kind::url || kind == Indicator::Kind::mail_address;
  }

  void values() {
    std::map<std::pair<std::string, std::string>, std::string> seen;
    for (const Indicator& one : loaded_.rules.indicators) {
      const std::string kind(name_of(one.kind));
      ++kinds_[kind];
      const auto [at, fresh] = seen.emplace(std::pair(kind, one.value), one.id);
      if (!fresh) find("duplicate", one.id, one.value, "the same value as in " + at->second);
      if (one.mark.find("our own") != std::string::npos) {
        find("own", one.id, one.value, one.mark);
        poison_.push_back(fmt::format("{} is {}", one.value, one.mark));
      } else if (one.mark.find("sinkhole") != std::string::npos) {
        find("sinkholed", one.id, one.value, one.mark);
      } else if (one.weightless) {
        find("generic", one.id, one.value, one.mark.empty() ? "marked by the advisory: not to be weighed" : one.mark);
      }
      bool documentation = false;
      const std::string host = one.kind == Indicator::Kind::domain ? one.value
                               : one.kind == Indicator::Kind::url  ? std::string(host_part(one.value))
                                                                   : std::string();
      const std::string special = special_address(one.kind == Indicator::Kind::url ? host : one.value, documentation);
      if (documentation) find("generic", one.id, one.value, special);
      if (one.kind == Indicator::Kind::domain || one.kind == Indicator::Kind::url) hosted(one, host);
      ranges(one);
      for (const std::string& list : lists_.hits(one.value)) {
        const bool sinkhole = contains_icase(list, "sinkhole");
        find(sinkhole ? "sinkholed" : "warning_list", one.id, one.value,
             "on the warning list \"" + list + "\"" + (sinkhole ? ", which gives no dates" : ""));
      }
    }
  }

  void hosted(const Indicator& one, const std::string& host) {
    const std::string site = registrable_domain(host);
    if (is_shared_service(site)) {
      find("shared_hosting", one.id, one.value,
           site == host ? "a service of everybody"
                        : "below " + site + ", a service that many use: the name counts, its addresses do not");
    } else if (site == host && host.find('.') != host.npos && registrable_domain("x." + host) != host &&
               std::count(host.begin(), host.end(), '.') >= 2) {
      find("shared_hosting", one.id, one.value, "a name at a hosting provider (public suffix list)");
    }
    for (const std::string_view root : kRoots) {
      if (site == root) {
        find("generic", one.id, one.value, "a certificate authority");
        poison_.push_back(fmt::format("{} belongs to a certificate authority", one.value));
      }
    }
    if (one.kind == Indicator::Kind::domain && host == site &&
        (site == "microsoft.com" || site == "windowsupdate.com" || site == "google.com" || site == "googleapis.com" ||
         site == "office.com" || site == "live.com"))
      poison_.push_back(fmt::format("{} is a service that everything needs", one.value));
  }

  void ranges(const Indicator& one) {
    if (one.kind != Indicator::Kind::ipv4 && one.kind != Indicator::Kind::cidr) return;
    const auto listed = parse_network(one.value);
    if (!listed) return;
    for (const Range& range : kProviders) {
      const auto known = parse_network(range.network);
      if (!known) continue;
      const bool inside = contains(*known, *listed), holds = contains(*listed, *known);
      if (!inside && !holds) continue;
      if (one.kind == Indicator::Kind::cidr && listed->prefix <= 96 + 24) {
        find("generic", one.id, one.value, fmt::format("a range of {}", range.owner));
        poison_.push_back(fmt::format("{} is a range of {}", one.value, range.owner));
      } else {
        find("shared_hosting", one.id, one.value,
             fmt::format("an address in a range of {}: many customers use it", range.owner));
      }
      return;
    }
  }

  void lowering() {
    for (const NotLoaded& one : loaded_.rules.not_loaded) {
      if (one.reason.find("revoked") != std::string::npos) continue;  // said as stale
      find("invalid", one.id, "", one.reason);
    }
  }

  void counts() {
    for (const std::string& bytes : advisory_.objects) {
      if (bytes.find("x_assay_stated") == bytes.npos) continue;
      const auto object = parse_json(bytes);
      if (!object.ok()) continue;
      for (const Json& stated : (*object)["x_assay_stated"].items()) {
        const std::string& what = stated["what"].as_string();
        const auto said = static_cast<std::size_t>(std::max<std::int64_t>(stated["count"].as_int(), 0));
        std::size_t have = 0;
        for (const auto& [kind, n] : kinds_) {
          const bool hash = kind == "md5" || kind == "sha1" || kind == "sha256";
          if (kind == what || what == "indicator" || (what == "hash" && hash) || (what == "ipv4" && kind == "cidr"))
            have += n;
        }
        if (have != said)
          find("count", (*object)["id"].as_string(), what,
               fmt::format("the text says {}, the list holds {}", said, have));
      }
    }
  }

  void stix() {
    for (const std::string& bytes : advisory_.objects) {
      const auto object = parse_json(bytes);
      if (!object.ok()) continue;
      std::vector<StixMessage> messages;
      check_stix_object(*object, messages);
      for (const StixMessage& m : messages) find("stix", m.object, m.property, m.what);
    }
  }

  // Against the others in force: a list that was posted again is one source, not two.
  void copies() {
    std::set<std::string> mine;
    for (const Indicator& one : loaded_.rules.indicators) mine.insert(one.value);
    std::vector<std::string> names = built_in_advisories();
    for (std::string& name : stored_advisories(store_folder(args_.store))) names.push_back(std::move(name));
    for (const std::string& name : names) {
      LoadOptions options;
      options.advisories = {name};
      options.store = args_.store;
      const auto other = load(options);
      if (!other || other->knowledge.advisories.front().id == advisory_.id) continue;
      std::set<std::string> theirs;
      std::size_t shared = 0;
      for (const Indicator& one : other->rules.indicators) theirs.insert(one.value);
      for (const std::string& value : mine) shared += theirs.contains(value);
      const std::size_t smaller = std::min(mine.size(), theirs.size());
      if (shared < kCopyValues) continue;
      const bool copy = static_cast<double>(shared) >= kCopyShare * static_cast<double>(smaller);
      find("copied", other->knowledge.advisories.front().id, name,
           fmt::format("{} of {} values stand in {} too{}", shared, mine.size(), name,
                       copy ? ": one source, not two" : ""));
    }
  }

  bool evidence() {
    for (const std::string& path : args_.evidence) {
      auto file = open_case(path, true);
      if (!file) return false;
      const std::optional<CaseData> data = load_case(*file);
      if (!data) return false;
      comparable(*data);
    }
    return true;
  }

  void comparable(const CaseData& data) {
    std::map<std::string, std::uint64_t> carries;  // what a record can be compared by -> records
    for (const EvidenceItem& item : data.evidence) {
      const auto shape = loaded_.schemas.find(item.shape);
      if (!shape || item.records == 0) continue;
      const Schema& schema = loaded_.schemas.at(*shape);
      for (const IndicatorPath& path : schema.indicators) {
        using Kind = IndicatorPath::Kind;
        switch (path.kind) {
          case Kind::address:
            carries["address"] += item.records;
            break;
          case Kind::domain:
            carries["domain"] += item.records;
            break;
          case Kind::url:
            carries["url"] += item.records;
            carries["domain"] += item.records;
            break;
          case Kind::mail_address:
            carries["mail_address"] += item.records;
            break;
          case Kind::file_name:
          case Kind::file_path:
            carries["file"] += item.records;
            break;
          case Kind::certificate:
            carries["certificate"] += item.records;
            break;
          default:
            break;
        }
      }
      for (const auto& [name, algorithm] : std::map<std::string, std::string>{
               {"@md5", "md5"}, {"@sha1", "sha1"}, {"@sha256", "sha256"}, {"@ja3", "ja3"}}) {
        if (schema.overlay.contains(name)) carries[algorithm] += item.records;
      }
    }
    for (const auto& [kind, n] : kinds_) {
      const std::string needs = kind == "ipv4" || kind == "ipv6" || kind == "cidr" ? "address"
                                : kind == "file_name" || kind == "file_path"       ? "file"
                                : kind == "certificate_sha1"                       ? "certificate"
                                                                                   : kind;
      if (carries[needs] > 0) continue;
      std::string has;
      if (kind == "md5" || kind == "sha1" || kind == "sha256") {
        for (const char* const other : {"md5", "sha1", "sha256"}) {
          if (carries[other] > 0) has += (has.empty() ? "" : ", ") + std::string(other);
        }
        has = has.empty() ? "this evidence has no file hashes" : "this evidence has " + has;
      } else {
        has = "no source of this evidence carries one";
      }
      find(
          "not_comparable", "", kind,
          fmt::format("{} {}: {}; cannot say, which is not the same as not seen", n, n == 1 ? "value" : "values", has));
    }
    std::map<std::string, std::int64_t> classes;
    if (const Table* coverage = data.table("coverage")) {
      const auto& keys = coverage->spec().keys;
      const auto column = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "class") - keys.begin());
      for (const auto& [key, row] : coverage->rows()) {
        if (column < key.size() && !row.empty()) classes[key[column]] += row[0];
      }
    }
    std::map<std::string, std::int64_t> fields;
    if (const Table* table = data.table("field_coverage")) {
      for (const auto& [key, row] : table->rows()) {
        if (key.size() > 1 && !row.empty()) fields[key[0] + "\x1f" + key[1]] += row[0];
      }
    }
    for (const Claim& claim : advisory_.claims) {
      std::string with;
      for (const std::string& source : claim.source_classes) {
        if (classes[source] == 0) continue;
        const bool carried = std::all_of(claim.fields.begin(), claim.fields.end(),
                                         [&](const std::string& field) { return fields[source + "\x1f" + field] > 0; });
        if (carried) with += (with.empty() ? "" : ", ") + source;
      }
      claims_.emplace_back(claim.id, with);
      if (with.empty())
        find(
            "not_comparable", claim.id, "",
            fmt::format("needs {}{}, which this evidence has not: cannot say", fmt::join(claim.source_classes, " or "),
                        claim.fields.empty() ? std::string() : fmt::format(" with {}", fmt::join(claim.fields, ", "))));
    }
    looked_at_evidence_ = true;
  }

  const Loaded& loaded_;
  const Advisory& advisory_;
  const AdvisoryArguments& args_;
  Time as_of_;
  WarningLists lists_;
  std::map<std::string, std::size_t> kinds_, counts_;
  std::vector<Finding> findings_;
  std::vector<std::string> poison_;
  std::vector<std::pair<std::string, std::string>> claims_;
  std::size_t old_ = 0;
  bool looked_at_evidence_ = false;
};

struct KindText {
  std::string_view kind, title;
};
constexpr auto kTitles = std::to_array<KindText>({{"own", "Ours: networks, hosts or domains of the profile"},
                                                  {"stale", "Stale"},
                                                  {"generic", "Too generic to weigh"},
                                                  {"warning_list", "On a warning list"},
                                                  {"shared_hosting", "Shared hosting"},
                                                  {"sinkholed", "Sinkholed"},
                                                  {"duplicate", "Duplicates"},
                                                  {"copied", "Shared with another advisory in force"},
                                                  {"invalid", "Invalid or not evaluated"},
                                                  {"count", "Counts that disagree with the text"},
                                                  {"stix", "Against the standard"},
                                                  {"not_comparable", "What this evidence cannot show"},
                                                  {"not_read", "Not read"}});

std::string Check::text() const {
  const Advisory& a = advisory_;
  std::string out = fmt::format(
      "{} {}\n  {}, {}{}, published {}{}\n  sha256 {}; not signed\n\nHolds\n", shown(a.name), shown(a.version),
      shown(a.id), name_of(a.tlp), a.pap.empty() ? "" : " " + shown(a.pap),
      a.published.known() ? format_date(a.published) : "(no date)",
      a.published.known() ? fmt::format(", {} days before {}", as_of_.day() - a.published.day(), format_date(as_of_))
                          : std::string(),
      a.hash);
  for (const auto& [kind, n] : kinds_) out += fmt::format("  {:>7} {}\n", n, kind);
  out += fmt::format("  {:>7} rules and patterns\n  {:>7} claims, {} judgements, {} recommendations\n",
                     loaded_.rules.rules.size() + loaded_.rules.yara.size(), a.claims.size(), a.judgements.size(),
                     a.recommendations.size());
  if (old_ > 0) out += fmt::format("  {:>7} indicators without an end are more than {} days old\n", old_, kOldDays);
  for (const KindText& kind : kTitles) {
    const auto at = counts_.find(std::string(kind.kind));
    if (at == counts_.end()) continue;
    out += fmt::format("\n{} ({})\n", kind.title, at->second);
    std::size_t given = 0;
    for (const Finding& one : findings_) {
      if (one.kind != kind.kind) continue;
      if (++given > kShown) {
        out += fmt::format("  ... and {} more (--format json)\n", at->second - kShown);
        break;
      }
      const std::string what = one.value.empty() ? one.id : one.kind == "stix" ? one.id + " " + one.value : one.value;
      out += fmt::format("  {}: {}\n", shown(what), shown(one.text));
    }
  }
  if (looked_at_evidence_) {
    out += "\nClaims that this evidence could show\n";
    for (const auto& [claim, with] : claims_) {
      if (!with.empty()) out += fmt::format("  {:<34} in {}\n", shown(claim), shown(with));
    }
  }
  for (const std::string& problem : a.problems) out += "  unusable: " + shown(problem) + "\n";
  if (!poison_.empty()) {
    out += "\nNot to be used as a block list: it would cut off what you need\n";
    for (std::size_t i = 0; i < poison_.size() && i < kShown; ++i) out += "  " + shown(poison_[i]) + "\n";
  }
  return out;
}

Json Check::json() const {
  Json kinds = Json::object(), counts = Json::object(), findings = Json::array(), claims = Json::array(),
       poison = Json::array(), problems = Json::array();
  for (const auto& [kind, n] : kinds_) kinds.add(kind, static_cast<std::int64_t>(n));
  for (const auto& [kind, n] : counts_) counts.add(kind, static_cast<std::int64_t>(n));
  for (const Finding& one : findings_)
    findings.push(Json::object({{"kind", one.kind}, {"id", one.id}, {"value", one.value}, {"text", one.text}}));
  for (const auto& [claim, with] : claims_)
    claims.push(Json::object({{"id", claim}, {"could_show", !with.empty()}, {"sources", with}}));
  for (const std::string& one : poison_) poison.push(one);
  for (const std::string& one : advisory_.problems) problems.push(one);
  return Json::object({{"id", advisory_.id},
                       {"name", advisory_.name},
                       {"hash", advisory_.hash},
                       {"tlp", std::string(name_of(advisory_.tlp))},
                       {"pap", advisory_.pap},
                       {"as_of", format_utc(as_of_)},
                       {"holds", std::move(kinds)},
                       {"old", static_cast<std::int64_t>(old_)},
                       {"counts", std::move(counts)},
                       {"findings", std::move(findings)},
                       {"claims", std::move(claims)},
                       {"block_list", Json::object({{"refused", !poison_.empty()}, {"because", std::move(poison)}})},
                       {"problems", std::move(problems)}});
}

}  // namespace

int check_advisory(const AdvisoryArguments& args) {
  LoadOptions options;
  options.advisories = {args.what[1]};
  options.store = args.store;
  options.profile = args.profile;
  const auto as_of = parse_iso8601(args.as_of.empty() ? now_utc() : args.as_of);
  if (!as_of) {
    complain("--as-of is a date such as 2020-07-16, not \"" + args.as_of + "\"");
    return 2;
  }
  const auto loaded = load(options);
  if (!loaded) return 2;
  Check check(*loaded, args, *as_of);
  if (!check.run()) return 2;
  print(args.format == "json" ? dump_json(check.json(), 2) + "\n" : check.text());
  if (check.poisoned())
    complain("refused as a block list: " + shown(check.poison().front()) +
             (check.poison().size() > 1 ? fmt::format(", and {} more", check.poison().size() - 1) : std::string()));
  return 0;
}

}  // namespace assay::cli
