// PERF NOTES (docs/decisions/2026-11-22-json-scanner.md): one pass; the bytes of a string are looked at sixteen at a
// time, keys are guessed from the record before and compared, not searched; nothing is allocated for a record like an
// earlier one.
#include "evidence/formats/json/scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace assay {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
const char* skip_blanks(const char* p, const char* end) {
  while (p != end && is_blank(*p)) ++p;
  return p;
}

struct StringFacts {
  bool escapes = false, high = false, control = false;
};

bool odd_backslashes_before(const char* p, const char* begin) {
  const char* q = p;
  while (q != begin && q[-1] == '\\') --q;
  return ((p - q) & 1) != 0;
}

const char* string_end_slow(const char* p, const char* begin, const char* end, StringFacts& facts) {
  for (; p != end; ++p) {
    const auto c = static_cast<unsigned char>(*p);
    if (c == '"') {
      if (!odd_backslashes_before(p, begin)) return p;
    } else if (c == '\\') {
      facts.escapes = true;
    } else if (c >= 0x80) {
      facts.high = true;
    } else if (c < 0x20) {
      facts.control = true;
    }
  }
  return nullptr;
}

// From the first byte after the opening quote to the closing one; null when the bytes end before.
inline const char* string_end(const char* begin, const char* end, StringFacts& facts) {
  const char* p = begin;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i back = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  while (end - p >= 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    auto quotes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, quote)));
    const __m128i backs = _mm_cmpeq_epi8(x, back);
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(x, control), x);
    // Rare in most strings: an escape, a byte of 0x80 or more, a control character.
    const auto odd = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(backs, controls), x)));
    if (odd == 0) {
      if (quotes != 0) {
        const char* found = p + std::countr_zero(quotes);
        if (found != begin && *(found - 1) == '\\' && odd_backslashes_before(found, begin))
          return string_end_slow(p, begin, end, facts);
        return found;
      }
      p += 16;
      continue;
    }
    while (quotes != 0) {
      const auto at = static_cast<unsigned>(std::countr_zero(quotes));
      if (!odd_backslashes_before(p + at, begin)) {
        const unsigned before = (1U << at) - 1;
        facts.escapes |= (static_cast<unsigned>(_mm_movemask_epi8(backs)) & before) != 0;
        facts.high |= (static_cast<unsigned>(_mm_movemask_epi8(x)) & before) != 0;
        facts.control |= (static_cast<unsigned>(_mm_movemask_epi8(controls)) & before) != 0;
        return p + at;
      }
      quotes &= quotes - 1;
    }
    facts.escapes |= _mm_movemask_epi8(backs) != 0;
    facts.high |= _mm_movemask_epi8(x) != 0;
    facts.control |= _mm_movemask_epi8(controls) != 0;
    p += 16;
  }
#endif
  return string_end_slow(p, begin, end, facts);
}

// Like is_utf8(), but ASCII in between costs little.
bool valid_utf8(const char* p, const char* end) {
  while (p != end) {
#if defined(__SSE2__)
    while (end - p >= 16) {
      const auto high = static_cast<unsigned>(_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
      if (high != 0) {
        p += std::countr_zero(high);
        break;
      }
      p += 16;
    }
    if (p == end) return true;
#endif
    if (static_cast<unsigned char>(*p) < 0x80) {
      ++p;
      continue;
    }
    const std::size_t size = utf8_sequence({p, static_cast<std::size_t>(end - p)});
    if (size == 0) return false;
    p += size;
  }
  return true;
}

int hex4(const char* p) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(p[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> out{};
  out['"'] = '"';
  out['\\'] = '\\';
  out['/'] = '/';
  out['b'] = '\b';
  out['f'] = '\f';
  out['n'] = '\n';
  out['r'] = '\r';
  out['t'] = '\t';
  return out;
}();

// The escape at p ("\"): its length, and the code point of a \u; valid false when JSON does not know it.
struct Escape {
  std::size_t size = 2;
  int code = -1;
  bool valid = true;
};
Escape unicode_escape(const char* p, const char* end) {
  if (end - p < 6) return {static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - p, 2)), -1, false};
  const int first = hex4(p + 2);
  if (first < 0) return {2, -1, false};
  if (first < 0xD800 || first > 0xDFFF) return {6, first, true};
  if (first <= 0xDBFF && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
    const int second = hex4(p + 8);
    if (second >= 0xDC00 && second <= 0xDFFF) return {12, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), true};
  }
  return {6, -1, false};  // half of a pair
}

