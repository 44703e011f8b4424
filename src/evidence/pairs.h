// key=value texts as logs write them: logfmt, FortiGate, kernel firewall lines, CEF and LEEF extensions, audit records.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

enum class PairStyle : unsigned char {
  words,   // k=v k="v with \" escapes" k='v'; a word without '=' is passed over
  cef,     // a value reaches to the next " key="; \= \\ \n \r in it
  marked,  // pairs between separators (LEEF)
};

// The pairs of one text. Names and values are views into the text or into `made`.
struct Pairs {
  struct One {
    std::string_view key, value;
    bool quoted = false;
    bool made = false;  // the value stands in `made`
  };
  std::vector<One> list;
  std::deque<std::string> made;
  bool cut = false;  // more than kPairs
  void clear() {
    list.clear();
    made.clear();
    cut = false;
  }
};
inline constexpr std::size_t kPairs = 512;  // of one text

void read_pairs(std::string_view text, PairStyle style, char separator, Pairs& out);

}  // namespace assay
