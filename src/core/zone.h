// Local time to UTC by a rule that is written down: a fixed offset, a POSIX TZ rule (POSIX.1-2017, 8.3: "TZ"), or a
// name of the tz database whose rule has not changed since 2015. Nothing of the machine is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace assay {

class Zone {
 public:
  // "Europe/London", "+02:00", "UTC", "CET-1CEST,M3.5.0,M10.5.0/3". No value: none of these.
  [[nodiscard]] static std::optional<Zone> parse(std::string_view text);

  struct Reading {
    Time time;
    std::int64_t again = 0;  // twice: by how much later the second is
    bool twice = false;      // an hour that stands twice (clocks set back): the first of the two is taken
    bool never = false;      // an hour that was skipped (clocks set forward): read as if it had not been
  };
  // `local`: the civil time taken as if it were UTC.
  [[nodiscard]] Reading to_utc(Time local) const;

 private:
  // The nth weekday of a month at a second of the day, local time before the change.
  struct Change {
    int month = 0, week = 0, weekday = 0;
    std::int64_t second = 7200;
  };
  [[nodiscard]] static std::optional<Zone> parse_rule(std::string_view text);
  [[nodiscard]] static Time at(const Change& change, int year);  // local time before the change

  std::int64_t standard_ = 0, summer_ = 0;  // seconds east of UTC
  bool has_summer_ = false;
  Change begin_, end_;  // of summer time
};

// The POSIX rule of a name of the tz database; "" when it is not in the table.
[[nodiscard]] std::string_view zone_rule(std::string_view name);

}  // namespace assay
