// What Assay ships loads whole: every rule, every YARA source, every indicator of the built-in advisories.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "match/engine.h"
#include "rules/loader.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

TEST(Content, ShippedRulesAndAdvisoriesLoadWhole) {
  const fs::path content = fs::path(ASSAY_SOURCE_DIR) / "content";
  RuleSet rules;
  if (fs::exists(content / "rules")) {
    ASSERT_TRUE(load_rules_path((content / "rules").string(), rules).ok());
  }
  for (const auto& entry : fs::recursive_directory_iterator(content / "advisories")) {
    if (entry.path().filename() != "bundle.json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto advisory = read_stix(entry.path().string(), text);
    ASSERT_TRUE(advisory.ok()) << advisory.error().text();
    lower_advisory(*advisory, {}, rules);
  }
  for (const NotLoaded& n : rules.not_loaded) ADD_FAILURE() << n.path << " " << n.id << ": " << n.reason;
  const SchemaSet schemas = SchemaSet::load({}).value();
  const auto engine = Engine::compile(rules, schemas, {}, {});
  for (const NotLoaded& n : engine->not_loaded()) ADD_FAILURE() << n.path << " " << n.id << ": " << n.reason;
  for (const NotLoaded& n : engine->not_evaluable())
    std::printf("not evaluable: %s: %s\n", n.id.c_str(), n.reason.c_str());
  std::printf("%zu rules, %zu indicators, %zu YARA sources, %zu detectors\n", rules.rules.size(),
              rules.indicators.size(), rules.yara.size(), engine->catalogue().size());
}

}  // namespace
}  // namespace assay
