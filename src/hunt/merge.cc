#include "hunt/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "hunt/analytic_findings.h"
#include "hunt/clock_offsets.h"
#include "hunt/duplicates.h"
#include "hunt/exports.h"
#include "hunt/fold_copies.h"
#include "hunt/items.h"
#include "hunt/judge_sources.h"
#include "hunt/leases.h"
#include "hunt/merge_matches.h"
#include "hunt/merged_runs.h"
#include "hunt/plans.h"
#include "hunt/reasons.h"
#include "hunt/unit.h"

namespace assay {
namespace {

// Every rule, and of the indicators those that were met: a list of a million is not copied into each case.
std::vector<DetectorInfo> shown_in_case(const DetectorCatalogue& all, const std::set<DetectorIndex>& met) {
  std::vector<DetectorInfo> out = all.rules();
  for (auto at = met.lower_bound(all.first_indicator()); at != met.end() && *at < all.first_yara(); ++at)
    out.push_back(all[*at]);
  out.insert(out.end(), all.yara().begin(), all.yara().end());
  return out;
}

void sort_canonically(std::vector<Sighting>& sightings) {
  std::sort(sightings.begin(), sightings.end(), [](const Sighting& a, const Sighting& b) {
    return std::tie(a.detector_id, a.host, a.time, a.id) < std::tie(b.detector_id, b.host, b.time, b.id);
  });
}

// Finding numbers in order of time.
void number_findings(std::vector<Sighting>& sightings) {
  std::vector<Sighting*> by_time;
  by_time.reserve(sightings.size());
  for (Sighting& s : sightings) by_time.push_back(&s);
  std::sort(by_time.begin(), by_time.end(), [](const Sighting* a, const Sighting* b) {
    return std::tie(a->time, a->detector_id, a->host, a->id) < std::tie(b->time, b->detector_id, b->host, b->id);
  });
  std::uint32_t number = 0;
  for (Sighting* s : by_time) s->finding = ++number;
}

class Finish {
 public:
  Finish(Case& file, const EngineFacts& facts, const RuleSet& rules, const Profile& profile, const Notices& notices)
      : file_(file), facts_(facts), rules_(rules), profile_(profile), notices_(notices) {}

  // Each step needs those before it.
  CaseData run(const std::vector<std::string>& units, const Knowledge& knowledge, const FinishSettings& settings) {
    describe_run(knowledge, settings);
    read_units(units);
    report_cut_exports(items_.by_chain, notices_);
    data_.as_of = settings.as_of.known() ? settings.as_of : latest_;
    place_items(items_, data_, notices_);
    find_copied_records();
    judge_tables();
    keep_tables();
    add_sightings();
    add_analytics();
    addresses_not_hosts(data_.sightings, holders_, profile_, notices_);
    number_findings(data_.sightings);
    data_.notices = notices_.sorted();
    return std::move(data_);
  }

 private:
  void describe_run(const Knowledge& knowledge, const FinishSettings& settings) {
    data_.complete = settings.complete;
    data_.reproducible = settings.reproducible;
    data_.not_reproducible_because = settings.not_reproducible_because;
    data_.knowledge = knowledge;
    data_.profile = profile_;
    data_.not_loaded = facts_.not_loaded;
    data_.not_evaluable = facts_.not_evaluable;
    data_.rules_loaded = rules_.rules.size();
    data_.rules_loaded += facts_.catalogue.yara().size();
    data_.indicators_loaded = facts_.catalogue.indicators().size();
  }

  // What the units sealed, but for their matches, of which each unit with some leaves a cursor.
  void read_units(const std::vector<std::string>& units) {
    for (const std::string& unit : units) {
      UnitResult result;
      const auto bytes = file_.sealed_result(unit);
      if (!bytes) continue;  // given up, or its file could not be opened: the supervisor has said so
      if (!load_result(*bytes, result)) {
        notices_.add({NoticeKind::unit_given_up, "", 0, 1, "a sealed result cannot be read"});
        data_.complete = false;
        continue;
      }
      for (const ItemPart& part : result.items) merge(items_.by_chain[part.chain], part);
      for (std::size_t t = 0; t < result.tables.size(); ++t) {
        if (t == tables_.size()) tables_.emplace_back(result.tables[t].spec());
        tables_[t].merge(result.tables[t]);
      }
      notices_.merge(result.notices);
      if (result.latest.known() && (!latest_.known() || result.latest > latest_)) latest_ = result.latest;
      RunCursor cursor(file_, unit);
      if (!cursor.done()) cursors_.push_back(std::move(cursor));
    }
  }

