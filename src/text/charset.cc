#include "text/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/ascii.h"
#include "text/utf8.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Windows-1252, 0x80..0x9f; the five holes keep their code.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                        0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                        0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

// Browsers and mail programs read Latin-1 as Windows-1252, and so do senders mean it.
std::string from_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : byte);
  }
  return out;
}

std::string from_utf16(std::string_view bytes, bool big) {
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(big ? first << 8 | second : second << 8 | first);
  };
  std::string out;
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    std::uint32_t code = unit(at);
    at += 2;
    if (code >= 0xd800 && code < 0xdc00 && at + 2 <= bytes.size() && (unit(at) & 0xfc00U) == 0xdc00U) {
      code = 0x10000 + ((code & 0x3ffU) << 10) + (unit(at) & 0x3ffU);
      at += 2;
    } else if (code >= 0xd800 && code < 0xe000) {
      code = 0xfffd;
    }
    append_utf8(out, code);
  }
  if (at < bytes.size()) out += kReplacement;
  return out;
}

// Names as messages write them, to names as iconv knows them.
struct Known {
  std::string_view name;
  const char* iconv_name;
};
constexpr std::array kKnown = std::to_array<Known>({
    {"big5", "BIG5"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},
    {"cp1255", "CP1255"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp1258", "CP1258"},
    {"cp437", "CP437"},
    {"cp850", "CP850"},
    {"cp866", "CP866"},
    {"cp932", "CP932"},
    {"cp936", "GBK"},
    {"cp949", "CP949"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"ibm437", "CP437"},
    {"ibm850", "CP850"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "ISO-8859-9"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ks_c_5601-1987", "CP949"},
    {"macintosh", "MACINTOSH"},
    {"shift-jis", "CP932"},
    {"shift_jis", "CP932"},
    {"tis-620", "TIS-620"},
    {"utf-32", "UTF-32"},
    {"utf-7", "UTF-7"},
    {"windows-1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"windows-31j", "CP932"},
    {"windows-874", "CP874"},
    {"x-sjis", "CP932"},
});
static_assert(std::is_sorted(kKnown.begin(), kKnown.end(),
                             [](const Known& a, const Known& b) { return a.name < b.name; }));

class Converter {
 public:
  explicit Converter(const char* name) : handle_(::iconv_open("UTF-8", name)) {}
  ~Converter() {
    if (good()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  [[nodiscard]] bool good() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view bytes) {
    std::string out;
    char* in = const_cast<char*>(bytes.data());  // iconv does not write through it
    std::size_t left = bytes.size();
    char buffer[4096];
    while (left != 0) {
      char* to = buffer;
      std::size_t room = sizeof buffer;
      const std::size_t before = left;
      const std::size_t status = ::iconv(handle_, &in, &left, &to, &room);
      const int error = errno;
      out.append(buffer, sizeof buffer - room);
      if (status != static_cast<std::size_t>(-1)) continue;
      if (error == EINVAL) {  // a character cut at the end
        out += kReplacement;
        break;
      }
      if (error == E2BIG && (left != before || room != sizeof buffer)) continue;
      out += kReplacement;
      ++in;
      --left;
    }
    char* to = buffer;
    std::size_t room = sizeof buffer;
    ::iconv(handle_, nullptr, nullptr, &to, &room);
    out.append(buffer, sizeof buffer - room);
    return out;
  }

 private:
  iconv_t handle_;
};

// Most text is; eight bytes at a time.
bool is_ascii(std::string_view bytes) {
  std::uint64_t seen = 0;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    seen |= word;
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) seen |= static_cast<unsigned char>(c);
  return (seen & 0x8080808080808080U) == 0;
}

std::string guessed(std::string_view bytes) {
  return is_ascii(bytes) || is_utf8(bytes) ? std::string(bytes) : from_windows_1252(bytes);
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset, bool* known) {
  if (known != nullptr) *known = true;
  const std::string name = lower(trim(charset));
  if (bytes.starts_with("\xef\xbb\xbf"sv)) return to_valid_utf8(bytes.substr(3));
  if (name == "utf-16" || name == "utf-16le" || name == "utf-16be" || name == "unicode") {
    const bool big_mark = bytes.starts_with("\xfe\xff"sv), little_mark = bytes.starts_with("\xff\xfe"sv);
    const bool big = big_mark || (!little_mark && name != "utf-16le");
    return from_utf16(bytes.substr(big_mark || little_mark ? 2 : 0), big);
  }
  if (bytes.starts_with("\xff\xfe"sv)) return from_utf16(bytes.substr(2), false);
  if (name.empty() || name == "us-ascii" || name == "ascii" || name == "utf-8" || name == "utf8" ||
      name == "unicode-1-1-utf-8")
    return guessed(bytes);
  if (name == "iso-8859-1" || name == "latin1" || name == "windows-1252" || name == "cp1252")
    return from_windows_1252(bytes);
  const auto at = std::lower_bound(kKnown.begin(), kKnown.end(), name,
                                   [](const Known& entry, const std::string& key) { return entry.name < key; });
  if (at != kKnown.end() && at->name == name) {
    Converter converter(at->iconv_name);
    if (converter.good()) return to_valid_utf8(converter.convert(bytes));
  }
  if (known != nullptr) *known = false;
  return guessed(bytes);
}

}  // namespace assay
