#include "evidence/pairs.h"

#include "core/ascii.h"
#include "evidence/formats/line_bytes.h"

namespace assay {
namespace {

bool is_key(char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-' || c == '@' || c == '/' || c == '%'; }

// A backslash before one of `known` goes; \n, \r and \t are what they say.
std::string unescaped(std::string_view text, std::string_view known) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[i + 1];
    if (known.find(next) != std::string_view::npos) {
      out += next;
      ++i;
    } else if (next == 'n' || next == 'r' || next == 't') {
      out += next == 'n' ? '\n' : next == 'r' ? '\r' : '\t';
      ++i;
    } else {
      out += '\\';
    }
  }
  return out;
}

bool add(Pairs& out, std::string_view key, std::string_view value, bool quoted, std::string_view known) {
  if (out.list.size() >= kPairs) {
    out.cut = true;
    return false;
  }
  const bool escapes = !known.empty() && find_byte(value, '\\', 0) != std::string_view::npos;
  if (escapes) value = out.made.emplace_back(unescaped(value, known));
  out.list.push_back({key, value, quoted, escapes});
  return true;
}

void read_words(std::string_view text, Pairs& out) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !is_key(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && is_key(text[at])) ++at;
    if (at >= text.size() || text[at] != '=') {
      while (at < text.size() && !is_space(text[at])) ++at;
      continue;
    }
    const std::string_view key = text.substr(from, at - from);
    ++at;
    const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : '\0';
    std::size_t end = at + (quote == '\0' ? 0U : 1U);
    const std::size_t begin = end;
    bool escaped = false;
    if (quote == '\0') {
      while (end < text.size() && !is_space(text[end])) ++end;
    } else {
      while (end < text.size() && text[end] != quote) {
        if (text[end] == '\\' && quote == '"') escaped = true, ++end;
        ++end;
      }
      end = std::min(end, text.size());
    }
    const std::string_view value = text.substr(begin, end - begin);
    at = std::min(end + (quote == '\0' ? 0U : 1U), text.size());
    if (!add(out, key, value, quote != '\0', escaped ? "\"\\" : "")) return;
  }
}

void read_cef(std::string_view text, Pairs& out) {
  // A key is a word before an unescaped '=', after a blank or at the start.
  const auto key_before = [&](std::size_t equals) {
    std::size_t from = equals;
    while (from > 0 && (is_key(text[from - 1]) || text[from - 1] == '[' || text[from - 1] == ']')) --from;
    const bool apart = from == 0 || is_space(text[from - 1]);
    return apart && from < equals ? from : std::string_view::npos;
  };
  const auto next_equals = [&](std::size_t from) {
    for (std::size_t at = find_byte(text, '=', from); at != std::string_view::npos; at = find_byte(text, '=', at + 1)) {
      if ((at == 0 || text[at - 1] != '\\') && key_before(at) != std::string_view::npos) return at;
    }
    return std::string_view::npos;
  };
  std::size_t equals = next_equals(0);
  while (equals != std::string_view::npos) {
    const std::size_t from = key_before(equals);
    const std::size_t next = next_equals(equals + 1);
    const std::size_t end = next == std::string_view::npos ? text.size() : key_before(next);
    const std::string_view value = trim(text.substr(equals + 1, end - equals - 1));
    if (!add(out, text.substr(from, equals - from), value, false, "=\\|")) return;
    equals = next;
  }
}

}  // namespace

void read_pairs(std::string_view text, PairStyle style, char separator, Pairs& out) {
  switch (style) {
    case PairStyle::words:
      read_words(text, out);
      return;
    case PairStyle::cef:
      read_cef(text, out);
      return;
    case PairStyle::marked:
      while (!text.empty()) {
        const std::size_t end = std::min(find_byte(text, separator, 0), text.size());
        const std::string_view one = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t equals = one.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        std::string_view key = one.substr(0, equals);
        if (const std::size_t bar = key.rfind('|'); bar != std::string_view::npos)
          key.remove_prefix(bar + 1);  // a head
        if (!add(out, key, one.substr(equals + 1), false, "")) return;
      }
      return;
  }
}

}  // namespace assay
