#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "evidence/clock.h"
#include "hunt/worker_state.h"

namespace assay {
namespace {

constexpr std::int64_t kClockConflict = 2 * kMinute;  // two clocks of one record further apart than this are a conflict

// "3 h 59 m" with sign, rounded to a quarter of an hour so that one cause is one notice.
std::string rounded_offset(std::int64_t ns) {
  const std::int64_t quarter = 15 * kMinute;
  const std::int64_t size = (std::abs(ns) + quarter / 2) / quarter * 15;
  if (size == 0) return "less than 8 minutes";
  return fmt::format("about {}{} h {:02} m", ns < 0 ? "-" : "+", size / 60, size % 60);
}

class View final : public RoleView {
 public:
  const RoutePlan::AnalyticPlan* plan = nullptr;
  FieldTable* fields = nullptr;
  const Route* route_ = nullptr;
  const RecordContext* context = nullptr;
  std::string_view item_;

  [[nodiscard]] Value get(std::string_view name) const override {
    for (const auto& [known, binding] : plan->names) {
      if (known == name) return first_value(binding, *fields);
    }
    return {};
  }
  void each(std::string_view name, const std::function<void(Value)>& sink) const override {
    for (const auto& [known, binding] : plan->names) {
      if (known != name) continue;
      each_value(binding, *fields, sink);
      return;
    }
  }
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t fallback) const override {
    const Value value = get(name);
    if (!value.present()) return fallback;
    if (const auto whole = parse_int(value.text)) return *whole;
    const auto real = parse_double(value.text);
    return real && *real > -9e15 && *real < 9e15 ? static_cast<std::int64_t>(*real) : fallback;
  }
  [[nodiscard]] const Route& route() const override { return *route_; }
  [[nodiscard]] Time time() const override { return context->time; }
  [[nodiscard]] std::string_view host() const override { return context->host; }
  [[nodiscard]] std::string_view account() const override { return context->account; }
  [[nodiscard]] Outcome outcome() const override { return context->outcome; }
  [[nodiscard]] const RecordRef& ref() const override { return context->ref; }
  [[nodiscard]] std::string_view item() const override { return item_; }
};

}  // namespace

std::optional<Time> Worker::State::plain_time(TimeRule::Kind kind, std::string_view text) {
  switch (kind) {
    case TimeRule::Kind::iso8601:
      return parse_iso8601(text);
    case TimeRule::Kind::epoch:
      return parse_epoch(text);
    default:
      return std::nullopt;
  }
}

RouteId Worker::State::route_of(ShapeId shape, RecordReader& reader) {
  if (routes.size() <= shape) routes.resize(shape + 1);
  std::unique_ptr<RouteChooser>& chooser = routes[shape];
  if (chooser == nullptr) chooser = std::make_unique<RouteChooser>(schemas.at(shape));
  return chooser->choose(reader, fields);
}

void Worker::State::apart_notice(std::string_view other, std::int64_t apart, std::string_view used,
                                 const ItemState& item, std::uint64_t offset) {
  if (apart <= kClockConflict && apart >= -kClockConflict) return;
  notice(NoticeKind::clock_conflict, item.chain, offset,
         fmt::format("{} differs from {} by {}; {} is used", other, used, rounded_offset(apart), used));
}

