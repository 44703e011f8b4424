#include "text/extract/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "content/content.h"
#include "core/ascii.h"

namespace assay {
namespace {

bool high(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool letter(char c) { return is_alnum(c) || high(c); }
std::uint16_t start_of(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : ' ');
  return static_cast<std::uint16_t>(first << 8 | second);
}

constexpr std::size_t kWord = 60;  // the end of a word
constexpr std::size_t kGap = 80;   // of white space inside of a phrase: a line's indentation

}  // namespace

Vocabulary::Vocabulary(std::string_view file, std::vector<std::string>* problems) {
  struct Kinds {
    std::uint32_t kinds = 0, beside = 0;
  };
  std::map<std::pair<std::string, bool>, Kinds> known;
  std::uint32_t bit = 0;
  bool plus = false;
  std::size_t number = 0;
  for (const std::string_view raw : split(file, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      const std::size_t close = line.find(']');
      if (close == line.npos || kinds_.size() >= 31) {
        if (problems != nullptr) problems->push_back(fmt::format("line {}: no \"[kind]\", or too many", number));
        continue;
      }
      plus = line[close - 1] == '+';
      kinds_.emplace_back(line.substr(1, close - (plus ? 2 : 1)));
      bit = 1U << (kinds_.size() - 1);
      if (plus) beside_ |= bit;
      continue;
    }
    const bool open = line.ends_with('*');
    const std::string_view text = open ? line.substr(0, line.size() - 1) : line;
    if (bit == 0 || text.size() < 2 || lower(text) != text || text.find('*') != text.npos) {
      if (problems != nullptr) problems->push_back(fmt::format("line {}: no word of a kind: {}", number, line));
      continue;
    }
    Kinds& of = known[{std::string(text), open}];
    std::uint32_t& kinds = plus ? of.beside : of.kinds;
    if ((kinds & bit) != 0 && problems != nullptr) problems->push_back(fmt::format("line {}: twice: {}", number, line));
    kinds |= bit;
  }
  for (const auto& [key, kinds] : known) {
    by_start_[start_of(key.first, 0)].push_back(entries_.size());
    entries_.push_back({key.first, key.second, kinds.kinds, kinds.beside});
  }
}

const Vocabulary& Vocabulary::shipped() {
  static const Vocabulary shipped{content::find("reports/words.txt")};
  return shipped;
}

std::uint32_t Vocabulary::bit(std::string_view kind) const {
  const auto at = std::find(kinds_.begin(), kinds_.end(), kind);
  return at == kinds_.end() ? 0 : 1U << static_cast<std::uint32_t>(at - kinds_.begin());
}

// Behind the entry that stands at `at`; `at`: it does not.
std::size_t Vocabulary::match(const Entry& entry, std::string_view text, std::size_t at) const {
  std::size_t i = at;
  for (const char c : entry.text) {
    if (c == ' ') {
      const std::size_t from = i;
      while (i < text.size() && is_space(text[i]) && i - from < kGap) ++i;
      if (i == from) return at;
      continue;
    }
    if (i >= text.size() || text[i] != c) return at;
    ++i;
  }
  if (entry.open) {
    while (i < text.size() && i - at < kWord && is_alnum(text[i])) ++i;
    return i;
  }
  if (high(entry.text.back()) || !letter(entry.text.back())) return i;
  return i < text.size() && letter(text[i]) ? at : i;
}

std::vector<WordHit> Vocabulary::hits(std::string_view text) const {
  std::vector<WordHit> out;
  for (std::size_t i = 0; i < text.size();) {
    const bool starts = is_alnum(text[i]) ? i == 0 || !letter(text[i - 1]) : high(text[i]);
    if (!starts) {
      ++i;
      continue;
    }
    std::size_t best = i, longest = i;
    std::uint32_t kinds = 0, beside = 0;
    if (const auto at = by_start_.find(start_of(text, i)); at != by_start_.end()) {
      for (const std::size_t which : at->second) {
        const Entry& entry = entries_[which];
        const std::size_t end = match(entry, text, i);
        if (entry.beside != 0 && end > i) {
          longest = std::max(longest, end);
          beside |= entry.beside;
        }
        if (entry.kinds == 0) continue;
        if (end > best) {
          best = end;
          kinds = entry.kinds;
        } else if (end == best && end > i) {
          kinds |= entry.kinds;
        }
      }
    }
    const auto begin = static_cast<std::uint32_t>(i);
    if (best > i) out.push_back({begin, static_cast<std::uint32_t>(best), kinds});
    if (longest > i) out.push_back({begin, static_cast<std::uint32_t>(longest), beside});
    i = std::max(best, i + 1);
  }
  return out;
}

std::uint32_t Vocabulary::whole(std::string_view text) const {
  if (text.size() < 2) return 0;
  std::uint32_t kinds = 0;
  if (const auto at = by_start_.find(start_of(text, 0)); at != by_start_.end()) {
    for (const std::size_t which : at->second) {
      if (match(entries_[which], text, 0) == text.size()) kinds |= entries_[which].kinds | entries_[which].beside;
    }
  }
  return kinds;
}

}  // namespace assay
