// For tests and the bench: rules made to cost much. Each must be refused with a message, or load, within bounded work
// and memory.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "rules/loader.h"
#include "rules/resolve.h"

namespace assay::testing_rules {

struct Hostile {
  std::string name, text;
  std::string says;  // what the reason of the first refused rule holds; empty: everything loads
  std::string pipeline = {};
};

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}
inline std::string rule_with(const std::string& detection, std::string_view id = "t") {
  return fmt::format("title: t\nid: {}\nlogsource: {{category: c}}\ndetection:\n{}", id, detection);
}
// "A: [1, 2, 3]" with `count` values made by a pattern with one {}.
inline std::string list_of(std::string_view item, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}{}{}", i > 0 ? ", " : "", item, i);
  return "[" + out + "]";
}

inline std::vector<Hostile> hostile_rules() {
  std::vector<Hostile> out;
  const auto add = [&](std::string name, std::string text, std::string says, std::string pipeline = {}) {
    out.push_back({std::move(name), std::move(text), std::move(says), std::move(pipeline)});
  };
  const auto item = [&](std::string name, const std::string& field, std::string says) {
    add(std::move(name), rule_with("  s:\n    " + field + "\n  condition: s\n"), std::move(says));
  };

  // Huge.
  item("a value of 12 MB", "A: '" + std::string(12 << 20, 'x') + "'", "too long");
  item("a value of 12 MB of wildcards", "A: '" + std::string(12 << 20, '?') + "'", "too long");
  item("a value of 1 MB of wildcards", "A: '" + std::string(1'000'000, '?') + "'", "wildcards");
  item("100,000 values", "A: " + list_of("x", 100'000), "too many values");
  item("300,000 values", "A: " + list_of("x", 300'000), "YAML document too large");
  item("16,000 values", "A|contains: " + list_of("x", 16'000), "");
  item("16,000 values under all", "A|contains|all: " + list_of("x", 16'000), "");
  item("16,000 wildcards", "A: " + list_of("a*b?", 8'000), "");
  {
    std::string fields;
    for (int i = 0; i < 40'000; ++i) fields += fmt::format("    F{}: x\n", i);
    add("40,000 fields", rule_with("  s:\n" + fields + "  condition: s\n"), "too many predicates");
  }
  {
    std::string maps;
    for (int i = 0; i < 40'000; ++i) maps += fmt::format("    - {{F{}: x}}\n", i);
    add("a list of 40,000 maps", rule_with("  s:\n" + maps + "  condition: s\n"), "too many predicates");
  }

  // Deep.
  add("brackets", rule_with("  a: {A: 1}\n  condition: " + std::string(100'000, '(') + "a\n"), "nested too deeply");
  add("nots", rule_with("  a: {A: 1}\n  condition: " + repeated("not ", 100'000) + "a\n"), "nested too deeply");
  add("YAML lists", std::string(1'000'000, '['), "YAML nested too deeply");
  add("YAML maps", repeated("{a: ", 200'000), "YAML nested too deeply");

  // Aliases.
  {
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'k'; ++c) {
      bomb += fmt::format("{0}: &{0} [", c);
      for (int i = 0; i < 10; ++i) bomb += fmt::format("{}*{}", i > 0 ? ", " : "", static_cast<char>(c - 1));
      bomb += "]\n";
    }
    add("aliases of aliases", bomb, "YAML aliases expand too far");
    add("one long alias", "a: &a '" + std::string(1 << 20, 'x') + "'\nb: [" + repeated("*a, ", 1000) + "*a]\n",
        "YAML aliases expand too far");
    std::string nested;
    for (int i = 0; i < 60; ++i) nested += fmt::format("&a{} [", i);
    nested += repeated("x, ", 30'000) + "x" + std::string(60, ']') + "\n";
    add("anchors in anchors", nested, "YAML anchors hold too much");
  }

  // Values that become many.
  item("windash of eight words", "A|windash|contains: '-a -b -c -d -e -f -g -h'", "windash expands");
  item("windash of five words, four times",
       "A|windash|contains: ['-a -b -c -d -e', '-f -b -c -d -e', '-g -b -c -d -e', '-h -b -c -d -e']", "");
  item("windash of five words in 60 kB", "A|windash|contains: '-a -b -c -d -e" + std::string(60'000, 'x') + "'",
       "windash expands");
  item("windash beside many wildcards", "A|windash: '-a -b -c -d -e" + repeated("?x", 8'000) + "'", "windash expands");
  {
    std::string fields;
    for (int i = 0; i < 2'000; ++i)
      fields += fmt::format("    F{}|windash: ['-a -b -c -d -{}', '-a -b -c -d {}']\n", i, i, i);
    add("windash of 2,000 fields", rule_with("  s:\n" + fields + "  condition: s\n"), "too many values");
  }
  item("base64offset of 900 kB", "A|base64offset|contains: '" + std::string(900'000, 'x') + "'", "too long");
  item("base64 of base64 of ...", "A|" + repeated("base64|", 100) + "contains: abcdef", "too long");
  item("base64offset of base64offset of ...", "A|" + repeated("base64offset|", 20) + "contains: abcdefghijkl",
       "too many values");
  item("utf16 of utf16 of ...", "A|" + repeated("wide|", 64) + "base64: abcdef", "too long");

  // Regular expressions.
  item("a regular expression of 20 kB", "A|re: '" + std::string(20'000, 'a') + "'", "too long");
  item("repeats of repeats of repeats", "A|re: '((a{1,500}){1,500}){1,500}'", "regular expression");
  item("5,000 groups", "A|re: '" + std::string(5'000, '(') + std::string(5'000, ')') + "'", "regular expression");
  item("backtracking", "A|re: ['^(a+)+$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*(.*)*(.*)*z']", "");
  {
    std::string list;
    for (int i = 0; i < 10'000; ++i)
      list += fmt::format("{}'(((ab){{1,20}}){{1,10}}){{1,10}}{}'", i > 0 ? ", " : "", i);
    item("10,000 large regular expressions", "A|re: [" + list + "]", "too large");
    std::string rules;
    for (int i = 0; i < 3'000; ++i)
      rules += rule_with(fmt::format("  s: {{A|re: '(((ab){{1,20}}){{1,10}}){{1,10}}{}'}}\n  condition: s\n---\n", i),
                         fmt::format("r{}", i));
    add("3,000 rules with a large regular expression", rules, "too large together");
  }

  // Conditions.
  {
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += fmt::format("  s{}: {{F: x{}}}\n", i, i);
    add("1 of 10,000 detections", rule_with(many + "  condition: 1 of s*\n"), "too many predicates");
    std::string some;
    for (int i = 0; i < 4'000; ++i) some += fmt::format("  s{}: {{F: x{}}}\n", i, i);
    add("1 of 4,000 detections", rule_with(some + "  condition: 1 of s*\n"), "");
    add("1 of 4,000 detections, again and again",
        rule_with(some + "  condition: " + repeated("1 of s* and not all of s* or ", 20'000) + "s1\n"),
        "the condition is too large");
    add("3,999 of 4,000 detections", rule_with(some + "  condition: 3999 of s*\n"), "too many combinations");
    add("20 of 40 detections", rule_with(some + "  condition: 20 of s*1\n"), "too many combinations");
    add("a list of 50,000 conditions", rule_with(some + "  condition: " + list_of("1 of s*", 50'000) + "\n"),
        "the condition is too large");
  }

  // Correlations.
  {
    std::string chain = rule_with("  s: {A: x}\n  condition: s\n", "r0");
    for (int i = 1; i < 8'000; ++i) {
      chain += fmt::format(
          "---\n{{title: t, id: r{}, correlation: {{type: event_count, rules: [r{}], timespan: 5m, condition: {{gte: "
          "1}}}}}}\n",
          i, i - 1);
    }
    add("a chain of 8,000 correlations", chain, "stands on 8 correlations");
    std::string circle;
    for (int i = 0; i < 3'000; ++i) {
      circle += fmt::format(
          "---\n{{title: t, id: r{}, correlation: {{type: temporal, rules: [r{}, r{}, r{}], timespan: 5m}}}}\n", i,
          (i + 1) % 3000, (i + 7) % 3000, (i + 1999) % 3000);
    }
    add("a circle of 3,000 correlations", circle, "names itself");
    add("a correlation of 50,000 rules",
        "title: t\nid: t\ncorrelation: {type: temporal, timespan: 5m, rules: " + list_of("r", 50'000) + "}\n",
        "too many rules");
    std::string terms;
    for (int i = 0; i < 12; ++i) terms += fmt::format("{}(r{} or r{})", i > 0 ? " and " : "", 2 * i, 2 * i + 1);
    add("4,096 alternatives",
        "title: t\nid: t\ncorrelation: {type: temporal, timespan: 5m, condition: " + terms + "}\n", "alternatives");
  }

  // Documents.
  add("30,000 documents", repeated("a: b\n---\n", 30'000), "documents");
  {
    std::string keys, other;
    for (int i = 0; i < 40'000; ++i) {
      keys += fmt::format("k{}: 1\n", i);
      other += fmt::format("n{}: 1\n", i);
    }
    add("global parts with 40,000 keys", "action: global\n" + keys + "---\n" + other, "no Sigma rule");
    add("global parts of 90,000 keys", "action: global\n" + keys + other + "a: b\n---\n{}\n", "no Sigma rule");
    add("a document of 90,000 keys", keys + other, "no Sigma rule");
    add("and through a pipeline", keys + other, "no Sigma rule", "transformations:\n  - {type: case, method: lower}\n");
    std::string text = "action: global\ndetection:\n  s:\n    A: " + list_of("x", 2'000) + "\n";
    text += repeated("---\nid: x\nlogsource: {category: c}\ndetection: {condition: s}\n", 2'000);
    add("global parts for 2,000 rules", text, "'action' documents expand too far");
  }

  // Pipelines.
  const std::string plain = rule_with("  s: {A: x, B: [x, y]}\n  condition: s\n");
  const auto of = [](const std::string& one, std::size_t times) {
    return "transformations:\n" + repeated("  - " + one + "\n", times);
  };
  add("one field to many names, again and again", plain, "too many names",
      of("{type: field_name_mapping, mapping: {A: [A, B, C, D], B: [E, F, G, H], C: [I, J, K, L], D: [M, N, O, P], E: "
         "[Q, R, S, T], F: [U, V, W, X], Q: " +
             list_of("q", 60) + "}}",
         20));
  {
    const std::string hundred = list_of("x", 60);
    std::string mapping = "x: " + hundred;
    for (int i = 0; i < 60; ++i) mapping += fmt::format(", x{}: [{}]", i, hundred.substr(1, hundred.size() - 2));
    add("map_string to a hundred, again and again", plain, "too large",
        of("{type: map_string, mapping: {" + mapping + "}}", 6));
  }
  add("replace_string that doubles", plain, "'replace_string' could not be carried out",
      of("{type: replace_string, regex: '(x+)', replacement: '\\1\\1'}", 64));
  add("set_value to long lists", rule_with([] {
        std::string fields = "  s:\n";
        for (int i = 0; i < 1'000; ++i) fields += fmt::format("    F{}: x\n", i);
        return fields + "  condition: s\n";
      }()),
      "too large", of("{type: set_value, value: " + list_of("v", 5'000) + "}", 2));
  add("add_condition, 1,500 times", plain, "too large", of("{type: add_condition, conditions: {C: x}}", 1'500));
  add("1,900 transformations of 20,000 values", rule_with("  s: {A: " + list_of("x", 16'000) + "}\n  condition: s\n"),
      "too many steps", of("{type: case, method: lower}", 1'900));
  add("backtracking in replace_string",
      rule_with("  s: {A: " + list_of(std::string(200, 'a'), 4'000) + "}\n  condition: s\n"),
      "'replace_string' could not be carried out", of("{type: replace_string, regex: '^(a+)+$', replacement: x}", 50));
  return out;
}

// Loads as `rules` and `hunt` do. The pipeline must be good.
inline RuleSet load_hostile(const Hostile& hostile) {
  RuleSet rules;
  if (!hostile.pipeline.empty()) {
    auto pipeline = sigma::parse_pipeline("pipeline.yml", hostile.pipeline);
    if (pipeline.ok()) {
      rules.pipelines.push_back(std::move(*pipeline));
    } else {
      rules.not_loaded.push_back({"pipeline.yml", "", pipeline.error().text()});
      return rules;
    }
  }
  load_sigma("hostile.yml", hostile.text, "", rules);
  resolve_rules(rules);
  return rules;
}

}  // namespace assay::testing_rules
