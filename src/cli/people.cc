#include "cli/people.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "cli/common.h"
#include "core/ascii.h"
#include "report/words.h"

namespace assay::cli {
namespace {

constexpr std::size_t kMostText = 2000;  // bytes of a reason or of what was told

double log10_odds(double p) { return std::log10(p / (1 - p)); }

std::string standing(const Question& q) {
  return q.judged ? fmt::format("{} ({:.4f})", q.term.words, q.probability)
                  : fmt::format("cannot say ({:.4f})", q.probability);
}

bool missing(std::string_view option, const std::string& value, std::string_view example) {
  if (!trim(value).empty() && value.size() <= kMostText) return false;
  complain(value.size() > kMostText ? fmt::format("{} is longer than {} bytes: say it shorter", option, kMostText)
                                    : fmt::format("{} is missing: {}", option, example));
  return true;
}

// Writes the row and its line of the log, assesses again, and prints what moved.
template <typename Row>
int keep(Case& file, const Row& row, const char* event, const std::string& detail, Scale scale) {
  auto before = file.load();
  if (!before.ok()) {
    complain(before.error());
    return 2;
  }
  before->today = today();
  Status status = file.add(row);
  if (status.ok()) status = file.log(event, detail, false, now_utc());
  if (!status.ok()) {
    complain(status.error());
    return 2;
  }
  auto after = file.load();
  if (!after.ok()) {
    complain(after.error());
    return 2;
  }
  after->today = today();
  const Assessment was = assess(*before, scale), is = assess(*after, scale);
  ReportOptions options;
  options.scale = scale;
  options.case_path = file.path();
  status = file.store_assessment(row.run, json_answer(*after, is, options));
  if (status.ok()) status = file.log("assessed again", event, true, now_utc());
  if (!status.ok()) {
    complain(status.error());
    return 2;
  }
  print(difference_text(was, is) + fmt::format("Log head {} (write it down)\n", file.head()));
  return 0;
}

}  // namespace

void declare_people(Options& o, PeopleArguments& a) {
  o.value("--as", a.as, "judge: benign, confirmed or test");
  o.value("--reason", a.reason, "judge: why, one sentence");
  o.value("--by", a.by, "judge, add-statement: your name");
  o.value("--expires", a.expires, "judge: first day on which it no longer holds, as YEAR-MONTH-DAY");
  o.value("--who", a.who, "add-statement: role of who told it (user, administrator, supplier)");
  o.value("--about", a.about, "add-statement: a question (access, malware ...) or a claim's id");
  o.value("--time", a.time, "add-statement: when it happened, as told");
  o.value("--reliability", a.reliability, "add-statement: Admiralty code, A1 to F6");
  o.value("--text", a.text, "add-statement: what was told");
  o.value("--account", a.account, "add-statement: account that it concerns");
  o.value("--scale", a.scale, "Words of probability: phia (UK) or icd203 (US)");
}

const Sighting* find_sighting(const CaseData& data, std::string_view label) {
  std::optional<std::int64_t> number;
  if (label.size() > 1 && (label[0] == 'F' || label[0] == 'f')) number = parse_int(label.substr(1));
  for (const Sighting& s : data.sightings) {
    if (s.id == label || (number && *number > 0 && s.finding == static_cast<std::uint64_t>(*number))) return &s;
  }
  return nullptr;
}

std::string difference_text(const Assessment& before, const Assessment& after) {
  std::string out = fmt::format(" {:<13} {:<33} {:<33} {}\n", "Question", "before", "now", "log10 odds");
  for (const Question& q : before.questions) {
    const Question* now = after.find(q.id);
    if (now == nullptr) continue;
    const double moved = log10_odds(now->probability) - log10_odds(q.probability);
    out += fmt::format(
        " {:<13} {:<33} {:<33} {}\n", q.id, standing(q), standing(*now),
        q.probability == now->probability && q.judged == now->judged ? "unchanged" : report::signed_fixed(moved, 2));
  }
  return out;
}

int judge_finding(const std::string& case_file, const std::string& finding, const PeopleArguments& args) {
  if (finding.empty()) {
    complain("case judge needs a finding: assay case judge F07 --as benign --reason \"...\" --by \"...\"");
    return 2;
  }
  const auto verdict = verdict_from(args.as);
  if (!verdict.ok()) {
    complain(verdict.error());
    return 2;
  }
  if (missing("--reason", args.reason, "whoever reads the case must be able to follow the judgement")) return 2;
  if (missing("--by", args.by, "a judgement has a name")) return 2;
  const auto scale = scale_from(args.scale);
  if (!scale) return 2;
  Disposition row;
  row.verdict = *verdict;
  row.reason = args.reason;
  row.by = args.by;
  row.at = today();
  if (!args.expires.empty()) {
    const auto expires = day_or_time("--expires", args.expires);
    if (!expires.ok()) {
      complain(expires.error());
      return 2;
    }
    row.expires = *expires;
    if (row.expires <= row.at) {
      complain("--expires " + args.expires + " is over already: give a day to come");
      return 2;
    }
  }
  const std::unique_ptr<Case> file = open_case(case_file, false);
  if (!file) return 2;
  const std::optional<CaseData> data = load_case(*file);
  if (!data) return 2;
  const Sighting* sighting = find_sighting(*data, finding);
  if (sighting == nullptr) {
    complain(
        fmt::format("the case knows no finding \"{}\"; the page and assay explain name them: F01, F02 ...", finding));
    return 2;
  }
  row.sighting = sighting->id;
  row.finding = sighting->finding;
  row.run = file->last_run();
  return keep(*file, row, "judged", dump_json(to_json(row)), *scale);
}

int add_statement(const std::string& case_file, const PeopleArguments& args) {
  if (missing("--who", args.who, "the role of who told it, as user") ||
      missing("--about", args.about, "a question (access, malware ...) or a claim's id") ||
      missing("--text", args.text, "what was told") || missing("--by", args.by, "who writes it down"))
    return 2;
  const auto code = admiralty_code(args.reliability);
  if (!code.ok()) {
    complain(code.error());
    return 2;
  }
  const auto scale = scale_from(args.scale);
  if (!scale) return 2;
  assay::Statement row;
  row.who = args.who;
  row.about = args.about;
  row.account = args.account;
  row.reliability = *code;
  row.text = args.text;
  row.by = args.by;
  row.at = today();
  if (!args.time.empty()) {
    const auto time = day_or_time("--time", args.time);
    if (!time.ok()) {
      complain(time.error());
      return 2;
    }
    row.time = *time;
  }
  const std::unique_ptr<Case> file = open_case(case_file, false);
  if (!file) return 2;
  const std::optional<CaseData> data = load_case(*file);
  if (!data) return 2;
  bool known = false;
  for (const char* question : {"targeted", "access", "malware", "exfiltration", "impact"})
    known = known || row.about == question;
  for (const Advisory& advisory : data->knowledge.advisories) {
    for (const Claim& claim : advisory.claims) {
      if (claim.id != row.about && claim.id != "claim." + row.about) continue;
      row.about = claim.id;
      known = true;
    }
  }
  if (!known) {
    complain(
        fmt::format("\"{}\" is no question (targeted, access, malware, exfiltration, impact) and no claim of this case",
                    row.about));
    return 2;
  }
  row.run = file->last_run();
  return keep(*file, row, "statement added", dump_json(to_json(row)), *scale);
}

}  // namespace assay::cli
