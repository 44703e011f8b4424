// A case with its truth.
#pragma once

#include <map>
#include <string>

#include "casefile/case_data.h"

namespace assay::calibrate {

struct Truth {
  bool targeted = false, access = false, malware = false, taken = false, impact = false, named = false;
  // A true unique artefact of the campaign was there, executed, persisted or on the wire, and a source showed it.
  bool unique_shown = false;
};

struct Labelled {
  CaseData data;
  Truth truth;
  std::int64_t hosts = 0;
  std::string world;           // name of the world, or source of the trace
  bool fully_covered = false;  // nothing withheld, no gaps
  // What an intruder left in the sources that are there: detectors of the advisory or of ours with their sightings, and
  // generic rules by their host.
  std::map<std::string, int> left;
  std::map<std::string, int> left_generic;
  std::string note;  // what the case is made of, for the list of misses
};

}  // namespace assay::calibrate
