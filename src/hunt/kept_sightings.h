// The sightings of a run while they are merged: bounded for each detector and for all together. What is given up
// depends on the order of detectors and keys alone, so it is the same for any number of workers and any order of files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "core/limits.h"
#include "core/notice.h"
#include "core/sighting.h"
#include "rules/catalogue.h"

namespace assay {

// Over all detectors. Beyond it each detector keeps the same number, its first ones; the others are counted
// (limit_matches). A sighting is about 1 kB.
inline constexpr std::size_t kSightingsKept = 150'000;

class KeptSightings {
 public:
  explicit KeptSightings(std::size_t for_all = kSightingsKept, std::size_t for_one = limits::kMatchesPerDetector)
      : room_(for_all), most_(for_one) {}

  // Sightings come by detector, then by key. False: this one was beyond the bound and is counted.
  bool add(DetectorIndex detector, Sighting sighting);
  // All of them, by detector, then by key. Nothing is left here.
  [[nodiscard]] std::vector<Sighting> take();
  // One notice for each detector that lost some: how many matches.
  void report(const DetectorCatalogue& catalogue, Notices& notices) const;

 private:
  void shorten();
  std::size_t room_, most_, total_ = 0;
  std::map<DetectorIndex, std::vector<Sighting>> lists_;
  std::map<DetectorIndex, std::uint64_t> dropped_;
};

}  // namespace assay
