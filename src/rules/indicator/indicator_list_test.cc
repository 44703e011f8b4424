#include "rules/indicator/indicator_list.h"

#include <gtest/gtest.h>

#include <random>

namespace assay {
namespace {

Indicator drawn(std::mt19937& random) {
  const auto word = [&](std::size_t most) {
    std::string out;
    for (std::size_t i = random() % (most + 1); i > 0; --i) out += static_cast<char>(random() % 256);
    return out;
  };
  Indicator out;
  out.kind = static_cast<Indicator::Kind>(random() % 13);
  out.value = word(random() % 500 == 0 ? 600'000 : 40);  // some are larger than a block
  out.id = word(50);
  out.title = word(3);  // often the one before's
  out.advisory = word(1);
  out.malware = word(1);
  out.valid_from = Time{static_cast<std::int64_t>(random() % 5)};
  if (random() % 2 == 0) out.valid_until = Time{static_cast<std::int64_t>(random())};
  out.confidence = static_cast<int>(random() % 102) - 1;
  out.weightless = random() % 2 == 0;
  if (random() % 4 == 0) out.mark = word(2);
  if (random() % 4 == 0) out.sinkhole_dates = {word(2), word(2)};
  if (random() % 4 == 0) out.meaning = {{word(2)}, word(1), word(1), word(1)};
  return out;
}

TEST(IndicatorList, GivesBackWhatWasPutIn) {
  std::mt19937 random(20);
  IndicatorList list;
  EXPECT_TRUE(list.empty());
  std::vector<Indicator> plain;
  for (int i = 0; i < 5'000; ++i) {
    plain.push_back(drawn(random));
    list.push_back(plain.back());
  }
  ASSERT_EQ(list.size(), plain.size());
  std::size_t n = 0;
  for (const Indicator& one : list) {
    ASSERT_EQ(one, plain[n]);
    ASSERT_EQ(list.value(n), plain[n].value);
    ASSERT_EQ(list.kind(n), plain[n].kind);
    ASSERT_EQ(list.advisory(n), plain[n].advisory);
    ++n;
  }
  EXPECT_EQ(n, plain.size());
}

TEST(IndicatorList, CopiesAreApartOnceOneIsAddedTo) {
  std::mt19937 random(21);
  const Indicator a = drawn(random), b = drawn(random), c = drawn(random);
  IndicatorList one = {a};
  IndicatorList two = one;
  const std::string_view kept = one.value(0);
  two.push_back(b);
  one.push_back(c);
  one.push_back(a);
  ASSERT_EQ(one.size(), 3U);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(one[1], c);
  EXPECT_EQ(two[1], b);
  EXPECT_EQ(one[0], two[0]);
  two = {};
  EXPECT_EQ(kept, a.value);
  EXPECT_EQ(one[2], a);
}

}  // namespace
}  // namespace assay
