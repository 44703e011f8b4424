// Windows event logs: every rule that SigmaHQ has for Windows over the evtx pack's attack samples, against evtxexport,
// which only prints them, over the same files in the same run. It is started once for each file; what its starting
// costs is measured beside it and taken off.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "evidence/formats/formats.h"
#include "harness.h"
#include "records.h"
#include "rules/loader.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
constexpr int kRounds = 5;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Result<LaneResult> lane(const Context& context) {
  const std::string folder = context.data + "/evtx/attack-samples";
  if (context.data.empty() || !fs::exists(folder) || !fs::exists(context.data + "/sigma/rules/windows"))
    return Error{ErrorCode::not_found, "needs the evtx and sigma packs (ASSAY_DATA)", "evtx"};
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".evtx") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::string list;
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    list += path + '\0';
    bytes += fs::file_size(path);
  }
  const std::string list_path = context.work + "/evtx-files";
  TRY_VOID(write_file(list_path, list));

  TRY(const SchemaSet schemas, SchemaSet::load({}));
  RuleSet rules;
  TRY_VOID(load_rules_path(context.data + "/sigma/rules/windows", rules));
  const auto engine = Engine::compile(rules, schemas, Profile{}, context.engine);
  RecordMatcher matcher(*engine, schemas);
  matcher.bind_all();
  const auto nothing = Engine::compile(RuleSet{}, schemas, Profile{}, context.engine);
  RecordMatcher without(*nothing, schemas);
  without.bind_all();

  std::uint64_t records = 0;
  const auto read_all = [&](RecordMatcher& to) {
    const double start = cpu_seconds();
    records = 0;
    std::unique_ptr<RecordReader> reader;
    for (const std::string& path : paths) {
      const auto content = read_file(path);
      if (!content.ok()) continue;
      // As a worker does: one reader after the other goes on with what was learned.
      const std::string_view head = std::string_view(*content).substr(0, 128);
      if (reader == nullptr || !reader->reopen(head)) reader = evtx_format().open(head, "", schemas);
      records +=
          each_record(evtx_format(), *reader, *content,
                      [&](RecordReader& at, std::string_view raw, std::uint64_t offset) { to.match(at, raw, offset); })
              .records;
    }
    return cpu_seconds() - start;
  };
  const auto reference = [&](std::initializer_list<const char*> options) {
    std::vector<std::string> command = {"xargs", "-0", "-n", "1", "-a", list_path, "evtxexport"};
    command.insert(command.end(), options.begin(), options.end());
    return run_child(command, context.work + "/evtxexport.out");
  };
  if (reference({"-V"}).exit_code != 0) return Error{ErrorCode::not_found, "needs evtxexport (libevtx-utils)", "evtx"};

  const double before = resident_mb();
  (void)read_all(matcher);
  const double peak = peak_mb() - before;
  const int rounds = context.rounds > 0 ? context.rounds : kRounds;
  std::vector<double> ours, reading, ratios, gross;
  for (int round = 0; round < rounds; ++round) {
    ours.push_back(read_all(matcher));
    reading.push_back(read_all(without));
    const double started = reference({"-V"}).cpu_seconds;
    const ChildRun child = reference({});
    if (child.exit_code != 0) return Error{ErrorCode::io, "evtxexport failed", "evtx"};
    ratios.push_back((child.cpu_seconds - started) / ours.back());
    gross.push_back(child.cpu_seconds / ours.back());
  }
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(bytes) / 1e6 / median(ours);
  out.events_per_s_core = static_cast<double>(records) / median(ours);
  out.bytes_per_event = static_cast<double>(bytes) / static_cast<double>(records);
  out.reference = "evtxexport without its start";
  out.ratio = median(ratios);
  out.peak_mb = std::max(peak, 0.0);
  out.input = fmt::format("{} event logs, {:.0f} MB, {} events, {} rules", paths.size(),
                          static_cast<double>(bytes) / 1e6, records, rules.rules.size());
  out.more = {{"with_its_start", median(gross)},
              {"reading_alone_share", median(reading) / median(ours)},
              {"matches", static_cast<double>(matcher.matches()) / (rounds + 1)}};
  return out;
}

}  // namespace

std::vector<Lane> evtx_lanes() { return {{"evtx.all_rules", lane}}; }

}  // namespace assay::bench
