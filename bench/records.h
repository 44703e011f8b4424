// Drives a reader over bytes in memory the way a worker does, without the rest of a worker: frames, records, routes.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "evidence/binding.h"
#include "evidence/format.h"
#include "evidence/route.h"
#include "evidence/schema.h"
#include "match/engine.h"

namespace assay::bench {

struct RecordCount {
  std::uint64_t records = 0, damaged = 0;
};

// Calls `visit` for each record that its format could begin, and before it `window` for the bytes in which the next
// ones stand.
RecordCount each_record(
    const Format& format, RecordReader& reader, std::string_view bytes,
    const std::function<void(RecordReader&, std::string_view raw, std::uint64_t offset)>& visit,
    const std::function<void(std::string_view)>& window = [](std::string_view) {});

// The first bytes of a text, cut after a line end.
[[nodiscard]] std::string_view cut_at_line(std::string_view text, std::size_t bytes);

// Matches records against an engine: the route of each record, its projection, the matcher. One (shape, route) plan
// each, made when first met.
class RecordMatcher {
 public:
  RecordMatcher(Engine& engine, const SchemaSet& schemas);
  // Every plan there can be, as before the workers start; else each is made when first met.
  void bind_all();
  void expect(std::string_view text) { matcher_->expect(text); }
  // Reads the fields of every record, also of those that surely match nothing.
  void read_all() { read_all_ = true; }
  void match(RecordReader& reader, std::string_view raw, std::uint64_t offset);
  [[nodiscard]] std::uint64_t matches() const { return matches_; }
  // Of every match with its record's place, detector and carried fields.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

 private:
  struct ShapePlan {
    std::unique_ptr<RouteChooser> chooser;
    std::vector<Projection> routes;
  };
  ShapePlan& plan(ShapeId shape);
  Engine& engine_;
  const SchemaSet& schemas_;
  std::unique_ptr<Matcher> matcher_;
  std::vector<ShapePlan> plans_;
  FieldTable fields_;
  std::vector<Match> scratch_;
  Notices notices_;
  std::uint64_t matches_ = 0, digest_ = 0;
  bool read_all_ = false;
};

}  // namespace assay::bench
