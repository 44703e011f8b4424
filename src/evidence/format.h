// A format room: how a file's bytes become records. One folder under formats/, registered by one line in
// formats/formats.cc. A reader knows no rules: it gets a projection of paths. It never throws, never ends a run, and
// counts what it gives up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/blob.h"
#include "core/notice.h"
#include "core/record.h"
#include "evidence/schema.h"
#include "evidence/stream.h"

namespace assay {

// What the head of a file looks like. The best score wins; 0 is "not this format".
struct Recognition {
  int score = 0;      // 100 certain (magic or header), 80 several records parsed, 50 plausible
  std::string shape;  // schema name; "" when records choose their shape one by one
  std::string note;   // shown by `evidence check`
};

// May a file be cut into ranges? freely: a record starts after any line end; prologue: the same, but each range also
// needs the file's header lines; blocks: only where one of its blocks starts (Format::blocks()), the prologue goes with
// each range; none: one unit reads it all.
enum class Split : std::uint8_t { freely, prologue, blocks, none };

// Blocks of one size after a header: they start at first + n * size.
struct Blocks {
  std::uint64_t first = 0, size = 1;
  // The first start of a block at or after `offset`.
  [[nodiscard]] std::uint64_t at_or_after(std::uint64_t offset) const {
    return offset <= first ? first : first + (offset - first + size - 1) / size * size;
  }
};

// How the bytes of a record hold its values: as they are in a text that a person reads; as they are too, but with the
// escapes of JSON; some other way.
enum class RawForm : std::uint8_t { text, json, other };

// The next piece of a stream: [begin, end) of the window is one record (the bytes that an offset and length cite);
// `next` is where the following record's search starts.
struct Frame {
  enum class Kind : std::uint8_t { record, skip, more, done } kind = Kind::more;
  std::size_t begin = 0, end = 0, next = 0;
  NoticeKind why =
      NoticeKind::damaged_record;  // skip: what the skipped span was; blank lines and comments use silent = true
  bool silent = false;
  std::string_view what = {};  // skip: what the span was, for the notice; empty: a span that is no record
};

using FieldSink = std::function<void(std::string_view path, Value value)>;
using BlobSink = std::function<void(const Blob&)>;

// What numbers, times, truth values, hexadecimal numbers, GUIDs and SIDs are written with, in lower case.
inline constexpr std::string_view kNumberCharacters = "0123456789abcdefilnrstuxz#+-.:{}";

// Reads the records of one item. Made for one unit; holds what the header said.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Makes the reader ready for another item of the same shape, with what it has learned; that must not show in any
  // record. False: open a new one.
  [[nodiscard]] virtual bool reopen(std::string_view prologue) {
    (void)prologue;
    return false;
  }

  // The stream starts at this offset of the item, where a block starts; told before the first next() when it is not 0.
  // Only for formats that split by blocks.
  virtual void start_at(std::uint64_t offset) { (void)offset; }
  // The last next() left a block half read: a range that ends inside a block reads it to its end.
  [[nodiscard]] virtual bool inside_block() const { return false; }

  // Also looks for records that were given up and still stand in unused space (docs/formats/evtx.md); told before the
  // first next(). Readers of formats that leave none behind do nothing.
  virtual void carve() {}
  // The current record is such a one: true in itself, but of a place that no longer counts it.
  [[nodiscard]] virtual bool carved() const { return false; }

  // Cuts the next record off a window that starts at the first unread byte. `at_end`: no more bytes will follow.
  // `more` asks for a larger window; it may be asked again with the same start. The same records come out however the
  // stream is cut into windows.
  [[nodiscard]] virtual Frame next(std::string_view window, bool at_end) = 0;

  // Makes `raw` (bytes of one frame) the current record. False: damaged, nothing can be read of it. Notices about
  // single values (bad escape, not UTF-8, duplicate key) go to `notices` with offset 0 = start of the record.
  [[nodiscard]] virtual bool begin(std::string_view raw, Notices& notices) = 0;

  // The shape of the current record.
  [[nodiscard]] virtual ShapeId shape() const = 0;

  // Fills the table (already reset to projection.size()) from the current record. May be called again with another
  // projection.
  virtual void read(const Projection& projection, FieldTable& out) = 0;

