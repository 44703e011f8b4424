#include "assess/weights.h"

#include <gtest/gtest.h>

#include "content/content.h"

namespace assay {
namespace {

TEST(Weights, ShippedOnesAreUsableAndEveryConstantHasAReason) {
  const auto parsed = Weights::parse(content::find("weights/model.yaml"), content::find("weights/sources.yaml"),
                                     content::find("weights/pool.yaml"));
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_GT(parsed->reasons.size(), 70U);
  for (const auto& [key, reason] : parsed->reasons) EXPECT_GT(reason.size(), 15U) << key;
  EXPECT_GT(Weights::shipped().targeted, 0);
}

TEST(Weights, ContactIsWorthAtMostTwo) {
  const Likelihood& contact = Weights::shipped().line("contact");
  EXPECT_LE((1 - (1 - contact.s) * (1 - contact.p0)) / contact.p0, 2.0);
}

TEST(Weights, AMissingOrUnknownKeyIsRefused) {
  std::string text(content::find("weights/model.yaml"));
  const std::string_view sources = content::find("weights/sources.yaml"), pool = content::find("weights/pool.yaml");
  std::string missing = text;
  missing.replace(missing.find("  impact: {value"), 8, "  impakt");
  EXPECT_FALSE(Weights::parse(missing, sources, pool).ok());
  std::string without_reason = text;
  const std::size_t at = without_reason.find(", reason:");
  without_reason.replace(at, 9, ", raisin:");
  EXPECT_FALSE(Weights::parse(without_reason, sources, pool).ok());
  std::string certain = text;
  certain.replace(certain.find("{s: 0.6, p0: 0.001"), 18, "{s: 1.0, p0: 0.001");
  EXPECT_FALSE(Weights::parse(certain, sources, pool).ok());
}

TEST(Weights, ThePoolDrawsEachRateTowardsItsLevel) {
  Pool pool;
  pool.host_days = 100;
  pool.shape = .5;
  pool.unknown_rate = .03;
  pool.levels = {{"high", {50, 10}}, {"low", {10, 40}}};
  pool.families = {{"noisy", {8, 100, "high"}}, {"once", {1, 100, "high"}}};
  const double mean = 10.0 / (50 * 100);
  EXPECT_DOUBLE_EQ(pool.rate("never", "high").rate, mean);
  EXPECT_DOUBLE_EQ(pool.rate("never", "no such level").rate, .03);
  EXPECT_DOUBLE_EQ(pool.rate("noisy", "low").rate, 8.5 / (100 + .5 / mean));  // its own level, whatever the caller says
  EXPECT_GT(pool.rate("noisy", "").rate, pool.rate("once", "").rate);
  EXPECT_GT(pool.rate("once", "").rate, mean);
  // What each rests on, and that nobody measured the level that the list does not know.
  EXPECT_DOUBLE_EQ(pool.rate("noisy", "").bursts, 8.5);
  EXPECT_DOUBLE_EQ(pool.rate("never", "high").bursts, .5);
  EXPECT_TRUE(pool.rate("never", "high").measured);
  EXPECT_FALSE(pool.rate("never", "no such level").measured);
}

TEST(Weights, APoolThatSaysNothingIsRefused) {
  const std::string_view model = content::find("weights/model.yaml"), sources = content::find("weights/sources.yaml");
  const auto parse = [&](std::string_view pool) { return Weights::parse(model, sources, pool).ok(); };
  EXPECT_TRUE(parse("host_days: 10\nshape: 1\nunknown_rate: .03\nlevels:\n  high: {rules: 3, bursts: 0}\n"));
  EXPECT_FALSE(parse("host_days: 0\nshape: 1\nunknown_rate: .03\nlevels:\n  high: {rules: 3, bursts: 0}\n"));
  EXPECT_FALSE(parse("host_days: 10\nshape: 1\nunknown_rate: .03\n"));
  EXPECT_FALSE(parse("host_days: 10\nshape: 1\nunknown_rate: .03\nlevels:\n  high: {rules: 0, bursts: 0}\n"));
  EXPECT_FALSE(
      parse("host_days: 10\nshape: 1\nunknown_rate: .03\nlevels:\n  high: {rules: 3, bursts: 0}\nfamilies:\n  a: "
            "{bursts: 1, level: low}\n"));
  const std::string one =
      "host_days: 10\nshape: 1\nunknown_rate: .03\nlevels:\n  high: {rules: 3, bursts: 0}\nfamilies:\n";
  EXPECT_TRUE(parse(one + "  a: {bursts: 0, attacks: 2, level: high}\n"));
  EXPECT_FALSE(parse(one + "  a: {bursts: 0, attacks: -2, level: high}\n"));
  EXPECT_FALSE(parse("host_days: 10\nshape: 1\nlevels:\n  high: {rules: 3, bursts: 0}\n"));
  EXPECT_FALSE(parse(""));
}

}  // namespace
}  // namespace assay
