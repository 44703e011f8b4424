// What holds for every analytic.
#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(Analytics, TablesFollowTheContract) {
  for (const Analytic* one : analytics()) {
    for (const TableSpec& spec : one->tables()) {
      EXPECT_EQ(spec.keys.front(), "item") << spec.name;
      EXPECT_EQ(spec.keys.back(), "hour") << spec.name;
      EXPECT_EQ(spec.columns.size(), spec.merges.size()) << spec.name;
    }
    for (const AnalyticDetector& detector : one->detectors()) {
      EXPECT_TRUE(detector.id.starts_with("analytic.")) << detector.id;
      EXPECT_FALSE(detector.meaning.klass.empty()) << detector.id;
    }
  }
}

}  // namespace
}  // namespace assay
