// What is wrong with an archive as a whole: equal problems counted, few kinds.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/stream.h"

namespace assay {

class Problems {
 public:
  void add(NoticeKind kind, std::string_view detail, std::uint64_t count = 1) {
    for (StreamProblem& known : list_) {
      if (known.kind != kind || known.detail != detail) continue;
      known.count += count;
      return;
    }
    list_.push_back({kind, std::string(detail), count});
  }
  void add(const StreamProblem& problem) { add(problem.kind, problem.detail, problem.count); }
  [[nodiscard]] const std::vector<StreamProblem>& list() const { return list_; }

 private:
  std::vector<StreamProblem> list_;  // the details are sentences of the readers, so they are few
};

}  // namespace assay
