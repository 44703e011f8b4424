#include "evidence/stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "core/limits.h"

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

// By pread. A read error gives what came before it; whoever reads then sees fewer bytes than the directory promised.
class RangeSource final : public ByteSource {
 public:
  RangeSource(int fd, std::uint64_t begin, std::uint64_t end) : fd_(fd), begin_(begin), end_(end) {}
  [[nodiscard]] std::uint64_t size() const override { return end_ - begin_; }
  [[nodiscard]] std::size_t read_at(std::uint64_t at, std::span<char> out) const override {
    if (at >= size()) return 0;
    return RangeStream(fd_, begin_ + at, end_).read(out);
  }

 private:
  int fd_;
  std::uint64_t begin_, end_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::size_t read_at(std::uint64_t at, std::span<char> out) const override {
    if (at >= bytes_.size()) return 0;
    const std::string_view rest = bytes_.substr(static_cast<std::size_t>(at), out.size());
    if (!rest.empty()) std::memcpy(out.data(), rest.data(), rest.size());
    return rest.size();
  }

 private:
  std::string_view bytes_;
};

class PartSource final : public ByteSource {
 public:
  PartSource(const ByteSource& whole, std::uint64_t begin, std::uint64_t size)
      : whole_(&whole), begin_(std::min(begin, whole.size())), size_(std::min(size, whole.size() - begin_)) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::size_t read_at(std::uint64_t at, std::span<char> out) const override {
    if (at >= size_) return 0;
    return whole_->read_at(begin_ + at,
                           out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at))));
  }

 private:
  const ByteSource* whole_;
  std::uint64_t begin_, size_;
};

class PartStream final : public ByteStream {
 public:
  PartStream(const ByteSource& whole, std::uint64_t begin, std::uint64_t size)
      : whole_(&whole), at_(begin), left_(size) {}
  std::size_t read(std::span<char> out) override {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    const std::size_t got = want == 0 || cut_ ? 0 : whole_->read_at(at_, out.first(want));
    cut_ = cut_ || got < want;
    at_ += got;
    left_ -= got;
    return got;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override {
    if (!cut_) return std::nullopt;
    return StreamProblem{NoticeKind::truncated, "ends before its recorded size"};
  }

 private:
  const ByteSource* whole_;
  std::uint64_t at_, left_;
  bool cut_ = false;
};

// In blocks, so that growing never copies.
class HeldSource final : public ByteSource {
 public:
  explicit HeldSource(ExpansionGauge& gauge) : gauge_(&gauge) {}
  ~HeldSource() override { gauge_->memory -= blocks_.size() * kBlock; }
  HeldSource(const HeldSource&) = delete;
  HeldSource& operator=(const HeldSource&) = delete;

  // False when the chain's memory is used up.
  bool fill(ByteStream& stream) {
    while (true) {
      if (gauge_->memory + kBlock > kContainerMemory) return false;
      gauge_->memory += kBlock;
      blocks_.emplace_back(new char[kBlock]);
      const std::size_t got = stream.read(std::span<char>(blocks_.back().get(), kBlock));
      size_ += got;
      if (got < kBlock) return true;
    }
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::size_t read_at(std::uint64_t at, std::span<char> out) const override {
    std::size_t done = 0;
    while (done < out.size() && at < size_) {
      const std::size_t inside = static_cast<std::size_t>(at % kBlock);
      const auto part =
          static_cast<std::size_t>(std::min<std::uint64_t>({out.size() - done, kBlock - inside, size_ - at}));
      std::memcpy(out.data() + done, blocks_[static_cast<std::size_t>(at / kBlock)].get() + inside, part);
      done += part;
      at += part;
    }
    return done;
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 18;
  ExpansionGauge* gauge_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> source_of_range(int fd, std::uint64_t begin, std::uint64_t end) {
  return std::make_unique<RangeSource>(fd, std::min(begin, end), end);
}

std::unique_ptr<ByteSource> source_of_memory(std::string_view bytes) { return std::make_unique<MemorySource>(bytes); }

std::unique_ptr<ByteSource> source_of_part(const ByteSource& whole, std::uint64_t begin, std::uint64_t size) {
  return std::make_unique<PartSource>(whole, begin, size);
}

std::unique_ptr<ByteStream> open_part(const ByteSource& whole, std::uint64_t begin, std::uint64_t size) {
  return std::make_unique<PartStream>(whole, begin, size);
}

std::unique_ptr<ByteSource> hold(ByteStream& stream, ExpansionGauge& gauge, std::string& head) {
  auto out = std::make_unique<HeldSource>(gauge);
  if (out->fill(stream)) return out;
  head.resize(static_cast<std::size_t>(std::min<std::uint64_t>(out->size(), limits::kDocumentBytes)));
  head.resize(out->read_at(0, head));
  return nullptr;
}

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
