// assay assess, explain, report: views of a case, without reading the evidence again (explain may show cited bytes).
#include <fmt/format.h>

#include <memory>

#include "assess/assessment.h"
#include "cli/common.h"
#include "cli/verbs.h"
#include "hunt/fetch.h"

namespace assay::cli {
namespace {

struct ViewArguments {
  std::string case_file, format, scale, out;
  std::vector<std::string> ids;
  bool names = false, no_color = false, raw = false;
};

struct Opened {
  CaseData data;
  Assessment assessment;
  ReportOptions options;
};

std::optional<Opened> open(const ViewArguments& args, int& code) {
  code = 2;
  const auto scale = scale_from(args.scale);
  if (!scale) return std::nullopt;
  const std::unique_ptr<Case> file = open_case(args.case_file, true);
  if (!file) return std::nullopt;
  auto data = file->load();
  if (!data.ok()) {
    complain(data.error());
    return std::nullopt;
  }
  Opened out{std::move(data).value(), {}, {}};
  out.assessment = assess(out.data, *scale);
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
  o.flag("--names", args.names, "Show real account names");
  o.flag("--no-color", args.no_color, "No colour");
}

}  // namespace

Verb assess_verb() {
  auto args = std::make_shared<ViewArguments>();
  return {"assess", "Judge a case again from what it holds, without the evidence",
          [args](Options& o) {
            declare_common(o, *args);
            o.value("--format", args->format, "text, json, jsonl or html");
          },
          [args] {
            int code = 0;
            const auto opened = open(*args, code);
            if (!opened) return code;
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
          },
          [args] {
            int code = 0;
            const auto opened = open(*args, code);
            if (!opened) return code;
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
                     true);
      },
      [args] {
        int code = 0;
        const auto opened = open(*args, code);
        if (!opened) return code;
        for (const std::string& id : args->ids) {
          const std::string text =
              explain(opened->data, opened->assessment, id, opened->options,
                      [&](const std::string& evidence, std::uint64_t offset, std::uint64_t length) {
                        return fetch_bytes(opened->data, evidence, offset, length, 2048);
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
