#include "hunt/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/hash.h"
#include "hunt/leases.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 19> kByHost = {
    "web_access",    "vpn",         "appliance",    "windows_security",
    "windows",       "process",     "linux",        "linux_auth",
    "file_audit",    "edr",         "antivirus",    "windows_system",
    "endpoint",      "script",      "host_network", "windows_application",
    "windows_other", "mail_server", "other"};
// Whose records hold the two ends of a connection.
constexpr std::array<std::string_view, 4> kFlow = {"network_flow", "firewall", "host_network", "ids"};
constexpr std::array<std::string_view, 6> kClient = {"network_flow", "firewall", "host_network",
                                                     "proxy",        "vpn",      "windows_security"};
constexpr std::array<std::string_view, 4> kOutside = {"network_flow", "firewall", "proxy", "web_access"};
constexpr std::array<std::string_view, 4> kDomain = {"dns", "tls", "http", "proxy"};
constexpr std::array<std::string_view, 3> kUrl = {"http", "proxy", "web_access"};
constexpr std::array<std::string_view, 3> kMessage = {"mail", "smtp", "message_trace"};

constexpr std::size_t kShortPath = 12;  // a shorter path and query is asked for by many

template <class List>
bool has(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view plain(std::string_view address) {
  return starts_with_icase(address, "::ffff:") ? address.substr(7) : address;
}

std::string_view text_of(const Binding& binding, FieldTable& fields) {
  const Value value = first_value(binding, fields);
  if (!value.present() || value.kind == ValueKind::null || value.text == "-") return {};
  return value.text;
}

}  // namespace

TableSpec record_ids_spec() {
  return {"record_ids",
          {"item", "host", "channel", "hour"},
          {"records", "lowest", "highest"},
          {Merge::sum, Merge::min, Merge::max}};
}
TableSpec log_clears_spec() {
  return {"log_clears", {"item", "host", "channel", "hour"}, {"count", "first"}, {Merge::sum, Merge::min}};
}
TableSpec order_spec() { return {"order", {"item", "block"}, {"records", "latest"}, {Merge::sum, Merge::max}}; }
TableSpec shared_events_spec() {
  return {"shared_events", {"item", "source", "kind", "hash", "time"}, {"records"}, {Merge::max}};
}

bool written_by_host(std::string_view source_class) { return has(kByHost, source_class); }

TallyPlan::TallyPlan(const Schema& schema, const Route& route, Projection& projection) {
  const std::string& klass = route.source_class;
  by_host = written_by_host(klass);
  const auto take = [&](std::string_view role, Binding& to) {
    if (to.paths.empty() && schema.knows(role)) to = bind(schema, role, projection);
    return !to.paths.empty();
  };
  numbered = schema.knows("@record_id");
  if (numbered) {
    take("@record_id", record_id);
    take("@channel", channel);
    take("@event_id", event_id);
    take("@cleared_channel", cleared);
  }
  lease = (schema.knows("@dhcp_mac") || schema.knows("@lease_account")) && take("@dhcp_ip", dhcp_ip);
  if (lease) {
    take("@dhcp_mac", dhcp_mac);
    take("@lease_account", lease_account);
    take("@dhcp_host", dhcp_host);
    take("@lease", dhcp_seconds);
    take("@dhcp_message", dhcp_message);
  }
  flow = has(kFlow, klass) && take("@src_ip", src_ip) && take("@src_port", src_port) && take("@dst_ip", dst_ip) &&
         take("@dst_port", dst_port);
  client = has(kClient, klass) && take("@src_ip", src_ip) && take("@src_port", src_port);
  outside = has(kOutside, klass) && take("@src_ip", src_ip);
  if (outside) take("@dst_ip", dst_ip);
  domain = has(kDomain, klass) && take(klass == "tls" ? "@server_name" : "@domain", name);
  url = has(kUrl, klass) && take("@path", path) && take("@query", query);
  if (url) take("@domain", name);
  message = has(kMessage, klass) && take("@message_id", message_id);
}

