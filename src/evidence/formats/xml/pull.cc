#include "evidence/formats/xml/pull.h"

#include <algorithm>

#include "core/ascii.h"
#include "text/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kAttributes = 256;

bool name_byte(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view take_name(std::string_view& rest) {
  std::size_t n = 0;
  while (n < rest.size() && name_byte(rest[n])) ++n;
  const std::string_view out = rest.substr(0, n);
  rest.remove_prefix(n);
  return out;
}

void skip_blanks(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
}

// The character of "lt", "#10", "#x1f"; 0xffffffff: none.
std::uint32_t reference(std::string_view name) {
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "amp") return '&';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (name.size() < 2 || name.size() > 10 || name[0] != '#') return UINT32_MAX;
  const bool hex = name[1] == 'x';
  std::uint32_t code = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const int digit = hex_value(c);
    if (digit < 0 || (!hex && digit > 9)) return UINT32_MAX;
    code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    if (code > 0x10ffff) return UINT32_MAX;
  }
  if (name.size() == 2 && hex) return UINT32_MAX;
  if (code == 0 || (code >= 0xd800 && code < 0xe000)) return UINT32_MAX;
  return code;
}

}  // namespace

XmlPull::Part XmlPull::next() {
  if (close_) {
    close_ = false;
    return Part::end;
  }
  while (!rest_.empty()) {
    literal_ = false;
    if (rest_.front() != '<') {
      const std::size_t end = std::min(rest_.find('<'), rest_.size());
      text_ = rest_.substr(0, end);
      rest_.remove_prefix(end);
      return Part::text;
    }
    if (rest_.starts_with("<![CDATA[")) {
      const std::size_t end = rest_.find("]]>", 9);
      if (end == kNowhere) return Part::damaged;
      text_ = rest_.substr(9, end - 9);
      rest_.remove_prefix(end + 3);
      literal_ = true;
      return Part::text;
    }
    std::string_view closing;
    if (rest_.starts_with("<!--")) closing = "-->";
    if (rest_.starts_with("<?")) closing = "?>";
    if (closing.empty()) return tag();
    const std::size_t end = rest_.find(closing, closing.size() == 3 ? 4 : 2);
    if (end == kNowhere) return Part::damaged;
    rest_.remove_prefix(end + closing.size());
  }
  return Part::done;
}

XmlPull::Part XmlPull::tag() {
  std::string_view rest = rest_.substr(1);
  const bool end = rest.starts_with('/');
  if (end) rest.remove_prefix(1);
  name_ = take_name(rest);
  if (name_.empty()) return Part::damaged;  // also "<!DOCTYPE"
  attributes_.clear();
  while (true) {
    const std::size_t before = rest.size();
    skip_blanks(rest);
    if (rest.starts_with('>')) {
      rest_ = rest.substr(1);
      return end ? Part::end : Part::start;
    }
    if (!end && rest.starts_with("/>")) {
      rest_ = rest.substr(2);
      close_ = true;
      return Part::start;
    }
    if (end || rest.size() == before) return Part::damaged;
    Attribute attribute;
    attribute.name = take_name(rest);
    skip_blanks(rest);
    if (attribute.name.empty() || !rest.starts_with('=')) return Part::damaged;
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) return Part::damaged;
    const std::size_t quote = rest.find(rest.front(), 1);
    if (quote == kNowhere) return Part::damaged;
    attribute.value = rest.substr(1, quote - 1);
    rest.remove_prefix(quote + 1);
    if (attributes_.size() == kAttributes) return Part::damaged;
    attributes_.push_back(attribute);
  }
}

bool xml_text(std::string_view written, std::string& out, bool& bad_utf8) {
  bool good = true;
  while (!written.empty()) {
    const std::size_t mark = std::min(written.find('&'), written.size());
    const std::string_view plain = written.substr(0, mark);
    if (is_utf8(plain)) {
      out += plain;
    } else {
      bad_utf8 = true;
      out += to_valid_utf8(plain);
    }
    written.remove_prefix(mark);
    if (written.empty()) break;
    const std::size_t end = written.substr(0, 16).find(';');
    const std::uint32_t code = end == kNowhere ? UINT32_MAX : reference(written.substr(1, end - 1));
    if (code == UINT32_MAX) {
      good = false;
      out += '&';
      written.remove_prefix(1);
    } else {
      append_utf8(out, code);
      written.remove_prefix(end + 1);
    }
  }
  return good;
}

}  // namespace assay
