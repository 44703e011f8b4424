#include "assess/exfiltration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "analytics/common.h"
#include "core/ascii.h"
#include "core/limits.h"

namespace assay {
namespace {

// A host's days above this many times its usual day count as unexplained when there is no quiet history to compare
// with.
constexpr std::int64_t kAboveUsual = 3;
constexpr std::size_t kHistoryDays = 7;  // days before the first sign that make a history
// Sources that count what leaves whichever way it takes; a proxy sees what goes through it.
constexpr std::array<std::string_view, 2> kBorder = {"network_flow", "firewall"};

struct Flow {
  std::int64_t out = 0, doubtful = 0;  // bytes out; bytes of contradictory counters, as far as packets bear them
  std::map<std::string, std::int64_t> shared;  // by item, of those that share records there
  [[nodiscard]] std::int64_t low() const {     // what the largest of them holds, all the others may hold as well
    std::int64_t most = 0;
    for (const auto& [item, bytes] : shared) most = std::max(most, bytes);
    return out + most;
  }
  [[nodiscard]] std::int64_t high() const {
    std::int64_t all = out + doubtful;
    for (const auto& [item, bytes] : shared) all += bytes;
    return all;
  }
};

// Hours of items that hold a part of each other's records (hunt/duplicates.h).
class SharedHours {
 public:
  explicit SharedHours(const CaseData& data) {
    const Table* table = data.table("shared_hours");
    if (table == nullptr) return;
    for (const auto& [key, row] : table->rows()) hours_.emplace(key[0], key[1]);
  }
  [[nodiscard]] bool has(const std::string& item, const std::string& hour) const {
    return !hours_.empty() && hours_.contains({item, hour});
  }

 private:
  std::set<std::pair<std::string, std::string>> hours_;
};

std::uint64_t plus(std::uint64_t a, std::int64_t b) { return b > 0 ? a + static_cast<std::uint64_t>(b) : a; }

// Column of the row, or 0 when the table has none of that name.
class Columns {
 public:
  Columns(const Table& table, std::string_view name) : at_(column_index(table, name)) {}
  std::int64_t operator()(Table::RowView row) const { return at_ == std::string::npos ? 0 : row[at_]; }

