// assay advisory, profile: what is asked, and what the organisation says about itself.
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
  std::string format, out;
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

constexpr const char* kProfileForm =
    R"(# What your organisation says about itself. Everything is optional; what is missing the answer says it had to assume.
# The keys are explained in docs/profile.md.
organisation: Example Institute
sector: health-research
country: GB
own_networks: [192.0.2.0/24, 10.0.0.0/8]
own_domains: [example.org]
hosts_in_scope: 100
proxies: []
mail_gateways: []
key_shares: []
accounts:
  shared: []
  service: []
)";

int profile_verb_run(const Arguments& args) {
  const std::string& what = args.what.front();
  if (what == "new") {
    if (args.out.empty()) {
      print(kProfileForm);
      return 0;
    }
    if (std::ifstream(args.out).good()) {
      complain("the file " + args.out + " exists already; name another with --out");
      return 2;
    }
    return write_file(args.out, kProfileForm) ? 0 : 2;
  }
  if (what == "check" && args.what.size() == 2) {
    std::ifstream in(args.what[1], std::ios::binary);
    if (!in) {
      complain(Error{ErrorCode::not_found, "the profile cannot be read", args.what[1], "name a file"});
      return 2;
    }
    std::ostringstream text;
    text << in.rdbuf();
    const auto profile = Profile::parse(args.what[1], text.str());
    if (!profile.ok()) {
      complain(profile.error());
      return 2;
    }
    print(fmt::format("{}: {} hosts in scope, {} own networks, {} own domains. It can be used with --profile.\n",
                      profile->organisation, profile->hosts.size(), profile->own_networks.size(),
                      profile->own_domains.size()));
    return 0;
  }
  complain("profile takes new, or check FILE");
  return 2;
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

Verb profile_verb() {
  auto args = std::make_shared<Arguments>();
  return {"profile", "What the organisation says about itself: new, check FILE",
          [args](Options& o) {
            o.positional("what", args->what, "new | check FILE", true);
            o.value("--out", args->out, "new: file to write (default: standard output)");
          },
          [args] { return profile_verb_run(*args); }};
}

}  // namespace assay::cli
