// YARA over mixed files against the yara program in the same run: signature-base when the real data is there, else the
// rules that Assay ships. Compiling is outside both figures; the program gets its rules compiled too.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "content/content.h"
#include "evidence/file_record.h"
#include "generate.h"
#include "harness.h"
#include "match/engine.h"
#include "rules/loader.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostBytes = std::size_t{24} << 20;
constexpr std::size_t kFileBytes = std::size_t{4} << 20;
constexpr int kRounds = 3;

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end; at.increment(error)) {
    if (error) break;
    if (at->is_regular_file(error)) out.push_back(at->path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Mixed files, copied into one flat folder so that both sides read the same ones.
Result<std::vector<std::string>> sample(const Context& context, const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  std::vector<std::string> contents;
  if (!context.data.empty()) {
    // Every k-th file of the packs with files of many kinds; a large one gives its head.
    std::vector<std::string> all;
    for (const char* pack : {"/evtx", "/web", "/network", "/windows-json", "/hostile"}) {
      const auto some = files_below(context.data + pack);
      for (std::size_t i = 0; i < some.size(); i += std::max<std::size_t>(some.size() / 60, 1)) all.push_back(some[i]);
    }
    std::size_t sum = 0;
    for (const std::string& path : all) {
      TRY(std::string bytes, read_file(path));
      if (bytes.size() > kFileBytes) bytes.resize(kFileBytes);
      if (bytes.empty() || sum + bytes.size() > kMostBytes) continue;
      sum += bytes.size();
      contents.push_back(std::move(bytes));
    }
  }
  if (contents.empty()) {
    Random random(21);
    for (int i = 0; i < 12; ++i) {
      const auto seed = static_cast<std::uint64_t>(i);
      std::string bytes = i % 3 == 0   ? windows_events(std::size_t{1} << 20, seed)
                          : i % 3 == 1 ? access_lines(std::size_t{1} << 20, seed)
                                       : std::string();
      while (bytes.size() < (std::size_t{1} << 20)) {
        const std::uint64_t word = random.next();
        bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
      }
      contents.push_back(std::move(bytes));
    }
  }
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    paths.push_back(fmt::format("{}/{:04}.bin", folder, i));
    TRY_VOID(write_file(paths.back(), contents[i]));
  }
  return paths;
}

Result<LaneResult> lane(const Context& context) {
  TRY(const SchemaSet schemas, SchemaSet::load({}));
  const std::string folder = context.work + "/yara-files";
  TRY(const std::vector<std::string> paths, sample(context, folder));

  // The rules, for us and for the program.
  RuleSet rules;
  std::vector<std::string> rule_files;
  std::string rules_name = "signature-base";
  if (!context.data.empty()) {
    for (const std::string& path : files_below(context.data + "/yara")) {
      if (path.ends_with(".yar")) rule_files.push_back(path);
    }
  }
  if (rule_files.empty()) {
    rules_name = "the shipped rules";
    for (const content::File& file : content::files()) {
      if (!file.name.ends_with(".yar")) continue;
      rule_files.push_back(fmt::format("{}/shipped-{}.yar", context.work, rule_files.size()));
      TRY_VOID(write_file(rule_files.back(), file.bytes));
    }
  }
  if (rule_files.empty()) return Error{ErrorCode::not_found, "there are no YARA rules"};
  for (const std::string& path : rule_files) {
    TRY(const std::string text, read_file(path));
    load_yara(path, text, "", {}, rules);
  }
  const std::unique_ptr<Engine> engine = Engine::compile(rules, schemas, Profile{}, EngineOptions{});
  const std::unique_ptr<Matcher> matcher = Matcher::make(*engine);

  const std::string compiled = context.work + "/rules.yarc";
  std::vector<std::string> compile = {"yarac", "-w"};
  for (const char* name : {"filename", "filepath", "extension", "filetype", "owner"}) {
    compile.emplace_back("-d");
    compile.push_back(std::string(name) + "=");
  }
  for (const std::string& path : rule_files) compile.push_back(path);
  compile.push_back(compiled);
  if (run_child(compile, context.work + "/yarac.out").exit_code != 0)
    return Error{ErrorCode::io, "yarac could not compile the rules", rules_name};

  std::size_t bytes = 0;
  for (const std::string& path : paths) bytes += fs::file_size(path);
  std::uint64_t ours_matches = 0;
  Notices notices;
  const auto ours = [&] {
    ours_matches = 0;
    std::vector<Match> matches;
    for (const std::string& path : paths) {
      const auto content = read_file(path);
      if (!content.ok()) continue;
      Blob blob;
      blob.bytes = *content;
      blob.name = std::string_view(path).substr(path.rfind('/') + 1);
      blob.path = blob.name;
      blob.type = blob_type(*content);
      RecordContext record;
      record.ref = {0, 0, content->size()};
      record.raw = *content;
      matcher->match(blob, record, matches, notices);
      for (const Match& match : matches) ours_matches += engine->catalogue().kind(match.detector) == DetectorKind::yara;
      matches.clear();
    }
  };
  const std::vector<std::string> scan = {"yara", "-w", "-C", "-p", "1", "-r", compiled, folder};
  ours();
  std::vector<double> ratios, our_times;
  double reference_peak = 0;
  std::size_t reference_matches = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    ours();
    const double mine = cpu_seconds() - start;
    const ChildRun child = run_child(scan, context.work + "/yara.out");
    if (child.exit_code != 0) return Error{ErrorCode::io, "the yara program failed"};
    reference_peak = std::max(reference_peak, child.peak_mb);
    our_times.push_back(mine);
    ratios.push_back(child.cpu_seconds / mine);
  }
  TRY(const std::string found, read_file(context.work + "/yara.out"));
  reference_matches = static_cast<std::size_t>(std::count(found.begin(), found.end(), '\n'));
  std::sort(ratios.begin(), ratios.end());
  std::sort(our_times.begin(), our_times.end());
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(bytes) / 1e6 / our_times[our_times.size() / 2];
  out.events_per_s_core = static_cast<double>(paths.size()) / our_times[our_times.size() / 2];
  out.bytes_per_event = static_cast<double>(bytes) / static_cast<double>(paths.size());
  out.reference = "the yara program with the same rules, compiled";
  out.ratio = ratios[ratios.size() / 2];
  out.input = fmt::format("{} files, {:.0f} MB, {}", paths.size(), static_cast<double>(bytes) / 1e6, rules_name);
  out.more = {{"matches", static_cast<double>(ours_matches)},
              {"reference_matches", static_cast<double>(reference_matches)},
              {"reference_peak_mb", reference_peak},
              {"rules_not_loaded", static_cast<double>(engine->not_loaded().size())}};
  out.peak_mb = peak_mb();
  return out;
}

}  // namespace

std::vector<Lane> yara_lanes() { return {{"yara.signature_base", lane}}; }

}  // namespace assay::bench
