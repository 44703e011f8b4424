// The shipped advisory: loads without a problem, says what its page says, and its rules and claims fit together.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/ascii.h"
#include "core/yaml.h"
#include "knowledge/advisory.h"
#include "knowledge/estimative.h"
#include "knowledge/profile.h"
#include "knowledge/test_support.h"

namespace assay {
namespace {

const std::string kBundle = ASSAY_SOURCE_DIR "/content/advisories/apt29-2020/bundle.json";
const std::string kRules = ASSAY_SOURCE_DIR "/content/rules/apt29-2020";
const std::string kGolden = ASSAY_SOURCE_DIR "/src/knowledge/testdata/apt29-2020.txt";

const Advisory& advisory() {
  static const Advisory kAdvisory = [] {
    auto result = read_stix("built in", read_file(kBundle));
    EXPECT_TRUE(result.ok());
    return result.ok() ? std::move(*result) : Advisory{};
  }();
  return kAdvisory;
}

std::string value_of(const AdvisoryIndicator& indicator) {
  const std::size_t open = indicator.pattern.find("= '"), close = indicator.pattern.rfind("']");
  return open == std::string::npos || close == std::string::npos ? ""
                                                                 : indicator.pattern.substr(open + 3, close - open - 3);
}

TEST(Apt29, AsText) {
  const std::string text = describe(advisory());
  if (std::getenv("ASSAY_UPDATE_GOLDENS")) std::ofstream(kGolden, std::ios::binary) << text;
  EXPECT_EQ(text, read_file(kGolden));
}

TEST(Apt29, Loads) {
  EXPECT_TRUE(advisory().problems.empty());
  EXPECT_EQ(advisory().tlp, Tlp::clear);
  EXPECT_EQ(advisory().publishers, (std::vector<std::string>{"NCSC", "CSE", "NSA", "CISA"}));
  EXPECT_EQ(format_date(advisory().published), "2020-07-16");
  EXPECT_EQ(format_date(advisory().activity_from), "2020-04-01");
  EXPECT_EQ(format_date(advisory().activity_until), "2020-07-16");
  EXPECT_EQ(advisory().vulnerabilities.size(), 4U);
  EXPECT_EQ(advisory().claims.size(), 23U);
  EXPECT_EQ(advisory().recommendations.size(), 7U);
}

TEST(Apt29, EveryObjectIsMarkedAndEveryIndicatorNamesItsSource) {
  for (const std::string& bytes : advisory().objects) {
    const Json object = parse_json(bytes).value();
    if (object["type"].as_string() != "marking-definition") {
      EXPECT_EQ(object["object_marking_refs"].items().size(), 1U) << object["id"].as_string();
    }
  }
  for (const AdvisoryIndicator& indicator : advisory().indicators) {
    EXPECT_FALSE(indicator.source.empty()) << indicator.pattern;
    ASSERT_EQ(indicator.reliability.size(), 2U) << indicator.pattern;
    EXPECT_TRUE(indicator.reliability[0] >= 'A' && indicator.reliability[0] <= 'F');
    EXPECT_TRUE(indicator.reliability[1] >= '1' && indicator.reliability[1] <= '6');
    EXPECT_TRUE(indicator.valid_from.known());
    EXPECT_FALSE(indicator.indicates.empty()) << indicator.pattern;
  }
}

TEST(Apt29, Counts) {
  std::map<std::string, int> by_kind;
  int listed = 0, globalsign_only = 0;
  std::set<std::string> values;
  for (const AdvisoryIndicator& indicator : advisory().indicators) {
    const std::string value = value_of(indicator);
    EXPECT_TRUE(values.insert(value).second) << value << " stands twice";
    ++by_kind[indicator.pattern.substr(1, indicator.pattern.find(' ') - 1)];
    if (indicator.source.starts_with("joint advisory 2020-07-16, address list")) {
      ++listed;
      if (indicator.indicates == std::vector<std::string>{"APT29"}) {
        ++globalsign_only;
        EXPECT_FALSE(indicator.mark.empty());
      }
    }
  }
  EXPECT_EQ(listed, 51);
  EXPECT_EQ(globalsign_only, 3);
  EXPECT_EQ(by_kind["ipv4-addr:value"], 56);
  EXPECT_EQ(by_kind["file:hashes.'SHA-256'"], 26);
  EXPECT_EQ(by_kind["file:hashes.MD5"], 39);
  EXPECT_EQ(by_kind["file:name"], 10);
}

TEST(Apt29, ValuesAreWellFormed) {
  for (const AdvisoryIndicator& indicator : advisory().indicators) {
    const std::string value = value_of(indicator);
    SCOPED_TRACE(indicator.pattern);
    EXPECT_EQ(indicator.pattern_type, "stix");
    if (indicator.pattern.starts_with("[ipv4-addr:value = '")) {
      const auto address = parse_address(value);
      ASSERT_TRUE(address);
      EXPECT_EQ(is_private(*address), indicator.weightless);
    } else if (indicator.pattern.starts_with("[file:hashes.")) {
      EXPECT_EQ(value.size(), indicator.pattern.find("MD5") != std::string::npos ? 32U : 64U);
      EXPECT_TRUE(std::all_of(value.begin(), value.end(), [](char c) { return is_hex(c) && c == to_lower(c); }));
    } else {
      EXPECT_TRUE(indicator.pattern.starts_with("[file:name = '"));
    }
  }
}

TEST(Apt29, WhatMustNeverWeighDoesNot) {
  std::set<std::string> weightless;
  for (const AdvisoryIndicator& indicator : advisory().indicators) {
    if (!indicator.weightless) continue;
    weightless.insert(value_of(indicator));
    EXPECT_FALSE(indicator.mark.empty());
    EXPECT_TRUE(indicator.claims.empty());
    EXPECT_EQ(indicator.klass, "context");
  }
  EXPECT_EQ(weightless,
            (std::set<std::string>{"192.168.169.103", "SangforUD.exe", "agent.sh", "avamar.exe", "conhost.exe", "m.exe",
                                   "migration20", "mschkdsk.exe", "watchdog", "watchdogd"}));
}

TEST(Apt29, PublishersTermsAreTermsOfTheirScale) {
  EXPECT_EQ(advisory().judgements.size(), 7U);
  for (const Judgement& j : advisory().judgements) {
    if (j.term.empty()) continue;
    ASSERT_EQ(j.scale, "phia");
    const Term term = term_named(j.term, Scale::phia);
    EXPECT_GE(term.rank, 0) << j.term;
    if (j.low) {
      EXPECT_EQ(*j.low, term.low);
    }
    if (j.high) {
      EXPECT_EQ(*j.high, term.high);
    }
  }
}

TEST(Apt29, NoStatementFromMemory) {
  for (const std::string& bytes : advisory().objects) {
    const Json object = parse_json(bytes).value();
    EXPECT_NE(object["x_assay_provenance"].as_string(), "M");
    EXPECT_EQ(dump_json(object).find("from memory"), std::string::npos);
  }
}

// The collection of facts marks what nobody could verify; none of it may be shipped.
TEST(Apt29, NothingUnverifiedIsShipped) {
  const std::string list = read_file(ASSAY_SOURCE_DIR "/../shared/threat/iocs.csv");
  if (list.empty()) GTEST_SKIP() << "no data here to say which values are unverified";
  std::set<std::string> shipped;
  for (const AdvisoryIndicator& indicator : advisory().indicators) shipped.insert(value_of(indicator));
  std::size_t unverified = 0;
  for (const std::string_view row : split(list, '\n')) {
    if (row.find("from memory") == std::string_view::npos) continue;
    const auto cells = split(row, ',');
    if (cells.size() < 2) continue;
    ++unverified;
    EXPECT_FALSE(shipped.contains(std::string(cells[1]))) << cells[1];
  }
  EXPECT_GE(unverified, 20U);
}

struct Rule {
  std::string file, name;
  Yaml yaml;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRulesRead = [] {
    std::vector<Rule> out;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(kRules)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      if (file.extension() != ".yml") continue;
      auto documents = parse_yaml(read_file(file.string()));
      EXPECT_TRUE(documents.ok()) << file;
      if (!documents.ok()) continue;
      for (Yaml& document : *documents)
        out.push_back({file.filename().string(), document["name"].text, std::move(document)});
    }
    return out;
  }();
  return kRulesRead;
}

TEST(Apt29Rules, NamesAndIdsAreUnique) {
  std::set<std::string> names, ids;
  for (const Rule& rule : rules()) {
    EXPECT_FALSE(rule.name.empty()) << rule.file;
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_EQ(rule.yaml["id"].text.size(), 36U) << rule.name;
    EXPECT_TRUE(ids.insert(rule.yaml["id"].text).second) << rule.name;
    EXPECT_FALSE(rule.yaml["title"].text.empty() || rule.yaml["description"].text.empty() ||
                 rule.yaml["level"].text.empty())
        << rule.name;
  }
  for (const Rule& rule : rules()) {
    for (const std::string& base : rule.yaml["correlation"]["rules"].strings())
      EXPECT_TRUE(names.contains(base)) << rule.name << " names " << base;
  }
}

TEST(Apt29Rules, SpeakForClaimsThatExist) {
  static const std::set<std::string> kStages = {"",        "lure",         "attempt",    "exploit", "follow_on",
                                                "malware", "c2",           "credential", "lateral", "collection",
                                                "staging", "exfiltration", "impact",     "scan"};
  static const std::set<std::string> kClasses = {"unique", "typical", "generic", "contact", "context"};
  Knowledge knowledge;
  knowledge.advisories.push_back(advisory());
  for (const Rule& rule : rules()) {
    const Yaml& ours = rule.yaml["assay"];
    EXPECT_EQ(ours["kind"].text, "check") << rule.name;
    EXPECT_TRUE(kClasses.contains(ours["class"].text)) << rule.name;
    EXPECT_TRUE(kStages.contains(ours["stage"].text)) << rule.name;
    EXPECT_FALSE(ours["family"].text.empty()) << rule.name;
    for (const std::string& claim : ours["claims"].strings()) {
      EXPECT_NE(knowledge.find_claim(claim), nullptr) << rule.name << ": " << claim;
    }
    if (ours["base_only"].as_bool()) {
      EXPECT_TRUE(ours["claims"].strings().empty()) << rule.name << " is a base and speaks for a claim";
    }
    // Only what the advisory names may be called its own.
    if (ours["class"].text == "unique") {
      EXPECT_FALSE(ours["claims"].strings().empty()) << rule.name;
    }
  }
}

TEST(Apt29Rules, YaraMetaNamesClaimsThatExist) {
  Knowledge knowledge;
  knowledge.advisories.push_back(advisory());
  std::size_t named = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kRules)) {
    if (entry.path().extension() != ".yar") continue;
    const std::string text = read_file(entry.path().string());
    for (const std::string_view line : split(text, '\n')) {
      const std::string_view trimmed = trim(line);
      if (!trimmed.starts_with("assay_claims")) continue;
      const std::size_t open = trimmed.find('"'), close = trimmed.rfind('"');
      for (const std::string_view claim : split(trimmed.substr(open + 1, close - open - 1), ',')) {
        EXPECT_NE(knowledge.find_claim(trim(claim)), nullptr) << claim;
        ++named;
      }
    }
  }
  EXPECT_GE(named, 10U);
}

