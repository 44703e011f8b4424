// One run from evidence to case: the supervisor. It owns the case and the terminal and parses no evidence.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "casefile/case.h"
#include "evidence/discover.h"
#include "hunt/forge.h"
#include "hunt/merge.h"

namespace assay {

struct HuntOptions {
  std::vector<std::string> evidence;      // paths as given
  std::vector<std::string> not_evidence;  // files of this run itself, which may stand in the same folder
  unsigned jobs = 0;                      // 0: one for each core
  bool in_process = false;                // no processes: the same code in this one
  std::int64_t stall_seconds = 600;       // a worker that reports nothing for so long is taken for hung; last resort
  std::uint64_t shuffle_seed = 0;         // tests: hand out units in another order
  std::int64_t crash_after_units =
      0;  // tests: the supervisor dies after so many sealed units, at the latest after the last
  FinishSettings finish;
};

struct HuntProgress {
  std::uint64_t bytes = 0, bytes_total = 0, records = 0, units_done = 0, units_known = 0;
  std::size_t workers = 0;
};

struct HuntOutcome {
  CaseData data;
  std::int64_t run = 0;
  bool interrupted = false;
  bool resumed = false;
  bool anything_read = false;  // some evidence could be opened and was not empty
  std::uint64_t retries = 0;   // units tried again after a worker died (run fact)
  std::uint64_t units = 0;
};

// `forge`: the control channel of a started forge; ignored in process. `interrupt` is looked at between events.
[[nodiscard]] Result<HuntOutcome> hunt(const HuntOptions& options, const EngineInputs& inputs, Channel* forge,
                                       const EngineFacts& facts, Case& file, const std::string& detector_set,
                                       const std::string& run_body, const std::atomic<bool>& interrupt,
                                       const std::function<void(const HuntProgress&)>& progress);

}  // namespace assay
