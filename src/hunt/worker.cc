#include "hunt/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "evidence/clock.h"
#include "evidence/containers/descent.h"
#include "evidence/file_record.h"
#include "evidence/route.h"
#include "evidence/stream.h"
#include "hunt/item_clock.h"

namespace assay {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{64} << 10;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kPrologueBytes = std::size_t{1} << 18;  // header lines that go with a range
constexpr std::size_t kTextFileBytes = std::size_t{8} << 20;  // a log of a text format that is also looked at as a file
constexpr std::int64_t kClockConflict = 2 * kMinute;  // two clocks of one record further apart than this are a conflict

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

std::string_view last_step(std::string_view path) {
  const std::size_t at = path.find_last_of("/!");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

// "3 h 59 m" with sign, rounded to a quarter of an hour so that one cause is one notice.
std::string rounded_offset(std::int64_t ns) {
  const std::int64_t quarter = 15 * kMinute;
  const std::int64_t size = (std::abs(ns) + quarter / 2) / quarter * 15;
  if (size == 0) return "less than 8 minutes";
  return fmt::format("about {}{} h {:02} m", ns < 0 ? "-" : "+", size / 60, size % 60);
}

// The host that a place in the evidence names: a step of the chain that the profile lists, else the innermost archive's
// stem.
std::string host_of_place(std::string_view chain, const Profile& profile) {
  std::string archive;
  std::string listed;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= chain.size(); ++i) {
    if (i != chain.size() && chain[i] != '/' && chain[i] != '!') continue;
    std::string_view step = chain.substr(begin, i - begin);
    begin = i + 1;
    std::string_view stem = step;
    for (const std::string_view suffix : {".zst", ".gz", ".xz", ".bz2", ".lz4", ".lz", ".tgz", ".txz", ".tbz2", ".tar",
                                          ".zip", ".7z", ".rar", ".cab"}) {
      if (ends_with_icase(stem, suffix)) stem.remove_suffix(suffix.size());
    }
    if (stem.empty()) continue;
    if (std::string host = profile.host_of(stem); !host.empty()) listed = host;
    if (i < chain.size() && chain[i] == '!' && stem.size() < step.size() && archive.empty()) archive = lower(stem);
  }
  return listed.empty() ? archive : listed;
}

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

// Coverage and sketches change slowly from record to record: the last row is kept open and added when its key changes.
struct CoverageRow {
  std::string klass, host;
  std::int64_t day = INT64_MIN;
  std::int64_t records = 0, first = 0, last = 0, hours = 0;
};

}  // namespace

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

  // One reader of a format at a time: the next item's goes on with what the last one learned.
  std::map<std::pair<std::string_view, std::string>, std::unique_ptr<RecordReader>> readers = {};
  RecordReader& open(const Format& format, std::string_view prologue, const std::string& shape) {
    std::unique_ptr<RecordReader>& reader = readers[{format.name(), shape}];
    if (reader == nullptr || !reader->reopen(prologue)) reader = format.open(prologue, shape, schemas);
    return *reader;
  }

  void tell(std::uint64_t bytes, std::uint64_t records) {
    told_bytes += bytes;
    told_records += records;
    if (told_bytes >= kReadBytes || told_records >= 4096) {
      (*progress)(told_bytes, told_records);
      told_bytes = told_records = 0;
    }
  }

  std::uint32_t add_item(std::string_view chain, std::string_view parent, std::string_view kind,
                         std::string_view shape) {
    ItemPart& part = result.items.emplace_back();
    part.chain = chain;
    part.parent = parent;
    part.member = last_step(chain);
    part.kind = kind;
    part.shape = shape;
    return static_cast<std::uint32_t>(result.items.size() - 1);
  }

  void notice(NoticeKind kind, std::string_view chain, std::uint64_t offset, std::string detail,
              std::uint64_t count = 1) {
    result.notices.add({kind, std::string(chain), offset, count, std::move(detail)});
  }

  void stream_problem(const ByteStream& stream, std::string_view chain, std::uint64_t offset) {
    if (const auto problem = stream.problem()) notice(problem->kind, chain, offset, problem->detail);
  }

  void take_matches(const std::string& chain) {
    for (Match& match : scratch) {
      KeyedMatch keyed_match;
      const DetectorKind kind = engine.catalogue()[match.detector].kind;
      keyed_match.key = group_key(match, kind == DetectorKind::sigma);
      keyed_match.chain = chain;
      keyed_match.match = std::move(match);
      keyed->push_back(std::move(keyed_match));
    }
    scratch.clear();
  }

  // --- one record -------------------------------------------------------------------------------------------------

  struct ItemState {
    std::string chain;
    std::string place_host;  // of host_from_path
    std::uint32_t index = 0;
    Time previous;  // of the record before
    std::map<std::pair<std::string, std::pair<std::string, std::int64_t>>, CoverageRow> coverage;
    std::map<std::pair<std::string, std::int64_t>, std::pair<std::int64_t, std::int64_t>> sketch;
    std::map<std::pair<std::string, std::pair<std::string, std::int64_t>>, std::pair<std::int64_t, std::int64_t>>
        field_coverage;
    std::set<std::string> hosts;
    ItemClock clock;
  };

  [[nodiscard]] RouteId route_of(ShapeId shape, RecordReader& reader) {
    if (routes.size() <= shape) routes.resize(shape + 1);
    std::unique_ptr<RouteChooser>& chooser = routes[shape];
    if (chooser == nullptr) chooser = std::make_unique<RouteChooser>(schemas.at(shape));
    return chooser->choose(reader, fields);
  }

  void apart_notice(std::string_view other, std::int64_t apart, std::string_view used, const ItemState& item,
                    std::uint64_t offset) {
    if (apart <= kClockConflict && apart >= -kClockConflict) return;
    notice(NoticeKind::clock_conflict, item.chain, offset,
           fmt::format("{} differs from {} by {}; {} is used", other, used, rounded_offset(apart), used));
  }

  [[nodiscard]] Time time_of(const RoutePlan& plan, ItemState& item, std::uint64_t offset, bool is_file,
                             std::string_view host) {
    if (!zones) zones.emplace(profile);
    Time event, transport;
    std::string_view event_path, transport_path;
    bool bad = false;
    for (const RoutePlan::TimePath& path : plan.times) {
      Time& to = path.event ? event : transport;
      if (to.known() && !path.event) continue;
      Value value = fields.first(path.slot);
      if (!value.present() || value.text.empty() || value.text == "-") continue;
      if (!path.more.empty()) {
        std::string joined(value.text);
        for (const Slot slot : path.more) {
          if (const Value part = fields.first(slot); part.present()) joined.append(" ").append(part.text);
        }
        value.text = fields.keep(joined);
      }
      if (const auto time = item.clock.read(path, value.text, offset, host, item.chain, *zones)) {
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
    if (event.known() && transport.known()) {
      apart_notice(transport_path, transport.ns - event.ns, event_path, item, offset);
    }
    const Time time = event.known() ? event : transport;
    if (!time.known()) {
      if (bad) notice(NoticeKind::bad_value, item.chain, offset, "a time that cannot be read");
      if (!plan.times.empty() && !is_file)
        notice(NoticeKind::no_time, item.chain, offset, "records without a usable time");
    }
    return time;
  }

  void record(RecordReader& reader, ItemState& item, std::string_view raw, std::uint64_t offset, ShapeId shape_id) {
    const Schema& schema = schemas.at(shape_id);
    const ShapePlan& shape = plans.at(shape_id);
    const RouteId route_id = route_of(shape_id, reader);
    const RoutePlan& plan = shape.routes[route_id];
    const Route& route = schema.routes[route_id];
    fields.reset(plan.projection.size());
    reader.read(plan.projection, fields);

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
    tell(0, 1);
    const Time time = time_of(plan, item, offset, route.source_class == "file", host);
    if (time.known()) {
      if (item.previous.known() && time != item.previous)
        ++(time > item.previous ? part.earlier_to_later : part.later_to_earlier);
      item.previous = time;
      if (!part.first.known() || time < part.first) part.first = time;
      if (!part.last.known() || time > part.last) part.last = time;
      if ((settings.from.known() && time < settings.from) || (settings.to.known() && time >= settings.to)) return;
      if (route.source_class != "file" && (!result.latest.known() || time > result.latest)) result.latest = time;
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
    count(item, plan, shape_id, route_id, route, context);
    matcher->match(context, scratch, result.notices);
    take_matches(item.chain);

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

  void count(ItemState& item, const RoutePlan& plan, ShapeId shape_id, RouteId route_id, const Route& route,
             const RecordContext& context) {
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
    for (const auto& [name, binding] : plan.coverage_fields) {
      auto& [present, all] = item.field_coverage[{route.source_class, {name, day}}];
      ++all;
      const Value value = first_value(binding, fields);
      present += value.present() && value.kind != ValueKind::null && !value.text.empty() && value.text != "-";
    }
  }

  void close_item(ItemState& item) {
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
    for (const auto& [key, row] : item.field_coverage) {
      result.tables[kFieldCoverageTable].add({key.first, key.second.first, std::to_string(key.second.second)},
                                             std::vector<std::int64_t>{row.first, row.second});
    }
    ItemPart& part = result.items[item.index];
    std::set<std::string> hosts(part.hosts.begin(), part.hosts.end());
    hosts.insert(item.hosts.begin(), item.hosts.end());
    part.hosts.assign(hosts.begin(), hosts.end());
    if (part.hosts.size() > kItemHosts) part.hosts.resize(kItemHosts);
  }

  // --- a stream of records ----------------------------------------------------------------------------------------

  // Reads records from `stream`, whose first byte has offset `start` in the item. Records that start at or after `stop`
  // belong to the next unit, unless their block has begun before.
  void records(RecordReader& reader, const Format& format, ByteStream& stream, ItemState& item, std::uint64_t start,
               std::uint64_t stop) {
    std::string buffer;
    std::size_t used = 0;
    std::uint64_t base = start;  // offset of buffer[0]
    bool at_end = false;
    const std::size_t limit = format.frame_limit();
    Notices record_notices;
    const auto fill = [&] {
      if (used > 0) {
        buffer.erase(0, used);
        base += used;
        used = 0;
      }
      const std::size_t old = buffer.size();
      buffer.resize(old + kReadBytes);
      const std::size_t n = stream.read(std::span(buffer).subspan(old));
      buffer.resize(old + n);
      at_end = n == 0;
      tell(n, 0);
    };
    bool resyncing = false;  // after an over-long record: up to the next line end
    while (true) {
      if (used == buffer.size() && !at_end) {
        fill();
        continue;
      }
      const std::string_view window = std::string_view(buffer).substr(used);
      if (window.empty() && at_end) break;
      if (base + used >= stop && !reader.inside_block()) break;
      if (resyncing) {
        const std::size_t line_end = window.find('\n');
        const std::size_t skip = line_end == std::string_view::npos ? window.size() : line_end + 1;
        result.items[item.index].skipped_bytes += skip;
        used += skip;
        resyncing = line_end == std::string_view::npos;
        continue;
      }
      Frame frame = reader.next(window, at_end);
      if (frame.kind == Frame::Kind::more) {
        if (!at_end && window.size() < limit) {
          fill();
          continue;
        }
        if (window.size() >= limit) {
          const std::uint64_t offset = base + used;
          notice(NoticeKind::limit_record, item.chain, offset,
                 fmt::format("a record longer than {} MiB was skipped", limit >> 20));
          ++result.items[item.index].damaged;
          resyncing = true;
          continue;
        }
        // At the end a reader must decide; one that does not loses the rest, counted.
        notice(NoticeKind::truncated, item.chain, base + used, "ends inside a record");
        result.items[item.index].skipped_bytes += window.size();
        break;
      }
      if (frame.kind == Frame::Kind::done) break;
      if (frame.next == 0) frame.next = 1;  // progress is guaranteed whatever a reader answers
      if (frame.kind == Frame::Kind::skip) {
        if (!frame.silent) {
          notice(frame.why, item.chain, base + used + frame.begin, "a span that is no record was skipped");
          result.items[item.index].skipped_bytes += frame.end - frame.begin;
        }
      } else {
        const std::string_view raw = window.substr(frame.begin, frame.end - frame.begin);
        const std::uint64_t offset = base + used + frame.begin;
        record_notices.clear();
        const bool good = reader.begin(raw, record_notices);
        for (Notice n : record_notices.sorted()) {
          n.item = item.chain;
          n.offset += offset;
          result.notices.add(std::move(n));
        }
        if (good) {
          record(reader, item, raw, offset, reader.shape());
        } else {
          ++result.items[item.index].damaged;
          notice(NoticeKind::damaged_record, item.chain, offset, "records that their format cannot parse");
        }
      }
      used += std::min(frame.next, window.size());
    }
  }

  // --- items ------------------------------------------------------------------------------------------------------

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
  void as_blob(const Place& place, std::uint32_t index, HashingStream& stream, ByteStream& peek,
               std::string_view kind) {
    std::string bytes;
    bool whole = true;
    while (true) {
      const std::size_t old = bytes.size();
      if (old >= limits::kDocumentBytes) {
        whole = false;
        break;
      }
      bytes.resize(old + kReadBytes);
      const std::size_t n = peek.read(std::span(bytes).subspan(old));
      bytes.resize(old + n);
      tell(n, 0);
      if (n == 0) break;
    }
    if (!whole) {
      notice(NoticeKind::limit_record, place.chain, limits::kDocumentBytes,
             fmt::format("only the first {} MiB were looked at for content", limits::kDocumentBytes >> 20));
      std::string rest(kReadBytes, '\0');
      while (peek.read(rest) > 0) {
      }
    }
    stream_problem(peek, place.chain, bytes.size());
    look_at_file(place, index, stream, bytes, whole, kind);
  }

  // The item as a file: its record (path, hashes, mode), and its bytes for what looks at content. All of the stream has
  // been read.
  void look_at_file(const Place& place, std::uint32_t index, HashingStream& stream, std::string_view bytes, bool whole,
                    std::string_view kind) {
    FileFacts facts;
    facts.path = place.tree_path;
    facts.size = stream.bytes();
    facts.mode = place.mode;
    facts.modified = place.modified;
    facts.type = blob_type(bytes);
    facts.sha256 = stream.finish(HashKind::sha256);
    if (settings.hash_md5_sha1) {
      facts.sha1 = stream.finish(HashKind::sha1);
      facts.md5 = stream.finish(HashKind::md5);
    }
    ItemPart& part = result.items[index];
    part.bytes = facts.size;
    part.sha256 = facts.sha256;
    if (part.shape.empty()) part.shape = facts.type;
    if (kind == "blob") {
      notice(NoticeKind::not_recognised, place.parent.empty() ? place.chain : place.parent, 0,
             fmt::format("no log: looked at as a file of type {} (name, hashes, content)", facts.type));
    }
    const std::unique_ptr<RecordReader> reader = file_record(facts, schemas);
    ItemState item;
    item.chain = place.chain;
    item.index = index;
    item.place_host = host_of_place(place.chain, profile);
    const std::uint64_t records_before = part.records;
    const Time first = part.first, last = part.last;
    record(*reader, item, bytes, 0, reader->shape());
    ItemPart& after = result.items[index];
    after.records = records_before;  // a file is no log record
    if (kind == "log") after.first = first, after.last = last;
    Blob blob;
    blob.ref = {index, 0, facts.size};
    blob.bytes = bytes;
    blob.whole = whole;
    blob.name = last_step(place.tree_path);
    blob.path = place.tree_path;
    blob.type = facts.type;
    blob.sha256 = facts.sha256;
    blob.sha1 = facts.sha1;
    blob.md5 = facts.md5;
    RecordContext context;
    context.ref = blob.ref;
    context.shape = reader->shape();
    context.time = place.modified;
    context.content = hash64(bytes);
    context.host = item.place_host;
    matcher->match(blob, context, scratch, result.notices);
    take_matches(place.chain);
    close_item(item);
    if (kind == "blob") archive_behind(place, index, whole ? source_of_memory(bytes).get() : place.source);
  }

  // A program or picture with a zip archive at its end: its members too.
  void archive_behind(const Place& place, std::uint32_t index, const ByteSource* source) {
    if (source == nullptr || place.depth >= limits::kContainerDepth || !ends_as_zip(*source)) return;
    result.items[index].kind = "container";
    result.items[index].shape = name_of(ContainerKind::zip);
    Place here = place;
    here.source = source;
    const std::unique_ptr<ByteStream> below = open_part(*source, 0, source->size());
    archive(here, *open_archive(ContainerKind::zip, *below, source, gauge));
  }

  void not_read_item(const Place& place, const NotRead& what, HashingStream& stream, PeekStream& peek) {
    const std::uint32_t index = add_item(place.chain, place.parent, "blob", what.name);
    notice(NoticeKind::recognised_not_read, place.chain, 0,
           fmt::format("{}: could show {}; {}", what.name, what.answers, what.convert));
    as_blob(place, index, stream, peek, "not_read");
  }

  // An item whose bytes come from `stream`, the whole of it.
  void item(const Place& place, ByteStream& below) {
    HashingStream stream(below, blob_hashes);
    PeekStream peek(stream);
    const std::string head(peek.peek(kHeadBytes));
    const bool whole = head.size() < kHeadBytes;
    const std::string_view name = last_step(place.chain);
    if (head.empty()) {
      const std::uint32_t index = add_item(place.chain, place.parent, "empty", "");
      stream_problem(peek, place.chain, 0);
      if (place.parent.empty()) {
        notice(NoticeKind::empty, place.chain, 0, "holds nothing");
      } else {  // one for all of an archive's
        notice(NoticeKind::empty, place.parent, 0, "members that hold nothing");
      }
      as_blob(place, index, stream, peek, "empty");
      return;
    }
    if (const NotRead volume = recognise_volume(head, name); !volume.name.empty()) {
      not_read_item(place, volume, stream, peek);
      return;
    }
    const ContainerKind container = recognise_container(head);
    if (container != ContainerKind::none) {
      if (place.depth >= limits::kContainerDepth) {
        const std::uint32_t index = add_item(place.chain, place.parent, "container", "");
        notice(NoticeKind::limit_depth, place.chain, 0,
               fmt::format("containers nested deeper than {}", limits::kContainerDepth));
        as_blob(place, index, stream, peek, "container");
        return;
      }
      const std::uint32_t index = add_item(place.chain, place.parent, "container", name_of(container));
      if (is_compressed_stream(container)) {
        compressed(place, container, peek);
      } else if (container == ContainerKind::tar) {
        archive(place, *open_archive(container, peek, nullptr, gauge), place.in_file);
      } else {
        sent_archive(place, index, container, stream, peek);
        return;
      }
      std::string rest(kReadBytes, '\0');
      while (peek.read(rest) > 0) {
      }
      ItemPart& part = result.items[index];
      part.bytes = stream.bytes();
      part.sha256 = stream.finish(HashKind::sha256);
      return;
    }
    // What a reader knows is read, also where it is of a kind that mostly is not (UTF-16, records without a magic).
    const Recognised known = recognise(head, whole, name, schemas);
    if (const NotRead not_read = recognise_not_read(head, name); known.format == nullptr && !not_read.name.empty()) {
      not_read_item(place, not_read, stream, peek);
      return;
    }
    if (known.format == nullptr) {
      const std::uint32_t index = add_item(place.chain, place.parent, "blob", "");
      as_blob(place, index, stream, peek, "blob");
      return;
    }
    const Format& format = *known.format;
    std::string prologue = head.substr(0, format.prologue_size(head));
    const std::uint32_t index =
        add_item(place.chain, place.parent, "records",
                 known.recognition.shape.empty() ? std::string(format.name()) : known.recognition.shape);
    ItemState state;
    state.chain = place.chain;
    state.index = index;
    state.place_host = host_of_place(place.chain, profile);
    result.items[index].export_rows = format.rows_of_an_export();
    RecordReader& reader = open(format, prologue, known.recognition.shape);
    // Read ahead where all of it is wanted: to be looked at as a file, and for the years of its stamps.
    const bool stamped = needs_years(known.recognition.shape);
    std::string ahead;
    bool all = false;
    const std::size_t limit = stamped && !place.in_file ? limits::kDocumentBytes : kTextFileBytes;
    if ((format.also_file() || stamped) && !(place.in_file && place.size > limit)) all = read_ahead(peek, ahead, limit);
    if (stamped) {
      const bool from_disk = !all && place.in_file;
      const std::unique_ptr<ByteStream> again =
          from_disk ? open_range(fd, place.base, place.base + place.size) : open_memory(ahead);
      state.clock.years =
          plan_years(*again, {place.chain, place.depth > 0 ? place.modified : Time{}, settings.as_of, place.file_time});
      if (state.clock.years.cut || (!all && !from_disk)) {
        notice(NoticeKind::limit_other, place.chain, 0,
               "years of stamps were decided from a part of this log: it is too long, or its months change too often");
      }
    }
    JoinedStream joined(ahead, peek);
    const bool also_file = format.also_file() && all && ahead.size() <= kTextFileBytes;
    if (place.in_file && format.split() != Split::none && place.size > settings.unit_bytes) {
      split(place, format, known.recognition.shape, prologue, state.clock.years);
      result.items[index].bytes = place.size;
      const bool blocks = format.split() == Split::blocks;
      records(reader, format, joined, state, 0,
              blocks ? format.blocks().at_or_after(settings.unit_bytes) : settings.unit_bytes);
      close_item(state);
      if (also_file) look_at_file(place, index, stream, ahead, true, "log");
      return;
    }
    if (reader.wants_survey()) {
      // Read twice: from the file, or of what is unpacked as much as is kept in memory.
      const std::unique_ptr<ByteStream> again =
          place.in_file ? open_range(fd, place.base, place.base + place.size)
                        : open_memory(ahead.empty() ? peek.peek(limits::kDocumentBytes) : std::string_view(ahead));
      survey(reader, *format.open(prologue, known.recognition.shape, schemas), *again);
    }
    records(reader, format, joined, state, 0, UINT64_MAX);
    std::string rest(kReadBytes, '\0');
    while (peek.read(rest) > 0) {
    }
    stream_problem(peek, place.chain, stream.bytes());
    if (also_file) {
      look_at_file(place, index, stream, ahead, true, "log");
    } else {
      ItemPart& part = result.items[index];
      part.bytes = stream.bytes();
      part.sha256 = stream.finish(HashKind::sha256);
    }
    close_item(state);
  }

  // Does a time of the shape come without a year?
  [[nodiscard]] bool needs_years(std::string_view shape) const {
    const auto id = schemas.find(shape);
    if (!id) return false;
    const std::vector<TimeRule>& times = schemas.at(*id).times;
    return std::any_of(times.begin(), times.end(), [](const TimeRule& t) { return t.kind == TimeRule::Kind::stamp; });
  }

  // True: all of the stream is in `out`.
  [[nodiscard]] static bool read_ahead(PeekStream& stream, std::string& out, std::size_t limit) {
    while (out.size() <= limit) {
      const std::size_t old = out.size();
      out.resize(old + kReadBytes);
      const std::size_t n = stream.read(std::span(out).subspan(old));
      out.resize(old + n);
      if (n == 0) return true;
    }
    return false;
  }

  // The further ranges of a large item, and one unit for its hash.
  void split(const Place& place, const Format& format, const std::string& shape, const std::string& prologue,
             const YearPlan& years) {
    std::vector<std::string> prologues;  // one for each range after the first
    if (format.split() == Split::prologue) prologues = find_prologues(place, prologue);
    const bool blocks = format.split() == Split::blocks;
    const auto cut = [&](std::uint64_t at) {
      return std::min(blocks ? format.blocks().at_or_after(at) : at, place.size);
    };
    const auto add = [&](UnitSpec::Kind kind, std::uint64_t begin, std::uint64_t end) {
      UnitSpec u;
      u.kind = kind;
      u.file = unit->file;
      u.chain = place.chain;
      u.parent = place.parent;
      u.tree_path = place.tree_path;
      u.base = place.base;
      u.size = place.size;
      u.begin = begin;
      u.end = end;
      u.mode = place.mode;
      u.modified = place.modified;
      u.depth = place.depth;
      if (kind == UnitSpec::Kind::range) {
        u.format = format.name();
        u.shape = shape;
        const std::uint64_t nth = blocks ? UINT64_MAX : begin / settings.unit_bytes - 1;
        u.prologue = nth < prologues.size() ? prologues[nth] : prologue;
        if (!years.how.empty()) u.years = years.save(begin, end);
      }
      result.discovered.push_back(std::move(u));
    };
    for (std::uint64_t begin = settings.unit_bytes; begin < place.size; begin += settings.unit_bytes) {
      const std::uint64_t from = cut(begin), to = cut(begin + settings.unit_bytes);
      if (from < to) add(UnitSpec::Kind::range, from, to);
    }
    add(UnitSpec::Kind::hash, 0, place.size);
  }

  // The header in force where each range begins, as a reader that came from the start would have it: concatenated logs
  // change their fields in the middle. A line "#word ..." belongs to the header, any other '#' line is a comment; the
  // word that opens the file's own header opens a new one.
  [[nodiscard]] std::vector<std::string> find_prologues(const Place& place, const std::string& first) {
    const auto word_of = [](std::string_view line) {
      std::size_t end = 1;
      while (end < line.size() && (is_alpha(line[end]) || line[end] == '_' || line[end] == '-')) ++end;
      return line.substr(1, end - 1);
    };
    const std::string opening(word_of(first));
    std::vector<std::string> out;
    std::string state;
    const std::unique_ptr<ByteStream> stream = open_range(fd, place.base, place.base + place.size);
    std::string buffer;
    std::uint64_t base = 0;
    bool line_start = true;
    while (true) {
      const std::size_t old = buffer.size();
      buffer.resize(old + kReadBytes);
      const std::size_t n = stream->read(std::span(buffer).subspan(old));
      buffer.resize(old + n);
      std::size_t at = 0;
      while (at < buffer.size()) {
        if (line_start && buffer[at] == '#') {
          const std::size_t end = buffer.find('\n', at);
          if (end == std::string::npos && n > 0 && buffer.size() - at <= kPrologueBytes) break;  // read on
          while ((out.size() + 1) * settings.unit_bytes <= base + at) out.push_back(state);
          const std::size_t stop = end == std::string::npos ? buffer.size() : end + 1;
          const std::string_view line = std::string_view(buffer).substr(at, stop - at);
          const std::string_view word = word_of(line);
          if (!word.empty() && word == opening) state.clear();
          if (!word.empty() && word != "open" && word != "close" && state.size() + line.size() <= kPrologueBytes)
            state += line;
          line_start = end != std::string::npos;
          at = stop;
          continue;
        }
        const std::size_t next = buffer.find('\n', at);
        line_start = next != std::string::npos;
        at = line_start ? next + 1 : buffer.size();
        if (line_start && at < buffer.size() && buffer[at] != '#') {  // on to the next line that matters
          const std::size_t mark = buffer.find("\n#", at);
          line_start = mark != std::string::npos || buffer.back() == '\n';
          at = mark != std::string::npos ? mark + 1 : buffer.size();
        }
      }
      base += at;
      buffer.erase(0, at);
      if (n == 0) break;
    }
    while ((out.size() + 1) * settings.unit_bytes < place.size) out.push_back(state);
    return out;
  }

  // The one content of a compressed stream.
  void compressed(const Place& place, ContainerKind kind, PeekStream& peek) {
    const std::unique_ptr<ByteStream> inner = open_compressed(kind, peek, gauge);
    Place inside = place;
    inside.parent = place.chain;
    const std::string member = inner_name(last_step(place.chain));
    inside.chain = place.chain + "!" + member;
    const std::size_t cut = place.tree_path.find_last_of('/');
    inside.tree_path = (cut == std::string::npos ? std::string() : place.tree_path.substr(0, cut + 1)) + member;
    inside.depth = place.depth + 1;
    inside.in_file = false;
    inside.source = nullptr;
    item(inside, *inner);
    stream_problem(*inner, place.chain, 0);
  }

  // An archive of the kinds that are sent and fetched as files (zip, 7z, rar ...): its members, and it itself as a
  // file, because its own name and hash can be known.
  void sent_archive(const Place& place, std::uint32_t index, ContainerKind kind, HashingStream& stream,
                    PeekStream& peek) {
    if (place.source != nullptr) {
      const std::unique_ptr<ByteStream> below = open_part(*place.source, 0, place.source->size());
      archive(place, *open_archive(kind, *below, place.source, gauge));
      as_blob(place, index, stream, peek, "container");
      return;
    }
    // Its directory is at its end, and what it stands in gives its bytes once, in order.
    std::string head;
    const std::unique_ptr<ByteSource> held = hold(peek, gauge, head);
    if (held == nullptr) {
      notice(NoticeKind::limit_other, place.chain, 0,
             fmt::format("an archive inside another container that is larger than the {} MiB that are held: unpack the "
                         "outer one and give the folder",
                         kContainerMemory >> 20));
      std::string rest(kReadBytes, '\0');
      while (peek.read(rest) > 0) {
      }
      as_blob(place, index, stream, *open_memory(head), "container");
      return;
    }
    stream_problem(peek, place.chain, held->size());
    Place here = place;
    here.source = held.get();
    const std::unique_ptr<ByteStream> below = open_part(*held, 0, held->size());
    archive(here, *open_archive(kind, *below, held.get(), gauge));
    as_blob(place, index, stream, *open_part(*held, 0, held->size()), "container");
  }

  void archive(const Place& place, ArchiveReader& reader, bool as_units = false) {
    ArchiveMember member;
    MemberNames names;
    while (reader.next(member)) {
      if (gauge.members > limits::kContainerMembers) {
        notice(NoticeKind::limit_members, place.chain, 0, "more members than are read");
        break;
      }
      Place inside;
      inside.chain =
          place.chain + "!" + (member.kind == ArchiveMember::Kind::file ? names.next(member.path) : member.path);
      inside.parent = place.chain;
      std::string path = member.path;
      std::replace(path.begin(), path.end(), '\\', '/');
      while (path.starts_with("./")) path.erase(0, 2);
      inside.tree_path = path.starts_with('/') ? path : "/" + path;
      inside.mode = member.mode;
      inside.modified = member.modified;
      inside.file_time = place.file_time;
      inside.depth = place.depth + 1;
      inside.size = member.size;
      inside.base = place.base + member.offset;
      // Members of a plain tar become units of their own; those of other archives have check sums that one unit
      // verifies.
      inside.in_file = as_units;
      if (member.kind == ArchiveMember::Kind::directory) continue;
      if (member.kind != ArchiveMember::Kind::file) {
        notice(NoticeKind::special_file, place.chain, 0,
               "links and special files of an archive are listed, not followed");
        continue;
      }
      if (inside.in_file &&
          (inside.base > place.base + place.size || inside.size > place.base + place.size - inside.base)) {
        // The archive is cut inside this member: what is there of it is read.
        notice(NoticeKind::truncated, inside.chain, 0, "the archive ends inside this member");
        if (inside.base >= place.base + place.size) continue;
        inside.size = place.base + place.size - inside.base;
      }
      if (inside.in_file) {  // a member that stands as it is becomes a unit of its own
        UnitSpec u;
        u.kind = UnitSpec::Kind::scan;
        u.file = unit->file;
        u.chain = inside.chain;
        u.parent = inside.parent;
        u.tree_path = inside.tree_path;
        u.base = inside.base;
        u.size = inside.size;
        u.end = inside.size;
        u.mode = inside.mode;
        u.modified = inside.modified;
        u.depth = inside.depth;
        result.discovered.push_back(std::move(u));
        continue;
      }
      std::unique_ptr<ByteSource> part;
      if (member.in_place && place.source != nullptr) {
        part = source_of_part(*place.source, member.offset, member.size);
        inside.source = part.get();
      }
      if (const auto problem = unreadable(reader.content())) {
        named_only(inside, *problem);
      } else {
        item(inside, reader.content());
      }
    }
    for (const StreamProblem& problem : reader.problems())
      notice(problem.kind, place.chain, 0, problem.detail, problem.count);
  }

  // Why a member gives no bytes at all: a password, or a method without a reader.
  [[nodiscard]] static std::optional<StreamProblem> unreadable(const ByteStream& content) {
    auto problem = content.problem();
    if (problem && (problem->kind == NoticeKind::encrypted || problem->kind == NoticeKind::recognised_not_read))
      return problem;
    return std::nullopt;
  }

  // A member of which only name, size and time are known.
  void named_only(const Place& place, const StreamProblem& why) {
    const std::uint32_t index =
        add_item(place.chain, place.parent, "blob", why.kind == NoticeKind::encrypted ? "encrypted" : "not read");
    notice(why.kind, place.chain, 0, why.detail);
    FileFacts facts;
    facts.path = place.tree_path;
    facts.size = place.size;
    facts.mode = place.mode;
    facts.modified = place.modified;
    const std::unique_ptr<RecordReader> reader = file_record(facts, schemas);
    ItemState item;
    item.chain = place.chain;
    item.index = index;
    item.place_host = host_of_place(place.chain, profile);
    record(*reader, item, {}, 0, reader->shape());
    result.items[index].records = 0;  // a file is no log record
    close_item(item);
  }

  void scan() {
    Place place;
    place.chain = unit->chain;
    place.parent = unit->parent;
    place.tree_path = unit->tree_path;
    place.mode = unit->mode;
    // A loose file's time is when it was copied here; only an archive keeps the time it had.
    if (unit->depth > 0) place.modified = unit->modified;
    place.file_time = unit->modified;
    place.depth = unit->depth;
    place.base = unit->base;
    place.size = unit->size;
    const std::unique_ptr<ByteStream> stream = open_range(fd, unit->base, unit->base + unit->size);
    const std::unique_ptr<ByteSource> source = source_of_range(fd, unit->base, unit->base + unit->size);
    place.source = source.get();
    item(place, *stream);
  }

  void range() {
    const Format* format = find_format(unit->format);
    if (format == nullptr) {
      notice(NoticeKind::limit_other, unit->chain, unit->begin, "a unit names an unknown format");
      return;
    }
    ItemState state;
    state.chain = unit->chain;
    state.index = add_item(unit->chain, unit->parent, "records", unit->shape.empty() ? unit->format : unit->shape);
    state.place_host = host_of_place(unit->chain, profile);
    state.clock.years = YearPlan::load(unit->years);
    RecordReader& reader = open(*format, unit->prologue, unit->shape);
    // The first record of a range starts after the first line end at or before its first byte, or with its block.
    std::uint64_t start = unit->begin;
    if (format->split() == Split::blocks) {
      reader.start_at(start);
    } else if (start > 0) {
      const std::unique_ptr<ByteStream> before = open_range(fd, unit->base + start - 1, unit->base + unit->size);
      std::string buffer(kReadBytes, '\0');
      std::uint64_t at = start - 1;
      bool found = false;
      while (!found && at < unit->end) {
        const std::size_t n = before->read(buffer);
        if (n == 0) break;
        const std::size_t line_end = std::string_view(buffer.data(), n).find('\n');
        found = line_end != std::string_view::npos;
        at += found ? line_end + 1 : n;
      }
      if (!found || at >= unit->end) return;
      start = at;
    }
    const std::unique_ptr<ByteStream> stream = open_range(fd, unit->base + start, unit->base + unit->size);
    records(reader, *format, *stream, state, start, unit->end);
    stream_problem(*stream, unit->chain, start);
    close_item(state);
  }

  void hash() {
    const std::uint32_t index = add_item(unit->chain, unit->parent, "records", "");
    const std::unique_ptr<ByteStream> below = open_range(fd, unit->base, unit->base + unit->size);
    HashingStream stream(*below, {HashKind::sha256});
    stream.drain();
    result.items[index].sha256 = stream.finish(HashKind::sha256);
    result.items[index].bytes = stream.bytes();
  }

  void close_unit() {
    for (const auto& [where, counts] : presence) {
      const auto& [shape, route] = where;
      const RoutePlan& plan = plans.at(shape).routes[route];
      for (Slot slot = 0; slot < counts.second.size(); ++slot) {
        result.tables[kPresenceTable].add(
            {schemas.at(shape).shape, schemas.at(shape).routes[route].name, plan.projection.paths()[slot]},
            std::vector<std::int64_t>{static_cast<std::int64_t>(counts.second[slot]),
                                      static_cast<std::int64_t>(counts.first)});
      }
    }
    (*progress)(told_bytes, told_records);
  }
};

Worker::Worker(const Engine& engine, const SchemaSet& schemas, const Plans& plans, const Profile& profile,
               HuntSettings settings)
    : state_(new State{engine,
                       schemas,
                       plans,
                       profile,
                       std::move(settings),
                       Matcher::make(engine),
                       {},
                       nullptr,
                       {},
                       nullptr,
                       0,
                       0,
                       {},
                       -1,
                       nullptr,
                       {},
                       {},
                       {}}) {
  if (state_->settings.unit_bytes == 0) state_->settings.unit_bytes = limits::kUnitBytes;
  state_->blob_hashes = {HashKind::sha256};
  if (state_->settings.hash_md5_sha1) state_->blob_hashes = {HashKind::sha256, HashKind::sha1, HashKind::md5};
}

Worker::~Worker() = default;

UnitResult Worker::run(const UnitSpec& unit, int fd, std::vector<KeyedMatch>& matches,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  State& s = *state_;
  s.result = {};
  for (const TableSpec& spec : s.plans.tables()) s.result.tables.emplace_back(spec);
  matches.clear();
  s.keyed = &matches;
  s.scratch.clear();
  s.progress = &progress;
  s.told_bytes = s.told_records = 0;
  s.presence.clear();
  s.gauge = {};
  s.gauge.passwords = s.settings.passwords;
  s.fd = fd;
  s.unit = &unit;
  switch (unit.kind) {
    case UnitSpec::Kind::scan:
      s.scan();
      break;
    case UnitSpec::Kind::range:
      s.range();
      break;
    case UnitSpec::Kind::hash:
      s.hash();
      break;
  }
  s.close_unit();
  return std::move(s.result);
}

}  // namespace assay
