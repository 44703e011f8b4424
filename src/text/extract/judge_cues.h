// Which words reach a value in its sentence, and how far away they stand. Text is in lower case, values are 0x01 bytes.
// For judge.cc alone.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.h"
#include "text/extract/judge_words.h"
#include "text/extract/words.h"

namespace assay {

inline constexpr std::size_t kAttached = 6;  // words before a value that may say whose it is

template <class List>
[[nodiscard]] std::size_t nearest_before(const List& list,
                                         std::string_view text) {  // distance from the end; npos: none
  std::size_t best = std::string::npos;
  for (const std::string_view word : list) {
    const std::size_t at = last_word_start(text, word);
    if (at != std::string::npos) best = std::min(best, text.size() - at);
  }
  return best;
}
template <class List>
[[nodiscard]] std::size_t nearest_after(const List& list, std::string_view text) {
  std::size_t best = std::string::npos;
  for (const std::string_view word : list) {
    for (std::size_t at = text.find(word); at != std::string::npos && at < best; at = text.find(word, at + 1)) {
      if (at == 0 || !is_alnum(text[at - 1])) {
        best = at;
        break;
      }
    }
  }
  return best;
}
template <class List>
[[nodiscard]] bool any_of_words(const List& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view w) { return has_word_start(text, w); });
}

[[nodiscard]] inline std::vector<std::string_view> last_words(std::string_view text, std::size_t most) {
  std::vector<std::string_view> out;
  std::size_t end = text.size();
  while (end > 0 && out.size() < most) {
    while (end > 0 && !is_alnum(text[end - 1]) && text[end - 1] != '\'') --end;
    std::size_t begin = end;
    while (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '\'' || text[begin - 1] == '-')) --begin;
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    end = begin;
  }
  return out;
}

// "the victim's mail server VALUE", "internal host VALUE".
[[nodiscard]] inline bool victim_attached(std::string_view before) {
  const auto words = last_words(before, kAttached);
  std::string tail;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const std::string_view stop : kBreaks) {
      if (words[i] == stop) return false;
    }
    for (const std::string_view victim : kVictim) {
      if (victim.find(' ') == victim.npos
              ? words[i].starts_with(victim) && words[i].size() <= victim.size() + 2
              : has_word_start(before.substr(before.size() - std::min<std::size_t>(before.size(), 60)), victim))
        return true;
    }
  }
  return false;
}

[[nodiscard]] inline bool victim_behind(std::string_view after) {
  after = after.substr(0, 80);
  for (const std::string_view form :
       {"(victim", "(internal", "is the victim", "was the victim", "belongs to the", "belonging to the", "is a victim",
        "(the victim", "of the victim", "- victim", ", the victim's", "(customer", "(affected", "(target",
        ", the institute's", ", the university's", ", the hospital's", ", a victim"}) {
    if (after.find(form) != after.npos) return true;
  }
  return false;
}

// What a word says holds for the next value, and for those that stand in a list with it.
[[nodiscard]] inline bool reaches(std::string_view between) {
  const std::size_t value = between.find('\x01');
  if (value == between.npos) return true;
  std::string rest;
  for (const char c : between.substr(value)) {
    if (is_alpha(c)) {
      rest += c;
    } else if (!rest.empty() && rest.back() != ' ') {
      rest += ' ';
    }
    if (c == '.' || c == ';' || c == '(') return false;
  }
  for (const std::string_view word : split(rest, ' ')) {
    if (!word.empty() && word != "and" && word != "or" && word != "und" && word != "y") return false;
  }
  return true;
}
template <class List>
[[nodiscard]] std::size_t reaching_before(const List& list, std::string_view text) {
  const std::size_t distance = nearest_before(list, text);
  return distance != std::string::npos && reaches(text.substr(text.size() - distance)) ? distance : std::string::npos;
}
template <class List>
[[nodiscard]] std::size_t reaching_after(const List& list, std::string_view text) {
  const std::size_t at = nearest_after(list, text);
  if (at == std::string::npos) return at;
  // "VALUE and VALUE are not hostile": only values of one list stand between.
  const std::string_view between = text.substr(0, at);
  const std::size_t last = between.rfind('\x01');
  if (last == between.npos) return at;
  std::string values = "\x01";
  values += between.substr(0, last);
  return reaches(values) ? at : std::string::npos;
}

}  // namespace assay
