// One worker's look at the words of lines: at a stretch of many lines that stand in one text, where there is one, else
// at a line by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "match/line_filter.h"

namespace assay {

// PERF NOTE (docs/performance.md): a line of its own ends inside a block of sixty-four characters and begins with
// nothing known; thirty lines at once take a fifth less. 32 KiB stay in the first cache until their records are read.
class LineLook {
 public:
  // `filter` outlives it.
  explicit LineLook(const LineFilter& filter) : filter_(filter) {}

  // The lines to come stand in this text, which stays where it is and as it is until this is called again.
  void expect(std::string_view text) {
    text_ = text;
    looked_ = {};
  }
  [[nodiscard]] bool expects(std::string_view line) const { return stands_in(line, text_); }
  // LineFilter::may_hold(line).
  [[nodiscard]] bool may_hold(std::string_view line) {
    if (line.size() > LineFilter::kLongestLine) return true;
    if (!stands_in(line, looked_) && !look_at(line)) return filter_.may_hold(line);
    const auto begin = static_cast<std::size_t>(line.data() - looked_.data());
    if (next_ > 0 && places_[next_ - 1] >= begin) next_ = 0;
    while (next_ < places_.size() && places_[next_] < begin) ++next_;
    return next_ < places_.size() && places_[next_] < begin + line.size();
  }

 private:
  static constexpr std::size_t kStretch = std::size_t{32} << 10;
  static bool stands_in(std::string_view line, std::string_view text) {
    return !text.empty() && line.data() >= text.data() && line.data() + line.size() <= text.data() + text.size();
  }

  // Looks at a stretch that begins with the line. False: it does not stand in one.
  bool look_at(std::string_view line);

  const LineFilter& filter_;
  std::string_view text_, looked_;
  std::vector<std::uint32_t> places_;  // in looked_
  std::size_t next_ = 0;               // of places_, not before the line asked about last
};

}  // namespace assay