void Tally::keep(Sketch& sketch, std::uint64_t hash, Time time) {
  if (sketch.size() >= kSharedKeys && hash > sketch.rbegin()->first) return;
  std::set<std::int64_t>& times = sketch[hash];
  if (times.size() <= kSharedTimes || time.ns < *times.rbegin()) times.insert(time.ns);
  if (times.size() > kSharedTimes + 1) times.erase(std::prev(times.end()));
  if (sketch.size() > kSharedKeys) sketch.erase(std::prev(sketch.end()));
}

void Tally::add(const TallyPlan& plan, FieldTable& fields, Time time, std::uint64_t offset, std::string_view host,
                std::string_view shape, const Profile& profile) {
  if (!time.known()) return;
  if (offset != kNoOrder) {
    if (open_block_ == nullptr || open_block_number_ != offset / kOrderBlock) {
      open_block_number_ = offset / kOrderBlock;
      open_block_ = &order_.try_emplace(open_block_number_, 0, INT64_MIN).first->second;
    }
    ++open_block_->first;
    open_block_->second = std::max(open_block_->second, time.ns);
  }
  if (plan.numbered) add_number(plan, fields, time, host);
  if (plan.lease) add_lease(plan, fields, time);
  if (!plan.flow && !plan.client && !plan.outside && !plan.domain && !plan.url && !plan.message) return;
  scratch_.assign(plan.by_host && !host.empty() ? "h" : "s");
  scratch_ += plan.by_host && !host.empty() ? host : shape;
  add_shared(plan, fields, time, scratch_, profile);
}

void Tally::add_number(const TallyPlan& plan, FieldTable& fields, Time time, std::string_view host) {
  const std::string_view channel = text_of(plan.channel, fields), event = text_of(plan.event_id, fields);
  const auto id = parse_int(text_of(plan.record_id, fields));
  if (id && *id > 0) {
    const std::int64_t hour = time.hour();
    if (open_ids_ == nullptr || open_hour_ != hour || open_channel_ != channel || open_host_ != host) {
      open_host_ = host;
      open_channel_ = channel;
      open_hour_ = hour;
      open_ids_ = &ids_[{open_host_, open_channel_}][hour];
    }
    ++open_ids_->records;
    open_ids_->lowest = std::min(open_ids_->lowest, *id);
    open_ids_->highest = std::max(open_ids_->highest, *id);
  }
  // Security 1102: the audit log was cleared. System 104: another log was, and the event names it.
  const bool security = event == "1102" && equals_icase(channel, "Security");
  const bool other = event == "104" && equals_icase(channel, "System");
  if (!security && !other) return;
  std::string_view which = security ? std::string_view("Security") : text_of(plan.cleared, fields);
  if (which.empty()) which = "a log that is not named";
  auto& [count, first] =
      clears_[{std::string(host), std::string(which)}].try_emplace(time.hour(), 0, INT64_MAX).first->second;
  ++count;
  first = std::min(first, time.ns);
}

void Tally::add_lease(const TallyPlan& plan, FieldTable& fields, Time time) {
  const std::string_view address = text_of(plan.dhcp_ip, fields), mac = text_of(plan.dhcp_mac, fields);
  if (address.empty() || !parse_address(address)) return;
  if (mac.empty()) {  // of a pool of addresses in tunnels
    const std::string_view account = text_of(plan.lease_account, fields);
    if (account.empty()) return;
    grant(address, std::string(kAccountHolder) + lower(account), lower(text_of(plan.dhcp_host, fields)), time);
    return;
  }
  // An offer is no lease: where the messages are named one of them acknowledges.
  bool named = false, acknowledged = false;
  each_value(plan.dhcp_message, fields, [&](const Value& value) {
    if (value.text.empty() || value.text == "-") return;
    named = true;
    acknowledged = acknowledged || equals_icase(value.text, "ACK") || equals_icase(value.text, "DHCPACK");
  });
  if (named && !acknowledged) return;
  Grant& given = grant(address, lower(mac), lower(text_of(plan.dhcp_host, fields)), time);
  const auto seconds = parse_double(text_of(plan.dhcp_seconds, fields));
  if (seconds && *seconds > 0 && *seconds < 4e9)
    given.seconds = std::max(given.seconds, static_cast<std::int64_t>(*seconds));
}

