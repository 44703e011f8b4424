// What an item holds in its first and its last hours, of each source class: enough to tell that two items share records
// where no whole hour of them is alike, as rotated copies do that overlap for some minutes (hunt/duplicates.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/table.h"
#include "core/time.h"

namespace assay {

// The records' hashes are dealt into so many parts, and of each part the largest is kept (minwise hashing with one
// permutation, Li, Owen and Zhang 2012). The share of parts in which two items agree is the share of records that both
// hold, of those that either holds.
inline constexpr std::size_t kEndParts = 64;
// Hours that are kept at either end: two, because an overlap of more than an hour can lie in two hours and fill none.
inline constexpr std::size_t kEndHours = 2;

// keys: item, class, hour; columns: records, first, last (ns), then the largest hash of each part, 0 for an empty one.
[[nodiscard]] TableSpec item_ends_spec();

class ItemEnds {
 public:
  // `content`: the record's hash.
  void add(std::string_view klass, Time time, std::uint64_t content);
  void close(const std::string& chain, Table& table) const;

 private:
  struct Hour {
    std::int64_t records = 0, first = 0, last = 0;
    std::array<std::int64_t, kEndParts> largest{};
  };
  using Hours = std::map<std::int64_t, Hour>;  // at most 2 * kEndHours

  std::vector<std::pair<std::string, Hours>> classes_;
};

// Rows of hours that are among the first or the last of their whole item: a unit's end may stand amid the item.
[[nodiscard]] Table true_ends(const Table& ends);

}  // namespace assay