 private:
  std::size_t at_;
};

std::int64_t usual_day(std::vector<std::int64_t> days) {
  if (days.empty()) return 0;
  std::sort(days.begin(), days.end());
  return days[days.size() / 2];
}

// A split archive: the size of a volume stands on the archiver's command line ("-v412m" of 7z and rar), and a volume
// that is begun says that those before it are full.
struct Split {
  std::int64_t size = 0, full = 0;
};

// What was packed on one host.
struct Packed {
  std::int64_t bytes = 0;
  Split split;
  Time first, last;
  std::vector<std::string> sightings;
};
constexpr std::size_t kUnseenHosts = 3;  // named; packing on many hosts at once has its own lines

// Days from the packing on, the day after it included, on which nothing at the border counts what leaves.
std::vector<std::int64_t> blind_days(const Packed& packed, const Visibility& visibility) {
  std::vector<std::int64_t> out;
  if (!packed.first.known()) return out;
  for (std::int64_t day = packed.first.day(); day <= std::max(packed.last.day(), packed.first.day() + 1); ++day) {
    const bool counted = std::any_of(kBorder.begin(), kBorder.end(), [&](std::string_view name) {
      const auto source = visibility.sources().find(name);
      return source != visibility.sources().end() && source->second.days.contains(day);
    });
    if (!counted) out.push_back(day);
  }
  return out;
}

std::int64_t volume_size(std::string_view command) {
  constexpr std::string_view kUnits = "bkmg";
  for (std::size_t at = command.find(" -v"); at != std::string_view::npos; at = command.find(" -v", at + 3)) {
    std::string_view rest = command.substr(at + 3);
    rest = rest.substr(0, rest.find(' '));
    if (rest.size() < 2) continue;
    const std::size_t unit = kUnits.find(static_cast<char>(rest.back() | 0x20));
    const auto number = parse_int(rest.substr(0, rest.size() - 1));
    if (unit == std::string_view::npos || !number || *number <= 0 || *number > (std::int64_t{1} << 20)) continue;
    return *number << (10 * unit);
  }
  return 0;
}

// "w.7z.002" is 2.
std::int64_t volume_number(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot != 4) return 0;
  return parse_int(name.substr(dot + 1)).value_or(0);
}

bool in_network(const std::string& network, const std::string& address) {
  const auto range = parse_network(network);
  const auto one = parse_address(address);
  return range && one && contains(*range, *one);
}

// What remote sessions of a stolen account were served. One session's bytes stand at its end, those of its connections
// are the same. Screens and pages come to a few megabytes in any session: they are in the high bound only.
void stolen_sessions(const Uses& uses, const Table& signins, const Weights& weights, bool& any_bytes,
                     Exfiltration& out) {
  const std::size_t account = key_index(signins, "account"), src = key_index(signins, "src"),
                    hour = key_index(signins, "hour");
  const Columns whole(signins, "session_bytes"), parts(signins, "connection_bytes");
  if (account == std::string::npos || src == std::string::npos || hour == std::string::npos) return;
  struct Stolen {
    std::set<std::pair<std::string, Time>> networks;  // with the first session from there
    std::vector<std::string> sightings;
  };
  std::map<std::string, Stolen> stolen;
  for (const Used& used : uses.all) {
    if (used.use != Use::counted || used.line != "credential" || used.sighting->account.empty()) continue;
    const std::string_view network = carried(*used.sighting, {"network"});
    if (network.empty()) continue;
    Stolen& one = stolen[bare_account(used.sighting->account)];
    one.networks.emplace(network, used.sighting->time);
    one.sightings.push_back(used.sighting->id);
  }
  struct Bytes {
    std::int64_t whole = 0, parts = 0;
  };
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::map<std::int64_t, Bytes>>> sums;
  for (const auto& [key, row] : signins.rows()) {
    if (whole(row) == 0 && parts(row) == 0) continue;
    any_bytes = true;
    const std::string name = bare_account(key[account]);
    const auto at = stolen.find(name);
    const auto when = parse_int(key[hour]);
    if (at == stolen.end() || !when) continue;
    const auto from = std::find_if(at->second.networks.begin(), at->second.networks.end(), [&](const auto& one) {
      return in_network(one.first, key[src]) && (!one.second.known() || *when >= one.second.hour());
    });
    if (from == at->second.networks.end()) continue;
    // Copies of one log hold the same sessions: an hour of an address counts once, the largest item.
    Bytes& bytes = sums[name][{from->first, key[src]}][*when];
    bytes.whole = std::max(bytes.whole, whole(row));
    bytes.parts = std::max(bytes.parts, parts(row));
  }
  for (const auto& [name, sources] : sums) {
    Exfiltration::Line line;
    line.what = kStolenSessionBytes;
    for (const auto& [place, hours] : sources) {
      std::int64_t all = 0, sure = 0, connections = 0;
      for (const auto& [at, bytes] : hours) {
        all += bytes.whole;
        connections += bytes.parts;
        if (static_cast<double>(bytes.whole) >= weights.session_bytes) sure += bytes.whole;
      }
      // Without ends of sessions the connections are all there is.
      if (all == 0 && static_cast<double>(connections) >= weights.session_bytes) sure = connections;
      line.low = plus(line.low, sure);
      line.high = plus(line.high, std::max(all, connections));
      if (line.destination.find(place.first) == std::string::npos)
        line.destination += (line.destination.empty() ? "" : ", ") + place.first;
    }
    if (line.high == 0) continue;
    line.sightings = stolen.at(name).sightings;
    for (const auto& [place, hours] : sources) out.destinations.push_back(place.first);
    out.lines.push_back(std::move(line));
  }
}

}  // namespace

std::string amount_text(std::uint64_t bytes) {
  const auto amount = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.1f} GB", amount / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", amount / 1e6);
  return bytes >= 1'000 ? fmt::format("{:.1f} kB", amount / 1e3) : fmt::format("{} B", bytes);
}

std::map<std::string, Time> hosts_under_control(const Uses& uses) {
  std::map<std::string, Time> out;
  for (const Used& used : uses.all) {
    if (!controls_host(used)) continue;
    const auto [at, fresh] = out.try_emplace(used.subject.str(), used.sighting->time);
    if (!fresh && used.sighting->time.known() && (!at->second.known() || used.sighting->time < at->second))
      at->second = used.sighting->time;
  }
  return out;
}

