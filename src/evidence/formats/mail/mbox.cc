#include "evidence/formats/mail/mbox.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace assay::mail {
namespace {

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Fields that tell a mail message; HTTP, news and other texts share Date, From or Subject, but not two of these.
constexpr std::array<std::string_view, 15> kStrong = {
    "received",         "return-path",    "delivered-to", "message-id",
    "x-received",       "dkim-signature", "arc-seal",     "authentication-results",
    "x-original-to",    "received-spf",   "envelope-to",  "x-ms-exchange-organization-authas",
    "x-originating-ip", "thread-topic",   "in-reply-to"};
constexpr std::array<std::string_view, 9> kUsual = {"from",         "to",       "cc",     "subject", "date",
                                                    "mime-version", "reply-to", "sender", "bcc"};

}  // namespace

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

bool is_from_line(std::string_view line) {
  if (!line.starts_with("From ") || line.size() > kFromLineBytes) return false;
  bool clock = false, year = false;
  std::size_t at = 5;
  while (at < line.size()) {
    while (at < line.size() && is_space(line[at])) ++at;
    std::size_t end = at;
    while (end < line.size() && !is_space(line[end])) ++end;
    const std::string_view word = line.substr(at, end - at);
    at = end;
    if (word.size() >= 4 && word.size() <= 8) {
      const std::size_t colon = word.find(':');
      clock = clock || (colon != std::string_view::npos && colon >= 1 && colon <= 2 && is_digit(word[0]) &&
                        colon + 2 < word.size() && is_digit(word[colon + 1]) && is_digit(word[colon + 2]));
    }
    year = year || (word.size() == 4 && (word.starts_with("19") || word.starts_with("20")) && is_digit(word[2]) &&
                    is_digit(word[3]));
  }
  return clock && year;
}

Next find_from_line(std::string_view text, std::size_t from, bool at_end) {
  std::size_t at = from;
  while (true) {
    const std::size_t found = text.find("\nFrom ", at);
    if (found == std::string_view::npos) {
      // The six bytes may be cut by the end of what is there.
      return {Next::Kind::none, std::max(from, text.size() > 5 ? text.size() - 5 : 0)};
    }
    const std::size_t line = found + 1;
    const bool after_empty =
        found >= 1 && (text[found - 1] == '\n' || (text[found - 1] == '\r' && found >= 2 && text[found - 2] == '\n'));
    if (after_empty) {
      const std::size_t end = text.find('\n', line);
      if (end == std::string_view::npos && !at_end && text.size() - line <= kFromLineBytes)
        return {Next::Kind::more, found};
      if (is_from_line(first_line(text.substr(line)))) return {Next::Kind::found, line};
    }
    at = line;
  }
}

int mail_score(std::string_view head, bool whole) {
  head = without_mark(head);
  bool mbox = false;
  if (head.starts_with("From ")) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos || !is_from_line(first_line(head))) return 0;
    head.remove_prefix(end + 1);
    mbox = true;
  }
  std::size_t strong = 0, usual = 0, lines = 0;
  bool ended = false;
  std::array<bool, kStrong.size() + kUsual.size()> seen{};
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    const std::string_view line = first_line(head);
    if (end == std::string_view::npos && !whole) break;  // cut by the head's end
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 1);
    if (line.empty()) {
      ended = true;
      break;
    }
    ++lines;
    if (line.front() == ' ' || line.front() == '\t') {
      if (lines == 1) return 0;
      continue;
    }
    std::size_t size = 0;
    while (size < line.size() && line[size] > ' ' && line[size] < 0x7f && line[size] != ':') ++size;
    if (size == 0 || size == line.size() || line[size] != ':') {
      if (strong + usual < 3) return 0;
      ended = true;  // the body begins without an empty line
      break;
    }
    const std::string_view name = line.substr(0, size);
    // A saved web page has a message's header, and is none.
    if (equals_icase(name, "snapshot-content-location")) return 0;
    for (std::size_t i = 0; i < kStrong.size(); ++i) {
      if (!seen[i] && equals_icase(name, kStrong[i])) {
        seen[i] = true;
        ++strong;
      }
    }
    for (std::size_t i = 0; i < kUsual.size(); ++i) {
      if (!seen[kStrong.size() + i] && equals_icase(name, kUsual[i])) {
        seen[kStrong.size() + i] = true;
        ++usual;
      }
    }
  }
  if (strong + usual < 2) return 0;
  if (mbox) return 95;
  if (strong >= 1 && strong + usual >= 3) return 90;
  if (usual >= 3 && (ended || whole)) return 70;
  return strong >= 1 ? 50 : 0;
}

}  // namespace assay::mail
