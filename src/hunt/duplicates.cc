#include "hunt/duplicates.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

struct Cell {
  std::int64_t records = 0, hashes = 0;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// Hours of one source class: hour -> item -> cell
using Hours = std::map<std::int64_t, std::map<std::string, Cell>>;

}  // namespace

Duplicates find_duplicates(const Table& sketch, const std::map<std::string, std::string>& copies) {
  Duplicates out;
  std::map<std::string, Hours> classes;
  for (const auto& [key, row] : sketch.rows()) {
    const std::string& item = key[0];
    if (const auto copy = copies.find(item); copy != copies.end()) {
      out.left_out.emplace(item, key[2]);
      out.pairs[{item, copy->second}] += static_cast<std::uint64_t>(row[0]);
      out.records += static_cast<std::uint64_t>(row[0]);
      continue;
    }
    classes[key[1]][parse_int(key[2]).value_or(0)][item] = {row[0], row[1]};
  }
  for (const auto& [klass, hours] : classes) {
    // Equal hours first: of items with equal cells the smallest chain is kept.
    std::map<std::pair<std::string, std::int64_t>, std::string> copy_of;  // (item, hour) -> kept item
    for (const auto& [hour, items] : hours) {
      for (auto a = items.begin(); a != items.end(); ++a) {
        if (copy_of.contains({a->first, hour})) continue;
        for (auto b = std::next(a); b != items.end(); ++b) {
          // A single record may repeat by chance (a heartbeat); two or more equal sums do not.
          if (a->second == b->second && a->second.records >= 2) copy_of.emplace(std::pair(b->first, hour), a->first);
        }
      }
    }
    // Edges: the smaller of two hours that are next to a copied hour of the same pair.
    auto edges = copy_of;
    for (const auto& [where, kept] : copy_of) {
      const auto& [item, hour] = where;
      for (const std::int64_t next : {hour - 1, hour + 1}) {
        const auto at = hours.find(next);
        if (at == hours.end()) continue;
        const auto mine = at->second.find(item);
        const auto theirs = at->second.find(kept);
        if (mine == at->second.end() || theirs == at->second.end() || mine->second == theirs->second) continue;
        if (mine->second.records <= theirs->second.records) {
          edges.emplace(std::pair(item, next), kept);
        } else {
          edges.emplace(std::pair(kept, next), item);
        }
      }
    }
    // Quiet hours (one record each) inside a copied stretch are copies when they are equal.
    for (const auto& [hour, items] : hours) {
      for (auto a = items.begin(); a != items.end(); ++a) {
        for (auto b = std::next(a); b != items.end(); ++b) {
          if (a->second == b->second && !edges.contains({b->first, hour}) && !edges.contains({a->first, hour})) {
            const bool pair_known = std::any_of(copy_of.begin(), copy_of.end(), [&](const auto& entry) {
              return entry.first.first == b->first && entry.second == a->first;
            });
            if (pair_known) edges.emplace(std::pair(b->first, hour), a->first);
          }
        }
      }
    }
    for (const auto& [where, kept] : edges) {
      const auto& [item, hour] = where;
      const std::uint64_t records = static_cast<std::uint64_t>(hours.at(hour).at(item).records);
      out.left_out.emplace(item, std::to_string(hour));
      out.pairs[{item, kept}] += records;
      out.records += records;
    }
  }
  return out;
}

Table without_copies(const Table& table, const Duplicates& duplicates,
                     const std::map<std::string, std::string>& copies) {
  const TableSpec& spec = table.spec();
  if (spec.keys.empty() || spec.keys.front() != "item") return table;
  Table out(spec);
  const bool by_hour = spec.keys.back() == "hour";
  for (const auto& [key, row] : table.rows()) {
    if (copies.contains(key.front())) continue;
    if (by_hour && duplicates.left_out.contains({key.front(), key.back()})) continue;
    out.add(key, row);
  }
  return out;
}

}  // namespace assay
