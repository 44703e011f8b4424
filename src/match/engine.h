// The engine: detectors compiled to flat, immutable plans that all workers share, and a Matcher with one worker's
// scratch. Plans are per (shape, route); they name the paths they need, the reader fills just those. Fast paths only
// over-approximate; the reference evaluator (match/reference.h) decides.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/blob.h"
#include "core/notice.h"
#include "core/record.h"
#include "core/result.h"
#include "core/sighting.h"
#include "evidence/format.h"
#include "evidence/schema.h"
#include "knowledge/profile.h"
#include "rules/catalogue.h"
#include "rules/rule_set.h"

namespace assay {

// How matching is sped up. None of it changes an answer: a test holds every combination against the reference.
struct EngineOptions {
  bool fast = true;            // false: the reference evaluator alone (the judge)
  bool value_cache = true;     // what holds for a value of a field is kept: values repeat
  bool literal_index = true;   // literals are found by an index; false: each is searched on its own
  bool regex_literals = true;  // a regular expression is tried where a literal it needs stands; false: on every value
  bool keyword_filter = true;  // keywords are looked for in a record's bytes first; false: in every value
  bool witnesses = true;       // a rule is looked at when a predicate it needs holds; false: on every record
  bool line_filter = true;     // indicators are looked for in a line's words first; false: in every value
  bool on_demand = true;       // what no rule waits for is looked at when a rule asks; false: in every value
};
// The names of the switches: "plain", "no-value-cache", "no-literal-index", "no-regex-literals",
// "no-keyword-filter", "no-witnesses", "no-on-demand", "no-line-filter", joined by commas; "" is everything on. Error
// bad_input names what is unknown.
[[nodiscard]] Result<EngineOptions> parse_engine_options(std::string_view text);

// One record as the engine sees it.
struct RecordContext {
  RecordRef ref;
  ShapeId shape = 0;
  RouteId route = 0;
  Time time;
  std::uint64_t content = 0;
  std::string_view raw;
  std::string_view host, account;      // resolved by the driver
  Outcome outcome = Outcome::unknown;  // resolved by the driver from the schema
  FieldTable* fields = nullptr;        // filled for projection(shape, route)
  RecordReader* reader = nullptr;      // for all fields
};

struct Compiled;

class Engine {
 public:
  // Never fails as a whole: what cannot be compiled is in not_loaded().
  [[nodiscard]] static std::unique_ptr<Engine> compile(const RuleSet& rules, const SchemaSet& schemas,
                                                       const Profile& profile, EngineOptions options);
  virtual ~Engine() = default;

  [[nodiscard]] virtual const DetectorCatalogue& catalogue() const = 0;
  [[nodiscard]] virtual const std::vector<NotLoaded>& not_loaded() const = 0;
  // Names that the plan of (shape, route) reads, to be bound into its projection by the driver.
  virtual void bind(ShapeId shape, RouteId route, Projection& projection) = 0;
  // Rules whose logsource no route of any schema has.
  [[nodiscard]] virtual std::vector<NotLoaded> not_evaluable() const = 0;
  // Per rule: the names it needs on (shape, route), for "blind here".
  struct Need {
    DetectorIndex detector;
    std::vector<std::string> names;
  };
  [[nodiscard]] virtual std::vector<Need> needs(ShapeId shape, RouteId route) const = 0;
  // For its matchers (match/compiled.h).
  [[nodiscard]] virtual const Compiled& compiled() const = 0;
};

// One worker's scratch over an Engine. Not shared between threads.
class Matcher {
 public:
  [[nodiscard]] static std::unique_ptr<Matcher> make(const Engine& engine);
  virtual ~Matcher() = default;
  // The records to come stand in this text, which stays where it is and as it is until this is called again; an empty
  // one: nothing is said of them. Changes no match; many lines are sooner looked at together.
  virtual void expect(std::string_view text) = 0;
  // True: match() would find nothing in the record that `reader` has begun, whatever its fields, so they need not be
  // read for it.
  [[nodiscard]] virtual bool surely_none(const RecordReader& reader, ShapeId shape, RouteId route,
                                         std::string_view raw) = 0;
  // Appends matches of one record (sightings' and base matches).
  virtual void match(const RecordContext& record, std::vector<Match>& out, Notices& notices) = 0;
  // YARA, hash and name indicators, and a scan of text for indicators. `mentions` is set when the blob quotes
  // advisories or rules.
  virtual void match(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) = 0;
};

}  // namespace assay