// Only whether every escape is one: strings are decoded when somebody asks for them.
bool escapes_valid(const char* p, const char* end) {
  const char* resume = p;
#if defined(__SSE2__)
  const __m128i back = _mm_set1_epi8('\\');
  while (end - p >= 16) {
    auto backs = static_cast<unsigned>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), back)));
    while (backs != 0) {
      const char* at = p + std::countr_zero(backs);
      backs &= backs - 1;
      if (at < resume) continue;
      if (at + 1 == end) return false;
      if (kEscapes[static_cast<unsigned char>(at[1])] != 0) {
        resume = at + 2;
      } else if (at[1] == 'u') {
        const Escape escape = unicode_escape(at, end);
        if (!escape.valid) return false;
        resume = at + escape.size;
      } else {
        return false;
      }
    }
    p += 16;
  }
#endif
  if (p < resume) p = resume;
  while (p < end) {
    if (*p != '\\') {
      ++p;
    } else if (p + 1 != end && kEscapes[static_cast<unsigned char>(p[1])] != 0) {
      p += 2;
    } else if (p + 1 != end && p[1] == 'u') {
      const Escape escape = unicode_escape(p, end);
      if (!escape.valid) return false;
      p += escape.size;
    } else {
      return false;
    }
  }
  return true;
}

void append_utf8(int code, std::string& out) {
  const auto c = static_cast<unsigned>(code);
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

// RFC 8259 section 6.
bool is_number(const char* p, const char* end) {
  if (p != end && *p == '-') ++p;
  if (p == end || !is_digit(*p)) return false;
  if (*p == '0') {
    ++p;
  } else {
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && *p == '.') {
    ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  return p == end;
}

// What ends a number, true, false or null.
constexpr std::array<bool, 256> kEndsBare = [] {
  std::array<bool, 256> out{};
  for (const char c : {',', '}', ']', '{', '[', '"', ':', ' ', '\t', '\r', '\n'})
    out[static_cast<unsigned char>(c)] = true;
  return out;
}();

bool starts_path(std::string_view path, std::string_view wanted) {
  return path == wanted || (path.size() > wanted.size() && path.starts_with(wanted) && path[wanted.size()] == '.');
}

}  // namespace

void json_unescape(std::string_view raw, std::string& out) {
  out.clear();
  const char* p = raw.data();
  const char* const end = p + raw.size();
  while (p != end) {
    const auto* at = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (at == nullptr) at = end;
    out.append(p, at);
    p = at;
    if (p == end) break;
    if (p + 1 == end) {
      out += kReplacement;
      break;
    }
    if (const char c = kEscapes[static_cast<unsigned char>(p[1])]; c != 0) {
      out += c;
      p += 2;
    } else if (p[1] == 'u') {
      const Escape escape = unicode_escape(p, end);
      if (escape.valid) {
        append_utf8(escape.code, out);
      } else {
        out += kReplacement;
      }
      p += escape.size;
    } else {  // "\x": the mark is lost, the character stays
      out += kReplacement;
      ++p;
    }
  }
  if (!is_utf8(out)) out = to_valid_utf8(out);
}

std::size_t json_string_end(std::string_view text, std::size_t from) {
  StringFacts facts;
  const char* found = string_end(text.data() + from, text.data() + text.size(), facts);
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - text.data());
}

JsonPaths::JsonPaths(std::vector<std::string> requirements) : requirements_(std::move(requirements)) { clear(); }

void JsonPaths::clear() {
  nodes_.clear();
  nodes_.emplace_back();
  hot_.clear();
  hot_.emplace_back();
  bytes_ = 0;
  buckets_.assign(1024, kNone);
}

std::uint32_t JsonPaths::child(std::uint32_t parent, std::string_view key) {
  const std::uint64_t hash = hash64(key, parent);
  for (std::uint32_t at = buckets_[hash & (buckets_.size() - 1)]; at != kNone; at = nodes_[at].hash_next) {
    if (nodes_[at].parent == parent && nodes_[at].key == key) return at;
  }
  const auto made = static_cast<std::uint32_t>(nodes_.size());
  Node node;
  node.key = key;
  node.parent = parent;
  if (parent == 0) {
    node.path = key;
  } else if (key == "#text") {
    node.path = nodes_[parent].path;
  } else {
    node.path = nodes_[parent].path + "." + std::string(key);
  }
  for (std::size_t i = 0; i < requirements_.size(); ++i) {
    if (starts_path(node.path, requirements_[i])) node.requirements.push_back(static_cast<std::uint16_t>(i));
  }
  Hot& hot = hot_.emplace_back();  // in its place: a copy on the stack need not be aligned
  if (key.size() + 2 <= Hot::kInline && key.find_first_of("\"\\") == std::string_view::npos && is_utf8(key) &&
      std::none_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    std::memcpy(hot.written, key.data(), key.size());
    hot.written[key.size()] = '"';
    hot.written[key.size() + 1] = ':';
    hot.size = static_cast<std::uint8_t>(key.size() + 2);
  }
  hot.telling = !node.requirements.empty();
  bytes_ += node.key.size() + node.path.size();
  nodes_.push_back(std::move(node));
  if (nodes_.size() > buckets_.size() * 2) {
    buckets_.assign(buckets_.size() * 4, kNone);
    for (std::uint32_t i = 1; i < nodes_.size(); ++i) {
      std::uint32_t& bucket = buckets_[hash64(nodes_[i].key, nodes_[i].parent) & (buckets_.size() - 1)];
      nodes_[i].hash_next = bucket;
      bucket = i;
    }
  } else {
    std::uint32_t& bucket = buckets_[hash & (buckets_.size() - 1)];
    nodes_[made].hash_next = bucket;
    bucket = made;
  }
  return made;
}

