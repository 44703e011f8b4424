// assay assess, explain, report: views of a case, without reading the evidence again (explain may show cited bytes).
#include <fmt/format.h>

#include <memory>

#include "assess/assessment.h"
#include "cli/advisory_verbs.h"
#include "cli/common.h"
#include "cli/look.h"
#include "cli/verbs.h"
#include "cli/what_if.h"
#include "hunt/fetch.h"
#include "hunt/newer_version.h"
#include "report/escape.h"

namespace assay::cli {
namespace {

struct ViewArguments {
  std::string attack, case_file, format, scale, out, return_file, pseudonym;
  std::vector<std::string> ids, records, passwords, what_if, versions;
  std::string rule;
  LoadOptions load;
  bool names = false, no_color = false, raw = false;
};

struct Opened {
  CaseData data;
  Assessment assessment;
  ReportOptions options;
};

std::string version_text(const NewerVersion& v, const std::string& name) {
  std::string findings;
  for (const std::uint32_t number : v.findings)
    findings += fmt::format("{}F{:02}", findings.empty() ? "" : ", ", number);
  std::string out = fmt::format(
      "{}: {} in the place of {}. {} indicators as before, {} withdrawn{}", report::printable(v.advisory),
      report::printable(v.after), report::printable(v.before), v.kept, v.withdrawn,
      findings.empty() ? "" : fmt::format(" ({} no longer count{})", findings, v.findings.size() == 1 ? "s" : ""));
  if (v.added > 0) {
    out += fmt::format(", {} added and not looked for yet", v.added);
    if (v.unanswered_claims > 0)
      out += fmt::format(", so {} claim{} open", v.unanswered_claims, v.unanswered_claims == 1 ? " stays" : "s stay");
    out += ": assay hunt EVIDENCE --advisory " + name;
  }
  return out + "\n";
}

std::optional<Opened> open(const ViewArguments& args, int& code) {
  code = 2;
  const auto scale = scale_from(args.scale);
  if (!scale) return std::nullopt;
  const std::unique_ptr<Case> file = open_case(args.case_file, true);
  if (!file) return std::nullopt;
  std::optional<CaseData> data = load_case(*file);
  if (!data) return std::nullopt;
  const auto attack = load_attack(args.attack);
  if (!attack) return std::nullopt;
  Opened out{*std::move(data), {}, {}};
  for (const std::string& name : args.versions) {
    auto fresh = read_named(name, args.load.store);
    if (!fresh) return std::nullopt;
    const auto taken = take_version(out.data, *std::move(fresh));
    if (!taken.ok()) {
      complain(taken.error());
      return std::nullopt;
    }
    fmt::print(stderr, "{}", version_text(*taken, name));
  }
  out.data.today = today();
  out.assessment = assess(out.data, *scale, {attack->get(), nullptr});
  out.options.scale = *scale;
  out.options.names = args.names;
  out.options.case_path = file->path();
  out.options.custody_head = file->head();
  out.options.width = terminal_width();
  out.options.color = want_color(args.no_color);
  code = 0;
  return out;
}

void declare_common(Options& o, ViewArguments& args) {
  o.value("--case", args.case_file, "Case file (default: the newest assay-N.case here)");
  o.value("--scale", args.scale, "Words of probability: phia (UK) or icd203 (US)");
  o.value("--attack", args.attack, "ATT&CK's enterprise-attack.json: compare what was seen with its groups");
  o.flag("--names", args.names, "Show real account names");
  o.flag("--no-color", args.no_color, "No colour");
}

// explain --rule ID --record PLACE: a rule's tree over one record, with or without a case.
int explain_record(const ViewArguments& args) {
  if (args.rule.empty() || args.records.empty()) {
    complain("--rule ID and --record PLACE go together; a place is FILE:LINE, FILE@OFFSET or, of a case, E0003@OFFSET");
    return 2;
  }
  const auto loaded = load(args.load);
  if (!loaded) return 2;
  const ir::Detector* rule = nullptr;
  for (const ir::Detector& one : loaded->rules.rules) {
    if (one.id == args.rule || (!one.name.empty() && one.name == args.rule)) rule = &one;
  }
  if (rule == nullptr) {
    for (const NotLoaded& n : loaded->rules.not_loaded) {
      if (n.id == args.rule) {
        complain(fmt::format("the rule {} does not load: {}: {}", n.id, n.path, n.reason));
        return 2;
      }
    }
    complain(fmt::format("no rule has the id or name \"{}\"; name its file with --rules PATH", args.rule));
    return 2;
  }
  std::optional<CaseData> data;
  for (const std::string& text : args.records) {
    const auto place = parse_place(text);
    if (!place) {
      complain(fmt::format("\"{}\" is no place of a record: FILE:LINE, FILE@OFFSET or, of a case, E0003@OFFSET", text));
      return 2;
    }
    const bool of_case = place->item.size() >= 5 && place->item[0] == 'E' &&
                         place->item.find_first_not_of("0123456789", 1) == std::string::npos;
    if (of_case && !data) {
      const std::unique_ptr<Case> file = open_case(args.case_file, true);
      if (!file) return 2;
      data = load_case(*file);
      if (!data) return 2;
    }
    auto record = look_at(*place, loaded->schemas, data ? &*data : nullptr, args.passwords);
    if (!record.ok()) {
      complain(record.error());
      return 2;
    }
    print(explain_rule(loaded->rules, *rule, *record, loaded->schemas));
  }
  return 0;
}

}  // namespace

Verb assess_verb() {
  auto args = std::make_shared<ViewArguments>();
  return {"assess", "Judge a case again from what it holds, without the evidence",
          [args](Options& o) {
            declare_common(o, *args);
            o.value("--format", args->format, "text, json, jsonl or html");
            o.list("--advisory", args->versions,
                   "A later version of an advisory that the case asked: STIX 2.1 file or name (repeatable)");
            o.list("--what-if", args->what_if,
                   "Leave findings or statements out (F07,F08 or S1; repeatable) and print what that changes");
          },
          [args] {
            int code = 0;
            const auto opened = open(*args, code);
            if (!opened) return code;
            if (!args->what_if.empty())
              return what_if(opened->data, opened->assessment, args->what_if, opened->options.scale, args->format);
            const auto answer = render(opened->data, opened->assessment, opened->options, args->format);
            if (!answer) return 2;
            print(*answer);
            return 0;
          }};
}

Verb report_verb() {
  auto args = std::make_shared<ViewArguments>();
  return {"report", "Write a case's report: one HTML file that needs no network",
          [args](Options& o) {
            declare_common(o, *args);
            o.value("--format", args->format, "html (default), text, json or jsonl");
            o.value("--out", args->out, "File to write (default: standard output)");
            o.value("--return", args->return_file, "Write what to tell a CERT instead: no names, no evidence");
            o.value("--pseudonym", args->pseudonym, "What the return calls the organisation (default: nothing)");
          },
          [args] {
            int code = 0;
            const auto opened = open(*args, code);
            if (!opened) return code;
            if (!args->return_file.empty())
              return write_return(args->return_file, opened->data, opened->assessment, args->pseudonym) ? 0 : 2;
            const auto answer =
                render(opened->data, opened->assessment, opened->options, args->format.empty() ? "html" : args->format);
            if (!answer) return 2;
            if (args->out.empty()) {
              print(*answer);
              return 0;
            }
            return write_file(args->out, *answer) ? 0 : 2;
          }};
}

Verb explain_verb() {
  auto args = std::make_shared<ViewArguments>();
  return {
      "explain",
      "Walk an answer back: a question (access), a finding (F07), a claim or a sum (exfiltration), down to the bytes",
      [args](Options& o) {
        declare_common(o, *args);
        o.positional("id", args->ids, "targeted access malware exfiltration impact actor ongoing, F<n>, a claim's id",
                     false);
        o.value("--rule", args->rule, "With --record: show how a rule looks at one record, PASS or FAIL line by line");
        o.list("--record", args->records, "FILE:LINE, FILE@OFFSET or, of a case, E0003@OFFSET (repeatable)");
        o.list("--archive-password", args->passwords, "Password to try on encrypted archives (repeatable)");
        o.list("--rules", args->load.rules, "Where the rule stands (repeatable)");
        o.list("--placeholder", args->load.placeholders, "NAME=VALUE,... or a YAML file (repeatable)");
        o.list("--pipeline", args->load.pipelines, "pySigma processing pipeline (repeatable)");
        o.list("--schemas", args->load.schemas, "Folder with further schemas (repeatable)");
      },
      [args] {
        int code = 0;
        if (!args->rule.empty() || !args->records.empty()) return explain_record(*args);
        if (args->ids.empty()) {
          complain("explain needs a question, a finding such as F01, a claim's id, or --rule ID --record PLACE");
          return 2;
        }
        const auto opened = open(*args, code);
        if (!opened) return code;
        for (const std::string& id : args->ids) {
          const std::string text =
              explain(opened->data, opened->assessment, id, opened->options,
                      [&](const std::string& evidence, std::uint64_t offset, std::uint64_t length) {
                        return fetch_bytes(opened->data, evidence, offset, length, 2048, args->passwords);
                      });
          if (text.empty()) {
            complain(
                fmt::format("the case knows no \"{}\"; name a question (access, malware, exfiltration ...), a finding "
                            "such as F01, or a claim's id",
                            id));
            return 2;
          }
          print(text);
        }
        return 0;
      }};
}

}  // namespace assay::cli
