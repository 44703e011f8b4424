// assay profile: what the organisation says about itself. `new` asks ten questions, `check` reads a profile.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>

#include "cli/common.h"
#include "cli/verbs.h"
#include "core/ascii.h"
#include "core/json.h"

namespace assay::cli {
namespace {

struct ProfileArguments {
  std::vector<std::string> what;
  std::string out;
  bool ask = false;
};

constexpr const char* kForm =
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

constexpr std::size_t kAnswerBytes = 16384;

// A string that YAML reads as that string, whatever stands in it.
std::string quoted(std::string_view text) { return dump_json(Json(text)); }

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (const std::string_view part : split(text, separator)) {
    if (!trim(part).empty()) out.emplace_back(trim(part));
  }
  return out;
}

std::string list_of(std::string_view text) {
  std::string out;
  for (const std::string& part : parts_of(text, ',')) out += (out.empty() ? "" : ", ") + quoted(part);
  return "[" + out + "]";
}

// "vpn-gw-01; Citrix ADC; 12.1; 2020-01-24; yes" for one line of `gateways`.
std::string gateway_of(std::string_view text) {
  static constexpr const char* kKeys[] = {"name", "product", "version", "patched_on", "logging"};
  std::string out;
  std::size_t at = 0;
  for (const std::string_view part : split(text, ';')) {
    const std::string_view value = trim(part);
    if (at < std::size(kKeys) && !value.empty() && value != "?") {
      const bool plain = at >= 3;  // a date; yes or no
      out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", kKeys[at], plain ? std::string(value) : quoted(value));
    }
    ++at;
  }
  return "  - {" + out + "}\n";
}

struct Asked {
  const char* question;
  const char* hint;
  bool repeats;  // further lines until an empty one
  std::function<std::string(const std::vector<std::string>& lines)> yaml;
};

std::vector<Asked> questions() {
  const auto text = [](const char* key) {
    return [key](const std::vector<std::string>& lines) { return fmt::format("{}: {}\n", key, quoted(lines.front())); };
  };
  const auto list = [](const char* key) {
    return
        [key](const std::vector<std::string>& lines) { return fmt::format("{}: {}\n", key, list_of(lines.front())); };
  };
  return {
      {"What is your organisation called?", "It heads the answer.", false, text("organisation")},
      {"In which sector does it work?", "For example health-research, hospital, university, government.", false,
       text("sector")},
      {"In which country?", "Two letters, for example GB.", false, text("country")},
      {"Which networks are yours?", "Inside and public, for example 10.0.0.0/8, 192.0.2.0/24.", false,
       list("own_networks")},
      {"Which domains are yours?", "For example example.org, example.net.", false, list("own_domains")},
      {"How many hosts do you ask about?",
       "A number, or the names separated by commas. Without it a negative answer is of low confidence.", false,
       [](const std::vector<std::string>& lines) {
         const bool number = lines.front().find_first_not_of("0123456789") == std::string::npos;
         return number ? fmt::format("hosts_in_scope: {}\n", lines.front())
                       : fmt::format("hosts: {}\n", list_of(lines.front()));
       }},
      {"Which remote-access gateways do you have?",
       "One a line: name; product; version; patched on (2020-01-24); does it log (yes or no). ? for what you do not "
       "know.",
       true,
       [](const std::vector<std::string>& lines) {
         std::string out = "gateways:\n";
         for (const std::string& line : lines) out += gateway_of(line);
         return out;
       }},
      {"Which proxies and mail gateways stand in front of users?",
       "Addresses or names; proxies, then a semicolon, then mail gateways.", false,
       [](const std::vector<std::string>& lines) {
         const std::size_t cut = std::min(lines.front().find(';'), lines.front().size());
         const std::string proxies = lines.front().substr(0, cut);
         const std::string mail = lines.front().substr(std::min(cut + 1, lines.front().size()));
         return fmt::format("proxies: {}\nmail_gateways: {}\n", list_of(proxies), list_of(mail));
       }},
      {"From which addresses do your own scanners and testers work?", "Their exploit requests are tests.", false,
       [](const std::vector<std::string>& lines) {
         return fmt::format("scanners:\n  - {{name: \"own scanners\", addresses: {}}}\n", list_of(lines.front()));
       }},
      {"What would such an intruder want?", "Shares and systems, for example trials, eln-01.", false,
       list("key_shares")},
  };
}

// The organisation's answers as a profile. An answer that cannot be used is asked for again, with the reason.
std::string ask_all() {
  std::string profile =
      "# What the organisation says about itself; written by assay profile new. docs/profile.md explains these keys\n"
      "# and the others: time_zone, dynamic_networks, nat, authorised_tests, analysis, accounts, partners, sinkholes,\n"
      "# retention, clocks.\n";
  const std::vector<Asked> all = questions();
  fmt::print(stderr, "Ten questions; Enter leaves one out. What is left out the answer will say it had to assume.\n");
  bool ended = false;
  const auto read = [&] {
    std::string line;
    int c = 0;
    while ((c = std::fgetc(stdin)) != EOF && c != '\n') {
      if (line.size() < kAnswerBytes) line += static_cast<char>(c);
    }
    ended = c == EOF;
    return std::string(trim(line));
  };
  for (std::size_t i = 0; i < all.size() && !ended; ++i) {
    fmt::print(stderr, "\n{:2}. {}\n    {}\n", i + 1, all[i].question, all[i].hint);
    while (!ended) {
      std::vector<std::string> lines;
      std::string line;
      do {
        fmt::print(stderr, "  > ");
        line = read();
        if (!line.empty()) lines.push_back(line);
      } while (all[i].repeats && !line.empty() && !ended);
      if (lines.empty()) break;
      const std::string more = all[i].yaml(lines);
      const auto parsed = Profile::parse("your answer", profile + more);
      if (parsed.ok()) {
        profile += more;
        break;
      }
      fmt::print(stderr, "    That cannot be used: {}{}. Again, or Enter to leave it out.\n", parsed.error().what,
                 parsed.error().remedy.empty() ? "" : " (" + parsed.error().remedy + ")");
    }
  }
  return profile;
}

int make_new(const ProfileArguments& args) {
  if (!args.out.empty() && std::ifstream(args.out).good()) {
    complain("the file " + args.out + " exists already; name another with --out");
    return 2;
  }
  std::string text = kForm;
  if (args.ask || (::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1)) {
    text = ask_all();
    fmt::print(stderr, "\n");
  }
  if (args.out.empty()) {
    print(text);
    return 0;
  }
  if (!write_file(args.out, text)) return 2;
  fmt::print(stderr, "Written: {}. Next: assay evidence check EVIDENCE --profile {}\n", args.out, args.out);
  return 0;
}

int check(const std::string& path) {
  std::string yaml;
  const std::optional<Profile> profile = load_profile(path, yaml);
  if (!profile) return 2;
  const auto listed = profile->lists_scope() ? static_cast<std::int64_t>(profile->hosts.size()) : 0;
  const std::int64_t scope = std::max(listed, profile->hosts_in_scope.value_or(0));
  print(fmt::format("{}: {}, {} own networks, {} own domains. It can be used with --profile.\n", profile->organisation,
                    scope == 0 ? std::string("no hosts in scope named (a negative answer will be of low confidence)")
                               : fmt::format("{} hosts in scope", scope),
                    profile->own_networks.size(), profile->own_domains.size()));
  return 0;
}

}  // namespace

Verb profile_verb() {
  auto args = std::make_shared<ProfileArguments>();
  return {"profile", "What the organisation says about itself: new, check FILE",
          [args](Options& o) {
            o.positional("what", args->what, "new | check FILE", true);
            o.value("--out", args->out, "new: file to write (default: standard output)");
            o.flag("--ask", args->ask, "new: ask the ten questions also when the input is no terminal");
          },
          [args] {
            if (args->what.front() == "new" && args->what.size() == 1) return make_new(*args);
            if (args->what.front() == "check" && args->what.size() == 2) return check(args->what[1]);
            complain("profile takes new, or check FILE");
            return 2;
          }};
}

}  // namespace assay::cli
