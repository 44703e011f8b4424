#include "match/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "match/mention.h"
#include "match/testing.h"
#include "match/testing_rules.h"
#include "match/windows.h"

namespace assay {
namespace {

using testing_match::Bench;

RuleSet sigma(const std::string& text) {
  RuleSet rules;
  load_sigma("test.yml", text, "", rules);
  for (const NotLoaded& n : rules.not_loaded) ADD_FAILURE() << n.id << " " << n.reason;
  return rules;
}

std::string ids(Bench& bench, std::string_view json) {
  std::string out;
  for (const Match& m : bench.match(json)) {
    out += bench.id(m) + (m.base ? "/" + std::to_string(m.part) : "") + " ";
    for (const std::string& key : m.group) out += "<" + key + "> ";
  }
  return out;
}

std::string fields(const Match& m) {
  std::string out;
  for (const auto& [name, value] : m.fields) out += name + "=" + value + ";";
  return out;
}

TEST(Engine, RoutesByLogsource) {
  const RuleSet rules = sigma(R"(
{title: a, id: proc, logsource: {product: windows, category: process_creation}, detection: {s: {A: x}, condition: s}}
---
{title: a, id: service, logsource: {product: Windows, service: SYSMON}, detection: {s: {A: x}, condition: s}}
---
{title: a, id: product, logsource: {product: windows}, detection: {s: {A: x}, condition: s}}
---
{title: a, id: class, logsource: {source_class: network_flow}, detection: {s: {A: x}, condition: s}}
---
{title: a, id: elsewhere, logsource: {product: nowhere}, detection: {s: {A: x}, condition: s}}
)");
  Bench bench(rules);
  EXPECT_EQ(ids(bench, R"({"kind":"proc","A":"x"})"), "proc service product ");
  EXPECT_EQ(ids(bench, R"({"kind":"net","A":"x"})"), "class ");
  EXPECT_EQ(ids(bench, R"({"A":"x"})"), "");
  std::string left;
  for (const NotLoaded& n : bench.engine().not_evaluable()) left += n.id + " ";
  EXPECT_EQ(left, "elsewhere ");
}

TEST(Engine, OverlayNamesInOrderOfPreference) {
  Bench bench(sigma(
      "{title: a, id: r, logsource: {category: test}, detection: {s: {Image: x, '@src_ip': 10.0.0.1}, condition: s}}"));
  EXPECT_EQ(ids(bench, R"({"proc":{"image":"x"},"src":"10.0.0.1"})"), "r ");
  EXPECT_EQ(ids(bench, R"({"image2":"x","src":"10.0.0.1"})"), "r ");
  EXPECT_EQ(ids(bench, R"({"proc":{"image":"y"},"image2":"x","src":"10.0.0.1"})"), "");
}

TEST(Engine, CarriesWhatWasAskedAndWhatHeld) {
  Bench bench(sigma(R"(
title: a
id: r
logsource: {category: test}
assay: {kind: check, carry: ['@src_ip', user]}
detection:
  s: {A|contains: [q, xyz], B|endswith: z}
  n: {C: 1}
  k: [needle]
  condition: s and k and not n
)"));
  const auto matches = bench.match(R"({"A":["no","wxyz"],"B":"zz","src":"10.0.0.1","user":"u","D":"a needle"})");
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(fields(matches[0]), "@src_ip=10.0.0.1;A=wxyz;B=zz;keyword=needle;user=u;");
  EXPECT_EQ(bench.engine().catalogue()[0].kind, DetectorKind::check);
  std::string text = "xyz";
  for (int i = 0; i < 500; ++i) text += "\xc3\xa9";
  const auto cut = bench.match(R"({"A":")" + text + R"(","B":"z","D":"needle"})");
  ASSERT_EQ(cut.size(), 1U);
  for (const auto& [name, value] : cut[0].fields) {
    EXPECT_LE(value.size(), limits::kCarriedFieldBytes);
    EXPECT_TRUE(is_utf8(value));
  }
}

TEST(Engine, NeedsNamesWithoutWhichTheRuleCannotHold) {
  Bench bench(sigma(R"(
title: a
id: r
logsource: {category: test}
detection:
  s: {A: x, N: null, M|exists: false, Q|neq: z}
  t:
    - {B: x, C: y}
    - {B: z, D: y}
  f: {E: 1}
  condition: s and t and not f
)"));
  const auto needs = bench.engine().needs(*bench.schemas().find("match-test"), 2);
  ASSERT_EQ(needs.size(), 1U);
  EXPECT_EQ(needs[0].names, (std::vector<std::string>{"A", "B"}));
}

constexpr const char* kCorrelated = R"(
{title: a, id: rule-a, name: a, logsource: {category: test}, detection: {s: {A: x}, condition: s}}
---
{title: b, id: rule-b, name: b, logsource: {category: test}, detection: {s: {B: x}, condition: s}}
---
title: w
id: w
correlation: {type: temporal_ordered, rules: [a, rule-b], group-by: [user], aliases: {user: {a: U, rule-b: V}}, timespan: 5m}
)";

TEST(Engine, FeedsWindows) {
  Bench bench(sigma(kCorrelated));
  EXPECT_EQ(ids(bench, R"({"A":"x","U":"Ann"})"), "w/0 <ann> ");  // keys have no case
  EXPECT_EQ(ids(bench, R"({"B":"x","V":"ann"})"), "w/1 <ann> ");
  EXPECT_EQ(ids(bench, R"({"B":"x","U":"ann"})"), "");  // no key, no group
  EXPECT_EQ(ids(bench, R"({"A":"x","B":"x","U":"a","V":"b"})"), "w/0 <a> w/1 <b> ");
  // From matches to the window's decision.
  std::vector<Match> matches = bench.match(R"({"A":"x","U":"ann"})", 100);
  for (const Match& m : bench.match(R"({"B":"x","V":"ann"})", 160)) matches.push_back(m);
  const RuleSet rules = sigma(kCorrelated);
  std::size_t met = 0;
  decide_window(*rules.rules[2].window, matches, [&](const auto& emission) { met += emission.matches.size(); });
  EXPECT_EQ(met, 2U);
}

TEST(Engine, GenerateKeepsTheBaseRules) {
  std::string text = kCorrelated;
  text.insert(text.rfind("timespan"), "generate: true, ");
  Bench bench(sigma(text));
  EXPECT_EQ(ids(bench, R"({"A":"x","U":"ann"})"), "rule-a w/0 <ann> ");
}

// Rules that were not resolved first (rules/resolve.h): the engine looks once more.
TEST(Engine, WindowsThatReferToNothing) {
  const RuleSet rules = sigma(R"(
{title: w, id: w, correlation: {type: event_count, rules: [gone], timespan: 5m, condition: {gte: 2}}}
---
{title: v, id: v, correlation: {type: event_count, rules: [later], timespan: 5m, condition: {gte: 2}}}
---
{title: l, id: later, correlation: {type: event_count, rules: [w], timespan: 5m, condition: {gte: 2}}}
)");
  Bench bench(rules);
  ASSERT_EQ(bench.engine().not_loaded().size(), 2U);
  EXPECT_EQ(bench.engine().not_loaded()[0].reason, "refers to the rule 'gone', which is not loaded");
  EXPECT_EQ(bench.engine().not_loaded()[1].reason, "refers to the rule 'later', which is not loaded");
}

TEST(Engine, ValueCountCarriesItsValue) {
  Bench bench(sigma(R"(
{title: a, id: a, logsource: {category: test}, detection: {s: {A: x}, condition: s}}
---
{title: w, id: w, correlation: {type: value_count, rules: [a], group-by: [H], timespan: 5m, condition: {field: V, gte: 2}}}
)"));
  const std::string head(300, 'v');
  const auto one = bench.match(R"({"A":"x","H":"h","V":")" + head + R"(1"})"),
             two = bench.match(R"({"A":"x","H":"h","V":")" + head + R"(2"})");
  ASSERT_EQ(one.size(), 1U);
  ASSERT_EQ(two.size(), 1U);
  const auto value = [](const Match& m) {
    return std::find_if(m.fields.begin(), m.fields.end(), [](const auto& f) { return f.first == "V"; })->second;
  };
  EXPECT_NE(value(one[0]), value(two[0]));  // long values that differ late stay different
  EXPECT_LE(value(one[0]).size(), limits::kCarriedFieldBytes);
  EXPECT_TRUE(bench.match(R"({"A":"x","H":"h"})").empty());
}

TEST(Engine, HostileRegexGivesUpWithANotice) {
  for (const bool fast : {true, false}) {
    Bench bench(
        sigma("{title: a, id: r, logsource: {category: test}, detection: {s: {A|re: '^(a+)+$'}, condition: s}}"), fast);
    Notices notices;
    EXPECT_TRUE(bench.match(R"({"A":")" + std::string(40, 'a') + R"(b"})", 0, &notices).empty());
    ASSERT_EQ(notices.sorted().size(), 1U);
    EXPECT_EQ(notices.sorted()[0].kind, NoticeKind::rule_limit);
    EXPECT_EQ(bench.match(R"({"A":"aaaa"})", 0, &notices).size(), 1U);
  }
}

TEST(Engine, StixPatternsOfOneObservation) {
  RuleSet rules;
  Advisory advisory;
  advisory.id = "report--1";
  const auto add = [&](const char* id, const char* pattern) {
    AdvisoryIndicator indicator;
    indicator.id = id;
    indicator.pattern = pattern;
    indicator.pattern_type = "stix";
    advisory.indicators.push_back(indicator);
  };
  add("i1", "[network-traffic:dst_ref.value = '203.0.113.4' AND network-traffic:dst_port = 443]");
  add("i2", "[process:command_line MATCHES '^cmd.*evil$']");
  add("i3", "[process:command_line LIKE 'a%z_' OR file:name != 'x']");
  add("i4", "([file:name = 'a.bin'] FOLLOWEDBY [file:name = 'b.bin']) WITHIN 60 SECONDS");
  add("i5", "[network-traffic:dst_ref.value ISSUBSET '198.51.100.0/24']");
  lower_advisory(advisory, {}, rules);
  ASSERT_TRUE(rules.not_loaded.empty()) << rules.not_loaded[0].reason;
  Bench bench(rules);
  EXPECT_EQ(ids(bench, R"({"dst":"203.0.113.4","dport":443})"), "i1 ");
  EXPECT_EQ(ids(bench, R"({"dst":"203.0.113.4","dport":80})"), "");
  EXPECT_EQ(ids(bench, R"({"cmd":"cmd /c evil"})"), "i2 ");
  EXPECT_EQ(ids(bench, R"({"cmd":"a long zz"})"), "i3 ");
  EXPECT_EQ(ids(bench, R"({"cmd":"A long zz"})"), "");  // STIX compares with case
  EXPECT_EQ(ids(bench, R"({"fname":"y"})"), "i3 ");
  EXPECT_EQ(ids(bench, R"({"fname":"x"})"), "");
  EXPECT_EQ(ids(bench, R"({"fname":"a.bin"})"), "i3 i4/0 ");
  EXPECT_EQ(ids(bench, R"({"dst":"198.51.100.77"})"), "i5 ");
  EXPECT_EQ(bench.match(R"({"dst":"203.0.113.4","dport":443})")[0].role, Role::contacted);
  EXPECT_EQ(fields(bench.match(R"({"dst":"203.0.113.4","dport":443,"src":"10.0.0.1"})")[0]),
            "@dst_ip=203.0.113.4;@dst_port=443;@src_ip=10.0.0.1;network-traffic:dst_port=443;network-traffic:dst_ref."
            "value=203.0.113.4;");
}

// ---- blobs

Blob blob_of(std::string_view bytes, std::string_view type = "data", std::string_view name = "f.bin") {
  Blob b;
  b.bytes = bytes;
  b.type = type;
  b.name = name;
  b.path = name;
  b.ref.length = bytes.size();
  return b;
}

TEST(Engine, YaraOverBlobs) {
  RuleSet rules;
  load_yara("good.yar", R"(
private rule helper { strings: $h = "HELP" condition: $h }
rule finds_marker : tag1 {
  meta: description = "a marker" author = "us" assay_class = "unique" assay_claims = "claim.a, claim.b" assay_family = "fam" assay_stage = "malware"
  strings: $a = "MARKER" $b = { 4d 5a }
  condition: helper and any of them
}
rule by_name { condition: filename == "watchdogd" and extension == "" }
)",
            "report--1", ir::Meaning{{"claim.default"}, "typical", "def", "c2"}, rules);
  load_yara("broken.yar", "rule x { condition: nothing }", "", {}, rules);
  load_yara("time.yar", "import \"time\"\nrule t { condition: time.now() > 0 }", "", {}, rules);
  load_yara("include.yar", "include \"/etc/passwd\"\nrule i { condition: true }", "", {}, rules);
  load_yara("same.yar", "rule by_name { strings: $a = \"OTHER\" condition: $a }", "", {}, rules);
  Bench bench(rules);
  const auto& catalogue = bench.engine().catalogue();
  ASSERT_EQ(catalogue.size(), 3U);  // private rules are no detectors
  EXPECT_EQ(catalogue[0].id, "finds_marker");
  EXPECT_EQ(catalogue[0].title, "a marker");
  EXPECT_EQ(catalogue[0].meaning.klass, "unique");
  EXPECT_EQ(catalogue[0].meaning.claims, (std::vector<std::string>{"claim.a", "claim.b"}));
  EXPECT_EQ(catalogue[1].meaning.klass, "typical");
  EXPECT_NE(catalogue[1].hash, catalogue[2].hash);
  ASSERT_EQ(bench.engine().not_loaded().size(), 3U);
  EXPECT_EQ(bench.engine().not_loaded()[0].reason, "does not compile: line 1: undefined identifier \"nothing\"");
  EXPECT_EQ(bench.engine().not_loaded()[1].reason, "the module 'time' makes an answer depend on the clock");

  const std::string bytes = std::string("xx MARKER HELP ") + '\0' + "tail";
  const auto matches = bench.match_blob(blob_of(bytes));
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].role, Role::file);
  EXPECT_EQ(fields(matches[0]), "file=f.bin;strings=$a at 3;type=data;");
  EXPECT_FALSE(matches[0].mention);
  EXPECT_TRUE(bench.match_blob(blob_of("MARKER alone")).empty());
  EXPECT_EQ(bench.match_blob(blob_of("OTHER", "elf", "watchdogd")).size(), 2U);
  EXPECT_TRUE(bench.match_blob(blob_of("")).empty());
}

TEST(Engine, RuleTextMeetsItsOwnStringsAsAMention) {
  RuleSet rules;
  const std::string source = "rule finds_marker {\n strings:\n $a = \"MARKER\"\n condition:\n $a\n}\n";
  load_yara("own.yar", source, "", {}, rules);
  Bench bench(rules);
  const auto matches = bench.match_blob(blob_of(source, "text", "own.yar"));
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_TRUE(matches[0].mention);
  EXPECT_FALSE(bench.match_blob(blob_of("a MARKER in a note", "text", "note.txt"))[0].mention);
}

TEST(Engine, IndicatorsInBlobs) {
  RuleSet rules;
  const auto add = [&](Indicator::Kind kind, std::string value) {
    Indicator i;
    i.kind = kind;
    i.value = std::move(value);
    i.id = "indicator--" + i.value;
    i.advisory = "report--1";
    rules.indicators.push_back(i);
  };
  const std::string body = "payload";
  add(Indicator::Kind::sha256, sha256_hex(body));
  add(Indicator::Kind::file_name, "dropper.bin");
  add(Indicator::Kind::domain, "evil.com");
  add(Indicator::Kind::ipv4, "203.0.113.4");
  add(Indicator::Kind::domain, "bad.example");
  Bench bench(rules);
  Blob blob = blob_of(body, "elf", "Dropper.bin");
  const std::string hash = sha256_hex(body);
  blob.sha256 = hash;
  auto matches = bench.match_blob(blob);
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].role, Role::file);
  EXPECT_FALSE(matches[0].mention);

  matches = bench.match_blob(blob_of("see evil.com and 203.0.113.4", "text"));
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].role, Role::text_only);
  EXPECT_FALSE(matches[0].mention);
  for (const Match& m : bench.match_blob(blob_of("evil.com 203.0.113.4 bad.example", "text"))) EXPECT_TRUE(m.mention);
  for (const Match& m : bench.match_blob(blob_of("evil[.]com", "html"))) EXPECT_TRUE(m.mention);
  EXPECT_TRUE(bench.match_blob(blob_of("see evil.com", "elf")).empty());  // binaries are not read as text
}

