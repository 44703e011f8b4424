#include "evidence/formats/evtx/events.h"

#include <algorithm>
#include <cstring>

namespace assay::evtx {

std::string_view Arena::keep(std::string_view text) {
  if (text.empty()) return {};
  while (block_ < blocks_.size() && blocks_[block_].size() - used_ < text.size()) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    blocks_.emplace_back(std::max(kBlock, text.size()));
    used_ = 0;
  }
  char* const to = blocks_[block_].data() + used_;
  std::memcpy(to, text.data(), text.size());
  used_ += text.size();
  return {to, text.size()};
}

void Events::chunk(std::string_view bytes) {
  chunk_ = bytes;
  known_.clear();
  instances_.clear();
  children_.clear();
  values_.clear();
  roots_ = 0;
  // Never inside a chunk: what a record gives must not depend on what was read before its chunk.
  if (paths_.size() > kPathsKept || kept_items_ > kItemsKept || prepared_ > kItemsKept) forget();
  paths_.next_chunk();
  compiled_left_ = kChunkCompiled;
  items_left_ = kChunkItems;
  text_left_ = kChunkText;
}

void Events::forget() {
  known_.clear();
  kept_.clear();
  slots_.clear();
  paths_.clear();
  kept_items_ = prepared_ = 0;
}

bool Events::begin(std::size_t begin, std::size_t end, bool carved, Faults& faults) {
  carved_ = carved;
  instances_.clear();
  children_.clear();
  values_.clear();
  arena_.back_to({});
  roots_ = 0;
  const bool good = fragment(begin, end, 0, false, 0, UINT32_MAX, faults);
  roots_ = static_cast<std::uint32_t>(instances_.size());
  children_.clear();
  for (std::uint32_t i = 0; i < instances_.size(); ++i) expand(i, faults);
  return good && roots_ > 0;
}

// Everything that [begin, end) holds; each part becomes an instance that stands for `item` of the one being expanded.
bool Events::fragment(std::size_t begin, std::size_t end, std::uint32_t parent, bool nested, std::uint32_t depth,
                      std::uint32_t item, Faults& faults) {
  std::size_t at = begin;
  bool any = false;
  while (at < end) {
    switch (chunk_[at]) {
      case 0x0f:  // fragment header
        at += 4;
        continue;
      case 0x00:
        return true;
      case 0x0c:
        at = instance(at, end, parent, depth, item, faults);
        if (at == 0) return any;
        any = true;
        continue;
      default: {
        Compiled* const found = compiled(at, end, parent | (nested ? 0x80000000U : 0U), true, faults);
        const auto first = static_cast<std::uint32_t>(values_.size());
        if (found == nullptr || found->items.empty()) {
          if (found != nullptr) faults += found->faults;
          return any;
        }
        return add(found, first, depth, item, faults) || any;
      }
    }
  }
  return true;
}

// A template in use, at its token; where it ends, or 0.
std::size_t Events::instance(std::size_t at, std::size_t end, std::uint32_t parent, std::uint32_t depth,
                             std::uint32_t item, Faults& faults) {
  Cursor in{chunk_, at, end};
  in.skip(2);
  const std::uint32_t id = in.take<std::uint32_t>();
  const std::size_t definition = in.take<std::uint32_t>();
  if (!in.good || definition + 24 > chunk_.size()) return 0;
  // The id is the first four bytes of the GUID.
  if (carved_ && little<std::uint32_t>(chunk_, definition + 4) != id) return 0;
  const std::size_t size = little<std::uint32_t>(chunk_, definition + 20);
  if (definition == in.at) in.skip(24 + size);
  const std::uint32_t count = in.take<std::uint32_t>();
  if (!in.has(std::size_t{count} * 4)) return 0;
  std::size_t value = in.at + std::size_t{count} * 4;
  const auto first = static_cast<std::uint32_t>(values_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    Raw raw{static_cast<std::uint32_t>(value), in.take<std::uint16_t>(), in.take<std::uint8_t>()};
    in.skip(1);
    if (raw.size > end - value) {  // the array's end: what is not there is absent
      raw = {};
      ++faults.bad_values;
      value = end;
    }
    value += raw.size;
    check(raw, faults);
    values_.push_back(raw);
  }
  const std::size_t body = definition + 24;
  if (size > chunk_.size() - body) {
    ++faults.broken;
    return 0;
  }
  Compiled* const found = compiled(body, body + size, parent, false, faults);
  if (found == nullptr || !add(found, first, depth, item, faults)) return 0;
  return value;
}

