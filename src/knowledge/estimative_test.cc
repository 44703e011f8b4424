#include "knowledge/estimative.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace assay {
namespace {

std::string say(double p, Scale scale) { return std::string(term_for(p, scale).words); }

TEST(Estimative, PhiaCutPoints) {
  EXPECT_EQ(say(0, Scale::phia), "remote chance");
  EXPECT_EQ(say(.05, Scale::phia), "remote chance");
  EXPECT_EQ(say(.0501, Scale::phia), "highly unlikely");
  EXPECT_EQ(say(.07, Scale::phia), "highly unlikely");  // in a gap of the printed ranges
  EXPECT_EQ(say(.20, Scale::phia), "highly unlikely");
  EXPECT_EQ(say(.2001, Scale::phia), "unlikely");
  EXPECT_EQ(say(.35, Scale::phia), "unlikely");
  EXPECT_EQ(say(.3501, Scale::phia), "realistic possibility");
  EXPECT_EQ(say(.52, Scale::phia), "realistic possibility");
  EXPECT_EQ(say(.5499, Scale::phia), "realistic possibility");
  EXPECT_EQ(say(.55, Scale::phia), "likely");
  EXPECT_EQ(say(.7999, Scale::phia), "likely");
  EXPECT_EQ(say(.80, Scale::phia), "highly likely");
  EXPECT_EQ(say(.9499, Scale::phia), "highly likely");
  EXPECT_EQ(say(.95, Scale::phia), "almost certain");
  EXPECT_EQ(say(1, Scale::phia), "almost certain");
}

TEST(Estimative, TermsNeverFallAsProbabilityRises) {
  for (const Scale scale : {Scale::phia, Scale::icd203}) {
    int last = 0;
    for (int i = 0; i <= 10'000; ++i) {
      const Term term = term_for(i / 10'000.0, scale);
      EXPECT_GE(term.rank, last);
      EXPECT_LE(term.rank, last + 1);
      last = term.rank;
    }
    EXPECT_EQ(last, 6);
  }
}

TEST(Estimative, PrintedRanges) {
  const int phia[7][2] = {{0, 5}, {10, 20}, {25, 35}, {40, 50}, {55, 75}, {80, 90}, {95, 100}};
  const int icd[7][2] = {{1, 5}, {5, 20}, {20, 45}, {45, 55}, {55, 80}, {80, 95}, {95, 99}};
  for (int i = 0; i < 7; ++i) {
    const double phia_middle = (phia[i][0] + phia[i][1]) / 200.0, icd_middle = (icd[i][0] + icd[i][1]) / 200.0;
    EXPECT_EQ(term_for(phia_middle, Scale::phia).low, phia[i][0]);
    EXPECT_EQ(term_for(phia_middle, Scale::phia).high, phia[i][1]);
    EXPECT_EQ(term_for(phia_middle, Scale::phia).rank, i);
    EXPECT_EQ(term_for(icd_middle, Scale::icd203).low, icd[i][0]);
    EXPECT_EQ(term_for(icd_middle, Scale::icd203).high, icd[i][1]);
    EXPECT_EQ(term_for(icd_middle, Scale::icd203).rank, i);
  }
}

TEST(Estimative, ByName) {
  EXPECT_EQ(term_named("Highly likely", Scale::phia).low, 80);
  EXPECT_EQ(term_named("highly probable", Scale::phia).words, "highly likely");
  EXPECT_EQ(term_named("almost certainly", Scale::phia).rank, 6);
  EXPECT_EQ(term_named("probable", Scale::icd203).words, "likely");
  EXPECT_EQ(term_named("very likely", Scale::icd203).high, 95);
}

TEST(Estimative, ScalesDoNotMix) {
  EXPECT_EQ(term_named("very likely", Scale::phia).rank, -1);
  EXPECT_EQ(term_named("realistic possibility", Scale::icd203).rank, -1);
  EXPECT_EQ(term_named("highly likely", Scale::icd203).rank, -1);
  EXPECT_NE(term_named("likely", Scale::phia).high, term_named("likely", Scale::icd203).high);
}

TEST(Estimative, UnknownHasNoTerm) {
  EXPECT_EQ(term_named("possible", Scale::phia).rank, -1);
  EXPECT_EQ(term_named("", Scale::phia).rank, -1);
  EXPECT_EQ(term_for(std::nan(""), Scale::phia).rank, -1);
  EXPECT_EQ(term_for(1.01, Scale::phia).rank, -1);
  EXPECT_EQ(term_for(-.01, Scale::icd203).rank, -1);
}

}  // namespace
}  // namespace assay