Tally::Grant& Tally::grant(std::string_view address, std::string holder, std::string host, Time time) {
  Grant& grant = leases_[{lower(address), std::move(holder), std::move(host), std::to_string(time.hour())}];
  grant.first = std::min(grant.first, time.ns);
  grant.last = std::max(grant.last, time.ns);
  return grant;
}

void Tally::add_shared(const TallyPlan& plan, FieldTable& fields, Time time, std::string_view source,
                       const Profile& profile) {
  auto at = shared_.find(source);
  if (at == shared_.end()) {
    if (shared_.size() >= kSharedHosts && source > shared_.rbegin()->first) return;
    at = shared_.try_emplace(std::string(source)).first;
    if (shared_.size() > kSharedHosts) shared_.erase(std::prev(shared_.end()));
  }
  std::map<char, Sketch>& kinds = at->second;
  const std::string_view src = plain(text_of(plan.src_ip, fields)), dst = plain(text_of(plan.dst_ip, fields));
  const std::string_view src_port = text_of(plan.src_port, fields), dst_port = text_of(plan.dst_port, fields);
  const auto hashed = [&](std::initializer_list<std::string_view> parts) {
    key_.clear();
    for (const std::string_view part : parts) {
      for (const char c : part) key_ += to_lower(c);
      key_ += '\x1f';
    }
    return hash64(key_);
  };
  if (plan.flow && !src.empty() && !dst.empty() && !src_port.empty() && !dst_port.empty()) {
    // Whoever is named first: some sources put the accepting side there.
    const bool turned = std::pair(dst, dst_port) < std::pair(src, src_port);
    keep(kinds['f'], turned ? hashed({dst, dst_port, src, src_port}) : hashed({src, src_port, dst, dst_port}), time);
  }
  if (plan.client && !src.empty() && src_port.size() > 1) keep(kinds['c'], hashed({src, src_port}), time);
  if (plan.outside) {
    for (const std::string_view address : {src, dst}) {
      if (address.empty()) continue;
      const std::uint64_t hash = hashed({address});
      Sketch& sketch = kinds['o'];
      if (sketch.size() >= kSharedKeys && hash > sketch.rbegin()->first) continue;
      if (parse_address(address) && !profile.is_inside(address)) keep(sketch, hash, time);
    }
  }
  if (plan.domain) {
    if (const std::string_view name = text_of(plan.name, fields); !name.empty()) keep(kinds['d'], hashed({name}), time);
  }
  if (plan.url) {
    const std::string_view path = text_of(plan.path, fields), query = text_of(plan.query, fields);
    const std::string_view site = text_of(plan.name, fields);
    if (path.size() + query.size() >= kShortPath) keep(kinds['u'], hashed({path, query}), time);
    if (!site.empty() && !path.empty()) keep(kinds['s'], hashed({site, path, query}), time);
  }
  if (plan.message) {
    if (const std::string_view id = text_of(plan.message_id, fields); !id.empty()) keep(kinds['m'], hashed({id}), time);
  }
}

void Tally::close(const std::string& item, TallyTables tables) {
  const auto row = [](Table& table, const TableKey& key, std::initializer_list<std::int64_t> values) {
    table.add(key, std::span(values.begin(), values.size()));
  };
  for (const auto& [where, hours] : ids_) {
    for (const auto& [hour, ids] : hours)
      row(tables.record_ids, {item, where.first, where.second, std::to_string(hour)},
          {ids.records, ids.lowest, ids.highest});
  }
  for (const auto& [where, hours] : clears_) {
    for (const auto& [hour, clear] : hours)
      row(tables.log_clears, {item, where.first, where.second, std::to_string(hour)}, {clear.first, clear.second});
  }
  for (const auto& [block, seen] : order_)
    row(tables.order, {item, fmt::format("{:014}", block)}, {seen.first, seen.second});
  for (const auto& [key, grant] : leases_)
    row(tables.leases, {item, key[0], key[1], key[2], key[3]}, {grant.first, grant.last, grant.seconds});
  for (const auto& [source, kinds] : shared_) {
    for (const auto& [kind, sketch] : kinds) {
      for (const auto& [hash, times] : sketch) {
        for (const std::int64_t ns : times)
          row(tables.shared, {item, source, std::string(1, kind), fmt::format("{:016x}", hash), std::to_string(ns)},
              {1});
      }
    }
  }
}

}  // namespace assay
