// Zstandard (RFC 8878) streams: every frame, skippable ones passed over, windows up to 128 MiB.
#include <zstd.h>
#include <zstd_errors.h>

#include <memory>

#include "evidence/containers/expander.h"

namespace assay {
namespace {

constexpr int kWindowLog = 27;  // what zstd itself takes without being told otherwise
constexpr int kLeastWindowLog = 17;

class ZstdStream final : public Expander {
 public:
  ZstdStream(ByteStream& below, ExpansionGauge& gauge) : Expander(below, gauge), decoder_(ZSTD_createDStream()) {
    int window = kWindowLog;  // smaller where the decoders below have taken the chain's memory
    while (window > kLeastWindowLog && (std::uint64_t{1} << window) > meter().memory_left()) --window;
    if (decoder_) ZSTD_DCtx_setParameter(decoder_.get(), ZSTD_d_windowLogMax, window);
  }

 protected:
  std::size_t produce(std::span<char> out) override {
    if (!decoder_) {
      fail(NoticeKind::damaged_file, "no memory for a zstd decoder");
      return 0;
    }
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    while (target.pos < target.size) {
      const std::string_view more = input();
      if (more.empty() && (between_frames_ || drained_)) {
        if (!between_frames_) fail(NoticeKind::truncated, "ends inside a zstd frame");
        if (between_frames_ && frames_ == 0) fail(NoticeKind::truncated, "no zstd frame");
        break;
      }
      ZSTD_inBuffer source{more.data(), more.size(), 0};
      const std::size_t before = target.pos;
      const std::size_t status = ZSTD_decompressStream(decoder_.get(), &target, &source);
      consume(source.pos);
      if (ZSTD_isError(status) != 0) {
        const bool after = between_frames_ && frames_ != 0;
        switch (ZSTD_getErrorCode(status)) {
          case ZSTD_error_frameParameter_windowTooLarge:
            fail(NoticeKind::limit_other, "zstd window larger than 128 MiB, or than what the chain's decoders leave");
            break;
          case ZSTD_error_prefix_unknown:
            fail(NoticeKind::damaged_file, after ? "bytes after the last zstd frame" : "not a zstd frame");
            break;
          case ZSTD_error_checksum_wrong:
            fail(NoticeKind::damaged_file, "zstd check sum does not fit the content");
            break;
          case ZSTD_error_dictionary_wrong:
            fail(NoticeKind::encrypted, "zstd frame needs a dictionary");
            break;
          default:
            fail(NoticeKind::damaged_file, "damaged zstd frame");
        }
        break;
      }
      if (status == 0) {
        ++frames_;
        between_frames_ = true;
      } else if (source.pos != 0) {
        between_frames_ = false;
      }
      drained_ = more.empty() && target.pos == before;
    }
    meter().takes_memory(ZSTD_sizeof_DStream(decoder_.get()));
    return target.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* decoder) const { ZSTD_freeDStream(decoder); }
  };
  std::unique_ptr<ZSTD_DStream, Free> decoder_;
  bool between_frames_ = true;
  bool drained_ = false;
  std::uint64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> open_zstd(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<ZstdStream>(below, gauge);
}

}  // namespace assay
