// assay advisory: list and show; the other parts stand in advisory_import.cc, advisory_diff.cc and advisory_check.cc.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/advisory_verbs.h"
#include "cli/store.h"
#include "cli/verbs.h"
#include "knowledge/attack.h"
#include "report/escape.h"
#include "rules/indicator/normalise.h"

namespace assay::cli {
namespace {

std::string age_of(Time published) {
  if (!published.known()) return "no date";
  const auto now = parse_iso8601(now_utc());
  const std::int64_t days = now ? (*now).day() - published.day() : 0;
  return fmt::format("{}, {} days old", format_date(published), days);
}

// ATT&CK is knowledge of actors, not a warning: what it holds, and how to use it.
bool show_attack(const std::string& name, const std::string& bytes) {
  const auto attack = read_attack(name, bytes);
  if (!attack.ok() || attack->groups.empty() || attack->techniques.size() < 20) return false;
  std::size_t statements = 0;
  for (const AttackGroup& group : attack->groups) statements += group.techniques.size() + group.software.size();
  for (const AttackSoftware& software : attack->software) statements += software.techniques.size();
  for (const AttackCampaign& campaign : attack->campaigns)
    statements += campaign.techniques.size() + campaign.software.size() + campaign.groups.size();
  std::string out = fmt::format(
      "ATT&CK {}: {} groups, {} software, {} campaigns, {} techniques, {} statements of who uses what (revoked and "
      "deprecated objects are left out)\n",
      attack->hash.substr(0, 12), attack->groups.size(), attack->software.size(), attack->campaigns.size(),
      attack->techniques.size(), statements);
  out += "\nGroups (techniques, software, aliases)\n";
  for (const AttackGroup& group : attack->groups)
    out += fmt::format("  {:<6} {:<28} {:>4} {:>4}  {}\n", shown(group.id), shown(group.name), group.techniques.size(),
                       group.software.size(), shown(fmt::format("{}", fmt::join(group.aliases, ", "))));
  out += "\nUse it with: assay advisory import REPORT --attack " + name + "\n";
  print(out);
  return true;
}

}  // namespace

std::string shown(std::string_view text) { return report::printable(text, 4096); }

int list_advisories(const AdvisoryArguments& args) {
  std::string out;
  std::vector<std::pair<std::string, bool>> names;
  for (const std::string& name : built_in_advisories()) names.emplace_back(name, true);
  const std::string folder = store_folder(args.store);
  for (const std::string& name : stored_advisories(folder)) names.emplace_back(name, false);
  bool all = true;
  for (const auto& [name, built_in] : names) {
    LoadOptions options;
    options.advisories = {name};
    options.store = args.store;
    const auto loaded = load(options);
    if (!loaded) {
      all = false;
      continue;
    }
    const Advisory& a = loaded->knowledge.advisories.front();
    out +=
        fmt::format("{:<16} {}{}{} ({}), {}, {} indicators, {} claims, {} checks{}\n", name, shown(a.name),
                    a.version.empty() ? "" : " ", shown(a.version), age_of(a.published), name_of(a.tlp),
                    a.indicators.size(), a.claims.size(), loaded->rules.rules.size(), built_in ? "" : ", added by you");
  }
  print(out);
  return all ? 0 : 2;
}

int show_advisory(const AdvisoryArguments& args) {
  const std::string& name = args.what[1];
  const auto built_in = built_in_advisories();
  if (std::find(built_in.begin(), built_in.end(), name) == built_in.end()) {
    if (const auto bytes = read_whole_file(name); bytes && show_attack(name, *bytes)) return 0;
  }
  LoadOptions options;
  options.advisories = {name};
  options.store = args.store;
  const auto loaded = load(options);
  if (!loaded) return 2;
  const Advisory& a = loaded->knowledge.advisories.front();
  std::string out =
      fmt::format("{}{}{}\n  {}  {}{}  published {}, activity {}\n  publishers:", shown(a.name),
                  a.version.empty() ? "" : " ", shown(a.version), shown(a.id), name_of(a.tlp),
                  a.pap.empty() ? "" : " " + shown(a.pap), a.published.known() ? format_date(a.published) : "(no date)",
                  a.activity_from.known() || a.activity_until.known()
                      ? fmt::format("{} to {}", a.activity_from.known() ? format_date(a.activity_from) : "(open)",
                                    a.activity_until.known() ? format_date(a.activity_until) : "(open)")
                      : "(no dates)");
  for (const std::string& publisher : a.publishers) out += " " + shown(publisher) + ";";
  if (a.publishers.empty()) out += " none named";
  out += fmt::format("\n  sha256 {}; not signed\n", a.hash);
  out += "\nJudgements (the publisher's words and scale)\n";
  for (const Judgement& j : a.judgements)
    out += fmt::format("  {:<4} \"{}\" [{}] {}\n", shown(j.id), shown(j.term), shown(j.scale), shown(j.text));
  out += "\nClaims\n";
  for (const Claim& c : a.claims) out += fmt::format("  {:<34} {}\n", shown(c.id), shown(c.text));
  out += "\nRecommendations\n";
  for (const Recommendation& r : a.recommendations) out += fmt::format("  {}\n", shown(r.text));
  std::map<std::string, std::size_t> kinds;
  std::size_t weightless = 0;
  for (const Indicator& i : loaded->rules.indicators) {
    static constexpr const char* kKinds[] = {
        "IPv4 address", "IPv6 address", "network", "domain",           "URL", "MD5", "SHA-1", "SHA-256", "mail address",
        "file name",    "file path",    "JA3",     "certificate SHA-1"};
    const auto kind = static_cast<std::size_t>(i.kind);
    ++kinds[kind < std::size(kKinds) ? std::string(kKinds[kind]) : std::string(name_of(i.kind))];
    weightless += i.weightless;
  }
  out += fmt::format("\nIndicators ({}; {} kept but never weighed)\n", loaded->rules.indicators.size(), weightless);
  for (const auto& [kind, n] : kinds) out += fmt::format("  {:>6} {}\n", n, kind);
  for (const std::string& problem : a.problems) out += "  unusable: " + shown(problem) + "\n";
  print(out);
  return 0;
}

Verb advisory_verb() {
  auto args = std::make_shared<AdvisoryArguments>();
  return {
      "advisory", "What is asked: list, show, import, check, diff, add, remove",
      [args](Options& o) {
        o.positional(
            "what", args->what,
            "list | show NAME|FILE | import FILE... | check NAME|FILE | diff OLD NEW | add FILE... | remove NAME...",
            true);
        o.value("--out", args->out, "import: file to write (default: standard output)");
        o.value("--kind", args->kind,
                "import: how the file is read: misp, stix20, openioc, yara, sigma, csv, list, pdf, html, markdown, "
                "text (default: by content)");
        o.value("--publisher", args->publisher, "import: who published it");
        o.value("--published", args->published, "import: when, such as 2020-07-16");
        o.value("--tlp", args->tlp, "import: clear, green, amber, amber+strict or red");
        o.value("--attack", args->attack,
                "import: MITRE's ATT&CK bundle, for names of actors, malware and techniques in reports");
        o.value("--name", args->name, "add: name to keep it under");
        o.value("--store", args->store,
                "folder of the advisories that you added (default: $XDG_DATA_HOME/assay/advisories)");
        o.value("--profile", args->profile, "check: what the organisation says about itself");
        o.list("--evidence", args->evidence, "check: a case, for what its evidence could show");
        o.value("--warninglists", args->warninglists, "check: folder of MISP warning lists");
        o.value("--as-of", args->as_of, "check: the day that counts as today (default: today)");
        o.value("--format", args->format, "check, diff: text or json");
      },
      [args] {
        const std::string& verb = args->what.front();
        if (!args->format.empty() && args->format != "text" && args->format != "json") {
          complain("--format is text or json, not \"" + args->format + "\"");
          return 2;
        }
        if (verb == "list" && args->what.size() == 1) return list_advisories(*args);
        if (verb == "show" && args->what.size() == 2) return show_advisory(*args);
        if (verb == "import") return import_advisories(*args);
        if (verb == "add") return add_advisories(*args);
        if (verb == "remove") return remove_advisories(*args);
        if (verb == "diff" && args->what.size() == 3) return diff_advisories(*args);
        if (verb == "check" && args->what.size() == 2) return check_advisory(*args);
        complain(
            "advisory takes list, show NAME|FILE, import FILE..., check NAME|FILE, diff OLD NEW, add FILE..., or "
            "remove NAME...");
        return 2;
      }};
}

}  // namespace assay::cli
