// bzip2 by libbz2: every stream, one after another; block and stream check sums are verified by the library.
#include <bzlib.h>

#include <memory>

#include "evidence/containers/expander.h"

namespace assay {
namespace {

constexpr std::uint64_t kStateBytes = std::uint64_t{4} << 20;  // of a decoder at level 9

class Bzip2Stream final : public Expander {
 public:
  using Expander::Expander;
  ~Bzip2Stream() override { close(); }

 protected:
  std::size_t produce(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && !ended_) {
      if (!open_ && !start()) break;
      const std::string_view more = input();
      state_.next_in = const_cast<char*>(more.data());
      state_.avail_in = static_cast<unsigned>(more.size());
      state_.next_out = out.data() + done;
      state_.avail_out = static_cast<unsigned>(out.size() - done);
      const std::size_t before = done;
      const int status = BZ2_bzDecompress(&state_);
      consume(more.size() - state_.avail_in);
      done = out.size() - state_.avail_out;
      if (status == BZ_STREAM_END) {
        close();
      } else if (status != BZ_OK) {
        ended_ = true;
        fail(NoticeKind::damaged_file, status == BZ_DATA_ERROR_MAGIC && streams_ > 1
                                           ? "bytes after the last bzip2 stream"
                                           : "damaged bzip2 data, or its check sum does not fit");
      } else if (more.empty() && done == before) {
        ended_ = true;
        fail(NoticeKind::truncated, "ends inside a bzip2 stream");
      }
    }
    return done;
  }

 private:
  bool start() {
    if (input().empty()) {
      ended_ = true;
      if (streams_ == 0) fail(NoticeKind::truncated, "no bzip2 stream");
      return false;
    }
    if (meter().memory_left() < kStateBytes || BZ2_bzDecompressInit(&state_, 0, 0) != BZ_OK) {
      ended_ = true;
      fail(NoticeKind::limit_other, "no memory for a bzip2 decoder");
      return false;
    }
    meter().takes_memory(kStateBytes);
    open_ = true;
    ++streams_;
    return true;
  }
  void close() {
    if (open_) BZ2_bzDecompressEnd(&state_);
    open_ = false;
    state_ = {};
  }

  bz_stream state_ = {};
  bool open_ = false, ended_ = false;
  std::uint64_t streams_ = 0;
};

}  // namespace

std::unique_ptr<Expander> open_bzip2(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<Bzip2Stream>(below, gauge);
}

}  // namespace assay
