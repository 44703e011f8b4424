// The words that a report's sentences use, so that a value can be told to bear the name of what is spoken of: the file
// of a product, the site of a firm. For the files of this folder alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ascii.h"

namespace assay {

// Calls f(words) for each word of a text, with up to `most` - 1 before it in a row: nothing but blanks, hyphens and
// line ends between them. True: f said that it is enough, and nothing more was looked at.
template <class F>
bool each_word_in_a_row(std::string_view text, std::size_t most, F&& f) {
  std::vector<std::string_view> row;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_alnum(text[i])) {
      if (text[i] != ' ' && text[i] != '-' && text[i] != '\n') row.clear();
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_alnum(text[end])) ++end;
    row.push_back(text.substr(i, end - i));
    if (row.size() > most) row.erase(row.begin());
    if (f(row)) return true;
    i = end;
  }
  return false;
}

class ProseWords {
 public:
  // `cues`: the text in lower case without its values (words_of). Only the first kBytes are taken.
  explicit ProseWords(std::string_view cues);
  // How often one to three words in a row are `name`, which has letters and figures alone, in lower case.
  [[nodiscard]] std::size_t times(std::string_view name) const;
  // The same of the parts that a file's or host's name is made of: "brix" of "brix-2.1.exe".
  [[nodiscard]] bool names(std::string_view part, std::size_t least) const;

  static constexpr std::size_t kBytes = std::size_t{256} << 10;

 private:
  std::unordered_map<std::string, std::size_t> counts_;
};

}  // namespace assay
