// Bench lanes and how they are measured: CPU seconds of one core, our work and its reference in turn over the same
// bytes in the same run, the median of the ratios. Absolute rates of two runs say nothing on a shared machine; ratios
// of one run do.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "match/engine.h"

namespace assay::bench {

struct Context {
  std::string program;   // the built program, for lanes that run it
  std::string work;      // folder for generated inputs
  std::string data;      // ASSAY_DATA, or empty
  EngineOptions engine;  // of the sigma lanes: --engine
  int rounds = 0;        // of the sigma lanes: --rounds; 0: their own
};

// One line of build/bench.json.
struct LaneResult {
  double mb_per_s_core = 0;      // 10^6 bytes of input for each CPU second
  double events_per_s_core = 0;  // 0: the lane has no events
  double bytes_per_event = 0;
  std::string reference;  // what ran beside it
  double ratio = 0;       // our rate / the reference's
  double peak_mb = 0;     // 10^6 bytes above what the process held before the lane's own work (children: PSS summed)
  std::string input;      // what was read
  std::vector<std::pair<std::string, double>> more;  // figures of this lane alone
};

struct Lane {
  std::string name;
  std::function<Result<LaneResult>(const Context&)> run;
};

// Each file of lanes adds its own.
[[nodiscard]] std::vector<Lane> stream_lanes();
[[nodiscard]] std::vector<Lane> parse_lanes();
[[nodiscard]] std::vector<Lane> indicator_lanes();
[[nodiscard]] std::vector<Lane> yara_lanes();
[[nodiscard]] std::vector<Lane> sigma_lanes();
[[nodiscard]] std::vector<Lane> rule_lanes();
[[nodiscard]] std::vector<Lane> evtx_lanes();
[[nodiscard]] std::vector<Lane> hunt_lanes();
[[nodiscard]] std::vector<Lane> assess_lanes();

// CPU seconds (user and system) of this process so far.
[[nodiscard]] double cpu_seconds();

// The most that this process has held, 10^6 bytes.
[[nodiscard]] double peak_mb();
// What it holds now.
[[nodiscard]] double resident_mb();

struct Pair {
  double ours = 0, reference = 0;  // CPU seconds, medians
  double ratio = 0;                // median of the rounds' reference / ours
  double peak_mb = 0;              // of our half
};
// Runs both in turn, one unmeasured round first, until `rounds` rounds are done.
[[nodiscard]] Pair measure(int rounds, const std::function<void()>& ours, const std::function<void()>& reference);

// A child program: CPU seconds with those of its descendants, the peak of their PSS together, and how it ended.
struct ChildRun {
  double cpu_seconds = 0, wall_seconds = 0, peak_mb = 0;
  int exit_code = -1;
};
[[nodiscard]] ChildRun run_child(std::span<const std::string> command, const std::string& stdout_path);

[[nodiscard]] Result<std::string> read_file(const std::string& path);
[[nodiscard]] Status write_file(const std::string& path, std::string_view bytes);
// Keeps the optimiser from dropping a result nobody reads.
void keep(std::uint64_t value);

}  // namespace assay::bench
