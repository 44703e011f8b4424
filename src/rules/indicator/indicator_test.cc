#include <gtest/gtest.h>

#include "rules/indicator/benign.h"
#include "rules/indicator/normalise.h"
#include "rules/loader.h"

namespace assay {
namespace {

Advisory advisory_of(std::initializer_list<std::pair<const char*, const char*>> patterns) {
  Advisory out;
  out.id = "report--1";
  out.origin = "advisory.json";
  for (const auto& [id, pattern] : patterns) {
    AdvisoryIndicator indicator;
    indicator.id = id;
    indicator.name = std::string("name of ") + id;
    indicator.pattern = pattern;
    indicator.pattern_type = "stix";
    indicator.indicates = {"WellMess", "Other"};
    indicator.claims = {"claim.c2"};
    indicator.klass = "typical";
    out.indicators.push_back(indicator);
  }
  return out;
}

std::string text_of(const RuleSet& rules) {
  std::string out;
  for (const Indicator& i : rules.indicators) {
    out += i.id + " " + std::string(name_of(i.kind)) + " " + i.value + (i.weightless ? " weightless" : "") +
           (i.mark.empty() ? "" : " (" + i.mark + ")") + "\n";
  }
  for (const ir::Detector& d : rules.rules) out += d.id + " rule\n";
  for (const NotLoaded& n : rules.not_loaded) out += n.id + " not loaded: " + n.reason + "\n";
  return out;
}

TEST(Normalise, TheFormIsItsOwnForm) {
  for (const std::string_view text : {"fe80::/10", "a.example:80:443:/x", "mailto:mailto:a@b.example", "*.*.b.example",
                                      "a@b.example. .", "timest://://amp", "http://a?u=http://b", "http://http://x"}) {
    for (const Indicator::Kind kind : {Indicator::Kind::domain, Indicator::Kind::url, Indicator::Kind::mail_address,
                                       Indicator::Kind::cidr, Indicator::Kind::file_path}) {
      const auto once = normalise(kind, text);
      EXPECT_TRUE(!once || normalise(kind, *once) == once) << text << " as " << name_of(kind);
    }
  }
  EXPECT_EQ(normalise(Indicator::Kind::url, "fe80::/10"), "fe80/10");
  EXPECT_EQ(normalise(Indicator::Kind::url, "a.example/?u=http://b"), "a.example/?u=http://b");
}

TEST(Lowering, ObservablesBecomeIndicators) {
  RuleSet rules;
  lower_advisory(
      advisory_of({{"a", "[ipv4-addr:value = '203.0.113.7']"},
                   {"b", "[ipv4-addr:value = '203.0.113.0/24' OR ipv6-addr:value = '2001:DB8::0001']"},
                   {"c", "[domain-name:value = 'Evil.COM.'] OR [url:value = 'HTTP://Evil.com:80/A?b#c']"},
                   {"d", "[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF84270']"},
                   {"e",
                    "[file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80700' OR file:hashes.'SHA-256' IN "
                    "('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b800')]"},
                   {"f", "[file:name = 'Evil.bin' OR file:name = '/opt/x/y']"},
                   {"g", "[email-addr:value = 'X@Evil.com']"},
                   {"h", "[ipv4-addr:value ISSUBSET '198.51.100.0/25']"},
                   {"i", "[x509-certificate:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80700']"},
                   {"j", "[ipv4-addr:value = '203.0.113.7' AND network-traffic:dst_port = 25]"},
                   {"k", "[ipv4-addr:value = 'nonsense']"},
                   {"l", "[ipv4-addr:value = ]"}}),
      {}, rules);
  EXPECT_EQ(text_of(rules),
            "a ipv4 203.0.113.7\n"
            "b cidr 203.0.113.0/24\n"
            "b ipv6 2001:db8::1\n"
            "c domain evil.com\n"
            "c url evil.com/a?b\n"
            "d md5 d41d8cd98f00b204e9800998ecf84270\n"
            "e sha1 da39a3ee5e6b4b0d3255bfef95601890afd80700\n"
            "e sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b800\n"
            "f file_name evil.bin\n"
            "f file_path /opt/x/y\n"
            "g mail_address x@evil.com\n"
            "h cidr 198.51.100.0/25\n"
            "i certificate_sha1 da39a3ee5e6b4b0d3255bfef95601890afd80700\n"
            "j rule\n"
            "k not loaded: a value is no ipv4\n"
            "l not loaded: character 20: a value is expected, here stands ']' (write 'text' in quotes, a number, true, "
            "false, "
            "t'...', h'...' or b'...')\n");
  EXPECT_EQ(rules.indicators[0].malware, "WellMess, Other");
  EXPECT_EQ(rules.indicators[0].meaning.klass, "typical");
  EXPECT_EQ(rules.indicators[0].advisory, "report--1");
}

TEST(Lowering, WhatMustNotWeighIsMarked) {
  Profile profile;
  profile.own_networks = {"192.0.2.0/24"};
  profile.own_domains = {"larkmoor.example"};
  profile.sinkholes = {{"203.0.113.9", *parse_iso8601("2020-06-01")}};
  RuleSet rules;
  lower_advisory(advisory_of({{"private", "[ipv4-addr:value = '192.168.169.103']"},
                              {"own", "[ipv4-addr:value = '192.0.2.9']"},
                              {"holds-own", "[ipv4-addr:value = '192.0.0.0/16']"},
                              {"resolver", "[ipv4-addr:value = '8.8.8.8']"},
                              {"own-domain", "[domain-name:value = 'vpn.larkmoor.example']"},
                              {"not-own", "[domain-name:value = 'notlarkmoor.example']"},
                              {"service", "[domain-name:value = 'google.com']"},
                              {"hosted", "[domain-name:value = 'x.firebaseio.com']"},
                              {"name", "[file:name = 'conhost.exe']"},
                              {"empty", "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"},
                              {"sinkhole", "[ipv4-addr:value = '203.0.113.9']"},
                              {"documentation", "[ipv4-addr:value = '198.51.100.7']"}}),
                 profile, rules);
  EXPECT_EQ(text_of(rules),
            "private ipv4 192.168.169.103 weightless (private address)\n"
            "own ipv4 192.0.2.9 weightless (our own network)\n"
            "holds-own cidr 192.0.0.0/16 weightless (our own network)\n"
            "resolver ipv4 8.8.8.8 weightless (public resolver)\n"
            "own-domain domain vpn.larkmoor.example weightless (our own domain)\n"
            "not-own domain notlarkmoor.example\n"
            "service domain google.com weightless (service of everybody)\n"
            "hosted domain x.firebaseio.com\n"
            "name file_name conhost.exe weightless (name of legitimate software)\n"
            "empty md5 d41d8cd98f00b204e9800998ecf8427e weightless (hash of the empty file)\n"
            "sinkhole ipv4 203.0.113.9 (sinkhole since 2020-06-01)\n"
            "documentation ipv4 198.51.100.7\n");
}

TEST(Lowering, OtherPatternTypes) {
  Advisory advisory =
      advisory_of({{"y", "rule a { condition: true }"},
                   {"s", "title: t\nid: rule-1\nlogsource: {category: test}\ndetection: {s: {A: x}, condition: s}"},
                   {"n", "alert"},
                   {"r", "[ipv4-addr:value = '203.0.113.7']"}});
  advisory.indicators[0].pattern_type = "yara";
  advisory.indicators[1].pattern_type = "sigma";
  advisory.indicators[2].pattern_type = "snort";
  advisory.indicators[3].revoked = true;
  RuleSet rules;
  lower_advisory(advisory, {}, rules);
  EXPECT_EQ(text_of(rules),
            "rule-1 rule\nn not loaded: a snort rule with no host, address or URI that can be looked for\nr not "
            "loaded: revoked by its "
            "publisher\n");
  ASSERT_EQ(rules.yara.size(), 1U);
  EXPECT_EQ(rules.yara[0].meaning.claims, (std::vector<std::string>{"claim.c2"}));
  EXPECT_EQ(rules.rules[0].meaning.klass, "typical");
  EXPECT_EQ(rules.rules[0].advisory, "report--1");
}

TEST(Normalise, Forms) {
  EXPECT_EQ(normalise_domain("*.Evil.com."), "evil.com");
  EXPECT_EQ(normalise_domain("evil.com:443"), "evil.com");
  EXPECT_EQ(normalise_domain("evil com"), "");
  EXPECT_EQ(normalise_domain(""), "");
  EXPECT_EQ(normalise_url("https://u@Evil.com:443"), "evil.com/");
  EXPECT_EQ(normalise_url("http://evil.com:8080/A"), "evil.com:8080/a");
  EXPECT_EQ(normalise_url("evil.com?x=1"), "evil.com/?x=1");
  EXPECT_EQ(normalise_url("http://"), "");
  EXPECT_EQ(host_part("http://[2001:db8::1]:80/x"), "2001:db8::1");
  EXPECT_EQ(host_part("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(host_part("evil.com:80"), "evil.com");
  EXPECT_EQ(normalise_hash("AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99"), "aabbccddeeff00112233445566778899");
  EXPECT_EQ(normalise_hash("xyz"), "");
  EXPECT_EQ(normalise_mail_address("\"A B\" <A.b@C.de>"), "a.b@c.de");
  EXPECT_EQ(normalise_mail_address("mailto:a@b.c"), "a@b.c");
  EXPECT_EQ(normalise_mail_address("a@"), "");
  EXPECT_EQ(normalise_file_name("C:\\a\\B.exe"), "b.exe");
  EXPECT_EQ(normalise_path("C:\\A\\b"), "c:/a/b");
}

}  // namespace
}  // namespace assay
