// A mergeable table: text keys to integer columns, each column with its own merge (sum, min, max, or). Workers fill one
// per unit and analytic; merging is exact and independent of order, so the answer is (DESIGN.md, law 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
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

// PERF NOTE (docs/performance.md): a month of a large site makes millions of rows, whose keys are the same few texts
// over and over. Each text stands once; a row is 4 bytes for a key and 8 for a column. As a map of vectors of texts a
// row took 800 bytes.
class Table {
 public:
  // Views of a row; they live until the table is changed.
  class KeyView {
   public:
    KeyView(const std::deque<std::string>* texts, const std::uint32_t* numbers, std::size_t size)
        : texts_(texts), numbers_(numbers), size_(size) {}
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const std::string& operator[](std::size_t i) const { return (*texts_)[numbers_[i]]; }
    [[nodiscard]] const std::string& front() const { return (*this)[0]; }
    [[nodiscard]] const std::string& back() const { return (*this)[size_ - 1]; }
    [[nodiscard]] TableKey copy() const {
      TableKey out;
      out.reserve(size_);
      for (std::size_t i = 0; i < size_; ++i) out.push_back((*this)[i]);
      return out;
    }

   private:
    const std::deque<std::string>* texts_;
    const std::uint32_t* numbers_;
    std::size_t size_;
  };
  using RowView = std::span<const std::int64_t>;

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
  explicit Table(TableSpec spec) : spec_(std::move(spec)) {}
  [[nodiscard]] const TableSpec& spec() const { return spec_; }
  // As many parts as the spec has keys; values beyond its columns are left out, missing ones are 0.
  void add(const TableKey& key, std::span<const std::int64_t> values);
  void add(const KeyView& key, RowView values);  // of another table
  void merge(const Table& other);
  // Sorts once after a change: not for several threads at a time.
  [[nodiscard]] Rows rows() const;
  // The row of a key; empty when there is none.
  [[nodiscard]] RowView find(const TableKey& key) const;
  [[nodiscard]] std::size_t size() const { return hashes_.size(); }
  void clear();

  void save(Writer& out) const;
  // False when the bytes are not a table; what was read before stays.
  [[nodiscard]] bool load(Reader& in);
  // The same rows; specs are not looked at.
  friend bool operator==(const Table& a, const Table& b);

 private:
  [[nodiscard]] std::pair<KeyView, RowView> row(std::size_t number) const {
    const std::size_t keys = spec_.keys.size(), columns = spec_.columns.size();
    return {KeyView(&texts_, numbers_.data() + number * keys, keys),
            RowView(values_.data() + number * columns, columns)};
  }
  [[nodiscard]] std::uint32_t number_of(std::string_view text);
  void add(std::span<const std::uint32_t> key, std::span<const std::int64_t> values);
  void sort() const;

  TableSpec spec_;
  std::deque<std::string> texts_;          // by number
  std::vector<std::uint32_t> text_slots_;  // open addressing: number + 1
  std::vector<std::uint32_t> numbers_;     // of the parts of the keys, row after row
  std::vector<std::int64_t> values_;       // row after row
  std::vector<std::uint32_t> hashes_;      // of the rows' keys
  std::vector<std::uint32_t> row_slots_;   // open addressing: row + 1
  std::vector<std::uint32_t> scratch_;
  mutable std::vector<std::uint32_t> order_;  // rows by key; shorter than they are: to be made
};

}  // namespace assay
