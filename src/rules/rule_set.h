// Everything a run looks for, as plain data, with one index space: rules first, then indicators, YARA rules, analytics.
// The index is the same in every process of a run; ids and hashes are what leaves it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sighting.h"
#include "core/time.h"
#include "rules/indicator/indicator_list.h"
#include "rules/ir/ir.h"
#include "rules/sigma/pipeline.h"

namespace assay {

struct YaraSource {
  std::string origin;  // file
  std::string text;
  std::string advisory;
  ir::Meaning
      meaning;  // default for its rules; a rule's own meta (assay_class, assay_claims, assay_family, assay_stage) wins
};

// How one detector is shown; the catalogue of a run.
struct DetectorInfo {
  DetectorKind kind = DetectorKind::sigma;
  std::string id, title, level, author, hash, advisory, description;
  std::vector<std::string> techniques;  // "T1190"
  std::vector<std::string> tags;        // as its author wrote them
  std::vector<std::string> false_positives;
  ir::Meaning meaning;
  bool weightless = false;
  std::string mark;
  std::string value;  // an indicator's value
};

struct NotLoaded {
  std::string path, id, reason;
  // Where in the file, from 1 (0: not known), and the reason in its parts, for tools that show the place.
  int line = 0, column = 0;
  std::string what = {}, remedy = {};
};

// Rules as loaded: lowered, checked and hashed. YARA stays text until the forge compiles it.
struct RuleSet {
  std::vector<ir::Detector> rules;
  IndicatorList indicators;
  std::vector<YaraSource> yara;
  std::vector<ir::Filter> filters;  // Sigma's; rules/resolve.h says to which rules each applies
  std::vector<NotLoaded> not_loaded;
  std::vector<NotLoaded> warnings;  // loaded, but not as its author may think: a filter without a rule ...
  // Values of Sigma's %placeholders% (modifier expand), to be set before loading; a rule whose placeholder has none is
  // not loaded.
  std::map<std::string, std::vector<std::string>> placeholders;
  std::vector<sigma::Pipeline> pipelines;       // applied to every Sigma document that is loaded while they stand here
  std::map<std::string, std::size_t> place_of;  // loader's: id -> index in rules, until they are resolved
  std::size_t regex_bytes = 0;                  // loader's: what Sigma's regular expressions came to, compiled
};

}  // namespace assay
