// The agreement run (scripts/agree): the engine in every combination of its switches against the reference, on records
// made from the rules of the tables of clauses, from SigmaHQ's and from random ones, each with variants of it, until so
// many pairs were compared of a rule and a record made from it or from one that shares a predicate with it; then on
// every Windows event of the windows-json pack with all rules at once. Exit code 1 when there was a difference.
// assay_agree SCHEMAS-OF-THE-TESTS [PAIRS]; ASSAY_DATA names the real data, when there is any.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "../harness.h"
#include "../records.h"
#include "match/testing_agreement.h"
#include "match/testing_conformance.h"
#include "rules/loader.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
using testing_match::AgreementTally;
constexpr std::size_t kRulesOfASet = 4, kVariants = 10;

double share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}
std::uint64_t of_matter(const AgreementTally& tally) { return tally.own + tally.kin; }

void add(AgreementTally& sum, const AgreementTally& tally) {
  sum.pairs += tally.pairs;
  sum.met += tally.met;
  sum.own += tally.own;
  sum.own_met += tally.own_met;
  sum.kin += tally.kin;
  sum.kin_met += tally.kin_met;
  sum.records += tally.records;
  sum.combinations = tally.combinations;
  for (const auto& [form, counts] : tally.forms) {
    for (std::size_t i = 0; i < 2; ++i) sum.forms[form][i] += counts[i];
  }
  for (const auto& [title, counts] : tally.titles) {
    for (std::size_t i = 0; i < 2; ++i) sum.titles[title][i] += counts[i];
  }
  sum.differences.insert(sum.differences.end(), tally.differences.begin(), tally.differences.end());
}

void print(const AgreementTally& tally, std::string_view what) {
  fmt::print(
      "{}: {} pairs of a rule and a record made from it, {:.1f} % met; {} of a rule and a record made from one that "
      "shares a predicate, {:.1f} % met; together {}, {:.1f} % met; {} others, {:.1f} % met; {} records; {} "
      "combinations; {} differences; {:.0f} s of CPU so far\n",
      what, tally.own, share(tally.own_met, tally.own), tally.kin, share(tally.kin_met, tally.kin), of_matter(tally),
      share(tally.own_met + tally.kin_met, of_matter(tally)), tally.pairs - of_matter(tally),
      share(tally.met - tally.own_met - tally.kin_met, tally.pairs - of_matter(tally)), tally.records,
      tally.combinations, tally.differences.size(), cpu_seconds());
  for (const std::string& difference : tally.differences) fmt::print("DIFFERENCE {}\n", difference);
  std::fflush(stdout);
}

// Every form with its two verdicts; those with one only are told apart.
void print_forms(const std::map<std::string, std::array<std::uint64_t, 2>>& forms, std::string_view what) {
  std::size_t both = 0;
  for (const auto& [form, counts] : forms) {
    const bool one = counts[0] == 0 || counts[1] == 0;
    both += one ? 0U : 1U;
    fmt::print("  {:<64} {:>10} not met {:>10} met{}\n", form.substr(0, 64), counts[0], counts[1],
               one ? "  (one verdict only)" : "");
  }
  fmt::print("{}: {} of {} with both verdicts\n", what, both, forms.size());
  std::fflush(stdout);
}

// Sets of a few rules with their variants until so many pairs were compared; each round makes other records.
void agree_until(const std::vector<ir::Detector>& rules, const SchemaSet& schemas, std::uint64_t wanted,
                 testing_match::AgreementWork work, AgreementTally& tally) {
  if (rules.empty()) return;
  for (std::uint32_t round = 0; of_matter(tally) < wanted && tally.differences.size() < 20; ++round) {
    for (std::size_t from = 0; from < rules.size() && of_matter(tally) < wanted; from += kRulesOfASet) {
      const std::uint32_t seed = round * 100'003 + static_cast<std::uint32_t>(from);
      testing_match::agree_on_rules(
          testing_match::with_variants(testing_match::for_test_route(rules, from, kRulesOfASet), kVariants, seed),
          schemas, seed, work, tally);
    }
  }
}

// The rules of the tables of clauses.
std::vector<ir::Detector> clause_rules(const fs::path& folder) {
  std::vector<ir::Detector> out;
  std::vector<std::string> stray;
  for (const char* name : {"conformance.txt", "standard.txt"}) {
    for (const testing_match::Clause& clause : testing_match::read_clauses((folder / name).string(), stray)) {
      RuleSet rules = testing_match::rule_of(clause);
      for (ir::Detector& rule : rules.rules) {
        rule.title = clause.clause;
        rule.id = "clause" + std::to_string(out.size());
        out.push_back(std::move(rule));
      }
    }
  }
  return out;
}

