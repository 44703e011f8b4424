// Exports that probably stop where the query was cut, not where the source did: a number of records that programs use
// as a limit, a file that ends inside a record, or newest first with a round number. What lies beyond the edge is not
// known: coverage is made of records, so it ends at the edge's record by itself.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/notice.h"
#include "hunt/unit.h"

namespace assay {

// Why the item's records probably are not all there were, with its edge; nothing when they may be. `cut`: a reader
// found that the item ends inside a record.
[[nodiscard]] std::optional<std::string> cut_export(const ItemPart& item, bool cut);

// Adds the notice of every such item; `notices` holds what the readers said.
void report_cut_exports(const std::map<std::string, ItemPart>& items, Notices& notices);

}  // namespace assay
