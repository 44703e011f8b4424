#include "text/defang.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/ascii.h"

namespace assay {
namespace {

struct Form {
  std::string_view inside, means;
};
constexpr std::array<Form, 7> kBracketed = {{
    {".", "."},
    {"dot", "."},
    {":", ":"},
    {"://", "://"},
    {"/", "/"},
    {"@", "@"},
    {"at", "@"},
}};
constexpr std::size_t kLongestInside = 5;  // with a space on either side

char closing(char open) { return open == '[' ? ']' : open == '(' ? ')' : '}'; }

constexpr bool is_trigger(char c) { return c == '[' || c == '(' || c == '{' || c == '\\' || c == 'h' || c == 'H'; }

constexpr std::array<bool, 256> make_triggers() {
  std::array<bool, 256> out{};
  for (int i = 0; i < 256; ++i) out[static_cast<std::size_t>(i)] = is_trigger(static_cast<char>(i));
  return out;
}
constexpr std::array<bool, 256> kTriggers = make_triggers();

// "[dot]" at text[at]: its end and what it means.
std::optional<std::pair<std::size_t, std::string_view>> bracketed(std::string_view text, std::size_t at) {
  const std::size_t close =
      text.substr(0, std::min(text.size(), at + kLongestInside + 2)).find(closing(text[at]), at + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view inside = trim(text.substr(at + 1, close - at - 1));
  for (const Form& form : kBracketed) {
    if (!equals_icase(inside, form.inside)) continue;
    if (text[at] != '[' && (form.means == ":" || form.means == "/" || form.means == "://")) continue;  // "(:" is a face
    return std::pair{close + 1, form.means};
  }
  return std::nullopt;
}

// "hxxp", "hXXps", "h**p", "h__p" before "s", ":" or "[".
bool odd_scheme(std::string_view text, std::size_t at) {
  if (at + 4 >= text.size() || to_lower(text[at + 3]) != 'p') return false;
  const char a = to_lower(text[at + 1]), b = to_lower(text[at + 2]);
  const bool odd = (a == 'x' && (b == 'x' || b == 't')) || (a == 't' && b == 'x') || (a == '*' && b == '*') ||
                   (a == '_' && b == '_');
  if (!odd || (at > 0 && is_alnum(text[at - 1]))) return false;
  const std::size_t next = to_lower(text[at + 4]) == 's' ? at + 5 : at + 4;
  return next < text.size() && (text[next] == ':' || text[next] == '[');
}

}  // namespace

bool may_be_bracketed(char next) {
  return next == '.' || next == ':' || next == '/' || next == '@' || is_space(next) || to_lower(next) == 'd' ||
         to_lower(next) == 'a';
}

bool may_be_defanged(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const char c = text[i];
    if (!kTriggers[static_cast<unsigned char>(c)]) continue;
    const char next = text[i + 1];
    switch (c) {
      case '[':
      case '(':
      case '{':
        if (may_be_bracketed(next)) return true;
        break;
      case '\\':
        if (next == '.') return true;
        break;
      case 'h':
      case 'H':
        if (i + 3 < text.size() && to_lower(text[i + 3]) == 'p' &&
            (to_lower(next) != 't' || to_lower(text[i + 2]) != 't'))
          return true;
        break;
      default:
        break;
    }
  }
  return false;
}

bool Refanged::touches(std::size_t begin, std::size_t end) const {
  const auto at =
      std::partition_point(changed.begin(), changed.end(), [&](const auto& span) { return span.second <= begin; });
  return at != changed.end() && at->first < end;
}

Refanged refang(std::string_view text) {
  Refanged out;
  std::size_t copied = 0;  // text before it is in out.text
  const auto replace = [&](std::size_t begin, std::size_t end, std::string_view with) {
    out.text.append(text.substr(copied, begin - copied));
    out.changed.emplace_back(out.text.size(), out.text.size() + with.size());
    out.text.append(with);
    copied = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_trigger(c)) continue;
    if (c == 'h' || c == 'H') {
      if (odd_scheme(text, i)) {
        replace(i, i + 4, "http");
        i += 3;
      }
    } else if (c == '\\') {
      if (i > 0 && i + 2 < text.size() && text[i + 1] == '.' && is_alnum(text[i - 1]) && is_alnum(text[i + 2])) {
        replace(i, i + 2, ".");
        ++i;
      }
    } else if (const auto found = bracketed(text, i)) {
      std::size_t begin = i, end = found->first;
      if (found->second == "." || found->second == "@") {  // "evil [.] com"
        if (begin > copied + 1 && text[begin - 1] == ' ' && is_alnum(text[begin - 2]) && end + 1 < text.size() &&
            text[end] == ' ' && is_alnum(text[end + 1])) {
          --begin;
          ++end;
        }
      }
      replace(begin, end, found->second);
      i = end - 1;
    }
  }
  if (!out.changed.empty()) out.text.append(text.substr(copied));
  if (out.changed.empty()) out.text.assign(text);
  return out;
}

}  // namespace assay
