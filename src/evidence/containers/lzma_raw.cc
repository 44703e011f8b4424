#include "evidence/containers/lzma_raw.h"

#include <lzma.h>

#include <array>
#include <cstdlib>

#include "evidence/containers/lzma_step.h"

namespace assay {
namespace {

lzma_vli id_of(LzmaFilter filter) {
  switch (filter) {
    case LzmaFilter::lzma1:
      return LZMA_FILTER_LZMA1;
    case LzmaFilter::lzma2:
      return LZMA_FILTER_LZMA2;
    case LzmaFilter::x86:
      return LZMA_FILTER_X86;
    case LzmaFilter::powerpc:
      return LZMA_FILTER_POWERPC;
    case LzmaFilter::ia64:
      return LZMA_FILTER_IA64;
    case LzmaFilter::arm:
      return LZMA_FILTER_ARM;
    case LzmaFilter::arm_thumb:
      return LZMA_FILTER_ARMTHUMB;
    case LzmaFilter::arm64:
      return LZMA_FILTER_ARM64;
    case LzmaFilter::sparc:
      return LZMA_FILTER_SPARC;
    case LzmaFilter::delta:
      return LZMA_FILTER_DELTA;
  }
  return LZMA_VLI_UNKNOWN;
}

class LzmaRawStream final : public Expander {
 public:
  LzmaRawStream(ByteStream& below, ExpansionGauge& gauge, std::vector<LzmaStep> steps,
                std::optional<std::uint64_t> size)
      : Expander(below, gauge), steps_(std::move(steps)), size_(size) {}
  ~LzmaRawStream() override {
    lzma_end(&state_);
    for (lzma_filter& filter : filters_) std::free(filter.options);  // liblzma took it with malloc
  }

 protected:
  std::size_t produce(std::span<char> out) override {
    if (!open_ && !start()) return 0;
    std::size_t done = 0;
    while (done < out.size() && !ended_) {
      const auto [status, taken, made] = lzma_step(state_, input(), out.subspan(done));
      consume(taken);
      done += made;
      if (status == LZMA_OK) continue;
      ended_ = true;
      if (status == LZMA_BUF_ERROR) {
        fail(NoticeKind::truncated, "ends inside LZMA data");
      } else if (status != LZMA_STREAM_END) {
        fail(NoticeKind::damaged_file, "damaged LZMA data");
      }
    }
    return done;
  }

 private:
  bool start() {
    open_ = ended_ = true;
    for (auto& filter : filters_) filter.id = LZMA_VLI_UNKNOWN;
    if (steps_.empty() || steps_.size() >= filters_.size()) {
      fail(NoticeKind::damaged_file, "a chain of filters that makes no sense");
      return false;
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      filters_[i].id = id_of(steps_[i].filter);
      const std::string& properties = steps_[i].properties;
      if (lzma_properties_decode(&filters_[i], nullptr, reinterpret_cast<const std::uint8_t*>(properties.data()),
                                 properties.size()) != LZMA_OK) {
        fail(NoticeKind::damaged_file, "damaged properties of a decoder");
        return false;
      }
    }
    lzma_filter& last = filters_[steps_.size() - 1];
    if (last.id == LZMA_FILTER_LZMA1 && size_) {
      // With its size known the filters behind it learn where the end is.
      auto* options = static_cast<lzma_options_lzma*>(last.options);
      options->ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
      lzma_set_ext_size(*options, *size_);
      last.id = LZMA_FILTER_LZMA1EXT;
    }
    const std::uint64_t memory = lzma_raw_decoder_memusage(filters_.data());
    if (memory == UINT64_MAX || memory > meter().memory_left()) {
      fail(memory == UINT64_MAX ? NoticeKind::damaged_file : NoticeKind::limit_other,
           memory == UINT64_MAX ? "a chain of filters that makes no sense"
                                : "a dictionary larger than 128 MiB, or than what the chain's decoders leave");
      return false;
    }
    if (lzma_raw_decoder(&state_, filters_.data()) != LZMA_OK) {
      fail(NoticeKind::limit_other, "no memory for a decoder");
      return false;
    }
    meter().takes_memory(memory);
    ended_ = false;
    return true;
  }

  std::vector<LzmaStep> steps_;
  std::optional<std::uint64_t> size_;
  std::array<lzma_filter, LZMA_FILTERS_MAX + 1> filters_ = {};
  lzma_stream state_ = LZMA_STREAM_INIT;
  bool open_ = false, ended_ = false;
};

}  // namespace

std::unique_ptr<Expander> open_lzma_raw(ByteStream& below, ExpansionGauge& gauge, std::vector<LzmaStep> steps,
                                        std::optional<std::uint64_t> size) {
  return std::make_unique<LzmaRawStream>(below, gauge, std::move(steps), size);
}

}  // namespace assay
