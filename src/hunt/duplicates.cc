#include "hunt/duplicates.h"

#include <algorithm>
#include <tuple>

#include "core/ascii.h"
#include "hunt/item_ends.h"

namespace assay {
namespace {

struct Cell {
  std::int64_t records = 0, hashes = 0;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// An item, those first that tell their host.
using Item = std::pair<bool, std::string>;
using Cells = std::map<Item, Cell>;
// Hours of one source class.
using Hours = std::map<std::int64_t, Cells>;

// A merged export is searched among at most so many other items of its class and hour: the halves' sums meet in the
// middle, 2 * 2^10 of them.
constexpr std::size_t kMostParts = 20;
constexpr std::int64_t kFewestMerged = 4;  // records: fewer may add up by chance

struct PartialSum {
  Cell cell;
  std::uint32_t members = 0;
};

std::vector<PartialSum> partial_sums(const std::vector<Cell>& cells) {
  std::vector<PartialSum> out(1);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t before = out.size();
    for (std::size_t k = 0; k < before; ++k) {
      PartialSum more = out[k];
      more.cell.records += cells[i].records;
      more.cell.hashes += cells[i].hashes;
      more.members |= std::uint32_t{1} << i;
      out.push_back(more);
    }
  }
  return out;
}

// The items, two or more, whose cells add up to `whole`; empty when there are none.
std::vector<Item> parts_of(const Cell& whole, const std::vector<std::pair<Item, Cell>>& others) {
  const std::size_t half = others.size() / 2;
  std::vector<Cell> left, right;
  for (std::size_t i = 0; i < others.size(); ++i) (i < half ? left : right).push_back(others[i].second);
  // Sorted once and searched: several times faster than a tree of the same sums, for every hour of every item.
  std::vector<PartialSum> of_left = partial_sums(left);
  const auto before = [](const PartialSum& a, const PartialSum& b) {
    return std::tie(a.cell.records, a.cell.hashes, a.members) < std::tie(b.cell.records, b.cell.hashes, b.members);
  };
  std::sort(of_left.begin(), of_left.end(), before);
  for (const PartialSum& sum : partial_sums(right)) {
    const Cell rest{whole.records - sum.cell.records, whole.hashes - sum.cell.hashes};
    const auto at = std::lower_bound(of_left.begin(), of_left.end(), PartialSum{rest, 0}, before);
    if (at == of_left.end() || at->cell != rest) continue;
    std::vector<Item> out;
    for (std::size_t i = 0; i < others.size(); ++i) {
      const bool in = i < half ? (at->members >> i & 1U) != 0 : (sum.members >> (i - half) & 1U) != 0;
      if (in) out.push_back(others[i].first);
    }
    if (out.size() >= 2) return out;
  }
  return {};
}

// Fewer parts may agree by chance: a heartbeat without its time is the same line in many logs.
constexpr int kFewestAlike = 3;
// Items that have one hash in common are compared pair by pair, up to so many.
constexpr std::size_t kMostAlike = 32;

struct End {
  Item item;
  Table::RowView row;
  std::int64_t first, last;  // of the whole item
  [[nodiscard]] std::int64_t part(std::size_t i) const { return row[3 + i]; }
  [[nodiscard]] std::int64_t records() const { return row[0]; }
};

struct Alike {
  int equal = 0, either = 0;                // parts
  bool own_of_a = false, own_of_b = false;  // one has records that the other has not
};

Alike compare(const End& a, const End& b) {
  Alike out;
  for (std::size_t i = 0; i < kEndParts; ++i) {
    const std::int64_t of_a = a.part(i), of_b = b.part(i);
    out.equal += of_a != 0 && of_a == of_b;
    out.either += of_a != 0 || of_b != 0;
    out.own_of_a = out.own_of_a || of_a > of_b;
    out.own_of_b = out.own_of_b || of_b > of_a;
  }
  return out;
}

bool covers(const End& whole, const End& part) { return whole.first <= part.row[1] && part.row[2] <= whole.last; }

}  // namespace

void add_shared_ends(const Table& ends, const std::set<std::string>& nameless, Duplicates& found) {
  const Table rows = true_ends(ends);
  std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::int64_t>> spans;  // (class, item)
  for (const auto& [key, row] : rows.rows()) {
    const auto [at, fresh] = spans.try_emplace({key[1], key[0]}, row[1], row[2]);
    at->second = {std::min(at->second.first, row[1]), std::max(at->second.second, row[2])};
  }
  std::map<std::pair<std::string, std::int64_t>, std::vector<End>> places;  // (class, hour)
  for (const auto& [key, row] : rows.rows()) {
    if (found.left_out.contains({key[0], key[2]})) continue;
    const auto& [first, last] = spans.at({key[1], key[0]});
    places[{key[1], parse_int(key[2]).value_or(0)}].push_back({{nameless.contains(key[0]), key[0]}, row, first, last});
  }
  for (auto& [place, items] : places) {
    const std::string hour = std::to_string(place.second);
    std::sort(items.begin(), items.end(), [](const End& a, const End& b) { return a.item < b.item; });
    // Who has a hash in common with whom.
    std::map<std::pair<std::size_t, std::int64_t>, std::vector<std::size_t>> holders;
    for (std::size_t n = 0; n < items.size(); ++n) {
      for (std::size_t i = 0; i < kEndParts; ++i) {
        if (items[n].part(i) == 0) continue;
        std::vector<std::size_t>& of = holders[{i, items[n].part(i)}];
        if (of.size() < kMostAlike) of.push_back(n);
      }
    }
    std::set<std::pair<std::size_t, std::size_t>> pairs;
    for (const auto& [part, of] : holders) {
      for (std::size_t a = 0; a < of.size(); ++a) {
        for (std::size_t b = a + 1; b < of.size(); ++b) pairs.emplace(of[a], of[b]);
      }
    }
    for (const auto& [first, second] : pairs) {
      const End &a = items[first], &b = items[second];
      if (found.left_out.contains({a.item.second, hour}) || found.left_out.contains({b.item.second, hour})) continue;
      const Alike alike = compare(a, b);
      if (alike.equal < kFewestAlike) continue;
      const End* copy = nullptr;
      if (!alike.own_of_b && covers(a, b)) copy = &b;
      if (copy == nullptr && !alike.own_of_a && covers(b, a)) copy = &a;
      if (copy != nullptr) {
        const auto records = static_cast<std::uint64_t>(copy->records());
        found.left_out.emplace(copy->item.second, hour);
        found.pairs[{copy->item.second, (copy == &a ? b : a).item.second}] += records;
        found.records += records;
        continue;
      }
      const std::int64_t both = a.records() + b.records();
      const std::int64_t about =
          std::min({both * alike.equal / (alike.either + alike.equal), a.records(), b.records()});
      Duplicates::Shared& shared = found.shared[{b.item.second, a.item.second}];
      if (shared.hours++ == 0) shared.first_hour = place.second;
      shared.records += static_cast<std::uint64_t>(std::max<std::int64_t>(about, 1));
      found.shared_hours.emplace(a.item.second, hour);
      found.shared_hours.emplace(b.item.second, hour);
    }
  }
}

Table shared_hours_table(const Duplicates& duplicates) {
  Table out(TableSpec{"shared_hours", {"item", "hour"}, {"shared"}, {Merge::max}});
  for (const auto& [item, hour] : duplicates.shared_hours) out.add({item, hour}, std::vector<std::int64_t>{1});
  return out;
}

Duplicates find_duplicates(const Table& sketch, const std::map<std::string, std::string>& copies,
                           const std::set<std::string>& nameless) {
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
    classes[key[1]][parse_int(key[2]).value_or(0)][{nameless.contains(item), item}] = {row[0], row[1]};
  }
  for (const auto& [klass, hours] : classes) {
    // Equal hours first: of items with equal cells the smallest chain is kept.
    std::map<std::pair<Item, std::int64_t>, Item> copy_of;  // (item, hour) -> kept item
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
    // Merged exports: an hour that several other items hold together.
    for (const auto& [hour, items] : hours) {
      for (const auto& [item, whole] : items) {
        if (whole.records < kFewestMerged || edges.contains({item, hour})) continue;
        std::vector<std::pair<Item, Cell>> others;
        for (const auto& [other, cell] : items) {
          if (other != item && cell.records < whole.records && !edges.contains({other, hour}))
            others.emplace_back(other, cell);
        }
        if (others.size() < 2 || others.size() > kMostParts) continue;
        const std::vector<Item> parts = parts_of(whole, others);
        if (parts.empty()) continue;
        const auto records = static_cast<std::uint64_t>(whole.records);
        out.left_out.emplace(item.second, std::to_string(hour));
        Duplicates::Sum& sum = out.sums[item.second];
        sum.records += records;
        for (const Item& part : parts) sum.of.insert(part.second);
        out.records += records;
      }
    }
    for (const auto& [where, kept] : edges) {
      const auto& [item, hour] = where;
      const std::uint64_t records = static_cast<std::uint64_t>(hours.at(hour).at(item).records);
      out.left_out.emplace(item.second, std::to_string(hour));
      out.pairs[{item.second, kept.second}] += records;
      out.records += records;
    }
  }
  return out;
}

Table without_copies(Table table, const Duplicates& duplicates, const std::map<std::string, std::string>& copies) {
  const TableSpec& spec = table.spec();
  // Most runs have no copies: a large table is not held twice.
  if (spec.keys.empty() || spec.keys.front() != "item" || (copies.empty() && duplicates.left_out.empty())) return table;
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
