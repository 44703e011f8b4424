#include "core/ascii.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace assay {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

// PERF NOTE: host names; eight letters at a time. A capital letter is a byte below 0x80 that gets over 0x7f when what
// leads up to 'A' is added, and does not with what leads up to '['.
void lower_into(std::string_view text, char* out) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kTops = 0x8080808080808080U;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    const std::uint64_t low = word & ~kTops;
    const std::uint64_t capital = (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x80 - '[')) & ~word & kTops;
    word |= capital >> 2;
    std::memcpy(out + i, &word, 8);
  }
  for (; i < text.size(); ++i) out[i] = to_lower(text[i]);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view last_step(std::string_view path, std::string_view separators) {
  return path.substr(path.find_last_of(separators) + 1);  // npos + 1 is 0
}

bool equals_icase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool starts_with_icase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_icase(text.substr(0, prefix.size()), prefix);
}

bool ends_with_icase(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && equals_icase(text.substr(text.size() - suffix.size()), suffix);
}

bool contains_icase(std::string_view text, std::string_view needle) {
  if (needle.empty()) return true;
  if (needle.size() > text.size()) return false;
  const std::size_t places = text.size() - needle.size() + 1;
  std::size_t at = 0;
#if defined(__SSE2__)
  // PERF NOTE: confirming a match of a rule with many literals was this search; sixteen places at a time by the first
  // character in either case.
  const char first = to_lower(needle.front());
  const __m128i small = _mm_set1_epi8(first),
                large = _mm_set1_epi8(is_alpha(first) ? static_cast<char>(first - 0x20) : first);
  for (; at + 16 <= places; at += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    auto met =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, small), _mm_cmpeq_epi8(x, large))));
    for (; met != 0; met &= met - 1) {
      if (equals_icase(text.substr(at + static_cast<std::size_t>(std::countr_zero(met)), needle.size()), needle))
        return true;
    }
  }
#endif
  for (; at < places; ++at) {
    if (equals_icase(text.substr(at, needle.size()), needle)) return true;
  }
  return false;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) {
      out.push_back(text.substr(begin));
      return out;
    }
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  const auto value_of = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (is_digit(c)) return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
  };
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const int pad = last ? (text[i + 3] == '=') + (text[i + 2] == '=' && text[i + 3] == '=') : 0;
    unsigned bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int v = k >= 4 - static_cast<std::size_t>(pad) ? 0 : value_of(text[i + k]);
      if (v < 0) return std::nullopt;
      bits = bits << 6 | static_cast<unsigned>(v);
    }
    out += static_cast<char>(bits >> 16 & 255);
    if (pad < 2) out += static_cast<char>(bits >> 8 & 255);
    if (pad < 1) out += static_cast<char>(bits & 255);
  }
  return out;
}

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char a = at(0);
  if (a < 0x80) return 1;
  std::size_t length = 0;
  if (a >= 0xc2 && a <= 0xdf) length = 2;
  if (a >= 0xe0 && a <= 0xef) length = 3;
  if (a >= 0xf0 && a <= 0xf4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  if (a == 0xe0 && at(1) < 0xa0) return 0;
  if (a == 0xed && at(1) > 0x9f) return 0;
  if (a == 0xf0 && at(1) < 0x90) return 0;
  if (a == 0xf4 && at(1) > 0x8f) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    if (n == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, n);
      text.remove_prefix(n);
    }
  }
  return out;
}

}  // namespace assay
