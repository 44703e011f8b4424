// The one gate through which every compressed stream of evidence expands: buffers of fixed size, so that a cut at a cap
// falls on the same byte however the caller reads, and the caps of limits.h on ratio and output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "evidence/stream.h"

namespace assay {

class Expander : public ByteStream {
 public:
  Expander(ByteStream& below, ExpansionGauge& gauge);
  ~Expander() override;
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;

  std::size_t read(std::span<char> out) final;
  [[nodiscard]] std::optional<StreamProblem> problem() const final { return problem_; }

  static constexpr std::size_t kInputBytes = std::size_t{64} << 10;
  static constexpr std::size_t kOutputBytes = std::size_t{256} << 10;

 protected:
  // Fills the output buffer as far as it can and returns how much; 0 at the end or after fail().
  virtual std::size_t produce(std::span<char> out) = 0;

  // Input not yet consumed; loads more when there is none. Empty at the end of the stream below.
  std::string_view input();
  void consume(std::size_t size) { taken_ += size; }
  // Ends the stream. A problem of the stream below explains more than what followed from it, and goes first.
  void fail(NoticeKind kind, std::string_view detail);

 private:
  ByteStream* below_;
  ExpansionGauge* gauge_;
  bool outermost_;
  std::unique_ptr<char[]> in_;
  std::size_t in_size_ = 0, taken_ = 0;
  std::unique_ptr<char[]> out_;
  std::size_t out_size_ = 0, given_ = 0;
  std::uint64_t total_in_ = 0, total_out_ = 0;
  bool ended_ = false;
  std::optional<StreamProblem> problem_;
};

}  // namespace assay
