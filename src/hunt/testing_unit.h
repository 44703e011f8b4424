// For tests: a text as one unit of evidence, met with one Sigma rule.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "hunt/worker.h"
#include "rules/loader.h"

namespace assay::testing_unit {

struct Read {
  std::vector<KeyedMatch> matches;
  UnitResult result;
};

inline Read read(const std::string& name, std::string_view bytes, const Profile& profile, const RuleSet& rules,
                 const HuntSettings& settings = {}, const EngineOptions& options = {}) {
  const SchemaSet schemas = SchemaSet::load({}).value();
  const auto engine = Engine::compile(rules, schemas, profile, options);
  const Plans plans(*engine, schemas, Knowledge{});
  std::string log = ::testing::TempDir() + "assay-unit-log-XXXXXX";
  const int fd = ::mkstemp(log.data());
  ::unlink(log.c_str());
  EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  Worker worker(*engine, schemas, plans, profile, settings);
  UnitSpec unit;
  unit.chain = name;
  unit.size = bytes.size();
  Read out;
  out.result = worker.run(unit, fd, out.matches, [](std::uint64_t, std::uint64_t) {});
  ::close(fd);
  return out;
}

inline Read read(const std::string& name, std::string_view bytes, const Profile& profile, std::string_view rule_text,
                 const HuntSettings& settings = {}) {
  std::string rule = ::testing::TempDir() + "assay-unit-XXXXXX.yml";
  const int rule_file = ::mkstemps(rule.data(), 4);
  EXPECT_EQ(::write(rule_file, rule_text.data(), rule_text.size()), static_cast<ssize_t>(rule_text.size()));
  ::close(rule_file);
  RuleSet rules;
  EXPECT_TRUE(load_rules_path(rule, rules).ok());
  ::unlink(rule.c_str());
  return read(name, bytes, profile, rules, settings);
}

// "kind xCOUNT: DETAIL" for each notice of these kinds.
inline std::string notices(const Read& read, std::initializer_list<NoticeKind> kinds) {
  std::string out;
  for (const Notice& notice : read.result.notices.sorted()) {
    if (std::find(kinds.begin(), kinds.end(), notice.kind) == kinds.end()) continue;
    out += std::string(name_of(notice.kind)) + " x" + std::to_string(notice.count) + ": " + notice.detail + "\n";
  }
  return out;
}

}  // namespace assay::testing_unit
