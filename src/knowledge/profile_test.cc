#include "knowledge/profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace assay {
namespace {

Time at(std::string_view text) { return *parse_iso8601(text); }

Profile good(std::string_view yaml) {
  auto result = Profile::parse("p.yaml", yaml);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? *result : Profile{};
}

std::string bad(std::string_view yaml) {
  const auto result = Profile::parse("p.yaml", yaml);
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().text();
}

std::string starts(std::string_view text, std::string_view with) { return std::string(text.substr(0, with.size())); }

TEST(Profile, NothingGiven) {
  EXPECT_FALSE(Profile{}.given);
  EXPECT_TRUE(good("").given);
  EXPECT_TRUE(good("# only a comment\n").given);
}

TEST(Profile, AllKeys) {
  const Profile p = good(R"(
organisation: Larkmoor
segment: DMZ
sector: research
country: GB
time_zone: Europe/London
zones: [{host: 'CTX-*', zone: '+02:00'}, {path: '*/loghost/*', zone: 'CET-1CEST,M3.5.0,M10.5.0/3'}]
own_networks: [192.0.2.0/24, '2001:db8::/32']
own_domains: [Larkmoor.Example.]
dynamic_networks: [{network: 10.20.50.0/24, kind: dhcp}]
proxies: [{name: proxy-01, addresses: [192.0.2.30]}, 192.0.2.31]
nat: [{address: 192.0.2.40, inside: 10.20.0.0/16}]
mail_gateways: [{name: mx-01, addresses: [192.0.2.25], link_rewriting: [urldefense.example]}]
gateways: [{name: ctx-gw-01, addresses: [192.0.2.10], product: Citrix ADC, version: 12.1-55.18, patched_on: 2020-04-27, logging: yes, partner: ctx-gw-02}]
scanners: [{name: scan-01, addresses: [192.0.2.250], kind: own scanner, from: 2019-01-01}]
authorised_tests: [{name: Test, addresses: [198.51.100.66], from: 2020-06-22, to: 2020-06-24, reference: letter}]
analysis: {hosts: [SOC-01], networks: [10.20.60.0/24], folders: [files/soc-share]}
key_shares: ['\\fs\vx19']
key_systems: [FS-01]
accounts: {shared: [kiosk], service: [svc-a]}
partners: [Plain Partner, {name: Archive, domains: [submit.example], addresses: [203.0.113.240], bulk: yes, from_hosts: [seq-01, seq-02]}]
sinkholes: [{address: 198.51.100.251, since: 2020-05-20}]
retention: [{source: gateway, days: 107}, {source: proxy, days: 119}]
hosts: [{name: CTX-GW-01, kind: gateway, addresses: [192.0.2.10, 10.20.1.10]}, ws-01]
hosts_in_scope: 58
)");
  EXPECT_EQ(p.organisation, "Larkmoor");
  EXPECT_EQ(p.time_zone, "Europe/London");
  ASSERT_EQ(p.zones.size(), 2U);
  EXPECT_EQ(p.zones[0].host, "ctx-*");
  EXPECT_EQ(p.zones[1].path, "*/loghost/*");
  EXPECT_EQ(p.own_networks, (std::vector<std::string>{"192.0.2.0/24", "2001:db8::/32"}));
  EXPECT_EQ(p.own_domains, std::vector<std::string>{"larkmoor.example"});
  EXPECT_EQ(p.dynamic_networks[0].kind, "dhcp");
  EXPECT_EQ(p.proxies, (std::vector<std::string>{"192.0.2.30", "192.0.2.31"}));
  EXPECT_EQ(p.nat, std::vector<std::string>{"192.0.2.40"});
  EXPECT_EQ(p.link_rewriters, std::vector<std::string>{"urldefense.example"});
  ASSERT_EQ(p.hosts.size(), 2U);  // the gateway entry and the host entry are one host
  EXPECT_EQ(p.hosts[0].name, "ctx-gw-01");
  EXPECT_EQ(p.hosts[0].kind, "gateway");
  EXPECT_EQ(p.hosts[0].addresses, (std::vector<std::string>{"192.0.2.10", "10.20.1.10"}));
  EXPECT_EQ(p.hosts[0].product, "Citrix ADC");
  EXPECT_EQ(p.hosts[0].partner, "ctx-gw-02");
  EXPECT_EQ(p.hosts[0].logging, true);
  EXPECT_EQ(format_date(p.hosts[0].patched_on), "2020-04-27");
  EXPECT_EQ(p.hosts[1].kind, "other");
  EXPECT_EQ(p.hosts_in_scope, 58);
  EXPECT_EQ(p.tests.size(), 2U);
  EXPECT_EQ(p.analysis_hosts, std::vector<std::string>{"soc-01"});
  EXPECT_EQ(p.key_systems, std::vector<std::string>{"fs-01"});
  EXPECT_EQ(p.service_accounts, std::vector<std::string>{"svc-a"});
  EXPECT_EQ(p.partners, (std::vector<std::string>{"Plain Partner", "Archive"}));
  ASSERT_EQ(p.transfers.size(), 2U);
  EXPECT_EQ(p.transfers[1].host, "seq-02");
  EXPECT_EQ(p.transfers[1].destinations, (std::vector<std::string>{"submit.example", "203.0.113.240"}));
  EXPECT_EQ(p.retention_days.at("web_access"), 107);
  EXPECT_EQ(p.retention_days.at("proxy"), 119);
}

TEST(Profile, ErrorsNameThePlaceAndTheWayOut) {
  const std::string unknown = bad("organisation: A\nhostz: [a]\n");
  EXPECT_EQ(starts(unknown, "p.yaml:2:1: unknown key 'hostz' in profile (known keys: organisation, "),
            "p.yaml:2:1: unknown key 'hostz' in profile (known keys: organisation, ");
  EXPECT_NE(unknown.find("hosts_in_scope"), std::string::npos);
  EXPECT_EQ(bad("own_networks: [10.0.0.0/40]"),
            "p.yaml:1:16: '10.0.0.0/40' is no network (write 10.0.0.0/8, 2001:db8::/32 or a single address)");
  EXPECT_EQ(bad("hosts:\n  - {name: a, kind: toaster}"),
            "p.yaml:2:21: unknown kind 'toaster' (known kinds: workstation, server, terminal_server, gateway, proxy, "
            "mail, dc, scanner, "
            "analysis, sensor, "
            "printer, instrument, other)");
  EXPECT_EQ(bad("country: A\ncountry: B"), "p.yaml:2:1: key 'country' stands twice in profile (keep one of them)");
  EXPECT_EQ(bad("hosts_in_scope: many"),
            "p.yaml:1:17: 'many' is no whole number from 0 to 10000000 (write digits only)");
  EXPECT_EQ(
      bad("time_zone: America/Sao_Paulo"),
      "p.yaml:1:12: 'America/Sao_Paulo' is no time zone whose rule is known (write a name (Europe/London), an offset "
      "(+02:00), or the rule that was in force (CET-1CEST,M3.5.0,M10.5.0/3))");
  EXPECT_EQ(bad("zones: [{zone: UTC}]"),
            "p.yaml:1:9: a zone needs 'zone' and either 'host' or 'path' (write {host: 'ctx-*', zone: Europe/London})");
  EXPECT_EQ(bad("hosts_in_scope: -1"), "p.yaml:1:17: '-1' is no whole number from 0 to 10000000 (write digits only)");
  EXPECT_EQ(bad("gateways: [{name: a, logging: maybe}]"),
            "p.yaml:1:31: 'maybe' is neither yes nor no (write yes or no)");
  EXPECT_EQ(bad("gateways: [{name: a, patched_on: 27.04.2020}]"),
            "p.yaml:1:34: '27.04.2020' is no date (write 2020-06-24 or 2020-06-24T18:00:00Z)");
  EXPECT_EQ(bad("hosts: [a, A]"), "p.yaml:1:12: host 'a' stands twice (keep one of them)");
  EXPECT_EQ(bad("hosts: [{name: a, addresses: [10.0.0.1]}, {name: b, addresses: [10.0.0.1]}]"),
            "p.yaml: address 10.0.0.1 belongs to 'a' and to 'b' (leave it with one host, or put its range into "
            "dynamic_networks)");
  EXPECT_EQ(bad("scanners: [{name: s}]"),
            "p.yaml:1:12: a scanner or test without addresses (add addresses: [192.0.2.1])");
  EXPECT_EQ(bad("authorised_tests: [{addresses: [192.0.2.1], from: 2020-06-24, to: 2020-06-22}]"),
            "p.yaml:1:20: 'to' lies before 'from' (swap the two dates)");
  EXPECT_EQ(bad("partners: [{name: a, bulk: yes}]"),
            "p.yaml:1:12: bulk transfers to 'a' are declared without a destination (add domains: or addresses:)");
  EXPECT_EQ(bad("retention: [{source: proxy}]"),
            "p.yaml:1:13: retention needs 'source' and 'days' (write {source: proxy, days: 119})");
  EXPECT_EQ(starts(bad("- a\n- b\n"), "p.yaml:1:1: profile must be key: value pairs"),
            "p.yaml:1:1: profile must be key: value pairs");
  EXPECT_EQ(bad("a: 1\n---\nb: 2\n"), "p.yaml:3: a profile is one YAML document (remove the '---' line)");
  EXPECT_EQ(starts(bad("organisation: [\n"), "p.yaml:2:1: not valid YAML"), "p.yaml:2:1: not valid YAML");
  EXPECT_NE(bad("\"\\e[31m\": 1").find("unknown key '?[31m'"), std::string::npos);
}

TEST(Profile, TooLargeIsAnError) {
  std::string yaml = "organisation: x\n";
  yaml.append((std::size_t{8} << 20) + 1 - yaml.size(), '#');
  EXPECT_EQ(bad(yaml), "p.yaml: a profile larger than 8 MiB (is this the right file?)");
  yaml.pop_back();
  EXPECT_TRUE(Profile::parse("p.yaml", yaml).ok());
}

TEST(Profile, Inside) {
  Profile p;
  EXPECT_TRUE(p.is_inside("10.1.1.1"));
  EXPECT_FALSE(p.is_inside("192.0.2.1"));
  EXPECT_FALSE(p.is_inside("not an address"));
  p.hosts.push_back({"web", {"192.0.2.1"}, "server", "", "", {}, {}, ""});
  EXPECT_TRUE(p.is_inside("192.0.2.1"));
  p.own_networks = {"192.0.2.0/24"};
  EXPECT_TRUE(p.is_inside("192.0.2.200"));
  EXPECT_FALSE(p.is_inside("10.1.1.1"));  // somebody else's private network
}

TEST(Profile, HostOf) {
  const Profile p = good(
      "own_domains: [larkmoor.example]\nhosts: [{name: dc-01, addresses: [10.20.10.5, '2001:db8:0::5']}, {name: "
      "web.dmz}]");
  EXPECT_EQ(p.host_of("10.20.10.5"), "dc-01");
  EXPECT_EQ(p.host_of("2001:DB8::0005"), "dc-01");
  EXPECT_EQ(p.host_of("DC-01"), "dc-01");
  EXPECT_EQ(p.host_of("dc-01.Larkmoor.example."), "dc-01");
  EXPECT_EQ(p.host_of("dc-01.ad.larkmoor.example"), "dc-01");
  EXPECT_EQ(p.host_of("dc-01.corp.local"), "dc-01");
  EXPECT_EQ(p.host_of("dc-01.elsewhere.example"), "");
  EXPECT_EQ(p.host_of("web"), "web.dmz");
  EXPECT_EQ(p.host_of("10.20.10.6"), "");
  EXPECT_EQ(p.host_of(""), "");
  EXPECT_EQ(p.host_of("."), "");
}

TEST(Profile, AuthorisedTest) {
  const Profile p = good(
      "scanners: [{name: s, addresses: [192.0.2.250]}]\n"
      "authorised_tests: [{name: t, addresses: [198.51.100.0/28], from: 2020-06-22, to: 2020-06-24}]");
  EXPECT_TRUE(p.is_authorised_test("192.0.2.250", Time{}));
  EXPECT_TRUE(p.is_authorised_test("192.0.2.250", at("2020-01-01T00:00:00Z")));
  EXPECT_FALSE(p.is_authorised_test("192.0.2.251", at("2020-01-01T00:00:00Z")));
  EXPECT_FALSE(p.is_authorised_test("198.51.100.5", at("2020-06-21T23:59:59Z")));
  EXPECT_TRUE(p.is_authorised_test("198.51.100.5", at("2020-06-22T00:00:00Z")));
  EXPECT_TRUE(p.is_authorised_test("198.51.100.5", at("2020-06-24T23:59:59Z")));  // the whole last day
  EXPECT_FALSE(p.is_authorised_test("198.51.100.5", at("2020-06-25T00:00:00Z")));
  EXPECT_FALSE(p.is_authorised_test("198.51.100.5", Time{}));
}

TEST(Profile, DemoProfileLoads) {
  std::ifstream file(ASSAY_SOURCE_DIR "/demo/profile.yaml", std::ios::binary);
  ASSERT_TRUE(file);
  const Profile p = good(std::string(std::istreambuf_iterator<char>(file), {}));
  EXPECT_EQ(p.hosts.size(), 58U);
  EXPECT_TRUE(p.is_inside("10.20.30.13"));
  EXPECT_EQ(p.host_of("192.0.2.14"), "ctx-gw-02");
  ASSERT_NE(p.find_host("ctx-gw-02"), nullptr);
  EXPECT_EQ(p.find_host("ctx-gw-02")->logging, false);
  EXPECT_TRUE(p.is_authorised_test("192.0.2.250", at("2020-05-01T00:00:00Z")));
}

}  // namespace
}  // namespace assay