// The pack with all rules: the matches of each record, switch by switch.
std::uint64_t agree_on_pack(const std::string& data) {
  RuleSet rules;
  if (!load_rules_path(data + "/sigma/rules/windows", rules).ok()) return 0;
  const SchemaSet schemas = SchemaSet::load({}).value();
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(data + "/windows-json", error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::pair<std::string, EngineOptions>> ways;
  for (const char* name :
       {"plain", "", "no-value-cache", "no-literal-index", "no-regex-literals", "no-keyword-filter", "no-witnesses",
        "no-on-demand",
        "no-value-cache,no-literal-index,no-regex-literals,no-keyword-filter,no-witnesses,no-on-demand"})
    ways.emplace_back(name, parse_engine_options(name).value());
  std::vector<std::uint64_t> digests;
  std::uint64_t differences = 0;
  for (const auto& [name, options] : ways) {
    const std::unique_ptr<Engine> engine = Engine::compile(rules, schemas, Profile{}, options);
    RecordMatcher matcher(*engine, schemas);
    matcher.bind_all();
    std::uint64_t records = 0;
    for (const std::string& file : files) {
      const auto bytes = read_file(file);
      if (!bytes.ok()) continue;
      const std::string_view head = std::string_view(*bytes).substr(0, std::size_t{64} << 10);
      const Recognised known = recognise(head, head.size() == bytes->size(), file, schemas);
      if (known.format == nullptr) continue;
      const std::unique_ptr<RecordReader> reader = known.format->open({}, known.recognition.shape, schemas);
      records += each_record(*known.format, *reader, *bytes,
                             [&](RecordReader& at, std::string_view raw, std::uint64_t offset) {
                               matcher.match(at, raw, offset);
                             })
                     .records;
    }
    digests.push_back(matcher.digest());
    const bool same = digests.back() == digests.front();
    differences += same ? 0 : 1;
    fmt::print("windows-json, {}: {} records x {} rules, {} matches, digest {:016x}{}\n",
               name.empty() ? "all on" : name, records, rules.rules.size(), matcher.matches(), digests.back(),
               same ? "" : "  DIFFERENCE");
    std::fflush(stdout);
  }
  return differences;
}

int run(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "assay_agree SCHEMAS [PAIRS]\n");
    return 2;
  }
  const std::uint64_t wanted = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 10'000'000;
  const std::vector<std::string> folders = {arguments[1]};
  const auto schemas = SchemaSet::load(folders);
  if (!schemas.ok()) {
    fmt::print(stderr, "assay_agree: {}\n", schemas.error().text());
    return 2;
  }
  const char* const data = std::getenv("ASSAY_DATA");
  AgreementTally all;
  testing_match::AgreementWork work;

  AgreementTally clauses;
  work.per_rule = 40;
  work.forms_of = 10;
  work.titles = true;
  agree_until(clause_rules(fs::path(arguments[1]).parent_path()), *schemas, wanted / 10 * 3, work, clauses);
  print(clauses, "rules of the tables of clauses");
  print_forms(clauses.titles, "clauses (records of the rule itself and its variants)");
  clauses.titles.clear();
  add(all, clauses);

  work.titles = false;
  if (data == nullptr || *data == '\0') {
    fmt::print("no ASSAY_DATA: no rules of SigmaHQ\n");
  } else {
    RuleSet sigma;
    (void)load_rules_path(std::string(data) + "/sigma", sigma);
    AgreementTally tally;
    const std::uint64_t part = wanted / 10 * 4;
    work.per_rule = std::clamp<std::size_t>(part / (sigma.rules.size() * (1 + kVariants) * (1 + kVariants)), 2, 60);
    work.forms_of = 3;
    agree_until(sigma.rules, *schemas, part, work, tally);
    print(tally, "SigmaHQ's rules");
    add(all, tally);
  }

  AgreementTally tally;
  testing_match::Maker maker(2020);
  work.per_rule = 40;
  work.forms_of = 6;
  while (of_matter(all) + of_matter(tally) < wanted && tally.differences.size() < 20) {
    const std::uint64_t left = wanted - of_matter(all);
    agree_until(testing_match::random_rules(maker, 200).rules, *schemas, std::min(left, of_matter(tally) + 500'000),
                work, tally);
  }
  print(tally, "random rules");
  add(all, tally);

  print_forms(all.forms, "forms of predicates and conditions");
  print(all, "all");
  std::uint64_t differences = all.differences.size();
  if (data != nullptr && *data != '\0') differences += agree_on_pack(data);
  fmt::print("{} pairs made to matter, {} differences\n", of_matter(all), differences);
  return differences == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay::bench

int main(int count, char** arguments) { return assay::bench::run(count, arguments); }
