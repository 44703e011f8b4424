// Coverage: what the evidence really holds, by source class, host and hour; and how often a field that a claim needs
// was there. Two mergeable tables, filled while reading (evidence/coverage_tally.h) and kept in the case; claims read
// them.
#pragma once

#include <string>

#include "core/table.h"

namespace assay {

// keys: item, source class, host, day (days since 1970, decimal); columns: records, first ns, last ns, hours (24 bits).
// host is the host that the record speaks about; "" when the record names none.
[[nodiscard]] inline TableSpec coverage_spec() {
  return {"coverage",
          {"item", "class", "host", "day"},
          {"records", "first", "last", "hours"},
          {Merge::sum, Merge::min, Merge::max, Merge::bit_or}};
}

// keys: source class, field (name of the roles vocabulary, "@cookie"), day; columns: records that carry it, records of
// the class.
[[nodiscard]] inline TableSpec field_coverage_spec() {
  return {"field_coverage", {"class", "field", "day"}, {"present", "records"}, {Merge::sum, Merge::sum}};
}

}  // namespace assay
