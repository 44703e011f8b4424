// A mergeable table: text keys to integer columns, each column with its own merge (sum, min, max, or). Workers fill one
// per unit and analytic; merging is exact and independent of order, so the answer is (DESIGN.md, law 2).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/serial.h"

namespace assay {

enum class Merge : std::uint8_t { sum, min, max, bit_or };

struct TableSpec {
  std::string name;                  // "flows"
  std::vector<std::string> keys;     // "item", "src", "dst", "port", "hour"
  std::vector<std::string> columns;  // "bytes_out"
  std::vector<Merge> merges;         // one for each column
};

using TableKey = std::vector<std::string>;
using TableRow = std::vector<std::int64_t>;

class Table {
 public:
  Table() = default;
  explicit Table(TableSpec spec) : spec_(std::move(spec)) {}
  [[nodiscard]] const TableSpec& spec() const { return spec_; }
  void add(TableKey key, std::span<const std::int64_t> values);
  void merge(const Table& other);
  [[nodiscard]] const std::map<TableKey, TableRow>& rows() const { return rows_; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  void clear() { rows_.clear(); }

  void save(Writer& out) const;
  // False when the bytes are not a table; what was read before stays.
  [[nodiscard]] bool load(Reader& in);

 private:
  TableSpec spec_;
  std::map<TableKey, TableRow> rows_;
};

}  // namespace assay
