// For tests and the agreement run: tables of the standard's clauses (testdata/conformance.txt, testdata/standard.txt).
// "== clause", the detection section of a rule, "--", then one record a line with its verdict: "yes {...}", "no {...}".
// Instead of records a block may have one line "refused TEXT": the rule is not loaded, and the reason holds the text.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rules/loader.h"

namespace assay::testing_match {

struct Clause {
  std::string clause, detection, refused;
  std::vector<std::pair<bool, std::string>> cases;
};

// Lines that belong nowhere go to `stray`.
inline std::vector<Clause> read_clauses(const std::string& path, std::vector<std::string>& stray) {
  std::ifstream in(path);
  std::vector<Clause> out;
  std::string line;
  bool cases = false;
  while (std::getline(in, line)) {
    if (line.starts_with("== ")) {
      out.emplace_back();
      out.back().clause = line.substr(3);
      cases = false;
    } else if (line == "--") {
      cases = true;
    } else if (!out.empty() && cases && (line.starts_with("yes ") || line.starts_with("no "))) {
      out.back().cases.emplace_back(line[0] == 'y', line.substr(line.find(' ') + 1));
    } else if (!out.empty() && cases && line.starts_with("refused ")) {
      out.back().refused = line.substr(line.find(' ') + 1);
    } else if (!out.empty() && !cases && !line.empty()) {
      out.back().detection += "  " + line + "\n";
    } else if (!line.empty() && !line.starts_with("#")) {
      stray.push_back(line);
    }
  }
  return out;
}

// The clause's rule, or why it is not loaded. The placeholders that the tables use have values.
inline RuleSet rule_of(const Clause& clause) {
  RuleSet rules;
  rules.placeholders = {{"Servers", {"srv1", "srv2"}}, {"Admins", {"root", "adm*"}}, {"Ports", {"80", "443"}}};
  load_sigma("clause", "title: t\nid: t\nlogsource: {category: test}\ndetection:\n" + clause.detection, "", rules);
  return rules;
}

}  // namespace assay::testing_match
