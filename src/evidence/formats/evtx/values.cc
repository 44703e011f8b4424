#include "evidence/formats/evtx/values.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>

#include "evidence/formats/evtx/layout.h"
#include "text/utf8.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace assay::evtx {
namespace {

constexpr std::array<std::uint8_t, 0x16> kFixed = {0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4, 0, 16, 0, 8, 16, 0, 4, 8};

// windows-1252 from 0x80; 0: not assigned.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                        0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

// PERF NOTE (docs/performance.md): a record has some twenty numbers, and keywords look at all of them.
template <class Number>
void decimal(Number value, std::string& out) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void hexadecimal(std::string_view bytes, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + bytes.size() * 2);
  char* to = out.data() + begin;
  for (const char c : bytes) {
    *to++ = kUpper[static_cast<unsigned char>(c) >> 4];
    *to++ = kUpper[static_cast<unsigned char>(c) & 15];
  }
}

void unpadded(std::uint64_t value, std::string& out) {
  std::array<char, 18> text;
  std::size_t at = text.size();
  do {
    text[--at] = kLower[value & 15];
    value >>= 4;
  } while (value != 0);
  text[--at] = 'x';
  text[--at] = '0';
  out.append(text.data() + at, text.size() - at);
}

void guid(std::string_view b, std::string& out) {
  constexpr std::array<std::uint8_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::array<char, 38> text;
  char* to = text.data();
  *to++ = '{';
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    const auto byte = static_cast<unsigned char>(b[kOrder[i]]);
    *to++ = kUpper[byte >> 4];
    *to++ = kUpper[byte & 15];
  }
  *to = '}';
  out.append(text.data(), text.size());
}

void sid(std::string_view b, std::string& out) {
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i) authority = authority << 8 | static_cast<unsigned char>(b[i]);
  out += "S-";
  decimal(static_cast<unsigned>(static_cast<unsigned char>(b[0])), out);
  out += '-';
  decimal(authority, out);
  for (std::size_t at = 8; at < b.size(); at += 4) {
    out += '-';
    decimal(little<std::uint32_t>(b, at), out);
  }
}

// 100 ns since 1601, any 64-bit number: the calendar of Time ends before that of FILETIME.
void file_time(std::uint64_t ticks, std::string& out) {
  constexpr std::uint64_t kSecondTicks = 10'000'000;
  const std::uint64_t seconds = ticks / kSecondTicks;
  const std::uint64_t of_day = seconds % 86400;
  // Days since 0000-03-01 in the Gregorian calendar: eras of 400 years are 146,097 days; 1601-01-01 is day 584,694.
  const std::uint64_t days = seconds / 86400 + 584694;
  const std::uint64_t era = days / 146097, in_era = days % 146097;
  const std::uint64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  const std::uint64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t shifted = (5 * in_year + 2) / 153;
  const std::uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::uint64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  std::array<char, 32> buffer{};
  char* p = buffer.data();
  const auto digits = [&](std::uint64_t value, int width, char after) {
    for (int i = width - 1; i >= 0; --i) {
      p[i] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    p += width;
    *p++ = after;
  };
  digits(year, year > 9999 ? 5 : 4, '-');
  digits(month, 2, '-');
  digits(in_year - (153 * shifted + 2) / 5 + 1, 2, 'T');
  digits(of_day / 3600, 2, ':');
  digits(of_day / 60 % 60, 2, ':');
  digits(of_day % 60, 2, '.');
  digits(ticks % kSecondTicks, 7, 'Z');
  out.append(buffer.data(), p);
}

void system_time(std::string_view b, std::string& out) {
  const auto part = [&](std::size_t n) { return little<std::uint16_t>(b, n * 2); };
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", part(0), part(1), part(3),
                 part(4), part(5), part(6), part(7));
}

template <class Real>
ValueKind real(Real value, std::string& out) {
  if (std::isnan(value) || std::isinf(value)) {  // as Windows writes them
    out += std::isnan(value) ? "-1.#IND" : value < 0 ? "-1.#INF" : "1.#INF";
    return ValueKind::string;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
  return ValueKind::number;
}

}  // namespace

std::size_t fixed_size(std::uint8_t type) { return type < kFixed.size() ? kFixed[type] : 0; }

std::size_t sid_size(std::string_view bytes) {
  if (bytes.size() < 8) return 0;
  const std::size_t size = 8 + std::size_t{4} * static_cast<unsigned char>(bytes[1]);
  return size <= bytes.size() ? size : 0;
}

bool fits(std::uint8_t type, std::string_view bytes) {
  switch (type) {
    case kBool:
    case kSize:
      return bytes.size() == 4 || bytes.size() == 8 || (type == kBool && bytes.size() <= 2);
    case kSid:
      return sid_size(bytes) == bytes.size();
    default: {
      const std::size_t fixed = fixed_size(type);
      return fixed == 0 || bytes.size() == fixed;
    }
  }
}

void utf16(std::string_view bytes, std::string& out) {
  const std::size_t units = bytes.size() / 2;
  std::size_t at = 0;
  out.resize(units);
#if defined(__SSE2__)
  const __m128i high = _mm_set1_epi16(static_cast<short>(0xFF80));
  for (; at + 8 <= units; at += 8) {
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at * 2));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_and_si128(eight, high), _mm_setzero_si128())) != 0xFFFF) break;
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out.data() + at), _mm_packus_epi16(eight, eight));
  }
