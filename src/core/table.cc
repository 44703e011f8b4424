#include "core/table.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/hash.h"

namespace assay {
namespace {

constexpr std::size_t kFirstSlots = 16;

std::uint32_t hash_of(std::span<const std::uint32_t> key) {
  const std::uint64_t hash = hash64({reinterpret_cast<const char*>(key.data()), key.size_bytes()});
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

// Twice as many slots, filled with 1, 2 ... by the hashes of what they number.
template <class Hash>
void grow(std::vector<std::uint32_t>& slots, std::size_t entries, const Hash& hash) {
  slots.assign(std::bit_ceil(std::max(kFirstSlots, entries * 2 + 2)), 0);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < entries; ++i) {
    std::size_t at = hash(i) & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
}

void merge_into(std::int64_t& to, std::int64_t value, Merge how) {
  switch (how) {
    case Merge::sum:
      if (__builtin_add_overflow(to, value, &to)) to = value < 0 ? INT64_MIN : INT64_MAX;
      return;
    case Merge::min:
      to = std::min(to, value);
      return;
    case Merge::max:
      to = std::max(to, value);
      return;
    case Merge::bit_or:
      to |= value;
      return;
  }
}

}  // namespace

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

void Table::add(const TableKey& key, std::span<const std::int64_t> values) {
  scratch_.clear();
  for (std::size_t i = 0; i < spec_.keys.size(); ++i)
    scratch_.push_back(number_of(i < key.size() ? std::string_view(key[i]) : std::string_view()));
  add(scratch_, values);
}

void Table::add(const KeyView& key, RowView values) {
  scratch_.clear();
  for (std::size_t i = 0; i < spec_.keys.size(); ++i)
    scratch_.push_back(number_of(i < key.size() ? std::string_view(key[i]) : std::string_view()));
  add(scratch_, values);
}

void Table::add(std::span<const std::uint32_t> key, std::span<const std::int64_t> values) {
  const std::size_t keys = spec_.keys.size(), columns = spec_.columns.size();
  if (size() * 4 >= row_slots_.size() * 3) grow(row_slots_, size(), [&](std::size_t i) { return hashes_[i]; });
  const std::uint32_t hash = hash_of(key);
  const std::size_t mask = row_slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; row_slots_[at] != 0; at = (at + 1) & mask) {
    const std::size_t row = row_slots_[at] - 1;
    if (hashes_[row] != hash ||
        !std::equal(key.begin(), key.end(), numbers_.begin() + static_cast<std::ptrdiff_t>(row * keys)))
      continue;
    for (std::size_t i = 0; i < columns && i < values.size(); ++i)
      merge_into(values_[row * columns + i], values[i], spec_.merges[i]);
    return;
  }
  numbers_.insert(numbers_.end(), key.begin(), key.end());
  for (std::size_t i = 0; i < columns; ++i) values_.push_back(i < values.size() ? values[i] : 0);
  hashes_.push_back(hash);
  row_slots_[at] = static_cast<std::uint32_t>(size());
}

void Table::merge(const Table& other) {
  constexpr std::uint32_t kUnknown = UINT32_MAX;
  const std::size_t keys = spec_.keys.size();
  std::vector<std::uint32_t> ours(other.texts_.size(), kUnknown), key(keys);
  for (std::size_t r = 0; r < other.size(); ++r) {
    for (std::size_t i = 0; i < keys; ++i) {
      const std::uint32_t theirs = other.numbers_[r * keys + i];
      if (ours[theirs] == kUnknown) ours[theirs] = number_of(other.texts_[theirs]);
      key[i] = ours[theirs];
    }
    add(key, other.row(r).second);
  }
}

void Table::sort() const {
  // Texts are compared once, rows by the ranks of theirs.
  std::vector<std::uint32_t> by_text(texts_.size()), rank(texts_.size());
  std::iota(by_text.begin(), by_text.end(), 0U);
  std::sort(by_text.begin(), by_text.end(), [&](std::uint32_t a, std::uint32_t b) { return texts_[a] < texts_[b]; });
  for (std::uint32_t i = 0; i < by_text.size(); ++i) rank[by_text[i]] = i;
  const std::size_t keys = spec_.keys.size();
  order_.resize(size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t* const x = numbers_.data() + a * keys;
    const std::uint32_t* const y = numbers_.data() + b * keys;
    for (std::size_t i = 0; i < keys; ++i) {
      if (x[i] != y[i]) return rank[x[i]] < rank[y[i]];
    }
    return false;
  });
}

Table::Rows Table::rows() const {
  if (order_.size() != size()) sort();  // rows are only ever added, or all taken away
  return Rows(this);
}

Table::RowView Table::find(const TableKey& key) const {
  for (std::size_t r = 0; r < size(); ++r) {
    const auto [at, values] = row(r);
    if (at.copy() == key) return values;
  }
  return {};
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
  out.var(size());
  for (const auto& [key, row] : rows()) {
    for (std::size_t i = 0; i < key.size(); ++i) out.str(key[i]);
    for (const std::int64_t value : row) out.i64(value);
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
  const std::uint64_t rows = in.var();
  std::vector<std::uint32_t> key;
  TableRow row;
  for (std::uint64_t i = 0; i < rows && in.good(); ++i) {
    key.clear();
    row.clear();
    for (std::size_t k = 0; k < spec_.keys.size(); ++k) key.push_back(number_of(in.str()));
    for (std::size_t c = 0; c < spec_.columns.size(); ++c) row.push_back(in.i64());
    if (in.good()) add(key, row);
  }
  return in.good();
}

bool operator==(const Table& a, const Table& b) {
  if (a.size() != b.size()) return false;
  const Table::Rows x = a.rows(), y = b.rows();
  return std::equal(x.begin(), x.end(), y.begin(), [](const auto& one, const auto& other) {
    return one.first.copy() == other.first.copy() &&
           std::equal(one.second.begin(), one.second.end(), other.second.begin(), other.second.end());
  });
}

}  // namespace assay
