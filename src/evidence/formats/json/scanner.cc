// PERF NOTES (docs/performance.md): where strings end is found for the whole record at once, then one pass; keys are
// guessed from the record before and compared, not searched; nothing is allocated for a record like an earlier one.
#include "evidence/formats/json/scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/lanes.h"
#include "core/limits.h"
#include "core/vectors.h"
#include "text/utf8.h"

namespace assay {
namespace {

constexpr std::string_view kEnvelope = "_source";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
const char* skip_blanks(const char* p, const char* end) {
  while (p != end && is_blank(*p)) ++p;
  return p;
}

bool odd_backslashes_before(const char* p, const char* begin) {
  const char* q = p;
  while (q != begin && q[-1] == '\\') --q;
  return ((p - q) & 1) != 0;
}

// From the first byte after the opening quote to the closing one; null when the bytes end before.
const char* string_end(const char* begin, const char* end) {
  for (const char* p = begin; p != end; ++p) {
    p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
    if (p == nullptr || !odd_backslashes_before(p, begin)) return p;
  }
  return nullptr;
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

namespace {

// Strings whose escapes are single letters and whose bytes are ASCII: nearly all. False: not one of them.
bool unescape_plain(std::string_view raw, std::string& out) {
#if defined(__SSE2__)
  out.resize(raw.size() + 16);
  const char* p = raw.data();
  const char* const end = p + raw.size();
  char* to = out.data();
  const __m128i back = _mm_set1_epi8('\\');
  char rest[16] = {};
  while (p < end) {
    const bool last = end - p < 16;
    if (last) std::memcpy(rest, p, static_cast<std::size_t>(end - p));
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(last ? rest : p));
    if (_mm_movemask_epi8(x) != 0) return false;
    auto backs = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, back)));
    if (last) backs &= (1U << (end - p)) - 1;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), x);
    if (backs == 0) {
      const std::ptrdiff_t step = last ? end - p : 16;
      p += step;
      to += step;
      continue;
    }
    const auto plain = std::countr_zero(backs);
    p += plain;
    to += plain;
    if (p + 1 == end) return false;
    const char c = kEscapes[static_cast<unsigned char>(p[1])];
    if (c == 0) return false;
    *to++ = c;
    p += 2;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return true;
#else
  (void)raw;
  (void)out;
  return false;
#endif
}

}  // namespace

void json_unescape(std::string_view raw, std::string& out) {
  if (unescape_plain(raw, out)) return;
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
        append_utf8(out, static_cast<std::uint32_t>(escape.code));
      } else {
        out += kReplacement;
      }
      p += escape.size;
    } else {  // "\x": the mark is lost, the character stays
      out += kReplacement;
      ++p;
    }
  }
  if (!valid_utf8(out.data(), out.data() + out.size())) out = to_valid_utf8(out);
}

std::size_t json_string_end(std::string_view text, std::size_t from) {
  const char* found = string_end(text.data() + from, text.data() + text.size());
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - text.data());
}

// PERF NOTE (docs/performance.md): the values of Windows events are full of escaped backslashes. Quotes, backslashes
// and odd bytes are found 64 bytes at a time for the whole record, as simdjson does; a string then ends at the next
// bit.
struct JsonIndexBuilder {
  struct Masks {
    std::uint64_t quotes, backslashes, odd;
  };

