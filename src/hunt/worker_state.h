// The inside of a worker, for the files worker_*.cc alone: what one unit is read with and into. One file for each step:
//   worker.cc          a unit: a whole item, a range of one, a hash
//   worker_item.cc     an item: what it is, and as a file
//   worker_archive.cc  what stands inside an item
//   worker_split.cc    the ranges of a large item
//   worker_stream.cc   the records of a stream of bytes
//   worker_record.cc   one record
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "core/hash.h"
#include "evidence/containers/descent.h"
#include "evidence/route.h"
#include "evidence/stream.h"
#include "hunt/forwarded.h"
#include "hunt/item_clock.h"
#include "hunt/item_ends.h"
#include "hunt/path_clock.h"
#include "hunt/worker.h"

namespace assay {

inline constexpr std::size_t kReadBytes = std::size_t{1} << 20;

// Passes bytes through and hashes them.
class HashingStream : public ByteStream {
 public:
  HashingStream(ByteStream& below, std::vector<HashKind> kinds) : below_(&below) {
    for (const HashKind kind : kinds) digests_.emplace_back(kind, Digest(kind));
  }
  std::size_t read(std::span<char> out) override {
    const std::size_t n = below_->read(out);
    for (auto& [kind, digest] : digests_) digest.update(std::string_view(out.data(), n));
    bytes_ += n;
    return n;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return below_->problem(); }
  // Reads what is left, so that the hash covers all of it.
  void drain() {
    std::string buffer(kReadBytes, '\0');
    while (read(buffer) > 0) {
    }
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::string finish(HashKind wanted) {
    for (auto& [kind, digest] : digests_) {
      if (kind == wanted) return digest.finish_hex();
    }
    return {};
  }

 private:
  ByteStream* below_;
  std::vector<std::pair<HashKind, Digest>> digests_;
  std::uint64_t bytes_ = 0;
};

// What was read ahead, then the rest.
class JoinedStream final : public ByteStream {
 public:
  JoinedStream(std::string_view first, ByteStream& rest) : first_(first), rest_(&rest) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t n = std::min(out.size(), first_.size());
    std::copy_n(first_.data(), n, out.data());
    first_.remove_prefix(n);
    return n == out.size() ? n : n + rest_->read(out.subspan(n));
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return rest_->problem(); }

 private:
  std::string_view first_;
  ByteStream* rest_;
};

// Coverage and sketches change slowly from record to record: the last row is kept open and added when its key changes.
struct CoverageRow {
  std::string klass, host;
  std::int64_t day = INT64_MIN;
  std::int64_t records = 0, first = 0, last = 0, hours = 0;
};

// What stands between the steps of a chain.
inline constexpr std::string_view kChainSteps = "/!";
// The host that a place in the evidence names: a step of the chain that the profile lists, else the innermost archive's
// stem.
[[nodiscard]] std::string host_of_place(std::string_view chain, const Profile& profile);

struct Worker::State {
  const Engine& engine;
  const SchemaSet& schemas;
  const Plans& plans;
  const Profile& profile;
  HuntSettings settings;
  std::unique_ptr<Matcher> matcher;

  UnitResult result;
  std::vector<KeyedMatch>* keyed = nullptr;
  std::vector<Match> scratch;
  const std::function<void(std::uint64_t, std::uint64_t)>* progress = nullptr;
  std::uint64_t told_bytes = 0, told_records = 0;
  FieldTable fields;
  int fd = -1;
  const UnitSpec* unit = nullptr;
  ExpansionGauge gauge;
  std::vector<HashKind> blob_hashes;
  // (shape, route) -> records and presence by slot
  std::map<std::pair<ShapeId, RouteId>, std::pair<std::uint64_t, std::vector<std::uint64_t>>> presence;
  std::vector<std::unique_ptr<RouteChooser>> routes = {};  // by shape, made when first met
  std::optional<ProfileZones> zones = std::nullopt;        // made when first asked
  std::optional<Forwarders> forwarders = std::nullopt;     // the same
  FieldTable as_written = {};  // of a record whose client was resolved: its values live here

  // One reader of a format at a time: the next item's goes on with what the last one learned.
  std::map<std::pair<std::string_view, std::string>, std::unique_ptr<RecordReader>> readers = {};
  RecordReader& open(const Format& format, std::string_view prologue, const std::string& shape);

  void tell(std::uint64_t bytes, std::uint64_t records);

  std::uint32_t add_item(std::string_view chain, std::string_view parent, std::string_view kind,
                         std::string_view shape);

  void notice(NoticeKind kind, std::string_view chain, std::uint64_t offset, std::string detail,
              std::uint64_t count = 1);

  void stream_problem(const ByteStream& stream, std::string_view chain, std::uint64_t offset);

  // `said`: what is to be said of the record itself, fields of each of its findings (kForwardedBy, kCarved), sorted.
  void take_matches(const std::string& chain, std::span<const NamedValue> said = {});

