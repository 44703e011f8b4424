// The rhythm of one host's contacts with one destination, from minutes with a contact and counts by hour.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace assay {

// What happened in one hour.
struct BeatHour {
  std::int64_t hour = 0;     // since 1970
  std::int64_t minutes = 0;  // bit m: something in minute m
  std::int64_t count = 0;
};

struct Beat {
  std::int64_t interval = 0;  // seconds, typical
  int jitter = 0;             // percent of the interval: half of the gaps differ from it by no more
  int regular = 0;            // percent of the gaps (fast ones: of the hours) that keep the rhythm
  std::int64_t beats = 0;     // contacts
};

// The rule, exactly. Too little for a rhythm: fewer than 24 minutes with a contact, in fewer than 12 hours, or within
// less than a day. The gaps between minutes with a contact are taken in order; their median is the interval. A gap
// keeps the rhythm when it differs from the interval, or from 2 to 6 times it (beats that were missed), by at most 3
// tenths of the interval or a minute, whichever is more; 8 of 10 must. With an interval below 3 minutes the minutes say
// nothing: then 9 of 10 of the hours from first to last must have contacts, and 85 of 100 of those differ from the
// median count by at most 15 %, with at least 12 contacts. `hours`: in order, each hour once.
[[nodiscard]] std::optional<Beat> beat_of(std::span<const BeatHour> hours);

}  // namespace assay
