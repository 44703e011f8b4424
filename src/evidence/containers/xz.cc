// xz (The .xz File Format 1.1) and lzip by liblzma: every stream, one after another, zeros between xz streams passed
// over, check sums verified, dictionaries within the chain's memory.
#include <lzma.h>

#include <memory>

#include "evidence/containers/expander.h"
#include "evidence/containers/lzma_step.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

class LzmaFileStream final : public Expander {
 public:
  LzmaFileStream(ByteStream& below, ExpansionGauge& gauge, bool lzip) : Expander(below, gauge), lzip_(lzip) {}
  ~LzmaFileStream() override { lzma_end(&state_); }

 protected:
  std::size_t produce(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && place_ != Place::end) {
      if (place_ == Place::between && !start()) break;
      const auto [status, taken, made] = lzma_step(state_, input(), out.subspan(done));
      consume(taken);
      done += made;
      judge(status);
    }
    meter().takes_memory(lzma_memusage(&state_));
    return done;
  }

 private:
  enum class Place { between, inside, end };

  // The next stream's decoder; false at the end of the input.
  bool start() {
    std::uint64_t zeros = 0;
    while (!lzip_ && streams_ != 0 && !input().empty() && input().front() == '\0') {
      const std::size_t run = std::min(input().size(), input().find_first_not_of('\0'));
      zeros += run;
      consume(run);
    }
    if (input().empty()) {
      place_ = Place::end;
      if (streams_ == 0) fail(NoticeKind::truncated, "holds no stream");
      return false;
    }
    if (streams_ != 0 && (zeros % 4 != 0 || input().front() != (lzip_ ? 'L' : '\xfd'))) {
      place_ = Place::end;
      fail(NoticeKind::damaged_file, "bytes after the last stream");
      return false;
    }
    const lzma_ret status = lzip_ ? lzma_lzip_decoder(&state_, meter().memory_left(), 0)
                                  : lzma_stream_decoder(&state_, meter().memory_left(), 0);
    if (status != LZMA_OK) {
      place_ = Place::end;
      fail(NoticeKind::limit_other, "no memory for a decoder");
      return false;
    }
    ++streams_;
    place_ = Place::inside;
    return true;
  }

  void judge(lzma_ret status) {
    switch (status) {
      case LZMA_OK:
        return;
      case LZMA_STREAM_END:
        place_ = Place::between;
        return;
      case LZMA_MEMLIMIT_ERROR:
      case LZMA_MEM_ERROR:
        fail(NoticeKind::limit_other, "a dictionary larger than 128 MiB, or than what the chain's decoders leave");
        break;
      case LZMA_BUF_ERROR:
        fail(NoticeKind::truncated, "ends inside a stream");
        break;
      case LZMA_FORMAT_ERROR:
        fail(NoticeKind::damaged_file, streams_ > 1 ? "bytes after the last stream" : "damaged stream header");
        break;
      case LZMA_OPTIONS_ERROR:
        fail(NoticeKind::damaged_file, "a stream with options that this reader does not know");
        break;
      default:
        fail(NoticeKind::damaged_file, "damaged compressed data, or its check sum does not fit");
    }
    place_ = Place::end;
  }

  lzma_stream state_ = LZMA_STREAM_INIT;
  bool lzip_;
  Place place_ = Place::between;
  std::uint64_t streams_ = 0;
};

}  // namespace

std::unique_ptr<Expander> open_xz(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<LzmaFileStream>(below, gauge, false);
}
std::unique_ptr<Expander> open_lzip(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<LzmaFileStream>(below, gauge, true);
}

}  // namespace assay
