#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "knowledge/profile.h"

namespace assay {
namespace {

std::string round(std::string_view text) {
  const auto network = parse_network(text);
  return network ? format_network(*network) : "-";
}

TEST(Network, Ipv4) {
  EXPECT_EQ(round("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(round("10.20.30.40/16"), "10.20.0.0/16");
  EXPECT_EQ(round("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(round("255.255.255.255/32"), "255.255.255.255");
  EXPECT_EQ(round("10.20.30.7/31"), "10.20.30.6/31");
}

TEST(Network, NotAnAddress) {
  for (const char* text : {"",
                           ".",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.1.1.1",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1..2.3",
                           "1.2.3.4:80",
                           "a.b.c.d",
                           "1.2.3.4/",
                           "1.2.3.4/33",
                           "1.2.3.4/-1",
                           "1.2.3.4/8/8",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           "::/129",
                           "1:2:3:4:5:6:7:",
                           ":1:2:3:4:5:6:7",
                           "::1.2.3",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1:2:3:4:5:6:7:8::"}) {
    EXPECT_EQ(round(text), "-") << text;
  }
}

TEST(Network, Ipv6) {
  EXPECT_EQ(round("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");  // RFC 5952, 4.2.3: the first of equal runs
  EXPECT_EQ(round("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(round("::"), "::");
  EXPECT_EQ(round("::1"), "::1");
  EXPECT_EQ(round("1::"), "1::");
  EXPECT_EQ(round("2001:db8::/32"), "2001:db8::/32");
  EXPECT_EQ(round("fe80::aaaa/10"), "fe80::/10");
  EXPECT_EQ(round("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
}

TEST(Network, MappedIpv4IsIpv4) {
  EXPECT_EQ(round("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_TRUE(contains(*parse_network("192.0.2.0/24"), *parse_address("::ffff:192.0.2.9")));
  EXPECT_EQ(round("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
}

TEST(Network, Contains) {
  EXPECT_TRUE(contains(*parse_network("10.0.0.0/8"), *parse_address("10.255.0.1")));
  EXPECT_FALSE(contains(*parse_network("10.0.0.0/8"), *parse_address("11.0.0.1")));
  EXPECT_TRUE(contains(*parse_network("10.0.0.0/9"), *parse_address("10.127.255.255")));
  EXPECT_FALSE(contains(*parse_network("10.0.0.0/9"), *parse_address("10.128.0.0")));
  EXPECT_FALSE(contains(*parse_network("10.0.0.0/16"), *parse_network("10.0.0.0/8")));
  EXPECT_TRUE(contains(*parse_network("::/0"), *parse_address("2001:db8::1")));
  EXPECT_FALSE(contains(*parse_network("0.0.0.0/0"), *parse_address("2001:db8::1")));
}

TEST(Network, Private) {
  for (const char* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.169.103", "127.0.0.1", "169.254.1.1",
                           "100.64.0.1", "100.127.255.255", "::1", "fe80::1", "fd00::1"}) {
    EXPECT_TRUE(is_private(*parse_address(text))) << text;
  }
  for (const char* text : {"172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.255.255", "100.128.0.0", "192.0.2.1",
                           "8.8.8.8", "::2", "fec0::1", "2001:db8::1"}) {
    EXPECT_FALSE(is_private(*parse_address(text))) << text;
  }
}

TEST(Network, FormatReadsBack) {
  std::uint64_t state = 7;
  const auto next = [&] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  for (int i = 0; i < 5000; ++i) {
    Network network;
    for (std::uint8_t& byte : network.bytes)
      byte = next() % 3 == 0 ? static_cast<std::uint8_t>(next()) : std::uint8_t{0};
    if (i % 4 == 0) {
      for (int at = 0; at < 10; ++at) network.bytes[at] = 0;
      network.bytes[10] = network.bytes[11] = 0xff;
    }
    const std::string text = format_network(network);
    const auto back = parse_network(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(back->bytes), 16),
              std::string(reinterpret_cast<const char*>(network.bytes), 16))
        << text;
    EXPECT_EQ(format_network(*back), text);
  }
}

}  // namespace
}  // namespace assay