Time Worker::State::time_of(const RoutePlan& plan, ItemState& item, std::uint64_t offset, bool is_file,
                            std::string_view host) {
  if (!zones) zones.emplace(profile);
  Time event, transport;
  std::string_view event_path, transport_path;
  bool bad = false;
  const PathClock* event_clock = nullptr;
  const PathClock* transport_clock = nullptr;
  for (const RoutePlan::TimePath& path : plan.times) {
    Time& to = path.event ? event : transport;
    if (to.known() && !path.event) continue;
    Value value = fields.first(path.slot);
    if (!value.present() || value.text.empty() || value.text == "-") continue;
    if (std::any_of(path.unless.begin(), path.unless.end(), [&](Slot slot) { return fields.has(slot); })) continue;
    if (!path.more.empty()) {
      std::string joined(value.text);
      for (const Slot slot : path.more) {
        if (const Value part = fields.first(slot); part.present()) joined.append(" ").append(part.text);
      }
      value.text = fields.keep(joined);
    }
    if (auto time = item.clock.read(path, value.text, offset, host, item.chain, *zones, path.event ? Time{} : event)) {
      for (const PathClock& clock : item.clocks) {
        if (clock.path != path.path) continue;
        if (!to.known()) (path.event ? event_clock : transport_clock) = &clock;
        if (path.event) time->ns -= clock.ahead;  // of transport below, when nothing better is there
      }
      if (to.known()) {  // another clock of the event's own
        apart_notice(path.path, time->ns - to.ns, event_path, item, offset);
        continue;
      }
      to = *time;
      (path.event ? event_path : transport_path) = path.path;
    } else {
      bad = bad || !item.clock.undecided(path, value.text, offset);
    }
  }
  if (event.known() && transport.known() && event_path != transport_path) {
    apart_notice(transport_path, transport.ns - event.ns, event_path, item, offset);
  }
  Time time = event.known() ? event : transport;
  if (!event.known() && transport_clock != nullptr) time.ns -= transport_clock->ahead;
  if (const PathClock* clock = event.known() ? event_clock : transport_clock) {
    notice(NoticeKind::clock_offset, item.chain, offset,
           fmt::format(
               "{} runs {} against {} in this log; where it is the best clock of a record it was corrected by that",
               clock->path, offset_words(clock->ahead), clock->against));
  }
  if (!time.known()) {
    if (bad) notice(NoticeKind::bad_value, item.chain, offset, "a time that cannot be read");
    if (!plan.times.empty() && !is_file)
      notice(NoticeKind::no_time, item.chain, offset, "records without a usable time");
  }
  return time;
}

std::string Worker::State::resolve_client(const RoutePlan& plan, const ItemState& item, std::uint64_t offset) {
  if (plan.forwarded.paths.empty()) return {};
  std::string list;  // a header that came several times is one list
  each_value(plan.forwarded, fields, [&](const Value& value) {
    if (value.text.empty() || value.text == "-" || list.size() > kForwardedBytes) return;
    list.append(list.empty() ? "" : ",").append(value.text);
  });
  const Value connecting = first_value(plan.src, fields);
  if (list.empty() || !connecting.present()) return {};
  if (!forwarders) forwarders.emplace(profile);
  const Forwarders::Client client = forwarders->client(connecting.text, list);
  if (client.verdict == Forwarders::Client::Verdict::undeclared) {
    notice(NoticeKind::assumption, item.chain, offset,
           "records name whom a request was forwarded for, but the connecting address is no proxy that the profile "
           "declares (proxies, nat): the connecting address was taken for the client");
    return {};
  }
  if (client.verdict == Forwarders::Client::Verdict::unreadable) {
    notice(NoticeKind::bad_value, item.chain, offset,
           "a declared proxy forwarded a request for somebody whose address cannot be read; its own was taken");
    return {};
  }
  std::string proxy(connecting.text);
  if (lower(proxy) == client.address) return {};
  notice(NoticeKind::assumption, item.chain, offset,
         fmt::format("the addresses of clients are the word of the declared proxy {}, which sent their requests on",
                     lower(proxy)));
  std::swap(fields, as_written);
  fields.reset(as_written.slots());
  for (Slot slot = 0; slot < as_written.slots(); ++slot) {
    if (std::find(plan.connecting.begin(), plan.connecting.end(), slot) == plan.connecting.end()) {
      as_written.each(slot, [&](const Value& value) { fields.add(slot, value); });
    } else if (as_written.has(slot)) {
      fields.add(slot, {ValueKind::string, fields.keep(client.address)});
    }
  }
  return proxy;
}

