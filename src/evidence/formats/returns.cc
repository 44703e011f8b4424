#include "evidence/formats/returns.h"

#include <algorithm>
#include <map>

namespace assay {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 10;  // of a window that is looked at first

void with_feeds(std::string_view text, std::string& out) {
  out.assign(text);
  std::replace(out.begin(), out.end(), '\r', '\n');
}

// Byte for byte the inner reader's stream, so every place is a place in the file.
class ReturnsReader final : public RecordReader {
 public:
  explicit ReturnsReader(std::unique_ptr<RecordReader> inner) : inner_(std::move(inner)) {}

  Frame next(std::string_view window, bool at_end) override {
    for (std::size_t size = kPiece;; size *= 8) {
      const std::string_view piece = window.substr(0, size);
      const bool all = piece.size() == window.size();
      with_feeds(piece, window_);
      const Frame frame = inner_->next(window_, at_end && all);
      if (frame.kind != Frame::Kind::more || all) return frame;
    }
  }
  bool begin(std::string_view raw, Notices& notices) override {
    with_feeds(raw, raw_);
    return inner_->begin(raw_, notices);
  }
  void survey(std::string_view raw) override {
    with_feeds(raw, raw_);
    inner_->survey(raw_);
  }
  [[nodiscard]] bool inside_block() const override { return inner_->inside_block(); }
  [[nodiscard]] bool wants_survey() const override { return inner_->wants_survey(); }
  [[nodiscard]] ShapeId shape() const override { return inner_->shape(); }
  void read(const Projection& projection, FieldTable& out) override { inner_->read(projection, out); }
  [[nodiscard]] std::string_view words(bool numbers) override { return inner_->words(numbers); }
  void all_fields(const FieldSink& sink) override { inner_->all_fields(sink); }
  void blobs(const BlobSink& sink) override { inner_->blobs(sink); }

 private:
  std::unique_ptr<RecordReader> inner_;
  std::string window_, raw_;
};

class ReturnsFormat final : public Format {
 public:
  explicit ReturnsFormat(const Format& inner) : inner_(&inner) {}
  [[nodiscard]] std::string_view name() const override { return inner_->name(); }
  [[nodiscard]] std::string_view room() const override { return inner_->room(); }
  // Whoever cuts a file looks for line feeds.
  [[nodiscard]] Split split() const override { return Split::none; }
  [[nodiscard]] RawForm raw_form() const override { return inner_->raw_form(); }
  [[nodiscard]] bool in_order() const override { return inner_->in_order(); }
  [[nodiscard]] bool rows_of_an_export() const override { return inner_->rows_of_an_export(); }
  [[nodiscard]] bool also_file() const override { return inner_->also_file(); }
  [[nodiscard]] std::size_t frame_limit() const override { return inner_->frame_limit(); }
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view file_name,
                                      const SchemaSet& schemas) const override {
    std::string plain;
    with_feeds(head, plain);
    return inner_->recognise(plain, whole, file_name, schemas);
  }
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override {
    std::string plain;
    with_feeds(head, plain);
    return inner_->prologue_size(plain);
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    std::string plain;
    with_feeds(prologue, plain);
    return std::make_unique<ReturnsReader>(inner_->open(plain, shape, schemas));
  }

 private:
  const Format* inner_;
};

}  // namespace

const Format* with_returns(const Format& inner) {
  static const std::map<std::string_view, ReturnsFormat> kFormats = [] {
    std::map<std::string_view, ReturnsFormat> out;
    for (const Format* format : formats()) {
      if (format->of_lines()) out.emplace(format->name(), *format);
    }
    return out;
  }();
  const auto at = kFormats.find(inner.name());
  return at == kFormats.end() ? nullptr : &at->second;
}

}  // namespace assay
