// testdata/correlation.txt: records and rules in, findings out, worked out by hand; in any order and any files.
#include "hunt/correlate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include "core/ascii.h"
#include "match/testing.h"

namespace assay {
namespace {

using testing_match::Bench;

struct Line {
  std::string file, name, json;
  std::optional<std::int64_t> second;
};

struct Case {
  std::string title, rules;
  std::vector<Line> records;
  std::vector<std::string> expected;
};

std::vector<Case> read_cases() {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/src/hunt/testdata/correlation.txt");
  std::vector<Case> out;
  std::string line;
  int part = 0;
  while (std::getline(in, line)) {
    if (line.starts_with("#")) continue;
    if (line.starts_with("== ")) {
      out.emplace_back().title = line.substr(3);
      part = 0;
    } else if (out.empty()) {
      continue;
    } else if (line == "--") {
      ++part;
    } else if (part == 0) {
      out.back().rules += line + "\n";
    } else if (part == 1) {
      Line record;
      const std::size_t a = line.find(' '), b = line.find(' ', a + 1), c = line.find(' ', b + 1);
      record.file = line.substr(0, a);
      const std::string second = line.substr(a + 1, b - a - 1);
      if (second != "?") record.second = std::stoll(second);
      record.name = line.substr(b + 1, c - b - 1);
      record.json = line.substr(c + 1);
      out.back().records.push_back(std::move(record));
    } else if (!line.empty()) {
      out.back().expected.push_back(line);
    }
  }
  return out;
}

constexpr const char* kProfile = R"(
accounts: {shared: [kiosk], service: [svc-backup]}
nat: [192.0.2.0/24]
hosts: [{name: ts1, kind: terminal_server}]
)";

// What finish does with base matches, without a case: sort, walk by (detector, key), decide.
std::vector<std::string> findings(const Case& test, const std::vector<Line>& records) {
  RuleSet rules;
  load_sigma("case.yml", test.rules, "", rules);
  resolve_rules(rules);
  EXPECT_TRUE(rules.not_loaded.empty()) << test.title << ": " << rules.not_loaded[0].reason;
  const auto profile = Profile::parse("profile.yml", kProfile);
  EXPECT_TRUE(profile.ok()) << profile.error().text();
  Bench bench(rules);
  std::map<std::pair<std::string, std::uint64_t>, std::string> names;
  std::vector<KeyedMatch> all;
  Time latest;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Line& record = records[i];
    for (Match& m : bench.match(record.json, record.second.value_or(0))) {
      KeyedMatch k;
      if (!record.second) m.time = Time{};
      if (m.time.known() && (!latest.known() || m.time > latest)) latest = m.time;
      m.ref.offset = static_cast<std::uint64_t>(record.name[0]);
      names[{record.file, m.ref.offset}] = record.name;
      k.chain = record.file;
      k.key = group_key(m, true);
      k.match = std::move(m);
      all.push_back(std::move(k));
    }
  }
  std::sort(all.begin(), all.end(), keyed_less);
  std::vector<std::string> out;
  std::map<std::string, int> suppressed;
  Correlator correlator(rules, *profile, [&](const std::string& chain, const RecordRef& ref) {
    return Sighting::Reference{names.at({chain, ref.offset}), 0, 0};
  });
  std::size_t at = 0;
  while (at < all.size() || correlator.pending() != nullptr) {
    std::pair<DetectorIndex, std::string> next;
    if (at < all.size()) next = {all[at].match.detector, all[at].key};
    const bool fed = correlator.pending() != nullptr && (at == all.size() || *correlator.pending() <= next);
    if (fed) next = *correlator.pending();
    for (; at < all.size() && all[at].match.detector == next.first && all[at].key == next.second; ++at) {
      std::optional<std::uint32_t> by;
      for (const std::uint32_t filter : all[at].match.filters) {
        const Time expires = rules.filters[filter].expires;
        if (!by && !(expires.known() && latest >= expires)) by = filter;
      }
      const std::string& id = rules.rules[next.first].id;
      if (by) {
        ++suppressed[fmt::format("suppressed {} by {}", id, rules.filters[*by].id)];
      } else if (all[at].match.base) {
        correlator.add(KeyedMatch(all[at]));
      } else {
        out.push_back(fmt::format("{} {}", id, names.at({all[at].chain, all[at].match.ref.offset})));
      }
    }
    if (!rules.rules[next.first].window) continue;
    const auto sighting = correlator.decide(next.first, next.second);
    if (!sighting) continue;
    std::string line = fmt::format("{} x{} {}..{}", rules.rules[next.first].id, sighting->count,
                                   sighting->time.seconds(), sighting->until.seconds());
    for (const auto& ref : sighting->records) line += " " + ref.evidence;
    for (const auto& [name, value] : sighting->fields) {
      if (name == "group_by_not_identity") line += " [" + value + "]";
    }
    out.push_back(line);
  }
  for (const auto& [line, count] : suppressed) out.push_back(fmt::format("{}: {}", line, count));
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Correlate, HandComputedCases) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 30U);
  for (const Case& test : cases) {
    std::vector<std::string> expected = test.expected;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(findings(test, test.records), expected) << test.title;
  }
}

