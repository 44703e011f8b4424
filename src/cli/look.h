// One record, by the place at which it stands, and one rule on it: what `explain --rule --record` and `rules test`
// show.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "casefile/case_data.h"
#include "core/result.h"
#include "evidence/format.h"
#include "evidence/schema.h"
#include "rules/rule_set.h"

namespace assay::cli {

// A place as answers write it: FILE:LINE, FILE@OFFSET, or E0003@OFFSET of a case.
struct RecordPlace {
  std::string item;  // a file, or an item's id
  std::uint64_t number = 0;
  bool line = false;
};
[[nodiscard]] std::optional<RecordPlace> parse_place(std::string_view text);

// The record that stands at the place, as its reader has it.
struct LookedAt {
  std::string raw;
  std::uint64_t offset = 0, line = 0;
  std::unique_ptr<RecordReader> reader;
  RouteId route = 0;
};
// Errors: the file or the place is not there, or nothing there can be read as a record. `data`: the case for item ids;
// null when there is none.
[[nodiscard]] Result<LookedAt> look_at(const RecordPlace& place, const SchemaSet& schemas, const CaseData* data,
                                       std::span<const std::string> passwords = {});

// The rule's tree with PASS and FAIL and the record's values; for a correlation, that of each rule below it.
[[nodiscard]] std::string explain_rule(const RuleSet& rules, const ir::Detector& rule, LookedAt& record,
                                       const SchemaSet& schemas);

}  // namespace assay::cli
