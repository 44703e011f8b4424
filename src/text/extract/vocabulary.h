// The words by which a report says whose a value is (content/reports/words.txt), and where they stand in a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay {

struct WordHit {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t kinds = 0;  // bits: places in Vocabulary::kinds()
};

class Vocabulary {
 public:
  // `file` as content/reports/words.txt; lines that cannot be read go to `problems`.
  explicit Vocabulary(std::string_view file, std::vector<std::string>* problems = nullptr);
  [[nodiscard]] static const Vocabulary& shipped();

  [[nodiscard]] const std::vector<std::string>& kinds() const { return kinds_; }
  // The bit of a kind; 0 when there is none of that name.
  [[nodiscard]] std::uint32_t bit(std::string_view kind) const;
  // Those of kinds with a plus.
  [[nodiscard]] std::uint32_t beside() const { return beside_; }
  // In order, none inside another: of two that begin in one place the longer counts ("not malicious" is not
  // "malicious"). Those of a kind with a plus ("[reach+]") stand beside the others: they take no word from them.
  // `text` is in lower case. Linear.
  [[nodiscard]] std::vector<WordHit> hits(std::string_view text) const;
  // The kinds of which `text` as a whole is a word.
  [[nodiscard]] std::uint32_t whole(std::string_view text) const;

 private:
  struct Entry {
    std::string text;
    bool open = false;  // any end of the word
    std::uint32_t kinds = 0;
    std::uint32_t beside = 0;  // of kinds with a plus
  };
  [[nodiscard]] std::size_t match(const Entry& entry, std::string_view text, std::size_t at) const;
  std::vector<std::string> kinds_;
  std::uint32_t beside_ = 0;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint16_t, std::vector<std::size_t>> by_start_;  // by the first two bytes
};

}  // namespace assay
