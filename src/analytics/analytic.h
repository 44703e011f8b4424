// An analytic: what no single record shows. It observes records through the roles vocabulary, keeps mergeable tables,
// and at finish turns the merged tables into findings. One room each; registered by one line in analytics/analytics.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/notice.h"
#include "core/sighting.h"
#include "core/table.h"
#include "evidence/binding.h"
#include "evidence/schema.h"
#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

// One record through the roles vocabulary. Values live until the next record.
class RoleView {
 public:
  virtual ~RoleView() = default;
  // First value of a name that the analytic declared; absent when there is none.
  [[nodiscard]] virtual Value get(std::string_view name) const = 0;
  // Every value of such a name, in record order (a mail's recipients and links).
  virtual void each(std::string_view name, const std::function<void(Value)>& sink) const {
    if (const Value value = get(name); value.present()) sink(value);
  }
  [[nodiscard]] virtual std::int64_t number(std::string_view name, std::int64_t fallback) const = 0;
  [[nodiscard]] virtual const Route& route() const = 0;
  [[nodiscard]] virtual Time time() const = 0;
  [[nodiscard]] virtual std::string_view host() const = 0;
  [[nodiscard]] virtual std::string_view account() const = 0;
  [[nodiscard]] virtual Outcome outcome() const = 0;
  [[nodiscard]] virtual const RecordRef& ref() const = 0;
  [[nodiscard]] virtual std::string_view item() const = 0;  // path chain of the evidence item
};

// Tables of analytics have "item" (path chain) as first key and "hour" (hours since 1970, decimal) as last, so that
// spans which another item holds too can be left out at finish; rows keep their item, analytics sum over items
// themselves. A column that cites a record holds pack_ref() with Merge::min.
[[nodiscard]] inline std::int64_t pack_ref(std::uint64_t offset, std::uint64_t length) {
  constexpr std::uint64_t kMost = (std::uint64_t{1} << 20) - 1;
  return static_cast<std::int64_t>(offset << 20 | (length < kMost ? length : kMost));
}
struct PackedRef {
  std::uint64_t offset, length;
};
[[nodiscard]] inline PackedRef unpack_ref(std::int64_t packed) {
  return {static_cast<std::uint64_t>(packed) >> 20,
          static_cast<std::uint64_t>(packed) & ((std::uint64_t{1} << 20) - 1)};
}

// What finish gets: tables already merged over all units, copies left out (hunt/duplicates.h).
struct FinishInput {
  const Profile* profile = nullptr;
  std::span<const Table> tables;        // every table of the run
  std::span<const Sighting> sightings;  // of the detectors, already merged, canonical order
  const std::vector<DetectorInfo>* catalogue = nullptr;
  const std::map<std::string, std::string>* evidence_ids = nullptr;  // path chain -> "E0001"
  Time as_of;
  [[nodiscard]] const Table* table(std::string_view name) const {
    for (const Table& t : tables) {
      if (t.spec().name == name) return &t;
    }
    return nullptr;
  }
};

// What an analytic found. Its records are those the tables kept (columns named ref_*), or those of the sightings it
// rests on.
struct Finding {
  Sighting sighting;                  // detector_id = analytic's detector id; records may be empty
  std::vector<std::string> rests_on;  // ids of sightings
};

struct AnalyticDetector {
  std::string id, title, description;
  ir::Meaning meaning;
};

class Analytic {
 public:
  virtual ~Analytic() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::vector<AnalyticDetector> detectors() const = 0;
  // Roles-vocabulary names it reads, and the source classes whose records it wants (empty: all).
  [[nodiscard]] virtual std::vector<std::string> names() const = 0;
  [[nodiscard]] virtual std::vector<std::string> source_classes() const = 0;
  [[nodiscard]] virtual std::vector<TableSpec> tables() const = 0;
  // `tables` are the unit's tables in the order of tables().
  virtual void observe(const RoleView& record, std::span<Table> tables) const = 0;
  [[nodiscard]] virtual std::vector<Finding> finish(const FinishInput& input, Notices& notices) const = 0;
};

// Every analytic, in the one fixed order of analytics/analytics.cc.
[[nodiscard]] std::span<const Analytic* const> analytics();

}  // namespace assay
