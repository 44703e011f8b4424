// gzip (RFC 1952) by isa-l: every member, header fields skipped, check sum and size of each member verified.
// Zero bytes after the last member are padding; anything else there is told as a problem.
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

#include "evidence/containers/expander.h"

namespace assay {
namespace {

constexpr std::size_t kMagicBytes = 3;  // 1f 8b 08

class GzipStream final : public Expander {
 public:
  using Expander::Expander;

 protected:
  std::size_t produce(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && state_of_ != Place::end) {
      if (state_of_ == Place::between && !start_member()) break;
      if (input().empty() && !draining_) {
        // One more call with nothing to read may still give what the decoder holds back.
        draining_ = true;
      }
      done += inflate(out.subspan(done));
    }
    return done;
  }

 private:
  enum class Place { between, inside, end };

  // Takes the three magic bytes apart from the decoder, which would take trailing bytes for a broken header.
  bool start_member() {
    while (magic_size_ < kMagicBytes) {
      const std::string_view more = input();
      if (more.empty()) break;
      if (magic_size_ == 0 && more.front() == '\0' && members_ != 0) {
        consume(std::min(more.size(), more.find_first_not_of('\0')));
        continue;
      }
      magic_[magic_size_++] = static_cast<std::uint8_t>(more.front());
      consume(1);
    }
    if (magic_size_ == 0) {
      if (members_ == 0) fail(NoticeKind::truncated, "no gzip member");
      state_of_ = Place::end;
      return false;
    }
    static constexpr std::uint8_t kMagic[kMagicBytes] = {0x1f, 0x8b, 0x08};
    if (!std::equal(magic_, magic_ + magic_size_, kMagic)) {
      fail(NoticeKind::damaged_file, members_ == 0 ? "not a gzip header" : "bytes after the last gzip member");
      state_of_ = Place::end;
      return false;
    }
    if (magic_size_ < kMagicBytes) {
      fail(NoticeKind::truncated, "ends inside a gzip header");
      state_of_ = Place::end;
      return false;
    }
    magic_size_ = 0;
    ++members_;
    if (members_ == 1) {
      isal_inflate_init(state_.get());
    } else {
      isal_inflate_reset(state_.get());
    }
    state_->crc_flag = ISAL_GZIP;
    state_->next_in = magic_;
    state_->avail_in = kMagicBytes;
    state_->next_out = nullptr;
    state_->avail_out = 0;
    feeding_magic_ = true;
    draining_ = false;
    state_of_ = Place::inside;
    return true;
  }

  std::size_t inflate(std::span<char> out) {
    const std::string_view more = feeding_magic_ ? std::string_view() : input();
    if (!feeding_magic_) {
      state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(more.data()));
      state_->avail_in = static_cast<std::uint32_t>(more.size());
    }
    state_->next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_->avail_out = static_cast<std::uint32_t>(out.size());
    const int status = isal_inflate(state_.get());
    const std::size_t got = out.size() - state_->avail_out;
    if (feeding_magic_) {
      feeding_magic_ = false;  // the decoder keeps a part of a header by itself
    } else {
      consume(more.size() - state_->avail_in);
    }
    if (status == ISAL_INCORRECT_CHECKSUM) {
      fail(NoticeKind::damaged_file, "gzip check sum or size does not fit the content");
      state_of_ = Place::end;
    } else if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) {
      fail(NoticeKind::damaged_file, status == ISAL_INVALID_WRAPPER || status == ISAL_UNSUPPORTED_METHOD
                                         ? "damaged gzip header"
                                         : "damaged deflate data");
      state_of_ = Place::end;
    } else if (state_->block_state == ISAL_BLOCK_FINISH) {
      state_of_ = Place::between;
    } else if (got == 0 && draining_ && input().empty()) {
      fail(NoticeKind::truncated, "ends inside a gzip member");
      state_of_ = Place::end;
    }
    return got;
  }

  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  Place state_of_ = Place::between;
  std::uint8_t magic_[kMagicBytes] = {};
  std::size_t magic_size_ = 0;
  std::uint64_t members_ = 0;
  bool feeding_magic_ = false;
  bool draining_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> open_gzip(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<GzipStream>(below, gauge);
}

}  // namespace assay