void Worker::State::record(RecordReader& reader, ItemState& item, std::string_view raw, std::uint64_t offset,
                           ShapeId shape_id) {
  const Schema& schema = schemas.at(shape_id);
  const ShapePlan& shape = plans.at(shape_id);
  const RouteId route_id = route_of(shape_id, reader);
  const RoutePlan& plan = shape.routes[route_id];
  const Route& route = schema.routes[route_id];
  fields.reset(plan.projection.size());
  reader.read(plan.projection, fields);
  std::vector<NamedValue> said;
  const bool carved = reader.carved();
  if (carved) {
    said.emplace_back(kCarved, "yes");
    notice(NoticeKind::carved, item.chain, offset,
           "records from unused space of the log: rules and indicators looked at them; they are no coverage");
  }
  if (std::string proxy = resolve_client(plan, item, offset); !proxy.empty())
    said.emplace_back(kForwardedBy, std::move(proxy));

  std::string host, account;
  for (const Binding& binding : plan.host) {
    const Value value = first_value(binding, fields);
    if (value.present() && !value.text.empty() && value.text != "-") {
      host = lower(value.text);
      break;
    }
  }
  if (host.empty() && !schema.host_from_path.empty()) host = item.place_host;
  if (host.empty()) {
    for (const Binding* binding : {&plan.src, &plan.dst}) {
      const Value value = first_value(*binding, fields);
      if (value.present() && profile.is_inside(value.text)) {
        host = lower(value.text);
        break;
      }
    }
  }
  if (std::string known = profile.host_of(host); !known.empty()) host = std::move(known);
  ItemPart& part = result.items[item.index];
  ++part.records;
  ++item.routes[{shape_id, route_id}];
  tell(0, 1);
  Time time = time_of(plan, item, offset, route.source_class == "file", host);
  if (time.known() && !profile.clocks.empty() && route.source_class != "file") {
    if (const SourceClock* clock = profile.clock_of(item.chain, plan.tally.by_host ? host : std::string())) {
      time.ns -= clock->ahead;
      notice(NoticeKind::clock_offset, item.chain, offset,
             fmt::format("the profile says that the clock of {} runs {}; its times were corrected by that",
                         clock->source, offset_words(clock->ahead)));
    }
  }
  if (time.known()) {
    const bool outside =
        (settings.from.known() && time < settings.from) || (settings.to.known() && time >= settings.to);
    if (!carved) {
      if (item.previous.known() && time != item.previous)
        ++(time > item.previous ? part.earlier_to_later : part.later_to_earlier);
      item.previous = time;
      if (!part.first.known() || time < part.first) part.first = time;
      if (!part.last.known() || time > part.last) part.last = time;
      if (!outside && route.source_class != "file" && (!result.latest.known() || time > result.latest))
        result.latest = time;
    }
    if (outside) {
      ++part.outside;
      return;
    }
  }

  for (const Binding& binding : plan.account) {
    const Value value = first_value(binding, fields);
    if (value.present() && !value.text.empty() && value.text != "-") {
      account = lower(value.text);
      break;
    }
  }
  Outcome outcome = Outcome::unknown;
  if (plan.outcome) {
    Value value = plan.outcome->rule == ValueRule::constant || plan.outcome->slots.empty()
                      ? apply_concat(*plan.outcome, fields)
                      : fields.first(plan.outcome->slots.front());
    if (plan.outcome->rule != ValueRule::constant && plan.outcome->rule != ValueRule::none) {
      value = apply_rule(plan.outcome->rule, plan.outcome->argument, value, fields);
    }
    outcome = outcome_from(lower(value.text)).value_or(Outcome::unknown);
  }

  RecordContext context;
  context.ref = {item.index, offset, raw.size()};
  context.shape = shape_id;
  context.route = route_id;
  context.time = time;
  context.content = hash64(raw);
  context.raw = raw;
  context.host = host;
  context.account = account;
  context.outcome = outcome;
  context.fields = &fields;
  context.reader = &reader;
  if (!carved) count(item, plan, shape_id, route_id, route, context);
  const Format* format = format_of(schema);
  if (!carved)
    item.tally.add(plan.tally, fields, time, format != nullptr && !format->in_order() ? kNoOrder : offset, host,
                   schema.shape, profile);
  matcher->match(context, scratch, result.notices);
  take_matches(item.chain, said);
  if (carved) return;  // what is left of a log by chance: nothing to count by

  View view;
  view.fields = &fields;
  view.route_ = &route;
  view.context = &context;
  view.item_ = item.chain;
  for (const RoutePlan::AnalyticPlan& analytic : plan.analytics) {
    view.plan = &analytic;
    const std::size_t tables = analytics()[analytic.analytic]->tables().size();
    analytics()[analytic.analytic]->observe(view, std::span(result.tables).subspan(analytic.first_table, tables));
  }
  reader.blobs([&](const Blob& blob) {
    Blob placed = blob;
    placed.ref.item = item.index;
    placed.ref.offset += offset;
    matcher->match(placed, context, scratch, result.notices);
  });
  take_matches(item.chain);
}

