// What holds for a value: the half of RuleCore that runs for records. rule_core.cc compiles.
#include <algorithm>
#include <bit>
#include <cstring>

#include "core/ascii.h"
#include "core/vectors.h"
#include "match/rule_core.h"
#include "text/nfc.h"

namespace assay {
namespace {

using ir::Test;

// PERF NOTE: sixteen bytes at a time.
// `out` holds the text in lower case and LiteralIndex::kPadding bytes behind it. False: not all of it is ASCII.
bool lower_into(std::string_view text, std::string& out) {
  if (out.size() < text.size() + LiteralIndex::kPadding) out.resize(text.size() * 2 + LiteralIndex::kPadding);
  std::size_t i = 0;
  unsigned high = 0;
#if defined(__SSE2__)
  const __m128i before = _mm_set1_epi8('A' - 1), behind = _mm_set1_epi8('Z' + 1), bit = _mm_set1_epi8(0x20);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(x, before), _mm_cmplt_epi8(x, behind));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + i), _mm_or_si128(x, _mm_and_si128(upper, bit)));
    high |= static_cast<unsigned>(_mm_movemask_epi8(x));
  }
#endif
  for (; i < text.size(); ++i) {
    out[i] = to_lower(text[i]);
    high |= static_cast<unsigned char>(text[i]) & 0x80U;
  }
  std::memset(out.data() + text.size(), 0, LiteralIndex::kPadding);
  return high == 0;
}

bool part_at(const RuleCore::Predicate::Part& part, const char* text) {
  if (part.any.empty()) return std::memcmp(text, part.text.data(), part.text.size()) == 0;
  std::size_t from = 0;
  for (const std::size_t any : part.any) {
    if (std::memcmp(text + from, part.text.data() + from, any - from) != 0) return false;
    from = any + 1;
  }
  return std::memcmp(text + from, part.text.data() + from, part.text.size() - from) == 0;
}

std::size_t find_part(const RuleCore::Predicate::Part& part, std::string_view text) {
  const std::string_view anchor = std::string_view(part.text).substr(part.anchor, part.anchor_size);
  for (std::size_t from = part.anchor; text.size() >= part.text.size();) {
    const std::size_t found = text.find(anchor, from);
    if (found == std::string_view::npos || found - part.anchor > text.size() - part.text.size()) break;
    if (part_at(part, text.data() + found - part.anchor)) return found - part.anchor;
    from = found + 1;
  }
  return std::string_view::npos;
}

// The pattern over a whole value of ASCII alone, in lower case.
bool parts_hold(const RuleCore::Predicate& p, std::string_view lowered) {
  std::size_t first = 0, last = p.parts.size();
  if (!p.open_start) {
    const std::size_t size = p.parts.front().text.size();
    if (lowered.size() < size || !part_at(p.parts.front(), lowered.data())) return false;
    lowered.remove_prefix(size);
    ++first;
    if (first == last) return p.open_end || lowered.empty();
  }
  if (!p.open_end) {
    --last;
    const std::size_t size = p.parts[last].text.size();
    if (lowered.size() < size || !part_at(p.parts[last], lowered.data() + lowered.size() - size)) return false;
    lowered.remove_suffix(size);
  }
  for (; first < last; ++first) {
    const std::size_t at = find_part(p.parts[first], lowered);
    if (at == std::string_view::npos) return false;
    lowered.remove_prefix(at + p.parts[first].text.size());
  }
  return true;
}

bool compare_holds(Test test, double number, const RuleCore::Predicate& p) {
  if (!p.is_number) return false;
  if (test == Test::less) return number < p.number;
  if (test == Test::less_equal) return number <= p.number;
  if (test == Test::greater) return number > p.number;
  return number >= p.number;
}

bool inside(std::string_view text, std::string_view needle) { return text.find(needle) != std::string_view::npos; }

