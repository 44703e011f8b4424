// A Record is one observed fact in the evidence: where its bytes are, which shape and route it has, when it happened,
// and the values that the plans in force asked for. Values are views into the record's bytes or into the table's own
// store; they live until the next record is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace assay {

enum class ValueKind : std::uint8_t { absent, null, boolean, number, string };

// Text is unescaped. A number keeps the digits of its source; a boolean is "true" or "false"; null and absent are
// empty.
struct Value {
  ValueKind kind = ValueKind::absent;
  std::string_view text;
  [[nodiscard]] bool present() const { return kind != ValueKind::absent; }
};

// A value as its record writes it: `encoded` when the text is still to be decoded (a JSON string with escapes). Equal
// raw values of one reader are equal values.
struct RawValue {
  ValueKind kind = ValueKind::absent;
  bool encoded = false;
  std::string_view text;
};

// Decodes a text into `out`.
using ValueDecoder = void (*)(std::string_view text, std::string& out);

// The place of a projected path in a FieldTable.
using Slot = std::uint32_t;

// The paths that somebody wants of the records of one shape. A path is the record's own names, nested ones joined with
// '.':
// {"winlog":{"event_id":1}} and {"winlog.event_id":1} both have the path winlog.event_id; the elements of a list share
// their path.
class Projection {
 public:
  Slot add(std::string_view path) {
    const auto at = index_.find(path);
    if (at != index_.end()) return at->second;
    const auto slot = static_cast<Slot>(paths_.size());
    paths_.emplace_back(path);
    index_.emplace(paths_.back(), slot);
    for (const char c : path) fingerprint_ = (fingerprint_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    fingerprint_ = (fingerprint_ ^ 256) * 1099511628211ULL;
    return slot;
  }
  [[nodiscard]] std::optional<Slot> find(std::string_view path) const {
    const auto at = index_.find(path);
    return at == index_.end() ? std::nullopt : std::optional<Slot>(at->second);
  }
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }
  [[nodiscard]] std::size_t size() const { return paths_.size(); }
  // The same for the same paths in the same order: by it a reader finds what it has prepared for a projection.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  std::vector<std::string> paths_;
  std::map<std::string, Slot, std::less<>> index_;
  std::uint64_t fingerprint_ = 14695981039346656037ULL;  // FNV-1a over the paths, each ended by 256
};

// The values of one record by slot. A path may have several values (lists, repeated keys); all count, in record order.
// What its record writes encoded is decoded when somebody asks for the text, once.
class FieldTable {
 public:
  void reset(std::size_t slots) {
    ends_.assign(slots, Ends{});
    used_ = 0;
    store_used_ = 0;
  }
  [[gnu::always_inline]] void add(Slot slot, const Value& value) { append(slot, value.kind, value.text, false); }
  // `text` must live as long as the record, and `decoder` be the same for all of a record's values.
  void add_encoded(Slot slot, ValueKind kind, std::string_view text, ValueDecoder decoder) {
    decoder_ = decoder;
    append(slot, kind, text, true);
  }
  [[nodiscard]] std::size_t slots() const { return ends_.size(); }
  [[nodiscard]] bool has(Slot slot) const { return slot < ends_.size() && ends_[slot].first != kNone; }
  // The first value, or an absent one.
  [[nodiscard]] Value first(Slot slot) const { return has(slot) ? decoded(cells_[ends_[slot].first]) : Value{}; }
  template <class F>
  void each(Slot slot, F&& f) const {
    if (slot >= ends_.size()) return;
    for (std::uint32_t at = ends_[slot].first; at != kNone; at = cells_[at].next) f(decoded(cells_[at]));
  }
  // f(value as written, number of its cell): at(cell) decodes it.
  template <class F>
  void each_raw(Slot slot, F&& f) const {
    if (slot >= ends_.size()) return;
    for (std::uint32_t at = ends_[slot].first; at != kNone; at = cells_[at].next) {
      const Cell& cell = cells_[at];
      f(RawValue{cell.value.kind, cell.encoded, cell.value.text}, at);
    }
  }
  [[nodiscard]] Value at(std::uint32_t cell) const { return decoded(cells_[cell]); }
  // Keeps a copy of text for as long as the record lives (values made by a rule).
  std::string_view keep(std::string_view text) {
    std::string& kept = fresh();
    kept.assign(text);
    return kept;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Ends {
    std::uint32_t first = kNone, last = kNone;
  };
  struct Cell {
    Value value;
    std::uint32_t next;
    bool encoded;
  };
  // PERF NOTE (docs/performance.md, zeek.parse): cells are used again, record after record, and written member by
  // member where they are made: a value copied as a whole waits for its parts, and a push_back is not inlined.
  [[gnu::always_inline]] void append(Slot slot, ValueKind kind, std::string_view text, bool encoded) {
    if (used_ == cells_.size()) [[unlikely]]
      grow();
    const auto at = static_cast<std::uint32_t>(used_++);
    Cell& cell = cells_[at];
    cell.value.kind = kind;
    cell.value.text = text;
    cell.next = kNone;
    cell.encoded = encoded;
    Ends& ends = ends_[slot];
    if (ends.first == kNone) {
      ends.first = at;
    } else {
      cells_[ends.last].next = at;
    }
    ends.last = at;
  }
  [[gnu::noinline]] void grow() { cells_.resize(std::max<std::size_t>(64, 2 * cells_.size())); }
  std::string& fresh() const {
    if (store_used_ == store_.size()) store_.emplace_back();
    return store_[store_used_++];
  }
  const Value& decoded(Cell& cell) const {
    if (cell.encoded) {
      std::string& text = fresh();
      decoder_(cell.value.text, text);
      cell.value.text = text;
      cell.encoded = false;
    }
    return cell.value;
  }

  std::vector<Ends> ends_;
  mutable std::vector<Cell> cells_;  // the first used_ are this record's
  std::size_t used_ = 0;
  mutable std::deque<std::string> store_;  // addresses stay
  mutable std::size_t store_used_ = 0;
  ValueDecoder decoder_ = nullptr;
};

// Bytes of an evidence item: offset and length in the item's own (decompressed) content.
struct RecordRef {
  std::uint32_t item = 0;  // index of the item in the unit's result; at finish, in the case
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend auto operator<=>(const RecordRef&, const RecordRef&) = default;
};

}  // namespace assay