// "RULE xCOUNT FIRST..LAST b a" with the records in the order of their names: at one instant files decide the order.
std::string by_name(const std::string& line) {
  std::vector<std::string> words;
  for (const std::string_view word : split(line, ' ')) words.emplace_back(word);
  const auto first = std::find_if(words.begin(), words.end(), [](const std::string& w) { return w.size() == 1; });
  std::sort(first, std::find_if(first, words.end(), [](const std::string& w) { return w.size() != 1; }));
  return fmt::format("{}", fmt::join(words, " "));
}

// The answer does not depend on the order in which records come, nor on the files that they stand in.
TEST(Correlate, OrderAndFilesChangeNothing) {
  std::mt19937 random(20200416);
  for (const Case& test : read_cases()) {
    std::vector<std::string> expected = test.expected;
    std::transform(expected.begin(), expected.end(), expected.begin(), by_name);
    std::sort(expected.begin(), expected.end());
    for (int round = 0; round < 6; ++round) {
      std::vector<Line> records = test.records;
      std::shuffle(records.begin(), records.end(), random);
      for (Line& record : records) {
        if (record.file != "copy") record.file += std::to_string(random() % 3);
      }
      std::vector<std::string> got = findings(test, records);
      std::transform(got.begin(), got.end(), got.begin(), by_name);
      std::sort(got.begin(), got.end());
      EXPECT_EQ(got, expected) << test.title;
    }
  }
}

RuleSet loaded(std::string_view text) {
  RuleSet rules;
  load_sigma("r.yml", text, "", rules);
  resolve_rules(rules);
  return rules;
}

TEST(Resolve, CirclesAndMissingRulesAreNamed) {
  const RuleSet rules = loaded(R"(
{title: b, id: b, logsource: {category: test}, detection: {s: {A: x}, condition: s}}
---
{title: w, id: w1, correlation: {type: temporal, rules: [w2, b], timespan: 5m}}
---
{title: w, id: w2, correlation: {type: temporal, rules: [w3, b], timespan: 5m}}
---
{title: w, id: w3, correlation: {type: temporal, rules: [w1, b], timespan: 5m}}
---
{title: w, id: own, correlation: {type: event_count, rules: [own], timespan: 5m, condition: {gte: 2}}}
---
{title: w, id: upon, correlation: {type: temporal, rules: [own, b], timespan: 5m}}
---
{title: w, id: gone, correlation: {type: temporal, rules: [nowhere, b], timespan: 5m}}
---
{title: w, id: upon-gone, correlation: {type: temporal, rules: [gone, b], timespan: 5m}}
---
{title: w, id: fine, correlation: {type: event_count, rules: [b], timespan: 5m, condition: {gte: 2}}}
)");
  std::string text;
  for (const ir::Detector& rule : rules.rules) text += rule.id + " ";
  EXPECT_EQ(text, "b fine ");
  text.clear();
  for (const NotLoaded& n : rules.not_loaded) text += n.id + ": " + n.reason + "\n";
  EXPECT_EQ(
      text,
      "gone: refers to the rule 'nowhere', which is not loaded (load it too: rules are named by id or by name)\n"
      "upon-gone: refers to the rule 'gone', which is not loaded (load it too: rules are named by id or by name)\n"
      "w1: it names itself, directly or through other correlations (take one reference of the circle out)\n"
      "w2: it names itself, directly or through other correlations (take one reference of the circle out)\n"
      "w3: it names itself, directly or through other correlations (take one reference of the circle out)\n"
      "own: it names itself, directly or through other correlations (take one reference of the circle out)\n"
      "upon: it names itself, directly or through other correlations (take one reference of the circle out)\n");
}

