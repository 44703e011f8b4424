#include "hunt/judge_sources.h"

#include <algorithm>
#include <utility>

#include "core/ascii.h"
#include "hunt/continuity.h"
#include "hunt/plans.h"

namespace assay {
namespace {

// Hosts and addresses that some record speaks about.
std::set<std::string> spoken_about(const std::vector<Table>& tables, const Table& coverage) {
  std::set<std::string> seen;
  for (const auto& [key, row] : coverage.rows()) seen.insert(key[2]);
  for (const Table& table : tables) {
    if (table.spec().name != "flows") continue;
    for (const auto& [key, row] : table.rows()) seen.insert({key[2], key[3]});
  }
  return seen;
}

}  // namespace

ClockDoubts judge_sources(const std::vector<Table>& tables, const Duplicates& duplicates,
                          const std::map<std::string, std::string>& copies, const Profile& profile, Notices& notices) {
  if (tables.size() < kAnalyticTables) return {};
  const Table coverage = without_copies(tables[kCoverageTable], duplicates, copies);
  const Table clears = without_copies(tables[kLogClearTable], duplicates, copies);
  find_gaps(coverage, notices);
  find_clears(clears, notices);
  find_record_holes(without_copies(tables[kRecordIdTable], duplicates, copies), clears, notices);
  find_jumps(without_copies(tables[kOrderTable], duplicates, copies), coverage, notices);
  const std::vector<ClockOffset> offsets = find_clock_offsets(tables[kSharedEventTable], copies);
  report_clock_offsets(offsets, notices);
  if (!profile.hosts.empty()) {
    const std::set<std::string> seen = spoken_about(tables, coverage);
    if (!seen.empty()) find_silent(profile, seen, notices);
  }
  return {offsets, tables[kSharedEventTable]};
}

std::vector<NotLoaded> blind_rules(const EngineFacts& facts, const Table& presence) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::pair<std::int64_t, std::int64_t>>> by_route;
  for (const auto& [key, row] : presence.rows()) by_route[{key[0], key[1]}][key[2]] = {row[0], row[1]};
  std::map<std::pair<std::string, std::string>, std::set<std::string>> blind;  // (rule id, field) -> places
  std::map<std::pair<std::string, std::string>, bool> sees;
  for (const EngineFacts::Need& need : facts.needs) {
    const auto route = by_route.find({need.shape, need.route});
    if (route == by_route.end() || need.detector >= facts.catalogue.size()) continue;
    std::int64_t present = 0, records = 0;
    for (const std::string& path : need.paths) {
      const auto at = route->second.find(path);
      if (at == route->second.end()) continue;
      present = std::max(present, at->second.first);
      records = std::max(records, at->second.second);
    }
    if (records == 0) continue;
    const std::pair<std::string, std::string> rule{facts.catalogue[need.detector].id, need.name};
    if (present * 100 < records) {
      blind[rule].insert(need.shape + "/" + need.route);
    } else {
      sees[rule] = true;
    }
  }
  std::vector<NotLoaded> out;
  for (const auto& [rule, places] : blind) {
    if (sees.contains(rule)) continue;  // some other source of the rule carries the field
    std::string where;
    for (const std::string& place : places) where += (where.empty() ? "" : ", ") + place;
    out.push_back({where, rule.first, rule.second});
  }
  return out;
}

CoveredHours hours_of(const Table& coverage) {
  CoveredHours out;
  for (const auto& [key, row] : coverage.rows()) {
    const auto day = parse_int(key[3]);
    if (!day) continue;
    for (std::int64_t hour = 0; hour < 24; ++hour) {
      if (((row[3] >> hour) & 1) != 0) out[key[1]].insert(*day * 24 + hour);
    }
  }
  return out;
}

}  // namespace assay
