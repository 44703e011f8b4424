// Numbers in words for human outputs. Nothing here depends on a locale.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "assess/assessment.h"
#include "core/time.h"

namespace assay::report {

[[nodiscard]] std::string grouped(std::uint64_t number);  // "652,773"
// Decimal units, two digits. Bounds stay bounds: low is rounded down, high up.
[[nodiscard]] std::string bytes_low(std::uint64_t bytes);  // "320 MB"
[[nodiscard]] std::string bytes_high(std::uint64_t bytes);
[[nodiscard]] std::string bytes_range(std::uint64_t low, std::uint64_t high);  // "0.32 to 1.1 GB"
[[nodiscard]] std::string in_ten(double probability);  // "8 of 10", "fewer than 1 of 10", "more than 9 of 10"
[[nodiscard]] std::string share(double part);          // "about two thirds"
// "a", "a and b", "a, b and c", "a, b, c and 4 more"
[[nodiscard]] std::string join_and(std::span<const std::string> names, std::size_t most = 4);
[[nodiscard]] std::string count_of(std::uint64_t n, std::string_view one,
                                   std::string_view many);  // "1 host", "1,904 scans"
// "20 Mar-16 Jul 2020", one date when both are the same day; "" when neither is known.
[[nodiscard]] std::string date_span(Time first, Time last);
[[nodiscard]] std::string moment(Time time);                         // "16 Jul 18:20Z"
[[nodiscard]] std::string moment_year(Time time);                    // "16 Jul 2020 18:20Z"
[[nodiscard]] std::string range_text(const Term& term);              // "95-100"
[[nodiscard]] std::string signed_fixed(double value, int decimals);  // "+1.70"
[[nodiscard]] std::string short_hash(std::string_view hash);         // "7c1e0000..ddd09a04"

// The question as the page asks it.
[[nodiscard]] std::string_view question_label(std::string_view id);
[[nodiscard]] std::string_view question_sentence(std::string_view id);  // "Did somebody get in?"
// "exploited_application" -> "exploited application"
[[nodiscard]] std::string_view access_words(std::string_view way);
[[nodiscard]] std::string_view phase_words(int phase);

}  // namespace assay::report
