// What the engine compiles and its matchers read: units, plans for each (shape, route), indicators, YARA. Immutable
// while a worker matches.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/hash.h"
#include "evidence/binding.h"
#include "match/engine.h"
#include "match/indicator_index.h"
#include "match/line_filter.h"
#include "match/reference.h"
#include "match/rule_core.h"
#include "rules/yara/yara_rules.h"
#include "text/tokens.h"

namespace assay {

inline constexpr DetectorIndex kNoDetector = UINT32_MAX;

// A unit is something that is tried on one record: a rule's expression, or a window's own base expression.
struct Unit {
  const ir::Expr* expr = nullptr;
  const ir::LogSource* source = nullptr;
  DetectorIndex detector = kNoDetector;  // whose match it is; kNoDetector for a window's own base
  bool sighting = true;                  // false: feeds windows only
  std::vector<std::uint32_t> filters;    // that speak about the rule
  struct Feed {
    DetectorIndex window = 0;
    std::uint32_t part = 0;
    const ir::Window* pattern = nullptr;
    const ir::Base* base = nullptr;
  };
  std::vector<Feed> feeds;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash64(text); }
};
// Names to their ways. Looked up, never walked; entries stay where they are.
using Bindings = std::unordered_map<std::string, Binding, TextHash, std::equal_to<>>;

// How one (shape, route) reaches the fields that the rules and indicators name.
struct Plan {
  bool bound = false;
  const RuleCore* core = nullptr;
  Bindings bindings;  // every name that is read
  // The ways to the values of the core's fields, in the order of the fields and of preference.
  struct Way {
    std::uint32_t field = 0;
    bool last = false;       // of its field
    bool any_value = false;  // every value of the record
    const BoundPath* path = nullptr;
    std::uint32_t cache = 0;  // ValueCache source: what is read how for which field of which core
  };
  std::vector<Way> ways;
  std::vector<std::uint32_t> first_way;  // by field
  bool keywords_in_bytes = false;
  bool keywords_in_words = false;    // RecordReader::words()
  bool keywords_of_numbers = false;  // a keyword may stand in a number
  bool raw_text = false;             // keywords also look at the raw line
  struct Place {
    const IndicatorPath* path = nullptr;
    const Binding* binding = nullptr;  // null: every string of the record
    // Without this field there is no value; none: the binding says more.
    std::optional<Slot> slot{};
    std::uint32_t cache = 0;  // ValueCache source: its own number of all places
    bool as_is = false;       // its values stand in the record's bytes
  };
  std::vector<Place> places;
  bool places_as_is = true;                                          // all of them
  std::vector<std::pair<std::string_view, const Binding*>> carried;  // with an indicator
  const Binding* src = nullptr;
  const Binding* dst = nullptr;
};

struct Compiled {
  std::vector<ir::Detector> rules;
  std::vector<ir::Filter> filters;
  Profile profile;
  EngineOptions options;
  DetectorCatalogue catalogue;
  RegexSet regexes;
  std::vector<Unit> units;
  std::vector<std::vector<Plan>> plans;  // by shape, by route
  IndicatorIndex index;
  LineFilter lines;        // of what the index holds
  TokenKinds token_kinds;  // of what is listed
  std::unique_ptr<YaraRules> yara;
};

// Whether the unit's logsource is the route's.
[[nodiscard]] bool covers(const Unit& unit, const Schema& schema, const Route& route);
// Names without which what stands at a node of the expression cannot hold.
[[nodiscard]] std::set<std::string> needed_names(const ir::Expr& expr, std::uint32_t at);
// Whether anything is listed that a value of the kind may be.
[[nodiscard]] bool may_meet(const IndicatorIndex& index, IndicatorPath::Kind kind);

}  // namespace assay
