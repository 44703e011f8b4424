// The content of one member of a zip archive: decrypted, decompressed, checked.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "evidence/containers/expander.h"
#include "evidence/containers/zip_directory.h"
#include "evidence/stream.h"

namespace assay {

struct ZipMember {
  ZipEntry entry;
  ZipNames names;
  std::uint64_t data = 0;     // where its bytes begin
  bool unknown_size = false;  // neither header says how large it is
};

// The streams of a content, the last one on top.
class ZipContent {
 public:
  void add(std::unique_ptr<ByteStream> layer) { layers_.push_back(std::move(layer)); }
  void decode(std::unique_ptr<Expander> decoder) {
    decoder_ = decoder.get();
    layers_.push_back(std::move(decoder));
  }
  [[nodiscard]] ByteStream& top() const { return *layers_.back(); }
  [[nodiscard]] const Expander* decoder() const { return decoder_; }
  void drop_to(std::size_t layers) {
    while (layers_.size() > layers) layers_.pop_back();
    decoder_ = nullptr;
  }
  [[nodiscard]] std::size_t layers() const { return layers_.size(); }

 private:
  std::vector<std::unique_ptr<ByteStream>> layers_;
  const Expander* decoder_ = nullptr;
};

// A content that cannot be read is an empty stream with its problem: encrypted, or a method without a reader.
[[nodiscard]] ZipContent open_zip_member(const ByteSource& source, const ZipMember& member, ExpansionGauge& gauge);
[[nodiscard]] bool is_zip_method(std::uint16_t method);

// No bytes, and why.
class NoContent final : public ByteStream {
 public:
  explicit NoContent(StreamProblem why) : why_(std::move(why)) {}
  std::size_t read(std::span<char>) override { return 0; }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return why_; }

 private:
  StreamProblem why_;
};
[[nodiscard]] StreamProblem no_password(bool any_given);

}  // namespace assay
