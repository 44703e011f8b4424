// What the compiled engine says about itself, as plain data: the forge sends it to the supervisor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/schema.h"
#include "match/engine.h"

namespace assay {

struct EngineFacts {
  DetectorCatalogue catalogue;
  std::vector<NotLoaded> not_loaded, not_evaluable;
  // Names that a rule needs on one (shape, route), with the paths that stand for each.
  struct Need {
    DetectorIndex detector = 0;
    std::string shape, route, name;
    std::vector<std::string> paths;
  };
  std::vector<Need> needs;
};

[[nodiscard]] EngineFacts facts_of(const Engine& engine, const SchemaSet& schemas);
[[nodiscard]] std::string save_facts(const EngineFacts& facts);
// The indicators are not sent: whoever started the forge has them.
[[nodiscard]] bool load_facts(std::string_view bytes, const IndicatorList& indicators, EngineFacts& facts);

}  // namespace assay
