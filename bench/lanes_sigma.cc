// Sigma: every rule that SigmaHQ has for Windows over Windows events, against simdjson's DOM over the same bytes in the
// same run; the same rules against a hundred of them; reading and compiling rules. The rules are SigmaHQ's, so the
// lanes need ASSAY_DATA.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "core/yaml.h"
#include "generate.h"
#include "harness.h"
#include "records.h"
#include "rules/loader.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBytes = std::size_t{64} << 20;
constexpr int kRounds = 5;
constexpr std::size_t kFewRules = 100;

Result<RuleSet> load(const Context& context, std::initializer_list<const char*> folders) {
  if (context.data.empty() || !fs::exists(context.data + "/sigma/rules/windows"))
    return Error{ErrorCode::not_found, "needs SigmaHQ's rules (ASSAY_DATA)", "sigma"};
  RuleSet rules;
  for (const char* folder : folders) TRY_VOID(load_rules_path(context.data + "/sigma/" + folder, rules));
  return rules;
}

Result<std::string> real_events(const Context& context) {
  std::vector<std::string> files;
  std::error_code error;
  for (const char* folder : {"LSASS_campaign_01", "LSASS_campaign_02", "LSASS_campaign_05", "ad_playbook"}) {
    for (const auto& entry : fs::recursive_directory_iterator(context.data + "/windows-json/" + folder, error)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& file : files) {
    TRY(const std::string text, read_file(file));
    all += text;
    if (!all.empty() && all.back() != '\n') all += '\n';
  }
  if (all.empty()) return Error{ErrorCode::not_found, "needs the windows-json pack (ASSAY_DATA)", "windows-json"};
  return all;
}

// The engine as a worker has it, over one input in memory.
struct Subject {
  SchemaSet schemas;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<RecordReader> reader;
  std::unique_ptr<RecordMatcher> matcher;
  const Format* format = nullptr;
  double compile_seconds = 0;
};

Result<std::unique_ptr<Subject>> make_subject(const RuleSet& rules, std::string_view bytes, EngineOptions options) {
  auto subject = std::make_unique<Subject>();
  TRY(subject->schemas, SchemaSet::load({}));
  const double start = cpu_seconds();
  subject->engine = Engine::compile(rules, subject->schemas, Profile{}, options);
  subject->matcher = std::make_unique<RecordMatcher>(*subject->engine, subject->schemas);
  subject->matcher->bind_all();
  subject->compile_seconds = cpu_seconds() - start;
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  const Recognised known = recognise(head, bytes.size() <= head.size(), "events.json", subject->schemas);
  if (known.format == nullptr) return Error{ErrorCode::unsupported, "no reader knows the bench's own input", "sigma"};
  subject->format = known.format;
  subject->reader = known.format->open({}, known.recognition.shape, subject->schemas);
  return subject;
}

std::uint64_t run(Subject& subject, std::string_view bytes) {
  return each_record(*subject.format, *subject.reader, bytes,
                     [&](RecordReader& reader, std::string_view raw, std::uint64_t offset) {
                       subject.matcher->match(reader, raw, offset);
                     })
      .records;
}

Result<LaneResult> sigma_lane(const Context& context, std::string bytes, std::string input) {
  TRY(const RuleSet rules, load(context, {"rules/windows"}));
  RuleSet few;
  for (std::size_t i = 0; i < kFewRules; ++i) few.rules.push_back(rules.rules[i * rules.rules.size() / kFewRules]);
  const std::size_t size = bytes.size();
  bytes.resize(size + simdjson::SIMDJSON_PADDING, '\0');
  const std::string_view text(bytes.data(), size);
  TRY(const auto all, make_subject(rules, text, context.engine));
  TRY(const auto hundred, make_subject(few, text, context.engine));

  std::uint64_t records = 0, parsed = 0, lines = 0;
  simdjson::dom::parser parser;
  const auto ours = [&] { records = run(*all, text); };
  const auto many = [&] {
    parsed = 0;
    simdjson::dom::document_stream stream;
    if (parser.parse_many(bytes.data(), size, std::size_t{1} << 20).get(stream) != simdjson::SUCCESS) return;
    for (auto document : stream) parsed += document.error() == simdjson::SUCCESS;
  };
  const Pair pair = measure(context.rounds > 0 ? context.rounds : kRounds, ours, many);
  const std::uint64_t matches =
      all->matcher->matches() / static_cast<std::uint64_t>((context.rounds > 0 ? context.rounds : kRounds) + 1);
  const Pair rules_pair = measure(3, ours, [&] { run(*hundred, text); });
  const Pair line_pair = measure(3, ours, [&] {
    lines = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
      const void* at = std::memchr(rest.data(), '\n', rest.size());
      const std::size_t line =
          at == nullptr ? rest.size() : static_cast<std::size_t>(static_cast<const char*>(at) - rest.data());
      if (line > 0) lines += parser.parse(rest.data(), line, false).error() == simdjson::SUCCESS;
      rest.remove_prefix(std::min(line + 1, rest.size()));
    }
  });
  // What reading alone costs: frames, records, routes, no rule.
  TRY(const auto none, make_subject(RuleSet{}, text, context.engine));
  const Pair read_pair = measure(3, [&] { run(*none, text); }, many);
  if (lines != records || parsed != records)
    return Error{ErrorCode::integrity,
                 fmt::format("simdjson parsed {} and {} events, our reader {}", parsed, lines, records), "sigma"};
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(size) / 1e6 / pair.ours;
  out.events_per_s_core = static_cast<double>(records) / pair.ours;
  out.bytes_per_event = static_cast<double>(size) / static_cast<double>(records);
  out.reference = "simdjson DOM parse_many";
  out.ratio = pair.ratio;
  out.peak_mb = pair.peak_mb;
  out.input = fmt::format("{}, {:.0f} MB, {} rules", input, static_cast<double>(size) / 1e6, rules.rules.size());
  out.more = {{"of_dom_by_line", line_pair.ratio},
              {"reading_alone", read_pair.ratio},
              {"cost_over_100_rules", 1 / rules_pair.ratio},
              {"compile_s", all->compile_seconds},
              {"matches", static_cast<double>(matches)}};
  return out;
}

