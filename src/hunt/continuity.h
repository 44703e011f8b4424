// What the finish of a run says of each source by itself: holes by its own rhythm, logs that were emptied, numbers that
// are missing, clocks that jump or were not set, and hosts and gateways of the profile that left nothing.
#pragma once

#include <set>
#include <string>

#include "core/notice.h"
#include "core/table.h"
#include "knowledge/profile.h"

namespace assay {

// Kept of each kind of notice and source; further ones are counted in limit_other.
inline constexpr std::size_t kContinuityNotices = 50;

// The folder an item came from: "evidence/zeek" of "evidence/zeek/2020-04.tar!conn.log".
[[nodiscard]] std::string folder_of(std::string_view chain);

// Holes, of a folder's records of all kinds, of one kind in it, and of one host's own (rhythm.h has the rule). A hole
// of a larger source is not told again for its parts. `coverage`: core/coverage.h, copies left out.
void find_gaps(const Table& coverage, Notices& notices);

// Events that say a log was emptied.
void find_clears(const Table& clears, Notices& notices);

// Numbers missing between the lowest and the highest record of one log, which starts anew when it was emptied. When
// less than half of the numbers are there the log is a selection of events, and no hole is told.
void find_record_holes(const Table& ids, const Table& clears, Notices& notices);

// Time that goes back for good: a block of records that ends before the one before it by more than kReorder, in an item
// that otherwise runs forward. And records of the first days of 1970 or 2000 beside later ones: a clock not yet set.
inline constexpr std::int64_t kReorder = 5 * 60;  // seconds
void find_jumps(const Table& order, const Table& coverage, Notices& notices);

// Hosts of the profile that no record speaks about: gateways by name, with what the other half of a pair has; the rest
// in one notice. `seen`: hosts and addresses with a record, lower case.
void find_silent(const Profile& profile, const std::set<std::string>& seen, Notices& notices);

}  // namespace assay
