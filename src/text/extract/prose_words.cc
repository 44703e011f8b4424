#include "text/extract/prose_words.h"

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kLeast = 4;     // letters of a name; shorter ones are words of everything
constexpr std::size_t kTogether = 3;  // words
constexpr std::size_t kNameBytes = 40;

}  // namespace

ProseWords::ProseWords(std::string_view cues) {
  each_word_in_a_row(cues.substr(0, kBytes), kTogether, [&](const std::vector<std::string_view>& row) {
    std::string name;
    for (std::size_t k = row.size(); k-- > 0 && name.size() < kNameBytes;) {
      name.insert(0, row[k]);
      if (name.size() >= kLeast && name.size() <= kNameBytes) ++counts_[name];
    }
    return false;
  });
}

std::size_t ProseWords::times(std::string_view name) const {
  const auto at = counts_.find(std::string(name));
  return at == counts_.end() ? 0 : at->second;
}

bool ProseWords::names(std::string_view part, std::size_t least) const {
  std::string whole;
  for (const char c : part) {
    if (is_alpha(c)) {
      whole += to_lower(c);
    } else if (is_digit(c) || c == '_' || c == '-' || c == ' ') {
      continue;
    } else {
      break;  // "brix" of "brix.vault.exe"
    }
  }
  return whole.size() >= kLeast && times(whole) >= least;
}

}  // namespace assay
