#include "casefile/seal.h"

#include <gtest/gtest.h>

#include <random>

#include "core/json.h"

namespace assay {
namespace {

// Made for this test with "openssl genpkey -algorithm ed25519"; it protects nothing.
constexpr const char* kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEFzc2F5IHRlc3Qga2V5LCBub3Qgc2VjcmV0ISEhISEh\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kOtherKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEFub3RoZXIgdGVzdCBrZXksIG5vdCBzZWNyZXQhISEh\n"
    "-----END PRIVATE KEY-----\n";

SealFacts sample() { return {"assay-1.case", std::string(64, 'a'), 3, std::string(64, 'b'), "2020-07-17T09:00:00Z"}; }

std::string public_key_of(const char* key) {
  return (*parse_json(*make_seal(sample(), key)))["public_key"].as_string();
}

TEST(Seal, SaysWhatWasSealedAndByWhichKey) {
  const auto seal = make_seal(sample(), kKey);
  ASSERT_TRUE(seal.ok()) << seal.error().text();
  const auto opened = open_seal(*seal, {});
  ASSERT_TRUE(opened.ok()) << opened.error().text();
  EXPECT_EQ(opened->facts, sample());
  EXPECT_EQ(opened->fingerprint.size(), 64U);
  EXPECT_TRUE(open_seal(*seal, public_key_of(kKey)).ok());
  EXPECT_EQ(*make_seal(sample(), kKey), *seal);  // Ed25519 is deterministic
}

TEST(Seal, AnotherKeyOrAnotherTextDoesNotFit) {
  const std::string seal = *make_seal(sample(), kKey);
  const auto other = open_seal(seal, public_key_of(kOtherKey));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::integrity);
  auto json = parse_json(seal);
  std::string statement = (*json)["statement"].as_string();
  statement[statement.find("log lines: 3") + 11] = '4';
  json->set("statement", statement);
  const auto changed = open_seal(dump_json(*json), {});
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(changed.error().code, ErrorCode::integrity);
}

TEST(Seal, NoChangedByteOfASealIsTakenForTheSameSeal) {
  const std::string seal = *make_seal(sample(), kKey);
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string bent = seal;
    bent[random() % bent.size()] = static_cast<char>(random());
    const auto opened = open_seal(bent, public_key_of(kKey));
    if (opened.ok()) {
      EXPECT_EQ(opened->facts, sample()) << bent;  // a change of the key it carries, or of spaces
    }
  }
}

TEST(Seal, SaysWhatIsWrongWithAKey) {
  for (const char* key : {"", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    const auto seal = make_seal(sample(), key);
    ASSERT_FALSE(seal.ok());
    EXPECT_NE(seal.error().text().find("Ed25519"), std::string::npos);
  }
  EXPECT_FALSE(open_seal("{}", {}).ok());
  EXPECT_FALSE(open_seal("", {}).ok());
}

TEST(Seal, ANameIsOneLine) {
  SealFacts facts = sample();
  facts.name = "x\nlog head: " + std::string(64, 'c');
  const auto opened = open_seal(*make_seal(facts, kKey), {});
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->facts.head, sample().head);
  EXPECT_EQ(opened->facts.name.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace assay
