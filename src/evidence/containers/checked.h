// The content of one member with what its archive says of it: size and CRC-32, compared at the end.
#pragma once

#include <isa-l/crc.h>

#include <cstdint>
#include <optional>

#include "evidence/stream.h"

namespace assay {

struct Expected {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> crc;
};

class CheckedStream final : public ByteStream {
 public:
  CheckedStream(ByteStream& below, Expected expected) : below_(&below), expected_(expected) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t got = below_->read(out);
    crc_ = crc32_gzip_refl(crc_, reinterpret_cast<const std::uint8_t*>(out.data()), got);
    size_ += got;
    ended_ = ended_ || got < out.size();
    return got;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override {
    if (auto lower = below_->problem()) return lower;
    if (!ended_ && !(expected_.size && size_ == *expected_.size)) return std::nullopt;
    if (expected_.size && size_ != *expected_.size)
      return StreamProblem{NoticeKind::damaged_file, "another size than the archive says"};
    if (expected_.crc && crc_ != *expected_.crc)
      return StreamProblem{NoticeKind::damaged_file, "the check sum does not fit the content"};
    return std::nullopt;
  }

 private:
  ByteStream* below_;
  Expected expected_;
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
  bool ended_ = false;
};

// Whether the first MiB of a content can be read, and fits when that is all of it: tells a wrong password.
[[nodiscard]] inline bool reads_well(ByteStream& content, Expected expected) {
  constexpr std::size_t kTried = std::size_t{1} << 20;
  CheckedStream checked(content, expected);
  const std::unique_ptr<char[]> buffer(new char[kTried]);
  (void)checked.read(std::span<char>(buffer.get(), kTried));
  return !checked.problem();
}

}  // namespace assay