  // Not 0: all records of which this is the same number, of any reader, give the same values for this projection. 0:
  // they must be read to tell.
  [[nodiscard]] virtual std::uint64_t constant(const Projection& projection) {
    (void)projection;
    return 0;
  }

  // A text in which every run of ASCII that a value of the current record holds stands as it is, whatever else stands
  // there: for looking whether a record may hold a word at all. Without `numbers` it may leave out values that have
  // none but kNumberCharacters. Empty: this reader has none that is cheaper than all_fields(). Valid until the next
  // call.
  [[nodiscard]] virtual std::string_view words(bool numbers) {
    (void)numbers;
    return {};
  }

  // True: every value of this item's records stands in its record's bytes as it is, but for what those write with a
  // backslash or beyond ASCII, and no letter, digit, '.', '-' or '_' touches it there.
  [[nodiscard]] virtual bool separated() const { return false; }

  // Every field of the current record, slowly, in record order.
  virtual void all_fields(const FieldSink& sink) = 0;

  // True: what a value of this item means, others of its records tell (whether a column of dates has the day or the
  // month first). survey() then gets every record that a reader of the whole item finds, before the first begin().
  [[nodiscard]] virtual bool wants_survey() const { return false; }
  virtual void survey(std::string_view raw) { (void)raw; }

  // Content inside the current record that is looked at as a blob (attachments); ref.offset/length are relative to the
  // record.
  virtual void blobs(const BlobSink&) {}
};

class Format {
 public:
  virtual ~Format() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // What schemas call it; several formats may be one room.
  [[nodiscard]] virtual std::string_view room() const { return name(); }
  [[nodiscard]] virtual Split split() const = 0;
  [[nodiscard]] virtual RawForm raw_form() const { return RawForm::text; }
  // Its records stand in the order in which they were written. False: its newest may stand before its oldest (a ring).
  [[nodiscard]] virtual bool in_order() const { return true; }
  // Text whose records are lines: recognise() gets the head without what belongs to no line (formats/line_reader.h).
  [[nodiscard]] virtual bool of_lines() const { return false; }
  // Of Split::blocks.
  [[nodiscard]] virtual Blocks blocks() const { return {}; }
  // `head` is the first 64 KiB of the item or less; `whole`: head is all of it. `file_name` may tip a tie, never decide
  // alone.
  [[nodiscard]] virtual Recognition recognise(std::string_view head, bool whole, std::string_view file_name,
                                              const SchemaSet& schemas) const = 0;
  // How many bytes of the head are the prologue (header lines); 0 for the others.
  [[nodiscard]] virtual std::size_t prologue_size(std::string_view head) const {
    (void)head;
    return 0;
  }
  // Its files are mostly answers to a query, which stop where the query was cut: sizes like exactly 50,000 records
  // tell.
  [[nodiscard]] virtual bool rows_of_an_export() const { return false; }
  // Is an item of this format also a file that its path, hashes and content speak of (a log inside a file tree)? Up to
  // limits::kTextFileBytes.
  [[nodiscard]] virtual bool also_file() const { return false; }
  // Largest frame this format may ask for; beyond it the driver cuts, counts limit_record and goes on at the next line.
  [[nodiscard]] virtual std::size_t frame_limit() const;
  // A reader for one item. `prologue` is the item's head, prologue_size() bytes.
  [[nodiscard]] virtual std::unique_ptr<RecordReader> open(std::string_view prologue, std::string_view shape,
                                                           const SchemaSet& schemas) const = 0;
};

// Gives the records of `bytes`, the whole item, to reader.survey(). `scout`: another reader of the same item.
void survey(RecordReader& reader, RecordReader& scout, ByteStream& bytes);

// Every format, in the one fixed order of formats/formats.cc.
[[nodiscard]] std::span<const Format* const> formats();
[[nodiscard]] const Format* find_format(std::string_view name);
// Of a schema: its room's first format; null for records that no format reads.
[[nodiscard]] const Format* format_of(const Schema& schema);
[[nodiscard]] RawForm raw_form_of(const Schema& schema);

struct Recognised {
  const Format* format = nullptr;  // null: no reader
  Recognition recognition;
};
[[nodiscard]] Recognised recognise(std::string_view head, bool whole, std::string_view file_name,
                                   const SchemaSet& schemas);

}  // namespace assay
