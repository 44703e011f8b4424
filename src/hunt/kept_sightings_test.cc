#include "hunt/kept_sightings.h"

#include <gtest/gtest.h>

#include <string>

namespace assay {
namespace {

// How many of each detector, as "0:3 1:5", and what was counted as beyond the bound.
std::string kept(const std::vector<std::size_t>& sizes, std::size_t for_all, std::size_t for_one) {
  KeptSightings all(for_all, for_one);
  std::vector<DetectorInfo> catalogue(sizes.size());
  std::map<std::string, std::size_t> counts;
  std::map<std::string, std::string> last;
  for (DetectorIndex d = 0; d < sizes.size(); ++d) {
    catalogue[d].title = "d" + std::to_string(d);
    for (std::size_t i = 0; i < sizes[d]; ++i) {
      Sighting s;
      s.detector_id = catalogue[d].title;
      s.host = std::to_string(i);
      s.count = 2;
      all.add(d, std::move(s));
    }
  }
  Notices notices;
  all.report(DetectorCatalogue(catalogue, {}, {}), notices);
  std::string out;
  for (const Sighting& s : all.take()) {
    EXPECT_EQ(s.host, std::to_string(counts[s.detector_id])) << "the first ones are kept, in order";
    ++counts[s.detector_id];
  }
  for (const auto& [id, n] : counts) out += id + ":" + std::to_string(n) + " ";
  std::uint64_t lost = 0;
  for (const Notice& notice : notices.sorted()) lost += notice.count;
  return out + "lost " + std::to_string(lost);
}

TEST(KeptSightings, BoundsOfOneAndOfAll) {
  EXPECT_EQ(kept({3, 5}, 100, 10), "d0:3 d1:5 lost 0");
  EXPECT_EQ(kept({12, 5}, 100, 10), "d0:10 d1:5 lost 4");
  // All together too many: the small ones stay whole, the large ones are cut alike.
  EXPECT_EQ(kept({3, 60, 60}, 100, 1000), "d0:3 d1:43 d2:43 lost 68");
  EXPECT_EQ(kept({60, 60, 3}, 100, 1000), "d0:43 d1:43 d2:3 lost 68");
  // A bound once found holds for those that follow.
  EXPECT_EQ(kept({200, 200, 200}, 100, 1000), "d0:30 d1:30 d2:30 lost 1020");
  EXPECT_EQ(kept({1, 1, 1, 1}, 3, 10), "d0:1 d1:1 d2:1 d3:1 lost 0");
}

}  // namespace
}  // namespace assay
