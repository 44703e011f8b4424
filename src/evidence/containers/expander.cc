#include "evidence/containers/expander.h"

#include <algorithm>
#include <cstring>

#include "core/limits.h"

namespace assay {
namespace {

constexpr std::uint64_t kRatioFree = std::uint64_t{1} << 20;  // the ratio counts after the first MiB of output

bool over_ratio(std::uint64_t output, std::uint64_t input) {
  return output > kRatioFree && output / limits::kContainerRatio > input;
}

}  // namespace

std::string_view ExpansionMeter::gave(std::size_t bytes) {
  const std::uint64_t own = out_ + bytes, all = gauge_->output + bytes;
  if (all > limits::kContainerOutput) return "expands to more than the limit in all";
  if (over_ratio(own, in_) || over_ratio(all, gauge_->input)) return "expands more than 1000 to 1";
  out_ = own;
  gauge_->output = all;
  return {};
}

void MeteredStream::fail(NoticeKind kind, std::string_view detail) {
  ended_ = true;
  if (problem_) return;
  problem_ = problem_below();
  if (!problem_) problem_ = StreamProblem{kind, std::string(detail)};
}

std::size_t MeteredStream::step(char* to) {
  const std::size_t size = produce(std::span<char>(to, kOutputBytes));
  if (size == 0) {
    ended_ = true;
    if (!problem_) problem_ = problem_below();
    return 0;
  }
  if (const std::string_view why = meter_->gave(size); !why.empty()) {
    fail(NoticeKind::limit_output, why);
    return 0;
  }
  return size;
}

std::size_t MeteredStream::read(std::span<char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (given_ < out_size_) {
      const std::size_t size = std::min(out.size() - done, out_size_ - given_);
      std::memcpy(out.data() + done, out_.get() + given_, size);
      given_ += size;
      done += size;
      continue;
    }
    if (ended_) break;
    if (out.size() - done >= kOutputBytes) {  // a whole step goes where it is wanted
      done += step(out.data() + done);
      continue;
    }
    if (!out_) out_.reset(new char[kOutputBytes]);
    given_ = 0;
    out_size_ = step(out_.get());
  }
  return done;
}

std::string_view Expander::input() {
  if (taken_ == in_size_) {
    if (!in_) in_.reset(new char[kInputBytes]);
    taken_ = 0;
    in_size_ = below_->read(std::span<char>(in_.get(), kInputBytes));
    took(in_size_);
  }
  return {in_.get() + taken_, in_size_ - taken_};
}

}  // namespace assay