void Worker::State::count(ItemState& item, const RoutePlan& plan, ShapeId shape_id, RouteId route_id,
                          const Route& route, const RecordContext& context) {
  auto& [records, slots] = presence[{shape_id, route_id}];
  slots.resize(plan.projection.size());
  ++records;
  for (Slot slot = 0; slot < slots.size(); ++slot) slots[slot] += fields.has(slot);
  if (!context.host.empty()) {  // the smallest names, whatever part of the item this unit reads
    item.hosts.emplace(context.host);
    if (item.hosts.size() > kItemHosts) item.hosts.erase(std::prev(item.hosts.end()));
  }
  if (!context.time.known()) return;
  const std::int64_t day = context.time.day();
  const std::int64_t hour = context.time.hour();
  CoverageRow& row = item.coverage[{route.source_class, {std::string(context.host), day}}];
  if (row.records == 0) row.first = row.last = context.time.ns;
  ++row.records;
  row.first = std::min(row.first, context.time.ns);
  row.last = std::max(row.last, context.time.ns);
  row.hours |= std::int64_t{1} << (hour - day * 24);
  auto& [sketched, hashes] = item.sketch[{route.source_class, hour}];
  ++sketched;
  hashes += static_cast<std::int64_t>(context.content & ((std::uint64_t{1} << 40) - 1));
  item.ends.add(route.source_class, context.time, context.content);
  for (const auto& [name, binding] : plan.coverage_fields) {
    auto& [present, all] = item.field_coverage[{route.source_class, {name, day}}];
    ++all;
    const Value value = first_value(binding, fields);
    present += value.present() && value.kind != ValueKind::null && !value.text.empty() && value.text != "-";
  }
}

void Worker::State::close_item(ItemState& item) {
  item.clock.tell(item.chain, result.notices);
  for (const auto& [key, row] : item.coverage) {
    const auto& [klass, rest] = key;
    result.tables[kCoverageTable].add({item.chain, klass, rest.first, std::to_string(rest.second)},
                                      std::vector<std::int64_t>{row.records, row.first, row.last, row.hours});
  }
  for (const auto& [key, row] : item.sketch) {
    result.tables[kSketchTable].add({item.chain, key.first, std::to_string(key.second)},
                                    std::vector<std::int64_t>{row.first, row.second});
  }
  item.ends.close(item.chain, result.tables[kItemEndTable]);
  for (const auto& [key, row] : item.field_coverage) {
    result.tables[kFieldCoverageTable].add({key.first, key.second.first, std::to_string(key.second.second)},
                                           std::vector<std::int64_t>{row.first, row.second});
  }
  ItemPart& part = result.items[item.index];
  if (part.kind == "records" && !item.whole_file) {
    item.tally.close(item.chain,
                     {result.tables[kRecordIdTable], result.tables[kLogClearTable], result.tables[kOrderTable],
                      result.tables[kSharedEventTable], result.tables[kLeaseTable]});
    for (const auto& [where, records] : item.routes) {
      const Schema& schema = schemas.at(where.first);
      part.routes[schema.shape + "/" + schema.routes[where.second].name] += records;
    }
  }
  std::set<std::string> hosts(part.hosts.begin(), part.hosts.end());
  hosts.insert(item.hosts.begin(), item.hosts.end());
  part.hosts.assign(hosts.begin(), hosts.end());
  if (part.hosts.size() > kItemHosts) part.hosts.resize(kItemHosts);
}

}  // namespace assay
