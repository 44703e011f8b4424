// The words that a report's sentences use, so that a value can be told to bear the name of what is spoken of: the file
// of a product, the site of a firm. For the files of this folder alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace assay {

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