JsonScanner::JsonScanner(std::vector<std::string> requirements) : paths_(std::move(requirements)) {
  present_.assign((paths_.requirement_count() + 63) / 64, 0);
  entries_.resize(limits::kFieldsPerRecord);
}

inline void JsonScanner::add(std::uint32_t node, const char* begin, const char* end, ValueKind kind, bool decode) {
  if (count_ == limits::kFieldsPerRecord) {
    ++faults_.too_many;
    return;
  }
  entries_[count_++] = {node, static_cast<std::uint32_t>(begin - base_), static_cast<std::uint32_t>(end - begin), kind,
                        decode};
}

inline void JsonScanner::seen(JsonPaths::Hot& hot, const Level& level, std::uint32_t node) {
  if (hot.seen_in == level.serial) ++faults_.duplicate_keys;
  hot.seen_in = level.serial;
  if (!hot.telling) return;
  for (const std::uint16_t r : paths_.at(node).requirements) present_[r / 64] |= std::uint64_t{1} << (r % 64);
}

// p is after the opening quote; the result is after the colon. Null: the bytes end inside, or there is no colon
// (structure_ says).
inline const char* JsonScanner::key(const char* p, const char* end, Level& level, std::uint32_t& node) {
#if defined(__SSE2__)
  const std::uint32_t guess =
      level.last == JsonPaths::kNone ? paths_.hot(level.node).first : paths_.hot(level.last).next;
  if (guess != JsonPaths::kNone && end - p >= static_cast<std::ptrdiff_t>(JsonPaths::Hot::kInline)) {
    JsonPaths::Hot& hot = paths_.hot(guess);
    const auto* written = reinterpret_cast<const __m128i*>(hot.written);
    const auto* bytes = reinterpret_cast<const __m128i*>(p);
    const auto low =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(written), _mm_loadu_si128(bytes))));
    const auto high = static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(written + 1), _mm_loadu_si128(bytes + 1))));
    const std::uint64_t wanted = (std::uint64_t{1} << hot.size) - 1;
    if (hot.size != 0 && ((std::uint64_t{high} << 16 | low) & wanted) == wanted) {
      node = guess;
      level.last = guess;
      seen(hot, level, guess);
      return p + hot.size;
    }
  }
#endif
  return new_key(p, end, level, node);
}

const char* JsonScanner::new_key(const char* p, const char* end, Level& level, std::uint32_t& node) {
  StringFacts facts;
  const char* close = string_end(p, end, facts);
  if (close == nullptr) return nullptr;
  std::string_view name(p, static_cast<std::size_t>(close - p));
  const bool long_name = paths_.at(level.node).path.size() + name.size() > limits::kKeyBytes;
  if (long_name || paths_.size() > JsonPaths::kMost + limits::kFieldsPerRecord ||
      paths_.bytes() > 2 * JsonPaths::kMostBytes) {
    ++(long_name ? faults_.long_keys : faults_.too_many);
    node = JsonPaths::kNone;
  } else {
    const bool bad_text = facts.high && !valid_utf8(p, close);
    if (bad_text) ++faults_.not_utf8;
    if (facts.control || (facts.escapes && !escapes_valid(p, close))) ++faults_.bad_values;
    if (facts.escapes || bad_text) {
      json_unescape(name, key_text_);
      name = key_text_;
    }
    node = paths_.child(level.node, name);
    (level.last == JsonPaths::kNone ? paths_.hot(level.node).first : paths_.hot(level.last).next) = node;
    level.last = node;
    seen(paths_.hot(node), level, node);
  }
  p = skip_blanks(close + 1, end);
  if (p == end) return nullptr;
  if (*p != ':') {
    structure_ = false;
    return nullptr;
  }
  return p + 1;
}

inline const char* JsonScanner::text(const char* p, const char* end, std::uint32_t node) {
  StringFacts facts;
  const char* close = string_end(p, end, facts);
  if (close == nullptr) return nullptr;
  bool decode = false;
  if (facts.escapes | facts.high | facts.control) {
    decode = facts.escapes;
    if (facts.high && !valid_utf8(p, close)) {
      ++faults_.not_utf8;
      decode = true;
    }
    if (facts.control || (facts.escapes && !escapes_valid(p, close))) ++faults_.bad_values;
  }
  if (node != JsonPaths::kNone) add(node, p, close, ValueKind::string, decode);
  return close + 1;
}

