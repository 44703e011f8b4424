// The events of one chunk: their templates, found once, and their values, rendered only where a projection wants them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/record.h"
#include "evidence/formats/evtx/templates.h"
#include "evidence/formats/evtx/values.h"

namespace assay::evtx {

// Texts that live until the record is left.
class Arena {
 public:
  struct Mark {
    std::size_t block = 0, used = 0;
  };
  std::string_view keep(std::string_view text);
  [[nodiscard]] Mark mark() const { return {block_, used_}; }
  void back_to(Mark mark) { block_ = mark.block, used_ = mark.used; }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 14;
  std::vector<std::vector<char>> blocks_;
  std::size_t block_ = 0, used_ = 0;
};

class Events {
 public:
  // The bytes must live as long as their records are read.
  void chunk(std::string_view bytes);
  // Makes the binary XML in [begin, end) of the chunk the current event. False: nothing can be read of it. `faults`: of
  // this record. `carved`: its templates may have been overwritten by others; each must have the id that the record
  // gives it.
  [[nodiscard]] bool begin(std::size_t begin, std::size_t end, bool carved, Faults& faults);
  void read(const Projection& projection, FieldTable& out);
  // Every text, one byte a character; what is not ASCII is some other byte. `numbers`: the other values too.
  [[nodiscard]] std::string_view words(bool numbers);
  template <class Sink>  // (path, Value)
  void all_fields(Sink&& sink) {
    const Arena::Mark mark = arena_.mark();
    for (std::uint32_t i = 0; i < roots_; ++i) {
      walk(i, nullptr, [&](std::uint32_t path, ValueKind kind, bool encoded, std::string_view text) {
        if (encoded) {
          utf16(text, scratch_);
          text = arena_.keep(scratch_);
        }
        sink(std::string_view(paths_.at(path)), Value{kind, text});
      });
    }
    arena_.back_to(mark);
  }

 private:
  // A value of a substitution array: its place in the chunk. `type` is the array's own word.
  struct Raw {
    std::uint32_t at = 0;
    std::uint16_t size = 0;
    std::uint8_t type = 0;
  };
  static constexpr std::uint8_t kBytes = 0x7e;  // of a wrong size for its type: shown in hexadecimal
  // A template or fragment in use.
  struct Instance {
    Compiled* compiled = nullptr;
    std::uint32_t first = 0, count = 0;  // values
    std::uint32_t children = 0, children_end = 0;
    std::uint32_t depth = 0;
    std::size_t array_limit = kArrayItems;
  };
  // Which instance stands for an item of another one.
  struct Child {
    std::uint32_t item = 0, instance = 0;
  };
  struct Known {
    std::uint64_t place = 0;  // begin and end
    std::uint32_t parent = 0;
    bool element = false;  // not a template's definition
    Compiled* compiled = nullptr;
  };

  void forget();
  Compiled* compiled(std::size_t begin, std::size_t end, std::uint32_t parent, bool element, Faults& faults);
  bool fragment(std::size_t begin, std::size_t end, std::uint32_t parent, bool nested, std::uint32_t depth,
                std::uint32_t item, Faults& faults);
  std::size_t instance(std::size_t at, std::size_t end, std::uint32_t parent, std::uint32_t depth, std::uint32_t item,
                       Faults& faults);
  bool add(Compiled* compiled, std::uint32_t first, std::uint32_t depth, std::uint32_t item, Faults& faults);
  void expand(std::uint32_t index, Faults& faults);
  void check(Raw& raw, Faults& faults) const;
  const std::vector<Compiled::Entry>& entries(Compiled& compiled, const Projection* projection);
  [[nodiscard]] std::string_view bytes_of(const Raw& raw) const { return chunk_.substr(raw.at, raw.size); }
  [[nodiscard]] Raw value_of(const Instance& in, std::uint32_t substitution) const {
    return substitution < in.count ? values_[in.first + substitution] : Raw{};
  }
  [[nodiscard]] std::size_t elements_of(const Raw& raw) const;
  [[nodiscard]] bool present(const Instance& in, const Item& item) const;

  template <class F>  // (slot or path, kind, encoded, text)
  void walk(std::uint32_t index, const Projection* projection, F&& f);
  template <class F>
  void emit(const Instance& in, const Item& item, std::uint32_t slot, F&& f);
  template <class F>
  void emit_value(const Instance& in, const Raw& raw, std::uint32_t slot, F&& f);
  template <class F>
  void emit_array(const Instance& in, const Raw& raw, std::uint32_t slot, F&& f);
  template <class F>
  void emit_one(std::uint8_t type, std::string_view bytes, std::uint32_t slot, F&& f);

