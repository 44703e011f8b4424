#include "rules/sigma/sigma.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "core/yaml.h"
#include "rules/ir/regex.h"
#include "rules/loader.h"
#include "rules/resolve.h"
#include "rules/sigma/correlation.h"
#include "rules/sigma/value.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Pairs NAME.yml -> NAME.ir: the IR of each detector, or why it is not loaded.
TEST(Sigma, Goldens) {
  const fs::path folder = fs::path(ASSAY_SOURCE_DIR) / "src/rules/sigma/testdata";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  }
  ASSERT_FALSE(files.empty());
  for (const fs::path& file : files) {
    RuleSet rules;
    rules.placeholders["Servers"] = {"srv1", "srv2"};
    load_sigma(file.filename().string(), read_file(file), "", rules);
    std::string text;
    for (const ir::Detector& d : rules.rules) text += ir::to_text(d) + "\n";
    for (const ir::Filter& f : rules.filters) text += ir::to_text(f) + "\n";
    for (const NotLoaded& n : rules.not_loaded) text += "not loaded " + n.path + " " + n.id + ": " + n.reason + "\n";
    fs::path golden = file;
    golden.replace_extension(".ir");
    if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) {
      std::ofstream(golden, std::ios::binary) << text;
    }
    EXPECT_EQ(text, read_file(golden)) << file;
    // What was lowered survives the serialised form, and its hash is stable.
    for (const ir::Detector& d : rules.rules) {
      Writer out;
      ir::save(out, d);
      Reader in(out.bytes());
      auto back = ir::load(in);
      ASSERT_TRUE(back.ok()) << back.error().text();
      EXPECT_EQ(*back, d);
      EXPECT_EQ(ir::hash_of(*back), d.hash);
      EXPECT_TRUE(in.done());
    }
  }
}

// A pipeline rewrites rules before they are lowered: pipelines/NAME.yml over NAME.rules -> NAME.ir.
TEST(Sigma, PipelineGoldens) {
  const fs::path folder = fs::path(ASSAY_SOURCE_DIR) / "src/rules/sigma/testdata/pipelines";
  RuleSet rules;
  auto pipeline = sigma::parse_pipeline("windows.yml", read_file(folder / "windows.yml"));
  ASSERT_TRUE(pipeline.ok()) << pipeline.error().text();
  rules.pipelines.push_back(std::move(*pipeline));
  rules.placeholders["Given"] = {"by hand"};
  load_sigma("windows.rules", read_file(folder / "windows.rules"), "", rules);
  std::string text;
  for (const ir::Detector& d : rules.rules) text += ir::to_text(d) + "\n";
  for (const NotLoaded& n : rules.not_loaded) text += "not loaded " + n.path + " " + n.id + ": " + n.reason + "\n";
  if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) std::ofstream(folder / "windows.ir", std::ios::binary) << text;
  EXPECT_EQ(text, read_file(folder / "windows.ir"));
}

TEST(Sigma, PipelinesAreRefusedByNameAndPlace) {
  const auto refused = [](std::string_view text) {
    const auto pipeline = sigma::parse_pipeline("p.yml", text);
    return pipeline.ok() ? std::string("taken") : pipeline.error().text();
  };
  EXPECT_EQ(refused("name: x\ntransformations:\n  - {type: set_state, key: a, val: b}\n"), "taken");
  EXPECT_EQ(
      refused("name: x\ntransformations:\n  - {type: query_expression_placeholders}\n"),
      "p.yml:3:12: the transformation 'query_expression_placeholders' is not known (docs/sigma.md lists those that "
      "are)");
  EXPECT_EQ(refused("transformations:\n  - {type: set_state, key: a, val: b, odd: c}\n"),
            "p.yml:2:39: the key 'odd' of 'set_state' is not known (docs/sigma.md lists those that are)");
  EXPECT_EQ(refused("transformations:\n  - type: drop_detection_item\n    rule_conditions:\n      - {type: moon}\n"),
            "p.yml:4:16: the rule condition 'moon' is not known (docs/sigma.md lists those that are)");
  EXPECT_EQ(refused("transformations:\n  - {type: replace_string, regex: '(', replacement: x}\n"),
            "p.yml:2:35: the regular expression is wrong at character 1: missing closing parenthesis");
  EXPECT_EQ(refused("finalizers: [{type: concat}]\n"),
            "p.yml:1:1: 'finalizers' shapes query text for other tools; there is none here (take that part out)");
  EXPECT_EQ(refused("transformation: []\n"), "p.yml:1:1: the key 'transformation' of a pipeline is not known");
  EXPECT_EQ(refused("[1, 2]\n"), "p.yml: a processing pipeline is one map");
  EXPECT_EQ(refused("a: [\n").substr(0, 21), "p.yml:2:1: not valid ");
}

std::string pieces(std::string_view text) {
  std::string out;
  for (const ir::Piece& piece : sigma::parse_pattern(text)) {
    out += piece.kind == ir::Piece::Kind::text      ? "'" + piece.text + "'"
           : piece.kind == ir::Piece::Kind::any_run ? "*"
                                                    : "?";
  }
  return out;
}

