// assay hunt EVIDENCE...: everything from evidence to answer.
#include "hunt/hunt.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "assess/assessment.h"
#include "cli/common.h"
#include "cli/verbs.h"
#include "core/hash.h"
#include "core/json.h"
#include "report/escape.h"

namespace assay::cli {
namespace {

// Whole months of the calendar.
std::int64_t months_between(Time from, Time to) {
  const Civil a = to_civil(from), b = to_civil(to);
  return (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
}

// Every advisory asked, with its age: an old warning is answered as any other, and nobody should overlook which it is.
std::string asked(const std::vector<Advisory>& advisories) {
  const auto now = parse_iso8601(now_utc());
  std::string out;
  for (const Advisory& advisory : advisories) {
    std::string age = "without a date";
    if (advisory.published.known() && now) {
      const std::int64_t days = (now->ns - advisory.published.ns) / kDay;
      age = fmt::format("published {} ({})", format_day_month_year(advisory.published),
                        *now < advisory.published ? "in the future"
                        : days < 60               ? fmt::format("{} days ago", days)
                                    : fmt::format("{} months ago", months_between(advisory.published, *now)));
    }
    out += fmt::format("{}{}{}{}, {}, {} indicators, {} claims", out.empty() ? "" : "; ",
                       report::printable(advisory.name), advisory.version.empty() ? "" : " ",
                       report::printable(advisory.version), age, advisory.indicators.size(), advisory.claims.size());
  }
  return out;
}

std::atomic<bool> interrupted{false};
void on_signal(int) { interrupted = true; }

struct HuntArguments {
  std::vector<std::string> evidence, passwords;
  LoadOptions load;
  std::string attack, case_file, report, return_file, pseudonym, format, scale, from, to, as_of, fail_on;
  std::int64_t jobs = 0, unit_bytes = 0, shuffle = 0, crash_after = 0;
  bool names = false, quiet = false, no_color = false, in_process = false, reference = false, carve = false;
};

// Progress on stderr: redrawn on a terminal, a plain line every few seconds elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet)
      : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1), start_(Clock::now()), last_(start_) {}
  void show(const HuntProgress& p, bool final = false) {
    if (quiet_) return;
    const auto now = Clock::now();
    const auto every = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000);
    if (!final && now - last_ < every) return;
    last_ = now;
    const double seconds = std::max(0.001, std::chrono::duration<double>(now - start_).count());
    const double mb = static_cast<double>(p.bytes) / 1e6;
    const std::string line = fmt::format("[{:02}:{:02}] {:.1f} MB read, {} records, {:.0f} MB/s, {}/{} units",
                                         static_cast<int>(seconds) / 60, static_cast<int>(seconds) % 60, mb, p.records,
                                         mb / seconds, p.units_done, p.units_known);
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[K" : "", line, terminal_ && !final ? "" : "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_, terminal_;
  Clock::time_point start_, last_;
};

bool parse_bound(const std::string& text, const char* name, Time& to) {
  if (text.empty()) return true;
  const auto time = parse_iso8601(text);
  if (!time) {
    complain(fmt::format("{} needs a UTC time such as 2020-04-16 or 2020-04-16T02:00:00Z, not \"{}\"", name, text));
    return false;
  }
  to = *time;
  return true;
}

std::string run_body(const HuntArguments& args, const std::string& started, const std::string& ended,
                     std::uint64_t retries) {
  Json evidence = Json::array();
  for (const std::string& path : args.evidence) evidence.push(path);
  rusage own{}, children{};
  ::getrusage(RUSAGE_SELF, &own);
  ::getrusage(RUSAGE_CHILDREN, &children);
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return dump_json(
      Json::object({{"tool", version()},
                    {"evidence", std::move(evidence)},
                    {"started", started},
                    {"ended", ended},
                    {"host", std::string(host)},
                    {"pid", static_cast<std::int64_t>(::getpid())},
                    {"jobs", args.jobs},
                    {"retries", retries},
                    {"peak_kib", static_cast<std::int64_t>(std::max(own.ru_maxrss, children.ru_maxrss))}}));
}

int run_hunt(HuntArguments& args) {
  const auto scale = scale_from(args.scale);
  if (!scale) return 2;
  if (!args.fail_on.empty() && term_named(args.fail_on, *scale).rank < 0) {
    complain(fmt::format("--fail-on needs a term of the scale, such as \"likely\", not \"{}\"", args.fail_on));
    return 2;
  }
  if (!is_format(args.format)) return 2;
  if (!args.pseudonym.empty() && args.return_file.empty()) {
    complain("--pseudonym is what --return FILE calls the organisation; without it nothing is named");
    return 2;
  }
  if (!args.report.empty() && !can_be_written(args.report)) return 2;  // said now, not after hours
  if (!args.return_file.empty() && !can_be_written(args.return_file)) return 2;
  HuntOptions options;
  EngineInputs inputs;
  if (!parse_bound(args.from, "--from", inputs.hunt.from) || !parse_bound(args.to, "--to", inputs.hunt.to) ||
      !parse_bound(args.as_of, "--as-of", options.finish.as_of)) {
    return 2;
  }
  inputs.hunt.as_of = options.finish.as_of;
  if (args.jobs < 0 || args.jobs > 256) {
    complain(fmt::format("--jobs needs a number of worker processes from 1 to 256 (0: one for each core), not {}",
                         args.jobs));
    return 2;
  }
  if (args.unit_bytes < 0) {
    complain(fmt::format("--unit-bytes needs a number of bytes, not {}", args.unit_bytes));
    return 2;
  }
  if (inputs.hunt.from.known() && inputs.hunt.to.known() && inputs.hunt.to <= inputs.hunt.from) {
    complain(fmt::format("--to {} is not after --from {}: no record lies between; swap them or leave one out", args.to,
                         args.from));
    return 2;
  }
  const auto attack = load_attack(args.attack);
  if (!attack) return 2;
  std::optional<Loaded> loaded = load(args.load);
  if (!loaded) return 2;
  if (!args.quiet) {
    fmt::print(stderr, "Asking: {}\n", asked(loaded->knowledge.advisories));
    fmt::print(stderr, "Loaded {} rules, {} indicators, {} YARA files ({} not loaded)\n", loaded->rules.rules.size(),
               loaded->rules.indicators.size(), loaded->rules.yara.size(), loaded->rules.not_loaded.size());
  }
  if (!args.quiet) {
    for (const NotLoaded& warning : loaded->rules.warnings)
      fmt::print(stderr, "Warning: {}: {}\n", warning.path, warning.reason);
  }
  inputs.rules = &loaded->rules;
  inputs.schemas = &loaded->schemas;
  inputs.knowledge = &loaded->knowledge;
  inputs.profile = &loaded->profile;
  inputs.engine.fast = !args.reference;
  inputs.hunt.carve = args.carve;
  inputs.hunt.passwords = args.passwords;  // in memory alone: never in the case, the log or an answer
  inputs.hunt.unit_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, args.unit_bytes));

