#include "evidence/stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace assay {
namespace {

class RangeStream final : public ByteStream {
 public:
  RangeStream(int fd, std::uint64_t begin, std::uint64_t end) : fd_(fd), at_(begin), end_(end) {}

  std::size_t read(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && at_ < end_ && !problem_) {
      const std::uint64_t want = std::min<std::uint64_t>(out.size() - done, end_ - at_);
      const ssize_t got = ::pread(fd_, out.data() + done, static_cast<std::size_t>(want), static_cast<off_t>(at_));
      if (got < 0) {
        if (errno == EINTR) continue;
        const char* reason = ::strerrordesc_np(errno);  // not translated, whatever the locale
        problem_ = StreamProblem{NoticeKind::unreadable, reason == nullptr ? "read error" : reason};
      } else if (got == 0) {
        problem_ = StreamProblem{NoticeKind::truncated, "the file ends before its recorded size"};
      } else {
        done += static_cast<std::size_t>(got);
        at_ += static_cast<std::uint64_t>(got);
      }
    }
    return done;
  }

  [[nodiscard]] std::optional<StreamProblem> problem() const override { return problem_; }

 private:
  int fd_;
  std::uint64_t at_, end_;
  std::optional<StreamProblem> problem_;
};

class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t size = std::min(out.size(), rest_.size());
    if (size != 0) std::memcpy(out.data(), rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::unique_ptr<ByteStream> open_range(int fd, std::uint64_t begin, std::uint64_t end) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  end = std::min(end, kLargest);
  return std::make_unique<RangeStream>(fd, std::min(begin, end), end);
}

std::unique_ptr<ByteStream> open_memory(std::string_view bytes) { return std::make_unique<MemoryStream>(bytes); }

std::string_view PeekStream::peek(std::size_t size) {
  if (used_ != 0) {
    head_.erase(0, used_);
    used_ = 0;
  }
  const std::size_t have = head_.size();
  if (have < size) {
    head_.resize(size);
    const std::size_t got = below_->read(std::span<char>(head_.data() + have, size - have));
    head_.resize(have + got);
  }
  return std::string_view(head_).substr(0, size);
}

std::size_t PeekStream::read(std::span<char> out) {
  std::size_t done = 0;
  if (used_ < head_.size()) {
    done = std::min(out.size(), head_.size() - used_);
    std::memcpy(out.data(), head_.data() + used_, done);
    used_ += done;
    if (used_ == head_.size()) {
      head_.clear();
      used_ = 0;
    }
  }
  if (done < out.size()) done += below_->read(out.subspan(done));
  return done;
}

}  // namespace assay
