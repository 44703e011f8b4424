#include "text/extract/imitations.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Imitations, LongerNamesAndSlipsOfAKey) {
  std::vector<ValueSigns> values;
  for (const char* site : {"harbourline.org", "harbour-line-login.com", "harbourIine.net", "quarry.com", "10.1.2.3"}) {
    ValueSigns value;
    value.site = site;
    values.push_back(value);
  }
  const Imitations is(values);
  EXPECT_TRUE(is.imitates("harbour-line-login.com"));
  EXPECT_TRUE(is.imitated("harbourline.org"));
  EXPECT_TRUE(is.imitates("harbourIine.net"));
  EXPECT_FALSE(is.imitates("quarry.com"));
  EXPECT_FALSE(is.imitated("quarry.com"));
  EXPECT_FALSE(is.imitates("10.1.2.3"));
  EXPECT_FALSE(is.imitated("harbour-line-login.com"));
}

}  // namespace
}  // namespace assay
