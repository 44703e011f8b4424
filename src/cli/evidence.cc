// assay evidence check PATH...: what the evidence is, what it covers, what is wrong with it. No rules, no case left
// behind.
#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <memory>

#include "cli/common.h"
#include "cli/verbs.h"
#include "hunt/hunt.h"
#include "report/evidence/evidence_page.h"

namespace assay::cli {
namespace {

struct Arguments {
  std::vector<std::string> what, passwords;
  LoadOptions load;
  std::string format = "text";
  bool all = false, names = false, carve = false;
};

int check(const Arguments& args) {
  if (args.format != "text" && args.format != "json") {
    complain("evidence check has --format text and --format json");
    return 2;
  }
  auto schemas = SchemaSet::load(args.load.schemas);
  if (!schemas.ok()) {
    complain(schemas.error());
    return 2;
  }
  const RuleSet rules;
  const Knowledge knowledge;
  Profile profile;
  if (!args.load.profile.empty()) {
    std::string yaml;
    auto given = load_profile(args.load.profile, yaml);
    if (!given) return 2;
    profile = *std::move(given);
  }
  EngineInputs inputs{&rules, &*schemas, &knowledge, &profile, {}, {}};
  const std::unique_ptr<Engine> engine = Engine::compile(rules, *schemas, profile, {});
  inputs.hunt.carve = args.carve;
  inputs.hunt.passwords = args.passwords;
  const EngineFacts facts = facts_of(*engine, *schemas);
  // Nobody else's to read, and not where the evidence is.
  const ScratchFolder scratch;
  if (scratch.path().empty()) return 2;
  auto file = Case::create(scratch.path() + "/check.case");
  if (!file.ok()) {
    complain(file.error());
    return 2;
  }
  HuntOptions options;
  options.evidence.assign(args.what.begin() + 1, args.what.end());
  complain_of_missing(options.evidence);
  options.in_process = true;
  const std::atomic<bool> interrupt{false};
  auto outcome =
      hunt(options, inputs, nullptr, facts, **file, "evidence check", "{}", interrupt, [](const HuntProgress&) {});
  (*file)->close();
  if (!outcome.ok()) {
    complain(outcome.error());
    return 2;
  }
  // Without a width of its own a pipe gets what a person can still read in a mail.
  const EvidencePageOptions page{stdout_is_terminal() ? terminal_width() : std::size_t{100}, args.all, args.names};
  print(args.format == "json" ? evidence_json(outcome->data, args.names) : evidence_page(outcome->data, page));
  return outcome->anything_read ? 0 : 3;
}

}  // namespace

Verb evidence_verb() {
  auto args = std::make_shared<Arguments>();
  return {"evidence", "Look at evidence before a hunt: what each file is, what it covers, what is wrong with it",
          [args](Options& o) {
            o.positional("what", args->what, "check PATH...", true);
            o.value("--format", args->format, "text or json");
            o.flag("--all", args->all, "Every item and notice by itself");
            o.flag("--names", args->names, "Show names of people in paths");
            o.value("--profile", args->load.profile, "What the organisation says about itself");
            o.list("--schemas", args->load.schemas, "Folder with further schemas (repeatable)");
            o.list("--archive-password", args->passwords, "Password to try on encrypted archives (repeatable)");
            o.flag("--carve", args->carve, "Also look for records in the unused space of Windows event logs");
          },
          [args] {
            if (args->what.front() == "check" && args->what.size() > 1) return check(*args);
            complain("evidence takes check PATH...");
            return 2;
          }};
}

}  // namespace assay::cli
