// The whole job: `assay hunt` as a user runs it (built-in advisory, 100,000 further indicators, hashes, coverage, the
// case), in CPU seconds of all its processes, against simdjson's DOM over the same bytes. Peak memory is the PSS of all
// its processes together.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "generate.h"
#include "harness.h"
#include "records.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBytes = std::size_t{96} << 20;
constexpr int kRounds = 3;
// An advisory file holds at most limits::kStixObjects objects.
constexpr std::size_t kIndicators = 99'000;

Result<LaneResult> hunt_lane(const Context& context) {
  const std::string folder = context.work + "/hunt";
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder + "/evidence", error);
  std::string input = "generated Windows events", bytes;
  if (!context.data.empty()) {
    const auto real = read_file(context.data +
                                "/windows-json/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump/"
                                "metasploit_logonpasswords_lsass_memory_dump.json");
    if (real.ok()) {
      bytes = cut_at_line(*real, kBytes);
      input = "real Windows events (LSASS_campaign_01)";
    }
  }
  if (bytes.empty()) bytes = windows_events(kBytes, 1);
  const std::string evidence = folder + "/evidence/events.json";
  TRY_VOID(write_file(evidence, bytes));
  TRY_VOID(write_file(folder + "/indicators.json", stix_bundle(indicators(kIndicators, 7))));

  const std::size_t size = bytes.size();
  bytes.resize(size + simdjson::SIMDJSON_PADDING, '\0');
  std::uint64_t events = 0;
  simdjson::dom::parser parser;
  const auto reference = [&] {
    events = 0;
    std::string_view rest(bytes.data(), size);
    while (!rest.empty()) {
      const void* at = std::memchr(rest.data(), '\n', rest.size());
      const std::size_t line =
          at == nullptr ? rest.size() : static_cast<std::size_t>(static_cast<const char*>(at) - rest.data());
      if (line > 0) events += parser.parse(rest.data(), line, false).error() == simdjson::SUCCESS;
      rest.remove_prefix(std::min(line + 1, rest.size()));
    }
  };
  reference();
  std::vector<double> ratios, times, walls;
  double peak = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string case_path = fmt::format("{}/{}.case", folder, round);
    const std::vector<std::string> command = {
        context.program, "hunt",    evidence,   "--advisory", "apt29-2020", "--advisory", folder + "/indicators.json",
        "--case",        case_path, "--format", "json",       "--jobs",     "2",          "--quiet"};
    const ChildRun run = run_child(command, folder + "/answer.json");
    if (run.exit_code != 0)
      return Error{ErrorCode::io, fmt::format("the program ended with {}", run.exit_code), "assay hunt"};
    const double start = cpu_seconds();
    reference();
    ratios.push_back((cpu_seconds() - start) / run.cpu_seconds);
    times.push_back(run.cpu_seconds);
    walls.push_back(run.wall_seconds);
    peak = std::max(peak, run.peak_mb);
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(times.begin(), times.end());
  std::sort(walls.begin(), walls.end());
  LaneResult out;
  const double cpu = times[times.size() / 2];
  out.mb_per_s_core = static_cast<double>(size) / 1e6 / cpu;
  out.events_per_s_core = static_cast<double>(events) / cpu;
  out.bytes_per_event = static_cast<double>(size) / static_cast<double>(events);
  out.reference = "simdjson DOM parse of each line";
  out.ratio = ratios[ratios.size() / 2];
  out.peak_mb = peak;
  out.input = fmt::format("{}, {:.0f} MB, built-in advisory and {} indicators, 2 workers", input,
                          static_cast<double>(size) / 1e6, kIndicators);
  out.more = {{"wall_s", walls[walls.size() / 2]}};
  return out;
}

}  // namespace

std::vector<Lane> hunt_lanes() { return {{"hunt.all", hunt_lane}}; }

}  // namespace assay::bench