// PERF NOTE: sixteen places at a time, by first and last byte; the library's memmem prepares a table for each search.
// The text has LiteralIndex::kPadding readable bytes behind it.
bool inside_padded(std::string_view text, std::string_view needle) {
#if defined(__SSE2__)
  if (needle.size() < 2 || needle.size() > text.size()) return inside(text, needle);
  const __m128i first = _mm_set1_epi8(needle.front()), last = _mm_set1_epi8(needle.back());
  const std::size_t places = text.size() - needle.size() + 1;
  for (std::size_t i = 0; i < places; i += 16) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i + needle.size() - 1));
    auto met =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last))));
    for (; met != 0; met &= met - 1) {
      const std::size_t at = i + static_cast<std::size_t>(std::countr_zero(met));
      if (at >= places) break;
      if (std::memcmp(text.data() + at + 1, needle.data() + 1, needle.size() - 2) == 0) return true;
    }
  }
  return false;
#else
  return inside(text, needle);
#endif
}

}  // namespace

bool RuleCore::holds(const Predicate& p, std::string_view text, std::string_view lowered, bool ascii,
                     ir::RegexScratch& scratch, bool& whole) const {
  if (!ascii && p.atom->as == ir::As::text) {  // compared in NFC, which changes nothing of ASCII
    const std::string composed = nfc(text);
    if (p.test == Test::wildcard) return wildcard_match(p.literal->pieces, composed, p.cased, false);
    if (p.regex == nullptr) return false;
    const ir::Regex::Found found = p.regex->search(composed, scratch);
    if (found == ir::Regex::Found::limit) whole = false;
    return found == ir::Regex::Found::yes;
  }
  const std::string_view value = p.cased ? text : lowered;
  const std::string_view wanted = p.cased ? std::string_view(p.literal->text) : std::string_view(p.lowered);
  switch (p.test) {
    case Test::equals:
      return value == wanted || (p.literal->number && equal_numbers(text, p.literal->text));
    case Test::contains:
      return p.cased ? inside(text, wanted) : inside_padded(lowered, wanted);
    case Test::starts_with:
      return value.starts_with(wanted);
    case Test::ends_with:
      return value.ends_with(wanted);
    case Test::wildcard:
      if (ascii && !p.parts.empty()) return parts_hold(p, lowered);
      return wildcard_match(p.literal->pieces, text, p.cased, false);
    case Test::keyword:
      if (p.literal->pieces.size() == 1 && !p.cased && p.literal->pieces.front().kind == ir::Piece::Kind::text) {
        return inside_padded(lowered, lower(p.literal->pieces.front().text));
      }
      return wildcard_match(p.literal->pieces, text, p.cased, true);
    case Test::regex: {
      if (p.regex == nullptr) return false;
      const ir::Regex::Found found = p.regex->search(text, scratch);
      if (found == ir::Regex::Found::limit) whole = false;
      return found == ir::Regex::Found::yes;
    }
    case Test::cidr: {
      if (!p.network) return false;
      const auto address = network_of(text);
      return address && contains(*p.network, *address);
    }
    case Test::structure:
      return p.structure != nullptr && p.structure->holds(text);
    case Test::less:
    case Test::less_equal:
    case Test::greater:
    case Test::greater_equal: {
      const auto number = number_of(text);
      return number && compare_holds(p.test, *number, p);
    }
    default:
      return false;
  }
}

void RuleCore::lower_value(std::string_view text, Lowered& out) { out.ascii = lower_into(text, out.text); }

bool RuleCore::holds_for(std::uint32_t predicate, std::string_view text, const Lowered& lowered,
                         ir::RegexScratch& scratch, bool& whole) const {
  const std::string_view low(lowered.text.data(), text.size());
  const Brief& brief = briefs_[predicate];
  if (brief.members == 0) return holds(predicates_[predicate], text, low, lowered.ascii, scratch, whole);
  const std::uint32_t* const members = numbers_.data() + brief.first + brief.groups + brief.rules;
  return std::any_of(members, members + brief.members, [&](std::uint32_t member) {
    return holds(predicates_[member], text, low, lowered.ascii, scratch, whole);
  });
}

