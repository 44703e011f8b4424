#include "match/mention.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kLooked = std::size_t{1} << 20;

bool has(std::string_view text, std::string_view needle) { return text.find(needle) != std::string_view::npos; }

// "rule name {" or "rule name : tags {" at the start of a line, and a condition after it.
bool yara_text(std::string_view text) {
  for (std::size_t at = text.find("rule "); at != std::string_view::npos; at = text.find("rule ", at + 5)) {
    std::size_t line = at;
    while (line > 0 && text[line - 1] != '\n') --line;
    const std::string_view before = trim(text.substr(line, at - line));
    if (!before.empty() && before != "private" && before != "global" && before != "private global" &&
        before != "global private")
      continue;
    std::size_t i = at + 5;
    while (i < text.size() && text[i] == ' ') ++i;
    const std::size_t name = i;
    while (i < text.size() && (is_alnum(text[i]) || text[i] == '_')) ++i;
    if (i == name || is_digit(text[name])) continue;
    while (i < text.size() && (is_space(text[i]) || is_alnum(text[i]) || text[i] == '_' || text[i] == ':') &&
           i - name < 512)
      ++i;
    if (i < text.size() && text[i] == '{' && text.find("condition:", i) != std::string_view::npos) return true;
  }
  return false;
}

bool sigma_text(std::string_view text) {
  return has(text, "logsource:") && has(text, "detection:") && has(text, "condition:");
}

bool stix_text(std::string_view text) { return has(text, "\"pattern\"") && has(text, "\"indicator--"); }

bool snort_text(std::string_view text) {
  for (std::size_t at = text.find("(msg:"); at != std::string_view::npos; at = text.find("(msg:", at + 5)) {
    if (has(text.substr(at, 4096), "sid:")) return true;
  }
  return false;
}

}  // namespace

bool holds_rule_text(std::string_view text) {
  text = text.substr(0, kLooked);
  return yara_text(text) || sigma_text(text) || stix_text(text) || snort_text(text);
}

}  // namespace assay
