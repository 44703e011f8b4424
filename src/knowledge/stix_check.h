// Semantic checks of STIX 2.1 objects (OASIS Standard, 10 June 2021): required properties, closed vocabularies, kinds
// of references, order of timestamps, form of ids, deterministic ids of observables. Messages, never errors: what can
// be read is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace assay {

struct StixMessage {
  std::string object;    // id as it stands, "" without one
  std::string property;  // path in the object; "" for the object as a whole
  std::string what;
};

// One object; `out` grows by at most kStixMessagesPerObject.
inline constexpr std::size_t kStixMessagesPerObject = 20;
void check_stix_object(const Json& object, std::vector<StixMessage>& out);
// The id that STIX 2.1, 2.9 gives an observable by its contributing properties; "" when the type has none, or none of
// them is there.
[[nodiscard]] std::string deterministic_id(const Json& observable);
// A type of the standard: "sdo", "sro", "sco", "meta"; "" for others.
[[nodiscard]] std::string_view stix_category(std::string_view type);

}  // namespace assay
