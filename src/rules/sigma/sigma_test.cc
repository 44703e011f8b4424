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

// ---- hostile rules: each is loaded or refused with a message, within bounded work and memory.

struct Cost {
  RuleSet rules;
  double seconds = 0;
  std::string reason;
};

Cost load_hostile(std::string_view text) {
  Cost out;
  const auto start = std::chrono::steady_clock::now();
  load_sigma("hostile.yml", text, "", out.rules);
  resolve_rules(out.rules);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!out.rules.not_loaded.empty()) out.reason = out.rules.not_loaded.front().reason;
  // What is loaded is within the bounds of the IR, whose text is the measure of its size.
  std::size_t literals = 0;
  for (const ir::Detector& d : out.rules.rules) {
    EXPECT_TRUE(ir::check(d).ok());
    for (const ir::Atom& atom : d.expr.atoms) {
      for (const ir::Literal& literal : atom.literals)
        literals += literal.text.size() + literal.pieces.size() * 64 + 64;
    }
  }
  EXPECT_LT(literals, std::size_t{64} << 20);
  EXPECT_LT(out.seconds, 10.0);  // generous: sanitizers and busy machines; the product's bound is 1 s
  return out;
}

std::string rule_with(const std::string& detection) {
  return "title: t\nid: t\nlogsource: {category: c}\ndetection:\n" + detection;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(SigmaHostile, YamlBombsAndDepth) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += fmt::format("{0}: &{0} [", c);
    for (int i = 0; i < 10; ++i) bomb += fmt::format("{}*{}", i > 0 ? ", " : "", static_cast<char>(c - 1));
    bomb += "]\n";
  }
  EXPECT_NE(load_hostile(bomb).reason.find("YAML aliases expand too far"), std::string::npos);
  // One long text, repeated by alias: bytes count, not nodes alone.
  const std::string wide = "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [" + repeated("*a, ", 1000) + "*a]\n";
  EXPECT_NE(load_hostile(wide).reason.find("YAML aliases expand too far"), std::string::npos);
  // Anchors inside anchors keep their content many times.
  std::string nested;
  for (int i = 0; i < 60; ++i) nested += fmt::format("&a{} [", i);
  nested += repeated("x, ", 30'000) + "x" + std::string(60, ']') + "\n";
  EXPECT_NE(load_hostile(nested).reason.find("YAML anchors hold too much"), std::string::npos);
  EXPECT_NE(load_hostile(std::string(100'000, '[')).reason.find("YAML nested too deeply"), std::string::npos);
  EXPECT_NE(load_hostile(rule_with("  s: {A: [" + repeated("x, ", 300'000) + "x]}\n  condition: s\n"))
                .reason.find("YAML document too large"),
            std::string::npos);
}

TEST(SigmaHostile, Expansions) {
  const auto reason = [](const std::string& item) {
    return load_hostile(rule_with("  s: {" + item + "}\n  condition: s\n")).reason;
  };
  EXPECT_NE(reason("A|windash: '" + repeated("-a ", 5000) + "'").find("windash expands to more than 4096 values"),
            std::string::npos);
  // Each value stays below the bound, their sum does not.
  EXPECT_NE(reason("A|windash|contains: [" + repeated("'-a -b -c -d', ", 2000) + "'-x']").find("too many values"),
            std::string::npos);
  EXPECT_NE(reason("A|base64offset|contains: [" + repeated("abcdef, ", 20'000) + "x]").find("too many values"),
            std::string::npos);
  EXPECT_NE(reason("A|utf16|base64offset|contains: '" + std::string(2 << 20, 'x') + "'").find("too long"),
            std::string::npos);
  RuleSet rules;
  rules.placeholders["p"] = std::vector<std::string>(500, "value");
  load_sigma("h.yml", rule_with("  s: {A|expand: '%p%%p%%p%'}\n  condition: s\n"), "", rules);
  ASSERT_EQ(rules.not_loaded.size(), 1U);
  EXPECT_NE(rules.not_loaded[0].reason.find("too many values"), std::string::npos);
}

TEST(SigmaHostile, RegularExpressions) {
  const auto load = [](const std::string& pattern) {
    return load_hostile(rule_with("  s: {A|re: '" + pattern + "'}\n  condition: s\n"));
  };
  EXPECT_NE(load(std::string(20'000, 'a')).reason.find("too long"), std::string::npos);
  EXPECT_NE(load("((a{1,500}){1,500}){1,500}").reason.find("regular expression"), std::string::npos);
  EXPECT_NE(load(std::string(5000, '(') + std::string(5000, ')')).reason.find("regular expression"), std::string::npos);
  // A catastrophic one loads, and gives up on a record that would keep it busy for ever.
  for (const char* const pattern : {"^(a+)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*(.*)*(.*)*z"}) {
    const Cost cost = load(pattern);
    ASSERT_EQ(cost.rules.rules.size(), 1U) << pattern << " " << cost.reason;
    const auto regex = ir::Regex::compile(pattern, 0);
    ASSERT_TRUE(regex.ok());
    ir::RegexScratch scratch;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_NE(regex->search(std::string(40'000, 'a') + "!" + std::string(40'000, 'x'), scratch), ir::Regex::Found::yes);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 10.0) << pattern;
  }
}

TEST(SigmaHostile, ConditionsAndNumbers) {
  const std::string two = "  a: {A: 1}\n  b: {B: 1}\n  condition: ";
  EXPECT_NE(load_hostile(rule_with(two + repeated("not ", 500) + "a\n")).reason.find("nested too deeply"),
            std::string::npos);
  EXPECT_NE(load_hostile(rule_with(two + std::string(5000, '(') + "a" + std::string(5000, ')') + "\n"))
                .reason.find("nested too deeply"),
            std::string::npos);
  EXPECT_TRUE(load_hostile(rule_with(two + repeated("a or b and ", 20'000) + "a\n")).rules.rules.size() <= 1);
  std::string many;
  for (int i = 0; i < 40; ++i) many += fmt::format("  d{}: {{F{}: x}}\n", i, i);
  EXPECT_NE(load_hostile(rule_with(many + "  condition: 20 of them\n")).reason.find("too many combinations"),
            std::string::npos);
  std::string terms;
  for (int i = 0; i < 12; ++i) terms += fmt::format("{}(r{} or r{})", i > 0 ? " and " : "", 2 * i, 2 * i + 1);
  EXPECT_NE(load_hostile("title: t\nid: t\ncorrelation: {type: temporal, timespan: 5m, condition: " + terms + "}\n")
                .reason.find("alternatives"),
            std::string::npos);
  EXPECT_NE(load_hostile("title: t\nid: t\ncorrelation: {type: temporal, timespan: 5m, rules: [a], condition: " +
                         std::string(3000, '(') + "a}\n")
                .reason.find("nested too deeply"),
            std::string::npos);
}

TEST(SigmaHostile, ManyDocuments) {
  EXPECT_NE(load_hostile(repeated("a: b\n---\n", 30'000)).reason.find("more than 20000 documents"), std::string::npos);
  // 'global' parts are laid under each of the rules that follow.
  std::string text = "action: global\ndetection:\n  s:\n    A: [" + repeated("x, ", 2000) + "x]\n";
  text += repeated("---\nid: x\ndetection: {condition: s}\n", 2000);
  EXPECT_NE(load_hostile(text).reason.find("no logsource"), std::string::npos);
  bool refused = false;
  for (const NotLoaded& n : load_hostile(text).rules.not_loaded)
    refused = refused || n.reason.find("'action' documents expand too far") != std::string::npos;
  EXPECT_TRUE(refused);
  // A long chain, a large circle, and everybody naming everybody.
  std::string chain = "title: t\nid: r0\nlogsource: {category: c}\ndetection: {s: {A: x}, condition: s}\n";
  for (int i = 1; i < 8000; ++i) {
    chain += fmt::format(
        "---\n{{title: t, id: r{}, correlation: {{type: event_count, rules: [r{}], timespan: 5m, "
        "condition: {{gte: 1}}}}}}\n",
        i, i - 1);
  }
  EXPECT_EQ(load_hostile(chain).rules.rules.size(), 9U);
  std::string circle;
  for (int i = 0; i < 3000; ++i) {
    circle += fmt::format(
        "---\n{{title: t, id: r{}, correlation: {{type: temporal, rules: [r{}, r{}, r{}], timespan: "
        "5m}}}}\n",
        i, (i + 1) % 3000, (i + 7) % 3000, (i + 1999) % 3000);
  }
  const Cost cost = load_hostile(circle);
  EXPECT_TRUE(cost.rules.rules.empty());
  EXPECT_EQ(cost.rules.not_loaded.size(), 3000U);
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
