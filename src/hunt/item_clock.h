// How the times of one item are read when they leave something out (evidence/clock.h): years by the item's plan, zones
// by the profile; what had to be assumed is counted and told once for each item.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/notice.h"
#include "core/zone.h"
#include "evidence/clock.h"
#include "hunt/plans.h"
#include "knowledge/profile.h"

namespace assay {

// The zones of a profile, parsed once for each worker.
class ProfileZones {
 public:
  explicit ProfileZones(const Profile& profile);
  // By host, then by the item's path chain, in the profile's order; then the profile's own zone. Null: none.
  [[nodiscard]] const Zone* find(std::string_view host, std::string_view chain) const;

 private:
  const Profile* profile_;
  std::vector<std::optional<Zone>> zones_;  // of the profile's entries
  std::optional<Zone> own_;
};

class ItemClock {
 public:
  YearPlan years;

  // No value: it cannot be read, or (undecided()) nothing says its year. `near`: the better clock of the same record,
  // which says the year of a stamp that has none.
  [[nodiscard]] std::optional<Time> read(const RoutePlan::TimePath& path, std::string_view text, std::uint64_t offset,
                                         std::string_view host, std::string_view chain, const ProfileZones& zones,
                                         Time near = {});
  // A good stamp at this place whose year nothing decides.
  [[nodiscard]] bool undecided(const RoutePlan::TimePath& path, std::string_view text, std::uint64_t offset) const;
  void tell(std::string_view chain, Notices& notices) const;

 private:
  struct Assumed {
    std::uint64_t count = 0, offset = 0;
    void add(std::uint64_t at) {
      if (count++ == 0) offset = at;
    }
  };
  // Where and when a civil time was read.
  struct Place {
    std::uint64_t offset;
    std::string_view host, chain;
    const ProfileZones* zones;
  };
  [[nodiscard]] Time local(Time civil, const Place& place);
  [[nodiscard]] std::optional<Time> iso(std::string_view text, bool is_local, const Place& place);

  // The hour that stands twice: in the order of the log, where its time goes back the second pass begins.
  struct Hour {
    std::int64_t latest = 0;  // civil time of this pass
    std::int64_t broken = 0;  // where it went back once more
    bool second = false;
  };

  Assumed year_, zone_, twice_, again_, broken_, never_;
  Hour hour_;
  std::string zone_host_;  // whose zone `zone_of_host_` is
  const Zone* zone_of_host_ = nullptr;
  bool zone_known_ = false;
};

}  // namespace assay