  // Copies between items.
  void find_copied_records() {
    if (tables_.size() > kSketchTable) {
      std::set<std::string> nameless;
      for (const auto& [chain, part] : items_.by_chain) {
        if (part.hosts.empty()) nameless.insert(chain);
      }
      duplicates_ = find_duplicates(tables_[kSketchTable], items_.copy_of, nameless);
      if (tables_.size() > kItemEndTable)
        add_shared_ends(without_copies(std::move(tables_[kItemEndTable]), duplicates_, items_.copy_of), nameless,
                        duplicates_);
    }
    report_duplicates(duplicates_, items_, data_, notices_);
  }

  // What is asked of the tables that only the finish needs.
  void judge_tables() {
    if (tables_.size() > kPresenceTable) data_.blind = blind_rules(facts_, tables_[kPresenceTable]);
    doubts_ = judge_sources(tables_, duplicates_, items_.copy_of, profile_, notices_);
    if (tables_.size() > kCoverageTable) covered_ = hours_of(tables_[kCoverageTable]);
    if (tables_.size() >= kAnalyticTables)
      holders_ = Leases(without_copies(std::move(tables_[kLeaseTable]), duplicates_, items_.copy_of), profile_);
  }

  // The other tables go into the case, copies left out.
  void keep_tables() {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      if (of_finish(t)) continue;
      data_.tables.push_back(without_copies(std::move(tables_[t]), duplicates_, items_.copy_of));
    }
    if (!duplicates_.shared_hours.empty()) data_.tables.push_back(shared_hours_table(duplicates_));
    tables_.clear();
  }

  // The detectors' sightings, in canonical order and with their reasons; mentions; and the catalogue.
  void add_sightings() {
    MergedMatches merged =
        merge_matches(MergedRuns(std::move(cursors_)),
                      {facts_.catalogue, rules_, profile_, items_, holders_, covered_, data_.as_of}, notices_);
    data_.sightings = std::move(merged.sightings);
    fold_nameless(data_.sightings, duplicates_, items_.ids, profile_);
    fold_copies(data_.sightings, merged.of_copies);
    for (const auto& [where, count] : merged.mentions) data_.mentions.push_back({where.first, where.second, count});
    data_.catalogue = shown_in_case(facts_.catalogue, merged.met);
    say_why(merged);
    sort_canonically(data_.sightings);
  }

  void say_why(const MergedMatches& merged) {
    std::map<std::string, const DetectorInfo*> infos;
    for (const DetectorInfo& info : data_.catalogue) infos.emplace(info.id, &info);
    for (Sighting& s : data_.sightings) {
      if (const auto info = infos.find(s.detector_id); info != infos.end()) s.why = reason(*info->second, s);
      if (const auto address = merged.leased.find(s.id); address != merged.leased.end()) {
        s.why += fmt::format("; {} was leased to it then", address->second);
        note_lease(s, address->second);
      }
      if (merged.chained.contains(s.id)) doubt_order(s, doubts_, items_.chains);
    }
  }

  // The analytics look at the detectors' sightings; theirs take their place among them.
  void add_analytics() {
    AnalyticFindings found = analytic_findings(data_, items_, holders_, doubts_, notices_);
    data_.catalogue.insert(data_.catalogue.end(), found.detectors.begin(), found.detectors.end());
    data_.sightings.insert(data_.sightings.end(), std::make_move_iterator(found.sightings.begin()),
                           std::make_move_iterator(found.sightings.end()));
    sort_canonically(data_.sightings);
  }

  Case& file_;
  const EngineFacts& facts_;
  const RuleSet& rules_;
  const Profile& profile_;
  Notices notices_;
  CaseData data_;
  Items items_;
  std::vector<Table> tables_;  // merged over all units, by the numbers of hunt/plans.h
  std::vector<RunCursor> cursors_;
  Time latest_;  // last event time of any unit
  Duplicates duplicates_;
  ClockDoubts doubts_;
  CoveredHours covered_;
  Leases holders_;
};

}  // namespace

CaseData finish_run(Case& file, const std::vector<std::string>& units, const EngineFacts& facts, const RuleSet& rules,
                    const Knowledge& knowledge, const Profile& profile, const Notices& notices,
                    const FinishSettings& settings) {
  return Finish(file, facts, rules, profile, notices).run(units, knowledge, settings);
}

}  // namespace assay
