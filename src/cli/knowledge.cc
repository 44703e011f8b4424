// assay advisory: what is asked.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "cli/common.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

struct Arguments {
  std::vector<std::string> what;
  std::string format;
  LoadOptions load;
};

int list_advisories() {
  std::string out;
  for (const std::string& name : built_in_advisories()) {
    LoadOptions options;
    options.advisories = {name};
    const auto loaded = load(options);
    if (!loaded) return 2;
    const Advisory& a = loaded->knowledge.advisories.front();
    out += fmt::format("{:<16} {} {} ({}), {}, {} indicators, {} claims, {} checks\n", name, a.name, a.version,
                       format_date(a.published), name_of(a.tlp), a.indicators.size(), a.claims.size(),
                       loaded->rules.rules.size());
  }
  print(out);
  return 0;
}

int show_advisory(const std::string& name) {
  LoadOptions options;
  options.advisories = {name};
  const auto loaded = load(options);
  if (!loaded) return 2;
  const Advisory& a = loaded->knowledge.advisories.front();
  std::string out = fmt::format("{} {}\n  {}  {}  published {}, activity {} to {}\n  publishers:", a.name, a.version,
                                a.id, name_of(a.tlp), format_date(a.published), format_date(a.activity_from),
                                format_date(a.activity_until));
  for (const std::string& publisher : a.publishers) out += " " + publisher + ";";
  out += "\n\nJudgements (the publisher's words and scale)\n";
  for (const Judgement& j : a.judgements) out += fmt::format("  {:<4} \"{}\" [{}] {}\n", j.id, j.term, j.scale, j.text);
  out += "\nClaims\n";
  for (const Claim& c : a.claims) out += fmt::format("  {:<34} {}\n", c.id, c.text);
  out += "\nRecommendations\n";
  for (const Recommendation& r : a.recommendations) out += fmt::format("  {}\n", r.text);
  std::map<std::string, std::size_t> kinds;
  std::size_t weightless = 0;
  for (const Indicator& i : loaded->rules.indicators) {
    static constexpr const char* kKinds[] = {
        "IPv4 address", "IPv6 address", "network", "domain",           "URL", "MD5", "SHA-1", "SHA-256", "mail address",
        "file name",    "file path",    "JA3",     "certificate SHA-1"};
    ++kinds[kKinds[static_cast<std::size_t>(i.kind)]];
    weightless += i.weightless;
  }
  out += fmt::format("\nIndicators ({}; {} kept but never weighed)\n", loaded->rules.indicators.size(), weightless);
  for (const auto& [kind, n] : kinds) out += fmt::format("  {:>6} {}\n", n, kind);
  for (const std::string& problem : a.problems) out += "  unusable: " + problem + "\n";
  print(out);
  return 0;
}

}  // namespace

Verb advisory_verb() {
  auto args = std::make_shared<Arguments>();
  return {"advisory", "What is asked: list, show NAME|FILE",
          [args](Options& o) { o.positional("what", args->what, "list | show NAME|FILE", true); },
          [args] {
            if (args->what.front() == "list") return list_advisories();
            if (args->what.front() == "show" && args->what.size() == 2) return show_advisory(args->what[1]);
            complain("advisory takes list, or show NAME|FILE");
            return 2;
          }};
}

}  // namespace assay::cli
