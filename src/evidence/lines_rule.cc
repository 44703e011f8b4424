#include "evidence/lines_rule.h"

#include <algorithm>

#include "core/ascii.h"
#include "evidence/formats/line_bytes.h"

namespace assay {
namespace {

std::string_view part_of(const LinePattern::Sink& parts, std::string_view name) {
  for (const auto& [known, value] : parts) {
    if (known == name) return value;
  }
  return {};
}

// LEEF 2: the character itself, or its number: "^", "x09", "0x09".
char separator_of(std::string_view text, char otherwise) {
  if (text.size() == 1) return text.front();
  if (text.starts_with("0x")) text.remove_prefix(1);
  if (text.size() != 3 || text[0] != 'x' || !is_hex(text[1]) || !is_hex(text[2])) return otherwise;
  return static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]));
}

// "(3)www(7)example(3)net(0)" as www.example.net. Empty: not of that form.
std::string labels_of(std::string_view text) {
  std::string out;
  while (text.starts_with('(')) {
    const std::size_t close = text.substr(0, 5).find(')');
    if (close == std::string_view::npos) return {};
    const auto size = parse_int(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
    if (!size || *size < 0 || static_cast<std::size_t>(*size) > text.size()) return {};
    if (*size == 0) return text.empty() ? out : std::string();
    if (!out.empty()) out += '.';
    out += text.substr(0, static_cast<std::size_t>(*size));
    text.remove_prefix(static_cast<std::size_t>(*size));
  }
  return {};
}

// "<189>"
std::size_t priority_size(std::string_view line) {
  if (!line.starts_with('<')) return 0;
  std::size_t at = 1;
  while (at < line.size() && at < 4 && is_digit(line[at])) ++at;
  return at > 1 && at < line.size() && line[at] == '>' ? at + 1 : 0;
}

}  // namespace

bool LinesRule::may_be_named(std::string_view file_name) const {
  const auto fits = [&](std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return equals_icase(file_name, pattern);
    const std::string_view front = pattern.substr(0, star), back = pattern.substr(star + 1);
    return file_name.size() >= front.size() + back.size() && starts_with_icase(file_name, front) &&
           ends_with_icase(file_name, back);
  };
  return names.empty() || std::any_of(names.begin(), names.end(), fits);
}

bool LinesRule::passes_over(std::string_view line, Store& store) const {
  if (!comment.empty() && line.starts_with(comment)) return true;
  if (line.size() < 256 && trim(line).empty()) return true;
  return std::any_of(skip.begin(), skip.end(), [&](const LinePattern& pattern) {
    store.parts.clear();
    return pattern.match(line, store.parts);
  });
}

bool LinesRule::read(std::string_view line, LinePattern::Sink& out, Store& store) const {
  // A relay that writes what it got leaves "<PRI>" in front (RFC 3164 4.1.1) of lines that have a form of their own.
  if (const std::size_t size = priority_size(line); size > 0 && read_plain(line.substr(size), out, store)) return true;
  return read_plain(line, out, store);
}

bool LinesRule::read_plain(std::string_view line, LinePattern::Sink& out, Store& store) const {
  out.clear();
  store.pairs.clear();
  store.names.clear();
  if (!patterns.empty() &&
      std::none_of(patterns.begin(), patterns.end(), [&](const LinePattern& p) { return p.match(line, out); })) {
    return false;
  }
  if (pairs) {
    const std::string_view text = pairs->in.empty() ? line : part_of(out, pairs->in);
    const char separator = separator_of(part_of(out, pairs->separator_from), pairs->separator);
    read_pairs(text, pairs->style, separator, store.pairs);
    for (const std::string& key : pairs->required) {
      if (std::none_of(store.pairs.list.begin(), store.pairs.list.end(),
                       [&](const Pairs::One& one) { return one.key == key; }))
        return false;
    }
    for (const Pairs::One& one : store.pairs.list) {
      if (!is_ascii(one.key)) continue;
      out.emplace_back(pairs->prefix.empty()
                           ? one.key
                           : std::string_view(store.names.emplace_back(pairs->prefix + std::string(one.key))),
                       one.value);
    }
  }
  if (delimiter != '\0') {
    std::string_view rest = line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      // The last field takes what is left, separators and all.
      const std::size_t end = i + 1 == fields.size() ? std::string_view::npos : find_byte(rest, delimiter, 0);
      if (end == std::string_view::npos && i + 1 != fields.size()) return false;
      const std::string_view value = trim(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (!fields[i].empty() && fields[i] != "-" && !value.empty()) out.emplace_back(fields[i], value);
    }
  }
  for (const std::string& name : labels) {
    for (auto& [known, value] : out) {
      if (known != name) continue;
      if (std::string text = labels_of(value); !text.empty()) value = store.names.emplace_back(std::move(text));
    }
  }
  return true;
}

}  // namespace assay
