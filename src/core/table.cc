#include "core/table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "core/hash.h"

namespace assay {
namespace {

constexpr std::size_t kFirstSlots = 16;

std::uint64_t hash_of(std::span<const std::uint32_t> key) {
  return hash64({reinterpret_cast<const char*>(key.data()), key.size_bytes()});
}

template <class Number>
std::int64_t number_at(const char* bytes, std::size_t i) {
  Number out;
  std::memcpy(&out, bytes + i * sizeof out, sizeof out);
  return out;
}

template <class Number>
void put_number(char* bytes, std::size_t i, std::int64_t value) {
  const auto out = static_cast<Number>(value);
  std::memcpy(bytes + i * sizeof out, &out, sizeof out);
}

std::uint8_t width_of(std::int64_t value) {
  if (value == 0) return 0;
  if (value == static_cast<std::int8_t>(value)) return 1;
  if (value == static_cast<std::int16_t>(value)) return 2;
  return value == static_cast<std::int32_t>(value) ? 4 : 8;
}

std::int64_t read_number(const char* bytes, std::uint8_t width, std::size_t i) {
  switch (width) {
    case 0:
      return 0;
    case 1:
      return number_at<std::int8_t>(bytes, i);
    case 2:
      return number_at<std::int16_t>(bytes, i);
    case 4:
      return number_at<std::int32_t>(bytes, i);
    default:
      return number_at<std::int64_t>(bytes, i);
  }
}

void write_number(char* bytes, std::uint8_t width, std::size_t i, std::int64_t value) {
  switch (width) {
    case 0:
      return;
    case 1:
      return put_number<std::int8_t>(bytes, i, value);
    case 2:
      return put_number<std::int16_t>(bytes, i, value);
    case 4:
      return put_number<std::int32_t>(bytes, i, value);
    default:
      return put_number<std::int64_t>(bytes, i, value);
  }
}

// More slots, filled with 1, 2 ... by the hashes of what they number.
template <class Hash>
void grow(std::vector<std::uint32_t>& slots, std::size_t entries, const Hash& hash) {
  slots.assign(std::bit_ceil(std::max(kFirstSlots, entries + entries / 2 + 2)), 0);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < entries; ++i) {
    std::size_t at = hash(i) & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
}

std::int64_t merged(std::int64_t a, std::int64_t b, Merge how) {
  switch (how) {
    case Merge::sum:
      if (std::int64_t sum = 0; !__builtin_add_overflow(a, b, &sum)) return sum;
      return b < 0 ? INT64_MIN : INT64_MAX;
    case Merge::min:
      return std::min(a, b);
    case Merge::max:
      return std::max(a, b);
    case Merge::bit_or:
      return a | b;
  }
  return a;
}

}  // namespace

NumberRows& NumberRows::operator=(const NumberRows& other) {
  if (this == &other) return *this;
  columns_ = other.columns_;
  rows_ = other.rows_;
  blocks_.clear();
  blocks_.resize(other.blocks_.size());
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Column& from = other.blocks_[i];
    if (from.width == 0) continue;
    blocks_[i].width = from.width;
    blocks_[i].bytes = std::make_unique_for_overwrite<char[]>(kBlock * from.width);
    std::copy_n(from.bytes.get(), kBlock * from.width, blocks_[i].bytes.get());
  }
  return *this;
}

std::int64_t NumberRows::get(std::size_t row, std::size_t column) const {
  const Column& c = blocks_[row / kBlock * columns_ + column];
  return read_number(c.bytes.get(), c.width, row % kBlock);
}

void NumberRows::set(std::size_t row, std::size_t column, std::int64_t value) {
  Column& c = blocks_[row / kBlock * columns_ + column];
  if (width_of(value) > c.width) widen(c, width_of(value));
  write_number(c.bytes.get(), c.width, row % kBlock, value);
}

void NumberRows::widen(Column& column, std::uint8_t width) {
  auto wide = std::make_unique<char[]>(kBlock * width);
  for (std::size_t i = 0; column.width > 0 && i < kBlock; ++i)
    write_number(wide.get(), width, i, read_number(column.bytes.get(), column.width, i));
  column.bytes = std::move(wide);
  column.width = width;
}

