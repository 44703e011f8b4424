// Windows event log files (EVTX). A record has the names that its binary XML gives (templates.h); its place is that of
// the record in the file.
#include "evidence/formats/evtx/chunks.h"
#include "evidence/formats/evtx/events.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

constexpr std::string_view kShape = "windows-evtx";

class EvtxReader : public RecordReader {
 public:
  EvtxReader(std::string_view file_header, ShapeId shape) : shape_(shape), chunks_(file_header) {}

  bool reopen(std::string_view prologue) override {
    chunks_ = evtx::Chunks(prologue);
    number_ = 0;
    return true;
  }
  void carve() override { chunks_.carve(); }
  [[nodiscard]] bool carved() const override { return chunks_.carved(); }
  void start_at(std::uint64_t offset) override { chunks_.start_at(offset); }
  Frame next(std::string_view window, bool at_end) override { return chunks_.next(window, at_end); }
  [[nodiscard]] bool inside_block() const override { return chunks_.inside(); }

  bool begin(std::string_view, Notices& notices) override {
    for (Notice& notice : chunks_.take_notices()) notices.add(std::move(notice));
    if (number_ != chunks_.number()) {
      number_ = chunks_.number();
      events_.chunk(chunks_.bytes());
    }
    evtx::Faults faults;
    const bool good =
        events_.begin(chunks_.record_begin() + evtx::kRecordHeader, chunks_.record_end() - 4, chunks_.carved(), faults);
    if (!faults.none()) tell(faults, notices);
    return good;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }
  void read(const Projection& projection, FieldTable& out) override { events_.read(projection, out); }
  [[nodiscard]] std::string_view words(bool numbers) override { return events_.words(numbers); }
  void all_fields(const FieldSink& sink) override {
    events_.all_fields([&](std::string_view path, Value value) { sink(path, value); });
  }

 private:
  static void tell(const evtx::Faults& faults, Notices& notices) {
    const auto add = [&](NoticeKind kind, std::uint32_t count, const char* detail) {
      if (count > 0) notices.add({kind, "", 0, count, detail});
    };
    add(NoticeKind::bad_value, faults.bad_values,
        "event values that do not fit their type, shown as bytes, or are not there");
    add(NoticeKind::not_utf8, faults.bad_text, "event texts that are not UTF-16");
    add(NoticeKind::bad_value, faults.broken, "event markup that breaks off; what stands before it counts");
    add(NoticeKind::limit_depth, faults.too_deep,
        "event markup nested deeper than the limit; what is below was not read");
    add(NoticeKind::limit_other, faults.too_many,
        "event values beyond the limits of one record or chunk were not read");
  }

  ShapeId shape_;
  evtx::Chunks chunks_;
  evtx::Events events_;
  std::uint64_t number_ = 0;
};

class Evtx : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "evtx"; }
  [[nodiscard]] RawForm raw_form() const override { return RawForm::other; }
  [[nodiscard]] bool in_order() const override { return false; }
  [[nodiscard]] Split split() const override { return Split::blocks; }
  [[nodiscard]] Blocks blocks() const override { return {evtx::kFileHeader, evtx::kChunk}; }
  [[nodiscard]] Recognition recognise(std::string_view head, bool, std::string_view,
                                      const SchemaSet& schemas) const override {
    if (!schemas.find(kShape)) return {};
    if (head.starts_with(evtx::kFileMagic)) return {100, std::string(kShape), "Windows event log"};
    if (head.starts_with(evtx::kChunkMagic)) return {95, std::string(kShape), "chunks of a Windows event log"};
    return {};
  }
  [[nodiscard]] std::size_t prologue_size(std::string_view head) const override {
    return head.starts_with(evtx::kFileMagic) ? std::min(head.size(), evtx::kFileFacts) : 0;
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    return std::make_unique<EvtxReader>(prologue, schemas.find(shape.empty() ? kShape : shape).value_or(0));
  }
};

}  // namespace

const Format& evtx_format() {
  static const Evtx kFormat;
  return kFormat;
}

}  // namespace assay
