// assay evidence check PATH...: what the evidence is, what it covers, what is wrong with it. No rules, no case left
// behind.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>

#include "cli/common.h"
#include "cli/verbs.h"
#include "hunt/hunt.h"
#include "report/escape.h"

namespace assay::cli {
namespace {

struct Arguments {
  std::vector<std::string> what, passwords;
  LoadOptions load;
};

// Evidence names on a terminal: control bytes shown, never sent.
std::string visible(std::string_view text) { return report::printable(text); }

int check(const Arguments& args) {
  auto schemas = SchemaSet::load(args.load.schemas);
  if (!schemas.ok()) {
    complain(schemas.error());
    return 2;
  }
  const RuleSet rules;
  const Knowledge knowledge;
  const Profile profile;
  EngineInputs inputs{&rules, &*schemas, &knowledge, &profile, {}, {}};
  const std::unique_ptr<Engine> engine = Engine::compile(rules, *schemas, profile, {});
  inputs.hunt.passwords = args.passwords;
  const EngineFacts facts = facts_of(*engine, *schemas);
  const std::string path = fmt::format(".assay-check-{}.case", ::getpid());
  auto file = Case::create(path);
  if (!file.ok()) {
    complain(file.error());
    return 2;
  }
  HuntOptions options;
  options.evidence.assign(args.what.begin() + 1, args.what.end());
  options.in_process = true;
  const std::atomic<bool> interrupt{false};
  auto outcome =
      hunt(options, inputs, nullptr, facts, **file, "evidence check", "{}", interrupt, [](const HuntProgress&) {});
  (*file)->close();
  std::remove(path.c_str());
  if (!outcome.ok()) {
    complain(outcome.error());
    return 2;
  }
  std::string out = fmt::format("{:<6} {:<10} {:<22} {:>12} {:>9} {:<23} {}\n", "item", "kind", "shape", "bytes",
                                "records", "from - to", "path");
  for (const EvidenceItem& item : outcome->data.evidence) {
    out += fmt::format("{:<6} {:<10} {:<22} {:>12} {:>9} {:<23} {}\n", item.id, item.kind,
                       visible(item.shape).substr(0, 22), item.bytes, item.records,
                       item.first.known() ? format_date(item.first) + " - " + format_date(item.last) : "",
                       visible(item.path));
  }
  if (!outcome->data.notices.empty()) out += "\nNotices\n";
  for (const Notice& notice : outcome->data.notices) {
    out += fmt::format("  {:<22} {:>8}x  {}{}{}\n", name_of(notice.kind), notice.count, visible(notice.item),
                       notice.item.empty() ? "" : ": ", visible(notice.detail));
  }
  print(out);
  return outcome->anything_read ? 0 : 3;
}

}  // namespace

Verb evidence_verb() {
  auto args = std::make_shared<Arguments>();
  return {"evidence", "Look at evidence before a hunt: what each file is, what it covers, what is wrong with it",
          [args](Options& o) {
            o.positional("what", args->what, "check PATH...", true);
            o.list("--schemas", args->load.schemas, "Folder with further schemas (repeatable)");
            o.list("--archive-password", args->passwords, "Password to try on encrypted archives (repeatable)");
          },
          [args] {
            if (args->what.front() == "check" && args->what.size() > 1) return check(*args);
            complain("evidence takes check PATH...");
            return 2;
          }};
}

}  // namespace assay::cli
