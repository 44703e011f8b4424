#include "hunt/path_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "evidence/route.h"

namespace assay {
namespace {

// The two clocks of a route that can be compared: the first of the event's own and the first of transport.
struct Pair {
  const RoutePlan::TimePath* event = nullptr;
  const RoutePlan::TimePath* transport = nullptr;
};
Pair pair_of(const RoutePlan& plan) {
  Pair out;
  for (const RoutePlan::TimePath& path : plan.times) {
    const RoutePlan::TimePath*& to = path.event ? out.event : out.transport;
    if (to == nullptr) to = &path;
  }
  if (out.event == nullptr || out.transport == nullptr || out.event->path == out.transport->path) return {};
  return out;
}

using Votes = std::map<std::pair<std::string, std::string>, std::map<std::int64_t, std::int64_t>>;  // (path, against)

// Looks at the records of one window; false when the shapes in it have one clock at most.
class Window {
 public:
  explicit Window(const ClockProbe& probe) : probe_(probe) {}
  bool look(std::string_view bytes, bool at_start, Votes& votes) {
    if (!at_start) {
      const std::size_t line_end = bytes.find('\n');
      if (line_end == std::string_view::npos) return false;
      bytes.remove_prefix(line_end + 1);
    }
    const std::unique_ptr<RecordReader> reader = probe_.format->open(probe_.prologue, probe_.shape, *probe_.schemas);
    bool two = false;
    Notices unused;
    while (!bytes.empty()) {
      const Frame frame = reader->next(bytes, false);
      if (frame.kind == Frame::Kind::more || frame.kind == Frame::Kind::done) break;
      const std::string_view raw = bytes.substr(frame.begin, frame.end - frame.begin);
      bytes.remove_prefix(std::clamp<std::size_t>(frame.next, 1, bytes.size()));
      if (frame.kind != Frame::Kind::record || !reader->begin(raw, unused)) continue;
      const ShapeId shape = reader->shape();
      const auto& routes = probe_.plans->at(shape).routes;
      two = two || std::any_of(routes.begin(), routes.end(),
                               [](const RoutePlan& route) { return pair_of(route).event != nullptr; });
      std::unique_ptr<RouteChooser>& chooser = choosers_[shape];
      if (chooser == nullptr) chooser = std::make_unique<RouteChooser>(probe_.schemas->at(shape));
      vote(routes[chooser->choose(*reader, fields_)], *reader, votes);
    }
    return two;
  }

 private:
  void vote(const RoutePlan& plan, RecordReader& reader, Votes& votes) {
    const Pair pair = pair_of(plan);
    if (pair.event == nullptr) return;
    fields_.reset(plan.projection.size());
    reader.read(plan.projection, fields_);
    const auto read = [&](const RoutePlan::TimePath& path) -> std::optional<Time> {
      const Value value = fields_.first(path.slot);
      return value.present() ? probe_.time_of(path.kind, value.text) : std::nullopt;
    };
    const auto event = read(*pair.event), transport = read(*pair.transport);
    if (!event || !transport) return;
    const std::int64_t apart = transport->ns - event->ns;
    const std::int64_t half = apart < 0 ? -kClockStep / 2 : kClockStep / 2;
    const std::int64_t steps = (apart + half) / kClockStep;
    const bool whole_steps = std::abs(apart - steps * kClockStep) <= kClockSlack;
    ++votes[{pair.transport->path, pair.event->path}][whole_steps ? steps : INT64_MAX];
  }

  const ClockProbe& probe_;
  std::map<ShapeId, std::unique_ptr<RouteChooser>> choosers_;
  FieldTable fields_;
};

}  // namespace

bool has_two_clocks(const ClockProbe& probe, std::string_view head) {
  // A schema is asked before any record is read: most formats have one clock.
  const auto& all = probe.schemas->all();
  if (std::none_of(all.begin(), all.end(), [&](const Schema& schema) {
        return probe.format->name().starts_with(schema.format) &&
               std::any_of(schema.times.begin(), schema.times.end(),
                           [](const TimeRule& rule) { return rule.source == "transport"; });
      }))
    return false;
  Votes unused;
  return Window(probe).look(head, true, unused);
}

std::vector<PathClock> learn_clocks(const ClockProbe& probe, std::uint64_t size, const BytesAt& bytes_at) {
  Votes votes;
  Window window(probe);
  if (probe.format->split() == Split::none) {
    window.look(bytes_at(0, std::min<std::uint64_t>(size, kClockWindows * kClockWindow)), true, votes);
  } else {
    const std::uint64_t step = std::max<std::uint64_t>(size / kClockWindows, kClockWindow);
    for (std::uint64_t at = 0; at < size; at += step) window.look(bytes_at(at, kClockWindow), at == 0, votes);
  }
  std::vector<PathClock> out;
  for (const auto& [paths, by_steps] : votes) {
    std::int64_t all = 0;
    auto best = by_steps.begin();
    for (auto vote = by_steps.begin(); vote != by_steps.end(); ++vote) {
      all += vote->second;
      if (vote->second > best->second) best = vote;
    }
    if (best->first == 0 || best->first == INT64_MAX || all < kClockPairs || best->second * 10 < all * 9) continue;
    const bool known = std::any_of(out.begin(), out.end(), [&](const PathClock& c) { return c.path == paths.first; });
    if (!known) out.push_back({paths.first, paths.second, best->first * kClockStep});
  }
  return out;
}

std::string offset_words(std::int64_t ns) {
  const std::int64_t seconds = (std::abs(ns) + kSecond / 2) / kSecond;
  std::string out = ns < 0 ? "-" : "+";
  if (seconds >= 86400) out += fmt::format("{} d ", seconds / 86400);
  if (seconds >= 3600) out += fmt::format("{} h ", seconds % 86400 / 3600);
  out += fmt::format("{:02} m", seconds % 3600 / 60);
  if (seconds % 60 != 0) out += fmt::format(" {:02} s", seconds % 60);
  return out;
}

}  // namespace assay