  // One block's bits into the index. `carry`: the first byte is escaped by the block before.
  template <class Simple>
  [[gnu::always_inline]] static void take(JsonIndex& index, std::size_t word, const Masks& m, std::uint64_t& carry,
                                          Simple&& simple) {
    index.backslashes_[word] = m.backslashes;
    index.odds_[word] = m.odd;
    index.odd_ |= m.odd != 0;
    // PERF NOTE: without a branch for blocks that have no backslash; half of them have, in no order.
    // Backslashes one after another escape each other: those at an even distance from the first of their run do.
    constexpr std::uint64_t kEven = 0x5555555555555555U;
    const std::uint64_t backs = m.backslashes & ~carry;
    const std::uint64_t follows = backs << 1 | carry;
    const std::uint64_t odd_starts = backs & ~kEven & ~follows;
    std::uint64_t sums = 0;
    carry = __builtin_add_overflow(odd_starts, backs, &sums) ? 1 : 0;
    const std::uint64_t escaped = (kEven ^ (sums << 1)) & follows;
    index.quotes_[word] = m.quotes & ~escaped;
    const std::uint64_t others = escaped & ~(m.quotes | m.backslashes);
    if (others != 0 && (others & ~simple()) != 0) index.odd_escapes_ = true;
  }

#if defined(__SSE2__)
  [[gnu::always_inline]] static std::uint64_t equal16(const char* p, char c) {
    const __m128i wanted = _mm_set1_epi8(c);
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p) + i);
      out |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, wanted)))} << (16 * i);
    }
    return out;
  }
  [[gnu::always_inline]] static Masks masks16(const char* p) {
    const __m128i limit = _mm_set1_epi8(0x1f);
    std::uint64_t odd = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p) + i);
      const __m128i bits = _mm_or_si128(x, _mm_cmpeq_epi8(_mm_min_epu8(x, limit), x));
      odd |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(bits))} << (16 * i);
    }
    return {equal16(p, '"'), equal16(p, '\\'), odd};
  }
  [[gnu::always_inline]] static void block16(JsonIndex& index, std::size_t word, const char* p, std::uint64_t& carry) {
    take(index, word, masks16(p), carry, [p] {
      return equal16(p, '/') | equal16(p, 'b') | equal16(p, 'f') | equal16(p, 'n') | equal16(p, 'r') | equal16(p, 't');
    });
  }

  // The same, 32 bytes at a time.
  __attribute__((target("avx2"))) static std::uint64_t simple32(const char* p) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 2; ++i) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p) + i);
      __m256i met = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('/'));
      for (const char c : {'b', 'f', 'n', 'r', 't'})
        met = _mm256_or_si256(met, _mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)));
      out |= std::uint64_t{static_cast<unsigned>(_mm256_movemask_epi8(met))} << (32 * i);
    }
    return out;
  }
  __attribute__((target("avx2"))) static void blocks32(JsonIndex& index, const char* p, std::size_t words,
                                                       std::uint64_t& carry) {
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i back = _mm256_set1_epi8('\\');
    const __m256i limit = _mm256_set1_epi8(0x1f);
    for (std::size_t word = 0; word < words; ++word, p += 64) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
      const auto both = [](int low, int high) __attribute__((always_inline)) {
        return std::uint64_t{static_cast<unsigned>(high)} << 32 | static_cast<unsigned>(low);
      };
      const Masks m = {
          both(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, quote)), _mm256_movemask_epi8(_mm256_cmpeq_epi8(b, quote))),
          both(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, back)), _mm256_movemask_epi8(_mm256_cmpeq_epi8(b, back))),
          both(_mm256_movemask_epi8(_mm256_or_si256(a, _mm256_cmpeq_epi8(_mm256_min_epu8(a, limit), a))),
               _mm256_movemask_epi8(_mm256_or_si256(b, _mm256_cmpeq_epi8(_mm256_min_epu8(b, limit), b))))};
      take(index, word, m, carry, [p] { return simple32(p); });
    }
  }

  // And 64 bytes at a time, the last bytes too.
  // Vectors stay out of closures and of the stack: a frame of AddressSanitizer's own is not aligned for them.
  __attribute__((target("avx512bw"), always_inline)) static __m512i load64(std::string_view raw, std::size_t at) {
    const std::size_t left = raw.size() - at;
    return left >= 64 ? _mm512_loadu_si512(raw.data() + at)
                      : _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), (std::uint64_t{1} << left) - 1, raw.data() + at);
  }
  __attribute__((target("avx512bw"))) static std::uint64_t simple64(std::string_view raw, std::size_t at) {
    const __m512i x = load64(raw, at);
    std::uint64_t out = 0;
    for (const char c : {'/', 'b', 'f', 'n', 'r', 't'}) out |= _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c));
    return out;
  }
  __attribute__((target("avx512bw"))) static void blocks64(JsonIndex& index, std::string_view raw,
                                                           std::uint64_t& carry) {
    const __m512i quote = _mm512_set1_epi8('"'), back = _mm512_set1_epi8('\\'), space = _mm512_set1_epi8(' ');
    for (std::size_t at = 0; at <= raw.size(); at += 64) {
      const __m512i x = load64(raw, at);
      const Masks m = {_mm512_cmpeq_epi8_mask(x, quote), _mm512_cmpeq_epi8_mask(x, back),
                       _mm512_movepi8_mask(x) | _mm512_cmplt_epu8_mask(x, space)};
      take(index, at / 64, m, carry, [raw, at] { return simple64(raw, at); });
    }
  }