TEST(Mention, RuleSyntax) {
  EXPECT_TRUE(holds_rule_text("import \"pe\"\n\nrule abc : x y\n{\n strings:\n condition:\n true }"));
  EXPECT_TRUE(holds_rule_text("private rule a {condition: true}"));
  EXPECT_TRUE(holds_rule_text("title: x\nlogsource:\n  product: windows\ndetection:\n  sel: {}\n  condition: sel"));
  EXPECT_TRUE(holds_rule_text(
      R"({"type":"bundle","objects":[{"id":"indicator--1","pattern":"[ipv4-addr:value='1.2.3.4']"}]})"));
  EXPECT_TRUE(holds_rule_text("alert tcp any any -> any 25 (msg:\"x\"; sid:1;)"));
  EXPECT_FALSE(holds_rule_text("a rule of thumb { is fine } in any condition: yes"));
  EXPECT_FALSE(holds_rule_text("the detection: worked; condition: stable"));
  EXPECT_FALSE(holds_rule_text(""));
}

// ---- fast paths against the reference, on rules and records made to matter

using testing_match::Maker;

TEST(Engine, FastEqualsReferenceOnRandomRules) {
  Maker maker(600);
  std::size_t pairs = 0, met = 0;
  std::array<std::array<std::size_t, 2>, 32> tally{};
  for (int round = 0; round < 120; ++round) {
    RuleSet rules;
    for (int i = 0; i < 40; ++i) {
      ir::Detector d;
      d.id = "r" + std::to_string(i);
      d.source.category = "test";
      d.expr = maker.expr();
      ASSERT_TRUE(ir::check(d).ok()) << ir::check(d).error().text() << ir::to_text(d);
      rules.rules.push_back(std::move(d));
    }
    Bench fast(rules, true), slow(rules, false);
    ASSERT_TRUE(fast.engine().not_loaded().empty());
    RegexSet regexes;
    for (const ir::Detector& d : rules.rules) {
      for (const ir::Atom& atom : d.expr.atoms) {
        for (const ir::Literal& literal : atom.literals) {
          if (atom.test == ir::Test::regex) {
            ASSERT_TRUE(regexes.add(literal).ok());
          }
        }
      }
    }
    ir::RegexScratch scratch;
    EvalContext context{&regexes, &scratch, false};
    for (int k = 0; k < 60; ++k) {
      const std::string json = maker.record();
      const testing_match::JsonRecord record(json);
      std::set<DetectorIndex> expected, quick, plain;
      for (DetectorIndex i = 0; i < rules.rules.size(); ++i) {
        if (evaluate(rules.rules[i].expr, record, context)) expected.insert(i);
        for (const ir::Atom& atom : rules.rules[i].expr.atoms)
          ++tally[static_cast<std::size_t>(atom.test)][evaluate_atom(atom, record, context) ? 1 : 0];
      }
      for (const Match& m : fast.match(json)) quick.insert(m.detector);
      for (const Match& m : slow.match(json)) plain.insert(m.detector);
      for (DetectorIndex i = 0; i < rules.rules.size(); ++i) {
        ASSERT_EQ(quick.contains(i), expected.contains(i)) << json << "\n" << ir::to_text(rules.rules[i]);
        ASSERT_EQ(plain.contains(i), expected.contains(i)) << json << "\n" << ir::to_text(rules.rules[i]);
      }
      pairs += rules.rules.size();
      met += expected.size();
    }
  }
  std::printf("%zu pairs, %.0f %% met\n", pairs, 100.0 * static_cast<double>(met) / static_cast<double>(pairs));
  EXPECT_GT(met * 10, pairs * 3);
  for (std::size_t test = 0; test <= static_cast<std::size_t>(ir::Test::superset); ++test) {
    EXPECT_GT(tally[test][0], 0U) << ir::name_of(static_cast<ir::Test>(test));
    EXPECT_GT(tally[test][1], 0U) << ir::name_of(static_cast<ir::Test>(test));
  }
}

}  // namespace
}  // namespace assay
