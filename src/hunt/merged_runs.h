// The sorted runs of all sealed units as one sorted stream: the order of keyed_less (hunt/unit.h), whatever the order
// of the units. Of each unit one chunk is held at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "casefile/case.h"
#include "hunt/unit.h"

namespace assay {

// One unit's sorted run of matches, read chunk by chunk. A run ends at its last chunk, or where a match cannot be read.
class RunCursor {
 public:
  // `file` outlives the cursor.
  RunCursor(Case& file, std::string unit);
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const KeyedMatch& front() const { return front_; }
  void advance();

 private:
  Case* file_;
  std::string unit_, chunk_;
  std::size_t at_ = 0;
  std::int64_t index_ = 0;
  KeyedMatch front_;
  bool done_ = false;
};

// All runs as one sorted stream.
class MergedRuns {
 public:
  explicit MergedRuns(std::vector<RunCursor> cursors);
  [[nodiscard]] bool done() const { return heap_.empty(); }
  // The smallest match that is left; not when done.
  [[nodiscard]] const KeyedMatch& front() const { return cursors_[heap_.front()].front(); }
  KeyedMatch take();

 private:
  // The heap's order: the smallest match on top.
  [[nodiscard]] bool later(std::size_t a, std::size_t b) const;
  void push(std::size_t at);
  std::vector<RunCursor> cursors_;
  std::vector<std::size_t> heap_;
};

}  // namespace assay
