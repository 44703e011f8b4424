// A mergeable table: text keys to integer columns, each column with its own merge (sum, min, max, or). Workers fill one
// per unit and analytic; merging is exact and independent of order, so the answer is (DESIGN.md, law 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

// Numbers in rows, each column of a block of rows as wide as its widest number there needs.
class NumberRows {
 public:
  NumberRows() = default;
  explicit NumberRows(std::size_t columns) : columns_(columns) {}
  NumberRows(const NumberRows& other) { *this = other; }
  NumberRows& operator=(const NumberRows& other);
  NumberRows(NumberRows&&) noexcept = default;
  NumberRows& operator=(NumberRows&&) noexcept = default;
  ~NumberRows() = default;

  [[nodiscard]] std::size_t size() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  void add_row() {  // of zeros
    if (rows_++ % kBlock == 0) blocks_.resize(blocks_.size() + columns_);
  }
  [[nodiscard]] std::int64_t get(std::size_t row, std::size_t column) const;
  void set(std::size_t row, std::size_t column, std::int64_t value);

 private:
  static constexpr std::size_t kBlock = 256;
  struct Column {
    std::unique_ptr<char[]> bytes;
    std::uint8_t width = 0;  // 0: zeros
  };
  static void widen(Column& column, std::uint8_t width);

  std::size_t columns_ = 0, rows_ = 0;
  std::vector<Column> blocks_;  // block after block, each with all columns
};

// PERF NOTE (docs/performance.md): a month of a large site makes millions of rows, whose keys are the same few texts
// over and over and whose numbers are mostly small. Each text stands once, and a row takes some forty bytes; as a map
// of vectors it took 800.
class Table {
 public:
  // Views of a row; they live until the table is changed or moved.
  class KeyView {
   public:
    KeyView(const std::deque<std::string>* texts, const NumberRows* numbers, std::size_t row)
        : texts_(texts), numbers_(numbers), row_(row) {}
    [[nodiscard]] std::size_t size() const { return numbers_->columns(); }
    [[nodiscard]] const std::string& operator[](std::size_t i) const {
      return (*texts_)[static_cast<std::size_t>(numbers_->get(row_, i))];
    }
    [[nodiscard]] const std::string& front() const { return (*this)[0]; }
    [[nodiscard]] const std::string& back() const { return (*this)[size() - 1]; }
    [[nodiscard]] TableKey copy() const;

   private:
    const std::deque<std::string>* texts_;
    const NumberRows* numbers_;
    std::size_t row_;
  };
  class RowView {
   public:
    RowView(const NumberRows* numbers, std::size_t row) : numbers_(numbers), row_(row) {}
    [[nodiscard]] std::size_t size() const { return numbers_->columns(); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::int64_t operator[](std::size_t i) const { return numbers_->get(row_, i); }
    [[nodiscard]] TableRow copy() const;

   private:
    const NumberRows* numbers_;
    std::size_t row_;
  };

  // In order of their keys, part by part.
  class Rows {
   public:
    class Iterator {
     public:
      using iterator_category = std::input_iterator_tag;
      using value_type = std::pair<KeyView, RowView>;
      using difference_type = std::ptrdiff_t;
      using reference = value_type;
      struct pointer {
        value_type value;
        const value_type* operator->() const { return &value; }
      };
      Iterator(const Table* table, std::size_t at) : table_(table), at_(at) {}
      value_type operator*() const { return table_->row(table_->order_[at_]); }
      pointer operator->() const { return {**this}; }
      Iterator& operator++() {
        ++at_;
        return *this;
      }
      friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

     private:
      const Table* table_;
      std::size_t at_;
    };
    explicit Rows(const Table* table) : table_(table) {}
    [[nodiscard]] Iterator begin() const { return {table_, 0}; }
    [[nodiscard]] Iterator end() const { return {table_, table_->size()}; }
    [[nodiscard]] std::size_t size() const { return table_->size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

   private:
    const Table* table_;
  };

  Table() = default;
  explicit Table(TableSpec spec) : spec_(std::move(spec)), numbers_(spec_.keys.size()), values_(spec_.columns.size()) {}
  [[nodiscard]] const TableSpec& spec() const { return spec_; }
  // As many parts as the spec has keys; values beyond its columns are left out, missing ones are 0.
  void add(const TableKey& key, std::span<const std::int64_t> values);
  void add(const KeyView& key, const RowView& values);  // of another table
  void merge(const Table& other);
  // Sorts once after a change: not for several threads at a time.
  [[nodiscard]] Rows rows() const;
  [[nodiscard]] std::optional<TableRow> find(const TableKey& key) const;
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  void clear();

  void save(Writer& out) const;
  // False when the bytes are not a table; what was read before stays.
  [[nodiscard]] bool load(Reader& in);
  // The same rows; specs are not looked at.
  friend bool operator==(const Table& a, const Table& b);

 private:
  [[nodiscard]] std::pair<KeyView, RowView> row(std::size_t number) const {
    return {KeyView(&texts_, &numbers_, number), RowView(&values_, number)};
  }
  [[nodiscard]] std::uint32_t number_of(std::string_view text);
  [[nodiscard]] std::uint64_t hash_of_row(std::size_t row) const;
  // The row of a key, made when there is none.
  std::size_t row_of(std::span<const std::uint32_t> key, bool& fresh);
  template <class Values>
  void add_numbers(std::span<const std::uint32_t> key, const Values& values);
  [[nodiscard]] std::vector<std::uint32_t> texts_in_order() const;
  void sort() const;

  TableSpec spec_;
  std::deque<std::string> texts_;          // by number
  std::vector<std::uint32_t> text_slots_;  // open addressing: number + 1
  NumberRows numbers_;                     // of the parts of the keys
  NumberRows values_;
  std::vector<std::uint32_t> scratch_;
  mutable std::vector<std::uint32_t> row_slots_;  // open addressing: row + 1; empty: to be made
  mutable std::vector<std::uint32_t> order_;      // rows by key; shorter than they are: to be made
};

}  // namespace assay
