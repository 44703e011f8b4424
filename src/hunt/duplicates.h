// Copies between evidence items: the same records from a rotated file, two collectors or two exports count once.
// Decided on sketches by (item, source class, hour): how many records, and the sum of their hashes; and at the ends of
// items, where no whole hour may be alike, on which hashes are the largest (hunt/item_ends.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/table.h"

namespace assay {

struct Duplicates {
  std::set<std::pair<std::string, std::string>> left_out;              // (item chain, hour)
  std::map<std::pair<std::string, std::string>, std::uint64_t> pairs;  // (copy, kept) -> records left out
  struct Sum {
    std::uint64_t records = 0;
    std::set<std::string> of;
  };
  std::map<std::string, Sum> sums;  // a merged export -> the items that hold its records one by one
  // Hours in which items share a part of their records, each with records of its own: nothing is left out, and sums
  // over such hours hold a record of both twice.
  struct Shared {
    std::uint64_t hours = 0, records = 0;  // about so many records stand in both
    std::int64_t first_hour = 0;
  };
  std::map<std::pair<std::string, std::string>, Shared> shared;  // (item, other)
  std::set<std::pair<std::string, std::string>> shared_hours;    // (item chain, hour)
  std::uint64_t records = 0;
};

// `copies`: chains whose whole content another item has; all their hours are left out. An hour of one item that equals
// the same hour of another is left out; an hour that holds less, next to an hour that is a copy, is its cut edge and
// left out too. An hour that equals what several others hold together (a merged export) is left out. Of two equal ones
// an item in `nameless` (it does not tell its host) is the copy; else the smaller chain is kept.
[[nodiscard]] Duplicates find_duplicates(const Table& sketch, const std::map<std::string, std::string>& copies,
                                         const std::set<std::string>& nameless);

// What `found` lacks, by the rows of item_ends_spec(): an hour of one item whose records all stand in another, which
// covers its time, is a copy; items that share a part of an hour are told as such.
void add_shared_ends(const Table& ends, const std::set<std::string>& nameless, Duplicates& found);

// keys: item, hour. The hours of `shared_hours`, for who adds up over items: between the largest and the sum lies what
// there was.
[[nodiscard]] Table shared_hours_table(const Duplicates& duplicates);

// Drops the rows of tables whose first key is "item" and last key is "hour".
[[nodiscard]] Table without_copies(Table table, const Duplicates& duplicates,
                                   const std::map<std::string, std::string>& copies);

}  // namespace assay