// Sigma 2.1, "escaping".
TEST(Sigma, Escaping) {
  EXPECT_EQ(pieces("a*b?c"), "'a'*'b'?'c'");
  EXPECT_EQ(pieces("C:\\Windows\\x"), "'C:\\Windows\\x'");
  EXPECT_EQ(pieces("\\*"), "'*'");
  EXPECT_EQ(pieces("\\?"), "'?'");
  EXPECT_EQ(pieces("\\\\*"), "'\\'*");
  EXPECT_EQ(pieces("\\\\\\*"), "'\\*'");
  EXPECT_EQ(pieces("\\"), "'\\'");
  EXPECT_EQ(pieces("\\\\"), "'\\'");
  EXPECT_EQ(pieces("\\\\\\"), "'\\\\'");
  EXPECT_EQ(pieces("\\\\\\\\"), "'\\\\'");
  EXPECT_EQ(pieces("\\\\host\\share"), "'\\host\\share'");
  EXPECT_EQ(pieces(""), "");
}

TEST(Sigma, Encodings) {
  EXPECT_EQ(sigma::base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(sigma::base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(sigma::base64_encode("f"), "Zg==");
  // The example of the specification: 'foobar' at each offset.
  EXPECT_EQ(sigma::base64_offsets("foobar"), (std::vector<std::string>{"Zm9vYmFy", "Zvb2Jhc", "mb29iYX"}));
  EXPECT_EQ(sigma::utf16_bytes("a\xc3\xa9", false), std::string("a\0\xe9\0", 4));
  EXPECT_EQ(sigma::utf16_bytes("a\xf0\x9f\x98\x80", true), std::string("\0a\xd8\x3d\xde\x00", 6));
}

// Whatever text surrounds the bytes, one of the three offsets stands in its Base64; and none depends on its
// surroundings.
TEST(Sigma, Base64OffsetsHoldInAnySurroundings) {
  for (const std::string needle : {"ab", "abc", "abcd", "http://", "IEX (New-Object"}) {
    const std::vector<std::string> parts = sigma::base64_offsets(needle);
    for (std::size_t before = 0; before < 7; ++before) {
      for (std::size_t after = 0; after < 4; ++after) {
        const std::string encoded =
            sigma::base64_encode(std::string(before, '\x93') + needle + std::string(after, '\xd1'));
        EXPECT_NE(encoded.find(parts[before % 3]), std::string::npos) << needle << " " << before << " " << after;
      }
    }
  }
}

TEST(Sigma, Windash) {
  const auto list = sigma::windash(sigma::parse_pattern(" -f /x a-b"));
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 25U);  // the '-' inside a-b stays
  const auto many = sigma::windash(sigma::parse_pattern("-a -b -c -d -e -f"));
  EXPECT_FALSE(many.ok());
  const auto none = sigma::windash(sigma::parse_pattern("abc"));
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->size(), 1U);
}

TEST(Sigma, Timespans) {
  EXPECT_EQ(*sigma::parse_timespan("90s"), 90'000'000'000);
  EXPECT_EQ(*sigma::parse_timespan("15m"), 900'000'000'000);
  EXPECT_EQ(*sigma::parse_timespan("1d"), 86'400'000'000'000);
  for (const char* text : {"", "5", "m", "-5m", "0s", "5y", "1.5h", "99999999999d", " 5m"})
    EXPECT_FALSE(sigma::parse_timespan(text).ok()) << text;
}

// SigmaHQ, when it is at hand: every rule loads but those whose placeholders have no values.
TEST(Sigma, SigmaHq) {
  const char* const env = std::getenv("ASSAY_DATA");
  const fs::path data = fs::path(env != nullptr ? env : std::string(ASSAY_SOURCE_DIR) + "/../shared/data") / "sigma";
  if (!fs::exists(data / "rules")) GTEST_SKIP() << "no SigmaHQ rules (ASSAY_DATA)";
  const std::map<std::string, std::size_t> expected = {
      {"rules", 3141}, {"rules-emerging-threats", 473}, {"rules-threat-hunting", 140}};
  std::size_t total = 0;
  const auto start = std::chrono::steady_clock::now();
  for (const auto& [folder, count] : expected) {
    RuleSet rules;
    ASSERT_TRUE(load_rules_path((data / folder).string(), rules).ok());
    for (const NotLoaded& n : rules.not_loaded)
      EXPECT_NE(n.reason.find("placeholder"), std::string::npos) << n.path << ": " << n.reason;
    EXPECT_LE(rules.not_loaded.size(), 2U);
    EXPECT_EQ(rules.rules.size() + rules.not_loaded.size(), count) << folder;
    total += rules.rules.size();
  }
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  std::printf("loaded %zu rules in %lld ms\n", total, static_cast<long long>(ms));

  RuleSet placeholders;
  ASSERT_TRUE(load_rules_path((data / "rules-placeholder").string(), placeholders).ok());
  EXPECT_EQ(placeholders.rules.size() + placeholders.not_loaded.size(), 23U);
  for (const NotLoaded& n : placeholders.not_loaded)
    EXPECT_NE(n.reason.find("placeholder"), std::string::npos) << n.path << ": " << n.reason;
}

}  // namespace
}  // namespace assay
