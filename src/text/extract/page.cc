#include "text/extract/page.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {

Page::Page(std::string_view given) : text(given) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    PageLine line;
    line.begin = begin;
    line.end = end;
    line.tabs = end - begin > kPageWidth;
    std::size_t column = 0, spaces = 2;
    for (std::size_t i = begin; i < end && !line.tabs; ++i) {
      const char c = text[i];
      const bool rest = i > begin && (static_cast<unsigned char>(c) & 0xc0U) == 0x80 &&
                        static_cast<unsigned char>(text[i - 1]) >= 0x80;
      if (rest && !line.segments.empty()) {  // of a character
        line.segments.back().end = i + 1;
        continue;
      }
      if (c == ' ' || c == '\r' || c == '\f') {
        spaces += c != '\f';
        column += c != '\f';
        continue;
      }
      if (c == '\t') {
        line.tabs = true;
        break;
      }
      if (spaces >= 2 || line.segments.empty()) line.segments.push_back({i, i, column, column, 0});
      Segment& now = line.segments.back();
      now.words += spaces > 0 || now.words == 0;
      now.end = i + 1;
      now.column_end = ++column;
      spaces = 0;
    }
    // The fence of a block of code is no row of what it holds.
    if (trim(text.substr(begin, std::min(end - begin, kPageWidth))).starts_with("```")) line.tabs = true;
    if (line.tabs && !trim(text.substr(begin, end - begin)).empty()) line.segments = {{begin, end, 0, kPageWidth, 1}};
    lines.push_back(std::move(line));
    begin = end + 1;
  }
}

std::string_view first_word(std::string_view text) {
  text = trim(text);
  return text.substr(0, text.find(' '));
}

std::string_view last_word(std::string_view text) {
  text = trim(text);
  const std::size_t space = text.rfind(' ');
  return space == text.npos ? text : text.substr(space + 1);
}

void PageWriter::copy(std::size_t begin, std::size_t end) {
  const bool goes_on = !out_.pieces.empty() &&
                       out_.text.size() - out_.pieces.back().first == begin - out_.pieces.back().second &&
                       begin >= out_.pieces.back().second;
  if (!goes_on)
    out_.pieces.emplace_back(static_cast<std::uint32_t>(out_.text.size()), static_cast<std::uint32_t>(begin));
  out_.text.append(text_.substr(begin, end - begin));
}

void PageWriter::mark(std::string_view written) { out_.text.append(written); }

void PageWriter::line(const Page& page, std::size_t i) {
  copy(page.lines[i].begin, std::min(page.lines[i].end + 1, page.text.size()));
}

LaidOut PageWriter::take() {
  if (!changed_) {
    out_.text = std::string(text_);
    out_.pieces = {{0, 0}};
  }
  return std::move(out_);
}

}  // namespace assay