// A number, true, false or null; anything else without quotes is a bad value. Null: nothing there.
const char* JsonScanner::bare(const char* p, const char* end, std::uint32_t node) {
  const char* stop = p;
  while (stop != end && !kEndsBare[static_cast<unsigned char>(*stop)]) ++stop;
  if (stop == p) return nullptr;
  const std::string_view word(p, static_cast<std::size_t>(stop - p));
  ValueKind kind = ValueKind::string;
  bool decode = false;
  if ((is_digit(*p) || *p == '-') && is_number(p, stop)) {
    kind = ValueKind::number;
  } else if (word == "true" || word == "false") {
    kind = ValueKind::boolean;
  } else if (word == "null") {
    kind = ValueKind::null;
  } else {
    ++faults_.bad_values;
    decode = !is_utf8(word);
  }
  if (node != JsonPaths::kNone) add(node, p, stop, kind, decode);
  return stop;
}

// Past a value that is nested too deep; p at its bracket. Null: the bytes end inside.
const char* JsonScanner::skip_deep(const char* p, const char* end) {
  std::size_t depth = 0;
  while (p != end) {
    if (*p == '"') {
      StringFacts facts;
      p = string_end(p + 1, end, facts);
      if (p == nullptr) return nullptr;
    } else if (*p == '{' || *p == '[') {
      ++depth;
    } else if (*p == '}' || *p == ']') {
      if (--depth == 0) return p + 1;
    }
    ++p;
  }
  return nullptr;
}

JsonVerdict JsonScanner::scan(std::string_view raw, bool any_value) {
  count_ = 0;
  levels_.clear();
  faults_ = {};
  structure_ = true;
  std::fill(present_.begin(), present_.end(), 0);
  if (paths_.size() > JsonPaths::kMost || paths_.bytes() > JsonPaths::kMostBytes) {
    paths_.clear();
    ++generation_;
  }
  base_ = raw.data();
  const char* p = raw.data();
  const char* const end = p + raw.size();
  if (raw.size() > UINT32_MAX) return JsonVerdict::damaged;
  if (raw.starts_with("\xEF\xBB\xBF")) p += 3;
  p = skip_blanks(p, end);
  if (p == end) return JsonVerdict::cut;
  if (*p != '{' && !any_value) return JsonVerdict::damaged;

  std::uint32_t node = 0;  // of the value at p
  while (true) {
    // A value.
    if (p == end) return JsonVerdict::cut;
    if (*p == '"') {
      p = text(p + 1, end, node);
      if (p == nullptr) return JsonVerdict::cut;
    } else if (*p == '{' || *p == '[') {
      if (levels_.size() >= limits::kJsonDepth || node == JsonPaths::kNone) {
        // Below a key that was not kept there are no paths either.
        if (node != JsonPaths::kNone) ++faults_.too_deep;
        p = skip_deep(p, end);
        if (p == nullptr) return JsonVerdict::cut;
      } else {
        const bool object = *p == '{';
        p = skip_blanks(p + 1, end);
        if (p == end) return JsonVerdict::cut;
        if (*p == (object ? '}' : ']')) {
          ++p;
        } else {
          levels_.push_back({node, JsonPaths::kNone, ++serial_, object});
          if (!object) continue;  // the list's first value
          if (*p != '"') return JsonVerdict::damaged;
          p = key(p + 1, end, levels_.back(), node);
          if (p == nullptr) return structure_ ? JsonVerdict::cut : JsonVerdict::damaged;
          p = skip_blanks(p, end);
          continue;
        }
      }
    } else {
      p = bare(p, end, node);
      if (p == nullptr) return JsonVerdict::damaged;
    }
    // After a value: a comma and the next one, or the end of what it stands in.
    while (true) {
      p = skip_blanks(p, end);
      if (levels_.empty()) return p == end ? JsonVerdict::whole : JsonVerdict::damaged;
      if (p == end) return JsonVerdict::cut;
      Level& level = levels_.back();
      if (*p == ',') {
        p = skip_blanks(p + 1, end);
        if (level.object) {
          if (p == end) return JsonVerdict::cut;
          if (*p != '"') return JsonVerdict::damaged;
          p = key(p + 1, end, level, node);
          if (p == nullptr) return structure_ ? JsonVerdict::cut : JsonVerdict::damaged;
          p = skip_blanks(p, end);
        } else {
          node = level.node;
        }
        break;
      }
      if (*p != (level.object ? '}' : ']')) return JsonVerdict::damaged;
      ++p;
      levels_.pop_back();
    }
  }
}

}  // namespace assay