  EngineFacts facts;
  Channel forge;
  if (args.in_process) {
    const std::unique_ptr<Engine> engine =
        Engine::compile(loaded->rules, loaded->schemas, loaded->profile, inputs.engine);
    const Plans plans(*engine, loaded->schemas, loaded->knowledge);
    facts = facts_of(*engine, loaded->schemas);
  } else {
    if (start_forge(inputs, forge) < 0) {
      complain("no process can be started; try --in-process");
      return 2;
    }
    FrameType type{};
    std::string body;
    int descriptor = -1;
    if (!forge.receive(type, body, descriptor) || type != FrameType::facts ||
        !load_facts(body, loaded->rules.indicators, facts)) {
      complain(
          "the rules could not be compiled: the compiling process ended. Leave out --rules one by one to find the "
          "cause");
      return 2;
    }
  }
  facts.not_loaded.insert(facts.not_loaded.begin(), loaded->rules.not_loaded.begin(), loaded->rules.not_loaded.end());

  complain_of_missing(args.evidence);

  // The case: the named one continues an interrupted run, a new one never overwrites.
  const std::string case_path = args.case_file.empty() ? next_case() : args.case_file;
  struct stat info{};
  auto file = ::stat(case_path.c_str(), &info) == 0 ? Case::open(case_path, false) : Case::create(case_path);
  if (!file.ok()) {
    complain(file.error());
    return 2;
  }
  Case& kase = **file;
  struct sigaction action{};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);

  options.evidence = args.evidence;
  options.not_evidence = {case_path, case_path + "-wal", case_path + "-shm"};
  options.jobs = static_cast<unsigned>(std::max<std::int64_t>(0, args.jobs));
  options.in_process = args.in_process;
  options.shuffle_seed = static_cast<std::uint64_t>(args.shuffle);
  options.crash_after_units = args.crash_after;
  const std::string started = now_utc();
  std::string evidence_list;
  for (const std::string& path : args.evidence) evidence_list += (evidence_list.empty() ? "" : ", ") + path;
  if (const Status status = kase.log("hunt started", evidence_list, false, started); !status.ok()) {
    complain(status.error());
    return 2;
  }
  std::string identity =
      loaded->detector_set + fmt::format("\x1f{}\x1f{}\x1f{}\x1f{}", inputs.hunt.from.ns, inputs.hunt.to.ns,
                                         inputs.hunt.unit_bytes, inputs.hunt.carve);
  ProgressLine line(args.quiet);
  HuntProgress last;
  auto outcome = hunt(options, inputs, &forge, facts, kase, sha256_hex(identity), run_body(args, started, "", 0),
                      interrupted, [&](const HuntProgress& p) {
                        last = p;
                        line.show(p);
                      });
  if (!outcome.ok()) {
    complain(outcome.error());
    return 2;
  }
  line.show(last, true);
  if (outcome->retries > 0 && !args.quiet) {
    fmt::print(
        stderr,
        "A worker died {} times; its unit was tried again each time. The answer says what was given up, if anything.\n",
        outcome->retries);
  }
  if (outcome->resumed && !args.quiet) fmt::print(stderr, "Continued an interrupted run of {}\n", case_path);
  const std::string ended = now_utc();
  if (outcome->interrupted) {
    (void)kase.end_run(outcome->run, "interrupted", run_body(args, started, ended, outcome->retries));
    (void)kase.log("hunt interrupted", "", true, ended);
    fmt::print(stderr, "Interrupted. Nothing is lost: the same command with --case {} goes on where it stopped.\n",
               case_path);
    return 130;
  }
  if (const Status status = kase.store(outcome->run, outcome->data, loaded->bundles, loaded->profile_yaml);
      !status.ok()) {
    complain(status.error());
    return 2;
  }
  if (const Status status = kase.load_people(outcome->run, outcome->data); !status.ok()) {
    complain(status.error());
    return 2;
  }
  outcome->data.today = today();
  const Assessment assessment = assess(outcome->data, *scale, {attack->get(), nullptr});
  ReportOptions report;
  report.scale = *scale;
  report.names = args.names;
  report.case_path = case_path;
  report.width = terminal_width();
  report.color = want_color(args.no_color);
  const std::string json = json_answer(outcome->data, assessment, report);
  (void)kase.store_assessment(outcome->run, json);
  (void)kase.end_run(outcome->run, "finished", run_body(args, started, ended, outcome->retries));
  if (const Status status = kase.drop_spool(); !status.ok()) complain(status.error());
  (void)kase.log("hunt finished",
                 fmt::format("{} records, {} sightings", outcome->data.records_total, outcome->data.sightings.size()),
                 true, ended);
  report.custody_head = kase.head();
  kase.close();

  std::string format = args.format;
  if (format.empty() && !stdout_is_terminal()) format = "json";
  const auto answer =
      format == "json" ? std::optional<std::string>(json) : render(outcome->data, assessment, report, format);
  if (!answer) return 2;
  print(*answer);
  if (!args.report.empty()) {
    if (!write_file(args.report, html_report(outcome->data, assessment, report))) return 2;
    if (!args.quiet) fmt::print(stderr, "Report: {}\n", args.report);
  }
  if (!args.return_file.empty()) {
    if (!write_return(args.return_file, outcome->data, assessment, args.pseudonym)) return 2;
    if (!args.quiet)
      fmt::print(stderr, "Return: {}; read {}.txt before you send it\n", args.return_file, args.return_file);
  }
  if (!args.quiet) {
    fmt::print(stderr, "Case: {}   log head {} (write it down)\n", case_path, report.custody_head);
  }
  // The mere name of an empty file can be a finding: then something was read.
  if (!outcome->anything_read && outcome->data.sightings.empty()) {
    complain("no evidence could be read; the answer says what that means");
    return 3;
  }
  if (!args.fail_on.empty()) {
    const int limit = term_named(args.fail_on, *scale).rank;
    for (const Question& question : assessment.questions) {
      if (question.judged && question.term.rank >= limit) return 1;
    }
  }
  return 0;
}

}  // namespace