#endif
  for (; at < units; ++at) {
    const auto unit = little<std::uint16_t>(bytes, at * 2);
    if (unit >= 0x80) break;
    out[at] = static_cast<char>(unit);
  }
  out.resize(at);
  for (; at < units; ++at) {
    const auto unit = little<std::uint16_t>(bytes, at * 2);
    if (unit < 0xD800 || unit > 0xDFFF) {
      append_utf8(out, unit);
      continue;
    }
    const std::uint16_t next = at + 1 < units ? little<std::uint16_t>(bytes, at * 2 + 2) : std::uint16_t{0};
    if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
      append_utf8(out, 0x10000 + ((unit - 0xD800U) << 10) + (next - 0xDC00U));
      ++at;
    } else {
      append_utf8(out, 0xFFFD);
    }
  }
}

void narrow(std::string_view bytes, std::string& out) {
  const std::size_t units = bytes.size() / 2, begin = out.size();
  out.resize(begin + units);
  char* const to = out.data() + begin;
  std::size_t at = 0;
#if defined(__SSE2__)
  // Unsigned saturation: what is above 0xff becomes 0xff, what looks negative 0.
  for (; at + 8 <= units; at += 8) {
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at * 2));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + at), _mm_packus_epi16(eight, eight));
  }
#endif
  for (; at < units; ++at) {
    const auto unit = little<std::uint16_t>(bytes, at * 2);
    to[at] = static_cast<char>(unit < 0xff ? unit : 0xff);
  }
}

bool utf16_whole(std::string_view bytes) {
  const std::size_t units = bytes.size() / 2;
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i mask = _mm_set1_epi16(static_cast<short>(0xF800));
  const __m128i half = _mm_set1_epi16(static_cast<short>(0xD800));
  for (; at + 8 <= units; at += 8) {
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at * 2));
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_and_si128(eight, mask), half)) != 0) break;
  }
#endif
  for (; at < units; ++at) {
    const auto unit = little<std::uint16_t>(bytes, at * 2);
    if ((unit & 0xF800) != 0xD800) continue;
    if (unit >= 0xDC00 || at + 1 >= units) return false;
    const auto next = little<std::uint16_t>(bytes, ++at * 2);
    if (next < 0xDC00 || next > 0xDFFF) return false;
  }
  return true;
}

ValueKind render(std::uint8_t type, std::string_view b, std::string& out) {
  switch (type) {
    case kString: {
      std::string text;
      utf16(b, text);
      out += text;
      return ValueKind::string;
    }
    case kAnsi:
      for (const char c : b) {
        const auto byte = static_cast<unsigned char>(c);
        const std::uint32_t code = byte < 0x80 || byte > 0x9F ? byte : kWindows1252[byte - 0x80U];
        append_utf8(out, code == 0 && byte != 0 ? 0xFFFD : code);
      }
      return ValueKind::string;
    case kInt8:
      decimal(static_cast<int>(static_cast<std::int8_t>(b[0])), out);
      return ValueKind::number;
    case kUInt8:
      decimal(static_cast<unsigned>(static_cast<unsigned char>(b[0])), out);
      return ValueKind::number;
    case kInt16:
      decimal(static_cast<std::int16_t>(little<std::uint16_t>(b, 0)), out);
      return ValueKind::number;
    case kUInt16:
      decimal(little<std::uint16_t>(b, 0), out);
      return ValueKind::number;
    case kInt32:
      decimal(static_cast<std::int32_t>(little<std::uint32_t>(b, 0)), out);
      return ValueKind::number;
    case kUInt32:
      decimal(little<std::uint32_t>(b, 0), out);
      return ValueKind::number;
    case kInt64:
      decimal(static_cast<std::int64_t>(little<std::uint64_t>(b, 0)), out);
      return ValueKind::number;
    case kUInt64:
      decimal(little<std::uint64_t>(b, 0), out);
      return ValueKind::number;
    case kReal32:
      return real(std::bit_cast<float>(little<std::uint32_t>(b, 0)), out);
    case kReal64:
      return real(std::bit_cast<double>(little<std::uint64_t>(b, 0)), out);
    case kBool:  // anything but zero is true
      out += b.find_first_not_of('\0') == std::string_view::npos ? "false" : "true";
      return ValueKind::boolean;
    case kGuid:
      guid(b, out);
      return ValueKind::string;
    case kFileTime:
      file_time(little<std::uint64_t>(b, 0), out);
      return ValueKind::string;
    case kSystemTime:
      system_time(b, out);
      return ValueKind::string;
    case kSid:
      sid(b, out);
      return ValueKind::string;
    case kSize:
    case kHex32:
    case kHex64:
      unpadded(b.size() == 4 ? little<std::uint32_t>(b, 0) : little<std::uint64_t>(b, 0), out);
      return ValueKind::string;
    default:
      hexadecimal(b, out);
      return ValueKind::string;
  }
}

}  // namespace assay::evtx