bool Events::add(Compiled* compiled, std::uint32_t first, std::uint32_t depth, std::uint32_t item, Faults& faults) {
  if (instances_.size() >= kInstances || compiled->items.size() > items_left_) {
    ++faults.too_many;
    return false;
  }
  faults += compiled->faults;
  Instance& in = instances_.emplace_back();
  in.compiled = compiled;
  in.first = first;
  in.count = static_cast<std::uint32_t>(values_.size()) - first;
  in.depth = depth;
  if (compiled->substitutions > in.count) ++faults.bad_values;
  // What naming its values costs: a template can name one value many times, and templates can use one another.
  const std::size_t items = compiled->items.size() + compiled->parts.size() + 1;
  std::size_t text = compiled->text.size(), elements = 0, arrays = 0;
  for (const Part& part : compiled->parts) {
    if (part.substitution >= in.count) continue;
    const Raw& raw = values_[first + part.substitution];
    text += raw.size;
    if ((raw.type & kArray) == 0) continue;
    elements = std::max(elements, elements_of(raw));
    ++arrays;
  }
  if (text > text_left_) {
    ++faults.too_many;
    instances_.pop_back();
    return false;
  }
  text_left_ -= text;
  in.array_limit = std::min(kArrayItems, std::max<std::size_t>(items_left_ / (arrays + 1), 1));
  if (elements > in.array_limit) ++faults.too_many;
  items_left_ -= std::min(items_left_, items + arrays * std::min(elements, in.array_limit));
  children_.push_back({item, static_cast<std::uint32_t>(instances_.size() - 1)});
  return true;
}

// Of an array, at most.
std::size_t Events::elements_of(const Raw& raw) const {
  const auto type = static_cast<std::uint8_t>(raw.type & ~kArray);
  const std::string_view bytes = bytes_of(raw);
  if (type == kAnsi) return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0')) + 1;
  if (type == kString) {
    std::size_t count = 1;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 2)
      if (little<std::uint16_t>(bytes, at) == 0) ++count;
    return count;
  }
  return bytes.size() / (type == kSid ? std::size_t{8} : std::max<std::size_t>(fixed_size(type), 1));
}

// Finds what stands for the items of an instance that are markup.
void Events::expand(std::uint32_t index, Faults& faults) {
  const Compiled& compiled = *instances_[index].compiled;
  const std::uint32_t first = instances_[index].first, count = instances_[index].count;
  const std::uint32_t depth = instances_[index].depth + 1;
  instances_[index].children = static_cast<std::uint32_t>(children_.size());
  bool markup = compiled.nests;
  for (std::uint32_t i = first; i < first + count; ++i) markup = markup || values_[i].type == kMarkup;
  for (std::uint32_t i = 0; markup && i < compiled.items.size(); ++i) {
    const Item& item = compiled.items[i];
    if (item.kind != Item::Kind::nested && item.kind != Item::Kind::value) continue;
    std::size_t begin = item.first, end = chunk_.size();
    if (item.kind == Item::Kind::value) {
      const std::uint32_t substitution = compiled.parts[item.first].substitution;
      if (substitution >= count || values_[first + substitution].type != kMarkup || item.attribute) continue;
      const Raw raw = values_[first + substitution];
      begin = raw.at;
      end = begin + raw.size;
    }
    if (depth >= kTemplateDepth) {
      ++faults.too_deep;
      continue;
    }
    const bool good = item.kind == Item::Kind::nested ? instance(begin, end, item.path, depth, i, faults) != 0
                                                      : fragment(begin, end, item.path, true, depth, i, faults);
    if (!good) ++faults.broken;
  }
  instances_[index].children_end = static_cast<std::uint32_t>(children_.size());
}

// Holds a value against its type. What does not fit is shown as bytes.
void Events::check(Raw& raw, Faults& faults) const {
  const std::string_view bytes = bytes_of(raw);
  if (raw.type == kString || raw.type == (kString | kArray)) {
    if (!utf16_whole(bytes) || bytes.size() % 2 != 0) ++faults.bad_text;
    return;
  }
  if (raw.type == kNull || raw.type == kMarkup || raw.type == kAnsi || raw.type == kBinary) return;
  if ((raw.type & kArray) != 0) {
    const auto type = static_cast<std::uint8_t>(raw.type & ~kArray);
    const std::size_t size = type == kBool || type == kSize ? 4 : fixed_size(type);
    if (size > 0 && bytes.size() % size != 0) ++faults.bad_values;
    for (std::string_view rest = bytes; type == kSid && !rest.empty(); rest.remove_prefix(sid_size(rest))) {
      if (sid_size(rest) > 0) continue;
      ++faults.bad_values;
      break;
    }
    if (type == kMarkup || type == kNull) raw.type = kBytes;
    return;
  }
  if (bytes.empty()) {  // of no size: nothing is said
    raw.type = kNull;
  } else if (!fits(raw.type, bytes)) {
    raw.type = kBytes;
    ++faults.bad_values;
  }
}

