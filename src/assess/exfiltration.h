// What was taken, in three steps: reached, staged, left. Left is two bounds: `low` is payload to destinations tied to
// the intrusion and files served to the intruder; `high` adds what cannot be told apart (contradictory counters, small
// answers, and bytes above the own baseline of hosts under control). The same bytes seen by several sensors count once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "assess/assessment.h"
#include "assess/use.h"
#include "assess/visibility.h"

namespace assay {

// How the line about sessions of a stolen account begins (Exfiltration::Line::what).
inline constexpr std::string_view kStolenSessionBytes = "served to sessions of a stolen account";

// Bytes per sensor that must not be added: where several kinds of source see one destination, the largest counts.
[[nodiscard]] Exfiltration bound_exfiltration(const CaseData& data, const Uses& uses, const Visibility& visibility,
                                              const Weights& weights);

// "456.2 MB", "48.3 kB", "733 B": for sentences; the exact number stands in the arithmetic.
[[nodiscard]] std::string amount_text(std::uint64_t bytes);

// Hosts of the scope on which something beyond a generic rule happened, with the time of the first such sighting.
[[nodiscard]] std::map<std::string, Time> hosts_under_control(const Uses& uses);

}  // namespace assay
