// Whether a line of a log may hold anything that is listed at all: a look at its words, before its values are looked at
// one by one. Only over-approximates; the matcher decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "match/indicator_index.h"
#include "match/sieve.h"
#include "rules/rule_set.h"

namespace assay {

// PERF NOTE (docs/performance.md): looking at the values of an access line costs three times what reading it does, and
// nearly no line holds anything. A word is a run of letters, digits, '.', '-' and '_'; a listed value, written as a
// reader gives it, has one that must stand in the line: an address itself, the last two labels of a host, the last word
// of a file's name, a hash. What can hide a word (a backslash, bytes beyond ASCII, forms of defanging), and what a word
// does not tell (IPv6, mail addresses), is left to the matcher, with long lines.
class LineFilter {
 public:
  LineFilter() = default;
  // `index` is of the same indicators and outlives the filter.
  LineFilter(const IndicatorList& indicators, const IndicatorIndex& index);
  LineFilter(const IndicatorList&, IndicatorIndex&&) = delete;

  // What the matcher sees of a longer line, it sees in pieces.
  static constexpr std::size_t kLongestLine = 4096;

  // False: nothing is told, each line may hold something (no vectors, or a listed value that has no such word).
  [[nodiscard]] bool usable() const { return usable_; }
  // `line`: a record whose values stand in it as they are, with no character of a word beside them
  // (RecordReader::separated()).
  [[nodiscard]] bool may_hold(std::string_view line) const;
  // Of many such lines at once, where something may stand, ascending, at least one place in each line that may hold
  // something: a line without one holds nothing. None longer than kLongestLine. Only when usable().
  void find(std::string_view text, std::vector<std::uint32_t>& places) const;

 private:
  void add_address(std::string_view address);
  void add_host(std::string_view host, bool whole);
  void add_name(std::string_view name);
  [[nodiscard]] bool may_hold_run(std::string_view text, std::size_t at, std::size_t& end) const;
  // Calls found_at(place) for places where something may stand; it gives up to where nothing more is asked.
  template <class Found>
  void look(std::string_view text, Found&& found_at) const;
  [[nodiscard]] bool may_hold_word(std::string_view word, bool address) const;

  const IndicatorIndex* index_ = nullptr;
  Sieve ends_;   // addresses; the last two labels of hosts, and of the last words of file names and paths
  Sieve names_;  // those words
  bool usable_ = false, has_hashes_ = false, has_mail_ = false;
  bool networks_ = false;  // of addresses
  bool numbers_ = false;   // a host or a name whose last part is a number
  bool undotted_ = false;  // a name without a dot
};

}  // namespace assay
