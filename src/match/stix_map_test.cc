// docs/stix-map.md says which kinds of evidence carry which STIX path. It is made from the schemas;
// ASSAY_UPDATE_GOLDENS=1 writes it anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "evidence/schema.h"
#include "rules/stix_pattern/names.h"

namespace assay {
namespace {

constexpr std::string_view kHead =
    R"(# STIX paths and the kinds of evidence that carry them

Which records a [STIX pattern](rules/stix_pattern.md) can meet. A path is carried by a kind of record when its [schema](schemas.md) names the path, or a role that means the
same (`@src_ip` for `network-traffic:src_ref.value`). Whether one record has a value there is the record's matter; a kind of your own carries what your schema names.

This page is made from the schemas by a test (`src/match/stix_map_test.cc`).

| path | kinds of evidence |
|---|---|
)";

std::string map_of(const SchemaSet& schemas) {
  std::set<std::string> paths;
  for (const auto& [path, role] : stix::roles_of_paths()) paths.emplace(path);
  for (const Schema& schema : schemas.all()) {
    for (const auto& [name, rules] : schema.overlay) {
      const std::size_t colon = name.find(':');
      if (colon != std::string::npos && colon > 0 && name.find(' ') == std::string::npos) paths.insert(name);
    }
  }
  std::string out(kHead);
  for (const std::string& path : paths) {
    const std::vector<std::string> names = stix::also_known_as(path);
    std::string kinds;
    for (const Schema& schema : schemas.all()) {
      const bool carries = std::any_of(names.begin(), names.end(),
                                       [&](const std::string& name) { return schema.overlay.contains(name); });
      if (carries) kinds += (kinds.empty() ? "" : ", ") + schema.shape;
    }
    if (!kinds.empty()) out += fmt::format("| `{}` | {} |\n", path, kinds);
  }
  return out;
}

TEST(StixMap, IsThatOfTheSchemas) {
  const auto schemas = SchemaSet::load({});
  ASSERT_TRUE(schemas.ok()) << schemas.error().text();
  const std::string made = map_of(*schemas);
  const std::string path = std::string(ASSAY_SOURCE_DIR) + "/docs/stix-map.md";
  if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << made;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_TRUE(text.str() == made) << "docs/stix-map.md is not that of the schemas: ASSAY_UPDATE_GOLDENS=1 writes it";
}

// What the standard's own examples and most feeds speak of is carried by something.
TEST(StixMap, WellKnownPathsAreCarried) {
  const auto schemas = SchemaSet::load({});
  ASSERT_TRUE(schemas.ok());
  const std::string made = map_of(*schemas);
  for (const char* path : {"network-traffic:src_ref.value",
                           "network-traffic:dst_ref.value",
                           "network-traffic:dst_port",
                           "network-traffic:extensions.'http-request-ext'.request_value",
                           "email-message:from_ref.value",
                           "email-message:subject",
                           "email-message:body_multipart[*].body_raw_ref.name",
                           "process:command_line",
                           "process:image_ref.name",
                           "process:parent_ref.command_line",
                           "process:parent_ref.image_ref.name",
                           "file:name",
                           "file:hashes.MD5",
                           "file:hashes.'SHA-256'",
                           "file:parent_directory_ref.path",
                           "url:value",
                           "domain-name:value",
                           "domain-name:resolves_to_refs[*].value",
                           "user-account:account_login",
                           "windows-registry-key:key",
                           "windows-registry-key:values[*].name",
                           "x509-certificate:issuer",
                           "ipv4-addr:value"})
    EXPECT_NE(made.find(fmt::format("| `{}` |", path)), std::string::npos) << path;
}

}  // namespace
}  // namespace assay
