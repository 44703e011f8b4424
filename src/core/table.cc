#include "core/table.h"

#include <algorithm>

namespace assay {

void Table::add(TableKey key, std::span<const std::int64_t> values) {
  const auto [at, fresh] = rows_.try_emplace(std::move(key), values.begin(), values.end());
  if (fresh) return;
  TableRow& row = at->second;
  for (std::size_t i = 0; i < row.size() && i < values.size(); ++i) {
    switch (spec_.merges[i]) {
      case Merge::sum:
        if (__builtin_add_overflow(row[i], values[i], &row[i])) row[i] = values[i] < 0 ? INT64_MIN : INT64_MAX;
        break;
      case Merge::min:
        row[i] = std::min(row[i], values[i]);
        break;
      case Merge::max:
        row[i] = std::max(row[i], values[i]);
        break;
      case Merge::bit_or:
        row[i] |= values[i];
        break;
    }
  }
}

void Table::merge(const Table& other) {
  for (const auto& [key, row] : other.rows_) add(key, row);
}

void Table::save(Writer& out) const {
  out.str(spec_.name);
  out.var(spec_.keys.size());
  for (const std::string& key : spec_.keys) out.str(key);
  out.var(spec_.columns.size());
  for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
    out.str(spec_.columns[i]);
    out.u8(static_cast<std::uint8_t>(spec_.merges[i]));
  }
  out.var(rows_.size());
  for (const auto& [key, row] : rows_) {
    for (const std::string& part : key) out.str(part);
    for (const std::int64_t value : row) out.i64(value);
  }
}

bool Table::load(Reader& in) {
  spec_ = {};
  rows_.clear();
  spec_.name = in.str();
  const std::uint64_t keys = in.var();
  for (std::uint64_t i = 0; i < keys && in.good(); ++i) spec_.keys.emplace_back(in.str());
  const std::uint64_t columns = in.var();
  for (std::uint64_t i = 0; i < columns && in.good(); ++i) {
    spec_.columns.emplace_back(in.str());
    const std::uint8_t merge = in.u8();
    if (merge > static_cast<std::uint8_t>(Merge::bit_or)) return false;
    spec_.merges.push_back(static_cast<Merge>(merge));
  }
  const std::uint64_t rows = in.var();
  for (std::uint64_t i = 0; i < rows && in.good(); ++i) {
    TableKey key;
    for (std::size_t k = 0; k < spec_.keys.size(); ++k) key.emplace_back(in.str());
    TableRow row;
    for (std::size_t c = 0; c < spec_.columns.size(); ++c) row.push_back(in.i64());
    if (in.good()) add(std::move(key), row);
  }
  return in.good();
}

}  // namespace assay
