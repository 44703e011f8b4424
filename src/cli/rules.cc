// assay rules: what loads and what does not, what there is, what it was lowered to, and whether rules do what their
// cases say.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "cli/common.h"
#include "cli/look.h"
#include "cli/patterns.h"
#include "cli/verbs.h"
#include "core/ascii.h"
#include "core/json.h"
#include "core/yaml.h"
#include "hunt/hunt.h"
#include "report/escape.h"
#include "rules/loader.h"
#include "rules/resolve.h"
#include "rules/yara/yara_rules.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownLine = 160;  // of a source line in a message

struct Arguments {
  std::vector<std::string> what;
  std::string format, junit, kind, rule;
  LoadOptions load;
  bool strict = false;
};

std::string shown(std::string_view text) { return report::printable(text, 4096); }

std::optional<RuleSet> load_paths(const Arguments& args, const std::vector<std::string>& paths) {
  RuleSet rules;
  if (!prepare_rules(args.load, rules)) return std::nullopt;
  for (const std::string& path : paths) {
    if (const Status status = load_rules_path(path, rules); !status.ok()) {
      complain(status.error());
      return std::nullopt;
    }
  }
  resolve_rules(rules);
  return rules;
}

// The lines of files that messages point into, read once.
class Sources {
 public:
  // "   12 |     Image|contain: x\n      |     ^\n"; empty when there is no such line.
  std::string excerpt(const std::string& path, int line, int column) {
    if (line <= 0) return {};
    auto [at, fresh] = files_.try_emplace(path);
    if (fresh) {
      std::ifstream in(path, std::ios::binary);
      for (std::string text; at->second.size() < 1'000'000 && std::getline(in, text);)
        at->second.push_back(std::move(text));
    }
    const auto index = static_cast<std::size_t>(line - 1);
    if (index >= at->second.size()) return {};
    std::string_view text = at->second[index];
    if (text.ends_with('\r')) text.remove_suffix(1);
    // A long line is shown around the place; tabs become blanks so that the caret stands right.
    const auto place = static_cast<std::size_t>(std::max(column, 1) - 1);
    const std::size_t from = place > kShownLine / 2 && text.size() > kShownLine ? place - kShownLine / 2 : 0;
    std::string part(text.substr(std::min(from, text.size()), kShownLine));
    std::replace(part.begin(), part.end(), '\t', ' ');
    const std::string number = std::to_string(line);
    std::string out = fmt::format("  {} | {}{}\n", number, from > 0 ? "..." : "", shown(part));
    if (column > 0) {
      const std::string before = shown(std::string_view(part).substr(0, std::min(place - from, part.size())));
      out += fmt::format("  {:>{}} | {}^\n", "", number.size(), std::string(before.size() + (from > 0 ? 3 : 0), ' '));
    }
    return out;
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

std::string message(const NotLoaded& n, std::string_view kind, Sources& sources) {
  std::string out = shown(n.path);
  if (n.line > 0) out += fmt::format(":{}:{}", n.line, std::max(n.column, 1));
  out += fmt::format(": {}: {}\n", kind, shown(n.what.empty() ? n.reason : n.what));
  out += sources.excerpt(n.path, n.line, n.column);
  if (!n.id.empty()) out += fmt::format("  rule: {}\n", shown(n.id));
  if (!n.remedy.empty()) out += fmt::format("  way out: {}\n", shown(n.remedy));
  return out;
}

Json message_json(const NotLoaded& n) {
  Json out = Json::object({{"path", n.path}, {"id", n.id}, {"reason", n.reason}});
  if (n.line > 0) {
    out.set("line", std::int64_t{n.line});
    out.set("column", std::int64_t{n.column});
  }
  if (!n.what.empty()) out.set("what", n.what);
  if (!n.remedy.empty()) out.set("way_out", n.remedy);
  return out;
}

std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

int check_rules(const Arguments& args, const std::vector<std::string>& paths) {
  auto loaded = load_paths(args, paths);
  if (!loaded) return 2;
  RuleSet& rules = *loaded;
  const std::unique_ptr<YaraRules> yara = YaraRules::compile(rules.yara, rules.not_loaded);
  const std::size_t windows = static_cast<std::size_t>(std::count_if(
      rules.rules.begin(), rules.rules.end(), [](const ir::Detector& d) { return d.window.has_value(); }));
  const int code = args.strict && !rules.not_loaded.empty() ? 1 : 0;
  if (args.format == "json") {
    Json not_loaded = Json::array(), warnings = Json::array();
    for (const NotLoaded& n : rules.not_loaded) not_loaded.push(message_json(n));
    for (const NotLoaded& n : rules.warnings) warnings.push(message_json(n));
    print(dump_json(Json::object({{"loaded", std::uint64_t{rules.rules.size() + yara->rules().size()}},
                                  {"correlations", std::uint64_t{windows}},
                                  {"filters", std::uint64_t{rules.filters.size()}},
                                  {"yara", std::uint64_t{yara->rules().size()}},
                                  {"not_loaded", std::move(not_loaded)},
                                  {"warnings", std::move(warnings)}}),
                    2) +
          "\n");
    return code;
  }
  Sources sources;
  std::string out;
  for (const NotLoaded& n : rules.not_loaded) out += message(n, "not loaded", sources) + "\n";
  for (const NotLoaded& n : rules.warnings) out += message(n, "warning", sources) + "\n";
  out += fmt::format(
      "{}, {}, {} and {} load; {} not.\n", counted(rules.rules.size() - windows, "Sigma rule", "Sigma rules"),
      counted(windows, "correlation", "correlations"), counted(rules.filters.size(), "filter", "filters"),
      counted(yara->rules().size(), "YARA rule", "YARA rules"),
      rules.not_loaded.size() == 1 ? "1 does" : fmt::format("{} do", rules.not_loaded.size()));
  print(out);
  return code;
}

std::string source_of(const ir::Detector& rule) {
  if (rule.window) return "correlation";
  std::string out;
  for (const std::string* part :
       {&rule.source.product, &rule.source.category, &rule.source.service, &rule.source.source_class}) {
    if (!part->empty()) out += (out.empty() ? "" : "/") + *part;
  }
  return out;
}

int list_rules(const Arguments& args, const std::vector<std::string>& paths) {
  auto loaded = load_paths(args, paths);
  if (!loaded) return 2;
  const RuleSet& rules = *loaded;
  auto schemas = SchemaSet::load(args.load.schemas);
  if (!schemas.ok()) {
    complain(schemas.error());
    return 2;
  }
  const std::unique_ptr<Engine> engine = Engine::compile(rules, *schemas, {}, {});
  std::set<std::string> no_source;
  for (const NotLoaded& n : engine->not_evaluable()) no_source.insert(n.id);
  const auto text_list = [](const std::vector<std::string>& list) {
    Json out = Json::array();
    for (const std::string& one : list) out.push(one);
    return out;
  };
  if (args.format == "json") {
    Json list = Json::array(), filters = Json::array();
    for (const ir::Detector& rule : rules.rules) {
      Json filtered = Json::array();
      for (const ir::Filter& filter : rules.filters) {
        if (applies(filter, rule)) filtered.push(filter.id);
      }
      list.push(Json::object({{"id", rule.id},
                              {"name", rule.name},
                              {"title", rule.title},
                              {"level", rule.level},
                              {"status", rule.status},
                              {"author", rule.author},
                              {"tags", text_list(rule.tags)},
                              {"falsepositives", text_list(rule.false_positives)},
                              {"kind", std::string(rule.window ? "correlation" : "rule")},
                              {"logsource", rule.window ? std::string() : source_of(rule)},
                              {"evaluable", !no_source.contains(rule.id)},
                              {"filters", std::move(filtered)},
                              {"origin", rule.origin},
                              {"hash", rule.hash}}));
    }
    for (const ir::Filter& filter : rules.filters) {
      filters.push(Json::object(
          {{"id", filter.id},
           {"title", filter.title},
           {"reason", filter.reason},
           {"author", filter.author},
           {"last_day", filter.expires.known() ? format_date(Time{filter.expires.ns - kDay}) : std::string()},
           {"rules", text_list(filter.rules)},
           {"origin", filter.origin}}));
    }
    print(dump_json(Json::object({{"rules", std::move(list)}, {"filters", std::move(filters)}}), 2) + "\n");
    return 0;
  }
  std::string out;
  for (const ir::Detector& rule : rules.rules) {
    out += fmt::format("{:<36}  {:<13}  {:<34}  {}{}\n", shown(rule.id), rule.level.empty() ? "-" : shown(rule.level),
                       shown(source_of(rule)), shown(rule.title),
                       no_source.contains(rule.id) ? "  [no record that is read here has its logsource]" : "");
  }
  for (const ir::Filter& filter : rules.filters) {
    out += fmt::format("{:<36}  {:<13}  {:<34}  {} (reason: {}; author: {}; last day: {})\n", shown(filter.id),
                       "filter", fmt::format("{}", fmt::join(filter.rules, " ")).substr(0, 34), shown(filter.title),
                       filter.reason.empty() ? "not given" : shown(filter.reason),
                       filter.author.empty() ? "not given" : shown(filter.author),
                       filter.expires.known() ? format_date(Time{filter.expires.ns - kDay}) : "not given");
  }
  print(out);
  return 0;
}

// What a rule was lowered to, after pipelines and placeholders.
int show_rules(const Arguments& args, const std::vector<std::string>& paths) {
  const auto rules = load_paths(args, paths);
  if (!rules) return 2;
  std::string out;
  for (const ir::Detector& rule : rules->rules) {
    if (args.rule.empty() || rule.id == args.rule || rule.name == args.rule)
      out += shown(rule.title) + "\n" + ir::to_text(rule) + "\n";
  }
  for (const ir::Filter& filter : rules->filters) {
    if (args.rule.empty() || filter.id == args.rule) out += shown(filter.title) + "\n" + ir::to_text(filter) + "\n";
  }
  if (out.empty()) {
    complain(args.rule.empty() ? "nothing of it loads; assay rules check names the reasons"
                               : fmt::format("no rule there has the id or name \"{}\"", args.rule));
    return 2;
  }
  print(out);
  return 0;
}

// ---- rules test

struct TestCase {
  std::string file, name, rule, records;  // where it is written; the rule's id or name; the evidence
  std::uint64_t fires = 0;
  bool any = false;      // some number of times, one or more
  bool or_more = false;  // `fires` is the least
  std::string broken;
};

struct Outcome {
  std::string problem;  // empty: as expected
  std::string detail;
};

std::string text_of(const Yaml& value) { return value.is_scalar() && !value.is_null() ? value.text : std::string(); }

// SigmaHQ's regression data: info.yml beside the records.
void read_info(const fs::path& path, const Yaml& info, std::vector<TestCase>& out) {
  for (const Yaml& test : info["regression_tests_info"].items) {
    TestCase one;
    one.file = path.string();
    one.rule = info["rule_metadata"].items.empty() ? std::string() : text_of(info["rule_metadata"].items[0]["id"]);
    one.name = text_of(test["name"]);
    const Yaml& count = test["match_count"];
    one.any = !count.exists();
    one.or_more = one.fires > 0;  // match_count is not always the number of records that a rule meets
    one.fires = static_cast<std::uint64_t>(std::max<std::int64_t>(0, count.as_int(1)));
    // The path is that of the publisher's repository: its last part stands here. The JSON form is preferred, because it
    // is read as it is.
    const fs::path named = fs::path(text_of(test["path"])).filename();
    fs::path json = path.parent_path() / named;
    json.replace_extension(".json");
    std::error_code ignored;
    const fs::path records = fs::exists(json, ignored) ? json : path.parent_path() / named;
    one.records = records.string();
    if (one.rule.empty()) one.broken = "info.yml names no rule";
    if (named.empty() || !fs::exists(records, ignored)) one.broken = "its records are not there: " + records.string();
    out.push_back(std::move(one));
  }
}

// Ours: NAME.test.yml, a list of cases.
void read_cases(const fs::path& path, const Yaml& document, std::vector<TestCase>& out) {
  const Yaml& cases = document["cases"];
  if (!cases.is_sequence()) {
    TestCase one;
    one.file = path.string();
    one.broken = "no list 'cases'";
    out.push_back(std::move(one));
    return;
  }
  for (const Yaml& test : cases.items) {
    TestCase one;
    one.file = fmt::format("{}:{}", path.string(), test.line);
    one.name = text_of(test["name"]);
    one.rule = text_of(test["rule"]);
    const Yaml& fires = test["fires"];
    if (fires.is_bool()) {
      one.any = fires.as_bool();
    } else if (fires.is_integer() && fires.as_int() >= 0) {
      one.fires = static_cast<std::uint64_t>(fires.as_int());
    } else {
      one.broken = "'fires' is true, false or a number";
    }
    one.records = (path.parent_path() / text_of(test["records"])).string();
    std::error_code ignored;
    if (one.rule.empty()) one.broken = "the case names no rule";
    if (text_of(test["records"]).empty() || !fs::exists(one.records, ignored))
      one.broken = "its records are not there: " + one.records;
    for (const auto& [key, value] : test.members) {
      static constexpr std::string_view kKnown[] = {"name", "rule", "records", "fires"};
      if (std::find(std::begin(kKnown), std::end(kKnown), key.text) == std::end(kKnown))
        one.broken = fmt::format("unknown key '{}'", key.text);
    }
    out.push_back(std::move(one));
  }
}

// The rule, what it builds on, and the filters.
RuleSet just(const RuleSet& all, const std::string& name) {
  std::set<std::string> wanted = {name};
  RuleSet out;
  out.filters = all.filters;
  for (std::size_t i = all.rules.size(); i-- > 0;) {  // correlations stand after what they name
    const ir::Detector& rule = all.rules[i];
    if (!wanted.contains(rule.id) && (rule.name.empty() || !wanted.contains(rule.name))) continue;
    if (rule.window) {
      for (const ir::Base& base : rule.window->bases) wanted.insert(base.rule);
    }
    out.rules.insert(out.rules.begin(), rule);
  }
  return out;
}

Outcome run_case(const TestCase& test, const RuleSet& all, const SchemaSet& schemas, const Profile& profile,
                 const std::string& scratch) {
  if (!test.broken.empty()) return {test.broken, ""};
  const RuleSet rules = just(all, test.rule);
  const auto at = std::find_if(rules.rules.begin(), rules.rules.end(), [&](const ir::Detector& d) {
    return d.id == test.rule || (!d.name.empty() && d.name == test.rule);
  });
  if (at == rules.rules.end()) {
    for (const NotLoaded& n : all.not_loaded) {
      if (n.id == test.rule) return {"the rule does not load: " + n.reason, ""};
    }
    return {"no rule has this id; name its folder with --rules", ""};
  }
  const Knowledge knowledge;
  EngineInputs inputs{&rules, &schemas, &knowledge, &profile, {}, {}};
  const std::unique_ptr<Engine> engine = Engine::compile(rules, schemas, profile, {});
  const EngineFacts facts = facts_of(*engine, schemas);
  std::remove(scratch.c_str());
  auto file = Case::create(scratch);
  if (!file.ok()) return {file.error().text(), ""};
  HuntOptions options;
  options.evidence = {test.records};
  options.in_process = true;
  const std::atomic<bool> interrupt{false};
  auto outcome =
      hunt(options, inputs, nullptr, facts, **file, "rules test", "{}", interrupt, [](const HuntProgress&) {});
  (*file)->close();
  std::remove(scratch.c_str());
  if (!outcome.ok()) return {outcome.error().text(), ""};
  std::uint64_t fired = 0;
  std::string said;
  for (const Sighting& s : outcome->data.sightings) {
    if (s.detector_id == at->id) fired += s.count;
  }
  for (const Notice& n : outcome->data.notices) {
    if (n.kind == NoticeKind::suppressed || n.kind == NoticeKind::filter_expired) said += "  " + shown(n.detail) + "\n";
  }
  const std::uint64_t least = test.any ? 1 : test.fires;
  if (test.any || test.or_more ? fired >= least : fired == least) return {};
  const std::string expected = fmt::format("{}{}", test.any || test.or_more ? "at least " : "", least);
  std::string detail;
  if (outcome->data.records_total == 0) {
    detail = "  no record could be read\n";
  } else if (outcome->data.records_total == 1) {
    if (auto record = look_at({test.records, 0, false}, schemas, nullptr); record.ok())
      detail = explain_rule(rules, *at, *record, schemas);
  }
  return {fmt::format("fired {} times, expected {}", fired, expected), said + detail};
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : shown(text)) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

int test_rules(const Arguments& args, const std::vector<std::string>& paths) {
  Arguments with = args;
  std::vector<std::string> from = args.load.rules;
  std::vector<fs::path> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) {
      complain(
          Error{ErrorCode::not_found, "no such folder", path, "name a folder with info.yml or NAME.test.yml files"});
      return 2;
    }
    if (args.load.rules.empty()) from.push_back(path);  // rules beside their cases
    if (!fs::is_directory(path, error)) {
      files.emplace_back(path);
      continue;
    }
    for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name == "info.yml" || name.ends_with(".test.yml")) files.push_back(it->path());
    }
  }
  std::sort(files.begin(), files.end());
  auto rules = load_paths(with, from);
  if (!rules) return 2;
  auto schemas = SchemaSet::load(args.load.schemas);
  if (!schemas.ok()) {
    complain(schemas.error());
    return 2;
  }
  Profile profile;
  if (!args.load.profile.empty()) {
    std::ifstream in(args.load.profile, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    auto parsed = Profile::parse(args.load.profile, text.str());
    if (!in || !parsed.ok()) {
      complain(in ? parsed.error() : Error{ErrorCode::not_found, "the profile cannot be read", args.load.profile});
      return 2;
    }
    profile = std::move(*parsed);
  }
  std::vector<TestCase> cases;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const auto documents = parse_yaml(text.str());
    if (!documents.ok() || documents->empty()) {
      TestCase one;
      one.file = file.string();
      one.broken = documents.ok() ? "empty" : documents.error().text();
      cases.push_back(std::move(one));
    } else if (file.filename() == "info.yml") {
      read_info(file, documents->front(), cases);
    } else {
      read_cases(file, documents->front(), cases);
    }
  }
  if (cases.empty()) {
    complain("no cases there: SigmaHQ's info.yml, or NAME.test.yml as docs/verbs/rules.md says");
    return 2;
  }
  const ScratchFolder folder;
  if (folder.path().empty()) return 2;
  const std::string scratch = folder.path() + "/test.case";
  std::string out, junit;
  std::size_t failed = 0;
  for (const TestCase& test : cases) {
    const Outcome outcome = run_case(test, *rules, *schemas, profile, scratch);
    const std::string title = fmt::format("{}{}{}", test.rule, test.name.empty() ? "" : ": ", test.name);
    junit += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", xml(test.file), xml(title));
    if (outcome.problem.empty()) {
      junit += "/>\n";
      continue;
    }
    ++failed;
    out += fmt::format("FAIL {}\n  {}\n  {}\n{}\n", shown(title), shown(test.file), shown(outcome.problem),
                       outcome.detail);
    junit += fmt::format(">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n", xml(outcome.problem),
                         xml(outcome.detail));
  }
  out += fmt::format("{} of {} cases are as expected.\n", cases.size() - failed, cases.size());
  if (!args.junit.empty()) {
    const std::string document = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"assay rules test\" tests=\"{}\" "
        "failures=\"{}\">\n{}</testsuite>\n",
        cases.size(), failed, junit);
    if (!write_file(args.junit, document)) return 2;
  }
  print(out);
  return failed == 0 ? 0 : 1;
}

}  // namespace

