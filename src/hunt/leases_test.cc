// Addresses and the hosts that held them.
#include "hunt/leases.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

constexpr std::int64_t kDay0 = 18383 * kDay;
Time at(std::int64_t minutes) { return Time{kDay0 + minutes * kMinute}; }

void ack(Table& table, const char* address, const char* mac, const char* host, std::int64_t minute,
         std::int64_t seconds) {
  table.add({"dhcp.log", address, mac, host, std::to_string(at(minute).hour())},
            std::vector<std::int64_t>{at(minute).ns, at(minute).ns, seconds});
}

TEST(Leases, AnAddressBelongsToItsHolderWhileTheLeaseHolds) {
  Table table(leases_spec());
  ack(table, "10.0.0.5", "02:00:00:00:00:01", "WS-1", 0, 3600);
  ack(table, "10.0.0.5", "02:00:00:00:00:01", "", 30, 3600);  // renewed, without its name
  ack(table, "10.0.0.5", "02:00:00:00:00:02", "ws-2", 200, 3600);
  ack(table, "10.0.0.6", "02:00:00:00:00:03", "", 0, 0);
  const Leases leases(table, Profile{});
  EXPECT_EQ(leases.holder("10.0.0.5", at(-1)), "");
  EXPECT_EQ(leases.holder("10.0.0.5", at(0)), "ws-1");
  EXPECT_EQ(leases.holder("10.0.0.5", at(89)), "ws-1");
  EXPECT_EQ(leases.holder("10.0.0.5", at(91)), "") << "run out";
  EXPECT_EQ(leases.holder("10.0.0.5", at(200)), "ws-2");
  EXPECT_EQ(leases.holder("10.0.0.5", at(80), at(85)), "ws-1");
  EXPECT_EQ(leases.holder("10.0.0.5", at(80), at(201)), "");
  EXPECT_EQ(leases.holder("10.0.0.6", at(23 * 60)), "mac 02:00:00:00:00:03");
  EXPECT_EQ(leases.holder("10.0.0.7", at(0)), "");
  EXPECT_EQ(leases.holder("10.0.0.5", Time{}), "");
  EXPECT_TRUE(leases.knows("10.0.0.5"));
  EXPECT_FALSE(leases.knows("10.0.0.7"));
}

TEST(Leases, AnotherMachineEndsALease) {
  Table table(leases_spec());
  ack(table, "10.0.0.5", "02:00:00:00:00:01", "ws-1", 0, 86400);
  ack(table, "10.0.0.5", "02:00:00:00:00:02", "ws-2", 60, 600);
  const Leases leases(table, Profile{});
  EXPECT_EQ(leases.holder("10.0.0.5", at(59)), "ws-1");
  EXPECT_EQ(leases.holder("10.0.0.5", at(61)), "ws-2");
  EXPECT_EQ(leases.holder("10.0.0.5", at(80)), "") << "the first machine does not get it back";
}

TEST(Leases, AnAddressInATunnelBelongsToTheAccount) {
  Table table(leases_spec());
  ack(table, "10.9.0.5", "account alice", "", 0, 0);
  ack(table, "10.9.0.5", "account bob", "laptop-7", 120, 0);
  const Leases leases(table, Profile{});
  EXPECT_EQ(leases.holder("10.9.0.5", at(60)), "account alice");
  EXPECT_EQ(leases.holder("10.9.0.5", at(130)), "laptop-7");
}

TEST(Leases, AnAddressThatSeveralAccountsUseAtOnceIsNobodys) {
  Table table(leases_spec());
  const auto use = [&](const char* address, const char* account, std::int64_t first, std::int64_t last) {
    table.add({"ns.log", address, account, "", std::to_string(at(first).hour())},
              std::vector<std::int64_t>{at(first).ns, at(last).ns, 0});
  };
  use("10.9.0.1", "account alice", 0, 30);
  use("10.9.0.1", "account bob", 10, 20);
  use("10.9.0.2", "account alice", 0, 10);
  use("10.9.0.2", "account bob", 11, 20);
  const Leases leases(table, Profile{});
  EXPECT_EQ(leases.holder("10.9.0.1", at(15)), "");
  EXPECT_FALSE(leases.knows("10.9.0.1"));
  EXPECT_EQ(leases.holder("10.9.0.2", at(5)), "account alice");
  EXPECT_EQ(leases.holder("10.9.0.2", at(15)), "account bob");
}

TEST(Leases, TheProfilesNameIsUsed) {
  const auto profile = Profile::parse("p.yaml", "own_domains: [example.org]\nhosts: [ws-1]\n");
  ASSERT_TRUE(profile.ok());
  Table table(leases_spec());
  ack(table, "10.0.0.5", "02:00:00:00:00:01", "WS-1.example.org", 0, 3600);
  EXPECT_EQ(Leases(table, *profile).holder("10.0.0.5", at(1)), "ws-1");
}

}  // namespace
}  // namespace assay
