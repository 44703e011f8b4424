// The one gate through which everything compressed in evidence expands: buffers of fixed size, so that a cut at a cap
// falls on the same byte however the caller reads, and the caps on ratio, output and memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

// Input against output of one compressed stream, or of an archive that is decoded as one.
class ExpansionMeter {
 public:
  explicit ExpansionMeter(ExpansionGauge& gauge) : gauge_(&gauge), outermost_(gauge.open == 0) { ++gauge.open; }
  ~ExpansionMeter() {
    --gauge_->open;
    gauge_->memory -= memory_;
  }
  ExpansionMeter(const ExpansionMeter&) = delete;
  ExpansionMeter& operator=(const ExpansionMeter&) = delete;

  void took(std::size_t bytes) {
    in_ += bytes;
    if (outermost_) gauge_->input += bytes;
  }
  // Empty, or why the stream ends here; then these bytes are not given on and do not count, so that what stands behind
  // a bomb in the same archive is read.
  [[nodiscard]] std::string_view gave(std::size_t bytes);
  // What a decoder may still take; holds as much as it says it takes.
  [[nodiscard]] std::uint64_t memory_left() const {
    const std::uint64_t left = kContainerMemory - std::min(kContainerMemory, gauge_->memory);
    return std::min(left, kDecoderMemory);
  }
  void takes_memory(std::uint64_t bytes) {
    gauge_->memory = gauge_->memory - memory_ + bytes;
    memory_ = bytes;
  }
  [[nodiscard]] std::uint64_t input() const { return in_; }

 private:
  ExpansionGauge* gauge_;
  bool outermost_;
  std::uint64_t in_ = 0, out_ = 0, memory_ = 0;
};

// Output in steps of one size, metered.
class MeteredStream : public ByteStream {
 public:
  explicit MeteredStream(ExpansionMeter& meter) : meter_(&meter) {}
  MeteredStream(const MeteredStream&) = delete;
  MeteredStream& operator=(const MeteredStream&) = delete;

  std::size_t read(std::span<char> out) final;
  [[nodiscard]] std::optional<StreamProblem> problem() const final { return problem_; }

  static constexpr std::size_t kOutputBytes = std::size_t{256} << 10;

 protected:
  // Fills the output buffer as far as it can and returns how much; 0 at the end or after fail().
  virtual std::size_t produce(std::span<char> out) = 0;
  // A problem of what stands below explains more than what followed from it, and goes first.
  [[nodiscard]] virtual std::optional<StreamProblem> problem_below() const { return std::nullopt; }
  // Ends the stream.
  void fail(NoticeKind kind, std::string_view detail);
  [[nodiscard]] ExpansionMeter& meter() const { return *meter_; }

 private:
  // One step into `to`, which has room for it; 0 at the end.
  std::size_t step(char* to);

  ExpansionMeter* meter_;
  std::unique_ptr<char[]> out_;  // made when a caller reads less than a step at a time
  std::size_t out_size_ = 0, given_ = 0;
  bool ended_ = false;
  std::optional<StreamProblem> problem_;
};

// A decoder over a stream of compressed bytes.
class Expander : private ExpansionMeter, public MeteredStream {
 public:
  Expander(ByteStream& below, ExpansionGauge& gauge)
      : ExpansionMeter(gauge), MeteredStream(static_cast<ExpansionMeter&>(*this)), below_(&below) {}

  static constexpr std::size_t kInputBytes = std::size_t{64} << 10;
  // Compressed bytes used up to here.
  [[nodiscard]] std::uint64_t consumed() const { return meter().input() - (in_size_ - taken_); }

 protected:
  // Input not yet consumed; loads more when there is none. Empty at the end of the stream below.
  std::string_view input();
  void consume(std::size_t size) { taken_ += size; }
  [[nodiscard]] std::optional<StreamProblem> problem_below() const final { return below_->problem(); }

 private:
  ByteStream* below_;
  std::unique_ptr<char[]> in_;
  std::size_t in_size_ = 0, taken_ = 0;
};

// Deflate without any frame (RFC 1951), as zip and 7z hold it.
[[nodiscard]] std::unique_ptr<Expander> open_deflate(ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<Expander> open_bzip2(ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<Expander> open_xz(ByteStream& below, ExpansionGauge& gauge);
[[nodiscard]] std::unique_ptr<Expander> open_lzip(ByteStream& below, ExpansionGauge& gauge);
// LZ4 frames and compress (.Z), by libarchive.
[[nodiscard]] std::unique_ptr<Expander> open_by_library(ContainerKind kind, ByteStream& below, ExpansionGauge& gauge);

}  // namespace assay
