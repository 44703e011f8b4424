#include "assess/generic.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>
#include <string>

namespace assay {
namespace {

constexpr std::int64_t kDayOne = 18'353;
const GenericScope kScope{200, {kDayOne, kDayOne + 20}, 10, 200 * 31, 200};

Time day(std::int64_t n) { return Time{(kDayOne + n) * kDay + kHour}; }

// Hits hold no text of their own.
std::string_view kept(const std::string& text) {
  static std::set<std::string> all;
  return *all.insert(text).first;
}

// Each at a second of its own: what comes together is tested by itself.
WeakHit hit(const std::string& host, const std::string& family, std::int64_t when = 3) {
  const Time time{day(when).ns + static_cast<std::int64_t>(std::hash<std::string>{}(family) % 1'000) * kMinute};
  return {kept(host), kept(family), "high", time, time, 1};
}

// As many rules as a real set has, of a level that the pool knows; those of the tests are not listed there.
std::vector<GenericRule> rules() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> out;
    for (int i = 0; i < 400; ++i) out.push_back(fmt::format("rule-{}", i));
    return out;
  }();
  std::vector<GenericRule> out;
  for (const std::string& name : kNames) out.push_back({name, "high"});
  return out;
}

double weigh(const std::vector<WeakHit>& hits) { return weigh_generic(hits, rules(), kScope, Weights::shipped()); }

std::vector<WeakHit> intruder(const std::string& host, int count) {
  std::vector<WeakHit> out;
  for (int i = 0; i < count; ++i) out.push_back(hit(host, fmt::format("rule-{}", i)));
  return out;
}

TEST(Generic, NothingWeighsNothingAndTheSameTwiceIsOnce) {
  EXPECT_EQ(weigh({}), 0);
  std::vector<WeakHit> hits = intruder("host-1", 6);
  const double once = weigh(hits);
  EXPECT_GT(once, 0);
  const std::vector<WeakHit> again = hits;
  hits.insert(hits.end(), again.begin(), again.end());
  EXPECT_DOUBLE_EQ(weigh(hits), once);
}

TEST(Generic, OneRuleAloneIsNoSignAndManyRareOnesOnOneHostAre) {
  const double one = weigh(intruder("host-1", 1));
  EXPECT_LT(one, std::log(1.5));
  EXPECT_GT(weigh(intruder("host-1", 9)), 5 * one);
  EXPECT_GT(weigh(intruder("host-1", 20)), std::log(3));
}

// Three rules about one event are no three signs; and it is the moment that counts, not the order of the hits.
TEST(Generic, WhatFiresInOneMomentWeighsLessThanTheSameApart) {
  std::vector<WeakHit> apart = intruder("host-1", 12), together = apart;
  for (WeakHit& one : together) one.time = one.until = day(3);
  const double moment = weigh(together), hours = weigh(apart);
  EXPECT_GT(hours, 1.3 * moment);
  EXPECT_GE(moment, 0);
  std::reverse(together.begin(), together.end());
  EXPECT_DOUBLE_EQ(weigh(together), moment);
  // Two seconds are still a moment, five are not.
  std::vector<WeakHit> close = intruder("host-1", 2), far = close;
  close[0].time = close[0].until = far[0].time = far[0].until = day(3);
  close[1].time = close[1].until = Time{day(3).ns + 2'000'000'000};
  far[1].time = far[1].until = Time{day(3).ns + 5'000'000'000};
  EXPECT_GT(weigh(far), weigh(close));
}

// A host on which the malware itself stands is likely to be held: what fires there counts more, elsewhere as before.
TEST(Generic, WhatFiresBesideAnArtefactWeighsMore) {
  const std::vector<WeakHit> hits = intruder("host-1", 9);
  GenericScope beside = kScope, elsewhere = kScope;
  beside.suspects = {"host-1"};
  elsewhere.suspects = {"host-2"};
  const Weights& w = Weights::shipped();
  const double alone = weigh(hits);
  EXPECT_GT(weigh_generic(hits, rules(), beside, w), alone + .5);
  EXPECT_DOUBLE_EQ(weigh_generic(hits, rules(), elsewhere, w), alone);
  for (int n = 1; n < 9; ++n)
    EXPECT_LE(weigh_generic(intruder("host-1", n), rules(), beside, w),
              weigh_generic(intruder("host-1", n + 1), rules(), beside, w) + 1e-9);
}

TEST(Generic, WhatFiresEverywhereWeighsLess) {
  std::vector<WeakHit> hits = intruder("host-1", 9);
  const double alone = weigh(hits);
  for (int other = 2; other < 60; ++other) {
    for (const WeakHit& one : intruder(fmt::format("host-{}", other), 9)) hits.push_back(one);
  }
  // Sixty hosts alike are a roll-out of something, or a rule that is wrong here.
  EXPECT_LT(weigh(hits), alone);
}

TEST(Generic, AHostThatWasNoisyBeforeIsNoisyNow) {
  std::vector<WeakHit> hits = intruder("host-1", 7);
  const double quiet = weigh(hits);
  for (int i = 100; i < 130; ++i) hits.push_back(hit("host-1", fmt::format("rule-{}", i), -5));
  EXPECT_LT(weigh(hits), .5 * quiet);
}

// What an administrator's machine sets off in a month is no intrusion, whatever other checks were looked for: those
// that nobody measured say nothing about how noisy a host is.
TEST(Generic, ChecksThatNobodyMeasuredMakeNoHostLookQuiet) {
  std::vector<WeakHit> hits;
  for (int i = 0; i < 12; ++i) hits.push_back(hit("admin", fmt::format("rule-{}", i % 6), i - 3));
  for (int i = 0; i < 12; ++i) hits.push_back(hit("admin", fmt::format("rule-{}", 20 + i), i));
  for (int other = 0; other < 30; ++other)
    hits.push_back(hit(kept(fmt::format("host-{}", other)).data(), fmt::format("rule-{}", other % 18), other % 20));
  const double alone = weigh(hits);
  std::vector<GenericRule> more = rules();
  for (const char* own : {"own-1", "own-2", "own-3", "own-4", "own-5", "own-6"}) more.push_back({own, ""});
  EXPECT_NEAR(weigh_generic(hits, more, kScope, Weights::shipped()), alone, .1 + .1 * alone);
}

TEST(Generic, WhatAttacksSetOffWeighsMoreThanWhatTheyDoNot) {
  Weights weights = Weights::shipped();
  for (int i = 0; i < 9; ++i)
    weights.pool.families[fmt::format("rule-{}", i)] = {0, weights.pool.host_days, "high", 20};
  const std::vector<WeakHit> known = intruder("host-1", 9);
  std::vector<WeakHit> other;
  for (int i = 100; i < 109; ++i) other.push_back(hit("host-1", fmt::format("rule-{}", i)));
  EXPECT_GT(weigh_generic(known, rules(), kScope, weights), weigh_generic(other, rules(), kScope, weights) + .5);
}

TEST(Generic, NeverAgainstWhateverFires) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<WeakHit> hits;
    for (std::uint64_t i = random() % 40; i > 0; --i)
      hits.push_back(hit(fmt::format("host-{}", random() % 8), fmt::format("rule-{}", random() % 30),
                         static_cast<std::int64_t>(random() % 25) - 8));
    const double all = weigh(hits);
    ASSERT_GE(all, 0) << round;
    ASSERT_TRUE(std::isfinite(all)) << round;
    // One more rule that fires nowhere else, on a host where no more fires than an intruder sets off.
    std::vector<WeakHit> more = hits;
    more.push_back(hit("host-99", "rule-399"));
    ASSERT_GE(weigh(more), all - 1e-3) << round;
  }
}

TEST(Generic, ThousandsOfHitsStayFinite) {
  std::vector<WeakHit> hits;
  for (int host = 0; host < 20; ++host) {
    for (int i = 0; i < 400; ++i) hits.push_back(hit(fmt::format("host-{}", host), fmt::format("rule-{}", i)));
  }
  EXPECT_TRUE(std::isfinite(weigh(hits)));
}

}  // namespace
}  // namespace assay
