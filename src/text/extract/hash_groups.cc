#include "text/extract/hash_groups.h"

#include "core/ascii.h"

namespace assay {
namespace {

bool word_char(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

void hash_groups(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>>& grouped,
                 std::vector<std::pair<std::size_t, std::size_t>>& gaps) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_hex(text[at]) || (at > 0 && (word_char(text[at - 1]) || text[at - 1] == '-' || text[at - 1] == '.'))) {
      ++at;
      continue;
    }
    std::vector<std::pair<std::size_t, std::size_t>> parts;
    std::size_t i = at, size = 0;
    bool letters = false;
    while (i < text.size() && parts.size() < 33) {
      std::size_t end = i;
      while (end < text.size() && is_hex(text[end]) && end - i < 40) letters = letters || !is_digit(text[end]), ++end;
      const std::size_t n = end - i;
      if (size == 0) size = n;
      if (n != size || (end < text.size() && (word_char(text[end]) || text[end] == '-' || text[end] == ':'))) break;
      parts.emplace_back(i, end);
      std::size_t next = end, breaks = 0;
      while (next < text.size() && next - end < 80 && is_space(text[next])) breaks += text[next++] == '\n';
      if (next == end || breaks > 1) break;
      i = next;
    }
    // "24 figures, 24, 16": only the last group is shorter.
    if (size >= 16 && parts.size() >= 2 && parts.size() < 5) {
      std::size_t begin = parts.back().second;
      while (begin < text.size() && begin - parts.back().second < 4 && text[begin] == ' ') ++begin;
      std::size_t end = begin;
      while (end < text.size() && is_hex(text[end]) && end - begin < size) ++end;
      const std::size_t n = end - begin, all = parts.size() * size + n;
      if (n >= 8 && n < size && begin > parts.back().second && !standard_digits(n) && !standard_digits(size) &&
          standard_digits(all) && letters && (end == text.size() || !word_char(text[end]))) {
        parts.emplace_back(begin, end);
        grouped.emplace_back(parts.front().first, end);
        for (std::size_t k = 0; k + 1 < parts.size(); ++k) gaps.emplace_back(parts[k].second, parts[k + 1].first);
        at = end;
        continue;
      }
    }
    const std::size_t total = parts.size() * size;
    const bool several = total > 64 && total % 64 == 0;
    const bool fits =
        (size == 4 || size == 8 || size == 16) && letters && (standard_digits(total) || several) && parts.size() >= 4;
    if (fits) {
      grouped.emplace_back(parts.front().first, parts.back().second);
      // Two of SHA-256 are likelier than one of SHA-512.
      for (std::size_t k = 0; k + 1 < parts.size(); ++k) {
        if (several && (k + 1) * size % 64 == 0) continue;
        gaps.emplace_back(parts[k].second, parts[k + 1].first);
      }
    }
    at = parts.empty() ? at + 1 : fits ? parts.back().second : parts.front().second;
  }
}

}  // namespace assay