Result<LaneResult> real_lane(const Context& context) {
  TRY(std::string bytes, real_events(context));
  return sigma_lane(context, std::move(bytes), "real Windows events (four recordings)");
}
Result<LaneResult> diverse_lane(const Context& context) {
  return sigma_lane(context, windows_diverse(kBytes * 2, 11), "generated Windows events, diverse");
}
Result<LaneResult> small_lane(const Context& context) {
  return sigma_lane(context, windows_small(kBytes / 2, 12), "generated Windows events, small");
}

// Files to checked IR, against reading the same files as YAML.
Result<LaneResult> load_lane(const Context& context) {
  TRY(const RuleSet once, load(context, {"rules"}));
  std::size_t bytes = 0, files = 0;
  std::vector<std::string> texts;
  for (const auto& entry : fs::recursive_directory_iterator(context.data + "/sigma/rules")) {
    if (entry.path().extension() != ".yml") continue;
    TRY(std::string text, read_file(entry.path().string()));
    bytes += text.size();
    ++files;
    texts.push_back(std::move(text));
  }
  std::size_t documents = 0;
  const Pair pair = measure(
      kRounds, [&] { keep(load(context, {"rules"}).value().rules.size()); },
      [&] {
        documents = 0;
        for (const std::string& text : texts) {
          if (const auto parsed = parse_yaml(text); parsed.ok()) documents += parsed->size();
        }
      });
  keep(documents);
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(bytes) / 1e6 / pair.ours;
  out.reference = "YAML of the same files";
  out.ratio = pair.ratio;
  out.peak_mb = pair.peak_mb;
  out.input = fmt::format("{} files of SigmaHQ, {} rules", files, once.rules.size());
  out.more = {{"load_s", pair.ours}};
  return out;
}

}  // namespace

std::vector<Lane> sigma_lanes() {
  return {{"sigma.windows.real", real_lane},
          {"sigma.windows.diverse", diverse_lane},
          {"sigma.windows.small", small_lane},
          {"sigma.load", load_lane}};
}

}  // namespace assay::bench
