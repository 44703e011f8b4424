// Units of work and their sealed results: what the supervisor hands to a worker, and the one serialised form that a
// worker returns, a checkpoint keeps and a second machine would send.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/notice.h"
#include "core/serial.h"
#include "core/sighting.h"
#include "core/table.h"
#include "core/time.h"

namespace assay {

// A part of the evidence for one worker. Boundaries depend on the evidence and the unit size alone, never on workers.
struct UnitSpec {
  enum class Kind : std::uint8_t {
    scan,   // recognise the item; read it all, or its first range and answer with the others
    range,  // records that start in [begin, end) of an item whose format is known
    hash,   // SHA-256 of an item that several units read
  } kind = Kind::scan;
  std::uint32_t file = 0;  // index of the opened file in the run
  std::string chain;       // path chain of the item
  std::string parent;      // path chain of its container; "" at the top
  std::string tree_path;   // the item's path inside its tree or archive, "/opt/x"
  std::uint64_t base = 0;  // where the item's bytes start in the file (members of a plain tar)
  std::uint64_t size = 0;  // of the item
  std::uint64_t begin = 0, end = 0;
  std::string format, shape, prologue;  // range units
  std::string years;                    // of stamps without one: YearPlan::save
  std::uint32_t mode = 0;
  Time modified;
  std::uint32_t depth = 0;  // containers above
  // Range units: clocks that the head of the item showed to be wrong (hunt/path_clock.h): path, against, ns ahead.
  std::vector<std::tuple<std::string, std::string, std::int64_t>> clocks = {};

  // Identity inside a run, also the canonical order of units: chain, begin, kind.
  [[nodiscard]] std::string key() const;
};
void save(Writer& out, const UnitSpec& unit);
[[nodiscard]] bool load(Reader& in, UnitSpec& unit);

// What one unit saw of one item.
struct ItemPart {
  std::string chain, parent, member, shape, kind;
  std::uint64_t bytes = 0, records = 0, damaged = 0, skipped_bytes = 0;
  Time first, last;
  std::vector<std::string> hosts;  // sorted, at most kItemHosts
  std::string sha256;
  bool export_rows = false;  // its format is that of query results (Format::rows_of_an_export)
  // Steps from one record's time to the next one's, within each unit.
  std::uint64_t earlier_to_later = 0, later_to_earlier = 0;
  // Where its bytes went; with skipped_bytes they add up to `bytes`. For a blob: what was looked at for content.
  std::uint64_t record_bytes = 0;                    // records, or content
  std::uint64_t damaged_bytes = 0;                   // records that their format cannot parse
  std::uint64_t between_bytes = 0;                   // headers, separators, blank lines; all of a container
  std::uint64_t outside = 0;                         // records outside --from and --to: read, then left out
  std::map<std::string, std::uint64_t> routes = {};  // "shape/route" -> records
  [[nodiscard]] std::uint64_t accounted() const { return record_bytes + damaged_bytes + between_bytes + skipped_bytes; }
};
inline constexpr std::size_t kItemHosts = 64;
void save(Writer& out, const ItemPart& part);
[[nodiscard]] bool load(Reader& in, ItemPart& part);
// Parts of one item from several units.
void merge(ItemPart& into, const ItemPart& part);

struct UnitResult {
  std::vector<ItemPart> items;  // Match::ref.item counts these
  std::vector<Match> matches;   // sorted by match_less()
  std::vector<Table> tables;    // fixed order of hunt/plans.h
  Notices notices;
  std::vector<UnitSpec> discovered;
  Time latest;  // last event time
};

// The key that matches of one detector are grouped by (serialised: base flag and window key, or the identity of a
// sighting).
[[nodiscard]] std::string group_key(const Match& match, bool all_fields);

// A match in a run: its group key and its item's chain beside it. Order: detector, key, time, content, chain, offset,
// length.
struct KeyedMatch {
  Match match;
  std::string key;
  std::string chain;
};
[[nodiscard]] bool keyed_less(const KeyedMatch& a, const KeyedMatch& b);
void save(Writer& out, const KeyedMatch& match);
[[nodiscard]] bool load(Reader& in, KeyedMatch& match);

// Everything of a result but its matches.
[[nodiscard]] std::string save_result(const UnitResult& result);
[[nodiscard]] bool load_result(std::string_view bytes, UnitResult& result);
// The matches as a sorted run, cut into chunks of about `chunk` bytes; each chunk is whole matches. The merge holds one
// chunk of every unit at a time.
[[nodiscard]] std::vector<std::string> save_run(std::vector<KeyedMatch> matches,
                                                std::size_t chunk = std::size_t{1} << 15);

}  // namespace assay