Exfiltration bound_exfiltration(const CaseData& data, const Uses& uses, const Visibility& visibility,
                                const Weights& weights) {
  Exfiltration out;
  const Profile& profile = data.profile;
  const HostIndex index(profile);
  const std::map<std::string, Time> controlled = hosts_under_control(uses);
  std::map<std::string, std::vector<std::string>> sightings_of;  // destination -> sightings that tie it
  for (const Used& used : uses.all) {
    if (used.use == Use::counted && !used.destination.empty() && uses.tied.contains(used.destination.str())) {
      sightings_of[used.destination.str()].push_back(used.sighting->id);
    }
  }

  bool any_bytes = false;
  const SharedHours shared(data);
  if (const Table* flows = data.table("flows")) {
    const std::size_t klass = key_index(*flows, "class"), src = key_index(*flows, "src"),
                      dst = key_index(*flows, "dst"), hour = key_index(*flows, "hour");
    const Columns bytes_out(*flows, "bytes_out"), bytes_in(*flows, "bytes_in"), doubtful_out(*flows, "bogus_out"),
        doubtful_in(*flows, "bogus_in");
    if (klass != std::string::npos && src != std::string::npos && dst != std::string::npos &&
        hour != std::string::npos) {
      any_bytes = !flows->rows().empty();
      // destination -> source -> class -> hour -> bytes; and per host under control, class -> destination-free day
      // sums.
      std::map<std::string, std::map<std::string, std::map<std::string, std::map<std::int64_t, Flow>>>> tied;
      std::map<std::string, std::set<std::string>> hosts_to;
      std::map<std::string, std::map<std::string, std::map<std::int64_t, std::int64_t>>> other;
      // Where the proxy's log names a destination on a day, it says who was behind it: the sensor's lines with the
      // proxy as source are the same bytes, and those of our own analysts. And where the sensor saw the proxy as the
      // source, what it saw of the client itself did not go through the proxy: other bytes.
      std::set<std::pair<std::string, std::int64_t>> proxied, behind;
      const auto is_relay = [&](const std::string& host) {
        const ProfileHost* known = index.find_host(host);
        return known != nullptr && (known->kind == "proxy" || known->kind == "mail");
      };
      for (const auto& [key, row] : flows->rows()) {
        const auto when = parse_int(key[hour]);
        if (!when || !uses.tied.contains(lower(key[dst]))) continue;
        if (key[klass] == "proxy") {
          proxied.emplace(lower(key[dst]), *when / 24);
        } else if (is_relay(scope_host(index, key[src]))) {
          behind.emplace(lower(key[dst]), *when / 24);
        }
      }
      for (const auto& [key, row] : flows->rows()) {
        const auto when = parse_int(key[hour]);
        if (!when) continue;
        if (is_ours_to_test(profile, key[src], Time{*when * kHour})) continue;
        const bool from_inside = index.is_inside(key[src]) || !index.host_of(key[src]).empty();
        const bool to_inside = index.is_inside(key[dst]) || !index.host_of(key[dst]).empty();
        if (!from_inside || to_inside) continue;
        const std::string host = scope_host(index, key[src]);
        const std::string name = lower(key[dst]);
        if (uses.tied.contains(name)) {
          const bool relay = is_relay(host);
          const std::pair day(name, *when / 24);
          if (relay && proxied.contains(day)) continue;
          const bool direct = key[klass] != "proxy" && behind.contains(day);
          Flow& flow = tied[name][host + (direct ? " direct" : "")][key[klass]][*when];
          if (shared.has(key.front(), key[hour])) {
            flow.shared[key.front()] += bytes_out(row);
          } else {
            flow.out += bytes_out(row);
          }
          flow.doubtful += doubtful_out(row);
          if (!host.empty() && !relay) hosts_to[name].insert(host);
        } else if (const auto at = controlled.find(host); at != controlled.end()) {
          const ProfileHost* known = index.find_host(host);
          if (known != nullptr && (known->kind == "gateway" || known->kind == "mail" || known->kind == "proxy"))
            continue;
          if (!declared_transfer(profile, host, name)) other[host][key[klass]][*when / 24] += bytes_out(row);
        }
      }
      for (const auto& [destination, sources] : tied) {
        // One source seen by several kinds of sensor is one transfer. Low: per day the largest sensor; high: per hour,
        // and with what contradictory counters may hold.
        std::int64_t low = 0, high = 0;
        for (const auto& [source, classes] : sources) {
          std::map<std::int64_t, std::int64_t> low_day, high_hour;
          for (const auto& [name, hours] : classes) {
            std::map<std::int64_t, std::int64_t> days;
            for (const auto& [at, flow] : hours) {
              days[at / 24] += flow.low();
              high_hour[at] = std::max(high_hour[at], flow.high());
            }
            for (const auto& [day, sum] : days) low_day[day] = std::max(low_day[day], sum);
          }
          for (const auto& [day, sum] : low_day) low += sum;
          for (const auto& [at, sum] : high_hour) high += sum;
        }
        Exfiltration::Line line;
        line.what = "payload to a destination of the intrusion";
        line.destination = destination;
        for (const std::string& host : hosts_to[destination]) line.host += (line.host.empty() ? "" : ", ") + host;
        line.low = plus(0, low);
        line.high = plus(0, high);
        line.high = std::max(line.high, line.low);
        line.sightings = sightings_of[destination];
        if (line.high == 0) continue;
        for (const std::string& host : hosts_to[destination]) out.hosts.push_back(host);
        out.destinations.push_back(destination);
        out.lines.push_back(std::move(line));
      }
      for (const auto& [host, classes] : other) {
        const Time since = controlled.at(host);
        if (!since.known()) continue;
        std::map<std::int64_t, std::int64_t> days;
        for (const auto& [name, sums] : classes) {
          for (const auto& [day, sum] : sums) days[day] = std::max(days[day], sum);
        }
        std::vector<std::int64_t> before, all;
        for (const auto& [day, sum] : days) {
          all.push_back(sum);
          if (day < since.day()) before.push_back(sum);
        }
        const std::int64_t usual = before.size() >= kHistoryDays ? *std::max_element(before.begin(), before.end())
                                                                 : kAboveUsual * usual_day(all);
        Exfiltration::Line line;
        line.what = fmt::format("bytes above its own usual day ({} B) to destinations nobody declared", usual);
        line.host = host;
        for (const auto& [day, sum] : days) {
          if (day >= since.day()) line.high = plus(line.high, sum - usual);
        }
        if (line.high > 0) out.lines.push_back(std::move(line));
      }
    }
  }

  // Files served to the client that exploited the server, from the hour of its first success on.
  if (const Table* served = data.table("served")) {
    const std::size_t gateway = key_index(*served, "gateway"), client = key_index(*served, "client"),
                      kind = key_index(*served, "kind"), hour = key_index(*served, "hour");
    const Columns bytes(*served, "bytes");
    std::map<std::string, std::pair<Time, std::vector<std::string>>> since;
    for (const Used& used : uses.all) {
      if (used.use != Use::counted || used.source.empty() || !is_exploitation(used.line)) continue;
      auto& [time, ids] = since[used.source.str()];
      if (used.sighting->time.known() && (!time.known() || used.sighting->time < time)) time = used.sighting->time;
      ids.push_back(used.sighting->id);
    }
    if (gateway != std::string::npos && client != std::string::npos && kind != std::string::npos &&
        hour != std::string::npos) {
      any_bytes = any_bytes || !served->rows().empty();
      std::map<std::pair<std::string, std::string>, Exfiltration::Line> lines;
      std::map<std::vector<std::string>, std::int64_t> shared_low;  // (gateway, client, kind, hour) -> the largest item
      for (const auto& [key, row] : served->rows()) {
        const auto at = since.find(key[client]);
        const auto when = parse_int(key[hour]);
        if (at == since.end() || !when || !at->second.first.known() || *when < at->second.first.hour()) continue;
        std::string host = scope_host(index, key[gateway]);
        if (host.empty()) host = key[gateway];
        Exfiltration::Line& line = lines[{host, key[client]}];
        line.high = plus(line.high, bytes(row));
        // A whole file of the appliance's own configuration or portal, not a page or the few lines of a command's
        // answer.
        if (!key[kind].ends_with(".large") || key[kind].starts_with("page")) continue;
        if (shared.has(key.front(), key[hour])) {
          std::int64_t& most = shared_low[{key[gateway], key[client], key[kind], key[hour]}];
          const std::int64_t more = bytes(row) - most;
          line.low = plus(line.low, more);
          most = std::max(most, bytes(row));
        } else {
          line.low = plus(line.low, bytes(row));
        }
      }
      for (auto& [key, line] : lines) {
        if (line.high == 0) continue;
        line.what = "files served to the address that exploited it";
        line.host = key.first;
        line.destination = key.second;
        line.sightings = since.at(key.second).second;
        out.hosts.push_back(line.host);
        out.destinations.push_back(line.destination);
        out.lines.push_back(line);
      }
    }
  }

  if (const Table* signins = data.table("signins")) stolen_sessions(uses, *signins, weights, any_bytes, out);

  for (Exfiltration::Line& line : out.lines) {
    std::sort(line.sightings.begin(), line.sightings.end());
    line.sightings.erase(std::unique(line.sightings.begin(), line.sightings.end()), line.sightings.end());
    if (line.sightings.size() > limits::kRecordsPerSighting) line.sightings.resize(limits::kRecordsPerSighting);
    out.left_low += line.low;
    out.left_high += line.high;
  }
  for (auto* list : {&out.destinations, &out.hosts}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }

  // Bounded: something was counted, or counters covered enough of the window that nothing counted means something.
  std::vector<std::string> counting;
  for (const auto& [name, source] : visibility.sources()) {
    if (weights.source(name).bytes) counting.push_back(name);
  }
  out.bounded = out.left_high > 0 || (any_bytes && visibility.of_classes(counting) >= weights.cannot_say_coverage);

  // Reached and staged.
  std::set<std::string> where;
  std::map<std::string, Packed> packed;  // by host
  for (const Used& used : uses.all) {
    if (used.use != Use::counted) continue;
    if (used.line == "collection") {
      if (const auto reads = parse_int(carried(*used.sighting, {"reads"})))
        out.reached_reads = plus(out.reached_reads, *reads);
      if (const auto share = carried(*used.sighting, {"share", "@share"}); !share.empty()) where.emplace(share);
      out.reached_sightings.push_back(used.sighting->id);
    } else if (used.line == "staging") {
      Packed& one = packed[used.subject.str()];
      if (const auto bytes = parse_int(carried(*used.sighting, {"bytes", "@bytes_out"})); bytes && *bytes > 0)
        one.bytes += *bytes;
      one.split.size = std::max(one.split.size, volume_size(carried(*used.sighting, {"@command_line"})));
      for (const std::string_view name : {"name", "@file_path"})
        one.split.full = std::max(one.split.full, volume_number(carried(*used.sighting, {name})) - 1);
      if (used.sighting->time.known() && (!one.first.known() || used.sighting->time < one.first))
        one.first = used.sighting->time;
      one.last = std::max({one.last, used.sighting->time, used.sighting->until});
      one.sightings.push_back(used.sighting->id);
      out.staged_sightings.push_back(used.sighting->id);
    }
  }
  for (auto& [host, one] : packed) {
    if (one.split.size > 0 && one.split.full > 0)
      one.bytes += one.split.size * std::min<std::int64_t>(one.split.full, 999);
    if (one.bytes > 0) out.staged_bytes = plus(out.staged_bytes.value_or(0), one.bytes);
    const std::vector<std::int64_t> blind = blind_days(one, visibility);
    if (blind.empty()) continue;
    const std::string first = format_day_month(Time{blind.front() * kDay}),
                      last = format_day_month(Time{blind.back() * kDay}),
                      days = first == last ? first : first + " to " + last;
    const std::string amount = one.bytes > 0 ? " of " + amount_text(plus(0, one.bytes)) : "";
    if (out.unseen.size() < kUnseenHosts)
      out.unseen.push_back(fmt::format("network flows or firewall of {}, when something{} lay packed on {}", days,
                                       amount, host.empty() ? "a host" : host));
    // Nothing speaks against its having left: where bounds are given at all, the upper one holds it.
    if (!out.bounded || one.bytes <= 0) continue;
    Exfiltration::Line line;
    line.what = fmt::format("packed while nothing counted what left, {}", days);
    line.host = host;
    line.high = plus(0, one.bytes);
    line.sightings = one.sightings;
    std::sort(line.sightings.begin(), line.sightings.end());
    out.left_high = plus(out.left_high, one.bytes);
    out.lines.push_back(std::move(line));
  }
  out.reached_where.assign(where.begin(), where.end());
  return out;
}

}  // namespace assay
