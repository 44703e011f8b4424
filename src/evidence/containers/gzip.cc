// gzip (RFC 1952) by isa-l: every member, header fields skipped, check sum and size of each member verified.
// Zero bytes after the last member are padding; anything else there is told as a problem.
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

#include "evidence/containers/expander.h"

namespace assay {
namespace {

class GzipStream final : public Expander {
 public:
  using Expander::Expander;

 protected:
  std::size_t produce(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && state_of_ != Place::end) {
      if (state_of_ == Place::between && !start_member()) break;
      done += inflate(out.subspan(done));
    }
    return done;
  }

 private:
  enum class Place { between, inside, end };

  // Reads a header by itself: isa-l loses its place when a header is cut between two of its inputs.
  bool start_member() {
    if (members_ != 0) {
      while (!input().empty() && input().front() == '\0')
        consume(std::min(input().size(), input().find_first_not_of('\0')));
      if (input().empty()) {
        state_of_ = Place::end;
        return false;
      }
    }
    const HeaderEnd end = header();
    if (end != HeaderEnd::read) {
      state_of_ = Place::end;
      switch (end) {
        case HeaderEnd::cut:
          fail(NoticeKind::truncated, magic_seen_ == 0 ? "no gzip member" : "ends inside a gzip header");
          break;
        case HeaderEnd::foreign:
          fail(NoticeKind::damaged_file, members_ == 0 ? "not a gzip header" : "bytes after the last gzip member");
          break;
        case HeaderEnd::damaged:
        case HeaderEnd::read:
          fail(NoticeKind::damaged_file, "damaged gzip header");
      }
      return false;
    }
    if (++members_ == 1) {
      isal_inflate_init(state_.get());
    } else {
      isal_inflate_reset(state_.get());
    }
    state_->crc_flag = ISAL_GZIP_NO_HDR_VER;
    state_of_ = Place::inside;
    return true;
  }

  enum class HeaderEnd { read, cut, foreign, damaged };

  HeaderEnd header() {
    magic_seen_ = 0;
    std::uint8_t byte = 0;
    for (const int expected : {0x1f, 0x8b, 0x08}) {
      if (!take(byte)) return HeaderEnd::cut;
      if (byte != expected) return HeaderEnd::foreign;
      ++magic_seen_;
    }
    std::uint8_t flags = 0;
    if (!take(flags)) return HeaderEnd::cut;
    if ((flags & 0xe0) != 0) return HeaderEnd::damaged;  // reserved bits
    if (!skip(6)) return HeaderEnd::cut;                 // time, extra flags, system
    if ((flags & 4) != 0) {
      std::uint8_t low = 0, high = 0;
      if (!take(low) || !take(high) || !skip(static_cast<std::size_t>(low | high << 8))) return HeaderEnd::cut;
    }
    for (const int text : {8, 16}) {  // name, comment: up to a zero byte
      if ((flags & text) == 0) continue;
      do {
        if (!take(byte)) return HeaderEnd::cut;
      } while (byte != 0);
    }
    return (flags & 2) != 0 && !skip(2) ? HeaderEnd::cut : HeaderEnd::read;
  }

  bool take(std::uint8_t& byte) {
    const std::string_view more = input();
    if (more.empty()) return false;
    byte = static_cast<std::uint8_t>(more.front());
    consume(1);
    return true;
  }
  bool skip(std::size_t size) {
    while (size != 0) {
      const std::size_t part = std::min(size, input().size());
      if (part == 0) return false;
      consume(part);
      size -= part;
    }
    return true;
  }

  std::size_t inflate(std::span<char> out) {
    const std::string_view more = input();
    state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(more.data()));
    state_->avail_in = static_cast<std::uint32_t>(more.size());
    state_->next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_->avail_out = static_cast<std::uint32_t>(out.size());
    const int status = isal_inflate(state_.get());
    const std::size_t got = out.size() - state_->avail_out;
    consume(more.size() - state_->avail_in);
    if (status == ISAL_INCORRECT_CHECKSUM) {
      fail(NoticeKind::damaged_file, "gzip check sum or size does not fit the content");
      state_of_ = Place::end;
    } else if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) {
      fail(NoticeKind::damaged_file, "damaged deflate data");
      state_of_ = Place::end;
    } else if (state_->block_state == ISAL_BLOCK_FINISH) {
      state_of_ = Place::between;
    } else if (got == 0 && more.empty()) {
      fail(NoticeKind::truncated, "ends inside a gzip member");
      state_of_ = Place::end;
    }
    return got;
  }

  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  Place state_of_ = Place::between;
  std::uint64_t members_ = 0;
  int magic_seen_ = 0;
};

class DeflateStream final : public Expander {
 public:
  DeflateStream(ByteStream& below, ExpansionGauge& gauge) : Expander(below, gauge) { isal_inflate_init(state_.get()); }

 protected:
  std::size_t produce(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && state_->block_state != ISAL_BLOCK_FINISH) {
      const std::string_view more = input();
      state_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(more.data()));
      state_->avail_in = static_cast<std::uint32_t>(more.size());
      state_->next_out = reinterpret_cast<std::uint8_t*>(out.data() + done);
      state_->avail_out = static_cast<std::uint32_t>(out.size() - done);
      const int status = isal_inflate(state_.get());
      const std::size_t got = out.size() - done - state_->avail_out;
      consume(more.size() - state_->avail_in);
      done += got;
      if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT) {
        fail(NoticeKind::damaged_file, "damaged deflate data");
        break;
      }
      if (got == 0 && more.empty() && state_->block_state != ISAL_BLOCK_FINISH) {
        fail(NoticeKind::truncated, "ends inside deflate data");
        break;
      }
    }
    return done;
  }

 private:
  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
};

}  // namespace

std::unique_ptr<Expander> open_deflate(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<DeflateStream>(below, gauge);
}

std::unique_ptr<ByteStream> open_gzip(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<GzipStream>(below, gauge);
}

}  // namespace assay