Verb hunt_verb() {
  auto args = std::make_shared<HuntArguments>();
  Verb verb;
  verb.name = "hunt";
  verb.help = "Read evidence, ask the advisories in force, print the answer";
  verb.declare = [args](Options& o) {
    o.positional("evidence", args->evidence, "Folders, files or archives of evidence; they are only read", true);
    o.list("--advisory", args->load.advisories,
           "STIX 2.1 file or name of a built-in advisory (repeatable; default: every one in force)");
    o.list("--rules", args->load.rules, "Sigma or YARA file or folder (repeatable)");
    o.list("--placeholder", args->load.placeholders,
           "Values of a placeholder of Sigma rules: NAME=VALUE,... or a YAML file (repeatable)");
    o.list("--pipeline", args->load.pipelines, "pySigma processing pipeline for the rules of --rules (repeatable)");
    o.list("--schemas", args->load.schemas, "Folder with further schemas (repeatable)");
    o.list("--archive-password", args->passwords,
           "Password to try on encrypted archives (repeatable; kept nowhere, but other users may see a command line)");
    o.flag("--carve", args->carve, "Also look for records in the unused space of Windows event logs; they are marked");
    o.value("--profile", args->load.profile, "What the organisation says about itself (YAML; assay profile new)");
    o.value("--attack", args->attack, "ATT&CK's enterprise-attack.json: compare what was seen with its groups");
    o.value("--case", args->case_file, "Case file; an interrupted run in it goes on (default: a new assay-N.case)");
    o.value("--report", args->report, "Also write the report as one HTML file");
    o.value("--return", args->return_file, "Also write what to tell a CERT: no names, no addresses, no evidence");
    o.value("--pseudonym", args->pseudonym, "What the return calls the organisation (default: nothing)");
    o.value("--format", args->format, "text, json, jsonl or html (default: text on a terminal, json elsewhere)");
    o.value("--from", args->from, "Look at records from this UTC time on");
    o.value("--to", args->to, "Look at records before this UTC time");
    o.value("--as-of", args->as_of, "The time the answer speaks about (default: the last event seen)");
    o.value("--jobs", args->jobs, "Worker processes (default: one for each core)");
    o.value("--scale", args->scale, "Words of probability: phia (UK) or icd203 (US)");
    o.value("--fail-on", args->fail_on, "Exit 1 when any question is judged at or above this term");
    o.flag("--names", args->names, "Show real account names (default: person-07)");
    o.flag("--quiet", args->quiet, "Only the answer and errors");
    o.flag("--no-color", args->no_color, "No colour, also with NO_COLOR set");
    o.flag("--in-process", args->in_process, "No worker processes: the same work in this one");
    o.flag("--reference", args->reference, "Use the plain evaluator alone (slow; the judge of the fast one)");
    o.value("--unit-bytes", args->unit_bytes, "Bytes of a large file that one unit of work covers");
#ifdef ASSAY_CHAOS
    o.value("--chaos-shuffle", args->shuffle, "Test builds: hand out units in another order");
    o.value("--chaos-crash-after", args->crash_after,
            "Test builds: die after so many sealed units, at the latest after the last");
#endif
  };
  verb.run = [args] { return run_hunt(*args); };
  return verb;
}

}  // namespace assay::cli
