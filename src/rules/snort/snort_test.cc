#include "rules/snort/snort.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rules/indicator/normalise.h"
#include "rules/loader.h"

namespace assay {
namespace {

std::string found(std::string_view text) {
  std::string out;
  for (const snort::Found& one : snort::read(text).found)
    out += fmt::format("{}{} {}", out.empty() ? "" : "; ", name_of(one.kind), one.value);
  return out;
}

TEST(Snort, WhatARuleHolds) {
  EXPECT_EQ(found(R"(alert tcp $HOME_NET any -> [198.51.100.7,203.0.113.0/24] 443 (msg:"c2"; sid:1;))"),
            "ipv4 198.51.100.7; cidr 203.0.113.0/24");
  EXPECT_EQ(found(R"(alert tcp $HOME_NET any -> !198.51.100.7 any (msg:"not this"; sid:1;))"), "");
  EXPECT_EQ(found(R"(alert http any any -> any any (msg:"x; y"; http.host; content:"evil.example"; sid:2;))"),
            "domain evil.example");
  EXPECT_EQ(found(R"(alert dns any any -> any any (dns.query; content:".Evil.example"; nocase; sid:2;))"),
            "domain evil.example");
  EXPECT_EQ(found(R"(alert tls any any -> any any (tls.sni; content:"evil.example"; sid:2;))"), "domain evil.example");
  EXPECT_EQ(
      found(
          R"(alert http any any -> any any (content:"/drop/a.php"; http_uri; content:"evil.example"; http_host; sid:3;))"),
      "url http://evil.example/drop/a.php");
  EXPECT_EQ(
      found(
          R"(alert http any any -> any any (http_uri; content:"/gate",nocase; pkt_data; content:"Host|3a 20|evil.example|0d 0a|"; sid:3;))"),
      "url http://evil.example/gate");
  EXPECT_EQ(found(R"(alert tcp any any -> any any (content:"Host|3a 20|evil.example|0d 0a|"; sid:3;))"),
            "domain evil.example");
  EXPECT_EQ(found(R"(alert udp any any -> any 53 (content:"|04|evil|07|example|00|"; sid:4;))"), "domain evil.example");
  EXPECT_EQ(found(R"(alert tls any any -> any any (ja3.hash; content:"e7d705a3286e19ea42f587b344ee6865"; sid:5;))"),
            "ja3 e7d705a3286e19ea42f587b344ee6865");
  EXPECT_EQ(found(R"(alert http (http_host; content:!"good.example"; content:"evil.example",http_host; sid:6;))"),
            "domain evil.example");
  EXPECT_EQ(found(R"(alert tcp any any -> any any (content:"|de ad be ef|"; sid:7;))"), "");
}

TEST(Snort, WhatIsCounted) {
  const snort::Reading reading = snort::read(
      "# comment\n\nalert tcp any any -> 198.51.100.7 any \\\n (sid:1;)\nnonsense\nalert tcp any any -> any any "
      "(content:\"a\"; sid:2;)\nalert tcp any (sid:3;)\n");
  EXPECT_EQ(reading.rules, 2U);
  EXPECT_EQ(reading.without, 1U);
  EXPECT_EQ(reading.unread, 2U);
  EXPECT_EQ(reading.found.size(), 1U);
  for (const char* text : {"(", ")", "alert", "alert tcp any any -> any any (content:\"", "alert (;;;;)",
                           "alert http (content:\"\\", "\\"})
    (void)snort::read(text);
}

TEST(Snort, AnIndicatorOfThisType) {
  Advisory advisory;
  advisory.id = "report--1";
  advisory.origin = "a.json";
  AdvisoryIndicator one;
  one.id = "indicator--1";
  one.pattern_type = "snort";
  one.pattern = R"(alert tcp any any -> 198.51.100.7 any (sid:1;))";
  advisory.indicators.push_back(one);
  one.id = "indicator--2";
  one.pattern_type = "suricata";
  one.pattern = R"(alert tcp any any -> any any (content:"a"; sid:1;))";
  advisory.indicators.push_back(one);
  one.id = "indicator--3";
  one.pattern_type = "pcre";
  one.pattern = "a+";
  advisory.indicators.push_back(one);
  RuleSet rules;
  lower_advisory(advisory, Profile{}, rules);
  ASSERT_EQ(rules.indicators.size(), 1U);
  EXPECT_EQ(rules.indicators[0].value, "198.51.100.7");
  ASSERT_EQ(rules.warnings.size(), 1U);
  EXPECT_NE(rules.warnings[0].reason.find("not run as a detection rule"), std::string::npos);
  ASSERT_EQ(rules.not_loaded.size(), 2U);
  EXPECT_NE(rules.not_loaded[0].reason.find("no host, address or URI"), std::string::npos);
  EXPECT_NE(rules.not_loaded[1].reason.find("'pcre'"), std::string::npos);
}

}  // namespace
}  // namespace assay
