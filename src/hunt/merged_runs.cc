#include "hunt/merged_runs.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/serial.h"

namespace assay {

RunCursor::RunCursor(Case& file, std::string unit) : file_(&file), unit_(std::move(unit)) { advance(); }

void RunCursor::advance() {
  while (at_ >= chunk_.size()) {
    auto next = file_->sealed_chunk(unit_, index_++);
    if (!next) {
      done_ = true;
      return;
    }
    chunk_ = std::move(*next);
    at_ = 0;
  }
  Reader in(std::string_view(chunk_).substr(at_));
  front_ = {};
  if (!load(in, front_)) {
    done_ = true;
    return;
  }
  at_ = chunk_.size() - in.rest().size();
}

bool MergedRuns::later(std::size_t a, std::size_t b) const {
  if (keyed_less(cursors_[a].front(), cursors_[b].front())) return false;
  if (keyed_less(cursors_[b].front(), cursors_[a].front())) return true;
  return a > b;
}

MergedRuns::MergedRuns(std::vector<RunCursor> cursors) : cursors_(std::move(cursors)) {
  for (std::size_t i = 0; i < cursors_.size(); ++i) push(i);
}

KeyedMatch MergedRuns::take() {
  std::pop_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return later(a, b); });
  const std::size_t at = heap_.back();
  heap_.pop_back();
  KeyedMatch match = cursors_[at].front();
  cursors_[at].advance();
  push(at);
  return match;
}

void MergedRuns::push(std::size_t at) {
  if (cursors_[at].done()) return;
  heap_.push_back(at);
  std::push_heap(heap_.begin(), heap_.end(), [this](std::size_t a, std::size_t b) { return later(a, b); });
}

}  // namespace assay
