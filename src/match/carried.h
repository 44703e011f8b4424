// What of a record a match carries: values cut to a bounded size.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"
#include "core/sighting.h"
#include "match/engine.h"

namespace assay {

// At most limits::kCarriedFieldBytes, not inside a character.
[[nodiscard]] std::string cut(std::string_view text);
// The same; cut values stay different when the whole ones were.
[[nodiscard]] std::string cut_distinct(std::string_view value);
// Unless the name is there, the value is empty or there are limits::kCarriedFields.
void add_field(std::vector<NamedValue>& fields, std::string_view name, std::string_view value);
// The record's place, time, host, account and outcome.
void place_match(const RecordContext& record, Match& m);

}  // namespace assay
