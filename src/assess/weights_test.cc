#include "assess/weights.h"

#include <gtest/gtest.h>

#include "content/content.h"

namespace assay {
namespace {

TEST(Weights, ShippedOnesAreUsableAndEveryConstantHasAReason) {
  const auto parsed = Weights::parse(content::find("weights/model.yaml"), content::find("weights/sources.yaml"));
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
  const std::string_view sources = content::find("weights/sources.yaml");
  std::string missing = text;
  missing.replace(missing.find("  impact: {value"), 8, "  impakt");
  EXPECT_FALSE(Weights::parse(missing, sources).ok());
  std::string without_reason = text;
  const std::size_t at = without_reason.find(", reason:");
  without_reason.replace(at, 9, ", raisin:");
  EXPECT_FALSE(Weights::parse(without_reason, sources).ok());
  std::string certain = text;
  certain.replace(certain.find("{s: 0.6, p0: 0.001"), 18, "{s: 1.0, p0: 0.001");
  EXPECT_FALSE(Weights::parse(certain, sources).ok());
}

}  // namespace
}  // namespace assay