Verb rules_verb() {
  auto args = std::make_shared<Arguments>();
  return {"rules", "Rules: check what loads and why not, list, show as they are evaluated, test against their cases",
          [args](Options& o) {
            o.positional("what", args->what, "check | list | show | test, then files or folders", true);
            o.value("--format", args->format, "check, list: json for one JSON object");
            o.value("--kind", args->kind, "check: stix-pattern, for files (or -) with one STIX pattern a line");
            o.flag("--strict", args->strict, "check: exit code 1 when something does not load");
            o.value("--rule", args->rule, "show: only the rule of this id or name");
            o.value("--junit", args->junit, "test: also write the outcome as a JUnit file");
            o.list("--rules", args->load.rules,
                   "test: where the rules stand, when not beside their cases (repeatable)");
            o.list("--placeholder", args->load.placeholders, "NAME=VALUE,... or a YAML file (repeatable)");
            o.list("--pipeline", args->load.pipelines, "pySigma processing pipeline (repeatable)");
            o.list("--schemas", args->load.schemas, "Folder with further schemas (repeatable)");
            o.value("--profile", args->load.profile, "test: what the organisation says about itself");
          },
          [args] {
            const std::string& what = args->what.front();
            const std::vector<std::string> paths(args->what.begin() + 1, args->what.end());
            if (!args->format.empty() && args->format != "json" && args->format != "text") {
              complain("--format is text or json, not \"" + args->format + "\"");
              return 2;
            }
            if (!args->kind.empty()) {
              if (what != "check" || args->kind != "stix-pattern" || paths.empty()) {
                complain("--kind stix-pattern belongs to rules check, with files or - for standard input");
                return 2;
              }
              const bool json = args->format == "json" || (args->format.empty() && !stdout_is_terminal());
              return check_stix_patterns(paths, args->load.schemas, json, args->strict);
            }
            if (!paths.empty()) {
              if (what == "check") return check_rules(*args, paths);
              if (what == "list") return list_rules(*args, paths);
              if (what == "show") return show_rules(*args, paths);
              if (what == "test") return test_rules(*args, paths);
            }
            complain("rules takes check, list, show or test, and files or folders");
            return 2;
          }};
}

}  // namespace assay::cli
