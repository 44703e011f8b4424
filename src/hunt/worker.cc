#include <algorithm>

#include "core/limits.h"
#include "hunt/worker_state.h"

namespace assay {

RecordReader& Worker::State::open(const Format& format, std::string_view prologue, const std::string& shape) {
  std::unique_ptr<RecordReader>& reader = readers[{format.name(), shape}];
  if (reader == nullptr || !reader->reopen(prologue)) reader = format.open(prologue, shape, schemas);
  if (settings.carve) reader->carve();
  return *reader;
}

void Worker::State::tell(std::uint64_t bytes, std::uint64_t records) {
  told_bytes += bytes;
  told_records += records;
  if (told_bytes >= kReadBytes || told_records >= 4096) {
    (*progress)(told_bytes, told_records);
    told_bytes = told_records = 0;
  }
}

std::uint32_t Worker::State::add_item(std::string_view chain, std::string_view parent, std::string_view kind,
                                      std::string_view shape) {
  ItemPart& part = result.items.emplace_back();
  part.chain = chain;
  part.parent = parent;
  part.member = last_step(chain, kChainSteps);
  part.kind = kind;
  part.shape = shape;
  return static_cast<std::uint32_t>(result.items.size() - 1);
}

void Worker::State::notice(NoticeKind kind, std::string_view chain, std::uint64_t offset, std::string detail,
                           std::uint64_t count) {
  result.notices.add({kind, std::string(chain), offset, count, std::move(detail)});
}

void Worker::State::stream_problem(const ByteStream& stream, std::string_view chain, std::uint64_t offset) {
  if (const auto problem = stream.problem()) notice(problem->kind, chain, offset, problem->detail);
}

void Worker::State::take_matches(const std::string& chain, std::span<const NamedValue> said) {
  for (Match& match : scratch) {
    for (const NamedValue& field : said)
      match.fields.insert(std::upper_bound(match.fields.begin(), match.fields.end(), field), field);
    KeyedMatch keyed_match;
    const DetectorKind kind = engine.catalogue().kind(match.detector);
    keyed_match.key = group_key(match, kind == DetectorKind::sigma);
    // Never one finding with what a log still counts.
    if (!said.empty() && said.front().first == kCarved) keyed_match.key.append("\x1f").append(kCarved);
    keyed_match.chain = chain;
    keyed_match.match = std::move(match);
    keyed->push_back(std::move(keyed_match));
  }
  scratch.clear();
}

void Worker::State::scan() {
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

void Worker::State::range() {
  const Format* format = find_format(unit->format);
  if (format == nullptr) {
    notice(NoticeKind::limit_other, unit->chain, unit->begin, "a unit names an unknown format");
    return;
  }
  ItemState state;
  state.chain = unit->chain;
  state.index = add_item(unit->chain, unit->parent, "records", unit->shape.empty() ? unit->format : unit->shape);
  state.place_host = host_of_place(unit->chain, profile);
  for (const auto& [path, against, ahead] : unit->clocks) state.clocks.push_back({path, against, ahead});
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

void Worker::State::hash() {
  const std::uint32_t index = add_item(unit->chain, unit->parent, "records", "");
  const std::unique_ptr<ByteStream> below = open_range(fd, unit->base, unit->base + unit->size);
  HashingStream stream(*below, {HashKind::sha256});
  stream.drain();
  result.items[index].sha256 = stream.finish(HashKind::sha256);
  result.items[index].bytes = stream.bytes();
}

void Worker::State::close_unit() {
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
