// The bench: one line a lane on standard output, and build/bench.json. Every lane runs in a process of its own, so that
// none inherits another's memory. assay_bench --program FILE --work FOLDER --out FILE [LANE...]; ASSAY_DATA names the
// real data, when there is any.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/json.h"
#include "harness.h"

namespace assay::bench {
namespace {

std::string json_of(const std::string& lane, const LaneResult& result) {
  std::string out = fmt::format(
      R"({{"lane":{},"mb_per_s_core":{:.2f},"events_per_s_core":{:.0f},"bytes_per_event":{:.1f},"reference":{},"ratio":{:.4f},"peak_mb":{:.1f},"input":{})",
      json_string(lane), result.mb_per_s_core, result.events_per_s_core, result.bytes_per_event,
      json_string(result.reference), result.ratio, result.peak_mb, json_string(result.input));
  for (const auto& [name, value] : result.more) out += fmt::format(",{}:{:.3f}", json_string(name), value);
  return out + "}";
}

std::string line_of(const std::string& lane, const LaneResult& result) {
  std::string out = fmt::format("{:<24} {:9.1f} MB/s", lane, result.mb_per_s_core);
  out +=
      result.events_per_s_core > 0 ? fmt::format(" {:10.0f} events/s", result.events_per_s_core) : std::string(20, ' ');
  out +=
      fmt::format(" {:8.3f} of {} ({}); peak {:.0f} MB", result.ratio, result.reference, result.input, result.peak_mb);
  for (const auto& [name, value] : result.more) out += fmt::format("; {} {:.3f}", name, value);
  return out;
}

// Runs one lane in a child; its JSON line comes back, or nothing and the reason was printed.
std::string run_lane(const Lane& lane, const Context& context) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    const auto result = lane.run(context);
    if (!result.ok()) {
      fmt::print("{:<24} not measured: {}\n", lane.name, result.error().text());
    } else {
      fmt::print("{}\n", line_of(lane.name, *result));
      const std::string json = json_of(lane.name, *result);
      if (write(ends[1], json.data(), json.size()) < 0) std::_Exit(1);
    }
    std::fflush(stdout);
    std::_Exit(result.ok() ? 0 : 1);
  }
  close(ends[1]);
  std::string out;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(ends[0], buffer, sizeof buffer)) > 0) out.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) fmt::print("{:<24} not measured: died of signal {}\n", lane.name, WTERMSIG(status));
  return status == 0 ? out : std::string();
}

int run(int count, char** arguments) {
  Context context;
  std::string out_path = "build/bench.json";
  std::vector<std::string> wanted;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (i + 1 < count && argument == "--program")
      context.program = arguments[++i];
    else if (i + 1 < count && argument == "--work")
      context.work = arguments[++i];
    else if (i + 1 < count && argument == "--out")
      out_path = arguments[++i];
    else if (i + 1 < count && argument == "--rounds")
      context.rounds = std::atoi(arguments[++i]);
    else if (i + 1 < count && argument == "--engine") {
      const auto options = parse_engine_options(arguments[++i]);
      if (!options.ok()) {
        fmt::print(stderr, "assay_bench: {}\n", options.error().text());
        return 2;
      }
      context.engine = *options;
    } else
      wanted.emplace_back(argument);
  }
  if (const char* data = std::getenv("ASSAY_DATA")) context.data = data;
  if (context.work.empty() || context.program.empty()) {
    fmt::print(stderr,
               "assay_bench --program FILE --work FOLDER [--out FILE] [--rounds N] [--engine SWITCHES] [LANE...]\n");
    return 2;
  }
  std::filesystem::create_directories(context.work);

  std::vector<Lane> lanes;
  for (auto make : {parse_lanes, stream_lanes, indicator_lanes, yara_lanes, sigma_lanes, rule_lanes, evtx_lanes,
                    hunt_lanes, assess_lanes}) {
    for (Lane& lane : make()) lanes.push_back(std::move(lane));
  }
  std::string json;
  int failed = 0;
  for (const Lane& lane : lanes) {
    // A lane is asked for by its name or by the beginning of it.
    if (!wanted.empty() &&
        std::none_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return lane.name.starts_with(w); }))
      continue;
    const std::string line = run_lane(lane, context);
    if (line.empty()) {
      ++failed;
      continue;
    }
    json += json.empty() ? "[\n" : ",\n";
    json += line;
  }
  json += json.empty() ? "[]\n" : "\n]\n";
  if (const auto written = write_file(out_path, json); !written.ok()) {
    fmt::print(stderr, "assay_bench: {}\n", written.error().text());
    return 2;
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay::bench

int main(int count, char** arguments) { return assay::bench::run(count, arguments); }