TableKey Table::KeyView::copy() const {
  TableKey out;
  out.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) out.push_back((*this)[i]);
  return out;
}

TableRow Table::RowView::copy() const {
  TableRow out;
  out.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) out.push_back((*this)[i]);
  return out;
}

std::uint32_t Table::number_of(std::string_view text) {
  if (texts_.size() * 4 >= text_slots_.size() * 3)
    grow(text_slots_, texts_.size(), [&](std::size_t i) { return hash64(texts_[i]); });
  const std::size_t mask = text_slots_.size() - 1;
  std::size_t at = hash64(text) & mask;
  for (; text_slots_[at] != 0; at = (at + 1) & mask) {
    if (texts_[text_slots_[at] - 1] == text) return text_slots_[at] - 1;
  }
  texts_.emplace_back(text);
  text_slots_[at] = static_cast<std::uint32_t>(texts_.size());
  return text_slots_[at] - 1;
}

std::uint64_t Table::hash_of_row(std::size_t row) const {
  std::uint32_t key[64];
  const std::size_t keys = std::min<std::size_t>(numbers_.columns(), 64);
  for (std::size_t i = 0; i < keys; ++i) key[i] = static_cast<std::uint32_t>(numbers_.get(row, i));
  return hash_of({key, keys});
}

std::size_t Table::row_of(std::span<const std::uint32_t> key, bool& fresh) {
  if (size() * 4 >= row_slots_.size() * 3) grow(row_slots_, size(), [&](std::size_t i) { return hash_of_row(i); });
  const std::size_t mask = row_slots_.size() - 1;
  std::size_t at = hash_of(key.first(std::min<std::size_t>(key.size(), 64))) & mask;
  for (; row_slots_[at] != 0; at = (at + 1) & mask) {
    const std::size_t row = row_slots_[at] - 1;
    std::size_t same = 0;
    while (same < key.size() && numbers_.get(row, same) == static_cast<std::int64_t>(key[same])) ++same;
    if (same < key.size()) continue;
    fresh = false;
    return row;
  }
  const std::size_t row = size();
  numbers_.add_row();
  values_.add_row();
  for (std::size_t i = 0; i < key.size(); ++i) numbers_.set(row, i, key[i]);
  row_slots_[at] = static_cast<std::uint32_t>(row + 1);
  fresh = true;
  return row;
}

template <class Values>
void Table::add_numbers(std::span<const std::uint32_t> key, const Values& values) {
  bool fresh = false;
  const std::size_t row = row_of(key, fresh), columns = values_.columns();
  for (std::size_t i = 0; i < columns && i < values.size(); ++i) {
    const std::int64_t value = values[i];
    values_.set(row, i, fresh ? value : merged(values_.get(row, i), value, spec_.merges[i]));
  }
}

void Table::add(const TableKey& key, std::span<const std::int64_t> values) {
  scratch_.clear();
  for (std::size_t i = 0; i < numbers_.columns(); ++i)
    scratch_.push_back(number_of(i < key.size() ? std::string_view(key[i]) : std::string_view()));
  add_numbers(scratch_, values);
}

void Table::add(const KeyView& key, const RowView& values) { add(key.copy(), values.copy()); }

void Table::merge(const Table& other) {
  constexpr std::uint32_t kUnknown = UINT32_MAX;
  const std::size_t keys = std::min(numbers_.columns(), other.numbers_.columns());
  std::vector<std::uint32_t> ours(other.texts_.size(), kUnknown), key(numbers_.columns());
  for (std::size_t r = 0; r < other.size(); ++r) {
    for (std::size_t i = 0; i < keys; ++i) {
      const auto theirs = static_cast<std::size_t>(other.numbers_.get(r, i));
      if (ours[theirs] == kUnknown) ours[theirs] = number_of(other.texts_[theirs]);
      key[i] = ours[theirs];
    }
    add_numbers(std::span<const std::uint32_t>(key), RowView(&other.values_, r));
  }
}

