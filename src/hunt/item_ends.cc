#include "hunt/item_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"

namespace assay {

TableSpec item_ends_spec() {
  TableSpec spec{
      "item_ends", {"item", "class", "hour"}, {"records", "first", "last"}, {Merge::sum, Merge::min, Merge::max}};
  for (std::size_t i = 0; i < kEndParts; ++i) {
    spec.columns.push_back(fmt::format("part{}", i));
    spec.merges.push_back(Merge::max);
  }
  return spec;
}

void ItemEnds::add(std::string_view klass, Time time, std::uint64_t content) {
  const auto of = std::find_if(classes_.begin(), classes_.end(), [&](const auto& one) { return one.first == klass; });
  Hours& hours = of != classes_.end() ? of->second : classes_.emplace_back(klass, Hours{}).second;
  const std::int64_t hour = time.hour();
  auto at = hours.find(hour);
  if (at == hours.end()) {
    // What was put out stood inside, and stands inside for good: later records only move the ends outwards.
    if (hours.size() == 2 * kEndHours && hour > std::next(hours.begin(), kEndHours - 1)->first &&
        hour < std::prev(hours.end(), kEndHours)->first)
      return;
    at = hours.try_emplace(hour).first;
    at->second.first = at->second.last = time.ns;
    if (hours.size() > 2 * kEndHours) hours.erase(std::next(hours.begin(), kEndHours));
  }
  Hour& cell = at->second;
  ++cell.records;
  cell.first = std::min(cell.first, time.ns);
  cell.last = std::max(cell.last, time.ns);
  std::int64_t& largest = cell.largest[content % kEndParts];
  largest = std::max(largest, static_cast<std::int64_t>(content >> 24) + 1);
}

void ItemEnds::close(const std::string& chain, Table& table) const {
  std::vector<std::int64_t> row(3 + kEndParts);
  for (const auto& [klass, hours] : classes_) {
    for (const auto& [hour, cell] : hours) {
      row[0] = cell.records;
      row[1] = cell.first;
      row[2] = cell.last;
      std::copy(cell.largest.begin(), cell.largest.end(), row.begin() + 3);
      table.add({chain, klass, std::to_string(hour)}, row);
    }
  }
}

Table true_ends(const Table& ends) {
  std::map<std::pair<std::string, std::string>, std::set<std::int64_t>> hours;
  for (const auto& [key, row] : ends.rows()) hours[{key[0], key[1]}].insert(parse_int(key[2]).value_or(0));
  Table out(ends.spec());
  for (const auto& [key, row] : ends.rows()) {
    const std::set<std::int64_t>& of_item = hours.at({key[0], key[1]});
    const auto at = of_item.find(parse_int(key[2]).value_or(0));
    const auto before = static_cast<std::size_t>(std::distance(of_item.begin(), at));
    if (before < kEndHours || of_item.size() - before <= kEndHours) out.add(key, row);
  }
  return out;
}

}  // namespace assay
