#include "report/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "core/ascii.h"

namespace assay::report {
namespace {

struct Range {
  char32_t first, last;
};

// Sorted. Sources: Unicode 15 categories Cc, Cf, Zs (but the space), Zl, Zp, Co, Cn at the ends of planes, the default
// ignorable code points, and the blocks of combining marks.
constexpr Range kEscaped[] = {
    {0x0000, 0x001f},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},   {0x0300, 0x036f},   {0x0483, 0x0489},
    {0x0591, 0x05bd},   {0x0600, 0x0605},   {0x0610, 0x061c},   {0x064b, 0x065f},   {0x06dd, 0x06dd},
    {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x1680, 0x1680},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x20d0, 0x20ff},   {0x3000, 0x3000},   {0x3164, 0x3164},
    {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x10ffff},
};
constexpr Range kWide[] = {
    {0x1100, 0x115e}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
};

bool in(std::span<const Range> ranges, char32_t c) {
  const auto at =
      std::upper_bound(ranges.begin(), ranges.end(), c, [](char32_t v, const Range& r) { return v < r.first; });
  return at != ranges.begin() && c <= std::prev(at)->last;
}

}  // namespace

bool needs_escape(char32_t c) { return in(kEscaped, c); }
std::size_t columns_of(char32_t c) { return in(kWide, c) ? 2 : 1; }

CodePoint next_code_point(std::string_view text) {
  const std::size_t n = utf8_sequence(text);
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  if (text.empty()) return {};
  if (n == 0) return {at(0), 1, false};
  if (n == 1) return {at(0), 1, true};
  char32_t code = n == 2 ? at(0) & 0x1f : n == 3 ? at(0) & 0x0f : at(0) & 0x07;
  for (std::size_t i = 1; i < n; ++i) code = code << 6 | (at(i) & 0x3f);
  return {code, n, true};
}

std::string printable(std::string_view text, std::size_t cap) {
  std::string out;
  std::size_t used = 0;
  while (used < text.size()) {
    const CodePoint c = next_code_point(text.substr(used));
    if (used + c.size > cap) {
      fmt::format_to(std::back_inserter(out), "..(+{} bytes)", text.size() - used);
      return out;
    }
    if (!c.valid || (c.code < 0x100 && needs_escape(c.code))) {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned>(c.code));
    } else if (needs_escape(c.code)) {
      fmt::format_to(std::back_inserter(out), "\\u{{{:04X}}}", static_cast<unsigned>(c.code));
    } else {
      // A written "\x1B" must not look like a shown control character.
      if (c.code == '\\' && used + 1 < text.size() && (text[used + 1] == 'x' || text[used + 1] == 'u')) out += '\\';
      out += text.substr(used, c.size);
    }
    used += c.size;
  }
  return out;
}

std::size_t Plain::columns() const {
  std::size_t n = 0;
  for (std::string_view rest = text_; !rest.empty();) {
    const CodePoint c = next_code_point(rest);
    n += columns_of(c.code);
    rest.remove_prefix(c.size);
  }
  return n;
}

Plain Plain::cut(std::size_t columns) const {
  if (this->columns() <= columns) return *this;
  Plain out;
  std::size_t used = 0;
  for (std::string_view rest = text_; !rest.empty();) {
    const CodePoint c = next_code_point(rest);
    if (used + columns_of(c.code) + 2 > columns) break;
    used += columns_of(c.code);
    out.text_ += rest.substr(0, c.size);
    rest.remove_prefix(c.size);
  }
  while (!out.text_.empty() && out.text_.back() == ' ') out.text_.pop_back();
  out.text_ += "..";
  return out;
}

Plain Plain::upper() const {
  Plain out = *this;
  for (char& c : out.text_) c = to_upper(c);
  return out;
}

Plain Plain::spaces(std::size_t n) {
  Plain out;
  out.text_.assign(n, ' ');
  return out;
}

std::vector<Plain> Plain::wrap(std::size_t columns) const {
  columns = std::max<std::size_t>(columns, 4);
  std::vector<Plain> lines;
  Plain line;
  std::size_t used = 0;
  const auto end_line = [&] {
    lines.push_back(std::move(line));
    line = {};
    used = 0;
  };
  for (const std::string_view word : split(text_, ' ')) {
    if (word.empty()) continue;
    Plain piece;
    piece.text_ = word;
    const std::size_t width = piece.columns();
    if (used > 0 && used + 1 + width <= columns) {
      line.text_ += ' ';
      line.text_ += word;
      used += 1 + width;
      continue;
    }
    // A word that is longer than a line is not moved down first: it would leave a hole.
    if (used > 0 && (width <= columns || used + 8 > columns)) end_line();
    if (used > 0) {
      line.text_ += ' ';
      ++used;
    }
    for (std::string_view rest = word; !rest.empty();) {
      const CodePoint c = next_code_point(rest);
      if (used + columns_of(c.code) > columns) end_line();
      line.text_ += rest.substr(0, c.size);
      used += columns_of(c.code);
      rest.remove_prefix(c.size);
    }
  }
  if (used > 0 || lines.empty()) end_line();
  return lines;
}

std::vector<Plain> Plain::chop(std::size_t columns) const {
  std::vector<Plain> lines(1);
  std::size_t used = 0;
  for (std::string_view rest = text_; !rest.empty();) {
    const CodePoint c = next_code_point(rest);
    if (used > 0 && used + columns_of(c.code) > columns) {
      lines.emplace_back();
      used = 0;
    }
    lines.back().text_ += rest.substr(0, c.size);
    used += columns_of(c.code);
    rest.remove_prefix(c.size);
  }
  return lines;
}

Plain show(std::string_view text, std::size_t cap) {
  Plain out;
  out.text_ = printable(text, cap);
  return out;
}

Html& Html::text(std::string_view hostile, std::size_t cap) {
  for (const char c : printable(hostile, cap)) {
    switch (c) {
      case '&':
        text_ += "&amp;";
        break;
      case '<':
        text_ += "&lt;";
        break;
      case '>':
        text_ += "&gt;";
        break;
      case '"':
        text_ += "&quot;";
        break;
      case '\'':
        text_ += "&#39;";
        break;
      case '`':
        text_ += "&#96;";
        break;
      case '=':
        text_ += "&#61;";
        break;
      case '{':
        text_ += "&#123;";
        break;  // template marks of whatever the page is pasted into
      case '}':
        text_ += "&#125;";
        break;
      default:
        text_ += c;
    }
  }
  return *this;
}

Html& Html::number(std::int64_t value) {
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

Html& Html::fixed(double value, int decimals) {
  fmt::format_to(std::back_inserter(text_), "{:.{}f}", value, decimals);
  return *this;
}

std::string harden_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const CodePoint c = next_code_point(json);
    if (c.code == '<') {
      out += "\\u003c";
    } else if (c.code >= 0x80 && needs_escape(c.code)) {
      if (c.code > 0xffff) {
        const char32_t v = c.code - 0x10000;
        fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", static_cast<unsigned>(0xd800 + (v >> 10)),
                       static_cast<unsigned>(0xdc00 + (v & 0x3ff)));
      } else {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c.code));
      }
    } else {
      out += json.substr(0, c.size);
    }
    json.remove_prefix(c.size);
  }
  return out;
}

}  // namespace assay::report
