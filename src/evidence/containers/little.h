// Little-endian numbers of archive headers, and a window over a source for reading them one after another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

// The `size` bytes at `at`; the caller has checked that they are there.
[[nodiscard]] inline std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < size; ++i)
    out |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return out;
}

class SourceWindow {
 public:
  explicit SourceWindow(const ByteSource& source) : source_(&source), bytes_(new char[kBytes]) {}
  // Up to `size` bytes from `at` on (at most kBytes); fewer at the source's end. Valid until the next call.
  [[nodiscard]] std::string_view at(std::uint64_t at, std::size_t size) {
    size = std::min(size, kBytes);
    if (at < begin_ || at + size > begin_ + have_) {
      begin_ = at;
      have_ = source_->read_at(at, std::span<char>(bytes_.get(), kBytes));
    }
    const auto inside = static_cast<std::size_t>(at - begin_);
    return std::string_view(bytes_.get(), have_).substr(std::min(inside, have_), size);
  }
  static constexpr std::size_t kBytes = std::size_t{256} << 10;

 private:
  const ByteSource* source_;
  std::unique_ptr<char[]> bytes_;
  std::uint64_t begin_ = 0;
  std::size_t have_ = 0;
};

}  // namespace assay
