#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "cli/common.h"

namespace assay::cli {
namespace {

class Wrapped final : public Options {
 public:
  Wrapped(CLI::App& app, std::string& needed) : app_(&app), needed_(&needed) {}
  void flag(const std::string& name, bool& to, const std::string& help) override { app_->add_flag(name, to, help); }
  void value(const std::string& name, std::string& to, const std::string& help) override {
    app_->add_option(name, to, help)->take_last();  // given twice, the later one holds
  }
  void value(const std::string& name, std::int64_t& to, const std::string& help) override {
    app_->add_option(name, to, help)->take_last();
  }
  void list(const std::string& name, std::vector<std::string>& to, const std::string& help) override {
    app_->add_option(name, to, help)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  void positional(const std::string& name, std::vector<std::string>& to, const std::string& help,
                  bool required) override {
    CLI::Option* const option = app_->add_option(name, to, help);
    if (!required) return;
    option->required();
    *needed_ = help;
  }

 private:
  CLI::App* app_;
  std::string* needed_;
};

}  // namespace

int dispatch(int argc, char** argv, const std::vector<Verb>& verbs) {
  CLI::App app(
      "Assay answers from published advisories and your own evidence: were we targeted, did they get in, what ran, "
      "what left,\n"
      "are they still here, how sure are we, what now. Offline; evidence is only read.",
      "assay");
  app.set_version_flag("--version", std::string("assay ") + version());
  app.require_subcommand(1);
  app.footer(
      "Start with:  assay hunt EVIDENCE...   (folders, files, archives)\nExit codes: 0 done, 1 --fail-on met, 2 bad "
      "command line, 3 no evidence could be read, 130 interrupted.\nAlso: assay man prints the manual page, assay "
      "completion bash a completion.");
  std::map<std::string, std::string> needed;  // by verb: the help of its positional that must be there
  std::vector<std::unique_ptr<Wrapped>> wrapped;
  const Verb* chosen = nullptr;
  for (const Verb& verb : verbs) {
    CLI::App* const sub = app.add_subcommand(verb.name, verb.help);
    sub->allow_extras(false);
    if (verb.hidden) sub->group("");
    wrapped.push_back(std::make_unique<Wrapped>(*sub, needed[verb.name]));
    verb.declare(*wrapped.back());
    sub->callback([&chosen, &verb] { chosen = &verb; });
  }
  if (argc > 1 && argv[1][0] != '-') {
    std::string names;
    bool known = false;
    for (const Verb& verb : verbs) {
      known = known || verb.name == argv[1];
      if (!verb.hidden) names += (names.empty() ? "" : ", ") + verb.name;
    }
    if (!known) {
      complain(std::string("there is no verb \"") + argv[1] + "\"; verbs: " + names + "\nSee: assay --help");
      return 2;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    // Nothing but the verb: what it may be followed by says more than the name of what is missing.
    const auto verb = argc == 2 ? needed.find(argv[1]) : needed.end();
    if (verb != needed.end() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      complain(verb->first + " what? " + verb->second + "\nSee: assay " + verb->first + " --help");
      return 2;
    }
    std::fprintf(stderr, "assay: %s\nSee: assay --help\n", error.what());
    return 2;
  }
  return chosen == nullptr ? 2 : chosen->run();
}

}  // namespace assay::cli
