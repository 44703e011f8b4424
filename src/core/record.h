// A Record is one observed fact in the evidence: where its bytes are, which shape and route it has, when it happened,
// and the values that the plans in force asked for. Values are views into the record's bytes or into the table's own
// store; they live until the next record is read.
#pragma once

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
class FieldTable {
 public:
  void reset(std::size_t slots) {
    first_.assign(slots, kNone);
    last_.assign(slots, kNone);
    cells_.clear();
    store_used_ = 0;
  }
  void add(Slot slot, Value value) {
    const auto cell = static_cast<std::uint32_t>(cells_.size());
    cells_.push_back({value, kNone});
    if (first_[slot] == kNone) {
      first_[slot] = cell;
    } else {
      cells_[last_[slot]].next = cell;
    }
    last_[slot] = cell;
  }
  [[nodiscard]] std::size_t slots() const { return first_.size(); }
  [[nodiscard]] bool has(Slot slot) const { return slot < first_.size() && first_[slot] != kNone; }
  // The first value, or an absent one.
  [[nodiscard]] Value first(Slot slot) const { return has(slot) ? cells_[first_[slot]].value : Value{}; }
  template <class F>
  void each(Slot slot, F&& f) const {
    if (slot >= first_.size()) return;
    for (std::uint32_t at = first_[slot]; at != kNone; at = cells_[at].next) f(cells_[at].value);
  }
  // Keeps a copy of text for as long as the record lives (unescaped values).
  std::string_view keep(std::string_view text) {
    if (store_used_ == store_.size()) store_.emplace_back();
    std::string& kept = store_[store_used_++];
    kept.assign(text);
    return kept;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Cell {
    Value value;
    std::uint32_t next;
  };
  std::vector<std::uint32_t> first_, last_;
  std::vector<Cell> cells_;
  std::deque<std::string> store_;  // addresses stay
  std::size_t store_used_ = 0;
};

// Bytes of an evidence item: offset and length in the item's own (decompressed) content.
struct RecordRef {
  std::uint32_t item = 0;  // index of the item in the unit's result; at finish, in the case
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend auto operator<=>(const RecordRef&, const RecordRef&) = default;
};

}  // namespace assay