TEST(Resolve, ChildrenStandBeforeParentsAndDepthIsBounded) {
  std::string text = "{title: b, id: r0, logsource: {category: test}, detection: {s: {A: x}, condition: s}}\n";
  for (int i = 12; i > 0; --i) {
    text += fmt::format(
        "---\n{{title: w, id: r{}, correlation: {{type: event_count, rules: [r{}], timespan: 5m, condition: {{gte: "
        "1}}}}}}\n",
        i, i - 1);
  }
  const RuleSet rules = loaded(text);
  std::string order;
  for (const ir::Detector& rule : rules.rules) order += rule.id + " ";
  EXPECT_EQ(order, "r0 r1 r2 r3 r4 r5 r6 r7 r8 ");
  ASSERT_EQ(rules.not_loaded.size(), 4U);
  EXPECT_EQ(rules.not_loaded[0].id, "r9");
}

TEST(Resolve, FiltersThatTouchNothingAreWarnings) {
  const RuleSet rules = loaded(R"(
{title: b, id: b, name: base, logsource: {category: test}, detection: {s: {A: x}, condition: s}}
---
{title: w, id: w, correlation: {type: event_count, rules: [b], timespan: 5m, condition: {gte: 2}}}
---
{title: f, id: f1, logsource: {category: test}, filter: {rules: [base, nowhere], s: {A: x}, condition: s}}
---
{title: f, id: f2, logsource: {category: other}, filter: {rules: [b], s: {A: x}, condition: s}}
---
{title: f, id: f3, logsource: {category: test}, filter: {rules: [w], s: {A: x}, condition: s}}
)");
  EXPECT_TRUE(rules.not_loaded.empty());
  std::string text;
  for (const NotLoaded& n : rules.warnings) text += fmt::format("{}:{} {}: {}\n", n.path, n.line, n.id, n.what);
  EXPECT_EQ(text,
            "r.yml:6 f1: the filter names the rule 'nowhere', which is not loaded\n"
            "r.yml:8 f2: the filter's logsource is not that of the rule 'b'\n"
            "r.yml:8 f2: the filter applies to no rule that is loaded\n"
            "r.yml:10 f3: the filter names the correlation 'w'\n"
            "r.yml:10 f3: the filter applies to no rule that is loaded\n");
}

TEST(Correlate, AnAbsenceIsMetOnlyWhereTheSilentSourceHasRecords) {
  RuleSet rules;
  load_sigma("case.yml", R"(title: TLS
name: tls
id: 6f1c1d4e-0000-4000-8000-000000000011
logsource: {source_class: tls}
detection: {s: {'@dst_port': 25}, condition: s}
assay: {kind: check, class: context, family: f, base_only: true}
---
title: Mail
name: mail
id: 6f1c1d4e-0000-4000-8000-000000000012
logsource: {source_class: smtp}
detection: {s: {'@dst_ip|exists': true}, condition: s}
assay: {kind: check, class: context, family: f, base_only: true}
---
title: TLS without mail
id: 6f1c1d4e-0000-4000-8000-000000000013
correlation: {type: absence, rules: [tls, mail], group-by: ['@dst_ip'], timespan: 7d}
assay: {kind: check, class: typical, family: f, coverage: 24h}
)",
             "", rules);
  resolve_rules(rules);
  ASSERT_TRUE(rules.not_loaded.empty()) << rules.not_loaded[0].reason;
  DetectorIndex absence = 0;
  while (!rules.rules[absence].window) ++absence;
  const Profile profile;
  const Time when{18383 * kDay + 12 * kHour};
  const auto decided = [&](std::optional<Time> mail) {
    Correlator correlator(rules, profile,
                          [](const std::string&, const RecordRef&) { return Sighting::Reference{"E0001", 0, 1}; });
    correlator.cover([&](const std::string& klass, Time from, Time until) {
      EXPECT_EQ(klass, "smtp");
      return mail && *mail >= from && *mail <= until;
    });
    KeyedMatch k;
    k.match.detector = absence;
    k.match.base = true;
    k.match.time = when;
    k.match.group = {"198.51.100.9"};
    k.chain = "ssl.log";
    correlator.add(std::move(k));
    std::string out = correlator.decide(absence, "key") ? "met" : "not met";
    Notices notices;
    correlator.report(notices);
    for (const Notice& notice : notices.sorted()) out += fmt::format("; {} x{}", name_of(notice.kind), notice.count);
    return out;
  };
  EXPECT_EQ(decided(when), "met");
  EXPECT_EQ(decided(Time{when.ns - 23 * kHour}), "met");
  EXPECT_EQ(decided(Time{when.ns + 25 * kHour}), "not met; gap x1");
  EXPECT_EQ(decided(std::nullopt), "not met; gap x1");
}

}  // namespace
}  // namespace assay
