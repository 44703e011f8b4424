// assay profile: what the organisation says about itself.
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "cli/common.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

struct Arguments {
  std::vector<std::string> what;
  std::string out;
};

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
