// HTML to text and links, for mail bodies and attached pages. Own tokeniser after the HTML Standard (13.2.5), without a
// tree: linear time and memory whatever the nesting (docs/decisions/2026-11-22-html-without-a-tree.md), and links are
// found wherever their tag stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct HtmlLink {
  std::string url;  // as written, character references resolved; made absolute by <base> when there is one
  std::string
      text;  // what the reader sees: the anchor's text, white space folded, at most kAnchorBytes; empty for other tags
  std::string_view tag;  // "a", "area", "form", "iframe", "img", "meta", "link", ... (static storage)
};

struct HtmlText {
  std::string text;  // visible text: blocks on their own lines, white space folded, no script and style
  std::string title;
  std::vector<HtmlLink> links;  // in order of their tags
  bool more_links = false;      // there were more than asked for
};

inline constexpr std::size_t kAnchorBytes = 1024;

// `plain`: as mail is searched. `report`: the outline stays: "## " before a heading, "- " before an item of a list, "|
// " before a cell, an empty line between paragraphs, lines of <pre> as they are, <code> between backticks.
enum class HtmlShape : std::uint8_t { plain, report };

// `html` must be UTF-8 (invalid bytes pass through). At most `most_links` links are kept.
[[nodiscard]] HtmlText html_to_text(std::string_view html, std::size_t most_links, HtmlShape shape = HtmlShape::plain);

// Resolves the character references of a piece of text ("&amp;", "&#x41;").
[[nodiscard]] std::string html_unescape(std::string_view text);

}  // namespace assay