Compiled* Events::compiled(std::size_t begin, std::size_t end, std::uint32_t parent, bool element, Faults& faults) {
  const std::uint64_t place = static_cast<std::uint64_t>(begin) << 32 | end;
  for (const Known& known : known_) {
    if (known.place == place && known.parent == parent && known.element == element) return known.compiled;
  }
  if (end - begin > compiled_left_) {
    ++faults.too_many;
    return nullptr;
  }
  compiled_left_ -= end - begin;
  auto fresh = std::make_unique<Compiled>();
  compile(chunk_, begin, end, parent & 0x7FFFFFFFU, (parent & 0x80000000U) != 0, paths_, *fresh);
  auto& kept = kept_[fresh->content()];
  if (kept == nullptr) {
    kept_items_ += fresh->items.size() + fresh->parts.size() + fresh->text.size() / 16 + 8;
    kept = std::move(fresh);
  }
  known_.push_back({place, parent, element, kept.get()});
  return kept.get();
}

const std::vector<Compiled::Entry>& Events::entries(Compiled& compiled, const Projection* projection) {
  const std::uint64_t fingerprint = projection == nullptr ? 0 : projection->fingerprint();
  const auto [at, fresh] = compiled.wanted.try_emplace(fingerprint);
  if (!fresh) return at->second;
  std::vector<Slot>* slots = nullptr;
  if (projection != nullptr) slots = &slots_[fingerprint];
  for (std::uint32_t i = 0; i < compiled.items.size(); ++i) {
    const Item& item = compiled.items[i];
    if (item.kind == Item::Kind::nested) continue;
    Slot slot = item.path;
    if (slots != nullptr) {
      while (slots->size() <= item.path) {
        ++prepared_;
        const auto found = projection->find(paths_.at(static_cast<std::uint32_t>(slots->size())));
        slots->push_back(found.value_or(UINT32_MAX));
      }
      slot = (*slots)[item.path];
    }
    if (slot != UINT32_MAX) at->second.push_back({i, slot});
  }
  prepared_ += at->second.size() + 8;
  return at->second;
}

bool Events::present(const Instance& in, const Item& item) const {
  if (item.kind == Item::Kind::text) return true;
  for (std::uint32_t i = 0; i < item.count; ++i) {
    const Part& part = in.compiled->parts[item.first + i];
    if (part.substitution == Part::kText) return true;
    const Raw raw = value_of(in, part.substitution);
    if (raw.type != kNull && raw.type != kMarkup) return true;
  }
  return false;
}

std::string_view Events::words(bool numbers) {
  const Arena::Mark mark = arena_.mark();
  words_.clear();
  for (const Instance& in : instances_) {
    words_ += in.compiled->text;
    words_ += '\x01';
    for (std::size_t i = 0; in.compiled->joins && i < in.compiled->items.size(); ++i) {
      const Item& item = in.compiled->items[i];
      if (item.kind != Item::Kind::joined) continue;
      emit(in, item, 0, [&](std::uint32_t, ValueKind, bool, std::string_view text) { words_ += text; });
      words_ += '\x01';
    }
    for (std::uint32_t i = in.first; i < in.first + in.count; ++i) {
      const Raw& raw = values_[i];
      const auto type = static_cast<std::uint8_t>(raw.type & ~kArray);
      if (raw.type == kNull || raw.type == kMarkup) continue;
      if (type == kString) {
        narrow(bytes_of(raw), words_);
      } else if (numbers || type == kAnsi) {
        emit_value(in, raw, 0, [&](std::uint32_t, ValueKind, bool, std::string_view text) {
          words_ += text;
          words_ += '\x01';
        });
      }
      words_ += '\x01';
    }
  }
  arena_.back_to(mark);
  return words_;
}

void Events::read(const Projection& projection, FieldTable& out) {
  for (std::uint32_t i = 0; i < roots_; ++i) {
    walk(i, &projection, [&](Slot slot, ValueKind kind, bool encoded, std::string_view text) {
      if (encoded) {
        out.add_encoded(slot, kind, text, utf16);
      } else {
        out.add(slot, {kind, text});
      }
    });
  }
}

}  // namespace assay::evtx
