// assay case show|verify|export.
#include <fmt/format.h>

#include <memory>

#include "cli/common.h"
#include "cli/verbs.h"
#include "core/json.h"

namespace assay::cli {
namespace {

struct CaseArguments {
  std::vector<std::string> what;
  std::string case_file, head;
};

int show(Case& file) {
  std::string out = fmt::format("Case {}\n", file.path());
  for (const RunInfo& run : file.runs()) {
    const auto body = parse_json(run.body);
    out += fmt::format("  run {}: {}", run.run,
                       run.state == "running" ? "interrupted (it did not end by itself)" : run.state);
    if (body.ok()) out += fmt::format(", started {}", (*body)["started"].as_string());
    out += fmt::format(", detectors {}\n", run.detector_set.substr(0, 12));
  }
  const auto data = file.load();
  if (data.ok()) {
    out +=
        fmt::format("  {} evidence items, {} records ({} copies counted once), {} findings, {} mentions, {} notices\n",
                    data->evidence.size(), data->records_total, data->duplicates_total, data->sightings.size(),
                    data->mentions.size(), data->notices.size());
    for (const Advisory& advisory : data->knowledge.advisories) {
      out += fmt::format("  asked: {} {} ({})\n", advisory.name, advisory.version, format_date(advisory.published));
    }
  } else {
    out += "  " + data.error().text() + "\n";
  }
  out += "Processing log\n";
  for (const CustodyLine& line : file.custody()) {
    const auto body = parse_json(line.body);
    if (!body.ok()) continue;
    out += fmt::format("  {:>3}  {}  {}  {}\n", line.seq, (*body)["at"].as_string(), (*body)["event"].as_string(),
                       line.hash.substr(0, 16));
  }
  out += fmt::format("Log head {}\n", file.head());
  print(out);
  return 0;
}

int verify(Case& file, const std::string& head) {
  const Case::Verdict verdict = file.verify(head);
  std::string out;
  for (const std::string& problem : verdict.problems) out += "  " + problem + "\n";
  if (verdict.consistent && verdict.anchored) {
    out = "The case is consistent, and the head you wrote down is in its log.\n";
  } else if (verdict.consistent) {
    out =
        "The case is internally consistent, not anchored: give the head you wrote down with --head to exclude a case "
        "made anew.\n";
  } else {
    out = "The case does NOT verify:\n" + out;
  }
  print(out);
  return verdict.consistent ? 0 : 1;
}

}  // namespace

Verb case_verb() {
  auto args = std::make_shared<CaseArguments>();
  return {"case", "Look at a case: show, verify, export",
          [args](Options& o) {
            o.positional("what", args->what, "show | verify | export", true);
            o.value("--case", args->case_file, "Case file (default: the newest assay-N.case here)");
            o.value("--head", args->head, "verify: the log head that was written down");
          },
          [args] {
            const std::unique_ptr<Case> file = open_case(args->case_file, true);
            if (!file) return 2;
            if (args->what.front() == "show") return show(*file);
            if (args->what.front() == "verify") return verify(*file, args->head);
            if (args->what.front() == "export") {
              const Status status = file->export_jsonl([](std::string_view line) { print(line); });
              if (status.ok()) return 0;
              complain(status.error());
              return 2;
            }
            complain("case takes show, verify or export, not \"" + args->what.front() + "\"");
            return 2;
          }};
}

}  // namespace assay::cli
