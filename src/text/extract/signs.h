// The signs by which the role of a value in a report is told: how it is written, where it stands, what is said around
// it, what it is by nature, and in whose company it is. Each sign has a name; content/reports/weights.txt weighs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/extract/document.h"
#include "text/extract/extract.h"
#include "text/extract/find.h"
#include "text/extract/prepare.h"

namespace assay {

// Kinds of values that are weighed alike.
enum class ValueGroup : std::uint8_t { address, domain, url, mail, hash, file, path, other };
inline constexpr std::size_t kValueGroups = 8;
[[nodiscard]] ValueGroup group_of(Observable kind);
[[nodiscard]] std::string_view name_of(ValueGroup group);

using SignId = std::uint16_t;
// All signs that there are, by id.
[[nodiscard]] const std::vector<std::string>& sign_names();

struct ValueSigns {
  Observable kind = Observable::domain;
  std::string value;
  std::vector<std::size_t> places;                  // in `found`, at most kPlaces of them
  std::size_t times = 0;                            // how often it stands there
  std::vector<SignId> signs;                        // ascending
  std::vector<std::uint32_t> rows, blocks, titles;  // where it stands, ascending
  std::string site;                                 // registrable domain, or the address of its host; empty
  bool defanged = false;
};
inline constexpr std::size_t kPlaces = 64;
// The heading of the links that the reader of a page does not see; whoever makes text of a page writes it.
inline constexpr std::string_view kPageLinks = "References (links of the page)";

// What holds for the whole text.
struct ReportHabits {
  bool defangs = false;   // it writes hosts defanged
  bool values = false;    // it lists hashes, defanged hosts or indicators at all
  std::string publisher;  // registrable domain, "" when unknown
};
[[nodiscard]] ReportHabits habits_of(const Prepared& text, const std::vector<ReportLine>& lines,
                                     const std::vector<Found>& found);

// Whether any sign says that the value may be somebody else's than the attacker's.
[[nodiscard]] bool spoken_for(const ValueSigns& value);
// One for each kind and value, in order of their first place.
[[nodiscard]] std::vector<ValueSigns> signs_of(const Prepared& text, const std::vector<ReportLine>& lines,
                                               const std::vector<Found>& found, const ReportHabits& habits);

}  // namespace assay