TEST(Apt29Rules, WhatNoRuleCoversIsKnown) {
  // Claims that analytics speak for, not rules or indicators.
  const std::set<std::string> by_analytics = {
      "claim.bulk-outbound", "claim.credential-given", "claim.lateral-service-account", "claim.log-clearing",
      "claim.lure-mail",     "claim.repository-reads", "claim.stolen-credential-use"};
  std::set<std::string> covered;
  for (const Rule& rule : rules()) {
    for (const std::string& claim : rule.yaml["assay"]["claims"].strings()) covered.insert(claim);
  }
  for (const AdvisoryIndicator& indicator : advisory().indicators)
    covered.insert(indicator.claims.begin(), indicator.claims.end());
  std::set<std::string> open;
  for (const Claim& claim : advisory().claims) {
    if (!covered.contains(claim.id)) open.insert(claim.id);
  }
  EXPECT_EQ(open, by_analytics);
}

TEST(Yardsticks, DataAndProgramAgree) {
  for (const auto& [file, scale] : {std::pair("phia.yaml", Scale::phia), std::pair("icd203.yaml", Scale::icd203)}) {
    const auto documents = parse_yaml(read_file(std::string(ASSAY_SOURCE_DIR "/content/yardsticks/") + file));
    ASSERT_TRUE(documents.ok());
    const Yaml& data = documents->front();
    ASSERT_EQ(data["terms"].items.size(), 7U);
    for (int rank = 0; rank < 7; ++rank) {
      const Yaml& row = data["terms"].items[static_cast<std::size_t>(rank)];
      const Term term = term_named(row["words"].text, scale);
      EXPECT_EQ(term.rank, rank);
      EXPECT_EQ(term.low, row["low"].as_int());
      EXPECT_EQ(term.high, row["high"].as_int());
      for (const std::string& word : row["also"].strings()) EXPECT_EQ(term_named(word, scale).rank, rank) << word;
    }
    for (std::size_t i = 0; i < 6; ++i) {
      const double cut = data["cuts"].items[i].as_double();
      EXPECT_EQ(term_for(cut - 1e-9, scale).rank, static_cast<int>(i));
      EXPECT_EQ(term_for(cut + 1e-9, scale).rank, static_cast<int>(i) + 1);
    }
  }
}

}  // namespace
}  // namespace assay
