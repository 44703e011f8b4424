// Rules by themselves: what hostile ones cost to load, and what compiling those of one logsource costs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness.h"
#include "records.h"
#include "rules/loader.h"
#include "rules/sigma/testing_hostile.h"

namespace assay::bench {
namespace {

// The dearest of the hostile rules; docs/sigma.md says what bounds them. ASSAY_VERBOSE=1 prints each.
Result<LaneResult> hostile_lane(const Context&) {
  LaneResult out;
  double most = 0, sum = 0;
  std::size_t bytes = 0, count = 0;
  std::string dearest;
  const double held = resident_mb();
  for (const testing_rules::Hostile& hostile : testing_rules::hostile_rules()) {
    const double start = cpu_seconds();
    keep(testing_rules::load_hostile(hostile).rules.size());
    const double seconds = cpu_seconds() - start;
    if (std::getenv("ASSAY_VERBOSE") != nullptr) fmt::print("  {:6.3f} s {}\n", seconds, hostile.name);
    sum += seconds;
    bytes += hostile.text.size();
    ++count;
    if (seconds > most) {
      most = seconds;
      dearest = hostile.name;
    }
  }
  out.mb_per_s_core = static_cast<double>(bytes) / 1e6 / sum;
  out.reference = "the bound of 1 s";
  out.ratio = 1 / most;
  out.peak_mb = peak_mb() - held;
  out.input = fmt::format("{} hostile rules, the dearest: {}", count, dearest);
  out.more = {{"most_s", most}, {"sum_s", sum}};
  return out;
}

// Rules to plans on every route of every shape, as before workers start.
double compile_seconds(const RuleSet& rules, const SchemaSet& schemas) {
  const double start = cpu_seconds();
  const std::unique_ptr<Engine> engine = Engine::compile(rules, schemas, Profile{}, EngineOptions{});
  RecordMatcher matcher(*engine, schemas);
  matcher.bind_all();
  return cpu_seconds() - start;
}

Result<LaneResult> compile_lane(const Context& context) {
  if (context.data.empty() || !std::filesystem::exists(context.data + "/sigma/rules/windows"))
    return Error{ErrorCode::not_found, "needs SigmaHQ's rules (ASSAY_DATA)", "sigma"};
  RuleSet all, one;
  TRY_VOID(load_rules_path(context.data + "/sigma/rules/windows", all));
  for (const ir::Detector& rule : all.rules) {
    if (rule.source.category == "process_creation") one.rules.push_back(rule);
  }
  TRY(const SchemaSet schemas, SchemaSet::load({}));
  std::vector<double> of_all, of_one;
  for (int round = 0; round < 5; ++round) {
    of_all.push_back(compile_seconds(all, schemas));
    of_one.push_back(compile_seconds(one, schemas));
  }
  std::sort(of_all.begin(), of_all.end());
  std::sort(of_one.begin(), of_one.end());
  LaneResult out;
  out.reference = "the bound of 0.5 s";
  out.ratio = 0.5 / of_all[2];
  out.peak_mb = peak_mb();
  out.input = fmt::format("{} rules of SigmaHQ for Windows, {} of them for process_creation", all.rules.size(),
                          one.rules.size());
  out.more = {{"all_s", of_all[2]}, {"one_logsource_s", of_one[2]}};
  return out;
}

}  // namespace

std::vector<Lane> rule_lanes() { return {{"sigma.hostile", hostile_lane}, {"sigma.compile", compile_lane}}; }

}  // namespace assay::bench