std::vector<std::uint32_t> Table::texts_in_order() const {
  std::vector<std::uint32_t> out(texts_.size());
  std::iota(out.begin(), out.end(), 0U);
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) { return texts_[a] < texts_[b]; });
  return out;
}

void Table::sort() const {
  // Texts are compared once, rows by the ranks of theirs.
  const std::vector<std::uint32_t> by_text = texts_in_order();
  std::vector<std::uint32_t> rank(texts_.size());
  for (std::uint32_t i = 0; i < by_text.size(); ++i) rank[by_text[i]] = i;
  order_.resize(size());
  order_.shrink_to_fit();
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t i = 0; i < numbers_.columns(); ++i) {
      const std::int64_t x = numbers_.get(a, i), y = numbers_.get(b, i);
      if (x != y) return rank[static_cast<std::size_t>(x)] < rank[static_cast<std::size_t>(y)];
    }
    return false;
  });
  row_slots_ = {};  // a table that is read is rarely added to again; then they are made anew
}

Table::Rows Table::rows() const {
  if (order_.size() != size()) sort();  // rows are only ever added, or all taken away
  return Rows(this);
}

std::optional<TableRow> Table::find(const TableKey& key) const {
  for (const auto& [at, values] : rows()) {
    if (at.copy() == key) return values.copy();
  }
  return std::nullopt;
}

void Table::clear() { *this = Table(std::move(spec_)); }

void Table::save(Writer& out) const {
  out.str(spec_.name);
  out.var(spec_.keys.size());
  for (const std::string& key : spec_.keys) out.str(key);
  out.var(spec_.columns.size());
  for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
    out.str(spec_.columns[i]);
    out.u8(static_cast<std::uint8_t>(spec_.merges[i]));
  }
  // Each text once, in order, so that equal tables are equal bytes; then the rows by the places of theirs.
  const std::vector<std::uint32_t> by_text = texts_in_order();
  std::vector<std::uint32_t> place(texts_.size());
  out.var(texts_.size());
  for (std::uint32_t i = 0; i < by_text.size(); ++i) {
    out.str(texts_[by_text[i]]);
    place[by_text[i]] = i;
  }
  out.var(size());
  (void)rows();
  for (const std::uint32_t row : order_) {
    for (std::size_t i = 0; i < numbers_.columns(); ++i) out.var(place[static_cast<std::size_t>(numbers_.get(row, i))]);
    for (std::size_t i = 0; i < values_.columns(); ++i) {
      const std::int64_t value = values_.get(row, i);
      out.var(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));  // small either way
    }
  }
}

bool Table::load(Reader& in) {
  *this = Table();
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
  numbers_ = NumberRows(spec_.keys.size());
  values_ = NumberRows(spec_.columns.size());
  std::vector<std::uint32_t> texts;
  const std::uint64_t count = in.var();
  for (std::uint64_t i = 0; i < count && in.good(); ++i) texts.push_back(number_of(in.str()));
  const std::uint64_t rows = in.var();
  if (spec_.keys.size() + spec_.columns.size() == 0 && rows > 1) return false;
  std::vector<std::uint32_t> key;
  TableRow row;
  for (std::uint64_t i = 0; i < rows && in.good(); ++i) {
    key.clear();
    row.clear();
    for (std::size_t k = 0; k < spec_.keys.size(); ++k) {
      const std::uint64_t place = in.var();
      if (place >= texts.size()) return false;
      key.push_back(texts[place]);
    }
    for (std::size_t c = 0; c < spec_.columns.size(); ++c) {
      const std::uint64_t value = in.var();
      row.push_back(static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1));
    }
    if (in.good()) add_numbers(std::span<const std::uint32_t>(key), row);
  }
  return in.good();
}

bool operator==(const Table& a, const Table& b) {
  if (a.size() != b.size()) return false;
  const Table::Rows x = a.rows(), y = b.rows();
  return std::equal(x.begin(), x.end(), y.begin(), [](const auto& one, const auto& other) {
    return one.first.copy() == other.first.copy() && one.second.copy() == other.second.copy();
  });
}

}  // namespace assay
