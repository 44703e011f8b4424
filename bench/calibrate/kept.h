// What is kept of a hunt over one real capture or sample: who logged on which day, and what fired when. A page of text
// instead of a case, since every capture is hunted by itself: in one hunt over many, equal sightings of hosts of one
// name are one sighting, and later captures would have lost theirs to the first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "casefile/case_data.h"
#include "core/result.h"

namespace assay::calibrate {

struct Capture {
  std::string name;   // "windows-json_atomic: psexec.zip": pack and file, by which the halves are drawn
  std::string path;   // of what was hunted
  std::string bytes;  // hashes of the items that hold records, so that the same capture under two names is one
  struct HostDay {
    std::string source_class, host;
    std::int64_t day = 0;
  };
  std::vector<HostDay> host_days;
  struct Seen {
    std::string rule, host;
    Time first, last;
    std::uint64_t count = 0;
  };
  std::vector<Seen> seen;                                      // of generic Sigma rules, on a named host
  std::map<std::string, std::vector<std::string>> tactics_of;  // rule -> tactics in its tags, "lateral-movement"
};

// One line a fact, fields between tabs.
[[nodiscard]] std::string kept_text(const CaseData& data, const std::string& name, const std::string& path);
// Every generic rule that was looked for, with its level.
[[nodiscard]] std::string kept_rules(const CaseData& data);

// Errors: a line that is none of these.
[[nodiscard]] Result<Capture> read_kept(const std::string& file);
[[nodiscard]] std::vector<DetectorInfo> read_rules(const std::string& file);

}  // namespace assay::calibrate
