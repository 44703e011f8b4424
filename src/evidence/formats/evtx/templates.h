// Binary XML compiled once: a fragment or template as a flat list of the values it can give, each with its path and the
// number of the substitution that fills it. Reading a record is then a walk over that list.
//
// Paths: the names of the elements joined with '.'; an attribute stands below its element; <Data Name="X"> is X below
// its parent, and Data without a name is Data. An element's own text has the element's path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/record.h"
#include "evidence/formats/evtx/layout.h"

namespace assay::evtx {

// Every path met so far. Number 0 is the record itself.
class Paths {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  Paths() { clear(); }
  void clear();
  // The path of a name (UTF-16) below another; kNone when it is longer than the limit, or too many are asked for.
  // What is looked up from here to the next call is bounded: the same bound whatever was kept before.
  void next_chunk() { left_ = kChunkPaths; }
  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view name);
  [[nodiscard]] const std::string& at(std::uint32_t path) const { return paths_[path]; }
  // Of everything that was looked up.
  [[nodiscard]] std::size_t size() const { return index_.size(); }

 private:
  std::vector<std::string> paths_;
  std::unordered_map<std::string, std::uint32_t> index_;  // parent and name; looked up, never walked
  std::string key_, name_;
  std::size_t left_ = kChunkPaths;
};

// What was wrong in what was compiled or read; each becomes a notice of the record that needed it.
struct Faults {
  std::uint32_t bad_values = 0, bad_text = 0, broken = 0, too_deep = 0, too_many = 0;
  void operator+=(const Faults& other) {
    bad_values += other.bad_values;
    bad_text += other.bad_text;
    broken += other.broken;
    too_deep += other.too_deep;
    too_many += other.too_many;
  }
  [[nodiscard]] bool none() const { return (bad_values | bad_text | broken | too_deep | too_many) == 0; }
};

// A piece of a value: text, or a substitution.
struct Part {
  static constexpr std::uint32_t kText = UINT32_MAX;
  std::uint32_t substitution = kText;
  std::uint32_t begin = 0, size = 0;  // text, in Compiled::text
};

struct Item {
  enum class Kind : std::uint8_t {
    text,    // one part, text
    value,   // one part, a substitution
    joined,  // several parts
    empty,  // an element without content: null unless one of the items [first, first + count), its attributes, is there
    nested,  // a template used inside the content, at offset `first` of the chunk
  } kind = Kind::text;
  bool attribute = false;
  bool sole = false;  // the only content of its element: without a value the element is null
  std::uint32_t path = 0;
  std::uint32_t first = 0, count = 0;  // parts, in Compiled::parts
};

struct Compiled {
  std::vector<Item> items;
  std::vector<Part> parts;
  std::string text;
  Faults faults;
  bool nests = false, joins = false;  // has items of kind nested, joined
  std::uint32_t substitutions = 0;    // one more than the highest that is named

  // Which items a projection wants: entries in item order, by the projection's fingerprint.
  struct Entry {
    std::uint32_t item;
    Slot slot;
  };
  std::unordered_map<std::uint64_t, std::vector<Entry>> wanted;  // looked up, never walked
  [[nodiscard]] std::string content() const;                     // the same for the same items
};

// A name of the chunk: its UTF-16 text, and the bytes it takes where it stands.
struct Name {
  std::string_view text;
  std::size_t size = 0;
  bool good = false;
};
[[nodiscard]] Name name_at(std::string_view chunk, std::size_t at);

// Compiles [begin, end) of the chunk, which follows `parent`. `nested`: elements have no dependency number, as in a
// value that is binary XML.
void compile(std::string_view chunk, std::size_t begin, std::size_t end, std::uint32_t parent, bool nested,
             Paths& paths, Compiled& out);

}  // namespace assay::evtx