  struct ItemState {
    std::string chain;
    std::string place_host;  // of host_from_path
    std::uint32_t index = 0;
    Time previous;  // of the record before
    std::map<std::pair<std::string, std::pair<std::string, std::int64_t>>, CoverageRow> coverage;
    std::map<std::pair<std::string, std::int64_t>, std::pair<std::int64_t, std::int64_t>> sketch;
    ItemEnds ends;
    std::map<std::pair<std::string, std::pair<std::string, std::int64_t>>, std::pair<std::int64_t, std::int64_t>>
        field_coverage;
    std::set<std::string> hosts;
    bool whole_file = false;  // the file as one record, no log's
    std::map<std::pair<ShapeId, RouteId>, std::uint64_t> routes;
    Tally tally;
    std::vector<PathClock> clocks;  // wrong ones, as the head of the item showed
    ItemClock clock;
  };

  // Of a time that says all of itself.
  [[nodiscard]] static std::optional<Time> plain_time(TimeRule::Kind kind, std::string_view text);

  [[nodiscard]] RouteId route_of(ShapeId shape, RecordReader& reader);

  void apart_notice(std::string_view other, std::int64_t apart, std::string_view used, const ItemState& item,
                    std::uint64_t offset);

  [[nodiscard]] Time time_of(const RoutePlan& plan, ItemState& item, std::uint64_t offset, bool is_file,
                             std::string_view host);

  // Puts the client that a declared proxy names in the place of the proxy's own address in `fields`. Returns the
  // proxy's, else "".
  [[nodiscard]] std::string resolve_client(const RoutePlan& plan, const ItemState& item, std::uint64_t offset);

  void record(RecordReader& reader, ItemState& item, std::string_view raw, std::uint64_t offset, ShapeId shape_id);

  void count(ItemState& item, const RoutePlan& plan, ShapeId shape_id, RouteId route_id, const Route& route,
             const RecordContext& context);

  void close_item(ItemState& item);

  // Reads records from `stream`, whose first byte has offset `start` in the item. Records that start at or after `stop`
  // belong to the next unit, unless their block has begun before.
  void records(RecordReader& reader, const Format& format, ByteStream& stream, ItemState& item, std::uint64_t start,
               std::uint64_t stop);

  struct Place {
    std::string chain, parent, tree_path;
    std::uint32_t mode = 0;
    Time modified;
    Time file_time;  // of the file on disk: when it was written, or copied here
    std::uint32_t depth = 0;
    bool in_file = true;  // the item's bytes stand as they are in the opened file, at `base`
    std::uint64_t base = 0, size = 0;
    const ByteSource* source = nullptr;  // the item's bytes, when they can be read at any place
  };

  // `peek` gives the item's bytes, and `stream` has hashed them when it is at its end.
  void as_blob(const Place& place, std::uint32_t index, HashingStream& stream, ByteStream& peek, std::string_view kind);

  // The item as a file: its record (path, hashes, mode), and its bytes for what looks at content. All of the stream has
  // been read.
  void look_at_file(const Place& place, std::uint32_t index, HashingStream& stream, std::string_view bytes, bool whole,
                    std::string_view kind);

  // A program or picture with a zip archive at its end: its members too.
  void archive_behind(const Place& place, std::uint32_t index, const ByteSource* source);

  void not_read_item(const Place& place, const NotRead& what, HashingStream& stream, PeekStream& peek);

  // An item whose bytes come from `stream`, the whole of it.
  void item(const Place& place, ByteStream& below);

  // Does a time of the shape come without a year?
  [[nodiscard]] bool needs_years(std::string_view shape) const;

  // True: all of the stream is in `out`.
  [[nodiscard]] static bool read_ahead(PeekStream& stream, std::string& out, std::size_t limit);

  // The further ranges of a large item, and one unit for its hash.
  void split(const Place& place, const Format& format, const std::string& shape, const std::string& prologue,
             const YearPlan& years, const std::vector<PathClock>& clocks);

  // The header in force where each range begins, as a reader that came from the start would have it: concatenated logs
  // change their fields in the middle. A line "#word ..." belongs to the header, any other '#' line is a comment; the
  // word that opens the file's own header opens a new one.
  [[nodiscard]] std::vector<std::string> find_prologues(const Place& place, const std::string& first);

  // The one content of a compressed stream.
  void compressed(const Place& place, ContainerKind kind, PeekStream& peek);

  // An archive of the kinds that are sent and fetched as files (zip, 7z, rar ...): its members, and it itself as a
  // file, because its own name and hash can be known.
  void sent_archive(const Place& place, std::uint32_t index, ContainerKind kind, HashingStream& stream,
                    PeekStream& peek);

  void archive(const Place& place, ArchiveReader& reader, bool as_units = false);

  // Why a member gives no bytes at all: a password, or a method without a reader.
  [[nodiscard]] static std::optional<StreamProblem> unreadable(const ByteStream& content);

  // A member of which only name, size and time are known.
  void named_only(const Place& place, const StreamProblem& why);

  void scan();

  void range();

  void hash();

  void close_unit();
};

}  // namespace assay