#else
  static void block16(JsonIndex& index, std::size_t word, const char* p, std::uint64_t& carry) {
    Masks m{};
    std::uint64_t simple = 0;
    for (unsigned i = 0; i < 64; ++i) {
      const auto c = static_cast<unsigned char>(p[i]);
      const std::uint64_t bit = std::uint64_t{1} << i;
      if (c == '"') m.quotes |= bit;
      if (c == '\\') m.backslashes |= bit;
      if (c < 0x20 || c >= 0x80) m.odd |= bit;
      if (kEscapes[c] != 0) simple |= bit;
    }
    take(index, word, m, carry, [simple] { return simple; });
  }
#endif
};

void JsonIndex::build(std::string_view raw) {
  const std::size_t full = raw.size() / 64;
  if (quotes_.size() < full + 2) {
    quotes_.resize(full + 2);
    backslashes_.resize(full + 2);
    odds_.resize(full + 2);
  }
  odd_ = odd_escapes_ = false;
  quotes_[full + 1] = 1;
  backslashes_[full + 1] = 0;
  odds_[full + 1] = 0;
  std::uint64_t carry = 0;
  std::size_t word = 0;
#if defined(__SSE2__)
  if (lanes() == Lanes::avx512) return JsonIndexBuilder::blocks64(*this, raw, carry);
  if (lanes() == Lanes::avx2) {
    JsonIndexBuilder::blocks32(*this, raw.data(), full, carry);
    word = full;
  }
#endif
  for (; word < full; ++word) JsonIndexBuilder::block16(*this, word, raw.data() + word * 64, carry);
  char rest[64];
  std::memset(rest, ' ', sizeof rest);
  const std::size_t left = raw.size() - full * 64;
  if (left > 0) std::memcpy(rest, raw.data() + full * 64, left);
  JsonIndexBuilder::block16(*this, full, rest, carry);
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
  if (parent == 0 || (nodes_[parent].parent == 0 && nodes_[parent].key == kEnvelope)) {
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
  const char* close = closing_quote(p);
  if (close == nullptr) return nullptr;
  const auto from = static_cast<std::size_t>(p - base_);
  const auto to = static_cast<std::size_t>(close - base_);
  std::string_view name(p, to - from);
  const bool long_name = paths_.at(level.node).path.size() + name.size() > limits::kKeyBytes;
  if (long_name || paths_.size() > JsonPaths::kMost + limits::kFieldsPerRecord ||
      paths_.bytes() > 2 * JsonPaths::kMostBytes) {
    ++(long_name ? faults_.long_keys : faults_.too_many);
    node = JsonPaths::kNone;
  } else {
    const bool escapes = index_.backslash_in(from, to);
    const bool odd = index_.odd_in(from, to);
    const bool bad_text = odd && !valid_utf8(p, close);
    if (bad_text) ++faults_.not_utf8;
    if ((odd && std::any_of(p, close, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) ||
        (escapes && !escapes_valid(p, close)))
      ++faults_.bad_values;
    if (escapes || bad_text) {
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

// Null: the bytes end before.
inline const char* JsonScanner::closing_quote(const char* p) const {
  const std::size_t place = index_.quote_from(static_cast<std::size_t>(p - base_));
  return place < static_cast<std::size_t>(end_ - base_) ? base_ + place : nullptr;
}

inline const char* JsonScanner::text(const char* p, std::uint32_t node) {
  const char* close = closing_quote(p);
  if (close == nullptr) return nullptr;
  const auto from = static_cast<std::size_t>(p - base_);
  const auto to = static_cast<std::size_t>(close - base_);
  bool decode = index_.backslash_in(from, to);
  bool bad = decode && index_.odd_escapes() && !escapes_valid(p, close);
  if (index_.odd_in(from, to)) [[unlikely]] {
    bad = bad || std::any_of(p, close, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (!valid_utf8(p, close)) {
      ++faults_.not_utf8;
      decode = true;
    }
  }
  if (bad) ++faults_.bad_values;
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
      p = string_end(p + 1, end);
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
  end_ = end;
  if (raw.starts_with("\xEF\xBB\xBF")) p += 3;
  p = skip_blanks(p, end);
  if (p == end) return JsonVerdict::cut;
  if (*p != '{' && !any_value) return JsonVerdict::damaged;
  index_.build(raw);

  std::uint32_t node = 0;  // of the value at p
  while (true) {
    // A value.
    if (p == end) return JsonVerdict::cut;
    if (*p == '"') {
      p = text(p + 1, node);
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
