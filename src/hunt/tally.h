// What a unit notes of an item for the finish to judge the source by: numbers of records (holes, clearing), how time
// runs through the file (jumps), and a sketch of events that other sources may have seen too (clock offsets). All of it
// merges exactly and depends on the records alone, not on how the item was cut into units.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"
#include "core/table.h"
#include "evidence/binding.h"
#include "evidence/schema.h"
#include "knowledge/profile.h"

namespace assay {

// Tables that only the finish of a run needs; they are not kept in the case.
// keys: item, host, channel, hour; columns: records, lowest and highest record id.
[[nodiscard]] TableSpec record_ids_spec();
// keys: item, host, channel that was cleared, hour; columns: how often, first ns.
[[nodiscard]] TableSpec log_clears_spec();
// keys: item, block of kOrderBlock bytes (decimal, padded); columns: records, latest ns of the block.
[[nodiscard]] TableSpec order_spec();
// keys: item, source ("h" and a host, or "s" and a shape), kind of key, hash of the key (hex), ns; column: records. Of
// each (item, source, kind) the kSharedKeys smallest hashes, of each hash the kSharedTimes + 1 smallest times.
[[nodiscard]] TableSpec shared_events_spec();

inline constexpr std::uint64_t kOrderBlock = std::uint64_t{16} << 10;
inline constexpr std::uint64_t kNoOrder = UINT64_MAX;  // offset of a record in a file that is a ring
inline constexpr std::size_t kSharedKeys = 2048;
inline constexpr std::size_t kSharedTimes = 8;   // of one key; one that comes more often tells nothing
inline constexpr std::size_t kSharedHosts = 64;  // of one item, the smallest names

// Kinds of source whose records a host writes about itself, so that they run on its clock and fall silent with it.
[[nodiscard]] bool written_by_host(std::string_view source_class);

// Names bound once for a route; empty bindings cost nothing.
struct TallyPlan {
  TallyPlan() = default;
  TallyPlan(const Schema& schema, const Route& route, Projection& projection);
  bool numbered = false, by_host = false;
  Binding record_id, channel, event_id, cleared;
  // Which keys the route's records give, by the names they need.
  bool flow = false, client = false, outside = false, domain = false, url = false, message = false;
  bool lease = false;
  Binding dhcp_ip, dhcp_mac, dhcp_host, dhcp_seconds, dhcp_message, lease_account;
  Binding src_ip, src_port, dst_ip, dst_port, name, path, query, message_id;
};

struct TallyTables {
  Table &record_ids, &log_clears, &order, &shared, &leases;
};

// Of one item in one unit.
class Tally {
 public:
  // `shape`: of the record.
  void add(const TallyPlan& plan, FieldTable& fields, Time time, std::uint64_t offset, std::string_view host,
           std::string_view shape, const Profile& profile);
  void close(const std::string& item, TallyTables tables);

 private:
  struct Ids {
    std::int64_t records = 0, lowest = INT64_MAX, highest = INT64_MIN;
  };
  using Sketch = std::map<std::uint64_t, std::set<std::int64_t>>;

  void add_number(const TallyPlan& plan, FieldTable& fields, Time time, std::string_view host);
  void add_shared(const TallyPlan& plan, FieldTable& fields, Time time, std::string_view source,
                  const Profile& profile);
  void add_lease(const TallyPlan& plan, FieldTable& fields, Time time);
  static void keep(Sketch& sketch, std::uint64_t hash, Time time);

  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, Ids>> ids_;  // (host, channel) -> hour
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>>> clears_;
  std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>> order_;  // block -> records, latest
  std::map<std::string, std::map<char, Sketch>, std::less<>> shared_;     // source -> kind -> sketch
  struct Grant {
    std::int64_t first = INT64_MAX, last = INT64_MIN, seconds = 0;
  };
  Grant& grant(std::string_view address, std::string holder, std::string host, Time time);
  std::map<std::vector<std::string>, Grant> leases_;  // address, mac or account, host, hour
  // The rows in hand: records of one hour and channel follow each other.
  Ids* open_ids_ = nullptr;
  std::string open_host_, open_channel_;
  std::int64_t open_hour_ = 0;
  std::pair<std::int64_t, std::int64_t>* open_block_ = nullptr;
  std::uint64_t open_block_number_ = 0;
  std::string scratch_, key_;
};

}  // namespace assay
