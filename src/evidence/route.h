// Which route (logsource) a record has: the first of its schema whose conditions hold. What was found for a set of
// discriminating values is kept, because a log has few of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/record.h"
#include "evidence/format.h"
#include "evidence/schema.h"

namespace assay {

// One worker's, of one shape. The schema must outlive it.
class RouteChooser {
 public:
  explicit RouteChooser(const Schema& schema);
  // Reads what it needs of the current record into `fields`, which it resets.
  [[nodiscard]] RouteId choose(RecordReader& reader, FieldTable& fields);
  // The rule as written, condition by condition: what the memory holds.
  [[nodiscard]] RouteId decide(const FieldTable& fields) const;
  [[nodiscard]] const Projection& projection() const { return wanted_; }

 private:
  [[nodiscard]] RouteId choose_by_fields(RecordReader& reader, FieldTable& fields);

  const Schema* schema_;
  Projection wanted_;
  std::vector<std::vector<Slot>> conditions_;       // by route, by condition
  std::unordered_map<std::string, RouteId> known_;  // looked up, never walked
  std::string key_, last_key_;
  RouteId last_ = 0;
  std::uint64_t same_ = 0;  // RecordReader::constant() of the last record
  RouteId same_route_ = 0;
  bool have_last_ = false;
};

}  // namespace assay
