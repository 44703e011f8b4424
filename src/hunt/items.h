// The evidence items of a run as its units saw them, and how the case names them. Items with the same bytes are one
// item with copies; records that several items hold count once (hunt/duplicates.h).
#pragma once

#include <map>
#include <string>

#include "casefile/case_data.h"
#include "core/notice.h"
#include "hunt/duplicates.h"
#include "hunt/unit.h"

namespace assay {

struct Items {
  std::map<std::string, ItemPart> by_chain;    // all parts of an item merged
  std::map<std::string, std::string> copy_of;  // chain -> chain that is kept
  std::map<std::string, std::string> ids;      // chain (also of copies) -> "E0001"
  std::map<std::string, std::string> sha;      // id -> sha256
  std::map<std::string, std::string> chains;   // id -> chain

  // "E0001" of the item, also of a copy; "" when there is none.
  [[nodiscard]] std::string id_of(const std::string& chain) const;
  // The chain that stands for the item: its own, or that of the item it is a copy of.
  [[nodiscard]] const std::string& kept(const std::string& chain) const;
};

// Fills all but `by_chain`, and the case's list of evidence, in the order of chains, with the number of records. Bytes
// that no unit looked at are skipped bytes and limit_other; each copy is a duplicate_file.
void place_items(Items& items, CaseData& data, Notices& notices);

// How many of each item's records stand in others too: into the case's list of evidence, and as the notices
// duplicate_records and shared_records.
void report_duplicates(const Duplicates& duplicates, const Items& items, CaseData& data, Notices& notices);

}  // namespace assay
