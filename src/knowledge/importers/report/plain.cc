#include "knowledge/importers/report/plain.h"

#include <fmt/format.h>

#include "core/ascii.h"
#include "text/extract/signs.h"
#include "text/html.h"

namespace assay {

namespace {

// "[REDACTED]\\": one step of a path.
bool placeholder_step(std::string_view text) {
  const std::size_t close = text.substr(0, 40).find(']');
  return close != text.npos && close + 1 < text.size() && text[close + 1] == '\\';
}

}  // namespace

std::string markdown_text(std::string_view bytes) {
  std::string plain;
  plain.reserve(bytes.size());
  bool code = false;  // between backticks everything is as it is
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const char next = i + 1 < bytes.size() ? bytes[i + 1] : '\n';
    if (c == '`') code = !code;
    if (c == '\n') code = false;
    if (code) {
      plain += c;
      continue;
    }
    if (c == '*' && next == '*') {
      ++i;
      continue;
    }
    // "\_" and "\." of Markdown; a backslash of a path stays, so that of "C:\Users\[name]\a".
    const bool step = next == '[' && i > 0 && is_alnum(bytes[i - 1]) && placeholder_step(bytes.substr(i + 1));
    if (c == '\\' && !step &&
        (next == '_' || next == '*' || next == '#' || next == '[' || next == ']' || next == '|' || next == '`' ||
         next == '(' || next == ')') &&
        (i == 0 || !is_alnum(bytes[i - 1]) || next == '_' || next == '[' || next == ']')) {
      continue;
    }
    plain += c;
  }
  return plain;
}

HtmlReport html_report_text(std::string_view bytes) {
  HtmlText html = html_to_text(to_valid_utf8(bytes), kReportLinks, HtmlShape::report);
  HtmlReport out;
  out.more_links = html.more_links;
  out.title = std::move(html.title);
  out.text = std::move(html.text);
  // Targets that the reader does not see are the page's own links: kept as references.
  std::string targets;
  for (const HtmlLink& link : html.links) {
    // A link that shows its own target says nothing more.
    const bool shows = link.text.find('.') != link.text.npos &&
                       (link.url.find(link.text) != link.url.npos || link.text.find(link.url) != link.text.npos);
    if (link.tag != "a" || shows) continue;
    if (link.url.starts_with("http") || link.url.starts_with("mailto:")) targets += "- " + link.url + "\n";
  }
  if (!targets.empty()) out.text += fmt::format("\n\n# {}\n\n{}", kPageLinks, targets);
  return out;
}

}  // namespace assay
