#include "evidence/containers/expander.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/limits.h"

namespace assay {
namespace {

constexpr std::uint64_t kRatioFree = std::uint64_t{1} << 20;  // the ratio counts after the first MiB of output

bool over_ratio(std::uint64_t output, std::uint64_t input) {
  return output > kRatioFree && output / limits::kContainerRatio > input;
}

}  // namespace

Expander::Expander(ByteStream& below, ExpansionGauge& gauge)
    : below_(&below),
      gauge_(&gauge),
      outermost_(gauge.open == 0),
      in_(new char[kInputBytes]),
      out_(new char[kOutputBytes]) {
  ++gauge_->open;
}

Expander::~Expander() { --gauge_->open; }

std::string_view Expander::input() {
  if (taken_ == in_size_) {
    taken_ = 0;
    in_size_ = below_->read(std::span<char>(in_.get(), kInputBytes));
    total_in_ += in_size_;
    if (outermost_) gauge_->input += in_size_;
  }
  return {in_.get() + taken_, in_size_ - taken_};
}

void Expander::fail(NoticeKind kind, std::string_view detail) {
  ended_ = true;
  if (problem_) return;
  problem_ = below_->problem();
  if (!problem_) problem_ = StreamProblem{kind, std::string(detail)};
}

std::size_t Expander::read(std::span<char> out) {
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
    given_ = 0;
    out_size_ = produce(std::span<char>(out_.get(), kOutputBytes));
    if (out_size_ == 0) {
      ended_ = true;
      if (!problem_) problem_ = below_->problem();
      break;
    }
    total_out_ += out_size_;
    gauge_->output += out_size_;
    if (over_ratio(total_out_, total_in_) || over_ratio(gauge_->output, gauge_->input) ||
        gauge_->output > limits::kContainerOutput) {
      out_size_ = 0;
      fail(NoticeKind::limit_output, gauge_->output > limits::kContainerOutput ? "expands to more than the limit in all"
                                                                               : "expands more than 1000 to 1");
    }
  }
  return done;
}

}  // namespace assay