  std::string_view chunk_;
  Paths paths_;
  std::unordered_map<std::string, std::unique_ptr<Compiled>> kept_;  // by content; looked up, never walked
  std::size_t kept_items_ = 0, prepared_ = 0;
  std::vector<Known> known_;                                    // of this chunk
  std::unordered_map<std::uint64_t, std::vector<Slot>> slots_;  // slot by path, for each projection
  std::vector<Instance> instances_;
  std::vector<Child> children_;
  std::vector<Raw> values_;
  std::uint32_t roots_ = 0;
  bool carved_ = false;
  std::size_t compiled_left_ = 0, items_left_ = 0, text_left_ = 0;  // of the chunk's budget
  Arena arena_;
  std::string scratch_, rendered_, words_;
};

// --- the walk ------------------------------------------------------------------------------------------------------

template <class F>
void Events::walk(std::uint32_t index, const Projection* projection, F&& f) {
  const Instance in = instances_[index];
  const std::vector<Compiled::Entry>& wanted = entries(*in.compiled, projection);
  std::uint32_t child = in.children;
  for (std::size_t e = 0; e < wanted.size() || child < in.children_end;) {
    const std::uint32_t nested = child < in.children_end ? children_[child].item : UINT32_MAX;
    if (e < wanted.size() && wanted[e].item < nested) {
      emit(in, in.compiled->items[wanted[e].item], wanted[e].slot, f);
      ++e;
      continue;
    }
    if (e < wanted.size() && wanted[e].item == nested) ++e;  // its value is markup
    walk(children_[child].instance, projection, f);
    ++child;
  }
}

template <class F>
void Events::emit(const Instance& in, const Item& item, std::uint32_t slot, F&& f) {
  const Part* const parts = in.compiled->parts.data() + item.first;
  switch (item.kind) {
    case Item::Kind::text:
      f(slot, ValueKind::string, false, std::string_view(in.compiled->text).substr(parts->begin, parts->size));
      return;
    case Item::Kind::value: {
      const Raw raw = value_of(in, parts->substitution);
      if (raw.type != kNull) {
        emit_value(in, raw, slot, f);
      } else if (item.sole) {
        f(slot, ValueKind::null, false, std::string_view());
      }
      return;
    }
    case Item::Kind::joined: {
      std::string text;
      bool any = false;
      for (std::uint32_t i = 0; i < item.count; ++i) {
        if (parts[i].substitution == Part::kText) {
          text.append(in.compiled->text, parts[i].begin, parts[i].size);
          any = true;
          continue;
        }
        const Raw raw = value_of(in, parts[i].substitution);
        if (raw.type == kNull || raw.type == kMarkup) continue;
        if (any && text.size() > kChunk) continue;
        any = true;
        std::string_view separator;
        emit_value(in, raw, slot, [&](std::uint32_t, ValueKind, bool encoded, std::string_view piece) {
          text += separator;
          separator = ",";
          if (encoded) {
            utf16(piece, scratch_);
            text += scratch_;
          } else {
            text += piece;
          }
        });
      }
      if (any) {
        f(slot, ValueKind::string, false, arena_.keep(text));
      } else if (item.sole) {
        f(slot, ValueKind::null, false, std::string_view());
      }
      return;
    }
    case Item::Kind::empty:
      for (std::uint32_t i = 0; i < item.count; ++i) {
        if (present(in, in.compiled->items[item.first + i])) return;
      }
      f(slot, ValueKind::null, false, std::string_view());
      return;
    case Item::Kind::nested:
      return;
  }
}

template <class F>
void Events::emit_value(const Instance& in, const Raw& raw, std::uint32_t slot, F&& f) {
  if (raw.type == kMarkup) return;
  if ((raw.type & kArray) == 0) {
    emit_one(raw.type, bytes_of(raw), slot, f);
  } else {
    emit_array(in, raw, slot, f);
  }
}

template <class F>
void Events::emit_array(const Instance& in, const Raw& raw, std::uint32_t slot, F&& f) {
  const auto type = static_cast<std::uint8_t>(raw.type & ~kArray);
  std::string_view rest = bytes_of(raw);
  if (rest.empty()) f(slot, ValueKind::null, false, std::string_view());
  for (std::size_t n = 0; !rest.empty() && n < in.array_limit; ++n) {
    std::size_t size = fixed_size(type), next = 0;
    if (type == kString) {
      for (size = 0; size + 2 <= rest.size() && (rest[size] != '\0' || rest[size + 1] != '\0'); size += 2) {
      }
      next = size + 2;
    } else if (type == kAnsi) {
      size = std::min(rest.find('\0'), rest.size());
      next = size + 1;
    } else {
      if (type == kSid) size = sid_size(rest);
      if (type == kSid && size == 0) return;  // counted by check()
      if (type == kBool) size = 4;
      if (type == kSize) size = rest.size() % 8 == 0 ? 8 : 4;
      if (size == 0) size = rest.size();
      if (size > rest.size()) return;  // counted by check()
      next = size;
    }
    emit_one(type, rest.substr(0, size), slot, f);
    rest.remove_prefix(std::min(next, rest.size()));
  }
}

template <class F>
void Events::emit_one(std::uint8_t type, std::string_view bytes, std::uint32_t slot, F&& f) {
  if (type == kString) {
    bytes.remove_suffix(bytes.size() % 2);
    while (bytes.size() >= 2 && bytes[bytes.size() - 1] == '\0' && bytes[bytes.size() - 2] == '\0')
      bytes.remove_suffix(2);
    f(slot, ValueKind::string, true, bytes);
    return;
  }
  rendered_.clear();
  const ValueKind kind = render(type, bytes, rendered_);
  f(slot, kind, false, arena_.keep(rendered_));
}

}  // namespace assay::evtx
