// What archives have in common whose members stand in them as they are, one after another (tar, cpio): the bytes taken,
// what is left of the current member, and the first thing that went wrong.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "evidence/stream.h"

namespace assay {

struct StoredMembers {
  explicit StoredMembers(ByteStream& stream) : below(&stream), content(*this) {}

  // What is left of the current member, as a stream.
  class Content final : public ByteStream {
   public:
    explicit Content(StoredMembers& of) : of_(&of) {}
    std::size_t read(std::span<char> out) override {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), of_->left));
      const std::size_t got = of_->take(out.first(want));
      of_->left -= got;
      if (got < want) of_->cut("ends inside a member");
      return got;
    }
    [[nodiscard]] std::optional<StreamProblem> problem() const override {
      return of_->ended && of_->left != 0 ? of_->told() : std::nullopt;
    }

   private:
    StoredMembers* of_;
  };

  std::size_t take(std::span<char> out) {
    if (ended || out.empty()) return 0;
    const std::size_t got = below->read(out);
    at += got;
    return got;
  }
  void tell(NoticeKind kind, std::string_view detail) {
    if (!problem) problem = StreamProblem{kind, std::string(detail)};
  }
  void cut(std::string_view detail) {
    if (!ended && !below->problem()) tell(NoticeKind::truncated, detail);
    ended = true;
  }
  // A broken stream below explains more than what followed from it.
  [[nodiscard]] std::optional<StreamProblem> told() const {
    std::optional<StreamProblem> lower = below->problem();
    return lower ? lower : problem;
  }
  [[nodiscard]] std::vector<StreamProblem> all_told() const {
    std::vector<StreamProblem> out;
    if (auto what = told()) out.push_back(std::move(*what));
    return out;
  }
  // Always false: nothing can be found behind a header that is none.
  bool no_header() {
    if (!ended) tell(NoticeKind::damaged_file, "a header that is none; what follows it was not read");
    ended = true;
    return false;
  }
  // Counts a member; false when there are too many.
  [[nodiscard]] bool counted(ExpansionGauge& gauge) {
    if (++gauge.members <= limits::kContainerMembers) return true;
    tell(NoticeKind::limit_members, "more members than the limit");
    ended = true;
    return false;
  }
  bool skip(std::uint64_t size) {
    if (size != 0 && !scratch) scratch.reset(new char[kSkipBytes]);
    while (size != 0) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(size, kSkipBytes));
      const std::size_t got = take(std::span<char>(scratch.get(), want));
      size -= got;
      if (got < want) {
        cut("ends inside a member");
        return false;
      }
    }
    return true;
  }
  bool finish_member() {
    const std::uint64_t size = left + padding;
    left = padding = 0;
    return skip(size);
  }

  static constexpr std::size_t kSkipBytes = std::size_t{64} << 10;
  ByteStream* below;
  Content content;
  std::uint64_t at = 0;       // bytes taken from below
  std::uint64_t left = 0;     // of the current member's content
  std::uint64_t padding = 0;  // after it
  bool ended = false;
  std::unique_ptr<char[]> scratch;
  std::optional<StreamProblem> problem;
};

}  // namespace assay
