// The agreement run (scripts/agree): the engine in every combination of its switches against the reference, on records
// made from SigmaHQ's rules and from random ones, until so many pairs of rule and record were compared; then on every
// Windows event of the windows-json pack with all rules at once. Exit code 1 when there was a difference.
// assay_agree SCHEMAS-OF-THE-TESTS [PAIRS]; ASSAY_DATA names the real data, when there is any.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "../harness.h"
#include "../records.h"
#include "match/testing_agreement.h"
#include "rules/loader.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kRulesOfASet = 40;
constexpr std::size_t kPerSigmaRule = 30, kPerRandomRule = 12;

void print(const testing_match::AgreementTally& tally, std::string_view what) {
  const auto share = [](std::uint64_t part, std::uint64_t all) {
    return all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
  };
  fmt::print("{}: {} pairs, {:.1f} % met; {} records, {:.1f} % meet the rule they were made from; {} combinations\n",
             what, tally.pairs, share(tally.met, tally.pairs), tally.records, share(tally.own_met, tally.own),
             tally.combinations);
  for (const auto& [form, counts] : tally.forms)
    fmt::print("  {:<32} {:>10} not met {:>10} met{}\n", form, counts[0], counts[1],
               counts[0] == 0 || counts[1] == 0 ? "  (one verdict only)" : "");
  for (const std::string& difference : tally.differences) fmt::print("DIFFERENCE {}\n", difference);
  std::fflush(stdout);
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
  std::uint64_t differences = 0;
  const char* const data = std::getenv("ASSAY_DATA");
  std::uint64_t pairs = 0;
  if (data == nullptr || *data == '\0') {
    fmt::print("no ASSAY_DATA: random rules only\n");
  } else {
    RuleSet sigma;
    (void)load_rules_path(std::string(data) + "/sigma", sigma);
    testing_match::AgreementTally tally;
    for (std::size_t from = 0; from < sigma.rules.size(); from += kRulesOfASet)
      testing_match::agree_on_rules(testing_match::for_test_route(sigma.rules, from, kRulesOfASet), *schemas,
                                    static_cast<std::uint32_t>(from), kPerSigmaRule, tally);
    print(tally, "SigmaHQ");
    differences += tally.differences.size();
    pairs += tally.own;  // of the others few are met
  }
  testing_match::AgreementTally tally;
  testing_match::Maker maker(2020);
  for (std::uint32_t set = 0; pairs + tally.pairs < wanted; ++set)
    testing_match::agree_on_rules(testing_match::random_rules(maker, kRulesOfASet), *schemas, set, kPerRandomRule,
                                  tally);
  print(tally, "random rules");
  differences += tally.differences.size();
  if (data != nullptr && *data != '\0') differences += agree_on_pack(data);
  fmt::print("{} pairs made to matter, {} differences\n", pairs + tally.pairs, differences);
  return differences == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay::bench

int main(int count, char** arguments) { return assay::bench::run(count, arguments); }
