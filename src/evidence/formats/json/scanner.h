// One JSON record (RFC 8259) into a flat list of its values, in one pass and without copying: what a record names is
// learned once as a tree of paths, so that a record like the one before costs a comparison for each key.
//
// Tolerant where a value is at fault (a bad escape, a lone surrogate, a byte that is not UTF-8, a bare word): the value
// stays, the fault is counted. Strict about structure: a record whose brackets, commas or quotes do not fit is not one.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"

namespace assay {

// The tree of paths met so far. Node 0 is the record itself. A node is a key below a node; list elements have the node
// of their list. Elasticsearch wraps each document as {"_index":..,"_source":{..}}: what stands below _source has the
// paths of the document itself.
class JsonPaths {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  // Beyond it the tree is thrown away between two records: keys that are data (an object by GUID) would grow it for
  // ever.
  static constexpr std::size_t kMost = 1 << 16;
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;  // of keys and paths

  struct Node {
    std::string key;   // unescaped
    std::string path;  // full, joined with '.'; "#text" names its parent
    std::uint32_t parent = kNone;
    std::uint32_t hash_next = kNone;
    std::vector<std::uint16_t> requirements;  // paths of schemas that this one satisfies
  };
  // What every key of every record touches: one cache line.
  struct alignas(64) Hot {
    static constexpr std::size_t kInline = 32;
    char written[kInline] = {};   // the key with its closing quote and colon, when that fits
    std::uint64_t seen_in = 0;    // serial of the last object that had it
    std::uint32_t first = kNone;  // the child that came first last time
    std::uint32_t next = kNone;   // the sibling that came after it last time
    std::uint8_t size = 0;        // of `written`; 0: it does not fit, or is not written as it reads
    bool telling = false;         // has requirements
  };

  // `requirements`: the paths that shapes are told apart by.
  explicit JsonPaths(std::vector<std::string> requirements);
  [[nodiscard]] const Node& at(std::uint32_t node) const { return nodes_[node]; }
  [[nodiscard]] Hot& hot(std::uint32_t node) { return hot_[node]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t requirement_count() const { return requirements_.size(); }
  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view key);
  void clear();

 private:
  std::vector<std::string> requirements_;
  std::vector<Node> nodes_;
  std::vector<Hot> hot_;
  std::vector<std::uint32_t> buckets_;
  std::size_t bytes_ = 0;
};

struct JsonEntry {
  std::uint32_t node = 0;
  std::uint32_t begin = 0, size = 0;  // of the value in the record's bytes; a string without its quotes
  ValueKind kind = ValueKind::absent;
  bool decode = false;  // has escapes or bytes that are not UTF-8
};

enum class JsonVerdict : std::uint8_t {
  whole,    // parsed to its end
  cut,      // the bytes end inside
  damaged,  // brackets, commas or quotes do not fit
};

// What was at fault but cost no more than a value.
struct JsonFaults {
  std::uint32_t bad_values = 0, not_utf8 = 0, duplicate_keys = 0, too_deep = 0, too_many = 0, long_keys = 0;
  [[nodiscard]] bool none() const {
    return (bad_values | not_utf8 | duplicate_keys | too_deep | too_many | long_keys) == 0;
  }
};

// Where the strings of one record end, as bits of 64 bytes each: found for the whole record at once, before anything is
// read of it. For a string that starts at any quote the bits behind it are right, whatever stands before.
class JsonIndex {
 public:
  void build(std::string_view raw);
  // The first quote at or after the place that no backslash escapes; the size of the record or more: none.
  [[nodiscard]] std::size_t quote_from(std::size_t place) const {
    std::size_t word = place >> 6;
    std::uint64_t bits = quotes_[word] & (~std::uint64_t{0} << (place & 63));
    while (bits == 0) bits = quotes_[++word];  // the last word holds a bit behind the record
    return (word << 6) + static_cast<std::size_t>(std::countr_zero(bits));
  }
  [[nodiscard]] bool backslash_in(std::size_t begin, std::size_t end) const { return any(backslashes_, begin, end); }
  // A byte of 0x80 or more, or below 0x20.
  [[nodiscard]] bool odd_in(std::size_t begin, std::size_t end) const { return odd_ && any(odds_, begin, end); }
  // The record has an escape that is no single letter: \u, or none that JSON knows.
  [[nodiscard]] bool odd_escapes() const { return odd_escapes_; }

 private:
  friend struct JsonIndexBuilder;
  static bool any(const std::vector<std::uint64_t>& bits, std::size_t begin, std::size_t end) {
    std::size_t word = begin >> 6;
    const std::size_t last = end >> 6;
    const std::uint64_t head = ~std::uint64_t{0} << (begin & 63);
    const std::uint64_t tail = (std::uint64_t{1} << (end & 63)) - 1;
    if (word == last) return (bits[word] & head & tail) != 0;
    if ((bits[word] & head) != 0) return true;
    while (++word < last) {
      if (bits[word] != 0) return true;
    }
    return (bits[last] & tail) != 0;
  }
  std::vector<std::uint64_t> quotes_, backslashes_, odds_;
  bool odd_ = false, odd_escapes_ = false;
};

class JsonScanner {
 public:
  explicit JsonScanner(std::vector<std::string> requirements);

  // Reads one object. After `cut` and `damaged` entries() holds what came before. `any_value` also takes a list or a
  // scalar (for conformance tests; evidence is made of objects).
  [[nodiscard]] JsonVerdict scan(std::string_view raw, bool any_value = false);
  [[nodiscard]] std::span<const JsonEntry> entries() const { return {entries_.data(), count_}; }
  [[nodiscard]] const JsonFaults& faults() const { return faults_; }
  [[nodiscard]] const JsonPaths& paths() const { return paths_; }
  // Which of the requirements this record meets, 64 to a word.
  [[nodiscard]] const std::vector<std::uint64_t>& present() const { return present_; }
  // Counts how often the tree of paths was thrown away: node numbers of an older generation mean nothing.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  struct Level {
    std::uint32_t node;
    std::uint32_t last;    // the last key's node, for the guess
    std::uint64_t serial;  // of the object
    bool object;
  };
  const char* key(const char* p, const char* end, Level& level, std::uint32_t& node);
  const char* new_key(const char* p, const char* end, Level& level, std::uint32_t& node);
  [[nodiscard]] const char* closing_quote(const char* p) const;
  void seen(JsonPaths::Hot& hot, const Level& level, std::uint32_t node);
  const char* text(const char* p, std::uint32_t node);
  const char* bare(const char* p, const char* end, std::uint32_t node);
  const char* skip_deep(const char* p, const char* end);
  void add(std::uint32_t node, const char* begin, const char* end, ValueKind kind, bool decode);

  JsonPaths paths_;
  std::vector<JsonEntry> entries_;  // room for limits::kFieldsPerRecord; count_ are in use
  std::size_t count_ = 0;
  std::vector<Level> levels_;
  std::vector<std::uint64_t> present_;
  JsonFaults faults_;
  std::string key_text_;
  std::uint64_t serial_ = 0, generation_ = 0;
  bool structure_ = true;  // false: brackets, commas or colons do not fit
  const char* base_ = nullptr;
  const char* end_ = nullptr;
  JsonIndex index_;
};

// The text of a string between its quotes: escapes resolved, what cannot be becomes U+FFFD.
void json_unescape(std::string_view raw, std::string& out);

// The end of a string that starts after a quote: the place of its closing quote, or npos.
[[nodiscard]] std::size_t json_string_end(std::string_view text, std::size_t from);

}  // namespace assay
