// Words in prose that is in lower case already.
#pragma once

#include <string_view>

#include "core/ascii.h"

namespace assay {

// `word` stands there, not inside a longer one.
[[nodiscard]] inline bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_alnum(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !is_alnum(text[end]))) return true;
  }
  return false;
}

// A word begins with `stem`: the place behind its last occurrence's begin, or npos.
[[nodiscard]] inline std::size_t last_word_start(std::string_view text, std::string_view stem) {
  for (std::size_t at = text.rfind(stem); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind(stem, at - 1)) {
    if (at == 0 || !is_alnum(text[at - 1])) return at;
  }
  return std::string_view::npos;
}

[[nodiscard]] inline bool has_word_start(std::string_view text, std::string_view stem) {
  for (std::size_t at = text.find(stem); at != std::string_view::npos; at = text.find(stem, at + 1)) {
    if (at == 0 || !is_alnum(text[at - 1])) return true;
  }
  return false;
}

}  // namespace assay
