// A report's text, out of Markdown and HTML, as the extraction reads it.
#pragma once

#include <string>
#include <string_view>

namespace assay {

inline constexpr std::size_t kReportLinks = 10'000;

// Marks that stand for looks alone go; links keep text and target.
[[nodiscard]] std::string markdown_text(std::string_view bytes);

struct HtmlReport {
  std::string text, title;
  bool more_links = false;
};
// With the targets that the reader does not see as a section of links at the end.
[[nodiscard]] HtmlReport html_report_text(std::string_view bytes);

}  // namespace assay