// PERF NOTE (docs/performance.md): this runs for values not seen before. Most predicates are found by look-ups, whose
// number does not grow with the rules: the whole value, what follows its last backslashes, its pieces of four bytes.
void RuleCore::holding(std::uint32_t field, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                       bool& whole) const {
  if (!value.present() || value.kind == ValueKind::null) return;
  hold_plainly(fields_[field], value, scratch, out, whole);
  // Of what holds, nodes ask for some themselves, and for the groups of the others.
  const std::size_t plain = out.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < plain; ++i) {
    const std::uint32_t p = out[i];
    const Brief& brief = briefs_[p];
    for (std::uint32_t g = brief.first; g < brief.first + brief.groups; ++g) {
      const std::uint32_t group = numbers_[g];
      if (scratch.tried[group] == scratch.call) continue;
      scratch.tried[group] = scratch.call;
      out.push_back(group);
    }
    if (brief.asked) out[kept++] = p;
  }
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.begin() + static_cast<std::ptrdiff_t>(plain));
}

void RuleCore::hold_plainly(const Field& f, const Value& value, Scratch& scratch, std::vector<std::uint32_t>& out,
                            bool& whole) const {
  const std::string_view text = value.text;
  lower_value(text, scratch.lowered);
  const bool ascii = scratch.lowered.ascii;
  const std::string_view lowered(scratch.lowered.text.data(), text.size());
  if (scratch.tried.size() < predicates_.size()) scratch.tried.resize(predicates_.size(), 0);
  if (++scratch.call == 0) {
    std::fill(scratch.tried.begin(), scratch.tried.end(), 0);
    scratch.call = 1;
  }
  // A literal may stand many times in a text: each predicate is tried once.
  const auto try_one = [&](std::uint32_t p) {
    if (scratch.tried[p] == scratch.call) return;
    scratch.tried[p] = scratch.call;
    if (holds(predicates_[p], text, lowered, ascii, scratch.regex, whole)) out.push_back(p);
  };
  // The literal was met at its place: without regard to case that is all there is to the plain tests.
  const auto met = [&](std::uint32_t p) {
    if (scratch.tried[p] == scratch.call) return;
    if (!briefs_[p].by_place) return try_one(p);
    scratch.tried[p] = scratch.call;
    out.push_back(p);
  };
  if (!f.equal.empty()) {
    for (const std::uint32_t p : f.equal.find(lowered)) try_one(p);
  }
  if (f.backslashes > 0 && f.endings.may_end(lowered)) {
    std::size_t at = lowered.size();
    for (std::size_t n = 0; n < f.backslashes && at > 0; ++n) {
      const void* const found = memrchr(lowered.data(), '\\', at);
      if (found == nullptr) break;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - lowered.data());
      for (const std::uint32_t p : f.endings.find(lowered.substr(at))) met(p);
    }
  }
  if (!f.index.empty()) f.index.find(lowered, met);
  if (!ascii) {
    for (const std::uint32_t p : f.regexes) try_one(p);
  }
  if (!f.numbers.empty() || !f.compares.empty()) {
    if (const auto number = number_of(text)) {
      for (const std::uint32_t p : f.numbers) try_one(p);  // "04688" and "4688.0" are 4688 too
      for (const std::uint32_t p : f.compares) {
        if (compare_holds(predicates_[p].test, *number, predicates_[p])) out.push_back(p);
      }
    }
  }
  if (!f.networks.empty()) {
    if (const auto address = network_of(text)) {
      for (const std::uint32_t p : f.networks) {
        if (predicates_[p].network && contains(*predicates_[p].network, *address)) out.push_back(p);
      }
    }
  }
  for (const std::uint32_t p : f.always) try_one(p);
}

}  // namespace assay
