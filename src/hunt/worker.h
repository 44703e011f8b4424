// The map half of a run: reads one unit of evidence, meets it with detectors and analytics, and returns one result.
// Single-threaded; opens no path (it is given a descriptor), executes nothing, loads nothing after start.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hunt/plans.h"
#include "hunt/unit.h"
#include "match/engine.h"

namespace assay {

struct HuntSettings {
  std::uint64_t unit_bytes = 0;        // limits::kUnitBytes unless tests say otherwise
  Time from, to;                       // records outside are counted, not looked at; unknown: no bound
  Time as_of;                          // as given; bounds the years of stamps that have none
  bool hash_md5_sha1 = true;           // indicator lists in force use them
  bool carve = false;                  // also records in the unused space of logs, marked
  std::vector<std::string> passwords;  // for encrypted archives; kept in memory alone
};

// The field of a finding that rests on a record from unused space of a log.
inline constexpr std::string_view kCarved = "carved";

class Worker {
 public:
  Worker(const Engine& engine, const SchemaSet& schemas, const Plans& plans, const Profile& profile,
         HuntSettings settings);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `fd` is open for reading on the unit's file. `progress` gets bytes read and records seen since the last call.
  // The result's matches come as a sorted run beside it.
  [[nodiscard]] UnitResult run(const UnitSpec& unit, int fd, std::vector<KeyedMatch>& matches,
                               const std::function<void(std::uint64_t bytes, std::uint64_t records)>& progress);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
