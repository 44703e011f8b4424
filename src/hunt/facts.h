// What the compiled engine says about itself, as plain data: the forge sends it to the supervisor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/schema.h"
#include "match/engine.h"

namespace assay {

struct EngineFacts {
  std::vector<DetectorInfo> catalogue;
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
[[nodiscard]] bool load_facts(std::string_view bytes, EngineFacts& facts);

}  // namespace assay
