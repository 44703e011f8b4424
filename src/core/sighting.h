// What a detector meets: Match (one record, inside a run) and Sighting (what the case keeps: one or many matches, with
// their records, role, outcome and reason).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record.h"
#include "core/time.h"

namespace assay {

// What the matched value was in its record. Text that merely quotes an advisory supports nothing.
enum class Role : std::uint8_t {
  none,        // not an indicator: a rule's match
  contacted,   // somebody inside went to it
  contacting,  // it came to somebody inside
  question,    // asked of a resolver
  answer,      // answered by a resolver
  mail_hop,    // a hop, sender or recipient of a message
  link,        // a link in a message or page
  file,        // a file's hash or name
  text_only,   // stands in free text
};
enum class Outcome : std::uint8_t { unknown, allowed, blocked, quarantined };

[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::optional<Role> role_from(std::string_view name);
[[nodiscard]] std::optional<Outcome> outcome_from(std::string_view name);

enum class DetectorKind : std::uint8_t { indicator, sigma, check, yara, stix_pattern, analytic };
[[nodiscard]] std::string_view name_of(DetectorKind kind);
[[nodiscard]] std::optional<DetectorKind> detector_kind_from(std::string_view name);

using DetectorIndex =
    std::uint32_t;  // place in the run's catalogue (rules/catalogue.h), the same for every process of a run

using NamedValue = std::pair<std::string, std::string>;

// One detector met one record. Inside a unit `ref.item` counts the unit's items.
struct Match {
  DetectorIndex detector = 0;
  std::uint32_t part = 0;  // for a windowed detector: which of its base patterns; else 0
  bool base = false;       // a base match: feeds a window, is no sighting of its own
  bool mention = false;    // stands in text that quotes an advisory, a rule or a list
  Role role = Role::none;
  Outcome outcome = Outcome::unknown;
  Time time;
  RecordRef ref;
  std::uint64_t content = 0;  // hash64 of the record's bytes: the same bytes twice are one sighting in two places
  std::string host, account;  // as the record names them; empty when it does not
  std::vector<NamedValue>
      fields;  // carried: matched value and context, cut at limits::kCarriedFieldBytes; sorted by name
  std::vector<std::string> group;      // base match: the values of the window's group-by fields, in its order
  std::vector<std::uint32_t> filters;  // Sigma filters (indices in the rule set) that would suppress it
};

// What the case keeps. Equal detector, host, account, role, outcome and carried fields are one sighting with a count.
struct Sighting {
  std::string id;  // "sgt--" + 32 hex: hash of detector, evidence content, offset, length of its first record
  std::uint32_t finding = 0;  // the number in "F07"; 0 while not given
  std::string detector_id;    // the rule's own id (Sigma UUID, STIX id, YARA name, analytic name)
  Time time, until;           // first and last
  std::uint64_t count = 0;    // matches, copies in other items not counted
  struct Reference {
    std::string evidence;  // "E0003"
    std::uint64_t offset = 0, length = 0;
    friend auto operator<=>(const Reference&, const Reference&) = default;
  };
  std::vector<Reference> records;  // the smallest limits::kRecordsPerSighting by (time, evidence, offset)
  std::vector<Reference> copies;   // the same bytes in other items, as many at most
  std::string host, account;
  Role role = Role::none;
  Outcome outcome = Outcome::unknown;
  std::vector<NamedValue> fields;
  std::string why;  // one sentence: which predicate met which value
  bool mention = false;
};

}  // namespace assay
