#include "records.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"

namespace assay::bench {

RecordCount each_record(const Format&, RecordReader& reader, std::string_view bytes,
                        const std::function<void(RecordReader&, std::string_view, std::uint64_t)>& visit,
                        const std::function<void(std::string_view)>& on_window) {
  // Windows of 1 MiB, as a worker has them; a reader that wants more gets more.
  constexpr std::size_t kWindow = std::size_t{1} << 20;
  RecordCount count;
  Notices notices;
  std::size_t used = 0, size = kWindow;
  while (used < bytes.size()) {
    const std::string_view window = bytes.substr(used, size);
    const bool at_end = used + window.size() == bytes.size();
    on_window(window);
    std::size_t inside = 0;
    bool more = false;
    // Frames of one window without cutting it anew each time.
    while (inside < window.size()) {
      const Frame frame = reader.next(window.substr(inside), at_end);
      if (frame.kind == Frame::Kind::more || frame.kind == Frame::Kind::done) {
        more = true;
        break;
      }
      if (frame.kind == Frame::Kind::record) {
        const std::string_view raw = window.substr(inside + frame.begin, frame.end - frame.begin);
        if (reader.begin(raw, notices)) {
          ++count.records;
          visit(reader, raw, used + inside + frame.begin);
        } else {
          ++count.damaged;
        }
        notices.clear();
      }
      inside += std::max<std::size_t>(frame.next, 1);
    }
    if (more && inside == 0) {
      if (at_end) break;
      size *= 2;
      continue;
    }
    used += inside;
    size = kWindow;
  }
  return count;
}

std::string_view cut_at_line(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  const std::size_t end = text.rfind('\n', bytes);
  return end == std::string_view::npos ? text.substr(0, bytes) : text.substr(0, end + 1);
}

RecordMatcher::RecordMatcher(Engine& engine, const SchemaSet& schemas)
    : engine_(engine), schemas_(schemas), matcher_(Matcher::make(engine)), plans_(schemas.all().size()) {}

RecordMatcher::ShapePlan& RecordMatcher::plan(ShapeId shape) {
  ShapePlan& plan = plans_[shape];
  if (plan.chooser != nullptr) return plan;
  const Schema& schema = schemas_.at(shape);
  plan.chooser = std::make_unique<RouteChooser>(schema);
  for (std::size_t r = 0; r < schema.routes.size(); ++r)
    engine_.bind(shape, static_cast<RouteId>(r), plan.routes.emplace_back());
  return plan;
}

void RecordMatcher::bind_all() {
  for (std::size_t shape = 0; shape < plans_.size(); ++shape) (void)plan(static_cast<ShapeId>(shape));
}

void RecordMatcher::match(RecordReader& reader, std::string_view raw, std::uint64_t offset) {
  const ShapeId shape = reader.shape();
  ShapePlan& plan = this->plan(shape);
  const RouteId route = plan.chooser->choose(reader, fields_);
  if (!read_all_ && matcher_->surely_none(reader, shape, route, raw)) return;
  fields_.reset(plan.routes[route].size());
  reader.read(plan.routes[route], fields_);
  RecordContext context;
  context.ref = {0, offset, raw.size()};
  context.shape = shape;
  context.route = route;
  context.raw = raw;
  context.fields = &fields_;
  context.reader = &reader;
  matcher_->match(context, scratch_, notices_);
  if (scratch_.empty()) return;
  // A worker needs the hash of every record, but not for matching.
  const std::uint64_t content = hash64(raw);
  for (Match& match : scratch_) {
    match.content = content;
    std::uint64_t one = hash64(fmt::format("{} {} {}", match.detector, offset, match.part), content);
    for (const auto& [name, value] : match.fields) one = hash64(value, hash64(name, one));
    digest_ = hash64(std::string_view(reinterpret_cast<const char*>(&one), sizeof one), digest_);
  }
  matches_ += scratch_.size();
  scratch_.clear();
  notices_.clear();
}

}  // namespace assay::bench
