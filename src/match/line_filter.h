// Whether a line of a log may hold anything that is listed at all: a look at its words, before its values are looked at
// one by one. Only over-approximates; the matcher decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

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

  // False: nothing is told, each line may hold something (no vectors, or a listed value that has no such word).
  [[nodiscard]] bool usable() const { return usable_; }
  // `line`: a record whose values stand in it as they are, with no character of a word beside them
  // (RecordReader::separated()).
  [[nodiscard]] bool may_hold(std::string_view line) const;

 private:
  void add_host(std::string_view host);
  void add_name(std::string_view name);
  [[nodiscard]] bool may_hold_hash(std::string_view line, std::size_t at) const;
  [[nodiscard]] bool may_be_listed(std::string_view word, std::uint64_t dots) const;

  const IndicatorIndex* index_ = nullptr;
  Sieve hosts_;  // their last two labels
  Sieve names_;  // last words of file names and paths
  bool usable_ = false, has_hosts_ = false, has_names_ = false, has_hashes_ = false, has_mail_ = false;
  bool odd_ends_ = false;          // a host that ends in a label that is no word of letters
  bool numbers_ = false;           // a name whose last part is a number
  bool undotted_ = false;          // a name without a dot
  bool hosts_of_numbers_ = false;  // a URL at an address
};

}  // namespace assay
