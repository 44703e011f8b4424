// What a worker needs to read records, decided once before the workers start: for every (shape, route) the projection
// that detectors, analytics, coverage, time, host and account ask for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytics/analytic.h"
#include "evidence/binding.h"
#include "evidence/schema.h"
#include "hunt/leases.h"
#include "hunt/tally.h"
#include "knowledge/advisory.h"
#include "knowledge/profile.h"
#include "match/engine.h"

namespace assay {

struct RoutePlan {
  Projection projection;
  struct TimePath {
    Slot slot;
    TimeRule::Kind kind;
    bool event;  // the event's own clock
    std::string path;
    std::string pattern;
    bool local;                // without a zone it is local time
    std::vector<Slot> more;    // joined to the first with blanks
    std::vector<Slot> unless;  // not looked at where one of these has a value
  };
  std::vector<TimePath> times;
  std::vector<Binding> host, account;
  std::optional<BoundPath> outcome;
  Binding src, dst;              // inside address when the record names no host
  Binding forwarded;             // whose request a proxy sent on; empty where the shape has no such field
  std::vector<Slot> connecting;  // where the address that made the connection stands
  struct AnalyticPlan {
    std::size_t analytic;     // index into analytics()
    std::size_t first_table;  // index into the unit's tables
    std::vector<std::pair<std::string, Binding>> names;
  };
  std::vector<AnalyticPlan> analytics;
  std::vector<std::pair<std::string, Binding>> coverage_fields;  // names that claims need
  TallyPlan tally;
};

struct ShapePlan {
  std::vector<RoutePlan> routes;
};

class Plans {
 public:
  Plans(Engine& engine, const SchemaSet& schemas, const Knowledge& knowledge);
  [[nodiscard]] const ShapePlan& at(ShapeId shape) const { return shapes_[shape]; }
  // The tables every unit fills, in the order of the numbers below, then the analytics'.
  [[nodiscard]] const std::vector<TableSpec>& tables() const { return tables_; }

 private:
  std::vector<ShapePlan> shapes_;
  std::vector<TableSpec> tables_;
};

enum : std::size_t {
  kCoverageTable,
  kFieldCoverageTable,
  kPresenceTable,
  kSketchTable,
  kRecordIdTable,
  kLogClearTable,
  kOrderTable,
  kSharedEventTable,
  kLeaseTable,
  kItemEndTable,
  kAnalyticTables
};
// Only the finish of a run needs it: it is not kept in the case.
[[nodiscard]] constexpr bool of_finish(std::size_t table) { return table >= kPresenceTable && table < kAnalyticTables; }

// keys: shape, route, path; columns: present, records. For "blind here".
[[nodiscard]] TableSpec presence_spec();
// keys: item, class, hour; columns: records, sum of 40 bits of their hashes. For copies between items
// (hunt/duplicates.h).
[[nodiscard]] TableSpec sketch_spec();

}  // namespace assay
